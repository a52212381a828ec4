// What was asked of a database with too many rows, by identifier, also that nobody has it: bounded
// in number and in time. Where the database does not answer, what is older counts all the same.

import type { Octets } from '../../bytes/octets.ts'
import type { HostMemory, HostRow, ReservedKey } from '../../config/plan/host-rows.ts'
import type { HostIdentifier } from '../../ports/hosts.ts'
import type { Instant, Millis } from '../../time/units.ts'

interface Entry {
  readonly rows: readonly HostRow[]
  readonly until: Instant
}

const NOBODY: readonly HostRow[] = []

export class AskedRows implements HostMemory {
  readonly #max: number
  readonly #age: Millis
  readonly #now: () => Instant
  /** The one that was asked for longest ago is first. */
  readonly #byIdentifier = new Map<string, Entry>()
  #buckets = new Map<number, readonly ReservedKey[]>()
  #keys = new Set<string>()
  #reserved: readonly ReservedKey[] = []
  /** It does not answer: whoever is not known has no reservation, and nobody waits for that. */
  isAway = false

  constructor(max: number, age: Millis, now: () => Instant) {
    this.#max = max
    this.#age = age
    this.#now = now
  }

  get reserved(): readonly ReservedKey[] {
    return this.#reserved
  }

  get size(): number {
    return this.#byIdentifier.size
  }

  rowsOf(type: string, identifier: Octets): readonly HostRow[] | undefined {
    const entry = this.#byIdentifier.get(`${type} ${identifier}`)
    if (entry !== undefined && (this.isAway || entry.until > this.#now())) return entry.rows
    return this.isAway ? NOBODY : undefined
  }

  knows(type: string, identifier: Octets): boolean {
    return this.rowsOf(type, identifier) !== undefined
  }

  isReserved(subnetId: number, key: string): boolean {
    return this.#keys.has(`${subnetId} ${key}`)
  }

  /** `rowsBy`: those of each identifier. */
  learn(
    identifiers: readonly HostIdentifier[],
    rowsBy: (identifier: HostIdentifier) => readonly HostRow[],
  ): void {
    const until = this.#now() + this.#age
    for (const identifier of identifiers) {
      const name = `${identifier.type} ${identifier.value}`
      this.#byIdentifier.delete(name)
      this.#byIdentifier.set(name, { rows: rowsBy(identifier), until })
    }
    for (const name of this.#byIdentifier.keys()) {
      if (this.#byIdentifier.size <= this.#max) break
      this.#byIdentifier.delete(name)
    }
  }

  /** Somebody has changed rows: each client is asked for again. */
  forget(): void {
    this.#byIdentifier.clear()
  }

  /** These buckets reserve this now. */
  reserve(news: ReadonlyMap<number, readonly ReservedKey[]>, isWhole: boolean): void {
    if (isWhole) this.#buckets = new Map()
    for (const [number, keys] of news)
      if (keys.length === 0) this.#buckets.delete(number)
      else this.#buckets.set(number, keys)
    const all: ReservedKey[] = []
    for (const keys of this.#buckets.values()) for (const key of keys) all.push(key)
    this.#reserved = all
    this.#keys = new Set(all.map(({ subnetId, key }) => `${subnetId} ${key}`))
  }
}
