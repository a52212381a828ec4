// Reads the journal for people, through its view `leases4`, beside a server that writes to it.

import Database from 'better-sqlite3'

export interface ListedLease {
  readonly address: string
  readonly state: string
  readonly hwAddress: string
  readonly clientId: string
  readonly hostname: string
  /** About when it ends, UTC; `never`. */
  readonly ends: string
}

/** In order of address. Throws where the file is not there or is no journal. */
export function* listLeases(path: string): Generator<ListedLease> {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    const query = database.prepare<[], ListedLease>(
      `SELECT address, state, hw_address AS hwAddress, client_id AS clientId, hostname,
        ends_about_utc AS ends FROM leases4`,
    )
    yield* query.iterate()
  } finally {
    database.close()
  }
}
