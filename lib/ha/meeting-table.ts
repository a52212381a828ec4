// When the two servers of a pair meet: whose rows and rights stand, as a table over what each of
// them is. Both ends read it from the same two hellos, so their answers fit: one keeps what the
// other receives.

import { hasBeenAt } from './history.ts'
import type { Hello } from './link-messages.ts'

/**
 * What a server is when it meets its partner.
 *
 * fresh   its database has met nobody and holds nothing
 * lost    its database is new or restored: leases may have been given that it does not know
 * handed  it has given everything to its partner
 * shared  it has the keys that its rows say
 * sole    it has every key: its partner gave them, it never had a partner, or a human said so
 */
export const KINDS = ['fresh', 'lost', 'handed', 'shared', 'sole'] as const
export type Kind = (typeof KINDS)[number]

/**
 * keep     it hears what the other has to say, then sends everything and returns the other's rights
 * take     the same; it has no rights of its own, but nobody has more: it takes all, with its
 *          database in doubt
 * receive  it has no rights (from now on, at the latest) until the other has sent everything
 * go-on    both go on sharing
 * rest     it stays without rights, being worked on, and says once more that it has handed over
 * hold     it keeps what it has; the other is being worked on
 */
export type Verdict = 'keep' | 'take' | 'receive' | 'go-on' | 'rest' | 'hold'

/** A verdict, or a comparison that finds it; the first verdict is for the one that is ahead. */
type Cell =
  | Verdict
  | 'side 0 keeps'
  | 'later takes'
  | 'number'
  | 'kin takes nothing'
  | 'kin keeps'
  | 'return'

const sideKeeps = 'side 0 keeps'
const laterTakes = 'later takes'
const kinTakesNot = 'kin takes nothing'
const kinKeeps = 'kin keeps'
const back = 'return'

/** Row: what I am. Column: what the other is. */
// biome-ignore format: a table
export const MEETINGS: Readonly<Record<Kind, Readonly<Record<Kind, Cell>>>> = {
  //         fresh               lost             handed            shared            sole
  fresh:  { fresh: sideKeeps,   lost: 'receive', handed: kinKeeps, shared: 'receive', sole: 'receive' },
  lost:   { fresh: 'take',      lost: laterTakes, handed: 'receive', shared: 'receive', sole: 'receive' },
  handed: { fresh: kinTakesNot, lost: 'take',    handed: 'number', shared: back,      sole: back },
  shared: { fresh: 'keep',      lost: 'keep',    handed: back,     shared: 'go-on',   sole: 'receive' },
  sole:   { fresh: 'keep',      lost: 'keep',    handed: back,     shared: 'keep',    sole: sideKeeps },
}

/** One end of a meeting. */
export interface End {
  readonly kind: Kind
  readonly hello: Hello
  /** As agreed, different at the two ends. */
  readonly side: 0 | 1
}

export function verdictOf(mine: End, theirs: End): Verdict {
  const cell = MEETINGS[mine.kind][theirs.kind]
  switch (cell) {
    case 'side 0 keeps':
      return mine.side === 0 ? 'keep' : 'receive'
    case 'later takes':
      return isLater(mine, theirs) ? 'take' : 'receive'
    case 'number':
      return byNumber(mine, theirs)
    case 'kin takes nothing':
      return isKin(mine, theirs) ? 'receive' : 'take'
    case 'kin keeps':
      return isKin(theirs, mine) ? 'keep' : 'receive'
    case 'return':
      return mine.kind === 'handed' ? returned(mine, theirs) : returning(mine, theirs)
    default:
      return cell
  }
}

/**
 * Both have lost something: the one that has been through more hand-overs knows what was later. Of
 * two that count alike, nothing tells them apart.
 */
function isLater(mine: End, theirs: End): boolean {
  const ahead = mine.hello.handOver - theirs.hello.handOver
  return ahead === 0 ? mine.side === 0 : ahead > 0
}

/**
 * Both have handed over: at once, so that neither heard the other (one number), or the one with the
 * lower number has missed that everything came back to it, so that the other knows all.
 */
function byNumber(mine: End, theirs: End): Verdict {
  const ahead = mine.hello.handOver - theirs.hello.handOver
  if (ahead === 0) return mine.side === 0 ? 'keep' : 'receive'
  return ahead > 0 ? 'take' : 'receive'
}

/**
 * The first meeting was stored at one end only: the fresh one has never had a right, and will not
 * be taken for a new disk of somebody who had.
 */
function isKin(handed: End, fresh: End): boolean {
  return handed.hello.appliedDatabase === fresh.hello.database
}

function returned(handed: End, other: End): Verdict {
  return isAtWork(handed, other) ? 'rest' : 'receive'
}

function returning(other: End, handed: End): Verdict {
  return isAtWork(handed, other) ? 'hold' : 'keep'
}

/** The one that handed over is in maintenance, and this hand-over has not been returned. */
function isAtWork(handed: End, other: End): boolean {
  if (handed.hello.state !== 'in-maintenance') return false
  return other.kind === 'sole' || other.hello.handOver < handed.hello.handOver
}

// ---- what the ends are

/**
 * Lease clocks are stored every 10 s and with each batch, so a crash turns one back by that, or a
 * little more where the disk is slow.
 */
const CLOCK_SLACK = 60_000

/** What a server is, by its own hello and by what the other end knows of its database. */
export function kindOf(hello: Hello, other: Hello): Kind {
  if (isOld(hello, other)) return 'lost'
  // What an old database says of its partner is of the past.
  return !isOld(other, hello) && isReplaced(hello, other) ? 'lost' : kindAlone(hello)
}

function isOld(hello: Hello, other: Hello): boolean {
  return isBehind(hello, other) || isOvertaken(hello, other)
}

function kindAlone({ rights, noneBecause }: Hello): Kind {
  if (rights !== 'none') return rights
  return noneBecause === 'handed-over' ? 'handed' : noneBecause
}

/**
 * Rule 9b of README.md: the other end has heard of a point in this database's history at which it
 * has not been, has stored more of its stream than the database knows of, or has seen its clock
 * show more: a backup of it was restored. (Only the history shows that for sure where the restored
 * database has already counted past the lost changes, which a busy server does within seconds.)
 */
export function isBehind(hello: Hello, other: Hello): boolean {
  if (isElsewhere(hello, other)) return true
  if (other.known?.[hello.database] !== undefined)
    return other.known[hello.database]! > hello.position
  if (other.appliedDatabase !== hello.database) return false
  if (other.applied > hello.position || other.appliedClock > hello.clock + CLOCK_SLACK) return true
  // It has forgotten that there was a pair, though the other end has heard of its leases, before or
  // after a loss.
  const hasHeard = Math.max(other.applied, other.highest ?? 0) > 0
  return hello.pairId === '' && hasHeard && !hasNeverShared(other)
}

/**
 * Its first meeting was stored at its end only, and nothing was returned to it since: what it heard
 * it heard as a backup.
 */
function hasNeverShared({ rights, noneBecause, handOver }: Hello): boolean {
  return rights === 'none' && noneBecause === 'handed-over' && handOver === 0
}

/** Versions before do not tell any history: then position and clock are all there is. */
function isElsewhere({ database, lives, position }: Hello, { heard }: Hello): boolean {
  const point = heard?.[database]
  if (point === undefined || lives === undefined || lives.length === 0) return false
  return hasBeenAt(lives, position, point) === false
}

/**
 * The other end has been through more hand-overs than this one knows of, and has not just begun
 * one: what was begun, received or returned here has been forgotten. (Who has no rights may have
 * missed that the other took them all.)
 */
function isOvertaken(hello: Hello, other: Hello): boolean {
  if (hello.pairId === '' || hello.pairId !== other.pairId) return false
  const behind = other.handOver - hello.handOver
  if (behind <= 0) return false
  if (hello.rights === 'none') return behind > 1 && other.rights === 'shared'
  return behind > 1 || kindAlone(other) !== 'handed'
}

/** The other end has another partner, and this one had one: a disk that was taken out is back. */
function isReplaced(hello: Hello, other: Hello): boolean {
  if (hello.appliedDatabase === '' || other.appliedDatabase === '') return false
  return other.appliedDatabase !== hello.database
}
