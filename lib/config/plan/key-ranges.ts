// What has a range of keys, found by a key: a list of ranges that do not overlap, lowest first.

import type { Key, Range } from '../../leases/keys/key.ts'

export interface Ranged<A extends Key> {
  readonly range: Range<A>
}

export function inOrderOfKeys<A extends Key, T extends Ranged<A>>(
  list: readonly T[],
): readonly T[] {
  if (list.length < 2) return list
  return list.toSorted((a, b) => (a.range.first < b.range.first ? -1 : 1))
}

export function foundIn<A extends Key, T extends Ranged<A>>(
  list: readonly T[],
  key: A,
): T | undefined {
  let low = 0
  let high = list.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const one = list[middle]!
    if (key < one.range.first) high = middle - 1
    else if (key > one.range.last) low = middle + 1
    else return one
  }
  return undefined
}
