// Edits of the configuration in the journal: records that the server understands
// (server/configuration/edit-record.ts), texts here.

import type { Database } from 'better-sqlite3'
import type { StoredEdit } from '../../ports/journal.ts'

export function readEdits(db: Database): readonly StoredEdit[] {
  return db.prepare('SELECT id, text FROM config_edit').all() as StoredEdit[]
}

/** Within the transaction of the batch. */
export function writeEdits(db: Database, edits: readonly StoredEdit[]): void {
  const put = db.prepare('INSERT OR REPLACE INTO config_edit (id, text) VALUES (?, ?)')
  const remove = db.prepare('DELETE FROM config_edit WHERE id = ?')
  for (const { id, text } of edits)
    if (text === '') remove.run(id)
    else put.run(id, text)
}
