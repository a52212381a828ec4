// The outcome "nothing is answered and nothing changes", one object for each reason.

import { REASONS4, type Reason4 } from '../wire/reasons.ts'
import type { Outcome4 } from './outcome4.ts'

const DROPS = Object.fromEntries(
  Object.keys(REASONS4).map((reason) => [reason, { kind: 'drop', reason }]),
) as Record<Reason4, Outcome4>

export function drop(reason: Reason4): Outcome4 {
  return DROPS[reason]
}
