// What a lease is known by: the address, or for other families whatever stands in its place.

import type { Octets } from '../../bytes/octets.ts'

/** Keys are equal where `===` says so, and `<` orders them. */
export type Key = number | Octets

/** A family of addresses, by the version of IP. */
export type FamilyVersion = 4 | 6

/** Of which family it is: addresses of DHCPv4 are numbers. */
export function versionOf(key: Key): FamilyVersion {
  return typeof key === 'number' ? 4 : 6
}

/** Keys `first` to `last`, both included. */
export interface Range<A extends Key> {
  readonly first: A
  readonly last: A
}

/** Whether they have a key in common. */
export function areOverlapping(one: Range<Key>, other: Range<Key>): boolean {
  if (typeof one.first !== typeof other.first) return false
  return one.first <= other.last && other.first <= one.last
}
