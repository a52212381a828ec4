// The DUID of the server in its database.

import type Database from 'better-sqlite3'
import { bytesFromOctets, type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import { isDuid } from '../../wire/v6/duid.ts'

/** '' = there is none, or what somebody typed in is none. */
export function readDuid(db: Database.Database): Octets {
  const value = db.prepare('SELECT duid FROM server_duid').pluck().get()
  const duid = value instanceof Uint8Array ? octetsFromBytes(value) : ''
  return isDuid(duid) ? duid : ''
}

export function writeDuid(db: Database.Database, duid: Octets): void {
  const bytes = Buffer.from(bytesFromOctets(duid))
  db.prepare('INSERT OR REPLACE INTO server_duid (one, duid) VALUES (1, ?)').run(bytes)
}
