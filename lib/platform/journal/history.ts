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
import { BEGIN, GAP_KEPT, type KeptEvent } from '../../ports/events.ts'
import type { StoredEvents } from '../../ports/journal.ts'
import { NEVER, type Seconds, type WallTime } from '../../time/units.ts'

/** Of the oldest, so many more than came with the batch go at once. */
const BITE = 256

/**
 * The number of the last version that is kept, now that the server begins; undefined where none is
 * kept from now on, which is noted for who would go on behind the last one.
 */
export function beginHistory(
  db: Database.Database,
  plan: HistoryPlan | undefined,
): number | undefined {
  const [last, event] = (db
    .prepare('SELECT id, event FROM history ORDER BY id DESC LIMIT 1')
    .raw()
    .get() ?? [0, GAP]) as [number, string | null]
  if (plan !== undefined) return last
  if (event !== GAP)
    new HistoryWriter(db, { maxAge: 0, maxRows: 0 }).keep(last + 1, Date.now(), GAP)
  return undefined
}

const GAP = JSON.stringify(GAP_KEPT)

export class HistoryWriter {
  readonly #plan: HistoryPlan
  readonly #put: Statement
  readonly #ends: Statement
  readonly #remove: Statement

  constructor(db: Database.Database, plan: HistoryPlan) {
    this.#plan = plan
    this.#put = db.prepare(
      `INSERT INTO history (id, at_ms, address, state, subnet_id, hwaddr, client_id, hostname,
        valid_lifetime, start_ms, action, pool_id, preferred_lifetime, end_ms, given_by, event,
        life) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#ends = db.prepare('SELECT min(id), max(id) FROM history').raw()
    this.#remove = db.prepare(
      'DELETE FROM history WHERE id BETWEEN ? AND ? AND (id <= ? OR at_ms < ?)',
    )
  }

  /** Within the transaction of the batch, whose changes these are. */
  note(changes: Uint8Array, at: WallTime, told?: StoredEvents): void {
    const events = told?.events ?? []
    for (const [index, event] of events.entries()) this.keep(told!.first + index, at, event)
    const first = told === undefined ? undefined : told.first + events.length
    let index = 0
    let count = events.length
    forEachMixedChange(changes, (change) => {
      const action = told?.actions[index] || null
      const id = first === undefined ? null : first + index
      if (this.#noteOne(id, change, at, action)) count++
      index++
    })
    if (count > 0) this.#prune(count + BITE, at)
  }

  /** What is no change of a lease. */
  keep(id: number, at: WallTime, event: string): void {
    const { life, name } = JSON.parse(event) as KeptEvent
    const nobody = ['', LEASE_STATE.free, 0, null, null, null, 0, 0, null, 0, 0, null, 0] as const
    this.#put.run(id, at, ...nobody, event, name === BEGIN ? life : null)
  }

  /** Rows that are kept for their counters say nothing of clients. */
  #noteOne(id: number | null, change: AnyChange, at: WallTime, action: number | null): boolean {
    if (change.kind !== 'put') return false
    const { address, clientId, end, hostname, hwAddress, poolId, start, state } = change.lease
    const { givenBy, preferredLifetime, subnetId, validLifetime } = change.lease
    if (state === LEASE_STATE.free && action === null) return false
    const key = typeof address === 'number' ? address : blobOf(address)
    const who = [blobOf(hwAddress), blobOf(clientId), hostname === '' ? null : hostname] as const
    const beside = [poolId, preferredLifetime, end === NEVER ? null : end] as const
    this.#put.run(
      ...[id, at, key, state, subnetId, ...who, validLifetime, start, action, ...beside],
      ...[givenBy === 'us' ? 0 : 1, null, null],
    )
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
     FROM history WHERE state <> ${LEASE_STATE.free} ORDER BY id`,
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
