// The servers of a pair: names and urls, each once, with their TLS files and passwords.

import { defaults4 } from '../keys/defaults4.ts'
import type { HaDocument, HaPeerDocument } from '../keys/ha-document.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HaPeer, HaRole, HaUrl } from '../plan/ha-plan.ts'
import type { Path, Problems } from '../text/problem.ts'
import { compileCredentials } from './credentials.ts'
import { HaTlsFiles } from './tls.ts'
import { haUrlFromText } from './url.ts'

const { 'auto-failover': AUTO_FAILOVER } = defaults4('haPeer', 'auto-failover')

export interface CompiledPeer {
  readonly peer: HaPeer
  readonly path: Path
}

/** Primary first, then the server beside it, then backups as they stand. */
const RANKS: Readonly<Record<HaRole, number>> = { primary: 0, secondary: 1, standby: 1, backup: 2 }

/** The peers in the order of HaPlan; one that is wrong is reported and left out. `path` is the relationship's. */
export function compilePeers(
  document: HaDocument,
  path: Path,
  context: CompileContext,
  problems: Problems,
): CompiledPeer[] {
  const tls = new HaTlsFiles(context, problems)
  const names = new Map<string, number>()
  const urls = new Map<string, string>()
  const peers: CompiledPeer[] = []
  for (const [index, entry] of document.peers.entries()) {
    const at = [...path, 'peers', index]
    const name = compileName(entry, index, at, names, problems)
    const url = compileUrl(entry, at, urls, problems)
    const files = tls.of({ document: entry, path: at }, { document, path })
    const basicAuth = compileCredentials(entry, at, context, problems)
    if (name === undefined || url === undefined || files === 'wrong') continue
    checkScheme(url, files !== undefined, at, problems)
    peers.push({
      path: at,
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
  path: Path,
  names: Map<string, number>,
  problems: Problems,
): string | undefined {
  const name = text.trim()
  const at = [...path, 'name']
  if (name === '') {
    problems.error(at, 'ha-name', 'a peer needs a name', 'such as "server1"')
    return undefined
  }
  const owner = names.get(name)
  if (owner !== undefined) {
    problems.error(at, 'duplicate', `'${name}' is taken`, `peers[${owner}] is called so`)
    return undefined
  }
  names.set(name, index)
  return name
}

function compileUrl(
  entry: HaPeerDocument,
  path: Path,
  urls: Map<string, string>,
  problems: Problems,
): HaUrl | undefined {
  const at = [...path, 'url']
  const url = haUrlFromText(entry.url)
  if (typeof url === 'string') {
    const hint = 'such as "http://192.0.2.1:8000/" or "https://[2001:db8::1]:8000/"'
    problems.error(at, 'ha-url', `'${entry.url}' ${url}`, hint)
    return undefined
  }
  const place = `${url.host} ${url.port}`
  const owner = urls.get(place)
  if (owner !== undefined) {
    const message = `'${owner}' has this address and port already`
    problems.error(at, 'duplicate', message, 'each server listens at its own')
    return undefined
  }
  urls.set(place, entry.name.trim())
  return url
}

function checkScheme(url: HaUrl, hasTls: boolean, path: Path, problems: Problems): void {
  if (url.secure === hasTls) return
  const at = [...path, 'url']
  if (hasTls) {
    const message = 'the peer has TLS files, so its link is encrypted although the url says http'
    problems.info(at, 'ha-url', message, 'write https')
  } else {
    const message = 'https needs trust-anchor, cert-file and key-file'
    problems.error(at, 'ha-url', message, 'of this peer, or of all beside "peers"')
  }
}
