// While the database that several servers share is away, a client that renews is told what is left
// of its lease: nothing is written, and no end that the database knows is passed.

import { isLive, toldLeft } from '../leases/holding.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease } from '../leases/lease.ts'
import { INFINITE_LIFETIME, type Instant, type Seconds } from '../time/units.ts'

/** Who has less left asks another server before it ends. */
const BRIDGE_MIN: Seconds = 60

/** Seconds that the client may be told; 0 = it is not answered. */
export function leftToBridge<A extends Key>(
  row: Lease<A> | undefined,
  now: Instant,
  isSettled: ((change: number) => boolean) | undefined,
): Seconds {
  if (row === undefined || !isLive(row, now) || isSettled?.(row.change) !== true) return 0
  const told = toldLeft(row, now)
  if (told === INFINITE_LIFETIME) return told
  const left = Math.min(told, Math.floor((row.end - now) / 1000))
  return left < BRIDGE_MIN ? 0 : left
}
