// A client of DHCPv6 as a person writes it on a command line, to the message that it would send:
//
//   duid=00:03:00:01:52:54:00:12:34:56 relay=2001:db8:10::1 interface-id='eth1/0/3' pd=1
//
// See client-words.ts. A hardware address alone makes the DUID, and the address that the client
// sends from.

import { type Ipv6, ipv6FromText, UNSPECIFIED6 } from '../address/ipv6.ts'
import { type Prefix6, prefix6FromText } from '../address/prefix6.ts'
import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { BindingKind } from '../leases/binding.ts'
import { labelsOfName } from '../names/labels.ts'
import { withoutFinalDot } from '../names/names.ts'
import type { OptionRegistry } from '../wire/options/registry.ts'
import {
  encodeMessage6,
  encodeRelayForward,
  iaEntry6,
  iaOption6,
  octetsFromCodes,
} from '../wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { duidLl } from '../wire/v6/duid.ts'
import type { OptionPair6 } from '../wire/v6/octets6.ts'
import {
  ClientTextError,
  hardware,
  identifier,
  OptionWords,
  textOctets,
  type Written,
  writtenIn,
} from './client-words.ts'

export interface WrittenClient6 {
  readonly message: Uint8Array
  /** As it was written, '' = not at all. */
  readonly interface: string
  /** Where the datagram came from. */
  readonly source: Ipv6
  /** Nothing was said of it, so that it is a usual one. */
  readonly assumes: readonly string[]
}

/** What clients of many kinds ask for. */
const USUAL_LIST: readonly number[] = [17, 23, 24, 56, 59, 82]

const CLIENT_KEYS6 = {
  mac: 'hardware address, 52:54:00:12:34:56; needs no key',
  duid: 'DUID of the client: 00:03:00:01:52:54:00:12:34:56',
  iaid: 'number of its IAs; where nothing is said that of its leases, or 1',
  na: 'how many addresses it wants, each in an IA_NA of its own: 1 where nothing is said',
  pd: 'how many prefixes it wants, each in an IA_PD of its own: 0 where nothing is said',
  address: 'address that it asks for',
  prefix: 'prefix that it asks for, or its length alone: ::/56',
  relay: 'address by which a relay names the link (link-address)',
  'interface-id':
    'what the relay calls its interface (option 18): a text, or 0x and hexadecimal digits',
  'remote-id': 'what the relay says in option 37: the number of an enterprise, a colon, and a text',
  interface: 'where the message arrives: eth0',
  source: 'address that the datagram comes from',
  hostname: 'name that the client gives (option 39)',
  ask: 'options that it asks for, by number or name: 23,24,dns-servers',
  type: 'solicit (followed by request), request, renew, rebind, confirm, information-request',
} as const

type Key = keyof typeof CLIENT_KEYS6

/** Keys and types that only a client of DHCPv6 has. */
const ONLY_HERE: readonly string[] = ['duid', 'iaid', 'na', 'pd', 'prefix', 'interface-id']

/** Whether the text is of a client of DHCPv6, whatever else it says. */
export function isOfDhcp6(text: string): boolean {
  return writtenIn(text).some(
    ({ key, value }) =>
      ONLY_HERE.includes(key) ||
      (key === 'type' && Object.hasOwn(TYPES, value.toLowerCase()) && value !== 'request') ||
      value.includes('::'),
  )
}

const TYPES: Readonly<Record<string, number>> = {
  solicit: MESSAGE_TYPE6.solicit,
  request: MESSAGE_TYPE6.request,
  renew: MESSAGE_TYPE6.renew,
  rebind: MESSAGE_TYPE6.rebind,
  confirm: MESSAGE_TYPE6.confirm,
  'information-request': MESSAGE_TYPE6.informationRequest,
}

/** The number of an IA that the client has a lease of; undefined where nothing is known of one. */
export type IaidOf = (kind: BindingKind, duid: Octets) => number | undefined

/** `serverId`: the DUID that a client names which speaks to one server. */
export function clientFromText6(
  text: string,
  registry: OptionRegistry,
  serverId: Octets,
  iaidOf: IaidOf = () => undefined,
): WrittenClient6 {
  const writing = new Writing6(registry)
  for (const written of writtenIn(text)) writing.add(written)
  return writing.client(serverId, iaidOf)
}

const HTYPE_ETHERNET = 1
const IAS_MAX = 32

class Writing6 {
  readonly #words: OptionWords
  readonly #said = new Map<Key, string>()
  readonly #options: OptionPair6[] = []

  constructor(registry: OptionRegistry) {
    this.#words = new OptionWords(registry, 'dhcp6', 0xffff, Object.keys(CLIENT_KEYS6))
  }

  add({ key, value }: Written): void {
    if (Object.hasOwn(CLIENT_KEYS6, key)) {
      this.#said.set(key as Key, value)
      return
    }
    const code = this.#words.codeOf(key)
    this.#options.push([code, this.#words.valueOf(code, value)])
  }

  client(serverId: Octets, iaidOf: IaidOf): WrittenClient6 {
    const assumes: string[] = []
    const mac = hardware(this.#said.get('mac') ?? '')
    const type = this.#type()
    const isInform = type === MESSAGE_TYPE6.informationRequest
    const options: OptionPair6[] = [...this.#identity(mac, isInform, assumes)]
    if (NAMES_SERVER.includes(type)) options.push([OPTION6.serverId, serverId])
    const duid = options[0]?.[1] ?? ''
    if (!isInform) options.push(...this.#ias((kind) => iaidOf(kind, duid), assumes))
    options.push(this.#requestList(assumes), ...this.#name(), ...this.#options)
    const source = this.#address('source') ?? sourceOf(mac)
    const message = encodeMessage6(type, 1, options)
    return {
      message: this.#relayed(message, mac, source),
      interface: this.#said.get('interface') ?? '',
      source,
      assumes,
    }
  }

  #type(): number {
    const name = (this.#said.get('type') ?? 'solicit').toLowerCase()
    const type = TYPES[name]
    if (type !== undefined) return type
    throw new ClientTextError(`type: '${name}' is none of ${CLIENT_KEYS6.type}`)
  }

  #identity(mac: Octets, isInform: boolean, assumes: string[]): OptionPair6[] {
    const written = this.#said.get('duid')
    if (written !== undefined) return [[OPTION6.clientId, identifier('duid', written)]]
    if (mac !== '') {
      assumes.push('its DUID is made of its hardware address (duid=...)')
      return [[OPTION6.clientId, duidLl(HTYPE_ETHERNET, mac)]]
    }
    if (isInform) return []
    throw new ClientTextError('who is it? Name a DUID or a hardware address: duid=00:03:00:01:...')
  }

  #ias(leased: (kind: BindingKind) => number | undefined, assumes: string[]): OptionPair6[] {
    const written = this.#said.has('iaid') ? this.#number('iaid', 1, 0xffff_ffff) : undefined
    const first = (kind: BindingKind, count: number): number => {
      const iaid = written ?? (count === 0 ? undefined : leased(kind))
      const words = `its IAID is that of its lease, ${iaid} (iaid=...)`
      if (written === undefined && iaid !== undefined && !assumes.includes(words))
        assumes.push(words)
      return iaid ?? 1
    }
    const address = this.#key('address', 128)
    const prefix = this.#key('prefix')
    const na = this.#number('na', prefix !== undefined && address === undefined ? 0 : 1, IAS_MAX)
    const pd = this.#number('pd', prefix === undefined ? 0 : 1, IAS_MAX)
    const { iaNa, iaPd } = OPTION6
    const of = (kind: typeof iaNa | typeof iaPd, count: number, key: Prefix6 | undefined) => {
      const iaid = first(kind, count)
      return Array.from({ length: count }, (_, index) =>
        iaOption6(kind, iaid + index, index > 0 || key === undefined ? [] : [iaEntry6(kind, key)]),
      )
    }
    return [...of(iaNa, na, address), ...of(iaPd, pd, prefix)]
  }

  #number(key: Key, usual: number, max: number): number {
    const text = this.#said.get(key)
    if (text === undefined) return usual
    if (/^\d{1,10}$/.test(text) && Number(text) <= max) return Number(text)
    throw new ClientTextError(`${key}: '${text}' is not from 0 to ${max}`)
  }

  #key(key: Key, length?: number): Prefix6 | undefined {
    const text = this.#said.get(key)
    if (text === undefined) return undefined
    const found = prefix6FromText(text)
    const isFit = found !== undefined && (length === undefined || found.charCodeAt(0) === length)
    if (isFit) return found
    throw new ClientTextError(
      `${key}: '${text}' is no ${length === undefined ? 'prefix' : 'IPv6 address'}`,
    )
  }

  #address(key: Key): Ipv6 | undefined {
    const text = this.#said.get(key)
    const address = text === undefined ? undefined : ipv6FromText(text)
    if (text !== undefined && address === undefined)
      throw new ClientTextError(`${key}: '${text}' is no IPv6 address`)
    return address
  }

  #requestList(assumes: string[]): OptionPair6 {
    const asked = this.#said.get('ask')
    if (asked === undefined) assumes.push('it asks for what most clients ask for (ask=...)')
    const codes = asked === undefined ? USUAL_LIST : this.#words.codesOf(asked)
    return [OPTION6.optionRequest, octetsFromCodes(codes)]
  }

  /** Of which the server is to update DNS. */
  #name(): OptionPair6[] {
    const hostname = this.#said.get('hostname')
    if (hostname === undefined) return []
    const labels = labelsOfName(withoutFinalDot(textOctets(hostname)))
    const isWhole = hostname.includes('.')
    return [[OPTION6.fqdn, `\x01${isWhole ? labels : labels.slice(0, -1)}`]]
  }

  /** In what a relay puts around it, where one is spoken of. */
  #relayed(message: Uint8Array, mac: Octets, source: Ipv6): Uint8Array {
    const link = this.#address('relay')
    const interfaceId = this.#said.get('interface-id')
    const remoteId = this.#said.get('remote-id')
    if (link === undefined && interfaceId === undefined && remoteId === undefined) return message
    const options: OptionPair6[] = []
    if (interfaceId !== undefined) options.push([OPTION6.interfaceId, textOctets(interfaceId)])
    if (remoteId !== undefined) options.push([OPTION6.remoteId, remoteOctets(remoteId)])
    if (mac !== '')
      options.push([OPTION6.clientLinkLayerAddress, octetsFromUint(HTYPE_ETHERNET, 2) + mac])
    return encodeRelayForward(message, {
      linkAddress: link ?? UNSPECIFIED6,
      peerAddress: source,
      options,
    })
  }
}

/** Messages that go to one server. */
const NAMES_SERVER: readonly number[] = [MESSAGE_TYPE6.request, MESSAGE_TYPE6.renew]

/** RFC 4291 appendix A: the link-local address of a hardware address. */
function sourceOf(mac: Octets): Ipv6 {
  const prefix = `\xfe\x80${'\0'.repeat(6)}`
  // Not the address that this host is said to have: see arrival6.ts.
  if (mac.length !== 6) return `${prefix}${'\0'.repeat(7)}\x02`
  const first = String.fromCharCode(mac.charCodeAt(0) ^ 2)
  return `${prefix}${first}${mac.slice(1, 3)}\xff\xfe${mac.slice(3)}`
}

/** `9:line 7` */
function remoteOctets(text: string): Octets {
  const [, enterprise, value] = /^(\d{1,10}):(.*)$/.exec(text) ?? []
  if (enterprise === undefined || Number(enterprise) > 0xffff_ffff)
    throw new ClientTextError(`remote-id: '${text}' has no number in front, as 9:line 7 has`)
  return octetsFromUint(Number(enterprise), 4) + textOctets(value!)
}
