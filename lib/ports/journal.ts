// The disk as the server sees it: rows read at start, batches of changes made durable in order.

import type { PairRecord } from '../ha/pair-record.ts'
import type { Instant, Millis, Seconds } from '../time/units.ts'
import type { SharedBatch, SharedCommit, SharedDatabase, SharedStart } from './shared-journal.ts'

export interface JournalSink {
  /**
   * A page of stored rows at start, in the encoding of leases/change-codec.ts (puts only, of one
   * family).
   */
  onRows(rows: Uint8Array): void
  /** All rows are read. */
  onReady(info: JournalInfo): void
  /** The batch handed to commit is durable. `answer`: of a shared database, which rows are not. */
  onCommitted(answer?: SharedCommit): void
  /**
   * The batch handed to commit is not stored, not even in part; it may be handed over again. Before
   * onReady: the rows could not be read to the end (damage, a failing disk); onReady will not come.
   */
  onFailed(trouble: string): void
}

/** A record of an edit (server/configuration/edit-record.ts) as it is stored. */
export interface StoredEdit {
  readonly id: string
  /** Of the next one with this id; '' takes the record out. */
  readonly text: string
}

/** What may stand in DNS for an address, and what should (ddns/name-record.ts), as stored. */
export interface StoredName {
  /** In text. */
  readonly address: string
  /** Of the record from now on; '' takes it out. */
  readonly text: string
}

/** What who follows events may ask for later, stored with a batch where a history is kept. */
export interface StoredEvents {
  /** The number of the first of them in the history; each other one has the next. */
  readonly first: number
  /** What is no change of a lease: JSON (KeptEvent of ports/events.ts). */
  readonly events: readonly string[]
  /** Behind these, what each change of the batch is to the outside (LEASE_ACTIONS), 0 = nothing. */
  readonly actions: Uint8Array
  /** Of a shared database, where changes of one key are stored as one. */
  readonly steps?: StoredSteps | undefined
}

/** What became of the changes of a batch in which each key stands once. */
export interface StoredSteps {
  /** For each change the place of what it came to; -1: it was made of a row that is gone. */
  readonly places: Int32Array
  /** Of those that another one follows at the same place, as change-codec.ts has them. */
  readonly between: Uint8Array
}

export interface JournalInfo {
  /**
   * The highest lease-clock time ever stored, 0 for a new database, and `downtime`: what has
   * certainly passed since while no server ran.
   */
  readonly stamp: Instant
  readonly downtime?: Millis
  /** How much of `stamp` is such time, of this start and all before. */
  readonly counted?: Millis
  /** The highest change number ever stored. */
  readonly change: number
  /**
   * Rows that could not be used and were set aside (tables `lease4_set_aside`, `lease6_set_aside`),
   * for the alarm.
   */
  readonly setAside: number
  /** Identifies the database for ever: a random text made when it was created. */
  readonly database: string
  /** The record stored last; undefined: the database never belonged to a pair. */
  readonly pair: PairRecord | undefined
  /**
   * The durability under which the host has crashed, so that the last rows may be missing and
   * `pair` has become that of a lost database (loseDatabase of ha/pair-steps.ts).
   */
  readonly lostUnder?: string | undefined
  /**
   * The database is, or may be, an older copy that was put back. older: than what this host has
   * noted of it. told: an operator says so.
   */
  readonly restored?: 'older' | 'told' | undefined
  /**
   * The longest lifetime of leases of its pair that this host has noted outside of the database;
   * absent = 0, none.
   */
  readonly longest?: Seconds
  /** Edits of the configuration; absent: there are none. */
  readonly edits?: readonly StoredEdit[]
  /**
   * Of a shared database. `stamp` is its time then, not earlier than it is, `change` the highest
   * version of any server; `pair` and `edits` are this server's own.
   */
  readonly shared?: SharedStart
  /** Of names in DNS; absent: there are none. */
  readonly names?: readonly StoredName[]
  /** The number of the last version in the history of leases; absent: none is kept. */
  readonly history?: number | undefined
}

export interface Journal {
  /** Of a database that other servers write, too; absent: it is this server's alone. */
  readonly shared?: SharedDatabase
  /**
   * Opens or creates the database and reads it. Errors that make serving impossible are thrown by
   * the platform before this (locked by another process, newer schema, not a database).
   */
  open(sink: JournalSink): void
  /**
   * Makes a batch durable in one transaction: `count` changes of either family in the encoding of
   * leases/change-codec.ts, the lease-clock time, the record of the pair, edits of the
   * configuration and records of names (undefined: they stay as they were; of several for one
   * address the last counts). At most one batch is under way; the caller gives `changes` away (its
   * buffer may be transferred) and keeps what it needs to retry.
   * `shared`: of a shared database, for each change. `told`: where a history is kept.
   */
  commit(
    changes: Uint8Array,
    count: number,
    stamp: Instant,
    pair?: PairRecord,
    edits?: readonly StoredEdit[],
    shared?: SharedBatch,
    names?: readonly StoredName[],
    told?: StoredEvents,
  ): void
  /**
   * How far apart turns of the loop are at present: batches that come more often have hardly more
   * company. Absent or 0: they are not.
   */
  readonly apart?: Millis
  /** Waits for the batch under way and closes. */
  close(done: () => void): void
}
