// What goes to the journal together, and what is done once it is durable (delivery.ts).

import type { PairRecord } from '../ha/pair-record.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Change, Lease } from '../leases/lease.ts'
import type { StoredEdit, StoredEvents, StoredName } from '../ports/journal.ts'
import type { LeaseAction } from './events.ts'
import type { Parked } from './parked.ts'
import { ReplyArena } from './reply-arena.ts'
import { SharedNotes } from './shared/shared-notes.ts'

export interface Batch {
  changes: Change<Key>[]
  /** What each change is to the outside, in the order of `changes`; undefined: nothing to tell. */
  actions: (LeaseAction | undefined)[]
  /** New versions of rows that the other servers are sent. */
  rows: Lease<Key>[]
  /** Stored with the changes; undefined: as it was. */
  record: PairRecord | undefined
  /** Of the configuration; undefined: none. */
  edits: StoredEdit[] | undefined
  /** What is owed to DNS; undefined: nothing new. */
  names: StoredName[] | undefined
  /** What is to be done once the batch is durable. */
  notes: (() => void)[]
  parked: Parked[]
  readonly arena: ReplyArena
  /** Of a shared database. */
  readonly shared: SharedNotes | undefined
}

/** What the other servers are told of when it is durable. */
export type Stored = Pick<Batch, 'names' | 'record' | 'rows'>

/** Notes and names alone need no transaction of their own: they wait for the next. */
export function isEmpty(batch: Batch): boolean {
  return batch.changes.length === 0 && batch.record === undefined && batch.edits === undefined
}

/** The numbers of a batch are behind those of the batches before. */
export function highestChange({ changes }: Batch): number {
  let highest = 0
  for (const one of changes)
    highest = Math.max(highest, one.kind === 'put' ? one.lease.change : one.change)
  return highest
}

export function emptyBatch(isShared: boolean): Batch {
  return batchOf(new ReplyArena(), isShared)
}

export function emptied(arena: ReplyArena, isShared: boolean): Batch {
  arena.reset()
  return batchOf(arena, isShared)
}

/** What was not stored, and behind it what was gathered meanwhile. */
export function joined(failed: Batch, later: Batch): Batch {
  return {
    changes: failed.changes.concat(later.changes),
    actions: failed.actions.concat(later.actions),
    rows: failed.rows.concat(later.rows),
    record: later.record ?? failed.record,
    edits: joinedLists(failed.edits, later.edits),
    names: joinedLists(failed.names, later.names),
    notes: failed.notes.concat(later.notes),
    parked: failed.parked.concat(later.parked),
    arena: later.arena,
    shared: failed.shared && SharedNotes.joined(failed.shared, later.shared!),
  }
}

/** What a history is told of a batch that was written. */
export function withSteps(
  told: StoredEvents | undefined,
  { changes, shared }: Batch,
): StoredEvents | undefined {
  if (told === undefined || shared === undefined) return told
  return { ...told, steps: shared.steps(changes) }
}

function joinedLists<T>(former: T[] | undefined, later: T[] | undefined): T[] | undefined {
  return former === undefined ? later : former.concat(later ?? [])
}

function batchOf(arena: ReplyArena, isShared: boolean): Batch {
  return {
    changes: [],
    actions: [],
    rows: [],
    record: undefined,
    edits: undefined,
    names: undefined,
    notes: [],
    parked: [],
    arena,
    shared: isShared ? new SharedNotes() : undefined,
  }
}
