// What is said once for all of DHCPv6: interfaces, the server's DUID, where hardware addresses are
// looked for, what relays may supply.

import { type Ipv6, ipv6FromText, isLinkLocal, isMulticast6 } from '../../address/ipv6.ts'
import { octetsFromHex } from '../../bytes/octets.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { InterfacesDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { IdentifierName6, MacSourceName, ServerIdDocument } from '../keys/document6.ts'
import {
  type Interfaces6Plan,
  MAC_SOURCES,
  type MacSource,
  RESERVATION_IDENTIFIERS6,
  type ReservationIdentifier6,
  type ServerIdPlan,
} from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import { parseInterfaceName, warnOfNone } from './interface-names.ts'

const GLOBAL = defaultsOf(
  'global6',
  'host-reservation-identifiers',
  'mac-sources',
  'relay-supplied-options',
)
const SERVER_ID = defaultsOf('serverId', 'identifier', 'htype', 'time', 'enterprise-id', 'persist')

/** `*`, `eth0`, `eth0/2001:db8::1`: an address is served beside the link of its interface. */
export function compileInterfaces6(
  document: InterfacesDocument | undefined,
  site: Site,
): Interfaces6Plan {
  const named = new Map<string, Ipv6[]>()
  const plain = new Set<string>()
  const texts = document?.interfaces ?? []
  for (const [index, text] of texts.entries()) {
    const at = site.at('interfaces').at(index)
    const entry = parseInterfaceName(text, 'eth0/2001:db8::1', at)
    if (entry === undefined) continue
    const { name, rest } = entry
    if (rest === undefined) {
      if (plain.has(name)) at.error('duplicate', `'${name}' stands here a second time`, ONCE)
      plain.add(name)
      if (name !== '*' && !named.has(name)) named.set(name, [])
      continue
    }
    const address = addressOn(name, rest, at)
    if (address === undefined) continue
    const addresses = named.get(name) ?? []
    if (addresses.includes(address))
      at.error('duplicate', `${text} stands here a second time`, ONCE)
    else named.set(name, [...addresses, address])
  }
  if (texts.length === 0) warnOfNone(site)
  const list = [...named].map(([name, addresses]) => ({ name, addresses }))
  return { all: plain.has('*'), named: list }
}

const ONCE = 'once is enough'

function addressOn(name: string, text: string, site: Site): Ipv6 | undefined {
  const address = ipv6FromText(text)
  const isUsable = address !== undefined && !isMulticast6(address) && !isLinkLocal(address)
  if (isUsable) return address
  const message = `'${text}' is not a global IPv6 address of ${name}`
  site.error('address', message, `such as "${name}/2001:db8::1", without a prefix length`)
  return undefined
}

/** RFC 9915 §11.1, and what is in front of them in each type. */
const DUID_MAX = 130
const IN_FRONT: Readonly<Record<ServerIdDocument['type'], number>> = { LLT: 8, EN: 6, LL: 4 }

/** Where nothing is said the server keeps what it has. */
const KEPT: ServerIdPlan = {
  type: undefined,
  identifier: '',
  htype: 0,
  time: 0,
  enterprise: 0,
  persists: true,
}

/** Values that the type has no place for are told: who writes them means another one. */
export function compileServerId(document: ServerIdDocument | undefined, site: Site): ServerIdPlan {
  if (document === undefined) return KEPT
  const { type, identifier: text = SERVER_ID.identifier, persist = SERVER_ID.persist } = document
  const { htype = SERVER_ID.htype, time = SERVER_ID.time } = document
  const enterprise = document['enterprise-id'] ?? SERVER_ID['enterprise-id']
  const identifier = octetsFromHex(text.trim()) ?? ''
  const max = DUID_MAX - IN_FRONT[type]
  if ((identifier === '' && text.trim() !== '') || identifier.length > max) {
    const hint = `hex digits, at most ${max} bytes, such as 02:00:5e:10:00:01`
    site.at('identifier').error('server-id', `'${text}' is not an identifier`, hint)
  }
  if (type === 'EN') {
    warnOfUnused(htype, 'htype', type, site)
    warnOfUnused(time, 'time', type, site)
  } else {
    warnOfUnused(enterprise, 'enterprise-id', type, site)
    if (type === 'LL') warnOfUnused(time, 'time', type, site)
  }
  return { type, identifier, htype, time, enterprise, persists: persist }
}

function warnOfUnused(value: number, key: string, type: string, site: Site): void {
  if (value === 0) return
  const message = `a DUID of type ${type} has no ${key}`
  site.at(key).warning('server-id', message, 'it plays no part')
}

/** The names that mean the same, and what each stands for; none for what no message tells. */
const SOURCES: Readonly<Record<MacSourceName, readonly MacSource[]>> = {
  // The order of Kea, which is not the usual one: a DUID may hold the address of another card.
  any: [
    'client-link-addr-option',
    'duid',
    'ipv6-link-local',
    'remote-id',
    'docsis-cmts',
    'docsis-modem',
  ],
  raw: [],
  duid: ['duid'],
  'ipv6-link-local': ['ipv6-link-local'],
  'client-link-addr-option': ['client-link-addr-option'],
  rfc6939: ['client-link-addr-option'],
  'remote-id': ['remote-id'],
  rfc4649: ['remote-id'],
  'subscriber-id': [],
  rfc4580: [],
  'docsis-cmts': ['docsis-cmts'],
  'docsis-modem': ['docsis-modem'],
}

export function compileMacSources(
  names: readonly MacSourceName[] = GLOBAL['mac-sources'],
  site: Site,
): readonly MacSource[] {
  if (names.length === 0) {
    const hint = 'leave the key out for the usual ones'
    site.error('mac-sources', 'hardware addresses are looked for nowhere', hint)
  }
  for (const [index, name] of names.entries()) {
    if (SOURCES[name].length > 0) continue
    const message = `${name} never tells a hardware address`
    site.at(index).info('mac-source', message, `of ${MAC_SOURCES.join(', ')} each may`)
  }
  return [...new Set(names.flatMap((name) => SOURCES[name]))]
}

/** RFC 6440 §4: relays may supply the domain of re-authentication, whatever else is said. */
const ERP_DOMAIN = 65

/** Codes of options that relays may supply: by name or code, as in Kea. */
export function compileRelaySupplied(
  texts: readonly string[] = GLOBAL['relay-supplied-options'],
  registry: OptionRegistry,
  site: Site,
): ReadonlySet<number> {
  const codes = new Set<number>([ERP_DOMAIN])
  for (const [index, text] of texts.entries()) {
    const name = text.trim()
    const code = /^\d+$/.test(name) ? Number(name) : registry.byName('dhcp6', name)?.code
    if (code === undefined || code === 0 || code > 0xffff) {
      const hint = 'a name such as erp-local-domain-name, or a code'
      site.at(index).error('relay-supplied', `'${text}' is not an option`, hint)
    } else codes.add(code)
  }
  return codes
}

/** The order of the lookup; `auto` is all that there is, in Kea's order. */
export function compileIdentifiers6(
  names: readonly IdentifierName6[] = GLOBAL['host-reservation-identifiers'],
  site: Site,
): readonly ReservationIdentifier6[] {
  if (names.length === 0)
    site.error('identifiers', 'no identifier is looked up', 'leave the key out for the usual ones')
  return names.includes('auto')
    ? RESERVATION_IDENTIFIERS6
    : [...new Set(names as readonly ReservationIdentifier6[])]
}
