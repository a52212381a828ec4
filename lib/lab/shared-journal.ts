// The journal of a server on a database that others share (shared-database.ts), with the way there:
// it takes time, can be cut, can lose an answer. A request that is not answered in time means that
// the database is away; it is tried again until it is back, and then everything is told in order:
// what became of the batch under way, what others wrote, and that it is back.

import type { PairRecord } from '../ha/pair-record.ts'
import { forEachMixedChange } from '../leases/change-codec.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease } from '../leases/lease.ts'
import type { Journal, JournalSink, StoredEdit, StoredName } from '../ports/journal.ts'
import type {
  Confirmation,
  LeftName,
  SharedAnswer,
  SharedBatch,
  SharedSink,
  ToldJump,
} from '../ports/shared-journal.ts'
import { jumpSince } from '../time/downtime.ts'
import type { Instant, Millis } from '../time/units.ts'
import { between } from './chance.ts'
import type { Node } from './node.ts'
import type { SharedDatabase } from './shared-database.ts'
import { encoded, moved, pagesOf, type SharedRow } from './shared-rows.ts'

/** Longer than this no answer is waited for. */
const ANSWER_WAIT: Millis = 2000

/** How often the others' rows are read, and how often a database that is away is tried. */
const POLL_WAIT: Millis = 500
const RETRY_WAIT: Millis = 700

/** From the start to the first note of its clocks. */
const TOUCH_WAIT: Millis = 5000

/** The way of one server to the database. */
export class DatabasePath {
  latencyMin: Millis = 0.2
  latencyMax: Millis = 3
  isCut = false
  /** So many answers to commits get lost, though the batches are stored. */
  answersToLose = 0
}

interface UnderWay {
  readonly number: number
  /** Of its keys, in the order of the batch. */
  readonly keys: readonly Key[]
}

export class VirtualSharedJournal implements Journal {
  readonly #database: SharedDatabase
  readonly #path: DatabasePath
  readonly #node: Node
  readonly #name: string
  #sink!: JournalSink
  #shared!: SharedSink
  #underWay: UnderWay | undefined
  /** Numbers of this server's batches: the last one, and the last that it was told is stored. */
  #number = 0
  #acknowledged = 0
  /** Up to where the writes of others were told. */
  #order = 0
  #timeline = 0
  #connection = 0
  #isAway = false
  #isOpen = false
  #fingerprint = ''
  /** Its process has ended: nobody hears what is answered. */
  #isDead = false
  #closing: (() => void) | undefined
  #lastPoll = 0
  /** What was taken over and is not told, as an answer may be lost. */
  readonly #left: LeftName[] = []
  /** Not before what the last note shows is told to others. */
  #touchAt = 0

  constructor(database: SharedDatabase, path: DatabasePath, node: Node, name: string) {
    this.#database = database
    this.#path = path
    this.#node = node
    this.#name = name
    node.onCrash(() => {
      this.#isDead = true
    })
  }

  readonly shared = {
    listen: (sink: SharedSink) => {
      this.#shared = sink
    },
    confirm: (ticket: number, asked: Confirmation) => this.#confirm(ticket, asked),
    fingerprint: (text: string) => {
      this.#fingerprint = text
    },
    doubt: (jump: ToldJump) => this.#tell(() => this.#database.tellJump(jump)),
    endDoubt: () => this.#tell(() => this.#database.endDoubt()),
  }

  /** Connections to a copy end with it: another one hears nothing through them. */
  get #isCutOff(): boolean {
    return this.#database.timeline !== this.#timeline
  }

  /** Something that is not answered. */
  #tell(what: () => void): void {
    const done = () => {
      if (!this.#isCutOff) what()
      return true
    }
    this.#ask(done, () => {})
  }

  open(sink: JournalSink): void {
    this.#sink = sink
    this.#read()
  }

  /** Until it is there: a server that starts waits for its database. */
  #read(): void {
    const [database, name] = [this.#database, this.#name]
    this.#ask(
      () => {
        const member = database.member(name)
        return {
          connection: ++member.connection,
          ...{ member, rows: database.rows(), order: database.order, time: database.now() },
          ...{ standing: database.standing(member), timeline: database.timeline },
          ...{ highest: database.highest(), jumps: database.jumps },
          absent: database.absent(member),
          jumped: jumpSince(database.notes(), database.now(), this.#node.times()),
        }
      },
      ({ connection, member, rows, order, time, standing, timeline, highest, ...start }, took) => {
        const { jumps, jumped, absent } = start
        this.#connection = connection
        this.#order = order
        this.#timeline = timeline
        this.#number = this.#acknowledged = member.batch.number
        const leases = rows.map((row) => this.#seen(row))
        for (const family of ['number', 'string'])
          for (const page of pagesOf(leases.filter(({ address }) => typeof address === family)))
            this.#sink.onRows(encoded(page))
        this.#isOpen = true
        this.#sink.onReady({
          ...{ stamp: time + took, change: highest, setAside: 0, pair: member.pair },
          database: database.name,
          edits: [...member.edits].map(([id, text]) => ({ id, text })),
          names: [...member.names].map(([address, text]) => ({ address, text })),
          shared: { member: member.number, ...standing, jumps, jumped, absent },
        })
        this.#touchAt = this.#steady + TOUCH_WAIT
        this.#poll(++this.#lastPoll, time)
      },
      () => this.#node.after(RETRY_WAIT, () => this.#read()),
    )
  }

  commit(
    changes: Uint8Array,
    count: number,
    stamp: Instant,
    pair?: PairRecord,
    edits: readonly StoredEdit[] = [],
    batch: SharedBatch = { expected: new Float64Array(count), isForced: new Uint8Array(count) },
    names: readonly StoredName[] = [],
  ): void {
    if (this.#underWay !== undefined || this.#isAway)
      throw new Error('a batch is committed while another is under way, or the database away')
    const rows: Lease<Key>[] = []
    forEachMixedChange(changes, (change) => {
      if (change.kind === 'remove') throw new Error('a row of a shared database is removed')
      rows.push(moved(change.lease as Lease<Key>, -stamp))
    })
    if (rows.length !== count || batch.expected.length !== count)
      throw new Error('a batch with a wrong count of changes')
    changes.fill(0xee)
    const number = ++this.#number
    this.#underWay = { number, keys: rows.map(({ address }) => address) }
    const [database, path, connection] = [this.#database, this.#path, this.#connection]
    this.#ask(
      () => {
        const member = database.member(this.#name)
        if (member.connection !== connection || this.#isCutOff) return undefined
        member.pair = pair ?? member.pair
        const conflicts = database.commit(member, number, rows, batch, edits, names)
        if (path.answersToLose === 0) return { conflicts, ...this.#rowsAt(conflicts) }
        path.answersToLose--
        return undefined
      },
      ({ conflicts, bytes, answer }, took) => {
        // Else the connection is gone, and what became of the batch is asked on the next one.
        if (connection === this.#connection && !this.#isAway)
          this.#stored(conflicts, bytes, { ...answer, took })
      },
    )
  }

  #stored(conflicts: readonly number[], rows: Uint8Array, answer: SharedAnswer): void {
    this.#acknowledged = this.#underWay!.number
    this.#underWay = undefined
    this.#sink.onCommitted({ ...answer, conflicts, rows })
    this.#closeIfDone()
  }

  /** Rows as the database has them, at these places of the batch under way. */
  #rowsAt(places: readonly number[]) {
    const { rows, missing } = this.#database.confirm({
      keys: places.map((place) => this.#underWay!.keys[place]!),
    })
    return this.#told(rows, missing)
  }

  #told(rows: readonly SharedRow[], missing: readonly Key[] = []) {
    const time = this.#database.now()
    const leases = rows.map((row) => moved(this.#seen(row), -time))
    const standing = this.#database.standing(this.#database.member(this.#name))
    const { jumps } = this.#database
    return { bytes: encoded(leases, missing), answer: { time, took: 0, ...standing, jumps } }
  }

  get #steady(): Millis {
    return this.#node.monotonicAt(this.#node.world.now)
  }

  /** Who gave it is told as seen from here. */
  #seen({ lease, member }: SharedRow): Lease<Key> {
    const isOwn = member === this.#database.member(this.#name).number
    return { ...lease, givenBy: isOwn ? 'us' : 'partner' }
  }

  #confirm(ticket: number, asked: Confirmation): void {
    this.#ask(
      () => {
        if (this.#isCutOff) return undefined
        const { rows, missing } = this.#database.confirm(asked)
        return this.#told(rows, missing)
      },
      ({ bytes, answer }, took) => {
        if (!this.#isAway) this.#shared.onConfirmed(ticket, bytes, { ...answer, took })
      },
    )
  }

  /** `heard`: what its clock showed a moment ago. */
  #poll(number: number, heard: Instant): void {
    const database = this.#database
    if (number !== this.#lastPoll) return
    const isDue = this.#steady >= this.#touchAt
    const times = isDue ? this.#node.times() : undefined
    this.#ask(
      () => {
        const member = database.member(this.#name)
        member.fingerprint = this.#fingerprint
        if (times !== undefined) database.note(member, times, heard)
        this.#left.push(...database.takeNames(member))
        return {
          ...this.#told(database.since(this.#order)),
          ...{ order: database.order, others: database.others(member) },
          isOther: database.timeline !== this.#timeline,
        }
      },
      ({ bytes, answer, order, others, isOther }, took) => {
        if (number !== this.#lastPoll) return
        if (isOther) return this.#lost('another copy of the database took over')
        this.#order = order
        this.#shared.onOthers(bytes, { ...answer, took })
        this.#shared.onMembers(others)
        if (this.#left.length > 0) this.#shared.onNamesLeft(this.#left.splice(0))
        this.#node.after(POLL_WAIT, () => this.#poll(number, answer.time))
      },
    )
  }

  /** A request and its answer; neither comes where the path is cut then or the database down. */
  #ask<Answer>(
    statement: () => Answer | undefined,
    answered: (answer: Answer, took: Millis) => void,
    failed = () => this.#lost('the database does not answer'),
  ): void {
    const node = this.#node
    const { world } = node
    const draw = world.draw(`${this.#name}/database`)
    const { latencyMin, latencyMax } = this.#path
    const [there, back] = [latencyMin, latencyMin].map((min) => between(draw, min, latencyMax))
    const asked = node.monotonicAt(world.now)
    let isOver = false
    node.after(ANSWER_WAIT, () => {
      if (!isOver) failed()
      isOver = true
    })
    // What is on its way goes on when the server dies.
    world.after(there!, () => {
      if (this.#path.isCut || !this.#database.isUp) return
      const answer = statement()
      world.after(back!, () => {
        const isLost = this.#path.isCut || !this.#database.isUp || this.#isDead
        if (answer === undefined || isLost) return
        node.after(0, () => {
          if (isOver) return
          isOver = true
          answered(answer, node.monotonicAt(world.now) - asked)
        })
      })
    })
  }

  #lost(trouble: string): void {
    if (this.#isAway || !this.#isOpen) return
    this.#isAway = true
    this.#lastPoll++
    this.#shared.onAway(trouble)
    this.#closeIfDone()
    this.#node.after(RETRY_WAIT, () => this.#reconnect())
  }

  #reconnect(): void {
    const database = this.#database
    this.#ask(
      () => {
        const member = database.member(this.#name)
        const isOther = database.timeline !== this.#timeline
        const { number, conflicts } = member.batch
        return {
          connection: ++member.connection,
          ...{ number, isOther, timeline: database.timeline, order: database.order },
          unknown: this.#underWay?.number === number ? conflicts : undefined,
          fate: this.#underWay && this.#rowsAt(conflicts.filter((at) => this.#has(at))),
          tail: this.#told(isOther ? database.rows() : database.since(this.#order)),
        }
      },
      ({ connection, number, isOther, timeline, order, unknown, fate, tail }, took) => {
        this.#connection = connection
        const lost = Math.max(0, this.#acknowledged - number)
        if (unknown !== undefined) this.#stored(unknown, fate!.bytes, { ...fate!.answer, took })
        else if (this.#underWay !== undefined) this.#unstored()
        this.#number = this.#acknowledged = number
        this.#timeline = timeline
        this.#order = order
        const answer = { ...tail.answer, took }
        this.#shared.onOthers(tail.bytes, answer)
        this.#isAway = false
        this.#shared.onBack(answer, { lost, isPromoted: isOther })
        this.#poll(++this.#lastPoll, answer.time)
      },
      () => this.#node.after(RETRY_WAIT, () => this.#reconnect()),
    )
  }

  #has(place: number): boolean {
    return place < this.#underWay!.keys.length
  }

  #unstored(): void {
    this.#underWay = undefined
    this.#sink.onFailed('the database went away before it had stored the batch')
    this.#closeIfDone()
  }

  close(done: () => void): void {
    this.#closing = () => {
      this.#isOpen = false
      if (!this.#isAway) this.#tell(() => this.#database.leave(this.#name))
      this.#lastPoll++
      this.#node.after(0, done)
    }
    this.#closeIfDone()
  }

  /** What is under way at a database that is away is not waited for. */
  #closeIfDone(): void {
    if (this.#underWay !== undefined && !this.#isAway) return
    const closing = this.#closing
    this.#closing = undefined
    closing?.()
  }
}
