// The leases of a journal that others are added to, as far as it is decided which of them it takes.

import { rowOverAt } from '../leases/grace.ts'
import { isSameClient } from '../leases/identity.ts'
import type { Key } from '../leases/keys/key.ts'
import { LEASE_STATE, type Lease, type Lease6 } from '../leases/lease.ts'
import { RECORD } from '../leases/record.ts'
import { leaseTable4 } from '../leases/table/lease-table4.ts'
import { leaseTable6 } from '../leases/table/lease-table6.ts'
import type { Instant } from '../time/units.ts'

export class ImportTables {
  readonly #four = leaseTable4()
  readonly #six = leaseTable6()

  /** Records of one family. */
  load(rows: Uint8Array): void {
    if (rows[0] === RECORD.put) this.#four.load(rows)
    else this.#six.load(rows)
  }

  /** Which of these leases it takes, and which it has already for somebody else. */
  chosen(
    leases: readonly (Lease | Lease6)[],
    now: Instant,
  ): { readonly taken: readonly (Lease | Lease6)[]; readonly kept: readonly (Lease | Lease6)[] } {
    const taken: (Lease | Lease6)[] = []
    const kept: (Lease | Lease6)[] = []
    for (const lease of leases) (this.take(lease, now) ? taken : kept).push(lease)
    return { taken, kept }
  }

  /** Its version, where the journal has a row of it; else 0. */
  versionOf({ address }: Lease | Lease6): number {
    const row =
      typeof address === 'number' ? this.#four.byAddress(address) : this.#six.byAddress(address)
    return row?.change ?? 0
  }

  /** Takes the lease, unless another client has what it is of. */
  take(lease: Lease | Lease6, now: Instant): boolean {
    return isOf4(lease) ? this.#take4(lease, now) : this.#take6(lease, now)
  }

  #take4(lease: Lease, now: Instant): boolean {
    return isOpen(this.#four.byAddress(lease.address), lease, now)
  }

  /** Kea looks at one pool at a time, so its leases may overlap where pools did. */
  #take6(lease: Lease6, now: Instant): boolean {
    if (!isOpen(this.#six.byAddress(lease.address), lease, now)) return false
    const isInTheWay = (row: Lease6) => isLive(row) && rowOverAt(row) > now
    if (isLive(lease) && this.#six.around(lease.address, now).some(isInTheWay)) return false
    this.#six.apply({ kind: 'put', lease })
    return true
  }
}

function isOf4(lease: Lease | Lease6): lease is Lease {
  return typeof lease.address === 'number'
}

function isLive({ state }: Lease<Key>): boolean {
  return state === LEASE_STATE.assigned
}

function isDeclined({ state }: Lease<Key>): boolean {
  return state === LEASE_STATE.declined
}

function isOpen<A extends Key>(
  former: Lease<A> | undefined,
  lease: Lease<A>,
  now: Instant,
): boolean {
  if (former === undefined || former.state === LEASE_STATE.released) return true
  // Nobody's, in both.
  if (isDeclined(former) && isDeclined(lease)) return true
  return rowOverAt(former) <= now || isSameClient(former, lease)
}
