// Who may ask this server about its leases: libdhcp_lease_query.

import type { Ipv4Prefix } from '../../address/ipv4.ts'
import type { Millis } from '../../time/units.ts'

export interface LeaseQueryPlan {
  /** Nobody else is answered. A single address is a prefix of 32 bits. */
  readonly requesters: readonly Ipv4Prefix[]
  /** Undefined: nothing is listened to by TCP. */
  readonly bulk: BulkQueryPlan | undefined
}

/** RFC 6926: many leases over one connection. */
export interface BulkQueryPlan {
  readonly address: string
  readonly port: number
  readonly connectionsMax: number
  /** Of one connection, under way at a time. */
  readonly queriesMax: number
  /** So long nothing comes from a requester, or nothing is taken by it. */
  readonly idle: Millis
  /** Sent in one go. */
  readonly leasesPerFetch: number
}
