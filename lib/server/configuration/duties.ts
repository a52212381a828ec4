// What the configuration of a running server asks of the server, and of its partner; and a change
// of it that is under way.

import type { Edit } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Problem } from '../../config/text/problem.ts'
import type { StoredEdit } from '../../ports/journal.ts'
import type { ServerState } from '../events.ts'
import type { Reporter } from '../reporter.ts'
import type { InForceDuties } from './in-force.ts'
import type { Author, EditScope } from './running-configuration.ts'

export interface ConfigurationDuties extends InForceDuties {
  /**
   * Makes ready what comes into force with a plan and takes a while: hooks. `done`: with why it
   * cannot be in force, or ''; within the call where nothing takes a while.
   */
  prepare(plan: Plan, isWhole: boolean, done: (trouble: string) => void): void
  /** Stores records in the next batch; `done` when that is durable. */
  store(edits: readonly StoredEdit[], done: () => void): void
  newId(): string
  /** Nothing is changed that would not be stored. */
  state(): ServerState
  readonly reporter: Pick<Reporter, 'say' | 'fault'>
  /** The other server of the pair; undefined where there is none. */
  partner(): EditPartner | undefined
}

export interface EditPartner {
  /** `done` when it has stored the records, or is not to be waited for. */
  tell(edits: readonly StoredEdit[], done: () => void): void
}

export interface Change {
  readonly document: ConfigDocument
  readonly edits: readonly Edit[]
  /** Of the keys. */
  readonly problems: readonly Problem[]
  readonly scope: EditScope
  readonly author: Author
  /** The configuration is another one, not the same with an edit. */
  readonly isWhole: boolean
}
