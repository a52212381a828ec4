// Statistics of one family, with their samples: of the global ones as Kea has them, to a tenth of a
// second. Of subnets and pools there are too many for that. Theirs are taken when somebody asks, so
// that the newest is right and those before it are what was seen before.

import type { WallTime } from '../../time/units.ts'
import { History, type Limit, type Sample } from './history.ts'
import type { GlobalReading, Place, Reading, Row, Source } from './source.ts'

/** Statistics of subnets and pools with samples; of others there is the present value. */
const KEPT_MAX = 4096

interface Kept {
  readonly history: History
  /** Of another subnet it is forgotten. */
  readonly place: Place
}

export type Named = readonly [name: string, samples: readonly Sample[]]

export class FamilyStatistics {
  readonly #source: Source
  readonly #wall: () => WallTime
  readonly #begun: WallTime
  readonly #globals = new Map<string, History>()
  readonly #watched: { readonly history: History; read(): number }[] = []
  #sorted: { readonly of: readonly Place[]; readonly places: readonly Place[] } = {
    of: [],
    places: [],
  }
  readonly #kept = new Map<string, Kept>()
  /** Limits for all, where somebody has said so; undefined: the configuration's. */
  #limit: Limit | undefined = undefined
  readonly #configured: () => Limit
  /** What of subnets was there when all statistics were removed. */
  #removedWith: readonly Place[] | undefined = undefined

  /** `configured`: the limits of the configuration in force. */
  constructor(source: Source, wall: () => WallTime, configured: () => Limit) {
    this.#source = source
    this.#wall = wall
    this.#configured = configured
    this.#begun = wall()
    for (const one of source.globals) this.#begin(one)
  }

  get family(): 4 | 6 {
    return this.#source.family
  }

  /** How many subnets there are. */
  get subnets(): number {
    return this.#source.subnets().length
  }

  #begin({ name, kind, isLate, read }: GlobalReading): void {
    const limit = this.#limitOfNew()
    const history = new History(kind, limit, kind === 'count' ? 0 : read(), this.#begun)
    if (isLate === true) history.remove(limit)
    this.#globals.set(name, history)
    this.#watched.push({ history, read })
  }

  #limitOfNew(): Limit {
    return this.#limit ?? this.#configured()
  }

  /** Samples are taken of what has moved by then; returns whether anything has. */
  take(at: WallTime): boolean {
    let hasMoved = false
    for (const { history, read } of this.#watched) if (history.see(read(), at)) hasMoved = true
    return hasMoved
  }

  /** Undefined where there is no such statistic. */
  get(name: string): readonly Sample[] | undefined {
    const samples = this.#historyOf(name)?.samples
    return samples === undefined || samples.length === 0 ? undefined : samples
  }

  /** Those of the whole family, by name. */
  globals(): readonly Named[] {
    const hasSubnets = this.#source.subnets().length > 0
    return [...this.#globals]
      .filter(([name, { samples }]) => samples.length > 0 && this.#isThere(name, hasSubnets))
      .map(([name, { samples }]): Named => [name, samples])
      .sort(byName)
  }

  #isThere(name: string, hasSubnets: boolean): boolean {
    return hasSubnets || !this.#source.ofSubnets.has(name)
  }

  /** The same of subnets and their pools, a subnet at a time, in the order of their names. */
  *bySubnet(): Generator<readonly Named[], void, undefined> {
    for (const place of this.#inOrder()) yield this.#ofSubnet(place)
  }

  /** By their names: `subnet[10]` is before `subnet[1]`. Sorted once for each plan. */
  #inOrder(): readonly Place[] {
    const subnets = this.#source.subnets()
    if (this.#sorted.of !== subnets) {
      const named = subnets.map((place) => ({ place, name: `${place.id}]` }))
      named.sort((a, b) => (a.name < b.name ? -1 : 1))
      this.#sorted = { of: subnets, places: named.map(({ place }) => place) }
    }
    return this.#sorted.places
  }

  #ofSubnet(place: Place): readonly Named[] {
    const now = this.#wall()
    const named: Named[] = []
    for (const reading of this.#source.readings(place)) {
      const name = `subnet[${place.id}].${reading.name}`
      const samples = this.#samplesOf(name, place, reading, now)
      if (samples.length > 0) named.push([name, samples])
    }
    return named.sort(byName)
  }

  #samplesOf(name: string, place: Place, reading: Reading, now: WallTime): readonly Sample[] {
    const known = this.#keptOf(name, place)
    known?.see(reading.value, now)
    if (known !== undefined) return known.samples
    if (this.#isRemoved(place, reading)) return []
    if (this.#kept.size >= KEPT_MAX) return [{ value: reading.value, at: now }]
    return this.#keep(name, place, reading, now).samples
  }

  #keptOf(name: string, place: Place): History | undefined {
    const kept = this.#kept.get(name)
    if (kept === undefined || kept.place === place) return kept?.history
    this.#kept.delete(name)
    return undefined
  }

  #keep(name: string, place: Place, reading: Reading, now: WallTime): History {
    const { kind, value } = reading
    const [first, since] = kind === 'count' ? [0, this.#begun] : [value, now]
    const history = new History(kind, this.#limitOfNew(), first, since)
    history.see(value, now)
    this.#kept.set(name, { history, place })
    return history
  }

  #isRemoved(place: Place, { kind, value }: Reading): boolean {
    if (this.#removedWith?.includes(place) !== true) return false
    return kind === 'state' || value === 0
  }

  #historyOf(name: string): History | undefined {
    const global = this.#globals.get(name)
    if (global !== undefined)
      return this.#isThere(name, this.#source.subnets().length > 0) ? global : undefined
    const [, id, rest] = OF_SUBNET.exec(name) ?? []
    const place = id === undefined ? undefined : this.#source.subnet(Number(id))
    if (place === undefined) return undefined
    const reading = this.#source.readings(place).find((one) => one.name === rest)
    if (reading === undefined) return undefined
    const now = this.#wall()
    const known = this.#keptOf(name, place)
    known?.see(reading.value, now)
    if (known !== undefined) return known
    return this.#isRemoved(place, reading) ? undefined : this.#keep(name, place, reading, now)
  }

  /** Whether there is such a statistic, which was changed. */
  #change(name: string, change: (history: History) => void): boolean {
    const history = this.#historyOf(name)
    if (history === undefined || history.isRemoved) return false
    change(history)
    return true
  }

  reset(name: string): boolean {
    return this.#change(name, (history) => history.reset(this.#wall()))
  }

  resetAll(): void {
    for (const history of this.#globals.values())
      if (!history.isRemoved) history.reset(this.#wall())
    this.#source.beginAnew()
    this.#kept.clear()
  }

  remove(name: string): boolean {
    return this.#change(name, (history) => history.remove(this.#limitOfNew()))
  }

  /** What happens later comes back; the state of subnets with the next configuration. */
  removeAll(): void {
    for (const history of this.#globals.values()) history.remove(this.#limitOfNew())
    this.#source.beginAnew()
    this.#kept.clear()
    this.#removedWith = this.#source.subnets()
  }

  limit(name: string, limit: Limit): boolean {
    return this.#change(name, (history) => history.limit(limit))
  }

  /** Of all that there are, and of those to come. */
  limitAll(limit: Limit): void {
    this.#limit = limit
    for (const history of this.#globals.values()) history.limit(limit)
    for (const { history } of this.#kept.values()) history.limit(limit)
  }

  // ---- stat-lease4-get and stat-lease6-get

  get columns(): readonly string[] {
    return this.#source.columns
  }

  /** The subnets with these ids, lowest first, as the plan has them. */
  places(first: number, last: number): readonly Place[] {
    return this.#source.subnets().filter(({ id }) => first <= id && id <= last)
  }

  row(place: Place): Row {
    return this.#source.row(place)
  }
}

const OF_SUBNET = /^subnet\[(\d+)\]\.(.+)$/

function byName([a]: Named, [b]: Named): number {
  return a < b ? -1 : 1
}
