// Prefixes as five words, for arithmetic without an object for each: the length, then the four of
// the address.

import { ADDRESS_BITS, PREFIX6_OCTETS, type Prefix6 } from '../../address/prefix6.ts'
import { type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import type { Draw } from '../../time/draw.ts'
import type { Range } from './key.ts'

/** Octets of whatever is loaded may be short where they are no prefix: missing ones count as 0. */
export function loadKey(key: Octets, words: Int32Array): void {
  words[0] = key.charCodeAt(0)
  for (let word = 1, at = 1; word < 5; word++, at += 4)
    words[word] =
      (key.charCodeAt(at) << 24) |
      (key.charCodeAt(at + 1) << 16) |
      (key.charCodeAt(at + 2) << 8) |
      key.charCodeAt(at + 3)
}

const octets = new Uint8Array(PREFIX6_OCTETS)

export function octetsOfKey(words: Int32Array): Prefix6 {
  octets[0] = words[0]!
  for (let word = 1, at = 1; word < 5; word++) {
    octets[at++] = words[word]! >>> 24
    octets[at++] = words[word]! >>> 16
    octets[at++] = words[word]! >>> 8
    octets[at++] = words[word]!
  }
  return octetsFromBytes(octets)
}

/** Adds 1 at the bit (0-31 the length, 32-159 the address) and clears everything behind it. */
export function stepAt(words: Int32Array, bit: number): void {
  let word = bit >>> 5
  const one = 1 << (31 - (bit & 31))
  words.fill(0, word + 1)
  // Bits behind are none of this word any more.
  let sum = ((words[word]! & -one) + one) | 0
  let carries = (words[word]! & -one) >>> 0 > 0xffffffff - (one >>> 0)
  words[word] = sum
  while (carries && word > 0) {
    word--
    sum = (words[word]! + 1) | 0
    carries = sum === 0
    words[word] = sum
  }
}

/** The next prefix of this length; of the last one, the first of the next length. */
export function nextPrefix(key: Prefix6): Prefix6 {
  loadKey(key, scratch)
  stepAt(scratch, 31 + scratch[0]!)
  return octetsOfKey(scratch)
}

const scratch = new Int32Array(5)
const end = new Int32Array(5)

/** How many prefixes of one length a range has; rounded where they are more than 2^53. */
export function countOf({ first, last }: Range<Prefix6>): number {
  loadKey(first, scratch)
  loadKey(last, end)
  let difference = 0
  for (let word = 1; word < 5; word++)
    difference += ((end[word]! >>> 0) - (scratch[word]! >>> 0)) * 2 ** (32 * (4 - word))
  return difference / 2 ** (ADDRESS_BITS - scratch[0]!) + 1
}

/**
 * The prefix number `index` of the range, below 2^53; of one that is so close behind the end that
 * rounding has led there, the last.
 */
export function prefixAt({ first, last }: Range<Prefix6>, index: number): Prefix6 {
  loadKey(first, scratch)
  const shift = ADDRESS_BITS - scratch[0]!
  addShifted(scratch, index % 2 ** 32, shift)
  addShifted(scratch, Math.floor(index / 2 ** 32), shift + 32)
  const found = octetsOfKey(scratch)
  // Behind the last address of all it begins anew.
  return first <= found && found <= last ? found : last
}

/** Tries to draw one that is in the range: each succeeds at least half of the time. */
const TRIES_MAX = 32

/** Any prefix of the range, each as likely as the others, however many they are. */
export function anyPrefixOf(range: Range<Prefix6>, draw: Draw): Prefix6 {
  const bits = Math.ceil(Math.log2(countOf(range)))
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    loadKey(range.first, scratch)
    const shift = ADDRESS_BITS - scratch[0]!
    for (let drawn = 0; drawn < bits; drawn += 32)
      addShifted(scratch, draw(2 ** Math.min(32, bits - drawn)), shift + drawn)
    const found = octetsOfKey(scratch)
    if (range.first <= found && found <= range.last) return found
  }
  return range.first
}

/** Adds `value` (32 bits) times 2^shift to the address; what goes beyond it is lost. */
function addShifted(words: Int32Array, value: number, shift: number): void {
  const word = 4 - (shift >>> 5)
  const low = value * 2 ** (shift & 31)
  addAt(words, word, low % 2 ** 32)
  addAt(words, word - 1, Math.floor(low / 2 ** 32))
}

function addAt(words: Int32Array, word: number, value: number): void {
  let carried = value
  for (; word > 0 && carried > 0; word--) {
    const sum = (words[word]! >>> 0) + carried
    words[word] = sum | 0
    carried = sum >= 2 ** 32 ? 1 : 0
  }
}

/** The prefixes of a length that lie in a shorter one. */
export function rangeWithin(outer: Prefix6, length: number): Range<Prefix6> {
  const shorter = outer.charCodeAt(0)
  const first = String.fromCharCode(length) + outer.slice(1)
  loadKey(first, scratch)
  for (let bit = 32 + shorter; bit < 32 + length; bit = (bit | 31) + 1) {
    const ones = -1 >>> (bit & 31)
    const isLastWord = bit >>> 5 === (31 + length) >>> 5
    scratch[bit >>> 5]! |= isLastWord ? ones & (-1 << ((128 - length) & 31)) : ones
  }
  return { first, last: octetsOfKey(scratch) }
}
