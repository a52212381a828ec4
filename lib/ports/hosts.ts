// Databases of reservations: tables of Kea's that others write, too. What they say is read before
// clients need it, or when a client comes; nobody waits for a database that is away.

import type { Octets } from '../bytes/octets.ts'
import type { HostRow, ReservedKey } from '../config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../config/plan/hosts-plan.ts'
import type { Members } from '../config/text/map.ts'
import type { Ticket } from '../dhcp/asking.ts'

export interface Hosts {
  /**
   * One for each plan, in their order; one that was there with the same plan is the same object,
   * and those that were there with others end.
   */
  use(plans: readonly HostDatabasePlan[]): readonly HostDatabase[]
  close(): void
}

/** One database, asked for one family. */
export interface HostDatabase {
  readonly plan: HostDatabasePlan
  /** Begins to connect; once. Nothing is told within the call. */
  open(sink: HostSink): void
  /** Compares what was read with what is there, sooner than by itself. */
  refresh(): void
  /** The rows of a client, by each of what it is known by; told to the sink. */
  ask(ticket: Ticket, identifiers: readonly HostIdentifier[]): void
  /** For commands, in the order of their numbers. */
  find(selector: HostSelector, answer: (found: HostsFound) => void): void
  change(change: HostChange, answer: (changed: HostChanged) => void): void
}

/** One thing that a client is known by. */
export interface HostIdentifier {
  /** `hw-address` and so on. */
  readonly type: string
  readonly value: Octets
}

/** Who is told of a database. */
export interface HostSink {
  /**
   * These lists are now what they are, empty ones are gone. `isWhole`: nothing else is there. Also
   * told when nothing has changed, which was asked by `refresh`.
   */
  onRows(buckets: ReadonlyMap<number, readonly HostRow[]>, isWhole: boolean): void
  /** There are too many rows to know them all: only what they reserve, in the same way. */
  onReserved(buckets: ReadonlyMap<number, readonly ReservedKey[]>, isWhole: boolean): void
  /** Undefined: the database could not be asked. */
  onAnswer(ticket: Ticket, rows: readonly HostRow[] | undefined): void
  /** '' when it is there again. */
  onTrouble(trouble: string): void
}

/** Which rows are meant: all that fit. */
export interface HostSelector {
  readonly subnetId?: number | undefined
  readonly identifier?: HostIdentifier | undefined
  /** An address or prefix, in one notation. */
  readonly address?: string | undefined
  /** Whatever its case. */
  readonly hostname?: string | undefined
  /** Only rows with a higher number. */
  readonly after?: number | undefined
  readonly limit?: number | undefined
}

/** A text is why it could not be asked. */
export type HostsFound = readonly HostRow[] | string

/** What a command does to the rows. */
export type HostChange =
  | {
      readonly kind: 'add'
      readonly subnetId: number
      readonly host: StoredHost
      /** Nobody else may have its addresses in the subnet. */
      readonly isUnique: boolean
    }
  /** In the place of that of the same client. */
  | { readonly kind: 'update'; readonly subnetId: number; readonly host: StoredHost }
  | { readonly kind: 'delete'; readonly selector: HostSelector }

/** A host as it is stored. */
export interface StoredHost {
  readonly identifier: HostIdentifier
  /** As in a document, but options. */
  readonly members: Members
  readonly options: readonly StoredOption[]
}

export interface StoredOption {
  readonly code: number
  readonly space: string
  /** Bytes as they go on the wire; undefined: `text` says it. */
  readonly value: Octets | undefined
  readonly text: string | undefined
  readonly isPersistent: boolean
  readonly isCancelled: boolean
  readonly classes: readonly string[]
  readonly userContext: Members | undefined
}

/** A text is why it could not be done. */
export type HostChanged = 'done' | 'not-found' | 'duplicate' | { readonly trouble: string }
