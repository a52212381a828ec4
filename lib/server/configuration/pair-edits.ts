// What a pair shares of edits, as the exchange with the partner (pair/edit-exchange.ts) asks for
// it: which records are known here, those that the partner lacks, and one that it sends.

import type { StoredEdit } from '../../ports/journal.ts'
import type { SharedEdits } from '../pair/shared-edits.ts'
import type { EditBook } from './edit-book.ts'
import { type EditRecord, inOrder, recordOf, textOfRecord } from './edit-record.ts'
import { isShared } from './shared-part.ts'

export interface PairEditsDuties {
  readonly book: EditBook
  /** Puts a record in its place among the others; `done` when it is stored. */
  insert(record: EditRecord, done: (why: string) => void): void
  /** Why it is not in force, '' where it is. */
  troubleOf(id: string): string
  store(changes: readonly StoredEdit[]): void
}

export class PairEdits implements SharedEdits {
  readonly #duties: PairEditsDuties

  constructor(duties: PairEditsDuties) {
    this.#duties = duties
  }

  known(): { readonly standing: readonly string[]; readonly past: readonly string[] } {
    const standing: string[] = []
    const past: string[] = []
    for (const { id, state } of this.#shared()) (state === 'stands' ? standing : past).push(id)
    return { standing, past }
  }

  lacking(known: ReadonlySet<string>): readonly StoredEdit[] {
    return this.#shared()
      .filter(({ id, state }) => state !== 'dropped' && !known.has(id))
      .sort(inOrder)
      .map(toldOf)
  }

  take(edit: StoredEdit, done: (why: string) => void): void {
    const record = recordOf(edit)
    if (record === undefined) return done('it cannot be read')
    const { book, insert, troubleOf } = this.#duties
    if (book.has(record.id)) return done(troubleOf(record.id))
    if (!record.edits.every(isShared)) return done('it is no part of what the pair has alike')
    const state = record.drops.length > 0 ? 'word' : 'stands'
    insert({ ...record, state, scope: 'pair', origin: 'partner' }, done)
  }

  forgetPast(standing: ReadonlySet<string>, past: ReadonlySet<string>): void {
    const gone = this.#shared().filter(({ id, state }) => {
      if (state === 'stands' || standing.has(id)) return false
      // What it has never heard of, and is not to hear of, either.
      return past.has(id) || state === 'dropped'
    })
    const changes = this.#duties.book.forget(gone.map(({ id }) => id))
    if (changes.length > 0) this.#duties.store(changes)
  }

  #shared(): EditRecord[] {
    return [...this.#duties.book.all].filter(({ scope }) => scope === 'pair')
  }
}

/** As the partner is told of it: what it has come to here is no matter of its. */
export function toldOf(record: EditRecord): StoredEdit {
  const state = record.state === 'word' ? 'word' : 'stands'
  return { id: record.id, text: textOfRecord({ ...record, state, origin: 'here' }) }
}
