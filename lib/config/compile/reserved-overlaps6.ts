// Addresses and prefixes that are reserved and overlap what else is given: prefixes that are
// reserved, and what pools have, of another length. Leases never overlap, so of two that do one
// keeps the other from its client.

import {
  ADDRESS_BITS,
  addressOf,
  isInside,
  lengthOf,
  type Prefix6,
  prefix6,
  textFromPrefix6,
} from '../../address/prefix6.ts'
import type { Range } from '../../leases/keys/key.ts'
import { keysFrom } from '../../leases/store/key-list.ts'
import type { Pieces } from '../../leases/store/pieces.ts'
import { keysOfReservation6 } from '../plan/plan-reservations6.ts'
import type { Reservation6, Subnet6 } from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import { keySite6 } from './reservations6.ts'

/** A list of reservations where it stands in the document. */
export interface PlacedReservations6 {
  readonly byPosition: Pieces<Reservation6 | undefined>
  readonly site: () => Site
}

/** Overlaps that are told: what is one mistake may make thousands of them. */
const TOLD_MAX = 100

/** `keys`: what is reserved in all lists, in order. */
export function refuseOverlaps6(
  keys: Pieces<Prefix6>,
  subnets: readonly Subnet6[],
  lists: readonly PlacedReservations6[],
): void {
  const search = new Overlaps(keys)
  search.lookAtKeys()
  for (const { pools, pdPools } of subnets) {
    if (search.hasOtherThan(ADDRESS_BITS))
      for (const { range } of pools) search.lookAtPool(range, () => 'a pool')
    for (const { range, prefix, delegatedLength } of pdPools)
      search.lookAtPool(
        range,
        () => `the pd-pool ${textFromPrefix6(prefix)} with prefixes of /${delegatedLength}`,
      )
  }
  for (const [key, words] of search.found) tell(key, words(), lists)
}

/** What overlaps among the keys of a list: an edit mostly leaves them as they are. */
const among = new WeakMap<Pieces<Prefix6>, ReadonlyMap<Prefix6, () => string>>()

class Overlaps {
  /** By the key that overlaps, what with. */
  readonly found = new Map<Prefix6, () => string>()
  readonly #keys: Pieces<Prefix6>
  /** Those in use, shortest first. */
  readonly #lengths: readonly number[]

  constructor(keys: Pieces<Prefix6>) {
    this.#keys = keys
    this.#lengths = lengthsOf(keys)
  }

  lookAtKeys(): void {
    const known = among.get(this.#keys)
    if (known === undefined) this.#compareKeys()
    else for (const [key, words] of known) this.found.set(key, words)
    among.set(this.#keys, new Map(this.found))
  }

  #compareKeys(): void {
    for (const outer of this.#keys) {
      const words = () => `${textFromPrefix6(outer)} is reserved, too`
      for (const length of this.#lengths)
        if (length > lengthOf(outer)) this.#add(length, outer, words, (key) => isInside(key, outer))
    }
  }

  hasOtherThan(bits: number): boolean {
    return this.#lengths.some((length) => length !== bits)
  }

  /** What has the length of its keys is one of them, or outside of it. */
  lookAtPool({ first, last }: Range<Prefix6>, words: () => string): void {
    for (const length of this.#lengths) {
      if (length === lengthOf(first)) continue
      const least = Math.min(length, lengthOf(last))
      const end = prefix6(addressOf(last), least)
      this.#add(length, first, words, (key) => prefix6(addressOf(key), least) <= end)
    }
  }

  /** Those of the length, from `first` on, as far as they overlap. */
  #add(
    length: number,
    first: Prefix6,
    words: () => string,
    overlaps: (key: Prefix6) => boolean,
  ): void {
    for (const key of keysFrom(this.#keys, prefix6(addressOf(first), length))) {
      if (this.found.size >= TOLD_MAX || lengthOf(key) !== length || !overlaps(key)) return
      this.found.set(key, words)
    }
  }
}

function lengthsOf(keys: Pieces<Prefix6>): readonly number[] {
  const lengths: number[] = []
  for (let least = ''; ; ) {
    const [key] = keysFrom(keys, least)
    if (key === undefined) return lengths
    const length = lengthOf(key)
    lengths.push(length)
    least = String.fromCharCode(length + 1)
  }
}

function tell(key: Prefix6, words: string, lists: readonly PlacedReservations6[]): void {
  const message = `${textFromPrefix6(key)} overlaps what is given otherwise: ${words}`
  const hint =
    'only one client could have it: reserve a prefix as long as those of the pool, or one outside of all pools'
  for (const { byPosition, site } of lists)
    for (const [position, one] of [...byPosition].entries())
      if (one !== undefined && keysOfReservation6(one).includes(key))
        keySite6(one, key, site().at(position).entry).error('reservation-overlap', message, hint)
}
