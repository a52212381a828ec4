// A database that several servers write, as each of them sees it. It is a journal (journal.ts) that
// may refuse single rows of a batch, tells what the others wrote, and may be away for a while.
//
// Memory is a cache over it: each row has a version, the number of its last change, which no two
// writes share. A row is stored only over the version that it was made of.
//
//   commit --> onCommitted(answer)    all stored but `conflicts`, whose rows are told
//          --> onFailed               not stored, not even in part: handed over again
//          --> onAway                 nobody knows: onCommitted or onFailed tell it before onBack
//
// Times of rows that are told after onReady are relative to the database's time of the answer (as
// ChangeWriter.putRelative writes them): only one clock counts, and memory counts on from there by
// its own steady one. A row that the database does not have is told as a removal.

import type { Octets } from '../bytes/octets.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Instant, Millis } from '../time/units.ts'

/**
 * What a batch of a shared database says beside its changes, an entry for each of them. A batch has
 * a key once at most, and puts only: rows are emptied, never removed.
 */
export interface SharedBatch {
  /** The version of the row that the change was made of, 0 where there was none. */
  readonly expected: Float64Array
  /**
   * 1: the lease that the row may have is ended by this batch itself, or by an operator's word. 0:
   * a lease for a client (assigned, registered) is stored only where it is the client's already,
   * the row is released or free, or its end and grace have passed by the database's own clock. The
   * end of a lease that goes on for the same client, or that it gets back, never moves earlier by
   * such a change.
   */
  readonly isForced: Uint8Array
  /** Records of names that are stored only where these changes are; absent: there are none. */
  readonly ties?: readonly NameTie[]
}

/** The record of an address in the names of a batch, and the place of a change that it is of. */
export interface NameTie {
  readonly address: string
  readonly place: number
}

/** Its clock has jumped ahead, as a server tells it that has seen it. */
export interface ToldJump {
  /** How far. */
  readonly by: Millis
  /** What was written before may only seem to have ended until then, by the clock itself. */
  readonly until: Instant
  /** And for no longer than this, should the clock be put back. */
  readonly wait: Millis
  /** Of so many jumps the server had heard: however many tell one, it is counted once. */
  readonly count: number
}

/** Jumps ahead of the database's clock, as servers told them. */
export interface ToldJumps {
  readonly count: number
  /** How far the last of them went. */
  readonly last: Millis
  /** For so long what was written before them may only seem to have ended. */
  readonly doubt: Millis
}

/** With each answer. */
export interface SharedAnswer {
  /** The database's clock when it made the answer: milliseconds, as JournalInfo.stamp. */
  readonly time: Instant
  /** How long ago it was asked, by the steady clock of this machine: the answer is no older. */
  readonly took: Millis
  /** Which living member this server is, and of how many (from 0; seen in the last 15 s). */
  readonly rank: number
  readonly members: number
  readonly jumps: ToldJumps
}

export interface SharedCommit extends SharedAnswer {
  /** Which changes of the batch were not stored, as places in it, ascending. */
  readonly conflicts: readonly number[]
  /**
   * The rows of their keys, and of keys that overlap them, as the database has them; relative to
   * `time`.
   */
  readonly rows: Uint8Array
}

/** What a server asks before it refuses somebody something. */
export interface Confirmation {
  readonly keys: readonly Key[]
  /** Of DHCPv4: rows of the client-id, and of the hardware address. */
  readonly clientId?: Octets
  readonly hwAddress?: Octets
  /** Of DHCPv6: rows whose binding is of this DUID. */
  readonly duid?: Octets
}

/** How the database was found again. */
export interface SharedReturn {
  /**
   * Of the last batches that this server was told are stored, how many the database does not have:
   * another copy of it took over that had not got them.
   */
  readonly lost: number
  /** Another copy, or another timeline of it, than before: others may have lost something, too. */
  readonly isPromoted: boolean
}

/** Another server on the database. */
export interface SharedMember {
  readonly name: string
  /** '' = it has not said. */
  readonly fingerprint: string
}

/** What a server owes to DNS that is gone. */
export interface LeftName {
  /** Its number: rows that it wrote have versions which leave that as the remainder. */
  readonly member: number
  /** As StoredName of journal.ts has them. */
  readonly address: string
  readonly text: string
}

/** Between an address and the number of a server that is gone. */
export const LEFT_MARK = '#'

/**
 * Where it is stored until what came of it is, as the address of a StoredName: beside what the
 * server that has taken it over has itself, which may be on its way to the database just then.
 */
export function leftAddress(address: string, member: number): string {
  return `${address.split(LEFT_MARK)[0]}${LEFT_MARK}${member}`
}

/** Undefined: it is the server's own. */
export function leftNameOf({ address, text }: Omit<LeftName, 'member'>): LeftName | undefined {
  const [own, member] = address.split(LEFT_MARK) as [string, string?]
  return member === undefined ? undefined : { member: Number(member), address: own, text }
}

export interface SharedSink {
  /**
   * What others have stored since the last of these, read to the end (an empty one counts, too: it
   * says so). Pages of a long tail or of a reload come as `isPartial`.
   */
  onOthers(rows: Uint8Array, answer: SharedAnswer, isPartial?: boolean): void
  /** `rows` are all that was asked for; keys asked for that have no row are removals. */
  onConfirmed(ticket: number, rows: Uint8Array, answer: SharedAnswer): void
  /**
   * The database does not answer. What is at it stays there; what is committed meanwhile must not
   * be, and confirmations asked for are forgotten.
   */
  onAway(trouble: string): void
  /** It answers again, and all that the others stored meanwhile has been told. */
  onBack(answer: SharedAnswer, how: SharedReturn): void
  /** The living members but this one, now and then: what each last said of its configuration. */
  onMembers(others: readonly SharedMember[]): void
  /**
   * Records of names that another server has left which is gone, and that owe something to DNS:
   * they are stored as this one's from now on.
   */
  onNamesLeft(names: readonly LeftName[]): void
  /** Something that operators must know: this line is logged as a warning. */
  onWarning(text: string): void
}

/** The part of a journal that a shared database has beside. */
export interface SharedDatabase {
  /**
   * Before `open`. The one who opens the journal takes its rows at once: whatever is told between
   * two of its calls has happened in that order.
   */
  listen(sink: SharedSink): void
  /**
   * Reads rows as they are stored now, and those of keys that overlap what is asked for; answered
   * by onConfirmed, or never where the database is away. Any number may be under way.
   */
  confirm(ticket: number, asked: Confirmation): void
  /** Who was not there gives nothing anew for a while (ToldJumps.doubt). Not answered. */
  doubt?(jump: ToldJump): void
  /** They give again at once. Not answered. */
  endDoubt?(): void
  /** What this server's configuration is compared by with those of the other members. */
  fingerprint?(text: string): void
}

/** What JournalInfo says of a shared database: what is told of it at the start. */
export interface SharedStart {
  /**
   * This server's own number among all that ever wrote, 0 … MEMBERS_MAX - 1: its versions are those
   * that leave it as the remainder.
   */
  readonly member: number
  readonly rank: number
  readonly members: number
  readonly jumps: ToldJumps
  /**
   * So far the clock is ahead of what has passed since one of the servers was there last, and
   * nobody has seen that (time/downtime.ts). Negative: behind it. 0: it is right. Undefined: it
   * cannot be told.
   */
  readonly jumped: Millis | undefined
  /** Others that have not left, and were not seen for longer than members are quiet. */
  readonly absent: number
}

/** Versions are multiples of this, plus the number of the member that wrote them. */
export const MEMBERS_MAX = 1024

/** The number of the server that wrote a row, by the version of that. */
export function writerOf(version: number): number {
  return version % MEMBERS_MAX
}
