// Rule 1d(b) of ha/README.md: a key is not given while another one that it lies in, or that lies in
// it, has a row that stands in its way: somebody has it, or keys of it are with the partner. Rows
// are looked up by each length that such rows have, which are two or three, and only where keys of
// the length are: mostly prefixes come from elsewhere than addresses.

import type { Family, Nesting } from '../keys/family.ts'
import type { Key } from '../keys/key.ts'
import type { KeySet } from '../keys/key-space.ts'

const LENGTHS = 129

const ANY = (): boolean => true

export class Overlaps<A extends Key> {
  readonly #family: Family<A>
  readonly #nesting: Nesting<A>
  /** Keys of rows that stand in the way. */
  readonly #keys: KeySet<A>
  readonly #counts = new Int32Array(LENGTHS)
  /** Lengths that they have. */
  #lengths: number[] = []
  /** By length: all keys that there are lie between these. */
  readonly #lowest: A[] = []
  readonly #highest: A[] = []

  /** `keys` is an empty set of the table's. */
  constructor(family: Family<A>, nesting: Nesting<A>, keys: KeySet<A>) {
    this.#family = family
    this.#nesting = nesting
    this.#keys = keys
  }

  /** Whether the row of the key stands in the way. True: it did, and does not any more. */
  set(key: A, isInTheWay: boolean): boolean {
    if (this.#keys.has(key) === isInTheWay) return false
    this.#keys.set(key, isInTheWay)
    const length = this.#nesting.lengthOf(key)
    this.#counts[length]! += isInTheWay ? 1 : -1
    const isNew = isInTheWay && this.#counts[length] === 1
    if (isNew || this.#counts[length] === 0)
      this.#lengths = [...this.#counts.keys()].filter((each) => this.#counts[each]! > 0)
    if (isInTheWay) this.#widen(key, length, isNew)
    return !isInTheWay
  }

  #widen(key: A, length: number, isFirst: boolean): void {
    if (isFirst || key < this.#lowest[length]!) this.#lowest[length] = key
    if (isFirst || key > this.#highest[length]!) this.#highest[length] = key
  }

  /** A key with such a row that overlaps this one and is another, or undefined. */
  of(key: A): A | undefined {
    return this.#find(key, ANY)
  }

  /** All of them, `max` at most. */
  all(key: A, max: number): A[] {
    const found: A[] = []
    this.#find(key, (each) => found.push(each) === max)
    return found
  }

  /** The first that satisfies. */
  #find(key: A, isWanted: (found: A) => boolean): A | undefined {
    const own = this.#nesting.lengthOf(key)
    for (const length of this.#lengths) {
      if (length < own) {
        const above = this.#nesting.above(key, length)
        if (above < this.#lowest[length]! || above > this.#highest[length]!) continue
        if (this.#keys.has(above) && isWanted(above)) return above
      } else if (length > own) {
        const { first, last } = this.#nesting.below(key, length)
        if (last < this.#lowest[length]! || first > this.#highest[length]!) continue
        let found = this.#keys.nextSet(first, last)
        while (found !== undefined && !isWanted(found))
          found = this.#keys.nextSet(this.#family.after(found), last)
        if (found !== undefined) return found
      }
    }
    return undefined
  }
}
