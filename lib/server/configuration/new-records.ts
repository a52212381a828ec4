// Records of edits that are made here: behind all that is known.

import type { EditBook } from './edit-book.ts'
import { type EditRecord, NEW_RECORD } from './edit-record.ts'
import type { Author } from './running-configuration.ts'

type Said = Pick<EditRecord, 'scope'> & Partial<EditRecord>

export class NewRecords {
  readonly #book: EditBook
  readonly #newId: () => string
  readonly #today: () => string

  constructor(book: EditBook, newId: () => string, today: () => string) {
    this.#book = book
    this.#newId = newId
    this.#today = today
  }

  /** `index`: of several that are made together. */
  record(said: Said, author: Author, index = 0): EditRecord {
    const number = this.#book.nextNumber + index
    return { ...NEW_RECORD, id: this.#newId(), number, author, at: this.#today(), ...said }
  }

  /** The partner is to drop them, too. */
  dropWord(dropped: readonly EditRecord[], author: Author): EditRecord[] {
    const drops = dropped.filter(({ scope }) => scope === 'pair').map(({ id }) => id)
    return drops.length === 0 ? [] : [this.record({ scope: 'pair', state: 'word', drops }, author)]
  }
}
