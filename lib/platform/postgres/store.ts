// A batch on its way into a shared database: one statement, repeated where the database says that
// nothing was done, and found by its number where nobody has heard what became of it.

import type { Key } from '../../leases/keys/key.ts'
import { FIELD } from '../../leases/record.ts'
import type { SharedAnswer, SharedBatch, SharedCommit } from '../../ports/shared-journal.ts'
import type { Instant, Millis } from '../../time/units.ts'
import {
  answerOf,
  bytesOfCell,
  commitAnswer,
  forEachKey,
  rowsAnswer,
  splitKeys,
  withRemovals,
} from './answers.ts'
import { batchRows } from './batch.ts'
import type { Self } from './connection.ts'
import { type LostRow, Recent } from './recent.ts'
import type { Session } from './session.ts'
import {
  type BatchExtras,
  commitQuestion,
  hasExtras,
  ownBatchQuestion,
  rowsQuestion,
  touchQuestion,
} from './statements.ts'
import { DatabaseError, databaseError } from './trouble.ts'

export interface Wish {
  readonly changes: Uint8Array
  readonly count: number
  readonly stamp: Instant
  readonly extras: BatchExtras
  readonly shared: SharedBatch | undefined
}

export interface Pending extends Wish {
  readonly seq: number
  isSent: boolean
}

export type Outcome =
  | { readonly kind: 'stored'; readonly commit: SharedCommit }
  | { readonly kind: 'failed'; readonly trouble: string }

/** Tries of a batch with which nothing was done. */
const TRIES = 4
const PAUSE_MIN: Millis = 5
const PAUSE_MAX: Millis = 50

const NO_EXTRAS: BatchExtras = { pair: undefined, edits: [], names: [] }
const NO_ROWS = new Uint8Array(0)

export class Store {
  readonly #self: Self
  readonly #recent = new Recent()
  #seq: number

  constructor(self: Self, seq: number) {
    this.#self = self
    this.#seq = seq
  }

  /** The highest number of a batch that was ever begun here. */
  get highest(): number {
    return this.#seq - 1
  }

  begin(wish: Wish): Pending {
    return { ...wish, seq: this.#seq++, isSent: false }
  }

  /** Rejects with DatabaseError where it is not known what became of it. */
  async store(pending: Pending, writer: Session): Promise<Outcome> {
    pending.isSent = true
    const { changes, count, stamp, shared, extras } = pending
    if (count === 0 && !hasExtras(extras)) return this.#touch(writer)
    const rows = batchRows(changes, count, stamp, shared)
    for (let tries = 1; ; tries++) {
      try {
        const { number: member, instance } = this.#self
        const { seq } = pending
        const question = commitQuestion({
          member,
          instance,
          seq,
          records: changes,
          ...rows,
          extras,
        })
        const { answer, isTaken, conflicts } = commitAnswer(await writer.askRaw(question))
        if (isTaken) throw this.#taken()
        return await this.#stored(pending, conflicts, answer, writer)
      } catch (error) {
        const known = databaseError(error)
        if (isOwnBatch(known)) return await this.resolve(pending, writer)
        if (known.sqlstate !== '' && isRefusal(known)) return failed(known)
        if (known.cure !== 'again') throw known
        if (tries === TRIES) return failed(known)
      }
      await pauseOf(tries)
    }
  }

  /** What became of a batch that was sent: it is there as a whole, or nothing of it is. */
  async resolve(pending: Pending, writer: Session): Promise<Outcome> {
    const { count, extras } = pending
    if (count === 0 && !hasExtras(extras)) return this.#touch(writer)
    const question = ownBatchQuestion(this.#self.number, pending.seq)
    const { rows, took } = await writer.askRaw(question)
    const [row] = rows
    if (row![3] === null)
      return { kind: 'failed', trouble: 'the connection to the database was lost' }
    const stored = storedKeys(bytesOfCell(row![4]), bytesOfCell(row![5]))
    const conflicts: number[] = []
    forEachKey(pending.changes, (key, place) => {
      if (!stored.has(key)) conflicts.push(place)
    })
    return this.#stored(pending, conflicts, answerOf(row!, took), writer)
  }

  /**
   * Writes again what the database has forgotten, where nobody has written since. Returns how many
   * batches it had forgotten, and the keys whose rows are others' now.
   */
  async restore(
    highest: number,
    now: Instant,
    writer: Session,
  ): Promise<{ readonly lost: number; readonly taken: readonly Key[] }> {
    const { batches, rows } = this.#recent.lostBehind(highest)
    const taken: Key[] = []
    for (let at = 0; at < rows.length; at += RESTORE_PAGE)
      taken.push(...(await this.#restorePage(rows.slice(at, at + RESTORE_PAGE), now, writer)))
    return { lost: batches, taken }
  }

  async #restorePage(page: readonly LostRow[], now: Instant, writer: Session): Promise<Key[]> {
    const { number } = this.#self
    const { four, six } = splitKeys(page.map(({ key }) => key))
    const found = rowsAnswer(await writer.askRaw(rowsQuestion(number, four, six)), number)
    const versions = new Map<Key, number>()
    const { rows } = found.rows
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength)
    forEachKey(rows, (key, _place, start) => {
      versions.set(key, view.getFloat64(start + FIELD.change, true))
    })
    const open = page.filter(({ key, formers }) => formers.includes(versions.get(key) ?? 0))
    const changes = Buffer.concat(open.map(({ record }) => record))
    const expected = Float64Array.from(open, ({ key }) => versions.get(key) ?? 0)
    const shared = { expected, isForced: new Uint8Array(open.length).fill(1) }
    const wish = { changes, count: open.length, stamp: now, extras: NO_EXTRAS, shared }
    const outcome = await this.store(this.begin(wish), writer)
    if (outcome.kind === 'failed') throw new DatabaseError(outcome.trouble, 'lost')
    const conflicts = new Set(outcome.commit.conflicts)
    const written = new Set(open.filter((_row, place) => !conflicts.has(place)))
    return page.filter((row) => !written.has(row)).map(({ key }) => key)
  }

  async #stored(
    pending: Pending,
    conflicts: readonly number[],
    answer: SharedAnswer,
    writer: Session,
  ): Promise<Outcome> {
    const { seq, changes, count, shared } = pending
    const expected = shared?.expected ?? new Float64Array(count)
    this.#recent.note({ seq, at: performance.now(), changes, expected, conflicts })
    if (conflicts.length === 0)
      return { kind: 'stored', commit: { ...answer, conflicts, rows: NO_ROWS } }
    const keys: Key[] = []
    const places = new Set(conflicts)
    forEachKey(changes, (key, place) => {
      if (places.has(place)) keys.push(key)
    })
    const { number } = this.#self
    const { four, six } = splitKeys(keys)
    const found = rowsAnswer(await writer.askRaw(rowsQuestion(number, four, six)), number)
    const rows = withRemovals(found.rows.rows, keys)
    return { kind: 'stored', commit: { ...found.answer, conflicts, rows } }
  }

  async #touch(writer: Session): Promise<Outcome> {
    const { number, instance } = this.#self
    const { rows, took } = await writer.askRaw(touchQuestion(number, instance))
    if (rows[0]![3] === null) throw this.#taken()
    return { kind: 'stored', commit: { ...answerOf(rows[0]!, took), conflicts: [], rows: NO_ROWS } }
  }

  #taken(): DatabaseError {
    return new DatabaseError(`another process serves as "${this.#self.name}"`, 'denied')
  }
}

/** Rows of a batch that writes again what was forgotten. */
const RESTORE_PAGE = 1000

/** The batch is there already: the answer of an earlier try was lost. */
function isOwnBatch({ sqlstate, constraint }: DatabaseError): boolean {
  return sqlstate === '23505' && constraint === 'batch_pkey'
}

/** Keys as the row of the batch has them: 8 octets each, and 17. */
function storedKeys(four: Buffer, six: Buffer): Set<Key> {
  const keys = new Set<Key>()
  for (let at = 0; at < four.length; at += 8) keys.add(Number(four.readBigInt64BE(at)))
  for (let at = 0; at < six.length; at += 17)
    keys.add(six.toString('latin1', at, at + 17) as unknown as Key)
  return keys
}

function pauseOf(tries: number): Promise<void> {
  const wait = Math.min(PAUSE_MAX, PAUSE_MIN * 3 ** (tries - 1))
  return new Promise((resolve) => setTimeout(resolve, wait))
}

/** The statement is refused, and nothing is wrong with the connection. */
function isRefusal({ cure }: DatabaseError): boolean {
  return cure === 'wrong' || cure === 'denied'
}

function failed({ message }: DatabaseError): Outcome {
  return { kind: 'failed', trouble: message }
}
