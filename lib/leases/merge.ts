// What becomes of our row when the partner sends its own. Keys decide whose contents count: who
// holds both is right, who holds none has only a copy, and where each has one both may have told
// the client something, so that the later end counts. Counters only grow, so that rows may come
// twice or late. Pure: times of the partner's row are on our clock already, its counters and
// `givenBy` are as the partner sees them.

import type { Ipv4 } from '../address/ipv4.ts'
import { type Instant, NEVER } from '../time/units.ts'
import { overAt, rowOverAt } from './grace.ts'
import { isSameClient } from './identity.ts'
import type { Key } from './keys/key.ts'
import { LEASE_STATE, type Lease } from './lease.ts'
import { freeRow, laterEnd } from './lifecycle.ts'
import { type Keys, keysByCounters, keysUnder, type Rights, type Side } from './rights.ts'

export interface Merged<A extends Key = Ipv4> {
  /** The new version of our row, to be stored and not streamed; undefined: it stays as it is. */
  readonly lease: Lease<A> | undefined
  /** Two clients hold the address: one row is kept, until both leases have ended. */
  readonly conflict: 'none' | 'two-clients'
  /** What was done, for counting: a word of MERGE_WORDS. */
  readonly what: MergeWord
}

/** none: there is no row. ended: expired, or over by our clock. */
export type RowKind = 'none' | 'live' | 'ended' | 'released' | 'declined' | 'free'
export const ROW_KINDS = ['none', 'live', 'ended', 'released', 'declined', 'free'] as const

/**
 * take       theirs, word for word
 * ignore     nothing: our both keys say more, or theirs is a copy without a key
 * keep       nothing: theirs says nothing that we do not know
 * extend     the later end; everything else from the youngest grant
 * revive     theirs, unless the lease was released or declined here with that grant known
 * shorten    theirs, which ends ours early, if they knew our last change when the client released
 *            it
 * decline    the same for a declined one
 * avoid      theirs: the address rests
 * conflict   the row of whoever has every key, else of the home of the address, and the later end
 */
export type Deed = keyof typeof MERGE_WORDS

/** The word for each deed that was done. One that its condition forbade was `kept`. */
export const MERGE_WORDS = {
  take: 'taken',
  ignore: 'ignored',
  keep: 'kept',
  extend: 'extended',
  revive: 'revived',
  shorten: 'shortened',
  decline: 'declined',
  avoid: 'avoided',
  conflict: 'conflict',
} as const

export type MergeWord = (typeof MERGE_WORDS)[Deed]

type Row = Record<Exclude<RowKind, 'none'>, Deed>

/** We have one key and they had one: our row by their row, when the client is the same. */
const SAME_CLIENT: Record<RowKind, Row> = {
  none: row('revive', 'keep', 'keep', 'avoid', 'keep'),
  live: row('extend', 'extend', 'shorten', 'decline', 'keep'),
  ended: row('revive', 'keep', 'shorten', 'avoid', 'keep'),
  released: row('revive', 'keep', 'keep', 'avoid', 'keep'),
  // Nobody gives up what was declined but an operator, for all.
  declined: row('revive', 'keep', 'shorten', 'avoid', 'keep'),
  free: row('revive', 'keep', 'keep', 'avoid', 'keep'),
}

/** The same, when the client is another one or there is none. */
const OTHER_CLIENT: Record<RowKind, Row> = {
  ...SAME_CLIENT,
  live: row('conflict', 'keep', 'keep', 'decline', 'keep'),
  ended: row('revive', 'keep', 'keep', 'avoid', 'keep'),
}

function row(live: Deed, ended: Deed, released: Deed, declined: Deed, free: Deed): Row {
  return { live, ended, released, declined, free }
}

/** What to do, by our keys before the row came and whether the sender had one when it wrote it. */
export function deedOf(
  keys: Keys,
  senderHadKey: boolean,
  mine: RowKind,
  theirs: Exclude<RowKind, 'none'>,
  sameClient: boolean,
): Deed {
  if (keys === 0) return 'take'
  if (keys === 2 || !senderHadKey) return 'ignore'
  return (sameClient ? SAME_CLIENT : OTHER_CLIENT)[mine][theirs]
}

/**
 * A server that has every key only for the time being asks of each address what it would with one
 * key. `isKeyless`: so does every server of a row that the partner granted without a key.
 */
export function merge<A extends Key>(
  mine: Lease<A> | undefined,
  theirs: Lease<A>,
  home: Side,
  rights: Rights,
  now: Instant,
  isKeyless = false,
): Merged<A> {
  if (theirs.state === LEASE_STATE.registered) return noted(mine, theirs, now)
  const base = mine ?? freeRow(theirs.address)
  const { gave, got, change } = base
  const held = rights.kind === 'all' ? 1 : keysUnder(rights, home, gave, got)
  const keys = isKeyless && held === 2 ? 1 : held
  const theirKind = kindOf(theirs, now) as Exclude<RowKind, 'none'>
  const judged = deedOf(
    keys,
    isKeyless || hadKey(theirs, base.got, home, rights.side),
    kindOf(mine, now),
    theirKind,
    isSameClient(base, theirs),
  )
  const deed = judged === 'take' && isBygone(mine, theirs, now) ? 'keep' : judged
  const made = DEEDS[deed](base, theirs, isKeyless || isRight(home, rights))
  const conflict = deed === 'conflict' ? 'two-clients' : 'none'
  const what = made === undefined && deed !== 'ignore' ? 'kept' : MERGE_WORDS[deed]
  const gotNow = Math.max(got, theirs.gave)
  if (made !== undefined) return { lease: { ...made, change, gave, got: gotNow }, conflict, what }
  return { lease: gotNow === got ? undefined : { ...base, got: gotNow }, conflict, what }
}

/**
 * The partner's client has told of an address that it made itself: that takes no key, and no lease
 * gives way to it. Of two tellings the later one counts.
 */
function noted<A extends Key>(
  mine: Lease<A> | undefined,
  theirs: Lease<A>,
  now: Instant,
): Merged<A> {
  const { gave, got, change } = mine ?? freeRow(theirs.address)
  const kind = kindOf(mine, now)
  const isLater = mine?.state === LEASE_STATE.registered && mine.start > theirs.start
  if (kind === 'live' || kind === 'declined' || isLater)
    return { lease: undefined, conflict: 'none', what: 'kept' }
  const lease = { ...received(theirs), change, gave, got: Math.max(got, theirs.gave) }
  return { lease, conflict: 'none', what: 'taken' }
}

/**
 * Whether it tells of nothing but the end of a lease before ours, which runs: it was on its way
 * when our last key was ceded (rule 4f).
 */
function isBygone<A extends Key>(
  mine: Lease<A> | undefined,
  theirs: Lease<A>,
  now: Instant,
): boolean {
  if (mine === undefined || kindOf(mine, now) !== 'live') return false
  const kind = kindOf(theirs, now)
  return (kind === 'free' || kind === 'ended') && theirs.start < mine.start
}

/**
 * Of a row whose grant nobody here knew when a lease ended, as nobody there knew of any change
 * here.
 */
const UNHEARD = { change: Number.POSITIVE_INFINITY, knew: -1 } as const

/**
 * Two databases that have never shared keys: counters, and what either knew of another one, say
 * nothing. Whatever is live there is taken; of two clients ours stays.
 */
export function united<A extends Key>(
  mine: Lease<A> | undefined,
  theirs: Lease<A>,
  home: Side,
  rights: Rights,
  now: Instant,
): Merged<A> {
  return merge(mine, { ...theirs, ...UNHEARD }, home, { ...rights, kind: 'all' }, now, true)
}

/**
 * A row of an old database, maybe of a past that the keys have left: what it counts says nothing.
 * What is live there is taken all the same, and nothing ends here by it: the client may have got
 * the address again since.
 */
export function salvaged<A extends Key>(
  mine: Lease<A> | undefined,
  theirs: Lease<A>,
  home: Side,
  rights: Rights,
  now: Instant,
  isKeyless = false,
): Merged<A> {
  const past = { ...theirs, gave: mine?.got ?? 0, knew: UNHEARD.knew }
  return merge(mine, past, home, { ...rights, kind: 'all' }, now, isKeyless)
}

/**
 * A row of another history, as long as rows of the past count for less here: it is one of them,
 * whatever its age. The clock of a copy stood still until it was put back, so its rows look younger
 * than they are.
 */
export function ofThePast<A extends Key>(
  theirs: Lease<A>,
  { doubtFrom = 0, doubtUntil }: Rights,
  now: Instant,
): Lease<A> {
  const isPast = now < doubtUntil && theirs.start >= doubtFrom && doubtFrom > 0
  return isPast ? { ...theirs, start: Math.max(0, doubtFrom - 1) } : theirs
}

export function kindOf<A extends Key>(lease: Lease<A> | undefined, now: Instant): RowKind {
  if (lease === undefined) return 'none'
  if (lease.state === LEASE_STATE.free) return 'free'
  // Nobody leases it, whatever its client has made of it.
  if (lease.state === LEASE_STATE.registered) return 'free'
  if (lease.state === LEASE_STATE.released) return 'released'
  if (lease.state === LEASE_STATE.expired) return 'ended'
  if (overAt(lease.end, lease.validLifetime) <= now) return 'ended'
  return lease.state === LEASE_STATE.declined ? 'declined' : 'live'
}

/**
 * Whether the partner granted the lease though it had no key: it hears nobody, and is to be
 * available all the same.
 */
export function isKeylessGrant<A extends Key>(
  theirs: Lease<A>,
  got: number,
  home: Side,
  { side }: Rights,
  now: Instant,
): boolean {
  return (
    theirs.givenBy === 'us' && kindOf(theirs, now) === 'live' && !hadKey(theirs, got, home, side)
  )
}

/**
 * Whether the sender had one before it gave what it gives with this row; `got`: what it had given
 * before.
 */
function hadKey<A extends Key>(
  { gave, got: theirGot }: Lease<A>,
  got: number,
  home: Side,
  side: Side,
): boolean {
  const start = home === side ? 0 : 2
  const left = start - gave + theirGot
  const gives = Math.max(0, gave - got)
  return left + gives > 0
}

/**
 * The new contents of our row, undefined when they stay; `isOurs`: of two clients, ours keeps it.
 * Counters and change are set by the caller.
 */
type Do = <A extends Key>(mine: Lease<A>, theirs: Lease<A>, isOurs: boolean) => Lease<A> | undefined
const DEEDS: Record<Deed, Do> = {
  take: (_mine, theirs) => received(theirs),
  ignore: () => undefined,
  keep: () => undefined,
  extend: (mine, theirs) =>
    theirs.start >= mine.start ? lasting(received(theirs), mine) : lasting(mine, theirs),
  revive: (mine, theirs) =>
    isKnownHere(mine, theirs) ? undefined : lasting(received(theirs), mine),
  shorten: (mine, theirs) => (mine.change <= theirs.knew ? received(theirs) : undefined),
  decline: (mine, theirs) => (mine.change <= theirs.knew ? declinedThere(mine, theirs) : undefined),
  avoid: (mine, theirs) => lasting(received(theirs), mine),
  conflict: (mine, theirs, isOurs) =>
    isOurs ? lasting(mine, theirs) : lasting(received(theirs), mine),
}

/**
 * Whether what happened here last came after theirs. Of what never changed here nothing is known,
 * whatever theirs is.
 */
function isKnownHere<A extends Key>(mine: Lease<A>, theirs: Lease<A>): boolean {
  return mine.change > 0 && theirs.change <= mine.knew
}

/**
 * Of two clients: whose server is the home of the address. A server that has every key gave it by a
 * human's word, or to a partner whose database is old; what that one says was true when it fell
 * asleep. Who has keys is right against who has none.
 */
function isRight(home: Side, { kind, side }: Rights): boolean {
  return kind === 'all' || home === side
}

/** The partner's row as ours. */
function received<A extends Key>(theirs: Lease<A>): Lease<A> {
  return { ...theirs, givenBy: theirs.givenBy === 'us' ? 'partner' : 'us', knew: 0 }
}

/**
 * The quarantine, and the lease that it ends: a lease without end is no measure, as in
 * lifecycle.ts.
 */
function declinedThere<A extends Key>(mine: Lease<A>, theirs: Lease<A>): Lease<A> {
  return mine.end === NEVER ? received(theirs) : lasting(received(theirs), mine)
}

/** The lease, ending not before the other one; the same for end and grace. */
function lasting<A extends Key>(lease: Lease<A>, other: Lease<A>): Lease<A> {
  return { ...lease, end: laterEnd(other, lease.end, lease.validLifetime) }
}

/**
 * The row of a server without rights that is sent everything: as the partner has it, with the
 * counters seen from here. With `doubt` this server may have done with its keys what nobody knows
 * any more: an address that it could renew is held until `quarantineUntil`, one that it could give
 * rests until then. The change number stays only where this database is not in doubt.
 */
export function refilled<A extends Key>(
  mine: Lease<A> | undefined,
  theirs: Lease<A>,
  home: Side,
  rights: Rights,
  now: Instant,
  doubt: { readonly quarantineUntil: Instant } | undefined,
): Lease<A> {
  const counters = { gave: theirs.got, got: theirs.gave }
  if (doubt === undefined)
    return { ...received(theirs), ...counters, change: mine === undefined ? 0 : mine.change }
  const lease = { ...received(theirs), ...counters, change: 0 }
  const keys = keysByCounters(home, rights.side, lease.gave, lease.got)
  if (keys === 0 || doubt.quarantineUntil <= now) return lease
  const { quarantineUntil } = doubt
  if (keys === 1) return rested(lease, quarantineUntil)
  const end = Math.max(rowOverAt(lease), quarantineUntil)
  return { ...freeRow(lease.address), subnetId: lease.subnetId, ...counters, end }
}

/**
 * A row that is returned before a quarantine is over: nobody new gets the address before. Its
 * client may have been told that the lease goes on; one of nobody, as an operator leaves it who
 * ends a rest of the address, rests again.
 */
export function rested<A extends Key>(lease: Lease<A>, until: Instant): Lease<A> {
  const { address, subnetId, state, gave, got, change } = lease
  const end = Math.max(lease.end, until)
  if (state !== LEASE_STATE.released && state !== LEASE_STATE.expired) return { ...lease, end }
  if (lease.hwAddress !== '' || lease.clientId !== '')
    return { ...lease, state: LEASE_STATE.assigned, end }
  return { ...freeRow(address), subnetId, gave, got, change, end }
}

/**
 * A row of which the one that knows everything has none: keys are as at the beginning, so what it
 * counts is of a past that an old database speaks of. In doubt, what it says is not true any more
 * either, and the address rests like every other that the lost database may have given. Undefined:
 * it stays.
 */
export function unknownThere<A extends Key>(
  mine: Lease<A>,
  doubt: { readonly quarantineUntil: Instant } | undefined,
): Lease<A> | undefined {
  const { address, subnetId, gave, got } = mine
  if (doubt === undefined && gave === 0 && got === 0) return undefined
  const end = Math.max(rowOverAt(mine), doubt?.quarantineUntil ?? 0)
  return { ...freeRow(address), subnetId, end }
}

/**
 * The new row of a backup that follows two servers; undefined: it stays. What happened last counts;
 * of two things at one time, the end of a lease. A backup has no keys and counts none.
 */
export function takeForBackup<A extends Key>(
  mine: Lease<A> | undefined,
  theirs: Lease<A>,
): Lease<A> | undefined {
  const lease: Lease<A> = { ...theirs, gave: 0, got: 0, change: 0, knew: 0, givenBy: 'partner' }
  if (mine === undefined) return lease
  const isLive = theirs.state === LEASE_STATE.assigned
  const later = happenedAt(theirs) - happenedAt(mine)
  if (later < 0 || (later === 0 && isLive)) return undefined
  const isRenewal = isLive && mine.state === LEASE_STATE.assigned && isSameClient(mine, theirs)
  return isRenewal ? lasting(lease, mine) : lease
}

/** A release is told by its end, everything else by its start. */
function happenedAt<A extends Key>(lease: Lease<A>): Instant {
  return lease.state === LEASE_STATE.released ? lease.end : lease.start
}
