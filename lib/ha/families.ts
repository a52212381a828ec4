// Which families of addresses two servers tell each other of. A version before knows none but
// DHCPv4, and gets no row of the other; what that means is rule 9m of README.md.

import type { FamilyVersion } from '../leases/keys/key.ts'
import type { Hello } from './link-messages.ts'

export const EVERY_FAMILY: readonly FamilyVersion[] = [4, 6]
export const NO_FAMILY: readonly FamilyVersion[] = []
const FIRST_FAMILY: readonly FamilyVersion[] = [4]

/** Families that its link speaks. */
export function spokenBy({ families }: Pick<Hello, 'families'>): readonly FamilyVersion[] {
  return families?.includes(6) === true ? EVERY_FAMILY : FIRST_FAMILY
}

/** Whether the stream between the two has rows of DHCPv6. */
export function isBoth(one: Hello, other: Hello): boolean {
  return spokenBy(one).includes(6) && spokenBy(other).includes(6)
}

/** Whether it has leases of a family that the other end does not know of. */
export function hasMoreThan(one: Hello, other: Hello): boolean {
  const spoken = spokenBy(other)
  return (one.holds ?? []).some((family) => !spoken.includes(family))
}

/**
 * Whether what `to` says to have stored of the stream of `from` is without rows of DHCPv6, which
 * there are, and which would come now.
 */
export function isPartOfStream(from: Hello, to: Hello): boolean {
  if (!isBoth(from, to) || from.holds?.includes(6) !== true) return false
  return to.whole?.includes(from.database) !== true
}
