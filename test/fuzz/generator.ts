// Arrivals for the campaign: exchanges of clients that know the protocol, messages put together
// from odd parts, the golden packets, and what went over the wire before, each of them mutated or
// not. All of it from one seed.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { writeIpv4 } from '../../lib/address/ipv4.ts'
import { type Octets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { chance, oneOf } from '../../lib/lab/chance.ts'
import { octetsFromUint32 } from '../../lib/lab/packet4.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { encodeMessage4, type OptionPair4 } from '../../lib/wire/v4/builder.ts'
import type { Message4 } from '../../lib/wire/v4/reader.ts'
import { goldens } from '../wire/golden.ts'
import { ClientPool } from './client-pool.ts'
import type { Arrival } from './fuzz-world.ts'
import { mutate, SIZE_MAX } from './mutations.ts'
import type { FuzzPlan } from './plans.ts'

const CORPUS_MAX = 256
const ODD_ADDRESSES = [0, 1, 0x7f000001, 0xa9fe0101, 0xe0000001, 0xf0000001, 0xfffffffe, 0xffffffff]
const SIZES = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 63, 64, 65, 127, 128, 240, 254, 255, 256, 300, 600,
]
const NAMES: readonly Octets[] = [
  '',
  '.',
  '...',
  'aaa..bbb.com',
  'host\0name\0',
  'a,b"c\'d\r\nDHCP4_FAKE line\x1b[2J',
  '___***',
  'x'.repeat(63),
  'x'.repeat(64),
  'label.'.repeat(43),
  '\xff\xfe\xc3\x28',
  'constructor',
  '__proto__',
  '-leading.and-trailing-',
]

export class Generator {
  readonly #draw: Draw
  readonly #fuzzPlan: FuzzPlan
  readonly #clients: ClientPool
  readonly #goldens = goldens().map(({ bytes }) => bytes)
  readonly #corpus: Uint8Array[]
  #serial = 0

  constructor(seed: number, fuzzPlan: FuzzPlan) {
    this.#draw = chance(seed, `fuzz/${fuzzPlan.name}`)
    this.#fuzzPlan = fuzzPlan
    this.#clients = new ClientPool(this.#draw)
    this.#corpus = [...this.#goldens]
  }

  /** A reply left: its client goes on from there, and its bytes may come back. */
  hear(reply: Message4, bytes: Uint8Array): void {
    this.#clients.hear(reply)
    if (this.#draw(64) === 0) this.#keep(bytes)
  }

  next(): Arrival {
    const draw = this.#draw
    const bytes = this.#message()
    if (draw(32) === 0) this.#keep(bytes)
    const { links } = this.#fuzzPlan
    return {
      bytes: this.#numbered(bytes),
      link: links.length === 1 ? 0 : draw(links.length),
      address: draw(3) === 0 ? this.#address() : 0,
      port: oneOf(draw, [68, 68, 68, 67, 0, 1024 + draw(60000)]),
      wait: this.#wait(),
      endsBatch: draw(4) > 0,
      journal: draw(48) === 0 ? 'fails' : draw(3) === 0 ? 'commits' : 'waits',
    }
  }

  #message(): Uint8Array {
    const kind = this.#draw(20)
    if (kind < 8) return this.#spoken()
    if (kind < 11) return this.#mutated(this.#spoken())
    if (kind < 15) return this.#odd()
    if (kind < 16) return this.#mutated(this.#odd())
    return this.#mutated(kind < 18 ? oneOf(this.#draw, this.#goldens) : this.#old())
  }

  /** What a client that knows the protocol says. */
  #spoken(): Uint8Array {
    const draw = this.#draw
    const client = this.#clients.any()
    const { type, ciaddr, options } = this.#clients.speech(client)
    const { htype, hwAddress } = client
    const relayed = draw(6) === 0
    const giaddr = relayed ? oneOf(draw, this.#fuzzPlan.addresses) : 0
    const flags = draw(3) === 0 ? 0x8000 : 0
    const all: OptionPair4[] = [[53, String.fromCharCode(type)], ...options]
    if (relayed && draw(3) > 0) all.push([82, this.#relayAgent()])
    if (draw(8) === 0) all.push(this.#option())
    return encodeMessage4({ htype, hwAddress, ciaddr, giaddr, flags, hops: relayed ? 1 : 0 }, all)
  }

  /** A message of odd parts in the right order. */
  #odd(): Uint8Array {
    const draw = this.#draw
    const client = this.#clients.any()
    const hwAddress = draw(8) > 0 ? client.hwAddress : this.#octets(draw(17))
    const type = draw(4) > 0 ? oneOf(draw, [1, 3, 4, 7, 8]) : draw(256)
    const options: OptionPair4[] = [[53, String.fromCharCode(type)]]
    for (let left = draw(9); left > 0; left--) options.push(this.#option())
    const bytes = encodeMessage4(
      {
        op: draw(16) === 0 ? draw(256) : 1,
        htype: draw(8) === 0 ? draw(256) : client.htype,
        hops: draw(8) === 0 ? draw(256) : 0,
        secs: draw(65536),
        flags: draw(65536),
        ciaddr: draw(3) === 0 ? this.#address() : 0,
        yiaddr: draw(8) === 0 ? this.#address() : 0,
        siaddr: draw(8) === 0 ? this.#address() : 0,
        giaddr: draw(3) === 0 ? this.#address() : 0,
        hwAddress,
        sname: draw(8) === 0 ? this.#octets(64) : '',
        file: draw(8) === 0 ? this.#octets(128) : '',
      },
      options,
      draw(4) === 0 ? 240 : 300,
    )
    return bytes.length > SIZE_MAX ? bytes.slice(0, SIZE_MAX) : bytes
  }

  #option(): OptionPair4 {
    const draw = this.#draw
    switch (draw(14)) {
      case 0:
        return [oneOf(draw, [50, 54, 118, 1, 3]), octetsFromUint32(this.#address())]
      case 1:
        return [oneOf(draw, [50, 51, 52, 53, 54, 57, 58, 118]), this.#octets(draw(6))]
      case 2:
        return [51, octetsFromUint32(oneOf(draw, [0, 1, 60, 0x7fffffff, 0xffffffff]))]
      case 3:
        return [55, this.#octets(oneOf(draw, SIZES))]
      case 4:
        return [57, octetsFromUint32(oneOf(draw, [0, 300, 576, 1000, 1500, 65535])).slice(2)]
      case 5:
        return [61, this.#octets(oneOf(draw, SIZES))]
      case 6:
        return [61, `\xff${this.#octets(draw(12))}`]
      case 7:
        return [12, oneOf(draw, NAMES)]
      case 8:
        return [81, this.#fqdn()]
      case 9:
        return [82, this.#relayAgent()]
      case 10:
        return [52, String.fromCharCode(draw(6))]
      case 11:
        return [oneOf(draw, [43, 60, 77, 93, 97, 108, 124, 125, 145]), this.#octets(draw(40))]
      default:
        return [draw(256), this.#octets(oneOf(draw, SIZES))]
    }
  }

  #fqdn(): Octets {
    const draw = this.#draw
    const head = String.fromCharCode(draw(256)) + this.#octets(draw(3) === 0 ? draw(3) : 2)
    const name = oneOf(draw, NAMES)
    switch (draw(4)) {
      case 0:
        return head + name
      case 1:
        return `${head}${labels(name)}\0`
      case 2:
        return head + labels(name) + oneOf(draw, ['\xc0\x03', '\x40', '\xff', '\x3f', 'xy', '\0\0'])
      default:
        return head + this.#octets(draw(80))
    }
  }

  #relayAgent(): Octets {
    const draw = this.#draw
    let value = ''
    for (let left = draw(6); left > 0; left--) {
      const code = oneOf(draw, [1, 2, 5, 11, 11, 19, 151, draw(256)])
      const data =
        draw(3) > 0 ? octetsFromUint32(this.#address()) : this.#octets(oneOf(draw, SIZES))
      const lie = draw(12) === 0 ? draw(256) : data.length & 255
      value += String.fromCharCode(code, lie) + data.slice(0, 255)
    }
    return value
  }

  #address(): Ipv4 {
    const draw = this.#draw
    switch (draw(8)) {
      case 0:
        return oneOf(draw, ODD_ADDRESSES)
      case 1:
        return draw(2 ** 32)
      case 2:
        return 0xc0000200 + draw(256)
      default:
        return oneOf(draw, this.#fuzzPlan.addresses)
    }
  }

  #octets(length: number): Octets {
    const bytes = new Uint8Array(length)
    const base = this.#draw(2 ** 24)
    for (let at = 0; at < length; at++) bytes[at] = Math.imul(base + at, 0x9e3779b1) >>> 24
    return octetsFromBytes(bytes)
  }

  #old(): Uint8Array {
    return oneOf(this.#draw, this.#corpus)
  }

  #mutated(bytes: Uint8Array): Uint8Array {
    return mutate(bytes, this.#draw, this.#old())
  }

  #keep(bytes: Uint8Array): void {
    if (this.#corpus.length < CORPUS_MAX) this.#corpus.push(bytes.slice())
    else this.#corpus[this.#draw(CORPUS_MAX)] = bytes.slice()
  }

  /** The number of the packet as its xid, which tells replies from each other. */
  #numbered(bytes: Uint8Array): Uint8Array {
    this.#serial++
    if (bytes.length < 8) return bytes
    const copy = bytes.slice()
    writeIpv4(copy, 4, this.#serial)
    return copy
  }

  /** Mostly little, sometimes until leases end. */
  #wait(): number {
    const draw = this.#draw
    const kind = draw(2000)
    if (kind === 0) return draw(3_600_000)
    if (kind < 40) return draw(20_000)
    return kind < 1000 ? 0 : draw(10)
  }
}

/** A dotted name in the encoding of RFC 1035, whatever its labels are. */
function labels(name: Octets): Octets {
  let encoded = ''
  for (const label of name.split('.')) encoded += String.fromCharCode(label.length & 255) + label
  return encoded
}
