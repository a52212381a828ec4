// Rows of a shared database of the simulated world, as they are told and handed over.

import { ChangeWriter } from '../leases/change-codec.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease } from '../leases/lease.ts'

const PAGE_ROWS = 50

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
