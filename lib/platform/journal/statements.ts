// The statements that the journal runs for each batch.

import type Database from 'better-sqlite3'
import { PUT_PAIR } from './pair.ts'
import { RowWriter } from './row-writer.ts'
import { TABLE4, TABLE6 } from './tables.ts'

export function prepareStatements(db: Database.Database) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rows4: new RowWriter(db, TABLE4),
    rows6: new RowWriter(db, TABLE6),
    stamp: db.prepare(
      `UPDATE meta SET stamp_ms = max(stamp_ms, ?), change = max(change, ?), stamped_at_ms = ?`,
    ),
    putPair: db.prepare(PUT_PAIR),
    checkpoint: db.prepare('PRAGMA wal_checkpoint(PASSIVE)'),
  }
}
