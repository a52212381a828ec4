// The leases of a journal as a lease file of Kea: the way back, or to whatever reads such files.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import { forEachChange } from '../leases/change-codec.ts'
import { CSV4_HEADER, csv4FromLease } from '../leases/csv4.ts'
import { CSV6_HEADER, csv6FromLease } from '../leases/csv6.ts'
import type { RecordKeys } from '../leases/keys/family.ts'
import { KEYS4 } from '../leases/keys/family4.ts'
import type { Key } from '../leases/keys/key.ts'
import { KEYS6 } from '../leases/keys/keys6.ts'
import type { Lease } from '../leases/lease.ts'
import { lookAtLeases } from '../platform/journal/look.ts'
import type { Instant, WallTime } from '../time/units.ts'

/** Lines without their ends, the names of the columns first. Throws as lookAtLeases does. */
export function leaseFile(path: string, version: 4 | 6): string[] {
  if (version === 4) return [CSV4_HEADER, ...rowsOf<Ipv4>(path, version, KEYS4, csv4FromLease)]
  return [CSV6_HEADER, ...rowsOf<Prefix6>(path, version, KEYS6, csv6FromLease)]
}

function rowsOf<A extends Key>(
  path: string,
  version: 4 | 6,
  keys: RecordKeys<A>,
  textOf: (lease: Lease<A>, wallNow: WallTime, now: Instant) => string,
): string[] {
  const { rows, now } = lookAtLeases(path, version)
  const wallNow = Date.now()
  const lines: string[] = []
  const add = (lease: Lease<A>) => {
    const line = textOf(lease, wallNow, now)
    if (line !== '') lines.push(line)
  }
  forEachChange(rows, (change) => change.kind === 'put' && add(change.lease), keys)
  return lines
}
