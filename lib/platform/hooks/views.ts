// Messages as hooks see them: over a copy of the datagram, so that a hook may keep one for as long
// as it likes, and read-only. Nothing is read before it is asked for.

import { type Ipv4, textFromIpv4 } from '../../address/ipv4.ts'
import { type Ipv6, textFromIpv6 } from '../../address/ipv6.ts'
import { bytesFromOctets, hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { Suppliable, Supplied } from '../../wire/supplied.ts'
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

function packed(message: Message4 | Message6): Packed {
  return { bytes: message.copy(), supplied: message.supplied }
}

function from<A>({ link, address }: From<A>): From<A> {
  return { link: { name: link.name }, address }
}

function bytesOf(octets: Octets | undefined): Uint8Array | undefined {
  return octets === undefined ? undefined : bytesFromOctets(octets)
}

/** Where a message came from, as far as a hook sees that. */
export interface From<A> {
  readonly link: { readonly name: string }
  readonly address: A
}

/** A message on its way into a thread. */
export type Parcel = Parcel4 | Parcel6

interface Packed {
  readonly bytes: Uint8Array
  readonly supplied: readonly Supplied[]
}

interface Parcel4 extends Packed, From<Ipv4> {
  readonly family: 4
}

interface Parcel6 extends Packed, From<Ipv6> {
  readonly family: 6
}

/** Of what view4 or view6 made. */
export function parcelOf(view: unknown): Parcel {
  return (view as View4 | View6).parcel
}

/** What was packed, in another thread. */
export function viewOf(parcel: Parcel): HookQuery4 | HookQuery6 {
  const { bytes } = parcel
  return parcel.family === 4 ? made4(bytes, parcel, parcel) : made6(bytes, parcel, parcel)
}

type Told = Pick<Suppliable, 'supplied'>

export function view4(query: Query4, arrival: From<Ipv4>): HookQuery4 {
  return made4(query.copy(), query, arrival)
}

export function view6(query: Query6, arrival: From<Ipv6>): HookQuery6 {
  return made6(query.copy(), query, arrival)
}

function made4(bytes: Uint8Array, told: Told, arrival: From<Ipv4>): HookQuery4 {
  const message = new Message4()
  decode4(message, bytes, 0, bytes.length, 'lenient')
  supplyAll(message, told)
  return Object.freeze(new View4(message, arrival))
}

function made6(bytes: Uint8Array, told: Told, arrival: From<Ipv6>): HookQuery6 {
  const message = new Message6()
  decode6(message, bytes, 0, bytes.length)
  supplyAll(message, told)
  return Object.freeze(new View6(message, arrival))
}

class View4 implements HookQuery4 {
  readonly family = 4
  readonly #message: Message4
  readonly #arrival: From<Ipv4>

  constructor(message: Message4, arrival: From<Ipv4>) {
    this.#message = message
    this.#arrival = arrival
  }

  get parcel(): Parcel4 {
    return { family: 4, ...packed(this.#message), ...from(this.#arrival) }
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

class View6 implements HookQuery6 {
  readonly family = 6
  readonly #message: Message6
  readonly #arrival: From<Ipv6>

  constructor(message: Message6, arrival: From<Ipv6>) {
    this.#message = message
    this.#arrival = arrival
  }

  get parcel(): Parcel6 {
    return { family: 6, ...packed(this.#message), ...from(this.#arrival) }
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
