// The outcome "nothing is answered and nothing changes", one object for each reason.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { Outcome4 } from './outcome4.ts'

/** Nothing that the partner could hand on would help. */
export const NOTHING_WANTED: readonly Ipv4Range[] = []

const DROPS = Object.fromEntries(
  Object.keys(REASONS4).map((reason) => [reason, { kind: 'drop', reason, wanted: NOTHING_WANTED }]),
) as Record<Reason4, Outcome4>

export function drop(reason: Reason4): Outcome4 {
  return DROPS[reason]
}

/** A drop that an address of these ranges, handed on by the partner, would have spared. */
export function dropWanting(reason: Reason4, wanted: readonly Ipv4Range[]): Outcome4 {
  return { kind: 'drop', reason, wanted }
}

/** As dropWanting, for one address. */
export function dropWantingAddress(reason: Reason4, address: Ipv4): Outcome4 {
  return dropWanting(reason, [{ first: address, last: address }])
}
