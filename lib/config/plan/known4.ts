// By what clients are known to reservations, and what a query or a lease says of its client in
// these words.

import type { Octets } from '../../bytes/octets.ts'
import type { ClientIdentity } from '../../leases/lease.ts'

/** Kea's words, in Kea's order. */
export const RESERVATION_IDENTIFIERS = [
  'hw-address',
  'duid',
  'circuit-id',
  'client-id',
  'flex-id',
] as const

export type ReservationIdentifier = (typeof RESERVATION_IDENTIFIERS)[number]

/** One thing that a client is known by. */
export interface Identifier4 {
  readonly kind: ReservationIdentifier
  /** Never ''. */
  readonly value: Octets
}

/** What is known of a client, each thing found when it is asked for: most plans ask for few. */
export interface Known4 {
  /** '' where the client is not known by that. */
  knownBy(kind: ReservationIdentifier): Octets
}

/** RFC 4361 §6.1: a client identifier of this type holds an IAID of four octets, then a DUID. */
const TYPE_OF_DUID = 255
const BEFORE_DUID = 5

/** The DUID in a client identifier (option 61), '' where there is none. */
export function duidOf(clientId: Octets): Octets {
  if (clientId.length <= BEFORE_DUID || clientId.charCodeAt(0) !== TYPE_OF_DUID) return ''
  return clientId.slice(BEFORE_DUID)
}

/** What a lease, or a query without regard to its relay, says of its client. */
export function knownAs({ hwAddress, clientId }: ClientIdentity): Known4 {
  return {
    knownBy(kind) {
      if (kind === 'hw-address') return hwAddress
      if (kind === 'client-id') return clientId
      return kind === 'duid' ? duidOf(clientId) : ''
    },
  }
}
