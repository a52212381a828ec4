// Who a server of DHCPv6 is to its clients.

import type { Octets } from '../bytes/octets.ts'
import type { ServerIdPlan } from '../config/plan/plan6.ts'

export interface ServerId {
  /** The one that was kept before this start, '' = none. */
  readonly kept: Octets
  /** The DUID of this server by the plan. It is kept for the next start when this returns. */
  duidOf(plan: ServerIdPlan): Octets
}
