// Messages as hooks see them: over a copy of the datagram, so that a hook may keep one for as long
// as it likes, and read-only. Nothing is read before it is asked for.

import { textFromIpv4 } from '../../address/ipv4.ts'
import { textFromIpv6 } from '../../address/ipv6.ts'
import { bytesFromOctets, hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { Arrival4 } from '../../dhcp4/arrival.ts'
import type { Arrival6 } from '../../dhcp6/asked6.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import { MESSAGE_TYPE4, type Query4 } from '../../wire/v4/message.ts'
import { decode4, Message4 } from '../../wire/v4/reader.ts'
import { MESSAGE_TYPE6 } from '../../wire/v6/codes.ts'
import type { Query6 } from '../../wire/v6/message.ts'
import { decode6, Message6 } from '../../wire/v6/reader.ts'
import type { HookQuery4, HookQuery6, HookRelay6 } from './hook-module.ts'
import { supplyAll } from './query-edit.ts'

const BROADCAST_FLAG = 0x8000

const NAMES4 = namesOf(MESSAGE_TYPE4)
const NAMES6 = namesOf(MESSAGE_TYPE6)
const NAMED6: Readonly<Record<string, string>> = {
  INFORMATIONREQUEST: 'INFORMATION-REQUEST',
  ADDRESSREGISTRATION: 'ADDR-REG-INFORM',
  ADDRESSREGISTRATIONREPLY: 'ADDR-REG-REPLY',
}

function namesOf(types: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(types).map(([name, type]) => [type, name.toUpperCase()]))
}

/** `DISCOVER`; BOOTP has no type. */
export function typeName4(type: number): string {
  return NAMES4.get(type) ?? (type === 0 ? 'BOOTP' : String(type))
}

export function typeName6(type: number): string {
  const name = NAMES6.get(type) ?? String(type)
  return NAMED6[name] ?? name
}

function bytesOf(octets: Octets | undefined): Uint8Array | undefined {
  return octets === undefined ? undefined : bytesFromOctets(octets)
}

export function view4(query: Query4, arrival: Arrival4): HookQuery4 {
  const bytes = query.copy()
  const message = new Message4()
  decode4(message, bytes, 0, bytes.length, 'lenient')
  supplyAll(message, query)
  return Object.freeze(new View4(message, arrival))
}

class View4 implements HookQuery4 {
  readonly family = 4
  readonly #message: Message4
  readonly #arrival: Arrival4

  constructor(message: Message4, arrival: Arrival4) {
    this.#message = message
    this.#arrival = arrival
  }

  get type(): string {
    return typeName4(this.#message.type)
  }

  get xid(): number {
    return this.#message.xid
  }

  get secs(): number {
    return this.#message.secs
  }

  get isBroadcast(): boolean {
    return (this.#message.flags & BROADCAST_FLAG) !== 0
  }

  get hwAddress(): string {
    return hexFromOctets(this.#message.hwAddress, ':')
  }

  get clientId(): string {
    return hexFromOctets(this.#message.octets(OPTION4.clientIdentifier) ?? '', ':')
  }

  get ciaddr(): string {
    return textFromIpv4(this.#message.ciaddr)
  }

  get giaddr(): string {
    return textFromIpv4(this.#message.giaddr)
  }

  get interface(): string {
    return this.#arrival.link.name
  }

  get source(): string {
    return textFromIpv4(this.#arrival.address)
  }

  get bytes(): Uint8Array {
    return this.#message.copy()
  }

  codes(): readonly number[] {
    return this.#message.codes()
  }

  option(code: number): Uint8Array | undefined {
    return bytesOf(this.#message.octets(code))
  }

  subOption(code: number, subCode: number): Uint8Array | undefined {
    return bytesOf(this.#message.subOption(code, subCode))
  }
}

export function view6(query: Query6, arrival: Arrival6): HookQuery6 {
  const bytes = query.copy()
  const message = new Message6()
  decode6(message, bytes, 0, bytes.length)
  supplyAll(message, query)
  return Object.freeze(new View6(message, arrival))
}

class View6 implements HookQuery6 {
  readonly family = 6
  readonly #message: Message6
  readonly #arrival: Arrival6

  constructor(message: Message6, arrival: Arrival6) {
    this.#message = message
    this.#arrival = arrival
  }

  get type(): string {
    return typeName6(this.#message.type)
  }

  get xid(): number {
    return this.#message.xid
  }

  get duid(): string {
    return hexFromOctets(this.#message.clientId, ':')
  }

  get relays(): readonly HookRelay6[] {
    return this.#message.relays.map((relay) =>
      Object.freeze({
        hopCount: relay.hopCount,
        linkAddress: textFromIpv6(relay.linkAddress),
        peerAddress: textFromIpv6(relay.peerAddress),
        option: (code: number) => bytesOf(relay.option(code)),
      }),
    )
  }

  get interface(): string {
    return this.#arrival.link.name
  }

  get source(): string {
    return textFromIpv6(this.#arrival.address)
  }

  get bytes(): Uint8Array {
    return this.#message.copy()
  }

  codes(): readonly number[] {
    return this.#message.codes()
  }

  option(code: number): Uint8Array | undefined {
    return bytesOf(this.#message.option(code))
  }

  all(code: number): readonly Uint8Array[] {
    return this.#message.all(code).map(bytesFromOctets)
  }
}
