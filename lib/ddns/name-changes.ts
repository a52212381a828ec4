// Which change of a lease changes what in DNS. What a lease asks for is compared with what may
// stand, which gives what is to be removed and what to be added:
//
//   the lease is          the name is as it was          it is another one, or of another client
//   given                 added again                    removed, the new one added
//   renewed               nothing, but for what is       the same
//                         below
//   moved on by its       removed there, added here      -
//   client, same subnet
//   over, in whatever     removed                        -
//   way; taken away
//
// A renewal adds again what is not sure to stand: where that was told to be done at each
// (ddns-update-on-renew), and once a day, so that what somebody spoilt is mended. Nothing is ever
// removed before it is added again: there is no moment without the name.

import type { Octets } from '../bytes/octets.ts'
import type { LeaseAction } from '../leases/lease.ts'
import type { ConflictMode } from '../names/rules.ts'
import type { Instant, Millis, Seconds } from '../time/units.ts'
import {
  FORWARD,
  maybeFree,
  type NameEntry,
  type NameRecord,
  tidied,
  toRemove,
  unwanted,
  wanted,
} from './name-record.ts'

/** What a renewal finds done longer ago is done again, and so is what was refused as another's. */
export const MEND_AFTER: Millis = 86_400_000

/** What a lease asks for. */
export interface NameWish {
  readonly fqdn: Octets
  /** Bits of the directions, at least one. */
  readonly wants: number
  readonly ttl: Seconds
  readonly mode: ConflictMode
  /** Found when it is needed. */
  dhcid(): Octets
}

export interface NameCause {
  readonly action: LeaseAction | undefined
  /** The lease is the same client's as before. */
  readonly isSameClient: boolean
  /** Nobody has asked for it: in a pair it happens at both servers. */
  readonly isByTime: boolean
  /** Others on the database may have registered what was refused to this server. */
  readonly isShared?: boolean
  /** Of its place. */
  readonly updatesOnRenew: boolean
  readonly now: Instant
}

/**
 * What the record of an address becomes with a change of its lease by this server. The same object:
 * nothing has changed.
 */
export function changedNames(
  record: NameRecord,
  wish: NameWish | undefined,
  cause: NameCause,
): NameRecord {
  const { now } = cause
  const kept = wish && record.find((entry) => isWished(entry, wish, cause))
  const next = record.map((entry) => {
    if (entry === kept) return again(entry, wish!, cause)
    // Whoever hears that it ends sees to it, else who gave it.
    const by = cause.isByTime ? entry.by : 'us'
    const mayStand = cause.isShared === true && entry.wants !== 0
    const ended = unwanted(mayStand ? maybeFree(entry) : entry, now)
    return entry.by === by ? ended : { ...ended, by }
  })
  if (wish !== undefined && kept === undefined) next.push(newEntry(wish, now))
  const isSame = next.length === record.length && next.every((one, at) => one === record[at])
  return isSame ? record : tidied(next)
}

/**
 * What is kept with the name counts as long as its client has the lease, also where it shows
 * another identifier by now. What is to be removed already is no more than that.
 */
export function isWished(
  { dhcid, fqdn, wants }: NameEntry,
  wish: NameWish,
  cause: Pick<NameCause, 'isSameClient'>,
): boolean {
  if (fqdn !== wish.fqdn) return false
  return (wants !== 0 && cause.isSameClient) || dhcid === wish.dhcid()
}

function again(entry: NameEntry, wish: NameWish, cause: NameCause): NameEntry {
  const { mode, ttl, wants } = wish
  if (isAgain(entry, wish, cause)) return { ...wanted(entry, wants, cause.now), mode, ttl }
  return entry.by === 'us' ? entry : { ...entry, by: 'us' }
}

function isAgain(entry: NameEntry, wish: NameWish, cause: NameCause): boolean {
  if (entry.wants !== wish.wants || cause.action !== 'renewed') return true
  if (entry.isConflict) return cause.now - entry.at >= MEND_AFTER
  // What is owed yet keeps its place.
  if ((entry.wants & ~entry.sure) !== 0) return false
  return cause.updatesOnRenew || cause.now - entry.at >= MEND_AFTER
}

/** Of a name that is to be added. */
export function newEntry(wish: NameWish, at: Instant): NameEntry {
  const { dhcid, fqdn, mode, ttl, wants } = wish
  const flags = { isConflict: false, isMoved: false, by: 'us' } as const
  return { fqdn, dhcid: dhcid(), also: [], ttl, mode, wants, may: wants, sure: 0, ...flags, at }
}

/**
 * The same client has gone on to another address of DHCPv4 with the name. In the subnet it has left
 * this one for good; from another subnet it may come back, and meanwhile the name leads there.
 */
export function movedOn(entry: NameEntry, isSameSubnet: boolean, at: Instant): NameEntry {
  const wants = isSameSubnet ? 0 : entry.wants & ~FORWARD
  return wants === entry.wants ? entry : { ...entry, wants, isMoved: true, by: 'us', at }
}

/**
 * The same where another server has written the lease that may do so at any time: what is to be
 * done because of it is for that one, which knows what the lease had. What was to be removed
 * already is not. `former`: what the lease asked for; `readAt`: what others had stored by then
 * was known here.
 */
export function asTheirs(
  record: NameRecord,
  wish: NameWish | undefined,
  former: NameWish | undefined,
  cause: Pick<NameCause, 'isSameClient' | 'now'> & { readonly readAt: Instant },
): NameRecord {
  const next = record.flatMap((entry) => {
    const is = wish !== undefined && isWished(entry, wish, cause)
    if (is) return asWished(entry, wish, cause.now)
    if (toRemove(entry) !== 0) return unwanted(entry, cause.now)
    // What it was registered with nobody else knows, nor waits for what this server has sent,
    // which may have come behind what that one has removed.
    const isOther =
      entry.fqdn === former?.fqdn && (entry.also.length > 0 || entry.dhcid !== former.dhcid())
    const isUnderWay = (entry.may & ~entry.sure) !== 0
    const isLate = entry.may !== 0 && entry.at >= cause.readAt
    const isOurs = isOther || (entry.by === 'us' && (isUnderWay || isLate))
    return isOurs ? { ...unwanted(entry, cause.now), by: 'us' as const } : []
  })
  const isSame = next.length === record.length && next.every((one, at) => one === record[at])
  return isSame ? record : next
}

/**
 * Another server has written a lease that asks for it. What stands may come back to this server as
 * it is. What this one owes it does, since the other may believe that it stands, and adds what it
 * has begun to remove.
 */
function asWished(entry: NameEntry, wish: NameWish, now: Instant): NameEntry | [] {
  const { by, isConflict, isMoved, sure, wants } = entry
  if (wants === wish.wants && sure === wants)
    return by === 'partner' ? entry : { ...entry, by: 'partner' }
  if (by === 'partner' || isConflict) return []
  return wants === wish.wants && !isMoved ? entry : wanted(entry, wish.wants, now)
}

/**
 * What the lease says counts, whoever has changed it: what it does not ask for goes, and what it
 * asks for is not removed. Nothing is added that was not there: whoever gave the lease does that.
 */
export function asTheLeaseSays(
  record: NameRecord,
  wish: NameWish | undefined,
  cause: Pick<NameCause, 'isSameClient' | 'now'>,
): NameRecord {
  let isSame = true
  const next = record.map((entry) => {
    const is = wish !== undefined && isWished(entry, wish, cause)
    const known = entry.may | entry.wants
    const wants = is ? (entry.isMoved ? entry.wants : wish.wants & known) : 0
    if (wants === entry.wants && (is || !entry.isMoved)) return entry
    isSame = false
    if (wants === 0) return unwanted(entry, cause.now)
    // Somebody may have begun to remove it.
    const sure = entry.wants === 0 ? 0 : entry.sure
    return { ...entry, wants, sure, at: cause.now }
  })
  return isSame ? record : tidied(next)
}

/** What else is known of a lease that the partner tells of. */
export interface Heard {
  /** Whose it is by its row. */
  readonly by: NameEntry['by']
  /** It had ended here: in a cut this server may have removed its name, to nobody's knowledge. */
  readonly isRevived: boolean
}

/**
 * The same of a lease that the partner tells of. It tells no records of what is done long since,
 * but of whom a name is must be known here: the client may want other addresses under it.
 */
export function asThePartnerSays(
  record: NameRecord,
  wish: NameWish | undefined,
  cause: Pick<NameCause, 'isSameClient' | 'now'>,
  { by, isRevived }: Heard,
): NameRecord {
  // Where another name may stand, the partner's record is compared with it (server/names/told.ts).
  if (wish === undefined || record.length > 0) return asTheLeaseSays(record, wish, cause)
  return [isRevived ? newEntry(wish, cause.now) : doneEntry(wish, by, cause.now)]
}

/** Nobody says when it was added: the next renewal here adds it again. */
function doneEntry(wish: NameWish, by: NameEntry['by'], now: Instant): NameEntry {
  return { ...newEntry(wish, now - MEND_AFTER), sure: wish.wants, by }
}
