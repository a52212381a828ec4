// What the server's thread and the journal's thread say to each other.

import type { Octets } from '../../bytes/octets.ts'
import type { HistoryPlan } from '../../config/plan/plan.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type { JournalInfo, StoredEdit, StoredEvents, StoredName } from '../../ports/journal.ts'
import type { Instant, Millis } from '../../time/units.ts'
import type { Bell, BellWord } from '../bell.ts'
import type { RefusalCode } from './trouble.ts'

export interface JournalOptions {
  /** Path of the SQLite file; folders are created. `<path>.lock` beside it guards it. */
  readonly path: string
  /**
   * `full`: what was acknowledged survives a power cut. `normal`: it survives the end of the
   * process, the last moments may be lost in a power cut. `off`: a power cut may even damage the
   * file. In a pair the database counts as lost after that, see crash.ts.
   */
  readonly durability: 'full' | 'normal' | 'off'
  /** How much of the history of leases is kept; undefined: none. */
  readonly history?: HistoryPlan | undefined
  /** For labs and benchmarks: every commit takes this much longer, as on a slow disk. */
  readonly commitDelayMs?: number | undefined
  /** Tells this boot of the host from others, '' = unknown; by default the kernel's boot id. */
  readonly bootId?: string | undefined
  /** Folder outside of the database's for what it was (witness.ts); undefined: nowhere. */
  readonly witness?: string | undefined
  /** An operator says that it may be an older copy: nothing that has passed since then counts. */
  readonly isCopy?: boolean | undefined
  /** How the server's thread rests; undefined: it never does. */
  readonly rest?: Rest | undefined
}

export interface Rest {
  /** Rung where a batch is durable. */
  readonly bell: Bell
  /** How far apart turns of the loop are at present, 0 = it does not rest. */
  readonly pace: { readonly apart: Millis }
}

export interface ThreadData extends Omit<JournalOptions, 'rest'> {
  /** Of the rest; undefined: every answer is a message. */
  readonly bell: BellWord | undefined
  /** Set in a thread that replaces one that died: the id the database must have. */
  readonly resume: string
}

export type ToThread =
  /** The DUID of the server from now on. */
  | { readonly kind: 'duid'; readonly duid: Octets }
  | { readonly kind: 'load' }
  /** One more page may be sent. */
  | { readonly kind: 'more' }
  | {
      readonly kind: 'commit'
      readonly changes: Uint8Array
      readonly count: number
      readonly stamp: Instant
      readonly pair: PairRecord | undefined
      readonly edits: readonly StoredEdit[] | undefined
      readonly names: readonly StoredName[] | undefined
      readonly told: StoredEvents | undefined
    }
  | { readonly kind: 'close' }

export type FromThread =
  /** `duid`: of the server, '' = the database has none. */
  | { readonly kind: 'opened'; readonly databaseId: string; readonly duid: Octets }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string }
  | { readonly kind: 'rows'; readonly rows: Uint8Array }
  | { readonly kind: 'ready'; readonly info: JournalInfo }
  | { readonly kind: 'committed' }
  | { readonly kind: 'failed'; readonly trouble: string }
