// The table of a server's DHCPv6 leases, of addresses and prefixes.

import type { Prefix6 } from '../../address/prefix6.ts'
import { family6 } from '../keys/family6.ts'
import { LeaseTable } from './lease-table.ts'

/** `seed` makes hashes unpredictable to clients; any 32-bit number. */
export function leaseTable6(seed = 0): LeaseTable<Prefix6> {
  return new LeaseTable(family6, seed)
}
