// The row that an ACK promises.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan4.ts'
import type { Lease } from '../leases/lease.ts'
import { LEASE_STATE } from '../leases/lease.ts'
import { after, type Seconds } from '../time/units.ts'
import { isHeldBy } from './allocate.ts'
import type { Exchange4 } from './exchange4.ts'

/** The next version of the row of `address`, given to the exchange's client now. */
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
  const end = after(now, lifetime)
  return {
    address,
    htype: client.htype,
    hwAddress: client.hwAddress,
    clientId: client.clientId,
    state: LEASE_STATE.assigned,
    subnetId: subnet.id,
    poolId: subnet.poolOf(address)?.id ?? 0,
    hostname: hostname !== '' || former === undefined ? hostname : former.hostname,
    fqdnFwd: false,
    fqdnRev: false,
    validLifetime: lifetime,
    start: now,
    // A shorter lifetime never takes back what was promised: `end` only grows while the client holds it.
    end: former !== undefined && former.end > end ? former.end : end,
    userContext: former === undefined ? '' : former.userContext,
    change: nextChange(),
  }
}
