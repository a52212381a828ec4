// Reservations that stand in databases, as the plan is made with them: rows by their numbers, each
// as a document would say it. What was read is never written to; what has changed is another list.

import type { Octets } from '../../bytes/octets.ts'
import type { Members } from '../text/map.ts'

/** One reservation of one family. */
export interface HostRow {
  /** Its number in the database. */
  readonly id: number
  /** 0: the global list. */
  readonly subnetId: number
  /** Its members as in a document; an identifier among them, and no `subnet-id`. */
  readonly host: Members
}

/** Numbers of rows that are read again together when one of them has changed. */
export const BUCKET_SIZE = 1000

/** Rows by `id / BUCKET_SIZE`, each list with the lowest number first. */
export type HostBuckets = ReadonlyMap<number, readonly HostRow[]>

/** The reservations of a database, all of which are known. */
export interface LoadedHosts {
  readonly kind: 'loaded'
  readonly database: string
  readonly buckets: HostBuckets
}

/** Those of one that has too many: a client's are asked for when it comes. */
export interface AskedHosts {
  readonly kind: 'asked'
  readonly database: string
  readonly memory: HostMemory
}

export type HostTable = LoadedHosts | AskedHosts

/** What was asked lately, and what is known of every row. */
export interface HostMemory {
  /** The rows of this identifier, in all subnets; undefined: nobody has asked. */
  rowsOf(type: string, identifier: Octets): readonly HostRow[] | undefined
  /** Whether a row reserves this key in the subnet: its text, as documents write it. */
  isReserved(subnetId: number, key: string): boolean
  /** All of these keys. */
  readonly reserved: readonly ReservedKey[]
}

export interface ReservedKey {
  readonly subnetId: number
  readonly key: string
}

/** The tables of each family, in the order in which they are looked into. */
export interface HostTables {
  readonly dhcp4: readonly HostTable[]
  readonly dhcp6: readonly HostTable[]
}

export const NO_HOST_TABLES: HostTables = { dhcp4: [], dhcp6: [] }

/** A row that is left out. */
export interface SkippedHost {
  readonly database: string
  readonly id: number
  /** What is wrong with it, with what it says. */
  readonly problem: string
}
