// A subnet that a client may get an address of, with what the client is there. Steps hand places on
// as values.

import type { Reservation4, Subnet4 } from '../config/plan/plan4.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'

export interface Place {
  readonly subnet: Subnet4
  /** Who the client is to the leases of the subnet. */
  readonly client: ClientIdentity
  /** The reservation that counts for it there. */
  readonly reservation: Reservation4 | undefined
  /** The row that it has there, live or ended. */
  readonly row: Lease | undefined
}

/**
 * The places of a client: the subnet that is selected for it first, then those that share its link.
 */
export type Places = readonly Place[]

/** The place of a client in a subnet on its own: filled in anew for every query. */
export class LonePlace implements Place {
  subnet!: Subnet4
  client!: ClientIdentity
  reservation: Reservation4 | undefined = undefined
  row: Lease | undefined = undefined
}
