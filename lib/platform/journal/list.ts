// Reads the journal for people, through its view `leases4`, beside a server that writes to it.

import Database from 'better-sqlite3'
import type { Seconds } from '../../time/units.ts'

export interface ListedLease {
  readonly address: string
  readonly state: 'assigned' | 'declined' | 'expired' | 'released'
  readonly hwAddress: string
  readonly clientId: string
  readonly hostname: string
  /** JSON text, '' = none. */
  readonly userContext: string
  readonly subnet: number
  /** About when it ends, `2026-06-12 09:00:00` UTC; `never`. */
  readonly ends: string
  /** About how long it lasts yet, negative when it has ended; null: for ever. */
  readonly left: Seconds | null
}

/** In order of address. Throws where the file is not there or is no journal. */
export function* listLeases(path: string): Generator<ListedLease> {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    const query = database.prepare<[], ListedLease>(
      `SELECT address, state, hw_address AS hwAddress, client_id AS clientId, hostname,
        user_context AS userContext, subnet_id AS subnet, ends_about_utc AS ends,
        unixepoch(nullif(ends_about_utc, 'never')) - unixepoch() AS left FROM leases4`,
    )
    yield* query.iterate()
  } finally {
    database.close()
  }
}
