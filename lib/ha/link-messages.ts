// What two servers say to each other on a link: control messages as JSON text, rows as bytes
// (row-frames.ts). Unknown fields and unknown types are tolerated, so that neighbouring versions
// talk.

import type { Ipv4 } from '../address/ipv4.ts'
import type { HaMode, HaRole, HaState } from '../config/plan/ha-plan.ts'
import type { FamilyVersion } from '../leases/keys/key.ts'
import type { Side } from '../leases/rights.ts'
import type { Seconds } from '../time/units.ts'
import type { Life, Point } from './history.ts'
import type { LinkKey } from './link-keys.ts'
import type { PairRecord } from './pair-record.ts'

/**
 * Of the protocol on the link. What is added to messages, or a message more, makes no new version:
 * it is passed over where it is not known, and may be absent. A new one is for what an old one
 * would take wrongly. It goes on speaking the one before (LINK_VERSION_LOWEST), so that the two
 * hosts of a pair can be brought up to date one after the other: towards whom is in `versionWith`,
 * and a hello is what every version understands.
 */
export const LINK_VERSION = 1
export const LINK_VERSION_LOWEST = 1

/** The first message of each end. */
export interface Hello {
  readonly type: 'hello'
  readonly version: number
  /** The lowest version that the sender speaks, too; absent: no other one. */
  readonly lowest?: number
  /** Name and version, for people. */
  readonly software: string
  readonly name: string
  readonly role: HaRole
  readonly mode: HaMode
  /** Names this life of the process. */
  readonly instance: string
  /** Counts the hellos of this life: of two connections the one with the later hello is meant. */
  readonly turn: number
  readonly database: string
  /** Change number up to which everything is on the disk of the sender. */
  readonly position: number
  /** Up to which change number the sender has stored this receiver's stream; 0 = nothing. */
  readonly applied: number
  /**
   * Which database of the receiver `applied` speaks of, that of PairRecord.partnerDatabase; '' =
   * none.
   */
  readonly appliedDatabase: string
  /**
   * For how long the sender's database has been served, whole milliseconds: it never goes back
   * unless a backup is restored. Time while no server ran is not in it.
   */
  readonly clock: number
  /** The highest clock that `appliedDatabase` has told the sender; 0 = none. */
  readonly appliedClock: number
  /** Of a backup, which follows several servers: all its positions, by database. */
  readonly known?: Readonly<Record<string, number>>
  /**
   * The highest position of any stream that the sender has stored. A database that takes the place
   * of a lost one counts on from there, so that what was noted of the former one (Lease.knew) is
   * not taken for its own.
   */
  readonly highest?: number
  /** The history of the sender's database, up to `position`. */
  readonly lives?: readonly Life[]
  /** Where the sender has heard that other databases were (PairRecord.heard). */
  readonly heard?: Readonly<Record<string, Point>>
  readonly pairId: string
  /** What the pair will be called if the sender is side 0 and neither has met anybody. */
  readonly candidateId: string
  /** Meaningless while pairId is ''. */
  readonly side: Side
  readonly rights: PairRecord['rights']
  readonly noneBecause: PairRecord['noneBecause']
  readonly handOver: number
  readonly longestLifetime: Seconds
  /** Address and port at which the sender listens, as its own configuration has them. */
  readonly listens?: string
  /** False: the sender tells no leases, and is told none. */
  readonly updates?: boolean
  /** `database` is one that other servers write, too; absent: the sender's own. */
  readonly sharesDatabase?: boolean
  /** Digest of subnets and pools: a difference is warned about. */
  readonly fingerprint: string
  /** Digest of the hooks of the sender: a difference is warned about; absent: it has none. */
  readonly hooks?: string
  /** Families of addresses that the link of the sender speaks; absent: DHCPv4 alone. */
  readonly families?: readonly FamilyVersion[]
  /** Those that the sender has rows of. */
  readonly holds?: readonly FamilyVersion[]
  /** See PairRecord.whole. */
  readonly whole?: readonly string[]
  /** By which clients of DHCPv6 know the sender, in hexadecimal; absent: they do not. */
  readonly serverDuid?: string
  /** Whether the sender answers `ask`. */
  readonly asks?: boolean
  /** The sender takes edits of the configuration, and tells its own; absent: it does not. */
  readonly edits?: boolean
  /** The sender takes records of names in DNS, and tells its own; absent: it does not. */
  readonly names?: boolean
  readonly state: HaState
}

/** Sent each heartbeat-delay, and at once when the state changes. */
export interface Heartbeat {
  readonly type: 'heartbeat'
  /** Messages received on this connection so far: proves that the sender hears. */
  readonly seen: number
  readonly state: HaState
  /** Names of the scopes that the sender serves. */
  readonly scopes: readonly string[]
}

/** So far the rows of the receiver's stream are on the sender's disk. */
export interface Ack {
  readonly type: 'ack'
  readonly seen: number
  /** Position in the live lane; 0 = nothing yet. */
  readonly live: number
  /** Mark (RowFrame) of the backlog or refill; 0 = nothing yet. */
  readonly backlog: number
  /**
   * The longest lifetime that the sender has stored, of leases of either. Absent in versions
   * before.
   */
  readonly longest?: Seconds
}

/** Asks for free addresses of a range (README.md, rule 4c). */
export interface Want {
  readonly type: 'want'
  /** Only who speaks DHCPv6 is asked for its keys. */
  readonly first: LinkKey
  readonly last: LinkKey
  /** A client waits: the last free address is given too. */
  readonly urgent: boolean
  /** How many wait: so many are given even of the reserve. */
  readonly count?: number
}

/**
 * An operator changes what stands at one address: asks for the keys that are there. Only who says
 * so in its hello is asked.
 */
export interface Ask {
  readonly type: 'ask'
  /** Of the connection. */
  readonly id: number
  readonly key: LinkKey
  /** Also where somebody has it: the row goes on, as with a lease that is ceded (rule 4f). */
  readonly running: boolean
}

/** The answer, behind the row that has them. */
export interface Told {
  readonly type: 'told'
  readonly id: number
  /** '' = they have been given. */
  readonly why: string
}

/**
 * A new life of the sender's database has begun (history.ts). What is sent from here on belongs to
 * it.
 */
export interface LifeBegun {
  readonly type: 'life'
  readonly id: string
  readonly position: number
}

/** A reload at the sender allows longer leases than its hello has said. */
export interface Lifetime {
  readonly type: 'lifetime'
  readonly longest: Seconds
}

/** The most addresses of each kind in one message. */
export const HOSTS_MAX = 1024
export const HOSTS6_MAX = 400

/**
 * Addresses that no client is to get: the sender's own, and those of hosts that its configuration
 * names.
 */
export interface Hosts {
  readonly type: 'hosts'
  readonly own: readonly Ipv4[]
  readonly named: readonly Ipv4[]
  /** Of DHCPv6, addresses too. */
  readonly own6?: readonly LinkKey[]
  readonly named6?: readonly LinkKey[]
}

/** A reload or an edit at the sender has changed subnets or pools since its hello. */
export interface Fingerprint {
  readonly type: 'fingerprint'
  readonly fingerprint: string
}

/** The most names of edits in one message. */
export const EDITS_NAMED_MAX = 1000

/**
 * Which edits of the configuration the sender knows: those that stand over what its files say, and
 * those that do not any more. Once on each connection; `last` ends it.
 */
export interface EditsKnown {
  readonly type: 'edits-known'
  readonly standing: readonly string[]
  readonly past: readonly string[]
  readonly last: boolean
}

/** The longest piece of an edit, characters. */
export const EDIT_PIECE_MAX = 20_000
/** The most pieces of one edit. */
export const EDIT_PIECES_MAX = 2048

/** A piece of the record of an edit (server/configuration/edit-record.ts). */
export interface EditPiece {
  readonly type: 'edit'
  readonly id: string
  /** From 0 on. */
  readonly piece: number
  readonly pieces: number
  readonly text: string
}

/** The edit is stored at the sender. `why`: why it is not in force there, '' where it is. */
export interface EditStored {
  readonly type: 'edited'
  readonly id: string
  readonly why: string
}

/** The most records of names in one message, and characters of their texts together. */
export const NAMES_TOLD_MAX = 100
export const NAMES_TEXT_MAX = 20_000

/**
 * Records of names in DNS (ddns/name-record.ts) as they stand at the sender; '' = there is none any
 * more. Rows that they belong to follow. Times in them are how long ago they were.
 */
export interface NamesTold {
  readonly type: 'names'
  readonly names: readonly { readonly address: string; readonly text: string }[]
}

/** An orderly stop: every reply has left. */
export interface Leaving {
  readonly type: 'leaving'
}

/**
 * Hand-over: the sender has given up its rights, and its stream up to `position` is all there is.
 */
export interface Over {
  readonly type: 'over'
  readonly number: number
  readonly position: number
}

/** Return: all rows have been sent; both share again from here on. */
export interface Back {
  readonly type: 'back'
  readonly number: number
  /** Position of the sender's stream that the rows stand for. */
  readonly position: number
  /**
   * The receiver's former database may have given leases that nobody knows (README.md, rule 9e).
   */
  readonly doubt: boolean
  /** So may rows: those of both databases are of the past (rule 9f). */
  readonly past?: boolean
}

/** The receiver is to hand over (start) or to take its service up again (cancel). */
export interface Maintenance {
  readonly type: 'maintenance'
  readonly cancel: boolean
}

export interface MaintenanceAnswer {
  readonly type: 'maintenance-answer'
  readonly allowed: boolean
  readonly why: string
}

/** Why the sender is about to end the connection. */
export interface Refusal {
  readonly type: 'refusal'
  readonly reason: string
}

export type ControlMessage =
  | Hello
  | Heartbeat
  | Ack
  | Want
  | Ask
  | Told
  | LifeBegun
  | Hosts
  | Lifetime
  | Fingerprint
  | EditsKnown
  | EditPiece
  | EditStored
  | NamesTold
  | Leaving
  | Over
  | Back
  | Maintenance
  | MaintenanceAnswer
  | Refusal

/** The version that two ends speak: the highest that both can; undefined where there is none. */
export function versionWith(mine: Spoken, theirs: Spoken): number | undefined {
  const version = Math.min(mine.version, theirs.version)
  const lowest = Math.max(mine.lowest ?? mine.version, theirs.lowest ?? theirs.version)
  return version >= lowest ? version : undefined
}

type Spoken = Pick<Hello, 'version' | 'lowest'>
