// The map DhcpDdns: zones, their name servers, their keys. What a file holds is not the fault of
// the document: a key that cannot be read costs the servers that need it, and the rest is served.

import { ipv4FromText } from '../../address/ipv4.ts'
import { ipv6FromText } from '../../address/ipv6.ts'
import { type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import { isLegalName, lowerCase, withoutFinalDot } from '../../names/names.ts'
import type {
  DdnsDocument,
  DdnsDomainDocument,
  DdnsServerDocument,
  TsigKeyDocument,
} from '../keys/ddns-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { NameServerPlan, NamesPlan, TsigKeyPlan, ZonePlan } from '../plan/names-plan.ts'
import { TSIG_ALGORITHMS } from '../plan/names-plan.ts'
import type { Site } from '../text/site.ts'

const { port: PORT } = defaultsOf('ddnsServer', 'port')
const { 'digest-bits': DIGEST_BITS } = defaultsOf('tsigKey', 'digest-bits')
const { 'dns-server-timeout': TIMEOUT } = defaultsOf('ddns', 'dns-server-timeout')

export type ZonesPlan = Pick<NamesPlan, 'forward' | 'reverse' | 'serverTimeout'>

/** By their names; undefined for one that is there and cannot be used. */
type Keys = ReadonlyMap<Octets, TsigKeyPlan | undefined>

export function compileZones(
  document: DdnsDocument,
  site: Site,
  context: CompileContext,
): ZonesPlan {
  const keys = compileKeys(document['tsig-keys'] ?? [], site.at('tsig-keys'), context)
  const list = (key: 'forward-ddns' | 'reverse-ddns') =>
    compileList(document[key]?.['ddns-domains'] ?? [], keys, site.at(key).at('ddns-domains'))
  return {
    forward: list('forward-ddns'),
    reverse: list('reverse-ddns'),
    serverTimeout: document['dns-server-timeout'] ?? TIMEOUT,
  }
}

/** The zone to look at first is the first. */
function compileList(
  documents: readonly DdnsDomainDocument[],
  keys: Keys,
  site: Site,
): readonly ZonePlan[] {
  const zones = new Map<Octets, ZonePlan>()
  for (const [index, document] of documents.entries()) {
    const at = site.at(index)
    const name = zoneName(document.name, at.at('name'))
    if (name === undefined) continue
    if (zones.has(name)) {
      at.at('name').error('duplicate', `'${document.name}' stands here twice`, 'a zone stands once')
      continue
    }
    const servers = document['dns-servers'].flatMap((server, place) => {
      const where = at.at('dns-servers').at(place)
      return compileServer(server, document, keys, { domain: at, server: where }) ?? []
    })
    zones.set(name, { name, servers })
  }
  return [...zones.values()].sort((a, b) => b.name.length - a.name.length)
}

/** Kea compares texts, so that a name without a dot at its end is no zone of anything there. */
function zoneName(text: string, site: Site): Octets | undefined {
  if (text === '*') return ''
  const name = lowerCase(withoutFinalDot(text.trim()))
  if (!isLegalName(name)) {
    site.error('zone-name', `'${text}' is no name of a zone`, 'such as example.org.')
    return undefined
  }
  if (!text.trim().endsWith('.'))
    site.warning('zone-dot', `'${text}' has no dot at its end`, `write ${name}.: Kea needs the dot`)
  return name
}

function compileServer(
  document: DdnsServerDocument,
  domain: DdnsDomainDocument,
  keys: Keys,
  site: { readonly domain: Site; readonly server: Site },
): NameServerPlan | undefined {
  const { 'ip-address': address, port = PORT } = document
  if (!isAddress(address)) {
    site.server.at('ip-address').error('address', `'${address}' is not an address`)
    return undefined
  }
  const own = document['key-name'] ?? ''
  const name = own === '' ? (domain['key-name'] ?? '') : own
  if (name === '') return { address, port, key: undefined }
  const key = keys.get(keyName(name))
  if (key !== undefined) return { address, port, key }
  if (keys.has(keyName(name))) return undefined
  const at = (own === '' ? site.domain : site.server).at('key-name')
  at.error('tsig-unknown', `there is no key '${name}'`, 'keys stand in tsig-keys')
  return undefined
}

export function isAddress(text: string): boolean {
  return ipv4FromText(text) !== undefined || ipv6FromText(text) !== undefined
}

function keyName(text: string): Octets {
  return lowerCase(withoutFinalDot(text.trim()))
}

function compileKeys(
  documents: readonly TsigKeyDocument[],
  site: Site,
  context: CompileContext,
): Keys {
  const keys = new Map<Octets, TsigKeyPlan | undefined>()
  for (const [index, document] of documents.entries()) {
    const at = site.at(index)
    const name = keyName(document.name)
    if (!isLegalName(name)) at.at('name').error('tsig-name', `'${document.name}' is no name of DNS`)
    else if (keys.has(name))
      at.at('name').error('duplicate', `the key '${document.name}' stands here twice`)
    else keys.set(name, compileKey(name, document, at, context))
  }
  return keys
}

function compileKey(
  name: Octets,
  document: TsigKeyDocument,
  site: Site,
  context: CompileContext,
): TsigKeyPlan | undefined {
  const word = document.algorithm.trim().toLowerCase()
  const algorithm = Object.keys(TSIG_ALGORITHMS).find((known) => known === word)
  if (algorithm === undefined) {
    const hint = `one of ${Object.keys(TSIG_ALGORITHMS).join(', ').toUpperCase()}`
    const trouble =
      word === 'gss-tsig' ? 'GSS-TSIG is not supported' : `'${document.algorithm}' is not known`
    site.at('algorithm').error('tsig-algorithm', trouble, hint)
    return undefined
  }
  const known = algorithm as keyof typeof TSIG_ALGORITHMS
  const digestBits = document['digest-bits'] ?? DIGEST_BITS
  const whole = TSIG_ALGORITHMS[known]
  // RFC 8945 §5.2.2.1, as Kea counts it.
  const least = Math.max(80, whole / 2)
  if (digestBits !== 0 && (digestBits < least || digestBits > whole || digestBits % 8 !== 0)) {
    const hint = `0, or ${least} to ${whole}, whole bytes`
    site.at('digest-bits').error('tsig-bits', `${digestBits} bits are not possible`, hint)
  }
  const secret = secretOf(document, site, context)
  return secret === undefined ? undefined : { name, algorithm: known, secret, digestBits }
}

/** Undefined where it cannot be known (reported). */
function secretOf(
  { secret, 'secret-file': file }: TsigKeyDocument,
  site: Site,
  { look }: CompileContext,
): Octets | undefined {
  if (file === undefined) {
    if (secret === undefined) site.gap('tsig-secret', 'the key has no secret', 'add secret')
    const decoded = fromBase64(secret ?? '')
    if (decoded === undefined && secret !== undefined)
      site.at('secret').error('tsig-secret', 'the secret is no text in base64')
    return decoded
  }
  const at = site.at('secret-file')
  if (secret !== undefined) {
    at.error('tsig-secret', 'secret and secret-file say the same thing', 'leave one out')
    return undefined
  }
  const found = look?.(file)
  const text = found?.kind === 'file' ? found.text.trim() : ''
  const decoded = fromBase64(text)
  if (decoded !== undefined) return decoded
  const trouble = text === '' ? 'it is empty' : 'it is no text in base64'
  const why = found?.kind === 'trouble' ? found.trouble : trouble
  at.entry.error('tsig-secret', `'${file}' holds no secret`, why)
  return undefined
}

function fromBase64(text: string): Octets | undefined {
  const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
  if (text === '' || !whole.test(text)) return undefined
  return octetsFromBytes(Uint8Array.from(atob(text), (octet) => octet.charCodeAt(0)))
}
