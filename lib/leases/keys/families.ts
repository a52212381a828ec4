// The family of a key.

import type { Family } from './family.ts'
import { family4 } from './family4.ts'
import { family6 } from './family6.ts'
import type { Key, Range } from './key.ts'

export function familyOf(key: Key): Family<Key> {
  return (typeof key === 'number' ? family4 : family6) as unknown as Family<Key>
}

/** The range, or so many keys from its beginning where it has more. */
export function atMost(range: Range<Key>, keys: number): Range<Key> {
  const family = familyOf(range.first)
  if (family.sizeOf(range) <= keys) return range
  return { first: range.first, last: family.at(range, keys - 1) }
}
