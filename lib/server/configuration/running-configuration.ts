// The configuration of a running server, as whoever asks for it and changes it sees it: commands,
// the daemon, programs around a server. The document is the truth, the plan is made from it. An
// edit by command stands over what the files say until it is written into them, or dropped by a
// reload: it is as durable as an acknowledged lease, and at both servers of a pair.

import type { OrderResult } from '../../catalogue/order-result.ts'
import type { Edit, Step } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Steps } from '../../config/plan/steps.ts'
import type { Problem } from '../../config/text/problem.ts'
import type { Members } from '../../config/whole.ts'
import type { ConfigDatabaseStatus } from '../../ports/config-source.ts'

/** Who has changed it: for the history and the log. */
export interface Author {
  readonly user: string
  /** An address, or what door it was. */
  readonly from: string
  /** The command, `subnet4-add`. */
  readonly command: string
}

/** Whether the partner is told: 'pair' = what a pair shares is, 'here' = nothing is. */
export type EditScope = 'pair' | 'here'

/** What became of a change; refused ones have changed nothing. `why` has the first problem. */
export interface ConfigResult extends OrderResult {
  /** Errors and warnings, with paths, and places where there is a text. */
  readonly problems: readonly Problem[]
  /** What comes into force at the next start only. */
  readonly needsRestart: readonly string[]
  /** Edits that were not written and are gone: of a reload. */
  readonly dropped: number
}

/**
 * Makes the edits of the document as it is when it is their turn, a little at a time: another edit
 * may be under way. None: nothing is to be done.
 */
export type EditMaker = (document: ConfigDocument) => Steps<readonly Edit[]>

export type WantedEdits = readonly Edit[] | EditMaker

export type ConfigAnswer = (result: ConfigResult) => void

/** What a configuration would be: nothing is changed. */
export interface Tried {
  readonly isServed: boolean
  /** What it would change, where it could be served. */
  readonly edits: readonly Edit[]
  readonly problems: readonly Problem[]
  /** Why it was not tried, '' where it was. */
  readonly trouble: string
}

/** What has become of the document. */
export interface ConfigChange {
  readonly version: number
  readonly before: ConfigDocument
  readonly after: ConfigDocument
  /** 'file': of a start or a reload. 'partner': the other server of the pair was given the edit. */
  readonly by: Author | 'file' | 'partner'
}

export interface ConfigurationStatus {
  /** Absolute, as they were named at the start; empty where a program gave an object. */
  readonly files: readonly string[]
  /** When what the files say was read, UTC. */
  readonly read: string
  /** Why the last reload changed nothing, '' where it did or there was none. */
  readonly refused: string
  readonly needsRestart: readonly string[]
  /** Edits that stand over what the files say: those that were not written yet. */
  readonly edits: number
  /** Edits that cannot be in force here; a line each, with the reason. */
  readonly unusable: readonly string[]
  /** Of configuration; empty where none is named. */
  readonly databases?: readonly ConfigDatabaseStatus[]
}

export interface RunningConfiguration {
  /** In force, edits included, in today's spelling. Never written to. */
  readonly document: ConfigDocument
  /** What the files say: `document` without its edits. */
  readonly base: ConfigDocument
  readonly plan: Plan
  /** Another number whenever `document` is another. */
  readonly version: number
  readonly status: ConfigurationStatus

  /**
   * All of them or none, one after the other; answered when the change is in force, stored, and at
   * the partner where it goes there.
   */
  edit(edits: WantedEdits, scope: EditScope, author: Author, answer: ConfigAnswer): void
  /** Whether the partner made this edit, and nothing there was changed since. */
  isFromPartner(path: readonly Step[], value: unknown): boolean
  /** What would become of the edits. */
  try(edits: WantedEdits, answer: (tried: Tried) => void): void
  /** What would become of these maps of the top level in the place of those in force. */
  test(members: Members, answer: (tried: Tried) => void): void
  /** Puts them in force: the difference is an edit, with all that is true of one. */
  replace(members: Members, author: Author, answer: ConfigAnswer): void
  /** Reads the files again. Edits that were not written are dropped, at both servers of a pair. */
  reload(author: Author, answer: ConfigAnswer): void
  /** Looks at databases of configuration; what they say by now comes into force as by a reload. */
  pull(answer: ConfigAnswer): void
  /** The files say this by now: its edits need not stand over them any more. */
  written(document: ConfigDocument, answer: ConfigAnswer): void
  /**
   * Told of each change, behind it; must not throw. The function that is returned ends it.
   */
  watch(watcher: (change: ConfigChange) => void): () => void
}
