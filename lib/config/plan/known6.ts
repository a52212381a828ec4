// By what clients of DHCPv6 are known to reservations.

import type { Octets } from '../../bytes/octets.ts'

/** Kea's words, in Kea's order. */
export const RESERVATION_IDENTIFIERS6 = ['hw-address', 'duid', 'flex-id'] as const

export type ReservationIdentifier6 = (typeof RESERVATION_IDENTIFIERS6)[number]

/** One thing that a client is known by. */
export interface Identifier6 {
  readonly kind: ReservationIdentifier6
  /** Never ''. */
  readonly value: Octets
}

/** What is known of a client, each thing found when it is asked for: most plans ask for few. */
export interface Known6 {
  /** '' where the client is not known by that. */
  knownBy(kind: ReservationIdentifier6): Octets
}
