// A client as a person writes it on a command line, to the message that it would send:
//
//   mac=52:54:00:12:34:56 relay=10.0.10.1 circuit-id='eth1/0/3' 93=0x0007 routers=10.0.10.1
//
// Values of options are written as in a configuration; hexadecimal begins with 0x, and text in
// single quotes is taken as it stands.

import { type Ipv4, ipv4FromText, octetsFromIpv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { OptionRegistry } from '../wire/options/registry.ts'
import { encodeMessage4, type OptionPair4 } from '../wire/v4/builder.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import {
  ClientTextError,
  hardware,
  identifier,
  OptionWords,
  textOctets,
  type Written,
  writtenIn,
} from './client-words.ts'

export interface WrittenClient {
  readonly message: Uint8Array
  /** As it was written: `eth0` or `eth0/192.0.2.1`; '' = not at all. */
  readonly interface: string
  /** Where the datagram came from, 0 = nothing was said. */
  readonly source: Ipv4
  /** Nothing was said of it, so that it is a usual one. */
  readonly assumes: readonly string[]
}

/** What clients of many kinds ask for. */
const USUAL_LIST: readonly number[] = [1, 3, 6, 12, 15, 26, 28, 42, 43, 60, 66, 67, 119, 121]

const CLIENT_KEYS = {
  mac: 'hardware address, 52:54:00:12:34:56; needs no key',
  'client-id': 'client identifier (option 61): 01:52:54:00:12:34:56, or a text in single quotes',
  relay: 'address of the relay (giaddr)',
  'circuit-id': 'what the relay says in option 82: a text, or 0x and hexadecimal digits',
  'remote-id': 'the same',
  'link-selection': 'the same, an address (RFC 3527)',
  interface: 'where the message arrives: eth0, or eth0/192.0.2.1',
  address: 'address that the client asks for (option 50)',
  ciaddr: 'address that it has',
  source: 'address that the datagram comes from',
  hostname: 'name that the client gives (option 12)',
  ask: 'options that it asks for, by number or name: 1,3,routers',
  type: 'discover (followed by request), request, inform, release, decline, bootp',
  secs: 'seconds for which it has been asking',
} as const

type Key = keyof typeof CLIENT_KEYS

export function clientFromText(text: string, registry: OptionRegistry): WrittenClient {
  const writing = new Writing(registry)
  for (const written of writtenIn(text)) writing.add(written)
  return writing.client()
}

class Writing {
  readonly #words: OptionWords
  readonly #said = new Map<Key, string>()
  readonly #options = new Map<number, Octets>()

  constructor(registry: OptionRegistry) {
    this.#words = new OptionWords(registry, 'dhcp4', OPTION4.end - 1, Object.keys(CLIENT_KEYS))
  }

  add({ key, value }: Written): void {
    if (Object.hasOwn(CLIENT_KEYS, key)) this.#said.set(key as Key, value)
    else this.#addOption(key, value)
  }

  #addOption(key: string, value: string): void {
    const code = this.#words.codeOf(key)
    this.#options.set(code, this.#words.valueOf(code, value))
  }

  client(): WrittenClient {
    const assumes: string[] = []
    const type = this.#type()
    if (type !== undefined) this.#options.set(OPTION4.messageType, String.fromCharCode(type))
    const relay = this.#address('relay')
    const address = this.#address('address')
    if (address !== 0) this.#options.set(OPTION4.requestedAddress, octetsFromIpv4(address))
    const clientId = this.#said.get('client-id')
    if (clientId !== undefined)
      this.#options.set(OPTION4.clientIdentifier, identifier('client-id', clientId))
    const hostname = this.#said.get('hostname')
    if (hostname !== undefined) this.#options.set(OPTION4.hostName, textOctets(hostname))
    if (!this.#options.has(OPTION4.parameterRequestList)) {
      this.#options.set(OPTION4.parameterRequestList, this.#requestList())
      if (!this.#said.has('ask')) assumes.push('it asks for what most clients ask for (ask=...)')
    }
    this.#addRelayAgent()
    const hwAddress = hardware(this.#said.get('mac') ?? '')
    const fields = {
      hwAddress,
      xid: 1,
      hops: relay === 0 ? 0 : 1,
      secs: this.#secs(),
      giaddr: relay,
      ciaddr: this.#address('ciaddr'),
    }
    if (hwAddress === '' && clientId === undefined)
      throw new ClientTextError('who is it? Name a hardware address: mac=52:54:00:12:34:56')
    return {
      message: encodeMessage4(fields, inOrder(this.#options)),
      interface: this.#said.get('interface') ?? '',
      source: this.#address('source'),
      assumes,
    }
  }

  #type(): number | undefined {
    const name = (this.#said.get('type') ?? 'discover').toLowerCase()
    if (name === 'bootp') return undefined
    const type = Object.entries(MESSAGE_TYPE4).find(([known]) => known === name)?.[1]
    if (type === undefined)
      throw new ClientTextError(`type: '${name}' is none of ${CLIENT_KEYS.type}`)
    return type
  }

  #secs(): number {
    const text = this.#said.get('secs') ?? '0'
    if (/^\d{1,5}$/.test(text) && Number(text) <= 0xffff) return Number(text)
    throw new ClientTextError(`secs: '${text}' is not from 0 to 65535`)
  }

  #address(key: Key): Ipv4 {
    const text = this.#said.get(key)
    if (text === undefined) return 0
    const address = ipv4FromText(text)
    if (address === undefined) throw new ClientTextError(`${key}: '${text}' is no IPv4 address`)
    return address
  }

  #requestList(): Octets {
    const asked = this.#said.get('ask')
    const codes = asked === undefined ? USUAL_LIST : this.#words.codesOf(asked)
    return String.fromCharCode(...codes)
  }

  #addRelayAgent(): void {
    const { circuitId, remoteId, linkSelection } = RELAY_AGENT4
    let value = this.#options.get(OPTION4.relayAgentInformation) ?? ''
    const add = (code: number, data: Octets) => {
      value += String.fromCharCode(code, data.length) + data
    }
    const ids = [
      ['circuit-id', circuitId],
      ['remote-id', remoteId],
    ] as const
    for (const [key, code] of ids) {
      const data = textOctets(this.#said.get(key) ?? '')
      if (data.length > 255) throw new ClientTextError(`${key}: more than 255 bytes`)
      if (this.#said.has(key)) add(code, data)
    }
    const link = this.#address('link-selection')
    if (link !== 0) add(linkSelection, octetsFromIpv4(link))
    if (value !== '') this.#options.set(OPTION4.relayAgentInformation, value)
  }
}

/** The first thing is the type, the last one what the relay says. */
function inOrder(options: ReadonlyMap<number, Octets>): OptionPair4[] {
  const rank = (code: number) =>
    code === OPTION4.messageType ? 0 : code === OPTION4.relayAgentInformation ? 999 : code
  return [...options].sort(([one], [other]) => rank(one) - rank(other))
}
