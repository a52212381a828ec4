// The row that an ACK promises.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import type { Lease } from '../leases/lease.ts'
import { grant } from '../leases/lifecycle.ts'
import type { Seconds } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'
import { isHeldBy } from './holder.ts'

/**
 * The next version of the row of `address`, given to the exchange's client now. The caller has judged
 * that it may be given: the row is the client's, or over.
 */
export function grantedLease(
  exchange: Exchange4,
  subnet: Subnet4,
  address: Ipv4,
  lifetime: Seconds,
  hostname: string,
): Lease {
  const { client, leases, now, nextChange } = exchange
  const row = exchange.rowAt(address)
  const former = row !== undefined && isHeldBy(leases, row, client) ? row : undefined
  const terms = {
    client,
    subnetId: subnet.id,
    poolId: subnet.poolOf(address)?.id ?? 0,
    validLifetime: lifetime,
    // A client need not repeat its name at each renewal.
    hostname: hostname !== '' || former === undefined ? hostname : former.hostname,
    fqdnFwd: false,
    fqdnRev: false,
    userContext: former === undefined ? '' : former.userContext,
  }
  const lease = grant(address, row, former !== undefined, terms, now, nextChange())
  // With one key only, the partner may have given it to this client in between.
  return lease.fresh && leases.keysOf(address, row) < 2 ? { ...lease, fresh: false } : lease
}
