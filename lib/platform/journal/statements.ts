// The statements that the journal runs for each batch.

import type Database from 'better-sqlite3'
import { PUT_PAIR } from './pair.ts'
import { LEASE_COLUMNS } from './schema.ts'

/** Rows of one INSERT: saves a third of the calls' cost against single rows. */
export const GROUP_ROWS = 8

export function prepareStatements(db: Database.Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    putOne: db.prepare(upsert(1)),
    putGroup: db.prepare(upsert(GROUP_ROWS)),
    remove: db.prepare('DELETE FROM lease4 WHERE address = ?'),
    stamp: db.prepare(
      `UPDATE meta SET stamp_ms = max(stamp_ms, ?), change = max(change, ?), stamped_at_ms = ?`,
    ),
    putPair: db.prepare(PUT_PAIR),
    checkpoint: db.prepare('PRAGMA wal_checkpoint(PASSIVE)'),
  }
}

function upsert(rows: number): string {
  const [key, ...columns] = LEASE_COLUMNS
  const row = `(${LEASE_COLUMNS.map(() => '?')})`
  return `INSERT INTO lease4 (${LEASE_COLUMNS}) VALUES ${Array(rows).fill(row)}
    ON CONFLICT (${key}) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`)}`
}
