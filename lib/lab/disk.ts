// The simulated disk and the journal port on it. A commit takes time; a crash while one is under
// way leaves all of it or nothing, by a draw. The disk can be slow, can fail for a while, can lie
// (say "durable" before it is, so that a crash takes the tail), can be put back to an older
// snapshot and can be replaced by an empty one. What a database was is noted beside it
// (ha/testimony.ts).

import type { Ipv4 } from '../address/ipv4.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import type { PairRecord } from '../ha/pair-record.ts'
import { isOlder, type Testimony, type Witness, witnessOf } from '../ha/testimony.ts'
import { ChangeWriter, forEachMixedChange } from '../leases/change-codec.ts'
import type { Key } from '../leases/keys/key.ts'
import type { AnyChange, Lease, Lease6 } from '../leases/lease.ts'
import type { Journal, JournalInfo, JournalSink, StoredEdit, StoredName } from '../ports/journal.ts'
import { type ClockNote, resumedAt } from '../time/downtime.ts'
import type { Draw } from '../time/draw.ts'
import type { Instant, Millis, Seconds } from '../time/units.ts'
import { between } from './chance.ts'
import type { Node } from './node.ts'
import type { World } from './world.ts'

export interface DiskBehaviour {
  /** How long a commit takes, drawn between the two. */
  commitMin: Millis
  commitMax: Millis
  /** Not '': commits fail, with this trouble. */
  trouble: string
  /** 0: what is acknowledged is durable. Else it becomes so only this much later, or is lost. */
  syncDelay: Millis
}

/**
 * What stands on the disk: rows by address or prefix, two numbers that never go back, the record of
 * the pair.
 */
export interface DiskState {
  /** Identifies the database: another one after replace(), the same after restore(). */
  readonly database: string
  readonly rows: Map<Ipv4, Lease>
  readonly rows6: Map<Prefix6, Lease6>
  stamp: Instant
  change: number
  pair: PairRecord | undefined
  /** Of the configuration, by their ids. */
  readonly edits: Map<string, StoredEdit>
  /** Of names in DNS, by their addresses. */
  readonly names: Map<string, StoredName>
  /** What the clocks of the host showed at the last stamp; a copy that is put back has none. */
  note?: ClockNote | undefined
  /** How much of the stamp is time while nobody served the database. */
  counted?: Millis
  /** What the host had noted of it. */
  readonly witness?: Witness | undefined
}

interface Batch {
  readonly note: ClockNote
  readonly counted: Millis
  readonly changes: readonly AnyChange[]
  readonly stamp: Instant
  /** Undefined: the record stays as it was. */
  readonly pair: PairRecord | undefined
  readonly edits: readonly StoredEdit[]
  readonly names: readonly StoredName[]
}

const PAGE_ROWS = 50

/** As in platform/journal/witness.ts. */
const NOTE_WAIT: Millis = 10_000

/** Downtime from which on it counts. */
const COUNTED_MIN: Millis = 1

export class VirtualDisk {
  readonly world: World
  readonly name: string
  readonly behaviour: DiskBehaviour
  commits = 0
  failures = 0
  #draw: Draw
  #durable: DiskState
  #witness: Witness | undefined
  #notedAt: Millis = Number.NEGATIVE_INFINITY
  /** Databases made on this disk so far. */
  #databases = 0
  /** Acknowledged but not durable: only on a disk that lies. */
  #tail: Batch[] = []
  #underWay: Batch | undefined
  /**
   * Counts crashes and changes of disk, so that what was under way before one does not end after
   * it.
   */
  #era = 0

  constructor(world: World, name: string, behaviour: Partial<DiskBehaviour> = {}) {
    this.world = world
    this.name = name
    this.behaviour = { commitMin: 0.2, commitMax: 1, trouble: '', syncDelay: 0, ...behaviour }
    this.#draw = world.draw(`disk/${name}`)
    this.#durable = this.#empty()
  }

  /** The row of an address as it would survive a crash now. */
  durableRow(address: Ipv4): Lease | undefined {
    return this.#durable.rows.get(address)
  }

  /** The same of DHCPv6. */
  durableRow6(key: Prefix6): Lease6 | undefined {
    return this.#durable.rows6.get(key)
  }

  /** Of whichever family. */
  durableRowOf(key: Key): Lease<Key> | undefined {
    const { rows, rows6 } = this.#durable
    return (typeof key === 'number' ? rows.get(key) : rows6.get(key)) as Lease<Key> | undefined
  }

  /** What has a row which would survive a crash now, of both families. */
  *keys(): Iterable<Key> {
    yield* this.#durable.rows.keys()
    yield* this.#durable.rows6.keys()
  }

  /** The record of the pair as it would survive a crash now. */
  get pair(): PairRecord | undefined {
    return this.#durable.pair
  }

  /** What would survive a crash now, as a copy. */
  snapshot(): DiskState {
    return { ...copyOf(this.#durable), witness: this.#witness }
  }

  /**
   * Puts the whole host back to what it once held; `onlyFiles`: but for what is noted outside of
   * the database. Only while no server runs on it.
   */
  restore(state: DiskState, onlyFiles = false): void {
    if (!onlyFiles) this.#witness = state.witness
    this.#hold({ ...copyOf(state), note: undefined })
  }

  /**
   * A new disk takes its place: empty, its database is another one, and nothing of the former is
   * noted. Only while no server runs on it.
   */
  replace(): void {
    this.#witness = undefined
    this.#hold(this.#empty())
  }

  /** Whether the host has noted more of a database than this copy of it knows (ha/testimony.ts). */
  isOlder(copy: DiskState): boolean {
    return this.#witness !== undefined && isOlder(this.#testimonyOf(copy), this.#witness)
  }

  /** The longest lifetime that the host has noted. */
  get longestNoted(): Seconds {
    return this.#witness?.longest ?? 0
  }

  /** A journal for one life of a server on this disk. */
  journal(node: Node): VirtualJournal {
    return new VirtualJournal(this, node)
  }

  /** What a server that starts now reads: all that was acknowledged. */
  load(): DiskState {
    const state = this.snapshot()
    for (const batch of this.#tail) applyBatch(state, batch)
    return state
  }

  /** Begins to store a batch and returns how long it takes, and whether it will succeed. */
  store(batch: Batch): { duration: Millis; trouble: string } {
    const { commitMin, commitMax, trouble, syncDelay } = this.behaviour
    const duration = between(this.#draw, commitMin, commitMax)
    if (trouble !== '') {
      this.failures++
      return { duration, trouble }
    }
    const era = this.#era
    this.#underWay = batch
    this.world.after(duration, () => {
      if (era !== this.#era) return
      this.#underWay = undefined
      this.commits++
      if (syncDelay === 0) this.#apply(batch)
      else this.#syncLater(batch, syncDelay)
    })
    return { duration, trouble: '' }
  }

  /** The power goes: the batch under way is stored or not, and what was not durable is gone. */
  crash(): void {
    this.#era++
    const underWay = this.#underWay
    this.#underWay = undefined
    this.#tail = []
    if (underWay === undefined) return
    const stored = this.#draw(2) === 1
    this.world.note(this.name, stored ? 'had stored the last batch' : 'loses the last batch')
    if (stored) applyBatch(this.#durable, underWay)
  }

  #apply(batch: Batch): void {
    applyBatch(this.#durable, batch)
    const now = this.#testimonyOf(this.#durable)
    const isLonger = now.longest > this.longestNoted
    if (!isLonger && this.world.now < this.#notedAt + NOTE_WAIT) return
    this.#notedAt = this.world.now
    this.#witness = witnessOf(now)
  }

  #testimonyOf({ database, change, stamp, pair }: DiskState): Testimony {
    const longest = pair?.longestLifetime ?? this.longestNoted
    return { database, change, stamp, lives: pair?.lives ?? [], longest }
  }

  /** What was still to become durable on the former disk does not on this one. */
  #hold(state: DiskState): void {
    this.#era++
    this.#tail = []
    this.#durable = state
  }

  #empty(): DiskState {
    const database = `${this.name}/${++this.#databases}`
    const rows = { rows: new Map(), rows6: new Map(), edits: new Map(), names: new Map() }
    return { database, ...rows, stamp: 0, change: 0, pair: undefined }
  }

  #syncLater(batch: Batch, delay: Millis): void {
    const era = this.#era
    this.#tail.push(batch)
    this.world.after(delay, () => {
      if (era !== this.#era) return
      this.#tail.shift()
      this.#apply(batch)
    })
  }
}

/** The journal port on a virtual disk. */
export class VirtualJournal implements Journal {
  #disk: VirtualDisk
  #node: Node
  #sink: JournalSink | undefined
  #busy = false
  #counted: Millis = 0
  #closing: (() => void) | undefined

  constructor(disk: VirtualDisk, node: Node) {
    this.#disk = disk
    this.#node = node
  }

  open(sink: JournalSink): void {
    this.#sink = sink
    this.#node.onCrash(() => this.#disk.crash())
    const state = this.#disk.load()
    // A page is of one family.
    for (const rows of [inOrder(state.rows), inOrder(state.rows6)])
      for (let start = 0; start < rows.length; start += PAGE_ROWS)
        this.#node.after(1, () => sink.onRows(encoded(rows.slice(start, start + PAGE_ROWS))))
    this.#node.after(2, () => sink.onReady(this.#infoOf(state)))
  }

  #infoOf(found: DiskState): JournalInfo {
    const { stamp: stored, note, counted = 0, change, database, pair, edits, names } = found
    // In a simulated world every start is one that could count wrong.
    const stamp = resumedAt(stored, note, this.#node.times(), COUNTED_MIN)
    const downtime = stamp - stored
    this.#counted = counted + downtime
    const clock = { stamp, downtime, counted: this.#counted }
    const restored = this.#disk.isOlder(found) ? 'older' : undefined
    const noted = { restored, longest: this.#disk.longestNoted } as const
    return { ...clock, change, setAside: 0, database, pair, ...noted, ...listed({ edits, names }) }
  }

  commit(
    changes: Uint8Array,
    count: number,
    stamp: Instant,
    pair?: PairRecord,
    edits: readonly StoredEdit[] = [],
    _shared?: undefined,
    names: readonly StoredName[] = [],
  ): void {
    if (this.#busy) throw new Error('a batch is committed while another is under way')
    const note = { stamp, ...this.#node.times() }
    const batch: Batch = {
      ...{ changes: decoded(changes), stamp, pair: copied(pair) },
      ...{ note, counted: this.#counted, edits, names },
    }
    if (batch.changes.length !== count) throw new Error('a batch with a wrong count of changes')
    // The caller gave the bytes away: whoever still reads them shall notice.
    changes.fill(0xee)
    this.#busy = true
    const { duration, trouble } = this.#disk.store(batch)
    this.#node.after(duration, () => this.#answer(trouble))
  }

  close(done: () => void): void {
    if (this.#busy) this.#closing = done
    else this.#node.after(0, done)
  }

  #answer(trouble: string): void {
    this.#busy = false
    if (trouble === '') this.#sink?.onCommitted()
    else {
      this.#disk.world.note(this.#disk.name, `fails: ${trouble}`)
      this.#sink?.onFailed(trouble)
    }
    if (!this.#busy) this.#closing?.()
  }
}

function applyBatch(state: DiskState, batch: Batch): void {
  for (const change of batch.changes) {
    applyChange(state, change)
    const number = change.kind === 'put' ? change.lease.change : change.change
    state.change = Math.max(state.change, number)
  }
  state.stamp = Math.max(state.stamp, batch.stamp)
  state.note = batch.note
  state.counted = batch.counted
  if (batch.pair !== undefined) state.pair = batch.pair
  for (const edit of batch.edits)
    if (edit.text === '') state.edits.delete(edit.id)
    else state.edits.set(edit.id, edit)
  for (const name of batch.names)
    if (name.text === '') state.names.delete(name.address)
    else state.names.set(name.address, name)
}

function applyChange({ rows, rows6 }: DiskState, change: AnyChange): void {
  if (change.kind === 'put') {
    const { lease } = change
    if (isLease6(lease)) rows6.set(lease.address, lease)
    else rows.set(lease.address, lease)
  } else if (typeof change.address === 'string') rows6.delete(change.address)
  else rows.delete(change.address)
}

function isLease6(lease: Lease | Lease6): lease is Lease6 {
  return typeof lease.address === 'string'
}

function copyOf(state: DiskState): DiskState {
  const { rows, rows6, edits, names } = state
  const texts = { edits: new Map(edits), names: new Map(names) }
  return { ...state, rows: new Map(rows), rows6: new Map(rows6), ...texts }
}

function listed({ edits, names }: Pick<DiskState, 'edits' | 'names'>) {
  return { edits: [...edits.values()], names: [...names.values()] }
}

function inOrder<L extends Lease | Lease6>(rows: ReadonlyMap<unknown, L>): L[] {
  return [...rows.values()].sort((one, other) => (one.address < other.address ? -1 : 1))
}

/** What the server does to its own record later must not reach the disk. */
function copied(pair: PairRecord | undefined): PairRecord | undefined {
  return pair && { ...pair, applied: { ...pair.applied } }
}

function decoded(bytes: Uint8Array): AnyChange[] {
  const changes: AnyChange[] = []
  forEachMixedChange(bytes, (change) => changes.push(change))
  return changes
}

function encoded(rows: readonly (Lease | Lease6)[]): Uint8Array {
  const writer = new ChangeWriter()
  for (const lease of rows) writer.put({ kind: 'put', lease } as AnyChange)
  return writer.copy()
}
