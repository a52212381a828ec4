// A subnet that a client may get addresses and prefixes of, with what the client is there. Steps
// hand places on as values.

import type { Reservation6, Subnet6 } from '../config/plan/plan6.ts'

export interface Place6 {
  readonly subnet: Subnet6
  /** The reservation that counts for it there. */
  readonly reservation: Reservation6 | undefined
}

/**
 * The places of a client: the subnet that is selected for it first, then those that share its link.
 */
export type Places6 = readonly Place6[]

export const NO_PLACES6: Places6 = []
