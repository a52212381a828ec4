// What a table keeps of the keys of its leases: which row each has, and sets of them that are read
// in order.

import type { Key } from './key.ts'

export interface KeySpace<A extends Key> {
  /** The row of each key. */
  readonly rows: KeyIndex<A>
  /** One more set of keys, empty at first. */
  set(): KeySet<A>
  /** Sets of the space that change together, where that costs less than one by one. */
  group?(sets: readonly KeySet<A>[]): KeyGroup<A>
}

export interface KeyGroup<A extends Key> {
  /** Bit n of `members`: whether the key is in set n of the group. */
  put(key: A, members: number): void
}

export interface KeyIndex<A extends Key> {
  /** The row of the key, or -1. */
  get(key: A): number
  /** Notes the row of a key that has none. */
  add(key: A, row: number): void
  /** Forgets the row of a key that has one. */
  delete(key: A): void
}

export interface KeySet<A extends Key> {
  has(key: A): boolean
  add(key: A): void
  delete(key: A): void
  /** Adds or deletes. */
  set(key: A, isMember: boolean): void
  clear(): void
  /** Gives this set the members of another one of the same space, instead of its own. */
  assign(other: KeySet<A>): void
  /** The lowest member of `from` … `last`, or undefined. */
  nextSet(from: A, last: A): A | undefined
  /** The lowest key of `from` … `last` that is no member, or undefined. */
  nextClear(from: A, last: A): A | undefined
}
