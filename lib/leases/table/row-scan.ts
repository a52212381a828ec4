// Leases by what no index knows them by, a slice of the rows at a time: what is found is told by
// its address, and read anew when it is wanted.

import type { Octets } from '../../bytes/octets.ts'
import type { Key } from '../keys/key.ts'
import { LEASE_STATE, type LeaseState } from '../lease.ts'
import { type RelaySearch, searchForRelay } from '../relay-info.ts'
import type { LeaseRows } from './lease-rows.ts'

/** All that is named must fit. */
export interface Sought {
  readonly subnetId?: number
  readonly state?: LeaseState
  /** Of whatever hardware type; '' finds those without one. */
  readonly hwAddress?: Octets
  readonly clientId?: Octets
  /** In small letters; without a trailing dot. */
  readonly hostname?: string
  /** What its relay said of the client, as far as the lease keeps it. */
  readonly relay?: RelaySearch
}

export class RowScan<A extends Key> {
  readonly #rows: LeaseRows<A>
  readonly #sought: Sought
  readonly #isOfRelay: ((userContext: string) => boolean) | undefined
  readonly #found: A[] = []
  #next = 0

  constructor(rows: LeaseRows<A>, sought: Sought) {
    this.#rows = rows
    this.#sought = sought
    this.#isOfRelay = sought.relay && searchForRelay(sought.relay)
  }

  /** Looks at so many rows; whether those were the last. What comes meanwhile may be missed. */
  advance(count: number): boolean {
    const rows = this.#rows
    const end = Math.min(this.#next + count, rows.store.end)
    for (let row = this.#next; row < end; row++)
      if (rows.isUsed(row) && this.#fits(row)) this.#found.push(rows.address(row))
    this.#next = end
    return end === rows.store.end
  }

  /** In their order. */
  found(): readonly A[] {
    return this.#found.sort((one, other) => (one < other ? -1 : 1))
  }

  #fits(row: number): boolean {
    const rows = this.#rows
    const { clientId, hostname, hwAddress, state, subnetId } = this.#sought
    const is = rows.leaseState(row)
    if (is === LEASE_STATE.free || (state !== undefined && is !== state)) return false
    if (subnetId !== undefined && rows.subnetId(row) !== subnetId) return false
    if (hwAddress !== undefined && !rows.hwAddressIs(row, rows.htype(row), hwAddress)) return false
    if (clientId !== undefined && !rows.clientIdIs(row, clientId)) return false
    if (hostname !== undefined && rows.hostname(row).toLowerCase() !== hostname) return false
    return this.#isOfRelay === undefined || this.#isOfRelay(rows.userContext(row))
  }
}
