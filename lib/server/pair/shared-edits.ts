// What the pair asks of the edits of its configuration (server/configuration).

import type { StoredEdit } from '../../ports/journal.ts'

/** What a server knows of edits that its pair shares. */
export interface SharedEdits {
  known(): { readonly standing: readonly string[]; readonly past: readonly string[] }
  /** Those of which the partner has not said that it knows them, in order. */
  lacking(known: ReadonlySet<string>): readonly StoredEdit[]
  /** An edit of the partner. `done` when it is stored: why it is not in force here, '' = it is. */
  take(edit: StoredEdit, done: (why: string) => void): void
  /** What the partner does not have over its files is of no interest any more. */
  forgetPast(standing: ReadonlySet<string>, past: ReadonlySet<string>): void
}
