// A batch on its way into a shared database: one statement, repeated where the database says that
// nothing was done, and found by its number where nobody has heard what became of it.

import type { Key } from '../../leases/keys/key.ts'
import type { StoredEvents } from '../../ports/journal.ts'
import type { SharedAnswer, SharedBatch, SharedCommit } from '../../ports/shared-journal.ts'
import type { Instant, Millis } from '../../time/units.ts'
import {
  bytesOfCell,
  commitAnswer,
  forEachKey,
  readAnswer,
  rowsAnswer,
  splitKeys,
  touchAnswer,
  withRemovals,
} from './answers.ts'
import { type BatchRows, batchRows } from './batch.ts'
import { type Batch, type BatchExtras, commitQuestion, hasExtras } from './commit-statement.ts'
import type { Self } from './connection.ts'
import { historyBatch } from './history.ts'
import type { Session } from './session.ts'
import { ownBatchQuestion, rowsQuestion, touchQuestion } from './statements.ts'
import { DatabaseError, databaseError } from './trouble.ts'

export interface Wish {
  readonly changes: Uint8Array
  readonly count: number
  readonly stamp: Instant
  readonly extras: BatchExtras
  readonly shared: SharedBatch | undefined
  /** Where a history is kept. */
  readonly told: StoredEvents | undefined
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

const NO_ROWS = new Uint8Array(0)

export class Store {
  readonly #self: Self
  /** The last batches that are stored. */
  readonly #acknowledged: number[] = []
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
    const { changes, count, stamp, shared, extras, told } = pending
    if (isNothing(pending)) return this.#touch(writer)
    let rows: BatchRows & Pick<Batch, 'history'>
    try {
      const history = told && historyBatch(changes, stamp, told)
      rows = { ...batchRows(changes, count, stamp, shared), history }
    } catch (error) {
      return { kind: 'failed', trouble: (error as Error).message }
    }
    for (let tries = 1; ; tries++) {
      try {
        const { number: member, instance } = this.#self
        const { seq } = pending
        const batch = { member, instance, seq, records: changes, ...rows, extras }
        const question = commitQuestion(batch)
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
    if (isNothing(pending)) return this.#touch(writer)
    const question = ownBatchQuestion(this.#self.number, pending.seq)
    const { answer, own } = readAnswer(await writer.askRaw(question))
    const [seq, keys4, keys6] = own
    if (seq === null) return { kind: 'failed', trouble: 'the connection to the database was lost' }
    const stored = storedKeys(bytesOfCell(keys4), bytesOfCell(keys6))
    const conflicts: number[] = []
    forEachKey(pending.changes, (key, place) => {
      if (!stored.has(key)) conflicts.push(place)
    })
    return this.#stored(pending, conflicts, answer, writer)
  }

  /** How many batches are missing in a database whose last one of this member is `highest`. */
  lostBehind(highest: number): number {
    return this.#acknowledged.filter((seq) => seq > highest).length
  }

  async #stored(
    pending: Pending,
    conflicts: readonly number[],
    answer: SharedAnswer,
    writer: Session,
  ): Promise<Outcome> {
    const { seq, changes } = pending
    this.#acknowledge(seq)
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

  #acknowledge(seq: number): void {
    this.#acknowledged.push(seq)
    if (this.#acknowledged.length > 2 * REMEMBERED) this.#acknowledged.splice(0, REMEMBERED)
  }

  async #touch(writer: Session): Promise<Outcome> {
    const { number, instance, fingerprint } = this.#self
    const raw = await writer.askRaw(touchQuestion(number, instance, fingerprint))
    const { answer, isTaken } = touchAnswer(raw)
    if (isTaken) throw this.#taken()
    return { kind: 'stored', commit: { ...answer, conflicts: [], rows: NO_ROWS } }
  }

  #taken(): DatabaseError {
    return new DatabaseError(`another process serves as "${this.#self.name}"`, 'denied')
  }
}

/** A sign of life, and nothing to be stored. */
function isNothing({ count, extras, told }: Wish): boolean {
  return count === 0 && !hasExtras(extras) && !(told !== undefined && told.events.length > 0)
}

/** No copy of the database lags more batches than this. */
const REMEMBERED = 1 << 15

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
