// Reads the lease file that Kea's memfile writes (kea-leases4.csv). The first line names the
// columns, older files have fewer; every change appends a row, so the last row of an address
// counts, and one with a lifetime of 0 takes the lease away. Rows that make no sense are reported
// and skipped.
//
//   address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,
//   user_context,pool_id

import { type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import { type Octets, octetsFromHex } from '../bytes/octets.ts'
import {
  INFINITE_LIFETIME,
  type Instant,
  NEVER,
  type Seconds,
  type WallTime,
} from '../time/units.ts'
import { overAt } from './grace.ts'
import { LEASE_STATE, type Lease, type LeaseState } from './lease.ts'
import { utf8Length } from './lease-text.ts'
import { RECORD } from './record.ts'

/** Kea keeps no hardware type in the file; its own reader assumes Ethernet. */
const HTYPE_ETHERNET = 1

/** Problems that are kept; further ones are only counted. */
const PROBLEMS_MAX = 100

const HOSTNAME_MAX = 255

export interface CsvProblem {
  /** 1 is the line with the names of the columns. */
  readonly line: number
  readonly text: string
}

/** Why a row cannot be used. */
type Trouble = string

export class Csv4Reader {
  readonly #wallNow: WallTime
  readonly #now: Instant
  #columns: ReadonlyMap<string, number> | undefined
  #columnCount = 0
  #line = 0
  readonly #leases = new Map<Ipv4, Lease>()
  readonly #problems: CsvProblem[] = []
  #problemCount = 0

  /** The file counts in calendar time, leases in lease-clock time: both as they are now. */
  constructor(wallNow: WallTime, now: Instant) {
    this.#wallNow = wallNow
    this.#now = now
  }

  /** The next line is the first of another file: Kea spreads its leases over up to three. */
  beginFile(): void {
    this.#columns = undefined
    this.#line = 0
  }

  /** Whether the first line of the file was that of a lease file. */
  get hasColumns(): boolean {
    return this.#columns !== undefined && missingColumns(this.#columns).length === 0
  }

  /**
   * Takes a last line without a line feed: perhaps cut off, so it counts only with all its columns.
   */
  takeUnfinished(line: string): void {
    if (this.#columns === undefined || line.split(',').length === this.#columnCount)
      return this.take(line)
    this.#line++
    this.#report('the file ends within this row')
  }

  /** Takes the next line, without its line feed. */
  take(line: string): void {
    this.#line++
    const text = line.endsWith('\r') ? line.slice(0, -1) : line
    if (text === '') return
    const fields = text.split(',')
    const trouble = this.#columns === undefined ? this.#takeHeader(fields) : this.#takeRow(fields)
    if (trouble !== '') this.#report(trouble)
  }

  /** The leases after the last line so far, numbered from `firstChange` on, in order of address. */
  leases(firstChange: number): Lease[] {
    const leases = [...this.#leases.values()].sort((a, b) => a.address - b.address)
    return leases.map((lease, index) => ({ ...lease, change: firstChange + index }))
  }

  /** The first problems. */
  get problems(): readonly CsvProblem[] {
    return this.#problems
  }

  get problemCount(): number {
    return this.#problemCount
  }

  #report(text: string): void {
    this.#problemCount++
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push({ line: this.#line, text })
  }

  #takeHeader(names: readonly string[]): Trouble {
    const columns = new Map(names.map((name, index) => [name.trim(), index]))
    this.#columns = columns
    this.#columnCount = names.length
    const missing = missingColumns(columns)
    return missing.length === 0 ? '' : `the first line does not name ${missing.join(', ')}`
  }

  #takeRow(fields: readonly string[]): Trouble {
    if (fields.length > this.#columnCount)
      return `${fields.length} columns, the first line names ${this.#columnCount}`
    const address = ipv4FromText(this.#field(fields, 'address'))
    if (address === undefined) return 'address is not an IPv4 address'
    const lifetime = wholeNumber(this.#field(fields, 'valid_lifetime'), INFINITE_LIFETIME)
    if (lifetime === undefined) return 'valid_lifetime is not a number of seconds'
    if (lifetime === 0) {
      this.#leases.delete(address)
      return ''
    }
    const lease = this.#leaseFromRow(fields, address, lifetime)
    if (typeof lease === 'string') return lease
    this.#leases.set(address, lease)
    return ''
  }

  #leaseFromRow(fields: readonly string[], address: Ipv4, lifetime: Seconds): Lease | Trouble {
    const subnetId = wholeNumber(this.#field(fields, 'subnet_id'), 0xffffffff)
    const poolId = wholeNumber(this.#field(fields, 'pool_id') || '0', 0xffffffff)
    const expire = wholeNumber(this.#field(fields, 'expire'), Number.MAX_SAFE_INTEGER / 1000)
    const state = wholeNumber(this.#field(fields, 'state') || '0', LEASE_STATE.released)
    const hwAddress = identifier(this.#field(fields, 'hwaddr'), RECORD.hwAddressMax)
    const clientId = identifier(this.#field(fields, 'client_id'), 255)
    if (subnetId === undefined) return 'subnet_id is not a subnet id'
    if (poolId === undefined) return 'pool_id is not a pool id'
    if (expire === undefined) return 'expire is not a time'
    if (state === undefined) return 'state is none of 0, 1, 2, 3'
    if (hwAddress === undefined) return 'hwaddr is not a hardware address of at most 16 octets'
    if (clientId === undefined) return 'client_id is not a client-id of at most 255 octets'
    if (state !== LEASE_STATE.declined && hwAddress === '' && clientId === '')
      return 'neither hwaddr nor client_id: nobody could ever renew this lease'
    const texts = this.#textsFromRow(fields)
    if (typeof texts === 'string') return texts
    const times = this.#timesFrom(state as LeaseState, lifetime, expire)
    const who = { htype: HTYPE_ETHERNET, hwAddress, clientId }
    const ours = {
      preferredLifetime: 0,
      fresh: false,
      change: 0,
      gave: 0,
      got: 0,
      givenBy: 'us',
      knew: 0,
    } as const
    return { address, ...who, ...texts, ...times, subnetId, poolId, ...ours }
  }

  #textsFromRow(
    fields: readonly string[],
  ): Pick<Lease, 'hostname' | 'userContext' | 'fqdnFwd' | 'fqdnRev'> | Trouble {
    const hostname = unescaped(this.#field(fields, 'hostname')).replace(/\.$/, '')
    const userContext = unescaped(this.#field(fields, 'user_context'))
    if (utf8Length(hostname) > HOSTNAME_MAX) return 'hostname has more than 255 bytes'
    if (utf8Length(userContext) > RECORD.textMax) return 'user_context has more than 65535 bytes'
    const fqdnFwd = this.#field(fields, 'fqdn_fwd') === '1'
    const fqdnRev = this.#field(fields, 'fqdn_rev') === '1'
    return { hostname, userContext, fqdnFwd, fqdnRev }
  }

  /** What is left of the lease stays left; a lease that is over is kept as expired. */
  #timesFrom(
    state: LeaseState,
    lifetime: Seconds,
    expire: Seconds,
  ): Pick<Lease, 'state' | 'validLifetime' | 'start' | 'end'> {
    const fileEnd = this.#now + (expire * 1000 - this.#wallNow)
    const start = Math.min(fileEnd - lifetime * 1000, this.#now)
    const isEnded = state === LEASE_STATE.expired || state === LEASE_STATE.released
    const told = lifetime === INFINITE_LIFETIME ? NEVER : fileEnd
    const end = isEnded ? Math.min(fileEnd, this.#now) : told
    const isOver = state === LEASE_STATE.assigned && overAt(end, lifetime) <= this.#now
    return { state: isOver ? LEASE_STATE.expired : state, validLifetime: lifetime, start, end }
  }

  #field(fields: readonly string[], name: string): string {
    const index = this.#columns!.get(name)
    return index === undefined ? '' : (fields[index] ?? '')
  }
}

/** Columns without which no row makes sense. */
function missingColumns(columns: ReadonlyMap<string, number>): string[] {
  return ['address', 'valid_lifetime', 'expire', 'subnet_id'].filter((name) => !columns.has(name))
}

function wholeNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return value <= max ? value : undefined
}

function identifier(text: string, lengthMax: number): Octets | undefined {
  const octets = octetsFromHex(text)
  return octets !== undefined && octets.length <= lengthMax ? octets : undefined
}

/** A comma within a text stands as `&#x2c`. */
function unescaped(text: string): string {
  if (!text.includes('&#x')) return text
  return text.replace(/&#x([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}
