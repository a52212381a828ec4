// What a decoded message hands out: its relays, its IAs and what these name, as views of the
// datagram. They are made once and point elsewhere with the next message.

import type { Ipv6 } from '../../address/ipv6.ts'
import { readUint16, readUint32 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import { type IaKind, OPTION6 } from './codes.ts'
import { LINK_ADDRESS_AT, OPTION_HEAD, PEER_ADDRESS_AT } from './layout.ts'
import type { Ia6, IaEntry6, Relay6 } from './message.ts'
import type { OptionIndex6 } from './option-index.ts'

const ADDRESS_SIZE = 16
const ADDRESS_LENGTH = '\x80'

/** Things that are used again, and for each number of them the list of so many. */
export class Pool<T> {
  readonly #make: () => T
  readonly #parts: T[] = []
  readonly #lists: (readonly T[] | undefined)[] = [[]]

  constructor(make: () => T) {
    this.#make = make
  }

  at(index: number): T {
    if (index === this.#parts.length) this.#parts.push(this.#make())
    return this.#parts[index]!
  }

  /** The first `count` ones, all of which have been asked for. */
  list(count: number): readonly T[] {
    while (this.#lists.length <= count) this.#lists.push(undefined)
    const known = this.#lists[count]
    if (known !== undefined) return known
    const list = this.#parts.slice(0, count)
    this.#lists[count] = list
    return list
  }
}

/** A stretch of the datagram with options in it. */
class Part {
  readonly index: OptionIndex6
  bytes: Uint8Array = new Uint8Array(0)
  /** Where its fixed fields begin. */
  start = 0
  /** Its options. */
  from = 0
  to = 0

  constructor(index: OptionIndex6) {
    this.index = index
  }

  has(code: number): boolean {
    return this.index.find(this.from, this.to, code) >= 0
  }

  option(code: number): Octets | undefined {
    const option = this.index.find(this.from, this.to, code)
    return option < 0 ? undefined : this.index.octets(option)
  }

  all(code: number): readonly Octets[] {
    return this.index.all(this.from, this.to, code)
  }

  /** The codes of the options that count, in the order of the wire. */
  codes(): number[] {
    return this.index.codes(this.from, this.to)
  }

  protected place(bytes: Uint8Array, start: number, from: number, to: number): void {
    this.bytes = bytes
    this.start = start
    this.from = from
    this.to = to
  }
}

export class RelayPart extends Part implements Relay6 {
  #linkAddress: Ipv6 | undefined
  #peerAddress: Ipv6 | undefined

  get hopCount(): number {
    return this.bytes[this.start + 1]!
  }

  get linkAddress(): Ipv6 {
    this.#linkAddress ??= addressAt(this.bytes, this.start + LINK_ADDRESS_AT)
    return this.#linkAddress
  }

  get peerAddress(): Ipv6 {
    this.#peerAddress ??= addressAt(this.bytes, this.start + PEER_ADDRESS_AT)
    return this.#peerAddress
  }

  allBut(code: number): Octets {
    const { index, bytes } = this
    let options = ''
    for (let option = this.from; option < this.to; option = index.nextOf(option)) {
      const start = index.startOf(option)
      if (readUint16(bytes, start - OPTION_HEAD) === code) continue
      options += octetsFromBytes(bytes, start - OPTION_HEAD, start + index.lengthOf(option))
    }
    return options
  }

  use(bytes: Uint8Array, start: number, from: number, to: number): void {
    this.place(bytes, start, from, to)
    this.#linkAddress = undefined
    this.#peerAddress = undefined
  }
}

export class EntryPart extends Part implements IaEntry6 {
  #isPrefix = false
  #key: Octets | undefined

  get key(): Octets {
    this.#key ??= this.#isPrefix
      ? prefixAt(this.bytes, this.start + 8)
      : ADDRESS_LENGTH + addressAt(this.bytes, this.start)
    return this.#key
  }

  get preferred(): number {
    return readUint32(this.bytes, this.#isPrefix ? this.start : this.start + ADDRESS_SIZE)
  }

  get valid(): number {
    return readUint32(this.bytes, this.#isPrefix ? this.start + 4 : this.start + ADDRESS_SIZE + 4)
  }

  /** The option with this number, whose code is that of an address or a prefix. */
  use(bytes: Uint8Array, option: number): void {
    const { index } = this
    this.place(bytes, index.startOf(option), option + 1, index.nextOf(option))
    this.#isPrefix = index.codeAt(option) === OPTION6.iaPrefix
    this.#key = undefined
  }
}

export class IaPart extends Part implements Ia6 {
  kind: IaKind = OPTION6.iaNa
  entries: readonly EntryPart[] = []
  readonly #pool = new Pool(() => new EntryPart(this.index))

  get iaid(): number {
    return readUint32(this.bytes, this.start)
  }

  get t1(): number {
    return readUint32(this.bytes, this.start + 4)
  }

  get t2(): number {
    return readUint32(this.bytes, this.start + 8)
  }

  /** The option with this number; of what it names, at most `room` are kept. */
  use(bytes: Uint8Array, option: number, room: number): void {
    const { index } = this
    this.place(bytes, index.startOf(option), option + 1, index.nextOf(option))
    const isNa = index.codeAt(option) === OPTION6.iaNa
    this.kind = isNa ? OPTION6.iaNa : OPTION6.iaPd
    const code = isNa ? OPTION6.iaAddress : OPTION6.iaPrefix
    let count = 0
    let entry = index.find(this.from, this.to, code)
    while (entry >= 0 && count < room) {
      this.#pool.at(count++).use(bytes, entry)
      entry = index.find(index.nextOf(entry), this.to, code)
    }
    this.entries = this.#pool.list(count)
  }
}

function addressAt(bytes: Uint8Array, at: number): Ipv6 {
  return octetsFromBytes(bytes, at, at + ADDRESS_SIZE)
}

/** Length and address, the bits behind the length cleared (RFC 9915 §21.22). */
function prefixAt(bytes: Uint8Array, at: number): Octets {
  const length = bytes[at]!
  const whole = length >> 3
  const clean = new Uint8Array(1 + ADDRESS_SIZE)
  for (let index = 0; index <= whole; index++) clean[index] = bytes[at + index]!
  if (length & 7) clean[1 + whole] = bytes[at + 1 + whole]! & (0xff00 >> (length & 7))
  return octetsFromBytes(clean)
}
