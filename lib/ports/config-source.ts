// Where the configuration of a server comes from, as the server sees it: files that can be read
// again, or an object that a program has given.

import type { Before, Loaded } from '../config/load.ts'
import type { CompileContext } from '../config/plan/compile-context.ts'
import type { Plan } from '../config/plan/plan.ts'

export interface Reading extends Loaded {
  /** Names the texts that were read: other texts have another one. */
  readonly digest: string
  /** Why nothing could be read, '' where something was. */
  readonly trouble: string
}

export interface ConfigSource {
  /** Absolute; empty where a program gave an object. */
  readonly files: readonly string[]
  read(context: CompileContext, before: Before): Reading
  /** The digest of the texts as they are by now. */
  digest(done: (digest: string) => void): void
  /**
   * What compile must know of this machine as it is now. Who the server is stays as it was at the
   * start; a prefix that an interface has lost stays until another comes.
   */
  context(started: Plan, inForce: Plan): CompileContext
  /** This plan is about to be in force: the outputs of the log may be others. */
  using(plan: Plan): void
  /** UTC. */
  today(): string
  /** Does something when what has come from the network meanwhile has been worked through. */
  later(work: () => void): void
}
