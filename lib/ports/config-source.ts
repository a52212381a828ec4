// Where the configuration of a server comes from, as the server sees it: files that can be read
// again, or an object that a program has given.

import type { ConfigDocument } from '../config/keys/document.ts'
import type { CompileContext } from '../config/plan/compile-context.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Judgement, Members } from '../config/whole.ts'
import type { Seconds } from '../time/units.ts'

export interface Judged extends Judgement {
  /** Why nothing could be judged or read, '' where something was. */
  readonly trouble: string
}

/** What the files say by now, as edits of what they said before. */
export interface Reading extends Judged {
  /** Names the texts that were read: other texts have another one. */
  readonly digest: string
}

/** What a server runs with: at its start, and now. */
export interface Running {
  readonly started: Plan
  readonly inForce: Plan
}

export interface WholeOrder {
  /** In force. */
  readonly before: ConfigDocument
  /** In the place of maps of it. */
  readonly members: Members
  /** See judgedWhole. */
  readonly isTrial: boolean
}

/** The long parts of a change are done beside the loop, as far as a source can. */
export interface ConfigSource {
  /** Absolute; empty where a program gave an object. */
  readonly files: readonly string[]
  /** `before`: what the files said. */
  read(before: ConfigDocument, running: Running, done: (reading: Reading) => void): void
  /**
   * What configuration databases say by now, on top of the files as they were read last. No edits:
   * the same. Left out: there are none.
   */
  pull?(before: ConfigDocument, running: Running, done: (reading: Reading) => void): void
  /** What a whole configuration would be. */
  judge(order: WholeOrder, running: Running, done: (judged: Judged) => void): void
  /** The digest of the texts as they are by now. */
  digest(done: (digest: string) => void): void
  /**
   * What compile must know of this machine as it is now. Who the server is stays as it was at the
   * start; a prefix that an interface has lost stays until another comes.
   */
  context(running: Running): CompileContext
  /** This plan is about to be in force: the outputs of the log may be others. */
  using(plan: Plan): void
  /** Those of the plan, as they are. */
  databases?(): readonly ConfigDatabaseStatus[]
  /** UTC. */
  today(): string
  /** Does something when what has come from the network meanwhile has been worked through. */
  later(work: () => void): void
}

/** A configuration database, for people. */
export interface ConfigDatabaseStatus {
  readonly family: 4 | 6
  readonly database: string
  /** What is for this server there, beside what is for all. */
  readonly serverTag: string
  /** When it was read last, UTC; '': it was never read. */
  readonly read: string
  /** Since then; undefined: it was never read. */
  readonly age: Seconds | undefined
  /** It is away since the start: what it said at that time was kept. */
  readonly isKept: boolean
  /** It answered when it was asked last. */
  readonly isUp: boolean
  /** What it said last is in force. */
  readonly isInForce: boolean
  /** Times that it could not be read. */
  readonly failures: number
  /** Why it could not be read just now, '' where it could. */
  readonly trouble: string
}
