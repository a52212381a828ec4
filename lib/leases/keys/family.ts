// What the leases of one family are known by, and all that the lease table must know of it. The
// rules of leases are written once, over any family; what differs is here: how keys follow each
// other, where they are at home, where one stands in a record and in a row.
//
// A process with one family has one implementation behind each of these calls, and they cost
// nothing.

import type { Draw } from '../../time/draw.ts'
import type { Side } from '../rights.ts'
import type { Key, Range } from './key.ts'
import type { KeyIndex, KeySpace } from './key-space.ts'

/** How the key stands in a record (record.ts). */
export interface RecordKeys<A extends Key> {
  /** Kinds of the family's records. */
  readonly put: number
  readonly remove: number
  /**
   * Octets of the key in front of the texts of a put and at the end of a removal; 0: FIELD.address
   * holds it.
   */
  readonly keyOctets: number
  /** The highest number of LEASE_STATE that its leases may have. */
  readonly stateMax: number
  /** Whether the octets of a key, where there are any, are one. */
  isSound(view: DataView, at: number): boolean
  read(bytes: Uint8Array, view: DataView, at: number): A
  write(key: A, bytes: Uint8Array, view: DataView, at: number): void
}

/** Where the key of a row stands: in the word that was FIELD.address, or in its octets. */
export interface RowKeys {
  addressWord(row: number): number
  octetsPage(row: number): Uint8Array
  keyStart(row: number): number
}

/** Of keys that lie within each other, and are too many for what nobody has to be noted. */
export interface Nesting<A extends Key> {
  lengthOf(key: A): number
  /** That of single addresses. */
  readonly lengthMax: number
  /** The key of a shorter length that the key lies in. */
  above(key: A, length: number): A
  /** The keys of a greater length that lie in the key. */
  below(key: A, length: number): Range<A>
  /** The next key that may have another home. */
  behindHome(key: A): A
}

/** Whether the key is no single address. */
export function isPrefix<A extends Key>({ nesting }: Family<A>, key: A): boolean {
  return nesting !== undefined && nesting.lengthOf(key) < nesting.lengthMax
}

export interface Family<A extends Key> extends RecordKeys<A> {
  /** By what rows are found beside the client-id. */
  readonly secondKey: 'hw-address' | 'duid'
  /** undefined: keys stand beside each other. */
  readonly nesting: Nesting<A> | undefined
  /** The lowest and the highest key. */
  readonly all: Range<A>
  space(): KeySpace<A>
  /** Of keys that come and go within seconds. */
  index(): KeyIndex<A>
  /** The next key; of the highest one, what is above every key and only good for comparing. */
  after(key: A): A
  /** The key number `index` of the range. */
  at(range: Range<A>, index: number): A
  /** Any key of the range, each as likely as the others, of whatever size it is. */
  any(range: Range<A>, draw: Draw): A
  /** Keys of the range; rounded where they are very many. */
  sizeOf(range: Range<A>): number
  /**
   * The side that a key belongs to until keys move: part of what databases mean, it never changes.
   */
  homeOf(key: A): Side
  keyOf(rows: RowKeys, row: number): A
  /** Whether keyOf is this one. */
  isKeyOf(rows: RowKeys, row: number, key: A): boolean
}
