// A hash index over rows: chains of row numbers, with the links inside the rows themselves. It
// grows by one bucket for each row (linear hashing), so no insertion ever waits for a rehash of
// everything.
//
//   heads[bucket] -> row -> row -> end       stored as row + 1, so that 0 means none
//
// The bucket of a hash is its low bits; buckets below `#split` have already been divided in two and
// take one bit more.
//
// Of rows with one hash only so many are kept: strangers may give one key to a million rows, and
// each removal walks its chain. Further rows stay outside of the index and are not found through
// it.

import type { RowStore } from './row-store.ts'

const BUCKETS_FIRST = 16

/** Rows of one hash that the index keeps. */
export const SAME_HASH_MAX = 64

/** The hash of a row that is in an index. */
export interface RowHash {
  of(row: number): number
  /** Its upper 16 bits alone, where they cost less. */
  upper(row: number): number
}

const UPPER_BIT_FIRST = 1 << 16

/** The link of a row that is kept outside. */
const OUTSIDE = -1

export class HashIndex {
  readonly #rows: RowStore
  readonly #linkWord: number
  readonly #hash: RowHash
  #heads = new Int32Array(BUCKETS_FIRST)
  /** Buckets before the current round of splitting; a power of two. */
  #base = BUCKETS_FIRST
  #split = 0
  #count = 0
  /** Rows that insertLater took, each followed by its hash. */
  #later = new Int32Array(0)
  #laterLength = 0

  /** `linkWord` is the word of a row that belongs to this index. */
  constructor(rows: RowStore, linkWord: number, hash: RowHash) {
    this.#rows = rows
    this.#linkWord = linkWord
    this.#hash = hash
  }

  /** The first row whose hash may be this one, or -1. The caller compares keys. */
  first(hash: number): number {
    if (this.#laterLength > 0) this.#settle()
    return this.#heads[this.#bucketOf(hash)]! - 1
  }

  /** The row behind this one in its chain, or -1. */
  next(row: number): number {
    return this.#rows.words[this.#rows.at(row) + this.#linkWord]! - 1
  }

  insert(row: number, hash: number): void {
    if (this.#laterLength > 0) this.#settle()
    this.#insert(row, hash)
  }

  /**
   * Inserts a row when the index is next used. Many rows that come at once (at start) then find
   * their buckets made at once, which is several times faster than one by one.
   */
  insertLater(row: number, hash: number): void {
    if (this.#laterLength === this.#later.length) this.#growLater()
    this.#later[this.#laterLength++] = row
    this.#later[this.#laterLength++] = hash
  }

  remove(row: number, hash: number): void {
    if (this.#laterLength > 0) this.#settle()
    this.#remove(row, hash)
  }

  #insert(row: number, hash: number): void {
    const bucket = this.#bucketOf(hash)
    if (this.#isFull(bucket, hash)) {
      this.#rows.words[this.#rows.at(row) + this.#linkWord] = OUTSIDE
      return
    }
    this.#push(row, bucket)
    this.#count++
    if (this.#count > this.#base + this.#split) this.#splitOne()
  }

  #remove(row: number, hash: number): void {
    if (this.#rows.words[this.#rows.at(row) + this.#linkWord] === OUTSIDE) return
    const bucket = this.#bucketOf(hash)
    const after = this.next(row)
    let before = this.#heads[bucket]! - 1
    this.#count--
    if (before === row) {
      this.#heads[bucket] = after + 1
      return
    }
    while (before >= 0) {
      const following = this.next(before)
      if (following === row) return this.#link(before, after)
      before = following
    }
    throw new Error(`row ${row} is not in the index`)
  }

  /** Hashes are compared only where the chain is long, which it never is by chance. */
  #isFull(bucket: number, hash: number): boolean {
    let length = 0
    const first = this.#heads[bucket]! - 1
    for (let row = first; row >= 0 && length < SAME_HASH_MAX; row = this.next(row)) length++
    if (length < SAME_HASH_MAX) return false
    let same = 0
    for (let row = first; row >= 0; row = this.next(row)) if (this.#hash.of(row) === hash) same++
    return same >= SAME_HASH_MAX
  }

  #bucketOf(hash: number): number {
    const bucket = hash & (this.#base - 1)
    return bucket < this.#split ? hash & (2 * this.#base - 1) : bucket
  }

  #push(row: number, bucket: number): void {
    this.#link(row, this.#heads[bucket]! - 1)
    this.#heads[bucket] = row + 1
  }

  #link(row: number, next: number): void {
    this.#rows.words[this.#rows.at(row) + this.#linkWord] = next + 1
  }

  /** Divides the next bucket into itself and a new one at the end. */
  #splitOne(): void {
    const low = this.#split
    const high = this.#base + low
    if (high === this.#heads.length) this.#grow()
    let row = this.#heads[low]! - 1
    this.#heads[low] = 0
    while (row >= 0) {
      const after = this.next(row)
      this.#push(row, this.#hasBit(row, this.#base) ? high : low)
      row = after
    }
    this.#split++
    if (this.#split < this.#base) return
    this.#base *= 2
    this.#split = 0
  }

  /**
   * A large index is split by what the rows themselves say: their octets are not in the processor's
   * cache.
   */
  #hasBit(row: number, bit: number): boolean {
    if (bit < UPPER_BIT_FIRST) return (this.#hash.of(row) & bit) !== 0
    return (this.#hash.upper(row) & (bit >>> 16)) !== 0
  }

  /** Inserts what insertLater left for later. */
  complete(): void {
    if (this.#laterLength > 0) this.#settle()
  }

  #settle(): void {
    const later = this.#later
    const length = this.#laterLength
    this.#later = new Int32Array(0)
    this.#laterLength = 0
    if (this.#count === 0) this.#makeBuckets(length / 2)
    for (let at = 0; at < length; at += 2) this.#insert(later[at]!, later[at + 1]!)
  }

  /** Starts an empty index over, with buckets for so many rows. */
  #makeBuckets(rows: number): void {
    while (this.#base < rows) this.#base *= 2
    this.#split = 0
    this.#heads = new Int32Array(this.#base)
  }

  #growLater(): void {
    const grown = new Int32Array(Math.max(1024, this.#later.length * 2))
    grown.set(this.#later)
    this.#later = grown
  }

  #grow(): void {
    const grown = new Int32Array(this.#heads.length * 2)
    grown.set(this.#heads)
    this.#heads = grown
  }
}
