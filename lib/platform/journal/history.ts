// The history of leases: each version of a lease that was stored, with the time, in the transaction
// of its batch. The oldest go when there are too many or when they are too old, a few with each
// batch.

import type Database from 'better-sqlite3'
import type { Statement } from 'better-sqlite3'
import { textFromIpv4 } from '../../address/ipv4.ts'
import { type Prefix6, textFromPrefix6 } from '../../address/prefix6.ts'
import { bytesFromOctets, hexFromOctets, type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import type { HistoryPlan } from '../../config/plan/plan.ts'
import { duidOf } from '../../leases/binding.ts'
import { forEachMixedChange } from '../../leases/change-codec.ts'
import { type AnyChange, LEASE_STATE, type LeaseState } from '../../leases/lease.ts'
import type { Seconds, WallTime } from '../../time/units.ts'

/** Of the oldest, so many more than came with the batch go at once. */
const BITE = 256

export class HistoryWriter {
  readonly #plan: HistoryPlan
  readonly #put: Statement
  readonly #ends: Statement
  readonly #remove: Statement

  constructor(db: Database.Database, plan: HistoryPlan) {
    this.#plan = plan
    this.#put = db.prepare(
      `INSERT INTO history (at_ms, address, state, subnet_id, hwaddr, client_id, hostname,
        valid_lifetime, start_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#ends = db.prepare('SELECT min(id), max(id) FROM history').raw()
    this.#remove = db.prepare(
      'DELETE FROM history WHERE id BETWEEN ? AND ? AND (id <= ? OR at_ms < ?)',
    )
  }

  /** Within the transaction of the batch, whose changes these are. */
  note(changes: Uint8Array, at: WallTime): void {
    let count = 0
    forEachMixedChange(changes, (change) => {
      if (this.#noteOne(change, at)) count++
    })
    if (count > 0) this.#prune(count + BITE, at)
  }

  /** Rows that are kept for their counters say nothing of clients. */
  #noteOne(change: AnyChange, at: WallTime): boolean {
    if (change.kind !== 'put') return false
    const { address, clientId, hostname, hwAddress, start, state, subnetId, validLifetime } =
      change.lease
    if (state === LEASE_STATE.free) return false
    const key = typeof address === 'number' ? address : blobOf(address)
    const who = [blobOf(hwAddress), blobOf(clientId), hostname === '' ? null : hostname] as const
    this.#put.run(at, key, state, subnetId, ...who, validLifetime, start)
    return true
  }

  #prune(max: number, at: WallTime): void {
    const [oldest, newest] = this.#ends.get() as [number, number]
    const { maxAge, maxRows } = this.#plan
    const excess = newest - maxRows
    this.#remove.run(oldest, oldest + max - 1, excess, at - maxAge * 1000)
  }
}

function blobOf(octets: Octets): Uint8Array | null {
  return octets === '' ? null : bytesFromOctets(octets)
}

// ---- for people

/** What became of an address, or of a client. */
export interface HistoryEntry {
  readonly at: WallTime
  readonly address: string
  readonly state: LeaseState
  readonly subnet: number
  /** With colons, '' = none. */
  readonly hwAddress: string
  /** The same; of DHCPv6 the DUID. */
  readonly clientId: string
  readonly hostname: string
  /** 0: it was taken away. */
  readonly validLifetime: Seconds
  /** By which versions of one ACK are known. */
  readonly start: number
}

type Row = [
  number,
  number | Uint8Array,
  LeaseState,
  number,
  Uint8Array | null,
  Uint8Array | null,
  string | null,
  number,
  number,
]

/** The oldest first; none where none was kept. The caller closes the database. */
export function* historyOf(db: Database.Database): Generator<HistoryEntry> {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'history'").get() === undefined) return
  const query = db.prepare(
    `SELECT at_ms, address, state, subnet_id, hwaddr, client_id, hostname, valid_lifetime, start_ms
     FROM history ORDER BY id`,
  )
  for (const row of query.raw().iterate() as IterableIterator<Row>) {
    const [at, key, state, subnet, hwaddr, client, hostname, validLifetime, start] = row
    const is6 = typeof key !== 'number'
    const clientId = octetsOf(client)
    yield {
      at,
      address: is6 ? textFromPrefix6(octetsOf(key) as Prefix6) : textFromIpv4(key),
      state,
      subnet,
      hwAddress: hexFromOctets(octetsOf(hwaddr), ':'),
      clientId: hexFromOctets(is6 ? duidOf({ clientId }) : clientId, ':'),
      hostname: hostname ?? '',
      validLifetime,
      start,
    }
  }
}

function octetsOf(bytes: Uint8Array | null): Octets {
  return bytes === null ? '' : octetsFromBytes(bytes)
}
