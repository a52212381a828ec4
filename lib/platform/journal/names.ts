// Names in DNS in the journal: records that the server understands (ddns/name-record.ts), texts
// here.

import type { Database } from 'better-sqlite3'
import type { StoredName } from '../../ports/journal.ts'

export function readNames(db: Database): readonly StoredName[] {
  return db.prepare('SELECT address, text FROM name').all() as StoredName[]
}

/** Within the transaction of the batch. */
export function writeNames(db: Database, names: readonly StoredName[]): void {
  const put = db.prepare('INSERT OR REPLACE INTO name (address, text) VALUES (?, ?)')
  const remove = db.prepare('DELETE FROM name WHERE address = ?')
  for (const { address, text } of names)
    if (text === '') remove.run(address)
    else put.run(address, text)
}
