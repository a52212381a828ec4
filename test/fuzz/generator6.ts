// Arrivals of DHCPv6 for the campaign, as generator.ts makes those of DHCPv4: exchanges of clients
// that know the protocol, messages put together from odd parts, the golden packets, and what went
// over the wire before, each of them mutated or not, through relays or not; all from one seed.

import { type Ipv6, ipv6FromText } from '../../lib/address/ipv6.ts'
import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import { type Octets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { chance, oneOf } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/time/draw.ts'
import {
  encodeMessage6,
  encodeRelayForward,
  iaOption6,
  octetsFromCodes,
} from '../../lib/wire/v6/builder.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import type { Message6 } from '../../lib/wire/v6/reader.ts'
import { goldens6 } from '../wire/golden.ts'
import { ClientPool6 } from './client-pool6.ts'
import { mutate6, SIZE_MAX6 } from './mutations6.ts'

const CORPUS_MAX = 256
const ODD_ADDRESSES = [
  '::',
  '::1',
  'ff02::1:2',
  'fe80::1',
  '::ffff:192.0.2.1',
  '2001:db8:ffff::',
].map((text) => ipv6FromText(text)!)
const SIZES = [
  0, 1, 2, 3, 4, 5, 8, 11, 12, 13, 16, 24, 25, 26, 63, 64, 128, 130, 131, 255, 256, 600,
]
const NAMES: readonly Octets[] = [
  '',
  '\0',
  '\x06kettle',
  '\x06kettle\x03lan\0',
  '\x04a\0b\x1b',
  '\x08\r\nLOG[2J',
  '\x03...',
  '\x09__proto__',
  `\x3f${'x'.repeat(63)}`,
  `\x40${'x'.repeat(64)}`,
  '\xc0\x01',
]

export class Generator6 {
  readonly #draw: Draw
  readonly #clients: ClientPool6
  /** Addresses that mean something in the plan: in and beside pools, reserved, of relays. */
  readonly #addresses: readonly Ipv6[]
  readonly #goldens = goldens6().map(({ bytes }) => bytes)
  readonly #corpus: Uint8Array[]

  constructor(seed: number, name: string, addresses: readonly Ipv6[]) {
    this.#draw = chance(seed, `fuzz6/${name}`)
    this.#clients = new ClientPool6(this.#draw)
    this.#addresses = addresses
    this.#corpus = [...this.#goldens]
  }

  /** A reply left: its client goes on from there, and its bytes may come back. */
  hear(reply: Message6, bytes: Uint8Array): void {
    this.#clients.hear(reply)
    if (this.#draw(64) === 0) this.#keep(bytes)
  }

  next(): Uint8Array {
    const bytes = this.#message()
    if (this.#draw(32) === 0) this.#keep(bytes)
    return bytes.length > SIZE_MAX6 ? bytes.slice(0, SIZE_MAX6) : bytes
  }

  #message(): Uint8Array {
    const kind = this.#draw(20)
    if (kind < 9) return this.#relayed(this.#spoken())
    if (kind < 12) return this.#mutated(this.#relayed(this.#spoken()))
    if (kind < 15) return this.#relayed(this.#odd())
    if (kind < 16) return this.#mutated(this.#relayed(this.#odd()))
    return this.#mutated(kind < 18 ? oneOf(this.#draw, this.#goldens) : this.#old())
  }

  /** What a client that knows the protocol says. */
  #spoken(): Uint8Array {
    const { type, options } = this.#clients.speech(this.#clients.any())
    const more = this.#draw(8) === 0 ? [this.#option(0)] : []
    return encodeMessage6(type, this.#draw(0x1000000), [...options, ...more])
  }

  /** A message of odd parts. */
  #odd(): Uint8Array {
    const draw = this.#draw
    const type = draw(4) > 0 ? 1 + draw(11) : draw(256)
    const options: OptionPair6[] = [[OPTION6.clientId, this.#clients.any().duid]]
    for (let left = draw(9); left > 0; left--) options.push(this.#option(0))
    return encodeMessage6(type, draw(0x1000000), options)
  }

  /** Mostly as it is, sometimes through relays, now and then through more than there are. */
  #relayed(bytes: Uint8Array): Uint8Array {
    const draw = this.#draw
    let relayed = bytes
    const depth = draw(4) > 0 ? 0 : draw(50) === 0 ? 20 + draw(20) : 1 + draw(3)
    for (let left = depth; left > 0; left--) {
      const options: OptionPair6[] = []
      for (let more = depth > 3 ? 0 : draw(4); more > 0; more--) options.push(this.#relayOption())
      const fields = {
        hopCount: draw(10),
        linkAddress: this.#address(),
        peerAddress: this.#address(),
      }
      relayed = encodeRelayForward(relayed, { ...fields, options })
    }
    return relayed
  }

  #relayOption(): OptionPair6 {
    const draw = this.#draw
    const code = oneOf(draw, [18, 18, 37, 38, 43, 53, 66, 79, 135, 9, draw(65_536)])
    if (code === 43) return [43, octetsFromCodes([oneOf(draw, [9, 18, 37, 43, 79]), draw(65_536)])]
    return [code, this.#octets(oneOf(draw, SIZES))]
  }

  #option(depth: number): OptionPair6 {
    const draw = this.#draw
    switch (draw(12)) {
      case 0:
      case 1:
        return this.#ia(depth)
      case 2:
        return [oneOf(draw, [5, 26]), this.#address() + this.#octets(draw(20))]
      case 3:
        return [6, this.#octets(oneOf(draw, SIZES))]
      case 4:
        return [39, String.fromCharCode(draw(8)) + oneOf(draw, NAMES)]
      case 5:
        return [oneOf(draw, [1, 2]), this.#octets(oneOf(draw, SIZES))]
      case 6:
        return [oneOf(draw, [7, 8, 14, 19, 20, 32, 82, 83]), this.#octets(draw(6))]
      case 7:
        return [oneOf(draw, [15, 16, 17, 60]), this.#items()]
      case 8:
        return [oneOf(draw, [4, 11, 13, 45, 61, 62, 66, 79, 87, 94, 144]), this.#octets(draw(40))]
      default:
        return [draw(256), this.#octets(oneOf(draw, SIZES))]
    }
  }

  #ia(depth: number): OptionPair6 {
    const draw = this.#draw
    const inside: OptionPair6[] = []
    for (let left = draw(4); left > 0; left--) inside.push(this.#entry(depth))
    const iaid = oneOf(draw, [0, 1, draw(64), 0xffff_ffff])
    return iaOption6(oneOf(draw, [3, 25]), iaid, inside, { t1: draw(2 ** 32), t2: draw(5000) })
  }

  #entry(depth: number): OptionPair6 {
    const draw = this.#draw
    if (draw(6) === 0 && depth < 12) return this.#option(depth + 1)
    const times =
      octetsFromUint(draw(4) === 0 ? draw(2 ** 32) : 0, 4) + octetsFromUint(draw(900), 4)
    if (draw(2) === 0) return [5, this.#address() + times]
    const length = oneOf(draw, [0, 1, 48, 56, 64, 128, draw(256)])
    return [26, times + String.fromCharCode(length) + this.#address()]
  }

  #items(): Octets {
    const draw = this.#draw
    let value = draw(2) === 0 ? this.#octets(4) : octetsFromUint(oneOf(draw, [4491, 311, 2495]), 4)
    for (let left = draw(4); left > 0; left--) {
      const item = this.#octets(draw(12))
      value += octetsFromUint(draw(6) === 0 ? draw(300) : item.length, 2) + item
    }
    return value
  }

  #address(): Ipv6 {
    const draw = this.#draw
    const choice = draw(8)
    if (choice === 0) return oneOf(draw, ODD_ADDRESSES)
    return choice === 1 ? this.#octets(16) : oneOf(draw, this.#addresses)
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
    return mutate6(bytes, this.#draw, this.#old())
  }

  #keep(bytes: Uint8Array): void {
    if (this.#corpus.length < CORPUS_MAX) this.#corpus.push(bytes.slice())
    else this.#corpus[this.#draw(CORPUS_MAX)] = bytes.slice()
  }
}
