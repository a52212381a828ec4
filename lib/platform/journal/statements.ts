// The statements that the journal runs for each batch.

import type Database from 'better-sqlite3'
import type { HistoryPlan } from '../../config/plan/plan.ts'
import { HistoryWriter } from './history.ts'
import type { KeyNumbers } from './key-numbers.ts'
import { PUT_PAIR } from './pair.ts'
import { RowWriter } from './row-writer.ts'
import { TABLE4, TABLE6 } from './tables.ts'

export interface Statements {
  readonly begin: Database.Statement
  readonly commit: Database.Statement
  readonly rows4: RowWriter
  readonly rows6: RowWriter
  readonly history: HistoryWriter | undefined
  readonly stamp: Database.Statement
  readonly putPair: Database.Statement
  readonly checkpoint: Database.Statement
}

export function prepareStatements(
  db: Database.Database,
  numbers: KeyNumbers,
  history: HistoryPlan | undefined,
): Statements {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rows4: new RowWriter(db, TABLE4),
    rows6: new RowWriter(db, TABLE6, numbers),
    history: history && new HistoryWriter(db, history),
    stamp: db.prepare(
      `UPDATE meta SET stamp_ms = max(stamp_ms, ?), change = max(change, ?), stamped_at_ms = ?`,
    ),
    putPair: db.prepare(PUT_PAIR),
    checkpoint: db.prepare('PRAGMA wal_checkpoint(PASSIVE)'),
  }
}
