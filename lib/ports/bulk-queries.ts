// Where requesters ask about many leases, over TCP: libdhcp_lease_query.

import type { LeaseQueryPlan } from '../config/plan/lease-query-plan.ts'
import type { BulkKnown } from '../leasequery/bulk-query.ts'

export interface BulkQueries {
  /**
   * Listens as the plan says, or not any more. Opening never fails: what cannot be listened to is
   * told and tried again for ever.
   */
  use(plan: LeaseQueryPlan | undefined, sink: BulkSink): void
  /** Nobody is answered any more. */
  close(): void
}

export interface BulkSink {
  /** What answers come from at the moment; undefined: nothing is answered. */
  known(): BulkKnown | undefined
  /** See Slices.add. */
  inSlices(slice: () => boolean, lost: () => void): boolean
}
