// The steps of the record of a pair: hand-over, return, a human's words, what a start finds. Pure;
// each may be taken twice without harm. What a meeting makes of it is in handshake.ts.

import type { HaPlan, HaRole } from '../config/plan/ha-plan.ts'
import { overAt } from '../leases/grace.ts'
import { after, type Instant, type Seconds } from '../time/units.ts'
import { beginLife, type Life, type Point } from './history.ts'
import { CHANGES_MAX, CLOCK_MAX } from './limits.ts'
import type { Back, Hello } from './link-messages.ts'
import type { PairRecord } from './pair-record.ts'

/**
 * Other databases whose positions are remembered: what a hello may tell (KNOWN_MAX of
 * control-codec.ts).
 */
const DATABASES_MAX = 32

/**
 * Among the positions, beside the names of databases: the highest that a stream ever had before it
 * went back. What was put back must not count a second time what rows here know of (Lease.knew).
 */
const HIGHEST = 'highest'

/**
 * Of a database that never belonged to a pair. `hasServed`: it holds changes of its own. Of two
 * such databases only the primary's goes on serving before they have met: neither knows what the
 * other one has.
 */
export function initialRecord(hasServed: boolean, role: HaRole): PairRecord {
  return {
    pairId: '',
    side: 0,
    partnerDatabase: '',
    rights: hasServed && role === 'primary' ? 'sole' : 'none',
    noneBecause: hasServed && role === 'backup' ? 'lost' : 'fresh',
    handOver: 0,
    longestLifetime: 0,
    doubtUntil: 0,
    doubtFrom: 0,
    toldLifetime: 0,
    applied: {},
    clocks: {},
    lives: [],
    heard: {},
    whole: [],
    partnerDuids: [],
  }
}

/**
 * The record to go on with at a start. `position`: the highest change number of the database;
 * `plan`: undefined where the configuration names no pair; `longest`: the longest lifetime that is
 * known beside the record. Only a database without a record begins by its role: what is stored
 * stays, whatever mode and role have become, but for the rows of a backup, which count no keys.
 */
export function recordAtStart(
  stored: PairRecord | undefined,
  position: number,
  plan: HaPlan | undefined,
  longest: Seconds = 0,
): PairRecord | undefined {
  const known = stored ?? (plan && firstRecord(position > 0, plan))
  if (known === undefined) return undefined
  const believable = withoutWildMarks(known)
  const longestLifetime = Math.max(known.longestLifetime, longest)
  const isKnown = believable === known && longestLifetime === known.longestLifetime
  return recordByRole(isKnown ? known : { ...believable, longestLifetime }, plan)
}

function recordByRole(stored: PairRecord, plan: HaPlan | undefined): PairRecord {
  if (plan?.thisServer.role === 'backup')
    return stored.rights === 'none' ? stored : loseDatabase(stored)
  return wasBackup(stored) ? loseDatabase(stored) : stored
}

/** In passive-backup nobody else could serve. */
function firstRecord(hasServed: boolean, { thisServer: { role }, partner }: HaPlan): PairRecord {
  const isOnly = role === 'primary' && partner === undefined
  return initialRecord(hasServed || isOnly, role)
}

/** It holds rows of others, and has never had a partner. */
function wasBackup({ rights, noneBecause, pairId, applied }: PairRecord): boolean {
  if (rights !== 'none' || noneBecause !== 'fresh' || pairId !== '') return false
  return Object.values(applied).some((position) => position > 0)
}

/**
 * Of marks that no database reaches nothing is stored here; the partner would not believe them
 * (claims.ts).
 */
function withoutWildMarks(record: PairRecord): PairRecord {
  const applied = upTo(record.applied, CHANGES_MAX)
  const clocks = upTo(record.clocks, CLOCK_MAX)
  const isGood = applied === record.applied && clocks === record.clocks
  return isGood ? record : { ...record, applied, clocks }
}

function upTo(marks: Readonly<Record<string, number>>, most: number) {
  const good = Object.entries(marks).filter(([, mark]) => mark <= most)
  return good.length === Object.keys(marks).length ? marks : Object.fromEntries(good)
}

/**
 * Everything goes to the partner; only from `shared`. Not while the database is in doubt: the
 * partner would give what is in quarantine here.
 */
export function handOver(record: PairRecord, now: Instant): PairRecord {
  if (record.rights !== 'shared' || record.doubtUntil > now) return record
  return {
    ...record,
    rights: 'none',
    noneBecause: 'handed-over',
    handOver: record.handOver + 1,
  }
}

/** The partner has handed over, and all its rows are stored here. */
export function acceptOver(record: PairRecord, number: number): PairRecord | 'ignored' {
  if (number <= record.handOver || record.rights === 'none') return 'ignored'
  return { ...record, rights: 'sole', handOver: number }
}

/**
 * From here on both share again: stored when the partner has all rows, or is about to get them;
 * then `back` follows with the new number. By it a backup from before the return is known: what
 * came with the return was no change of its own. `theirs` is the hello of the one that gets the
 * rows.
 */
export function giveBack(
  record: PairRecord,
  theirs: Pick<Hello, 'database' | 'handOver'>,
): PairRecord {
  if (record.rights === 'none' && record.noneBecause === 'lost') return record
  return {
    ...record,
    rights: 'shared',
    partnerDatabase: theirs.database,
    handOver: Math.max(record.handOver, theirs.handOver) + 1,
  }
}

/** `back n`: all rows are stored here. */
export function acceptBack(record: PairRecord, back: Back, now: Instant): PairRecord {
  if (record.rights !== 'none' || back.number < record.handOver) return record
  const isInDoubt = back.doubt || record.noneBecause === 'lost'
  const doubtUntil = isInDoubt ? quarantineEnd(record.longestLifetime, now) : record.doubtUntil
  const doubtFrom = back.past === true ? now : 0
  return { ...record, rights: 'shared', handOver: back.number, doubtUntil, doubtFrom }
}

/**
 * A human says that the partner is off, and that no client has a lease of it that this server does
 * not know. Where this server had no rights itself, its database is in doubt, and its rows are
 * where it was lost.
 */
export function confirmPartnerOff(record: PairRecord, now: Instant): PairRecord {
  if (record.rights === 'none')
    return record.noneBecause === 'fresh'
      ? record
      : takeAll(record, now, record.noneBecause === 'lost')
  return { ...record, rights: 'sole' }
}

/** A human says that a database which has met nobody is to serve without its partner. */
export function serveAlone(record: PairRecord): PairRecord {
  const isFresh = record.rights === 'none' && record.noneBecause === 'fresh'
  return isFresh ? { ...record, rights: 'sole' } : record
}

/**
 * The quarantine is over, or a human says that nobody uses leases of the lost database any more.
 */
export function endDoubt(record: PairRecord): PairRecord {
  return record.doubtUntil === 0 ? record : { ...record, doubtUntil: 0, doubtFrom: 0 }
}

/**
 * A human says that no client has a lease of more than `longest`: what the record remembers beside
 * that is forgotten, and a quarantine lasts no longer. The partner is told the same, so what it had
 * stored counts no more.
 */
export function forgetLifetime(record: PairRecord, longest: Seconds, now: Instant): PairRecord {
  const next = {
    ...record,
    doubtUntil: Math.min(record.doubtUntil, quarantineEnd(longest, now)),
    longestLifetime: Math.min(record.longestLifetime, longest),
    toldLifetime: Math.min(record.toldLifetime, longest),
  }
  const isSame =
    next.doubtUntil === record.doubtUntil &&
    next.longestLifetime === record.longestLifetime &&
    next.toldLifetime === record.toldLifetime
  return isSame ? record : next
}

/**
 * Whether an older copy of this database waits for a partner: not where neither file nor record
 * know of one that has rights, unless an operator says that it is a copy (`told`) of a database
 * that ever had one.
 */
export function waitsAsCopy(
  { rights, pairId }: PairRecord,
  restored: 'older' | 'told',
  hasPartner: boolean,
): boolean {
  return hasPartner || rights === 'shared' || (restored === 'told' && pairId !== '')
}

/**
 * What was stored may have been lost: a host crash where `durability` is not full, or an old copy
 * that was put back.
 */
export function loseDatabase(record: PairRecord): PairRecord {
  return { ...forgetful(record), rights: 'none', noneBecause: 'lost' }
}

/** Something begins that no change number shows: see history.ts. */
export function recordInNewLife(record: PairRecord, life: Life): PairRecord {
  return { ...record, lives: beginLife(record.lives, life) }
}

/** Another database was at this point of its history. */
export function noteHeard(record: PairRecord, database: string, point: Point): PairRecord {
  const former = record.heard[database]
  const isFurther = former?.life !== point.life || former.position < point.position
  return isFurther
    ? { ...record, heard: remembered(record, record.heard, database, point) }
    : record
}

/**
 * Everything up to `position` of a database's stream is stored here, and its clock showed `clock`
 * (0 = not told). Both may go back: the stream of a restored database counts from where it is.
 * `life`: the one that it is in, '' = not told. `isWhole`: see PairRecord.whole.
 */
export function noteApplied(
  record: PairRecord,
  database: string,
  position: number,
  clock: Instant,
  life = '',
  isWhole = record.whole.includes(database),
): PairRecord {
  const heard = life === '' ? record : noteHeard(record, database, { life, position })
  const noted = clock > 0 ? noteClock(heard, database, clock) : heard
  const former = record.applied[database] ?? 0
  const highest = Math.max(former, record.applied[HIGHEST] ?? 0)
  const known = position < former ? { ...record.applied, [HIGHEST]: highest } : record.applied
  const applied = remembered(record, known, database, position)
  return { ...noted, applied, whole: withWhole(record.whole, database, isWhole, applied) }
}

function withWhole(
  whole: readonly string[],
  database: string,
  isWhole: boolean,
  applied: Readonly<Record<string, number>>,
): readonly string[] {
  if (whole.includes(database) === isWhole) return whole
  const others = whole.filter((one) => one !== database && one in applied)
  return isWhole ? [...others, database] : others
}

/** So many DUIDs of the partner are remembered, should its configuration change them. */
const DUIDS_MAX = 4

/** What the partner is known by to its clients of DHCPv6. */
export function notePartnerDuid(record: PairRecord, duid: string | undefined): PairRecord {
  const { partnerDuids } = record
  if (duid === undefined || partnerDuids[0] === duid) return record
  const former = partnerDuids.filter((one) => one !== duid)
  return { ...record, partnerDuids: [duid, ...former].slice(0, DUIDS_MAX) }
}

/** Whether a hello says the same of both, but for how far other streams are stored here. */
export function hasSameStanding(one: PairRecord, other: PairRecord): boolean {
  return (
    one.rights === other.rights &&
    one.noneBecause === other.noneBecause &&
    one.handOver === other.handOver &&
    one.side === other.side &&
    one.pairId === other.pairId &&
    one.partnerDatabase === other.partnerDatabase
  )
}

/** What a hello says of the record. */
export function standingOf(
  record: PairRecord,
): Pick<
  Hello,
  | 'applied'
  | 'appliedDatabase'
  | 'appliedClock'
  | 'pairId'
  | 'side'
  | 'rights'
  | 'noneBecause'
  | 'handOver'
  | 'longestLifetime'
  | 'lives'
  | 'heard'
  | 'whole'
> {
  const { pairId, side, rights, noneBecause, handOver, longestLifetime, partnerDatabase } = record
  return {
    applied: record.applied[partnerDatabase] ?? 0,
    appliedDatabase: partnerDatabase,
    appliedClock: record.clocks[partnerDatabase] ?? 0,
    pairId,
    side,
    rights,
    noneBecause,
    handOver,
    longestLifetime,
    lives: record.lives.map(toldOf),
    heard: record.heard,
    whole: record.whole,
  }
}

function toldOf({ id, from, until }: Life): Life {
  return { id, from, ...(until !== undefined && { until }) }
}

/** `past`: rows do not tell any more who has which address. */
export function takeAll(record: PairRecord, now: Instant, past: boolean): PairRecord {
  return {
    ...record,
    rights: 'sole',
    doubtUntil: quarantineEnd(record.longestLifetime, now),
    doubtFrom: past ? now : 0,
  }
}

/** When no lease can be running any more that was given before now. */
export function quarantineEnd(longest: Seconds, now: Instant): Instant {
  return overAt(after(now, longest), longest)
}

/**
 * Its own rows cannot be relied on, so it claims nothing and is sent everything. What it has heard
 * stays true, and how far streams had come: where both have lost theirs its rows may stay, and what
 * they know of the partner's (Lease.knew).
 */
export function forgetful(record: PairRecord): PairRecord {
  const highest = Math.max(0, ...Object.values(record.applied))
  return { ...record, applied: highest > 0 ? { [HIGHEST]: highest } : {}, clocks: {}, whole: [] }
}

export function noteClock(record: PairRecord, database: string, clock: Instant): PairRecord {
  return { ...record, clocks: remembered(record, record.clocks, database, Math.floor(clock)) }
}

/**
 * With one more database, and without the one that was heard of first where there are too many. One
 * that is forgotten and comes back is sent everything.
 */
function remembered<Value>(
  { partnerDatabase }: PairRecord,
  known: Readonly<Record<string, Value>>,
  database: string,
  value: Value,
): Record<string, Value> {
  const next = { ...known, [database]: value }
  const names = Object.keys(next)
  if (names.length <= DATABASES_MAX) return next
  const kept = [partnerDatabase, database, HIGHEST]
  const first = names.find((name) => !kept.includes(name))
  if (first !== undefined) delete next[first]
  return next
}
