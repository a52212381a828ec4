// The database that several servers of the simulated world share (ports/shared-journal.ts). Each
// call is one statement, as a whole or not at all. It can be down, can jump with its clock, and can
// fail over to a copy that has not got what was stored last. Who can reach it, and how long that
// takes, is the journal's (shared-journal.ts).

import { isOverlapping } from '../address/prefix6.ts'
import { isLegacy, namesOfText } from '../ddns/name-record.ts'
import type { PairRecord } from '../ha/pair-record.ts'
import { graceOf } from '../leases/grace.ts'
import { isSameClient } from '../leases/identity.ts'
import type { Key } from '../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { StoredEdit, StoredName } from '../ports/journal.ts'
import {
  type Confirmation,
  type LeftName,
  leftAddress,
  leftNameOf,
  type SharedBatch,
  type SharedMember,
  type ToldJump,
  type ToldJumps,
} from '../ports/shared-journal.ts'
import { type ClockNote, type HostTimes, JUMP_MIN } from '../time/downtime.ts'
import type { Instant, Millis } from '../time/units.ts'
import { isForClient, lasting, moved, type SharedRow } from './shared-rows.ts'
import type { World } from './world.ts'

/** Who was not heard for so long does not count among the members. */
const LIVING: Millis = 15_000

/** Who was not heard for so long is gone. */
const GONE: Millis = 30_000

/** Nobody who lives is quiet for so long, or jumps by so little. */
const ABSENT: Millis = 8000

/** Ticks of its clock per millisecond. */
const TICKS = 1024

/** What a member has stored together. */
interface StoredBatch {
  readonly number: number
  /** Places in it of what was refused. */
  readonly conflicts: readonly number[]
}

interface Member {
  readonly name: string
  readonly number: number
  fingerprint: string
  /** Which of its connections is the last one: nothing of others is stored. */
  connection: number
  seen: Instant
  batch: StoredBatch
  /** Texts by their ids. */
  readonly edits: Map<string, string>
  readonly names: Map<string, string>
  pair: PairRecord | undefined
  /** What its host showed when it was there last. */
  clock: ClockNote | undefined
}

/** What takes one statement back. */
interface Undo {
  readonly at: Millis
  readonly key: Key
  readonly former: SharedRow | undefined
}

/** A write that a failover has lost. */
export interface LostWrite {
  readonly row: SharedRow
}

export class SharedDatabase {
  readonly world: World
  readonly name: string
  isUp = true
  /** How far its clock is ahead. */
  skew = 0
  /** Which copy it is: another one after each failover. */
  timeline = 1
  commits = 0
  conflicts = 0
  /** Told by servers: nothing was to be given anew before this time, nor for longer than this. */
  #doubtUntil: Instant = Number.NEGATIVE_INFINITY
  #doubtMost: Millis = 0
  #jumps = 0
  #lastJump: Millis = 0
  readonly #rows = new Map<Key, SharedRow>()
  readonly #members = new Map<string, Member>()
  #undo: Undo[] = []
  #batches: { readonly at: Millis; readonly member: Member; readonly former: StoredBatch }[] = []
  #order = 0

  constructor(world: World, name = 'database') {
    this.world = world
    this.name = name
  }

  /** What its clock shows: it ticks as those of nodes do, so that sums of times are exact. */
  now(): Instant {
    return 1_000_000 + Math.floor((this.world.now + this.skew) * TICKS) / TICKS
  }

  /** What its host shows while the clock here shows about `stamp`; else nothing is noted. */
  note(member: Member, times: HostTimes, stamp: Instant): void {
    if (Math.abs(this.now() - stamp) < JUMP_MIN) member.clock = { stamp: this.now(), ...times }
  }

  tellJump({ until, wait, by, count }: ToldJump): void {
    const isNew = this.#doubtUntil < this.now()
    this.#doubtMost = isNew ? wait : Math.max(this.#doubtMost, wait)
    this.#doubtUntil = Math.max(this.#doubtUntil, until)
    if (count !== this.#jumps) return
    this.#jumps++
    this.#lastJump = by
  }

  endDoubt(): void {
    this.#doubtUntil = Number.NEGATIVE_INFINITY
  }

  get jumps(): ToldJumps {
    const doubt = Math.max(0, Math.min(this.#doubtMost, this.#doubtUntil - this.now()))
    return { count: this.#jumps, last: this.#lastJump, doubt }
  }

  leave(name: string): void {
    this.#members.get(name)!.seen = Number.NEGATIVE_INFINITY
  }

  /** Others that have not left, and are quiet. */
  absent(member: Member): number {
    const isAbsent = (one: Member) => {
      const quiet = this.now() - one.seen
      return one !== member && quiet >= ABSENT && quiet < Number.POSITIVE_INFINITY
    }
    return [...this.#members.values()].filter(isAbsent).length
  }

  /** What each member noted of the clock. */
  notes(): ClockNote[] {
    return [...this.#members.values()].flatMap(({ clock }) => clock ?? [])
  }

  row(key: Key): SharedRow | undefined {
    return this.#rows.get(key)
  }

  rows(): SharedRow[] {
    return [...this.#rows.values()]
  }

  get order(): number {
    return this.#order
  }

  /** The highest version of any row. */
  highest(): number {
    let highest = 0
    for (const { lease } of this.#rows.values()) highest = Math.max(highest, lease.change)
    return highest
  }

  member(name: string): Member {
    let member = this.#members.get(name)
    if (member === undefined) {
      const batch = { number: 0, conflicts: [] }
      const number = this.#members.size + 1
      const records = { edits: new Map<string, string>(), names: new Map<string, string>() }
      const nothing = { fingerprint: '', connection: 0, batch, pair: undefined, clock: undefined }
      member = { ...nothing, name, number, seen: this.now(), ...records }
      this.#members.set(name, member)
    }
    member.seen = this.now()
    return member
  }

  /** Its place among the living ones. */
  standing(member: Member): { readonly rank: number; readonly members: number } {
    const living = this.#living()
    return { rank: living.indexOf(member), members: living.length }
  }

  #living(): Member[] {
    return [...this.#members.values()].filter(({ seen }) => seen > this.now() - LIVING)
  }

  /**
   * What members owe to DNS that are gone is this one's from now on, beside what it has of the
   * address itself.
   */
  takeNames(member: Member): LeftName[] {
    const taken: LeftName[] = []
    for (const other of this.#members.values()) {
      if (other === member || other.seen > this.now() - GONE) continue
      for (const [address, text] of [...other.names]) {
        if (namesOfText(text)?.some(isLegacy) !== true) continue
        const kept = leftAddress(address, other.number)
        const there = member.names.get(kept)
        other.names.delete(address)
        member.names.set(
          kept,
          there === undefined ? text : `${there.slice(0, -1)},${text.slice(1)}`,
        )
        taken.push(leftNameOf({ address: kept, text })!)
      }
    }
    return taken
  }

  /** What members have stored of names, all of them. */
  names(): StoredName[] {
    return [...this.#members.values()].flatMap(({ names }) =>
      [...names].map(([address, text]) => ({ address, text })),
    )
  }

  /** The living ones but this. */
  others(member: Member): SharedMember[] {
    return this.#living()
      .filter((one) => one !== member)
      .map(({ name, fingerprint }) => ({ name, fingerprint }))
  }

  /** Stores what may be stored of a batch, the times of which are relative to now. */
  commit(
    member: Member,
    number: number,
    rows: readonly Lease<Key>[],
    { expected, isForced, ties = [] }: SharedBatch,
    edits: readonly StoredEdit[],
    names: readonly StoredName[] = [],
  ): readonly number[] {
    const conflicts: number[] = []
    const overlapped = rows.map((lease) => this.isOverlapped(lease))
    for (const [place, relative] of rows.entries()) {
      const lease = moved(relative, this.now())
      const former = this.#rows.get(lease.address)
      const isForcedHere = isForced[place] === 1
      if (overlapped[place] || !this.#mayStore(lease, former, expected[place]!, isForcedHere))
        conflicts.push(place)
      else this.#store(lease, member.number, former, isForcedHere)
    }
    this.commits++
    this.conflicts += conflicts.length
    this.#batches.push({ at: this.world.now, member, former: member.batch })
    member.batch = { number, conflicts }
    for (const { id, text } of edits) keep(member.edits, id, text)
    const leftOut = new Set(
      ties.flatMap((tie) => (conflicts.includes(tie.place) ? tie.address : [])),
    )
    for (const { address, text } of names)
      if (!leftOut.has(address)) keep(member.names, address, text)
    return conflicts
  }

  #mayStore(
    lease: Lease<Key>,
    former: SharedRow | undefined,
    expected: number,
    isForced: boolean,
  ): boolean {
    if ((former?.lease.change ?? 0) !== expected) return false
    if (former === undefined || isForced || !isForClient(lease)) return true
    const { lease: row } = former
    if (row.state === LEASE_STATE.released || row.state === LEASE_STATE.free) return true
    return isSameClient(row, lease) || this.#isOver(row)
  }

  #isOver(row: Lease<Key>): boolean {
    return row.end + graceOf(row.validLifetime) < this.now()
  }

  /** Whether keys around it are somebody's, or are kept out of use. */
  isOverlapped({ address, state }: Lease<Key>): boolean {
    if (state !== LEASE_STATE.assigned) return false
    return this.#around(address).some(({ lease }) => {
      const isKept = lease.state === LEASE_STATE.assigned || lease.state === LEASE_STATE.declined
      return isKept && !this.#isOver(lease)
    })
  }

  /** Rows of other keys that overlap this one. */
  #around(key: Key): SharedRow[] {
    return this.rows().filter(({ lease }) => lease.address !== key && isAround(key, lease.address))
  }

  #store(
    lease: Lease<Key>,
    member: number,
    former: SharedRow | undefined,
    isForced: boolean,
  ): void {
    const key = lease.address
    this.#undo.push({ at: this.world.now, key, former })
    const own = { member, order: ++this.#order }
    const isSame = !isForced && former !== undefined && isSameClient(former.lease, lease)
    this.#rows.set(key, { ...own, ...lasting(lease, isSame ? former : undefined) })
  }

  /** Rows that were written behind this place in the order of all. */
  since(order: number): SharedRow[] {
    return this.rows().filter((row) => row.order > order)
  }

  /** Rows that were asked for; keys that have none are among `missing`. */
  confirm({ keys, clientId = '', hwAddress = '', duid = '' }: Confirmation): {
    readonly rows: readonly SharedRow[]
    readonly missing: readonly Key[]
  } {
    const isAsked = ({ lease }: SharedRow) =>
      keys.some((key) => isAround(key, lease.address)) ||
      (clientId !== '' && lease.clientId === clientId) ||
      (hwAddress !== '' && lease.hwAddress === hwAddress) ||
      (duid !== '' && lease.clientId.includes(duid))
    return {
      rows: this.rows().filter(isAsked),
      missing: keys.filter((key) => !this.#rows.has(key)),
    }
  }

  /**
   * Another copy takes over, which has not got what was stored in the time before. Returns the rows
   * that are lost, the last ones of their keys.
   */
  failOver(lag: Millis): LostWrite[] {
    this.timeline++
    const since = this.world.now - lag
    const lost = new Map<Key, SharedRow>()
    while (this.#undo.length > 0 && this.#undo.at(-1)!.at > since) {
      const { key, former } = this.#undo.pop()!
      const row = this.#rows.get(key)
      if (row !== undefined && !lost.has(key)) lost.set(key, row)
      if (former === undefined) this.#rows.delete(key)
      else this.#rows.set(key, former)
    }
    while (this.#batches.length > 0 && this.#batches.at(-1)!.at > since) {
      const { member, former } = this.#batches.pop()!
      member.batch = former
    }
    return [...lost.values()].map((row) => ({ row }))
  }
}

/** Whether it is the key, or overlaps it. */
function isAround(key: Key, other: Key): boolean {
  if (key === other) return true
  return typeof key === 'string' && typeof other === 'string' && isOverlapping(key, other)
}

/** '' takes it out. */
function keep(records: Map<string, string>, id: string, text: string): void {
  if (text === '') records.delete(id)
  else records.set(id, text)
}
