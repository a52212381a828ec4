// Where `whio leases` lists from where no server runs (server-leases.ts): the journal in a file, or
// the database that servers share.

import { statSync } from 'node:fs'
import { textFromIpv4 } from '../address/ipv4.ts'
import { textFromPrefix6 } from '../address/prefix6.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { describeDatabase } from '../config/plan/connection-plan.ts'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import { BINDING_KIND, duidOf, iaidOf, kindOf } from '../leases/binding.ts'
import { CSV4_HEADER, csv4FromLease } from '../leases/csv4.ts'
import { CSV6_HEADER, csv6FromLease } from '../leases/csv6.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease, Lease6 } from '../leases/lease.ts'
import { leasesInDatabase } from '../platform/import-shared.ts'
import {
  type ListedLease,
  type ListedLease6,
  listLeases,
  listLeases6,
} from '../platform/journal/list.ts'
import { openTrouble } from '../platform/journal/trouble.ts'
import { NEVER } from '../time/units.ts'
import { leaseFile } from './lease-file.ts'

export type Listed<T> = Iterable<T> | AsyncIterable<T>

export async function allOf<T>(listed: Listed<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of listed) all.push(one)
  return all
}

/** Why the journal cannot be listed, for people. */
export function whyUnread(path: string, error: unknown): string {
  if (isMissing(path)) return `there is no journal at ${path} (yet)`
  return `${path} cannot be read: ${openTrouble(path, error)}`
}

/** A file that may not be looked at is there all the same. */
export function isMissing(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

export interface Listing {
  /** Of the journal, for people. */
  readonly name: string
  /** Throw where the file is not there or is no journal. */
  four(): Listed<ListedLease>
  six(): Listed<ListedLease6>
  /** Lines of a lease file of Kea. */
  csv(version: 4 | 6): Listed<string>
}

/** Rejects where the database cannot be read. */
export async function listingOf({ path, shared }: LeaseDatabasePlan): Promise<Listing> {
  if (shared === undefined)
    return {
      name: path,
      four: () => listLeases(path),
      six: () => listLeases6(path),
      csv: (version) => leaseFile(path, version),
    }
  const now = Date.now()
  const { four, six } = await leasesInDatabase(shared.connection)
  return {
    name: describeDatabase(shared.connection),
    four: () => four.map((lease) => listed4(lease, now)),
    six: () => six.map((lease) => listed6(lease, now)),
    csv: (version) => (version === 4 ? csv4(four, now) : csv6(six, now)),
  }
}

function csv4(leases: readonly Lease[], now: number): string[] {
  return [CSV4_HEADER, ...leases.map((lease) => csvLine4(lease, now)).filter(isRow)]
}

function csv6(leases: readonly Lease6[], now: number): string[] {
  return [CSV6_HEADER, ...leases.map((lease) => csvLine6(lease, now)).filter(isRow)]
}

/** Times of the lease are from `now` on, as everywhere below; '' where it is no row. */
export function csvLine4(lease: Lease, now: number): string {
  return csv4FromLease(lease, now, 0)
}

export function csvLine6(lease: Lease6, now: number): string {
  return csv6FromLease(lease, now, 0)
}

const isRow = (line: string): boolean => line !== ''

const STATES = ['assigned', 'declined', 'expired', 'released', 'free', 'registered'] as const

function common<A extends Key>(lease: Lease<A>, now: number) {
  const ends = lease.end === NEVER ? 'never' : new Date(now + lease.end).toISOString()
  return {
    hwAddress: hexFromOctets(lease.hwAddress, ':'),
    hostname: lease.hostname,
    userContext: lease.userContext,
    subnet: lease.subnetId,
    ends: ends.replace('T', ' ').replace(/\..*$/, ''),
    left: lease.end === NEVER ? null : Math.round(lease.end / 1000),
  }
}

export function listed4(lease: Lease, now: number): ListedLease {
  return {
    address: textFromIpv4(lease.address),
    clientId: hexFromOctets(lease.clientId),
    state: STATES[lease.state] as ListedLease['state'],
    ...common(lease, now),
  }
}

export function listed6(lease: Lease6, now: number): ListedLease6 {
  const kind = kindOf(lease)
  const { na, pd } = BINDING_KIND
  return {
    address: textFromPrefix6(lease.address),
    type: kind === na ? 'IA_NA' : kind === pd ? 'IA_PD' : '',
    duid: hexFromOctets(duidOf(lease), ':'),
    preferredLifetime: lease.preferredLifetime,
    state: STATES[lease.state] as ListedLease6['state'],
    ...common(lease, now),
    iaid: iaidOf(lease),
  }
}
