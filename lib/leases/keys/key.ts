// What a lease is known by: the address, or for other families whatever stands in its place.

import type { Octets } from '../../bytes/octets.ts'

/** Keys are equal where `===` says so, and `<` orders them. */
export type Key = number | Octets

/** Keys `first` to `last`, both included. */
export interface Range<A extends Key> {
  readonly first: A
  readonly last: A
}
