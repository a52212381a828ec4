// The table of a server's DHCPv4 leases.

import type { Ipv4 } from '../../address/ipv4.ts'
import { family4 } from '../keys/family4.ts'
import { LeaseTable } from './lease-table.ts'

/** `seed` makes hashes unpredictable to clients; any 32-bit number. */
export function leaseTable4(seed = 0): LeaseTable<Ipv4> {
  return new LeaseTable(family4, seed)
}
