// Where the options of one DHCPv6 message are, those in other options included (RFC 9915 §21.1): a
// walk without recursion notes position, length and the end of what is inside of each. Nothing is
// copied until a value is asked for. Arrays are made once; one index serves all datagrams.

import { readUint16 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import { OPTION6 } from './codes.ts'
import { IA_ADDRESS_SIZE, IA_PREFIX_SIZE, IA_SIZE, OPTION_HEAD } from './layout.ts'
import { isWellFormed } from './well-formed.ts'

/** Most options of one datagram, those of relays and of options included. */
export const OPTIONS_MAX = 4096
/** Most options around an option. */
export const NESTING_MAX = 10

const NONE = -1
/** No option has this code: what is ignored gets it. */
const IGNORED = 0
const NOT_NESTED = 0xff

/** By code: where the options in an option begin. */
const insides = new Uint8Array(256).fill(NOT_NESTED)
insides[OPTION6.iaNa] = IA_SIZE
insides[OPTION6.iaPd] = IA_SIZE
insides[OPTION6.iaAddress] = IA_ADDRESS_SIZE
insides[OPTION6.iaPrefix] = IA_PREFIX_SIZE
insides[OPTION6.clientData] = 0

/**
 * How a walk ended. cut: at an option that runs past the end. crowded: at one too many. deep: at
 * one in too many others.
 */
export type Walk6 = 'whole' | 'cut' | 'crowded' | 'deep'

export class OptionIndex6 {
  /** Number of options so far: a run of options is what stands from one count to a later one. */
  count = 0
  /** After a walk that was cut: the code of what runs past the end, NONE where it has none. */
  cutCode = NONE
  #bytes: Uint8Array = new Uint8Array(0)
  readonly #codes = new Uint16Array(OPTIONS_MAX)
  readonly #starts = new Uint32Array(OPTIONS_MAX)
  readonly #lengths = new Uint16Array(OPTIONS_MAX)
  /** The next option that is not inside of this one. */
  readonly #nexts = new Uint16Array(OPTIONS_MAX)
  readonly #values: (Octets | undefined)[] = new Array(OPTIONS_MAX).fill(undefined)
  /** Of each option that is being walked inside: its number, and where it ends. */
  readonly #open = new Uint16Array(NESTING_MAX)
  readonly #ends = new Uint32Array(NESTING_MAX)

  /** Forgets everything; positions of later walks mean `bytes`. */
  reset(bytes: Uint8Array): void {
    this.count = 0
    this.#bytes = bytes
  }

  /**
   * Adds the options in bytes `start` to `end`. What stands before the place where the walk had to
   * end is kept; an option in which another one is cut is ignored as a whole.
   */
  walk(start: number, end: number): Walk6 {
    const bytes = this.#bytes
    const open = this.#open
    const ends = this.#ends
    let at = start
    let limit = end
    let depth = 0
    for (;;) {
      if (at === limit) {
        if (depth === 0) return 'whole'
        this.#nexts[open[--depth]!] = this.count
        limit = depth === 0 ? end : ends[depth - 1]!
        continue
      }
      const value = at + OPTION_HEAD
      const code = value > limit ? NONE : readUint16(bytes, at)
      const length = value > limit ? 0 : readUint16(bytes, at + 2)
      if (value + length > limit) {
        if (depth === 0) {
          this.cutCode = code
          return 'cut'
        }
        this.#codes[open[0]!] = IGNORED
        this.#nexts[open[0]!] = this.count
        at = ends[0]!
        limit = end
        depth = 0
        continue
      }
      if (this.count === OPTIONS_MAX) return 'crowded'
      const option = this.#add(code, value, length)
      at = value + length
      const inside = code > 255 ? NOT_NESTED : insides[code]!
      if (inside === NOT_NESTED || inside >= length || this.#codes[option] === IGNORED) continue
      if (depth === NESTING_MAX) return 'deep'
      open[depth] = option
      ends[depth++] = at
      limit = at
      at = value + inside
    }
  }

  /** The first option with this code from `from` on, and not inside of another; NONE = none. */
  find(from: number, to: number, code: number): number {
    for (let option = from; option < to; option = this.#nexts[option]!)
      if (this.#codes[option] === code) return option
    return NONE
  }

  /** IGNORED where it does not count. */
  codeAt(option: number): number {
    return this.#codes[option]!
  }

  /** The position of its value. */
  startOf(option: number): number {
    return this.#starts[option]!
  }

  lengthOf(option: number): number {
    return this.#lengths[option]!
  }

  nextOf(option: number): number {
    return this.#nexts[option]!
  }

  octets(option: number): Octets {
    const known = this.#values[option]
    if (known !== undefined) return known
    const start = this.#starts[option]!
    const value = octetsFromBytes(this.#bytes, start, start + this.#lengths[option]!)
    this.#values[option] = value
    return value
  }

  /** The values of all options with this code that are not inside of others. */
  all(from: number, to: number, code: number): Octets[] {
    const values: Octets[] = []
    let option = this.find(from, to, code)
    while (option !== NONE) {
      values.push(this.octets(option))
      option = this.find(this.#nexts[option]!, to, code)
    }
    return values
  }

  /** The codes of those that count, in the order of the wire. */
  codes(from: number, to: number): number[] {
    const codes: number[] = []
    for (let option = from; option < to; option = this.#nexts[option]!)
      if (this.#codes[option] !== IGNORED) codes.push(this.#codes[option]!)
    return codes
  }

  /** Adds one that stands nowhere in the datagram; NONE where there is no room. */
  supply(code: number, value: Octets): number {
    if (this.count === OPTIONS_MAX) return NONE
    const option = this.#add(code, 0, value.length)
    this.#codes[option] = code
    this.#values[option] = value
    return option
  }

  #add(code: number, start: number, length: number): number {
    const option = this.count++
    this.#codes[option] = isWellFormed(code, this.#bytes, start, length) ? code : IGNORED
    this.#starts[option] = start
    this.#lengths[option] = length
    this.#nexts[option] = option + 1
    this.#values[option] = undefined
    return option
  }
}
