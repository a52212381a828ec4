// Reads the journal for people, through its views `leases4` and `leases6`, beside a server that
// writes to it.

import Database from 'better-sqlite3'
import { type Prefix6, textFromPrefix6 } from '../../address/prefix6.ts'
import { hexFromOctets, octetsFromHex } from '../../bytes/octets.ts'
import type { Seconds } from '../../time/units.ts'

/** Of either family. */
interface Listed {
  /** Of DHCPv6 as RFC 5952 wants it, with the length where it is a prefix. */
  readonly address: string
  readonly hwAddress: string
  readonly hostname: string
  /** JSON text, '' = none. */
  readonly userContext: string
  readonly subnet: number
  /** About when it ends, `2026-06-12 09:00:00` UTC; `never`. */
  readonly ends: string
  /** About how long it lasts yet, negative when it has ended; null: for ever. */
  readonly left: Seconds | null
}

export interface ListedLease extends Listed {
  readonly state: 'assigned' | 'declined' | 'expired' | 'released'
  readonly clientId: string
}

export interface ListedLease6 extends Listed {
  readonly state: ListedLease['state'] | 'registered'
  /** '' where it is none of them. */
  readonly type: 'IA_NA' | 'IA_PD' | ''
  readonly iaid: number
  /** '' = nobody has it. */
  readonly duid: string
  readonly preferredLifetime: Seconds
}

const COMMON = `state, hw_address AS hwAddress, hostname, user_context AS userContext,
  subnet_id AS subnet, ends_about_utc AS ends,
  unixepoch(nullif(ends_about_utc, 'never')) - unixepoch() AS left`

/**
 * In order of address, those of DHCPv4 first. Throws where the file is not there or is no journal.
 */
export function* listLeases(path: string): Generator<ListedLease> {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    yield* database
      .prepare<[], ListedLease>(`SELECT address, client_id AS clientId, ${COMMON} FROM leases4`)
      .iterate()
  } finally {
    database.close()
  }
}

interface Row6 extends Omit<ListedLease6, 'address' | 'iaid'> {
  readonly key: string
  readonly iaid: string
}

/** Addresses first, then prefixes. None where a server without DHCPv6 has made the journal. */
export function* listLeases6(path: string): Generator<ListedLease6> {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'leases6'").get()
    if (isThere === undefined) return
    const query = database.prepare<[], Row6>(
      `SELECT key, kind AS type, iaid, duid, preferred_lifetime AS preferredLifetime, ${COMMON}
       FROM leases6 ORDER BY substr(key, 1, 2) DESC, key`,
    )
    for (const { key, iaid, ...row } of query.iterate())
      yield { ...textsOf(row, key), iaid: Number(`0x${iaid || 0}`) }
  } finally {
    database.close()
  }
}

function textsOf(row: Omit<Row6, 'key' | 'iaid'>, key: string): Omit<ListedLease6, 'iaid'> {
  const duid = separated(row.duid)
  const hwAddress = separated(row.hwAddress)
  return { address: textFromPrefix6(octetsFromHex(key) as Prefix6), ...row, duid, hwAddress }
}

function separated(hex: string): string {
  return hexFromOctets(octetsFromHex(hex) ?? '', ':')
}
