// Where the options of one DHCPv4 message are: the walk over code-length-value triples (RFC 2132
// §2) notes position and length of every part and links the parts of one code (RFC 3396). Nothing
// is copied until a value is asked for. Arrays are made once; one index serves all datagrams.

import { readUint16, readUint32, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import { OPTION4 } from './codes.ts'

/** Most option parts in one message. A 1500-byte datagram has room for 630 empty ones. */
export const OPTION_PARTS_MAX = 1024

const PAD = OPTION4.pad
const END = OPTION4.end
const NONE = -1
/** Most bytes of a value in one part. */
const PART_MAX = 255

/** How a walk ended. cut: at an option that runs past the end. crowded: at one too many. */
export type Walk4 = 'whole' | 'cut' | 'crowded'

export class OptionIndex4 {
  #bytes: Uint8Array = new Uint8Array(0)
  #count = 0
  readonly #codes = new Uint8Array(OPTION_PARTS_MAX)
  readonly #starts = new Uint32Array(OPTION_PARTS_MAX)
  readonly #lengths = new Uint8Array(OPTION_PARTS_MAX)
  /** The next part of the same code, in the order of RFC 3396 §5. */
  readonly #next = new Int16Array(OPTION_PARTS_MAX)
  /** First and last part of each code. */
  readonly #first = new Int16Array(256).fill(NONE)
  readonly #last = new Int16Array(256)
  /** Values already joined, by first part. */
  readonly #values: (Octets | undefined)[] = new Array(OPTION_PARTS_MAX).fill(undefined)
  /** What was supplied: the code, and its first part before. */
  #before: { readonly code: number; readonly first: number }[] = []

  /** Forgets everything; positions of later walks mean `bytes`. */
  reset(bytes: Uint8Array): void {
    for (let part = 0; part < this.#count; part++) this.#first[this.#codes[part]!] = NONE
    this.#count = 0
    if (this.#before.length > 0) this.#before = []
    this.#bytes = bytes
  }

  /**
   * Adds the options in bytes `start` to `end`, up to END; those with the code `except` are passed
   * over. What stands before the place where the walk had to end is kept.
   */
  walk(start: number, end: number, except: number = PAD): Walk4 {
    const bytes = this.#bytes
    let at = start
    while (at < end) {
      const code = bytes[at]!
      at++
      if (code === PAD) continue
      if (code === END) return 'whole'
      if (at === end) return 'cut'
      if (this.#count === OPTION_PARTS_MAX) return 'crowded'
      const length = bytes[at]!
      at++
      if (at + length > end) return 'cut'
      if (code !== except) this.#add(code, at, length)
      at += length
    }
    return 'whole'
  }

  has(code: number): boolean {
    return this.#first[code & 255] !== NONE
  }

  /** Length of the whole value, or -1 when the option is absent. */
  lengthOf(code: number): number {
    let part = this.#first[code & 255]!
    if (part === NONE) return -1
    const known = this.#values[part]
    if (known !== undefined) return known.length
    let length = 0
    for (; part !== NONE; part = this.#next[part]!) length += this.#lengths[part]!
    return length
  }

  /** The whole value, its parts joined, or undefined when the option is absent. */
  octets(code: number): Octets | undefined {
    const first = this.#first[code & 255]!
    if (first === NONE) return undefined
    const known = this.#values[first]
    if (known !== undefined) return known
    let value = ''
    for (let part: number = first; part !== NONE; part = this.#next[part]!) {
      const start = this.#starts[part]!
      value += octetsFromBytes(this.#bytes, start, start + this.#lengths[part]!)
    }
    this.#values[first] = value
    return value
  }

  /**
   * A value of exactly 1, 2 or 4 bytes in network order; undefined when absent or of another
   * length.
   */
  uint(code: number): number | undefined {
    const first = this.#first[code & 255]!
    if (first === NONE) return undefined
    if (this.#next[first] !== NONE) return uintOf(this.octets(code)!)
    const at = this.#starts[first]!
    const bytes = this.#bytes
    switch (this.#lengths[first]) {
      case 1:
        return bytes[at]
      case 2:
        return readUint16(bytes, at)
      case 4:
        return readUint32(bytes, at)
      default:
        return uintOf(this.#values[first] ?? '')
    }
  }

  /**
   * Makes an option count as present with this value, or as absent, whatever the message says.
   * False where there is no room.
   */
  supply(code: number, value: Octets | undefined): boolean {
    if (value !== undefined && this.#count === OPTION_PARTS_MAX) return false
    const first = this.#first[code & 255]!
    this.#before.push({ code: code & 255, first })
    this.#first[code & 255] = NONE
    if (value === undefined) return true
    this.#add(code & 255, 0, 0)
    this.#values[this.#first[code & 255]!] = value
    return true
  }

  /** Nothing is supplied any more. */
  unsupply(): void {
    for (const { code, first } of this.#before.reverse()) this.#first[code] = first
    this.#before = []
  }

  /** Makes an option count as absent. */
  ignore(code: number): void {
    this.#first[code & 255] = NONE
  }

  /** Bytes that all options take when each is cut into as few parts as it can be. */
  get packedSize(): number {
    let size = 0
    for (let part = 0; part < this.#count; part++) {
      const code = this.codeAt(part)
      if (code === 0) continue
      const length = this.lengthOf(code)
      size += length + 2 * Math.max(1, Math.ceil(length / PART_MAX))
    }
    return size
  }

  /** Number of parts walked over; bounds the argument of {@link codeAt}. */
  get parts(): number {
    return this.#count
  }

  /**
   * The code whose first part is this one, or 0 when the part continues an option or is ignored.
   */
  codeAt(part: number): number {
    const code = this.#codes[part]!
    return this.#first[code] === part ? code : 0
  }

  #add(code: number, start: number, length: number): void {
    const part = this.#count++
    this.#codes[part] = code
    this.#starts[part] = start
    this.#lengths[part] = length
    this.#next[part] = NONE
    this.#values[part] = undefined
    if (this.#first[code] === NONE) this.#first[code] = part
    else this.#next[this.#last[code]!] = part
    this.#last[code] = part
  }
}

/** One, two or four octets as an unsigned number; undefined for any other length. */
function uintOf(octets: Octets): number | undefined {
  const { length } = octets
  return length === 1 || length === 2 || length === 4
    ? uintFromOctets(octets, 0, length)
    : undefined
}
