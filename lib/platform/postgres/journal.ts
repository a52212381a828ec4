// The journal on a PostgreSQL that other servers write, too (ports/shared-journal.ts). It runs on
// the server's own thread: the database does the work, rows come and go as bytes, and what the loop
// pays for a batch is less than the wake-ups of another thread.
//
//   opened --open--> loading --all rows read--> here <--> away
//
// Away begins when any answer fails to come: both sessions are dropped then, and the primary is
// looked for until it is found. What became of the batch under way is asked by its number.

import type { Octets } from '../../bytes/octets.ts'
import { bytesFromOctets } from '../../bytes/octets.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type {
  Journal,
  JournalSink,
  StoredEdit,
  StoredEvents,
  StoredName,
} from '../../ports/journal.ts'
import type {
  Confirmation,
  SharedAnswer,
  SharedBatch,
  SharedDatabase,
  SharedReturn,
  SharedSink,
  ToldJump,
} from '../../ports/shared-journal.ts'
import { type HostTimes, jumpSince } from '../../time/downtime.ts'
import type { Instant, Millis } from '../../time/units.ts'
import { timesOfHost } from '../host-times.ts'
import { rowsAnswer, splitKeys, withRemovals } from './answers.ts'
import { type Connection, connectAgain } from './connection.ts'
import { beginHistory } from './history.ts'
import { keepDuid, leave } from './member.ts'
import { type Opened, openDatabase, type PostgresOptions } from './open.ts'
import { pairFromText, textFromPair } from './pair-text.ts'
import {
  absentOf,
  clocksOf,
  doubtQuestion,
  NO_DOUBT,
  positionOf,
  rowsQuestion,
} from './statements.ts'
import { type Outcome, type Pending, Store } from './store.ts'
import { lookAtTime, Tail, type TailSink } from './tail.ts'
import { DatabaseError, databaseError } from './trouble.ts'
import { Upkeep } from './upkeep.ts'

/** Between two looks for a primary: the first, the longest, and how they grow. */
const LOOK_MIN: Millis = 100
const LOOK_MAX: Millis = 5000
const LOOK_GROWTH = 1.6

/** Rejects with JournalRefused where serving is impossible. */
export async function openPostgres(options: PostgresOptions): Promise<PostgresJournal> {
  return new PostgresJournal(options, await openDatabase(options))
}

export class PostgresJournal implements Journal, SharedDatabase {
  readonly shared: SharedDatabase = this
  readonly #options: PostgresOptions
  readonly #opened: Opened
  readonly #store: Store
  readonly #tail: Tail
  readonly #upkeep: Upkeep
  readonly #times: () => HostTimes
  #sink: JournalSink | undefined
  #sharedSink: SharedSink | undefined
  /** Undefined: away. */
  #connection: Connection | undefined
  #systemId: string
  #timeline: number
  #phase: 'opened' | 'loading' | 'serving' | 'closed' = 'opened'
  #pending: Pending | undefined
  #onClosed: (() => void) | undefined

  constructor(options: PostgresOptions, opened: Opened) {
    this.#options = options
    this.#opened = opened
    const { connection, self, own } = opened
    this.#store = new Store(self, own.seq)
    this.#tail = new Tail(self.number)
    this.#times = options.times ?? timesOfHost
    this.#upkeep = new Upkeep(self, this.#times, options.history, {
      read: (reader) => this.#readTail(reader),
      members: (others) => this.#sharedSink?.onMembers(others),
      left: (names) => this.#sharedSink?.onNamesLeft(names),
      lost: (error) => this.#lose(databaseError(error)),
    })
    this.#systemId = connection.systemId
    this.#timeline = connection.timeline
    this.#adopt(connection)
  }

  /** Identifies the database for ever. */
  get databaseId(): string {
    return this.#opened.self.database
  }

  /** Of the server, when the database was opened; '' = it had none. */
  get duid(): Octets {
    return this.#opened.own.duid
  }

  /** Where the database is away it stays as it was; the server has noted it beside. */
  keepDuid(duid: Octets): void {
    const writer = this.#connection?.writer
    if (writer !== undefined) keepDuid(writer, this.#opened.self.number, duid).catch(() => {})
  }

  listen(sink: SharedSink): void {
    this.#sharedSink = sink
  }

  open(sink: JournalSink): void {
    this.#sink = sink
    this.#phase = 'loading'
    this.#load(sink).catch((error: unknown) => this.#lose(databaseError(error)))
  }

  commit(
    changes: Uint8Array,
    count: number,
    stamp: Instant,
    pair?: PairRecord,
    edits: readonly StoredEdit[] = [],
    shared?: SharedBatch,
    names: readonly StoredName[] = [],
    told?: StoredEvents,
  ): void {
    const extras = {
      pair: pair && textFromPair(pair),
      edits: edits.map(({ id, text }) => [id, text] as const),
      names: names.map(({ address, text }) => [address, text] as const),
      ties: shared?.ties ?? [],
    }
    this.#pending = this.#store.begin({ changes, count, stamp, extras, shared, told })
    this.#send()
  }

  confirm(ticket: number, { keys, clientId, hwAddress, duid }: Confirmation): void {
    const connection = this.#connection
    if (connection === undefined) return
    const { number } = this.#opened.self
    const { four, six } = splitKeys(keys)
    const by = { client: bytesOf(clientId), hwAddress: bytesOf(hwAddress), duid: bytesOf(duid) }
    connection.reader.askRaw(rowsQuestion(number, four, six, by)).then(
      (answer) => {
        if (this.#connection !== connection) return
        const found = rowsAnswer(answer, number)
        const rows = withRemovals(found.rows.rows, keys)
        this.#sharedSink?.onConfirmed(ticket, rows, found.answer)
      },
      (error: unknown) => this.#lose(databaseError(error), connection),
    )
  }

  doubt(jump: ToldJump): void {
    const { number } = this.#opened.self
    this.#connection?.reader.askRaw(doubtQuestion(number, jump)).catch(() => {})
  }

  endDoubt(): void {
    this.#connection?.reader.askRaw(NO_DOUBT).catch(() => {})
  }

  /** It is told with the next sign of life. */
  fingerprint(text: string): void {
    this.#opened.self.fingerprint = text
  }

  close(done: () => void): void {
    this.#onClosed = done
    // A database that is away will not say what became of the batch.
    if (this.#pending === undefined || this.#connection === undefined) this.#close()
  }

  // ---- reading at start

  async #load(sink: JournalSink): Promise<void> {
    const { self, own, warnings } = this.#opened
    const { reader } = this.#connection!
    await this.#tail.begin(reader)
    const change = await this.#tail.all(reader, false, (rows) => sink.onRows(rows))
    const { time, took, ...standing } = await lookAtTime(reader, self.number)
    // Noted anew by nobody before the doubt is told that follows from it.
    const jumped = jumpSince(await clocksOf(reader), time, this.#times())
    const absent = await absentOf(reader, self.number)
    const history = await beginHistory(reader, self.number, this.#options.history)
    if (this.#phase !== 'loading') return
    this.#phase = 'serving'
    sink.onReady({
      stamp: time + took,
      change,
      setAside: this.#tail.spoiled,
      database: self.database,
      pair: own.pair === undefined ? undefined : pairFromText(own.pair),
      edits: own.edits,
      names: own.names.map(([address, text]) => ({ address, text })),
      shared: { member: self.number, ...standing, jumped, absent },
      history,
    })
    for (const warning of warnings) this.#sharedSink?.onWarning(warning)
    this.#upkeep.begin(this.#connection)
  }

  // ---- storing

  #send(): void {
    const pending = this.#pending
    const connection = this.#connection
    if (pending === undefined || connection === undefined) return
    this.#store.store(pending, connection.writer).then(
      (outcome) => this.#settle(pending, outcome),
      (error: unknown) => this.#lose(databaseError(error), connection),
    )
  }

  #settle(pending: Pending, outcome: Outcome): void {
    if (this.#pending !== pending) return
    this.#pending = undefined
    if (outcome.kind === 'stored') {
      if (pending.count > 0) this.#upkeep.stored(pending.seq, outcome.commit.members)
      this.#sink?.onCommitted(outcome.commit)
    } else this.#sink?.onFailed(outcome.trouble)
    if (this.#onClosed !== undefined && this.#pending === undefined) this.#close()
  }

  #readTail(reader: Connection['reader']): Promise<SharedAnswer> {
    return this.#tail.read(reader, this.#others)
  }

  readonly #others: TailSink = {
    others: (rows, answer, isPartial) => this.#sharedSink?.onOthers(rows, answer, isPartial),
  }

  // ---- away, and back

  #adopt(connection: Connection): void {
    this.#connection = connection
    for (const session of [connection.writer, connection.reader])
      session.onLost((error) => this.#lose(error, connection))
    connection.reader.onNotice((hint) => {
      if (this.#phase === 'serving' && this.#tail.isNews(hint)) this.#upkeep.hinted()
    })
  }

  /** `of`: the connection that failed; another one may have taken its place. */
  #lose(error: DatabaseError, of = this.#connection): void {
    if (of === undefined || of !== this.#connection) return
    this.#connection = undefined
    this.#upkeep.end()
    of.writer.drop()
    of.reader.drop()
    if (this.#phase === 'closed') return
    if (this.#onClosed !== undefined) return this.#close()
    if (this.#phase !== 'serving') {
      this.#phase = 'closed'
      return this.#sink?.onFailed(error.message)
    }
    this.#sharedSink?.onAway(error.message)
    this.#lookAgain()
  }

  async #lookAgain(): Promise<void> {
    const { tries, wait: atLeast } = this.#options.plan.reconnect
    let wait = Math.max(LOOK_MIN, atLeast)
    for (let count = 1; ; count++) {
      // Servers that lost it together do not come back together.
      await pause(wait * (0.75 + Math.random() / 2))
      if (this.#phase === 'closed') return
      try {
        return await this.#comeBack(await connectAgain(this.#options, this.#opened.self))
      } catch (error) {
        const { message } = databaseError(error)
        if (count === tries)
          this.#sharedSink?.onWarning(`not found in ${count} tries, and tried on: ${message}`)
      }
      wait = Math.max(atLeast, Math.min(LOOK_MAX, wait * LOOK_GROWTH))
    }
  }

  async #comeBack(connection: Connection): Promise<void> {
    try {
      const how = await this.#catchUp(connection)
      if (this.#phase === 'closed') throw new DatabaseError('closed', 'lost')
      const answer = await lookAtTime(connection.reader, this.#opened.self.number)
      this.#systemId = connection.systemId
      this.#timeline = connection.timeline
      this.#adopt(connection)
      this.#upkeep.begin(connection)
      // Whoever made it is to judge it anew by what is there now.
      if (how.isPromoted && this.#pending?.isSent === false)
        this.#settle(this.#pending, { kind: 'failed', trouble: 'another copy took over' })
      this.#sharedSink?.onBack(answer, how)
      if (this.#pending?.isSent === false) this.#send()
    } catch (error) {
      connection.writer.drop()
      connection.reader.drop()
      throw error
    }
  }

  /** What became of what was under way, what is lost, and what others have stored. */
  async #catchUp(connection: Connection): Promise<SharedReturn> {
    const { writer, reader, systemId, timeline } = connection
    const { number } = this.#opened.self
    const isSame = systemId === this.#systemId
    if (isSame && timeline < this.#timeline)
      throw new DatabaseError(
        `the server is of timeline ${timeline}, another has gone on to ${this.#timeline}: ` +
          'an old primary, which must not be served',
        'lost',
      )
    const pending = this.#pending
    const outcome =
      pending?.isSent === true ? await this.#store.resolve(pending, writer) : undefined
    const highest = await positionOf(writer, number)
    const lost = this.#store.lostBehind(highest)
    if (pending !== undefined && outcome !== undefined) this.#settle(pending, outcome)
    const isPromoted = !isSame || timeline !== this.#timeline
    if (isPromoted) await this.#tail.reload(reader, this.#others)
    await this.#tail.read(reader, this.#others)
    return { lost, isPromoted }
  }

  #close(): void {
    if (this.#phase === 'closed' && this.#onClosed === undefined) return
    this.#phase = 'closed'
    const done = this.#onClosed
    this.#onClosed = undefined
    const connection = this.#connection
    this.#connection = undefined
    this.#upkeep.end()
    const { number, instance } = this.#opened.self
    const left =
      connection === undefined
        ? pause(0)
        : leave(connection.writer, number, instance)
            .catch(() => {})
            .then(() => Promise.all([connection.writer.close(), connection.reader.close()]))
    left.then(() => done?.())
  }
}

function bytesOf(octets: Octets | undefined): Buffer | undefined {
  return octets === undefined ? undefined : Buffer.from(bytesFromOctets(octets))
}

function pause(wait: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, wait))
}
