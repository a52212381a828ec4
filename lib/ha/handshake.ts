// What becomes of a connection and of this server's rights, from the two hellos alone. Pure: the
// caller stores the record that comes out before it sends anything else. What each end is and whose
// rights stand is meeting-table.ts; the other steps of a record are pair-steps.ts.
//
// Why two servers never both believe to hold more than two keys of an address between them:
//
//  1. Under `shared` a server holds what its counters say. They sum to two where both know each
//     other's last counter, to less while one is on its way. Only `sole` and wrong counters can
//     break that.
//  2. `sole` is stored for three reasons: the partner has stored `none` before it said so (over n);
//     the other end has no rights by its own stored word (take); a human says that the partner is
//     off.
//  3. `none` ends with `back` only, and `back` is said after `shared` is stored by the one that
//     says it. So, unless a human spoke or put a backup in place, the two never have `sole` and
//     `shared` stored at once, nor `sole` twice.
//  4. Words of the past are harmless by their number: an `over` that has been returned is not above
//     `handOver`, and a `sole` that was forgotten has a lower number than the one that replaced it.
//  5. A database that forgot what it gave (new, restored, put back) learns it from the other's
//     hello, which knows more of its stream, clock or hand-overs, or another partner: it becomes
//     `none` there.
//  6. What only the lost database knew was given while cut off, with two keys there and none here:
//     such an address goes back to that server alone, and is in quarantine there for one longest
//     lifetime.
//  7. Counters of a lost database count no more: before `back` it takes all rows as they are,
//     mirrored.
//
// After a human's word both may hold two keys until they meet; then one keeps, the other becomes
// `none`.

import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Side } from '../leases/rights.ts'
import type { Instant } from '../time/units.ts'
import { hasMoreThan, isPartOfStream } from './families.ts'
import { type Refused, refusalOf, refusalOfPair, refuse } from './hello-refusals.ts'
import { absorb, meetInLife } from './history.ts'
import type { Hello } from './link-messages.ts'
import { type End, isBehind, kindOf, type Verdict, verdictOf } from './meeting-table.ts'
import type { PairRecord } from './pair-record.ts'
import { forgetful, noteClock, notePartnerDuid, takeAll } from './pair-steps.ts'

/**
 * partner-lost-database   it is new or restored: what it gave while cut off is unknown
 * my-database-behind      the same of this server's
 * both-sole               each had every key: addresses may have two clients
 */
export type HandshakeAlarm = 'partner-lost-database' | 'my-database-behind' | 'both-sole'

export interface Agreement {
  readonly kind: 'agree'
  /** See meeting-table.ts; `follow`: one of the two is a backup, rights play no part. */
  readonly verdict: Verdict | 'follow'
  /** To be stored before anything else is sent on this connection. */
  readonly record: PairRecord
  /**
   * What this server streams. delta: its own rows that changed behind `from`. refill: every row.
   * Where `again` is back, it begins when everything that the other end had to say is stored here.
   */
  readonly send: 'nothing' | 'delta' | 'refill'
  /** Of a delta. */
  readonly from: number
  /** What the other end streams: its `send`. */
  readonly expect: 'nothing' | 'delta' | 'refill'
  /**
   * What their rows do to mine until their backlog is stored here; after it, keys.
   *
   * keys      what the keys allow (README.md, rule 4d), also while this server has no rights
   * verbatim  theirs replace mine, counters mirrored: mine were heard there before, so that no end
   *           is forgotten; what a refill does not hold is emptied, counters 0. To the end of the
   *           connection, or `back`
   * adopt     as keys, but whatever is live there and over here is taken too: they stand for
   *           clients that the keys know nothing of
   * unite     one of the two has never had a partner, so that counters say nothing yet: whatever is
   *           live there is taken, with keys or without
   * salvage   as adopt, and its counters count for nothing: it is an old database, maybe of a past
   *           that the keys have left
   */
  readonly merge: 'keys' | 'verbatim' | 'adopt' | 'unite' | 'salvage'
  /**
   * What is said when `send` is stored there: back after giveBack, over with the record's number.
   */
  readonly again: 'back' | 'over' | undefined
  /**
   * Goes into Back: free addresses of the receiver are in quarantine. After `take` this server
   * gives nothing to somebody new while it is in doubt, and before it returns rights every row ends
   * with the quarantine at the earliest.
   */
  readonly doubt: boolean
  /** The same: rows tell no more who has which address. */
  readonly past: boolean
  readonly alarms: readonly HandshakeAlarm[]
}

/** `mine` is the hello that was sent on this connection, `theirs` the one that came. */
export function judgeHello(
  plan: HaPlan,
  record: PairRecord,
  mine: Hello,
  theirs: Hello,
  now: Instant,
): Agreement | Refused {
  const refusal = refusalOf(plan, record, mine, theirs)
  if (refusal !== undefined) return refusal
  if (mine.role === 'backup' || theirs.role === 'backup') return follow(record, mine, theirs)
  const refused = refusalOfPair(mine, theirs)
  if (refused !== undefined) return refused
  if (plan.sharesDatabase) return onOneDatabase(record, theirs)
  const agreed = agree(record, endOf(mine, theirs), endOf(theirs, mine), now)
  return refusalOfFamilies(agreed, mine, theirs) ?? agreed
}

/**
 * Rights that go to somebody go with all rows (rule 9m): with those of a family that the other end
 * does not know of they stay where they are.
 */
function refusalOfFamilies(
  { verdict }: Agreement,
  mine: Hello,
  theirs: Hello,
): Refused | undefined {
  if (verdict === 'go-on') return undefined
  for (const [one, other] of [
    [mine, theirs],
    [theirs, mine],
  ] as const)
    if (hasMoreThan(one, other))
      return refuse(
        `'${one.name}' has leases of DHCPv6, of which '${other.name}' knows nothing: bring it up to date`,
      )
  return undefined
}

// ---- what two of a pair agree on

/** Each knows every lease as soon as the other does, and no right moves. */
function onOneDatabase(record: PairRecord, { serverDuid }: Hello): Agreement {
  const nothing = { send: 'nothing', from: 0, expect: 'nothing', again: undefined } as const
  return {
    ...{ kind: 'agree', verdict: 'go-on', merge: 'keys', ...nothing },
    record: notePartnerDuid(record, serverDuid),
    ...{ doubt: false, past: false, alarms: [] },
  }
}

function endOf(hello: Hello, other: Hello): End {
  return { kind: kindOf(hello, other), hello, side: sideOf(hello, other) }
}

/** Stored at the first meeting: the primary is 0. A new database takes the side that is left. */
function sideOf(hello: Hello, other: Hello): Side {
  if (hello.pairId !== '') return hello.side
  if (other.pairId !== '') return other.side === 0 ? 1 : 0
  return hello.role === 'primary' ? 0 : 1
}

function pairIdOf(mine: End, theirs: End): string {
  if (mine.hello.pairId !== '') return mine.hello.pairId
  if (theirs.hello.pairId !== '') return theirs.hello.pairId
  return (mine.side === 0 ? mine : theirs).hello.candidateId
}

function agree(record: PairRecord, mine: End, theirs: End, now: Instant): Agreement {
  const verdict = verdictOf(mine, theirs)
  const isReturn = verdict === 'keep' || verdict === 'take'
  const isReceiver = verdict === 'receive'
  const doubt = isReceiver ? isInDoubt(theirs, mine) : isInDoubt(mine, theirs)
  return {
    kind: 'agree',
    verdict,
    record: recordAfter(record, verdict, mine, theirs, doubt, now),
    send: streamOf(mine, theirs),
    from: claimOf(theirs, mine) ?? 0,
    expect: streamOf(theirs, mine),
    merge: mergeOf(verdict, mine, theirs),
    again: isReturn ? 'back' : verdict === 'rest' ? 'over' : undefined,
    doubt: isReturn && (doubt || record.doubtUntil > now),
    past: isReturn && (isPast(verdict, mine, theirs) || isStillPast(record, now)),
    alarms: alarmsOf(mine, theirs),
  }
}

/** Whoever returns everything, or is heard for the first time, sends all rows. */
function streamOf(from: End, to: End): 'delta' | 'refill' {
  const verdict = verdictOf(from, to)
  if (verdict === 'keep' || verdict === 'take') return 'refill'
  return claimOf(to, from) === undefined ? 'refill' : 'delta'
}

/** Which position of my stream the other end has stored; undefined where it knows nothing of it. */
function claimOf(other: End, mine: End): number | undefined {
  if (mine.kind === 'lost' || other.kind === 'lost') return undefined
  if (isPartOfStream(mine.hello, other.hello)) return undefined
  const { applied, appliedDatabase } = other.hello
  return appliedDatabase === mine.hello.database ? applied : undefined
}

/**
 * Whether the former database of `theirs` may have given what nobody knows. With every key here,
 * nothing that matters was unknown; of a fresh pair neither is this.
 */
function isInDoubt(keeper: End, theirs: End): boolean {
  const verdict = verdictOf(keeper, theirs)
  if (verdict === 'take') return true
  if (verdict !== 'keep' || keeper.kind !== 'shared') return false
  return theirs.kind === 'lost' || theirs.hello.database !== keeper.hello.appliedDatabase
}

/**
 * Whether who takes everything has rows of the past: neither end knows what happened last. Of two
 * that have handed over, the one with the higher number knows all.
 */
function isPast(verdict: Verdict, mine: End, theirs: End): boolean {
  return verdict === 'take' && (mine.kind !== 'handed' || theirs.kind !== 'handed')
}

function isStillPast({ doubtUntil, doubtFrom }: PairRecord, now: Instant): boolean {
  return doubtFrom > 0 && doubtUntil > now
}

function mergeOf(verdict: Verdict, mine: End, theirs: End): Agreement['merge'] {
  if (verdict === 'receive' || verdict === 'rest') return 'verbatim'
  if (verdict === 'go-on') return 'keys'
  if (mine.hello.appliedDatabase === '' || theirs.hello.appliedDatabase === '') return 'unite'
  if (theirs.kind === 'lost') return 'salvage'
  return theirs.kind === 'handed' && mine.kind !== 'sole' ? 'keys' : 'adopt'
}

function recordAfter(
  record: PairRecord,
  verdict: Verdict,
  mine: End,
  theirs: End,
  doubt: boolean,
  now: Instant,
): PairRecord {
  // A hello counts with the configuration too: what was given by it may be known nowhere.
  const longestLifetime = Math.max(
    record.longestLifetime,
    mine.hello.longestLifetime,
    theirs.hello.longestLifetime,
  )
  const { database, clock } = theirs.hello
  const met: PairRecord = {
    ...notePartnerDuid(inMetLife(record), theirs.hello.serverDuid),
    pairId: pairIdOf(mine, theirs),
    side: mine.side,
    longestLifetime,
  }
  const number = Math.max(mine.hello.handOver, theirs.hello.handOver)
  switch (verdict) {
    case 'receive':
      return {
        ...(mine.kind === 'lost' ? forgetful(absorbing(met, mine, theirs)) : met),
        partnerDatabase: database,
        rights: 'none',
        noneBecause: doubt ? 'lost' : 'handed-over',
        handOver: number,
      }
    case 'take':
      // A number of its own: whoever was `sole` before, and comes back, is known by a lower one.
      return { ...takeAll(met, now, isPast(verdict, mine, theirs)), handOver: number + 1 }
    case 'go-on':
      return noteClock(met, database, clock)
    case 'keep':
      return theirs.kind === 'lost' ? doubtingRows(met, now) : met
    default:
      return met
  }
}

/**
 * An old database brings its rows while this one does not know all that it gave: they are of the
 * past, as those of two that have both lost something.
 */
function doubtingRows(record: PairRecord, now: Instant): PairRecord {
  const doubts = record.doubtUntil > now && record.doubtFrom === 0
  return doubts ? { ...record, doubtFrom: EARLIEST } : record
}

/** Behind the start of the rows that are marked so, and of hardly any other. */
const EARLIEST: Instant = 1

function inMetLife(record: PairRecord): PairRecord {
  const lives = meetInLife(record.lives)
  return lives === record.lives ? record : { ...record, lives }
}

/** What this database had lost comes from the other end, which has heard of it. */
function absorbing(record: PairRecord, mine: End, theirs: End): PairRecord {
  const { database, position } = mine.hello
  const point = theirs.hello.heard?.[database]
  return point === undefined ? record : { ...record, lives: absorb(record.lives, position, point) }
}

function alarmsOf(mine: End, theirs: End): HandshakeAlarm[] {
  const alarms: HandshakeAlarm[] = []
  const hadPartner = mine.hello.appliedDatabase !== ''
  const isNew =
    theirs.kind === 'fresh' && hadPartner && theirs.hello.database !== mine.hello.appliedDatabase
  if (theirs.kind === 'lost' || isNew) alarms.push('partner-lost-database')
  if (mine.kind === 'lost' && mine.hello.noneBecause !== 'lost') alarms.push('my-database-behind')
  if (mine.hello.rights === 'sole' && theirs.hello.rights === 'sole') alarms.push('both-sole')
  return alarms
}

/** Backups hold no keys: the active end sends, the backup takes. */
function follow(record: PairRecord, mine: Hello, theirs: Hello): Agreement {
  const isBackup = mine.role === 'backup'
  const [active, backup] = isBackup ? [theirs, mine] : [mine, theirs]
  const isOld = isBehind(active, backup)
  const isPart = isPartOfStream(active, backup)
  const from = isOld || isPart ? 0 : (backup.known?.[active.database] ?? 0)
  const stream = from === 0 ? 'refill' : 'delta'
  return {
    kind: 'agree',
    verdict: 'follow',
    record: inMetLife(record),
    send: isBackup ? 'nothing' : stream,
    from,
    expect: isBackup ? stream : 'nothing',
    merge: 'verbatim',
    again: undefined,
    doubt: false,
    past: false,
    alarms: !isBackup && isOld ? ['my-database-behind'] : [],
  }
}
