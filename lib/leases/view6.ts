// What the engine of DHCPv6 may ask of the leases beside what view.ts has.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Lease6 } from './lease.ts'
import type { LeaseView } from './view.ts'

export interface LeaseView6 extends LeaseView<Prefix6> {
  /** All rows of a client, in whatever state and of whatever kind: of the free ones it has none. */
  byDuid(duid: Octets): readonly Lease6[]

  /** Rows whose keys overlap this one and are others, and which are not over (rule 1d). */
  around(key: Prefix6): readonly Lease6[]
}
