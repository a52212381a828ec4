// What a host had in IAs that it has no more: an upgrade, or the next stage of a boot, may come
// with a new IAID. And how many bindings a client has.

import type { Octets } from '../bytes/octets.ts'
import { isLive } from '../leases/holding.ts'
import type { Lease6 } from '../leases/lease.ts'
import type { Allotment6 } from './allotment6.ts'
import type { Claim6 } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Places6 } from './place6.ts'

const NO_ROWS: readonly Lease6[] = []

/**
 * Rows of the same client and hardware address in the places, of IAs that the message does not name
 * and that have no running lease; those too whose client should have renewed them long since, which
 * the caller judges. The youngest first.
 */
export function formerLeases(
  { duid, leases }: Exchange6,
  allotment: Allotment6,
  places: Places6,
  { client, kind }: Claim6,
): readonly Lease6[] {
  if (!allotment.hasBindings(kind)) return NO_ROWS
  const rows = leases
    .byDuid(duid, [kind])
    .filter(
      (row) =>
        row.hwAddress === client.hwAddress &&
        row.htype === client.htype &&
        !allotment.isAsked(row.clientId) &&
        places.some(({ subnet }) => subnet.id === row.subnetId),
    )
  return rows.length < 2 ? rows : rows.toSorted((one, other) => other.start - one.start)
}

/**
 * Whether the client has as many bindings of the kind as it may (it can name as many IAIDs as it
 * likes), and this IA is none of them; those that it gets now count, too.
 */
export function hasAllBindings(
  { duid, leases, now, plan }: Exchange6,
  allotment: Allotment6,
  { client, kind }: Claim6,
): boolean {
  const most = plan.leasesPerClient
  if (!allotment.hasBindings(kind)) return allotment.bindingsOf(kind) >= most
  const bindings = new Set<Octets>()
  for (const row of leases.byDuid(duid, [kind])) if (isLive(row, now)) bindings.add(row.clientId)
  if (bindings.has(client.clientId)) return false
  return bindings.size + allotment.bindingsOf(kind) >= most
}
