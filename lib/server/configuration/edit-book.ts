// The records of edits that a server knows, and what has become of each: see edit-record.ts. Every
// change of it is told as what has to be stored.

import { isSame } from '../../config/difference.ts'
import type { Step } from '../../config/edits.ts'
import type { StoredEdit } from '../../ports/journal.ts'
import {
  type EditRecord,
  type EditState,
  inOrder,
  recordOf,
  removedRecord,
  storedRecord,
} from './edit-record.ts'

/** Records that stand over what the files say; more are refused: they are to be written. */
export const EDITS_MAX = 20_000

/** Records that are kept for the partner only. */
const PAST_MAX = 20_000

/** Names the texts that the records stand over: no record. */
const FILE = 'file'

export class EditBook {
  readonly #records = new Map<string, EditRecord>()
  #standing: readonly EditRecord[] = []
  #number = 0
  /** Of the files that the records stand over; '' where none do. */
  digest = ''

  /** In order. Never written to. */
  get standing(): readonly EditRecord[] {
    return this.#standing
  }

  /** For a record that is behind all others. */
  get nextNumber(): number {
    return this.#number + 1
  }

  has(id: string): boolean {
    return this.#records.has(id)
  }

  get(id: string): EditRecord | undefined {
    return this.#records.get(id)
  }

  get all(): Iterable<EditRecord> {
    return this.#records.values()
  }

  /** Whether the partner made this edit, and nobody has edited the same since. */
  isFromPartner(path: readonly Step[], value: unknown): boolean {
    const wanted = JSON.stringify(path)
    for (const { edits, origin } of this.#standing.toReversed()) {
      const edit = edits.find((one) => JSON.stringify(one.path) === wanted)
      if (edit !== undefined) return origin === 'partner' && isSame(edit.value, value)
    }
    return false
  }

  /** What was stored; how many could not be read. */
  load(stored: readonly StoredEdit[]): number {
    let unreadable = 0
    for (const edit of stored) {
      if (edit.id === FILE) {
        this.digest = edit.text
        continue
      }
      const record = recordOf(edit)
      if (record === undefined) unreadable++
      else this.#put(record)
    }
    this.#sort()
    return unreadable
  }

  add(records: readonly EditRecord[]): StoredEdit[] {
    for (const record of records) this.#put(record)
    this.#sort()
    return records.map(storedRecord)
  }

  /** What is said of them from now on; `isKept`: whether the partner may have to hear of it. */
  enter(
    records: readonly EditRecord[],
    state: EditState,
    isKept: (record: EditRecord) => boolean,
  ): StoredEdit[] {
    const changes = records.map((record) => {
      if (!isKept(record)) return this.#remove(record)
      // What was dropped is nothing but a name.
      const edits = state === 'dropped' ? [] : record.edits
      const next: EditRecord = { ...record, state, edits }
      this.#put(next)
      return storedRecord(next)
    })
    this.#sort()
    return [...changes, ...this.#forgetOldest()]
  }

  /** Nobody asks for them any more. */
  forget(ids: Iterable<string>): StoredEdit[] {
    return [...ids].flatMap((id) => {
      const record = this.#records.get(id)
      return record === undefined ? [] : [this.#remove(record)]
    })
  }

  standOver(digest: string): StoredEdit[] {
    if (this.digest === digest) return []
    this.digest = digest
    return [{ id: FILE, text: digest }]
  }

  #put(record: EditRecord): void {
    this.#records.set(record.id, record)
    this.#number = Math.max(this.#number, record.number)
  }

  #remove(record: EditRecord): StoredEdit {
    this.#records.delete(record.id)
    return removedRecord(record)
  }

  #sort(): void {
    this.#standing = [...this.#records.values()]
      .filter(({ state }) => state === 'stands')
      .sort(inOrder)
  }

  #forgetOldest(): StoredEdit[] {
    const past = [...this.#records.values()].filter(({ state }) => state !== 'stands')
    const surplus = past.length - PAST_MAX
    return surplus <= 0
      ? []
      : this.forget(
          past
            .sort(inOrder)
            .slice(0, surplus)
            .map(({ id }) => id),
        )
  }
}
