// IPv6: a key is a prefix (address/prefix6.ts), an address one of length 128. Rows and sets are
// those of one tree of addresses and one of what is shorter, so that what is asked of one key in a
// row is found once.

import {
  ADDRESS_BITS,
  addressOf,
  lengthOf,
  PREFIX6_OCTETS,
  type Prefix6,
  prefix6,
} from '../../address/prefix6.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import type { Side } from '../rights.ts'
import { scramble } from '../store/octets-hash.ts'
import type { Family } from './family.ts'
import type { KeyGroup, KeyIndex, KeySet, KeySpace } from './key-space.ts'
import { KEYS6 } from './keys6.ts'
import { PrefixTree } from './prefix-tree.ts'
import { anyPrefixOf, countOf, loadKey, nextPrefix, prefixAt, rangeWithin } from './prefix-words.ts'

export const family6: Family<Prefix6> = {
  ...KEYS6,
  secondKey: 'duid',
  nesting: {
    lengthOf,
    lengthMax: ADDRESS_BITS,
    above: (key, length) => prefix6(addressOf(key), length),
    below: rangeWithin,
    behindHome(key) {
      const length = lengthOf(key)
      if (length === ADDRESS_BITS || length <= HOME_BITS) return nextPrefix(key)
      return nextPrefix(rangeWithin(prefix6(addressOf(key), HOME_BITS), length).last)
    },
  },
  all: { first: '\0'.repeat(PREFIX6_OCTETS), last: `\x80${'\xff'.repeat(16)}` },
  space: () => new PrefixSpace(),
  index: () => new KeyMap(),
  after: nextPrefix,
  at: prefixAt,
  any: anyPrefixOf,
  sizeOf: countOf,
  homeOf: homeOf6,
  keyOf(rows, row) {
    const start = rows.keyStart(row)
    return octetsFromBytes(rows.octetsPage(row), start, start + PREFIX6_OCTETS)
  },
  isKeyOf(rows, row, key) {
    const page = rows.octetsPage(row)
    const start = rows.keyStart(row)
    // Neighbours differ at the end.
    for (let at = PREFIX6_OCTETS - 1; at >= 0; at--)
      if (page[start + at] !== key.charCodeAt(at)) return false
    return true
  },
}

const words = new Int32Array(5)

/** Bits of a prefix that its home follows from: rule 1d(c) of ha/README.md. */
const HOME_BITS = 48

/**
 * The side that a key belongs to until keys move: a hash of an address, and of the first 48 bits of
 * a shorter prefix, so that all prefixes within one of that length are at home at one server. It is
 * part of what the databases mean and never changes.
 */
export function homeOf6(key: Prefix6): Side {
  loadKey(key, words)
  let hash = scramble(words[1]!)
  if (words[0]! < ADDRESS_BITS)
    return (scramble(hash ^ (words[2]! >>> (64 - HOME_BITS))) & 1) as Side
  for (let word = 2; word < 5; word++) hash = scramble(hash ^ words[word]!)
  return (hash & 1) as Side
}

/** What is shorter than an address comes before all of these. */
const FIRST_ADDRESS: Prefix6 = prefix6('\0'.repeat(16), ADDRESS_BITS)

/** Keys of the two kinds: a client has mostly one of each, and what is sought in a tree is kept. */
class Trees {
  readonly prefixes = new PrefixTree()
  readonly addresses = new PrefixTree()

  of(key: Prefix6): PrefixTree {
    return key < FIRST_ADDRESS ? this.prefixes : this.addresses
  }
}

class PrefixSpace implements KeySpace<Prefix6> {
  readonly #trees = new Trees()
  readonly rows: KeyIndex<Prefix6>

  constructor() {
    const trees = this.#trees
    this.rows = {
      get: (key) => trees.of(key).rowOf(key),
      add: (key, row) => trees.of(key).setRow(key, row),
      delete: (key) => trees.of(key).setRow(key, -1),
    }
  }

  set(): KeySet<Prefix6> {
    return new PrefixSet(this.#trees)
  }

  /** They were made one behind the other. */
  group(sets: readonly KeySet<Prefix6>[]): KeyGroup<Prefix6> {
    const trees = this.#trees
    const first = (sets[0] as PrefixSet).number
    return { put: (key, members) => trees.of(key).putAll(first, sets.length, key, members) }
  }
}

/** Keys that are few and never read in order. */
class KeyMap implements KeyIndex<Prefix6> {
  readonly #rows = new Map<Prefix6, number>()

  get(key: Prefix6): number {
    return this.#rows.get(key) ?? -1
  }

  add(key: Prefix6, row: number): void {
    this.#rows.set(key, row)
  }

  delete(key: Prefix6): void {
    this.#rows.delete(key)
  }
}

class PrefixSet implements KeySet<Prefix6> {
  readonly #trees: Trees
  readonly number: number

  constructor(trees: Trees) {
    this.#trees = trees
    this.number = trees.prefixes.addSet()
    trees.addresses.addSet()
  }

  has(key: Prefix6): boolean {
    return this.#trees.of(key).has(this.number, key)
  }

  add(key: Prefix6): void {
    this.#trees.of(key).put(this.number, key, true)
  }

  delete(key: Prefix6): void {
    this.#trees.of(key).put(this.number, key, false)
  }

  set(key: Prefix6, isMember: boolean): void {
    this.#trees.of(key).put(this.number, key, isMember)
  }

  clear(): void {
    this.#trees.prefixes.clear(this.number)
    this.#trees.addresses.clear(this.number)
  }

  /** Of another set of the same space. */
  assign(other: KeySet<Prefix6>): void {
    const { number } = other as PrefixSet
    this.#trees.prefixes.assign(this.number, number)
    this.#trees.addresses.assign(this.number, number)
  }

  nextSet(from: Prefix6, last: Prefix6): Prefix6 | undefined {
    const { addresses, prefixes } = this.#trees
    if (from >= FIRST_ADDRESS) return addresses.nextMember(this.number, from, last)
    const found = prefixes.nextMember(this.number, from, last)
    if (found !== undefined || last < FIRST_ADDRESS) return found
    return addresses.nextMember(this.number, FIRST_ADDRESS, last)
  }

  nextClear(from: Prefix6, last: Prefix6): Prefix6 | undefined {
    const { addresses, prefixes } = this.#trees
    if (from >= FIRST_ADDRESS) return addresses.nextOther(this.number, from, last)
    const found = prefixes.nextOther(this.number, from, last)
    if (found === undefined || found < FIRST_ADDRESS) return found
    return addresses.nextOther(this.number, found, last)
  }
}
