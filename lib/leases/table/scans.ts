// Rows of a table for who asks beside the clients: walks over all of them, in whatever order they
// lie, and what the index of clients knows.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Key } from '../keys/key.ts'
import type { ClientIdentity, Lease } from '../lease.ts'
import { ChangeScan } from './change-scan.ts'
import type { ClientIndex } from './client-index.ts'
import type { LeaseRows } from './lease-rows.ts'
import { RowScan, type Sought } from './row-scan.ts'

export class Scans<A extends Key = Ipv4> {
  readonly #rows: LeaseRows<A>

  readonly #clients: ClientIndex<A>

  constructor(rows: LeaseRows<A>, clients: ClientIndex<A>) {
    this.#rows = rows
    this.#clients = clients
  }

  /** See ClientIndex.all. */
  ofClient(client: ClientIdentity, subnetId: number): Lease<A>[] {
    return this.#clients.all(client, subnetId).map((row) => this.#rows.lease(row, undefined))
  }

  /** Rows with `position` < change <= `top`, to be read in the order of their changes. */
  changedAfter(position: number, top: number): ChangeScan<A> {
    return new ChangeScan(this.#rows, position, top)
  }

  /** Leases by what no index knows them by. */
  sought(sought: Sought): RowScan<A> {
    return new RowScan(this.#rows, sought)
  }
}
