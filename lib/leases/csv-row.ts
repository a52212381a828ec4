// What rows of both kinds of Kea's lease files have alike: columns by name, numbers, texts, times.

import {
  bytesFromOctets,
  hexFromOctets,
  type Octets,
  octetsFromBytes,
  octetsFromHex,
} from '../bytes/octets.ts'
import {
  INFINITE_LIFETIME,
  type Instant,
  NEVER,
  type Seconds,
  type WallTime,
} from '../time/units.ts'
import { overAt } from './grace.ts'
import type { Key } from './keys/key.ts'
import { LEASE_STATE, type Lease, type LeaseState } from './lease.ts'
import { isUtf8, utf8FromBytes, utf8Length, writeUtf8 } from './lease-text.ts'
import { RECORD } from './record.ts'

const HOSTNAME_MAX = 255

/** Why a row cannot be used. */
export interface Trouble {
  readonly trouble: string
}

export function trouble(text: string): Trouble {
  return { trouble: text }
}

/** A row, and the moment at which it is read, in calendar time and on the lease clock. */
export interface CsvRow {
  /** '' where the file has no such column. */
  field(name: string): string
  readonly wallNow: WallTime
  readonly now: Instant
}

/** How a row of one kind of file is read. */
export interface CsvFormat<A extends Key> {
  /** Columns without which no row makes sense. */
  readonly columns: readonly string[]
  keyOf(row: CsvRow): A | Trouble
  /** Whether a lifetime of 0 takes the lease away. */
  isRemoval(row: CsvRow): boolean
  leaseOf(row: CsvRow, key: A, lifetime: Seconds): Lease<A> | Trouble
}

export function wholeNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return value <= max ? value : undefined
}

export function identifier(text: string, lengthMax: number): Octets | undefined {
  const octets = octetsFromHex(text)
  return octets !== undefined && octets.length <= lengthMax ? octets : undefined
}

/** Kea's columns `subnet_id` and `pool_id`. */
export function placeFromRow(row: CsvRow): Pick<Lease, 'subnetId' | 'poolId'> | Trouble {
  const subnetId = wholeNumber(row.field('subnet_id'), 0xffffffff)
  const poolId = wholeNumber(row.field('pool_id') || '0', 0xffffffff)
  if (subnetId === undefined) return trouble('subnet_id is not a subnet id')
  if (poolId === undefined) return trouble('pool_id is not a pool id')
  return { subnetId, poolId }
}

export function textsFromRow(
  row: CsvRow,
): Pick<Lease, 'hostname' | 'userContext' | 'fqdnFwd' | 'fqdnRev'> | Trouble {
  const hostname = unescaped(row.field('hostname')).replace(/\.$/, '')
  const userContext = unescaped(row.field('user_context'))
  if (utf8Length(hostname) > HOSTNAME_MAX) return trouble('hostname has more than 255 bytes')
  if (utf8Length(userContext) > RECORD.textMax)
    return trouble('user_context has more than 65535 bytes')
  const fqdnFwd = row.field('fqdn_fwd') === '1'
  const fqdnRev = row.field('fqdn_rev') === '1'
  return { hostname, userContext, fqdnFwd, fqdnRev }
}

/** What is left of the lease stays left; a lease that is over is kept as expired. */
export function timesFrom(
  { wallNow, now }: CsvRow,
  state: LeaseState,
  lifetime: Seconds,
  expire: Seconds,
): Pick<Lease, 'state' | 'validLifetime' | 'start' | 'end'> {
  const fileEnd = now + (expire * 1000 - wallNow)
  const start = Math.min(fileEnd - lifetime * 1000, now)
  const isEnded = state === LEASE_STATE.expired || state === LEASE_STATE.released
  const told = lifetime === INFINITE_LIFETIME ? NEVER : fileEnd
  const end = isEnded ? Math.min(fileEnd, now) : told
  const isOver = state === LEASE_STATE.assigned && overAt(end, lifetime) <= now
  return { state: isOver ? LEASE_STATE.expired : state, validLifetime: lifetime, start, end }
}

/**
 * The second in which a lease ends, on the calendar: rounded up, but not for what reckoning with
 * fractions adds.
 */
export function expireOf(end: Instant, wallNow: WallTime, now: Instant): Seconds {
  return Math.ceil((wallNow + (end - now)) / 1000 - 1e-6)
}

/** A comma within a text stands as `&#x2c`, and so does each byte of what is not ASCII. */
function unescaped(text: string): string {
  if (!text.includes('&#x')) return text
  return text.replace(/(?:&#x[0-9a-f]{2})+/gi, (run) => {
    const octets = octetsFromHex(run.replaceAll('&#x', ''))!
    const bytes = bytesFromOctets(octets)
    return isUtf8(bytes, 0, bytes.length) ? utf8FromBytes(bytes, 0, bytes.length) : octets
  })
}

/**
 * What the columns of texts cannot hold, as Kea writes it: whatever is not ASCII in print, the
 * comma, and & which begins an escape.
 */
export function escaped(text: string): string {
  return text.replace(/[^\x20-\x25\x27-\x2b\x2d-\x7e]+/g, (run) => {
    const bytes = new Uint8Array(3 * run.length)
    const length = writeUtf8(run, bytes, 0)
    return `&#x${hexFromOctets(octetsFromBytes(bytes, 0, length), '&#x')}`
  })
}
