// Reads the lease files that Kea's memfile writes (kea-leases4.csv, kea-leases6.csv). The first
// line names the columns, older files have fewer, and tells of which family it is; every change
// appends a row, so the last row of an address counts, and one with a lifetime of 0 takes the lease
// away. Rows that make no sense are reported and skipped.

import { INFINITE_LIFETIME, type Instant, type WallTime } from '../time/units.ts'
import { type CsvFormat, type CsvRow, wholeNumber } from './csv-row.ts'
import { CSV4 } from './csv4.ts'
import { CSV6 } from './csv6.ts'
import type { Key } from './keys/key.ts'
import type { Lease } from './lease.ts'

/** Problems that are kept; further ones are only counted. */
const PROBLEMS_MAX = 100

export interface CsvProblem {
  /** 1 is the line with the names of the columns. */
  readonly line: number
  readonly text: string
}

export class CsvReader {
  readonly #wallNow: WallTime
  readonly #now: Instant
  #columns: ReadonlyMap<string, number> | undefined
  #format: CsvFormat<Key> = CSV4 as CsvFormat<Key>
  #columnCount = 0
  #line = 0
  readonly #leases = new Map<Key, Lease<Key>>()
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
    return this.#columns !== undefined && this.#missing(this.#columns).length === 0
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

  /**
   * The leases after the last line so far, numbered from `firstChange` on, in order of address,
   * those of DHCPv4 first.
   */
  leases(firstChange: number): Lease<Key>[] {
    const leases = [...this.#leases.values()].sort(byKey)
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

  /** '' or what is wrong with it. */
  #takeHeader(names: readonly string[]): string {
    const columns = new Map(names.map((name, index) => [name.trim(), index]))
    this.#columns = columns
    this.#format = (columns.has('duid') ? CSV6 : CSV4) as CsvFormat<Key>
    this.#columnCount = names.length
    const missing = this.#missing(columns)
    return missing.length === 0 ? '' : `the first line does not name ${missing.join(', ')}`
  }

  #missing(columns: ReadonlyMap<string, number>): string[] {
    return this.#format.columns.filter((name) => !columns.has(name))
  }

  #takeRow(fields: readonly string[]): string {
    if (fields.length > this.#columnCount)
      return `${fields.length} columns, the first line names ${this.#columnCount}`
    const row = this.#rowOf(fields)
    const key = this.#format.keyOf(row)
    if (typeof key === 'object') return key.trouble
    const lifetime = wholeNumber(row.field('valid_lifetime'), INFINITE_LIFETIME)
    if (lifetime === undefined) return 'valid_lifetime is not a number of seconds'
    if (lifetime === 0 && this.#format.isRemoval(row)) {
      this.#leases.delete(key)
      return ''
    }
    const lease = this.#format.leaseOf(row, key, lifetime)
    if ('trouble' in lease) return lease.trouble
    this.#leases.set(key, lease)
    return ''
  }

  #rowOf(fields: readonly string[]): CsvRow {
    const columns = this.#columns!
    const field = (name: string) => {
      const index = columns.get(name)
      return index === undefined ? '' : (fields[index] ?? '')
    }
    return { field, wallNow: this.#wallNow, now: this.#now }
  }
}

function byKey({ address: one }: Lease<Key>, { address: other }: Lease<Key>): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1
  return one < other ? -1 : 1
}
