// The functions that make the next version of a lease, as lifecycle-table.ts allows. They are pure:
// the engine and the lease table turn their results into changes.

import { after, type Instant, NEVER, type Seconds } from '../time/units.ts'
import { GRACE_BASE, graceOf, overAt, RELEASE_GUARD_MS, rowOverAt } from './grace.ts'
import type { Key } from './keys/key.ts'
import { type ClientIdentity, LEASE_STATE, type Lease } from './lease.ts'
import { LIFECYCLE, LifecycleError, type LifecycleEvent, stateName } from './lifecycle-table.ts'
import { withoutRelayInfo } from './relay-info.ts'
import type { Keys, Side } from './rights.ts'

/** What a client is told and noted with when it gets an address. */
export interface GrantTerms {
  readonly client: ClientIdentity
  readonly subnetId: number
  readonly poolId: number
  readonly validLifetime: Seconds
  /** Of DHCPv6. */
  readonly preferredLifetime?: Seconds
  readonly hostname: string
  readonly fqdnFwd: boolean
  readonly fqdnRev: boolean
  readonly userContext: string
}

/**
 * The lease of an address that is given to the client now. `previous` is the row of the address, if
 * any; `isHolder` says whether it is this client's. A former holder's end is kept when it is later;
 * somebody new starts afresh, which the caller allows only for an address that is over.
 */
export function grant<A extends Key>(
  address: A,
  previous: Lease<A> | undefined,
  isHolder: boolean,
  terms: GrantTerms,
  now: Instant,
  change: number,
): Lease<A> {
  if (previous !== undefined) checkGrant(previous, isHolder, now)
  const keepsEnd = isHolder && previous?.state === LEASE_STATE.assigned
  const told = after(now, terms.validLifetime)
  return {
    address,
    htype: terms.client.htype,
    hwAddress: terms.client.hwAddress,
    clientId: terms.client.clientId,
    state: LEASE_STATE.assigned,
    subnetId: terms.subnetId,
    poolId: terms.poolId,
    hostname: terms.hostname,
    fqdnFwd: terms.fqdnFwd,
    fqdnRev: terms.fqdnRev,
    fresh: previous === undefined || isLongOver(previous, now),
    validLifetime: terms.validLifetime,
    preferredLifetime: terms.preferredLifetime ?? 0,
    start: now,
    end: keepsEnd ? laterEnd(previous, told, terms.validLifetime) : told,
    userContext: terms.userContext,
    change,
    gave: previous === undefined ? 0 : previous.gave,
    got: previous === undefined ? 0 : previous.got,
    givenBy: 'us',
    knew: 0,
  }
}

/** Whether no RELEASE of this hold can be under way any more. */
function isLongOver<A extends Key>(lease: Lease<A>, now: Instant): boolean {
  return lease.end + RELEASE_GUARD_MS <= now
}

/** The client gives its address up. The caller notes `knew`. */
export function release<A extends Key>(lease: Lease<A>, now: Instant, change: number): Lease<A> {
  expect(lease, 'release')
  return { ...lease, state: LEASE_STATE.released, end: Math.min(now, lease.end), change }
}

/**
 * Nobody has the address, an operator says: as if its client had given it up. A lifetime of 0, as
 * in Kea's lease files, takes the lease away: it is not shown any more. The client can be told from
 * others still, so that its partner's row ends, too. The caller notes `knew`.
 */
export function erase<A extends Key>(lease: Lease<A>, now: Instant, change: number): Lease<A> {
  expect(lease, 'erase')
  const isRegistered = lease.state === LEASE_STATE.registered
  return {
    ...lease,
    ...{ hostname: '', fqdnFwd: false, fqdnRev: false, userContext: '' },
    state: isRegistered ? LEASE_STATE.registered : LEASE_STATE.released,
    validLifetime: 0,
    preferredLifetime: 0,
    start: isRegistered ? now : lease.start,
    end: Math.min(now, lease.end),
    change,
  }
}

/** Whether an operator, or the client that had registered it, has taken the lease away. */
export function isErased({
  state,
  validLifetime,
}: Pick<Lease, 'state' | 'validLifetime'>): boolean {
  if (validLifetime > 0) return false
  return state === LEASE_STATE.released || state === LEASE_STATE.registered
}

/** Whether it is a lease to whoever asks for one. */
export function isShown(lease: Pick<Lease, 'state' | 'validLifetime'>): boolean {
  return lease.state !== LEASE_STATE.free && !isErased(lease)
}

/**
 * The client found its address in use by somebody else. The address stays out of use for the time
 * of `probation`, and for the rest of the lease if that is longer, since a DECLINE may have been
 * under way while the client got the address once more. Of a lease without end only the probation
 * is left. Nobody holds a declined address, so who declined it is forgotten.
 */
export function decline<A extends Key>(
  lease: Lease<A>,
  now: Instant,
  probation: Seconds,
  change: number,
): Lease<A> {
  expect(lease, 'decline')
  const quarantined = after(now, probation)
  return {
    ...lease,
    htype: 0,
    hwAddress: '',
    clientId: '',
    state: LEASE_STATE.declined,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    fresh: false,
    validLifetime: probation,
    preferredLifetime: 0,
    start: now,
    end: lease.end === NEVER ? quarantined : laterEnd(lease, quarantined, probation),
    userContext: '',
    change,
  }
}

/**
 * The client tells of an address that it has made itself, for as long as it says: a lifetime of 0
 * takes that back. `previous` is the row of the address, if any.
 */
export function register<A extends Key>(
  address: A,
  previous: Lease<A> | undefined,
  terms: GrantTerms,
  now: Instant,
  change: number,
): Lease<A> {
  if (previous !== undefined) checkOver(previous, 'register', now)
  const { client, preferredLifetime = 0, ...told } = terms
  const { htype, hwAddress, clientId } = client
  return {
    ...(previous === undefined ? freeRow(address) : withoutClient(previous)),
    ...{ htype, hwAddress, clientId, ...told, preferredLifetime },
    state: LEASE_STATE.registered,
    start: now,
    end: after(now, terms.validLifetime),
    change,
    givenBy: 'us',
    knew: 0,
  }
}

/**
 * Somebody without a lease was found to use an address that is over: it stays out of use for the
 * time of `probation`. `previous` is its row, if any.
 */
export function occupied<A extends Key>(
  address: A,
  previous: Lease<A> | undefined,
  subnetId: number,
  now: Instant,
  probation: Seconds,
  change: number,
): Lease<A> {
  if (previous !== undefined) checkOver(previous, 'occupy', now)
  return {
    ...(previous === undefined ? freeRow(address) : withoutClient(previous)),
    state: LEASE_STATE.declined,
    subnetId,
    validLifetime: probation,
    start: now,
    end: after(now, probation),
    change,
    givenBy: 'us',
  }
}

/**
 * End and grace of the lease have passed; it is kept for its former client for a while. In a pair
 * nobody is told: `change` is then that of the lease.
 */
export function reclaim<A extends Key>(lease: Lease<A>, change: number): Lease<A> {
  expect(lease, 'reclaim')
  const userContext = withoutRelayInfo(lease.userContext)
  const ended = { fqdnFwd: false, fqdnRev: false, userContext }
  return { ...lease, ...ended, state: LEASE_STATE.expired, change }
}

/** A human says that nobody has the address for longer. */
export function endedEarly<A extends Key>(lease: Lease<A>, end: Instant, change: number): Lease<A> {
  return { ...lease, end: Math.min(lease.end, end), change }
}

/** The partner gets one of our two keys of a lease. */
export function share<A extends Key>(lease: Lease<A>, change: number): Lease<A> {
  expect(lease, 'share')
  return { ...lease, gave: lease.gave + 1, change }
}

/** The partner, whose home the address is, gets our one key of an address that is over. */
export function giveBack<A extends Key>(lease: Lease<A>, change: number): Lease<A> {
  expect(lease, 'giveBack')
  return { ...withoutClient(lease), gave: lease.gave + 1, change }
}

/** The partner gets both our keys of an address that is over; `previous` is its row, if any. */
export function handOn<A extends Key>(
  address: A,
  previous: Lease<A> | undefined,
  change: number,
): Lease<A> {
  if (previous === undefined) return { ...freeRow(address), gave: 2, change }
  expect(previous, 'handOn')
  return { ...withoutClient(previous), gave: previous.gave + 2, change }
}

/** The partner gets our keys of a lease, for another identifier of the host that has it. */
export function cede<A extends Key>(lease: Lease<A>, keys: Keys, change: number): Lease<A> {
  expect(lease, 'cede')
  return { ...lease, gave: lease.gave + keys, change }
}

/**
 * The server with every key is about to share again: of a lease that it gave without a key by the
 * counters it claims the one that renewing takes, and of counters that an old database has spoilt
 * what comes next to them. Undefined where there is nothing to claim. The partner takes the
 * counters as they are then, so nobody is told of this alone.
 */
export function claim<A extends Key>(
  lease: Lease<A>,
  home: Side,
  side: Side,
): Lease<A> | undefined {
  const start = home === side ? 2 : 0
  const keys = start - lease.gave + lease.got
  const least = lease.state === LEASE_STATE.assigned ? 1 : 0
  const claimed = Math.min(2, Math.max(least, keys))
  return claimed === keys ? undefined : { ...lease, got: lease.gave - start + claimed }
}

/** What is left of a row that a lone server would remove. Nobody is told, so its `change` stays. */
export function emptied<A extends Key>(lease: Lease<A>): Lease<A> {
  expect(lease, 'forget')
  return withoutClient(lease)
}

/** `end` stays: it is still asked for how long ago somebody had the address. */
function withoutClient<A extends Key>(lease: Lease<A>): Lease<A> {
  const { subnetId, poolId, start, end, change, gave, got, givenBy, knew } = lease
  const kept = { subnetId, poolId, start, end, change, gave, got, givenBy, knew }
  return { ...freeRow(lease.address), ...kept }
}

/** The row of an address of which nothing is known. */
export function freeRow<A extends Key>(address: A): Lease<A> {
  return { address, ...NEVER_USED }
}

const NEVER_USED: Omit<Lease, 'address'> = {
  htype: 0,
  hwAddress: '',
  clientId: '',
  state: LEASE_STATE.free,
  subnetId: 0,
  poolId: 0,
  hostname: '',
  fqdnFwd: false,
  fqdnRev: false,
  fresh: false,
  validLifetime: 0,
  preferredLifetime: 0,
  start: 0,
  // Long over when the lease clock starts.
  end: -GRACE_BASE,
  userContext: '',
  change: 0,
  gave: 0,
  got: 0,
  givenBy: 'us',
  knew: 0,
}

/** The end to note, so that neither it nor end plus grace is earlier than in the former version. */
export function laterEnd<A extends Key>(
  former: Lease<A>,
  end: Instant,
  lifetime: Seconds,
): Instant {
  if (overAt(end, lifetime) >= overAt(former.end, former.validLifetime))
    return Math.max(end, former.end)
  return Math.max(former.end, overAt(former.end, former.validLifetime) - graceOf(lifetime))
}

function checkGrant<A extends Key>(previous: Lease<A>, isHolder: boolean, now: Instant): void {
  const transition = LIFECYCLE[stateName(previous)].grant
  const isOwn = isHolder && 'when' in transition && transition.when === 'or-over'
  if (!isOwn) checkOver(previous, 'grant', now)
}

/** The event takes an address that is over, unless it may happen at any time. */
function checkOver<A extends Key>(previous: Lease<A>, event: LifecycleEvent, now: Instant): void {
  const transition = LIFECYCLE[stateName(previous)][event]
  if ('impossible' in transition) throw new LifecycleError(event, transition.impossible)
  if (transition.when !== 'always' && rowOverAt(previous) > now)
    throw new LifecycleError(event, 'the address is not over')
}

function expect<A extends Key>(lease: Lease<A>, event: LifecycleEvent): void {
  const transition = LIFECYCLE[stateName(lease)][event]
  if ('impossible' in transition) throw new LifecycleError(event, transition.impossible)
}
