// The row that a RELEASE or DECLINE is about.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Lease } from '../leases/lease.ts'
import { isHeldBy } from './allocate.ts'
import type { Exchange4 } from './exchange4.ts'
import { identityIn, namedIdentity } from './identify.ts'

/**
 * The row of the address if the sender holds or held it. The row names its subnet, so it plays no
 * part where the message came from; a subnet that no longer exists matches client identifiers.
 */
export function rowOfHolder(exchange: Exchange4, address: Ipv4): Lease | undefined {
  const { leases, plan, query } = exchange
  const row = exchange.rowAt(address)
  if (row === undefined) return undefined
  const matchClientId = plan.subnetById(row.subnetId)?.matchClientId ?? true
  const client = identityIn(namedIdentity(query), matchClientId)
  return isHeldBy(leases, row, client) ? row : undefined
}
