// What the state machine is told when it decides: the partner's state, and facts that others judge.

import type { HaMode, HaPlan, HaState } from '../config/plan/ha-plan.ts'

/**
 * unavailable: there is no contact. unknown: it was never met, or says nothing that can be judged.
 */
export type PartnerState = HaState | 'unavailable' | 'unknown'

export interface Situation {
  /** What the partner said last; it counts while connected only. */
  readonly partner: PartnerState
  /** Hello done, and the partner proves that it hears this server. */
  readonly isConnected: boolean
  /** Its clients may be served from here (contact.ts). */
  readonly isDown: boolean
  /**
   * It is connected but has served nobody for longer than max-response-delay: it is still
   * receiving.
   */
  readonly isPartnerSlow: boolean
  /** What is known of the contact, in words for the log: `the partner refused the connection`. */
  readonly contact: string
  /** Everything that the partner had for this server is on the disk here. */
  readonly isSynced: boolean
  /** This server's rights are not `none`. */
  readonly hasRights: boolean
}

/** Modes in which a server can be in a state; states that are not here fit every mode. */
const MODE_OF_STATE: Partial<Record<HaState, HaMode>> = {
  'load-balancing': 'load-balancing',
  'communication-recovery': 'load-balancing',
  'hot-standby': 'hot-standby',
}

/** The partner as the machine sees it: a state of another mode says nothing about this pair. */
export function partnerSeen(plan: HaPlan, situation: Situation): PartnerState {
  const { partner, isConnected } = situation
  if (partner === 'unknown' || partner === 'unavailable') return partner
  if (!isConnected) return 'unavailable'
  const mode = MODE_OF_STATE[partner]
  return mode === undefined || mode === plan.mode ? partner : 'unknown'
}
