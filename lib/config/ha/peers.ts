// The servers of a pair: names and urls, each once, with their TLS files and passwords.

import { defaultsOf } from '../keys/defaults.ts'
import type { HaDocument, HaPeerDocument } from '../keys/ha-document.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HaPeer, HaRole, HaUrl } from '../plan/ha-plan.ts'
import type { Site } from '../text/site.ts'
import { compileCredentials } from './credentials.ts'
import { HaTlsFiles } from './tls.ts'
import { haUrlFromText } from './url.ts'

const { 'auto-failover': AUTO_FAILOVER } = defaultsOf('haPeer', 'auto-failover')

export interface CompiledPeer {
  readonly peer: HaPeer
  readonly site: Site
}

/** Primary first, then the server beside it, then backups as they stand. */
const RANKS: Readonly<Record<HaRole, number>> = { primary: 0, secondary: 1, standby: 1, backup: 2 }

/**
 * The peers in the order of HaPlan; one that is wrong is reported and left out. `site` is the
 * relationship's.
 */
export function compilePeers(
  document: HaDocument,
  site: Site,
  context: CompileContext,
): CompiledPeer[] {
  const tls = new HaTlsFiles(context)
  const names = new Map<string, number>()
  const urls = new Map<string, string>()
  const peers: CompiledPeer[] = []
  for (const [index, entry] of document.peers.entries()) {
    const at = site.at('peers').at(index)
    const name = compileName(entry, index, at, names)
    const url = compileUrl(entry, at, urls)
    const files = tls.of({ document: entry, site: at }, { document, site })
    const basicAuth = compileCredentials(entry, at, context)
    if (name === undefined || url === undefined || files === 'wrong') continue
    checkScheme(url, files !== undefined, at)
    peers.push({
      site: at,
      peer: {
        name,
        role: entry.role,
        // As in Kea, files are enough: a link that was meant to be private never goes in the open.
        url: { ...url, secure: files !== undefined },
        autoFailover: entry['auto-failover'] ?? AUTO_FAILOVER,
        basicAuth,
        tls: files,
      },
    })
  }
  return peers.sort((a, b) => RANKS[a.peer.role] - RANKS[b.peer.role])
}

function compileName(
  { name: text }: HaPeerDocument,
  index: number,
  site: Site,
  names: Map<string, number>,
): string | undefined {
  const name = text.trim()
  const at = site.at('name')
  if (name === '') {
    at.error('ha-name', 'a peer needs a name', 'such as "server1"')
    return undefined
  }
  const owner = names.get(name)
  if (owner !== undefined) {
    at.error('duplicate', `'${name}' is taken`, `peers[${owner}] is called so`)
    return undefined
  }
  names.set(name, index)
  return name
}

function compileUrl(
  entry: HaPeerDocument,
  site: Site,
  urls: Map<string, string>,
): HaUrl | undefined {
  const at = site.at('url')
  const url = haUrlFromText(entry.url)
  if (typeof url === 'string') {
    const hint = 'such as "http://192.0.2.1:8000/" or "https://[2001:db8::1]:8000/"'
    at.error('ha-url', `'${entry.url}' ${url}`, hint)
    return undefined
  }
  const place = `${url.host} ${url.port}`
  const owner = urls.get(place)
  if (owner !== undefined) {
    const message = `'${owner}' has this address and port already`
    at.error('duplicate', message, 'each server listens at its own')
    return undefined
  }
  urls.set(place, entry.name.trim())
  return url
}

function checkScheme(url: HaUrl, hasTls: boolean, site: Site): void {
  if (url.secure === hasTls) return
  const at = site.at('url')
  if (hasTls) {
    const message = 'the peer has TLS files, so its link is encrypted although the url says http'
    at.info('ha-url', message, 'write https')
  } else {
    const message = 'https needs trust-anchor, cert-file and key-file'
    at.error('ha-url', message, 'of this peer, or of all beside "peers"')
  }
}
