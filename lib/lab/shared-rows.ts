// Rows of a shared database of the simulated world, as they are stored, told and handed over.

import { ChangeWriter } from '../leases/change-codec.ts'
import type { Key } from '../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { Instant } from '../time/units.ts'

const PAGE_ROWS = 50

/** A row with its times by the clock of the database. */
export interface SharedRow {
  readonly lease: Lease<Key>
  /** Which member wrote it. */
  readonly member: number
  /** When it was written, in the order of all writes. */
  readonly order: number
  /** Where its client gave it back: when it was to end. */
  readonly until: Instant
}

/** The same lease with its times so much later. */
export function moved(lease: Lease<Key>, by: number): Lease<Key> {
  return { ...lease, start: lease.start + by, end: lease.end + by }
}

export function pagesOf(leases: readonly Lease<Key>[]): Lease<Key>[][] {
  const pages: Lease<Key>[][] = []
  for (let start = 0; start < leases.length; start += PAGE_ROWS)
    pages.push(leases.slice(start, start + PAGE_ROWS))
  return pages
}

export function encoded(leases: readonly Lease<Key>[], missing: readonly Key[] = []): Uint8Array {
  const writer = new ChangeWriter()
  for (const lease of leases) writer.put({ kind: 'put', lease })
  for (const address of missing) writer.put({ kind: 'remove', address, change: 0 })
  return writer.copy()
}

export function isForClient({ state }: Lease<Key>): boolean {
  return state === LEASE_STATE.assigned || state === LEASE_STATE.registered
}

/**
 * The end of a lease never moves earlier, but by a word of its client, and later again when the
 * same client gets it back. `former`: what the same client had.
 */
export function lasting(
  lease: Lease<Key>,
  former: SharedRow | undefined,
): Pick<SharedRow, 'lease' | 'until'> {
  if (former === undefined) return { lease, until: lease.end }
  const isByTime = isForClient(lease) || lease.state === LEASE_STATE.expired
  const isReleased = lease.state === LEASE_STATE.released
  const wasReleased = former.lease.state === LEASE_STATE.released
  if (isReleased && isForClient(former.lease)) return { lease, until: former.lease.end }
  const goesOn = isByTime && isForClient(former.lease)
  const isAgain = isForClient(lease) && wasReleased
  if (!goesOn && !isAgain) return { lease, until: lease.end }
  const end = Math.max(lease.end, wasReleased ? former.until : former.lease.end)
  return { lease: { ...lease, end }, until: end }
}
