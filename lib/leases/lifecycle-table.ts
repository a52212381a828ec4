// What may happen to a lease, as a table. The functions that do it are in lifecycle.ts.
//
//              grant              release             decline
//   free ----------------> assigned --------> released ;  assigned --------> declined
//                            |  ^                 |                             |
//              reclaim       |  | grant           | forget                      | forget
//              (end + grace) v  |                 v                             v
//                          expired --forget--> free                           free
//
// Whatever is over may be found to be occupied by somebody without a lease: it is declined, then.
// `end` plus grace never moves earlier, except by RELEASE and DECLINE of the holder.
//
// Of DHCPv6, an address that nobody leases may be `registered`: its client has made it itself and
// told of it (RFC 9686). It is nobody's to give until it is over, and is forgotten then.
//
// `erase` is an operator's word that nobody has the address any more, whatever the row says: it is
// a release, of which nothing is shown (LeaseRows.leaseState).
//
// In a pair, `free` is a row that keeps the counters of its address, and keys move (rights.ts):
// `share` gives the partner one of a lease, so that it can renew it; `giveBack` returns that one
// when the lease is over; `handOn` gives both of an address that nobody uses.

import { LEASE_STATE, type Lease, type LeaseState } from './lease.ts'

/** `free`: the address has no row, or one that is kept for its counters. */
export type LifecycleState = keyof typeof LEASE_STATE | 'free'

/** `forget`: the time that an ended lease is held, or a quarantine, has passed. */
export type LifecycleEvent =
  | 'grant'
  | 'release'
  | 'decline'
  | 'occupy'
  | 'reclaim'
  | 'forget'
  | 'share'
  | 'giveBack'
  | 'handOn'
  | 'cede'
  | 'register'
  | 'erase'

/**
 * always    nothing else is asked
 * holder    only the client of the row
 * or-over   the client of the row, or anybody once end and grace have passed
 * over      once end and grace have passed
 */
export type Condition = 'always' | 'holder' | 'or-over' | 'over'

export type Transition =
  | { readonly to: LifecycleState; readonly when: Condition }
  | { readonly impossible: string }

const to = (state: LifecycleState, when: Condition): Transition => ({ to: state, when })
const never = (impossible: string): Transition => ({ impossible })

/** What each event makes of each state. */
export const LIFECYCLE: Record<LifecycleState, Record<LifecycleEvent, Transition>> = {
  free: {
    grant: to('assigned', 'over'),
    release: never('nobody holds the address'),
    decline: never('nobody holds the address'),
    occupy: to('declined', 'over'),
    reclaim: never('there is no lease'),
    forget: never('there is no lease'),
    share: never('nobody holds the address'),
    giveBack: to('free', 'over'),
    handOn: to('free', 'over'),
    cede: never('nobody holds the address'),
    register: to('registered', 'over'),
    erase: never('there is no lease'),
  },
  assigned: {
    grant: to('assigned', 'or-over'),
    release: to('released', 'holder'),
    decline: to('declined', 'holder'),
    occupy: to('declined', 'over'),
    reclaim: to('expired', 'over'),
    forget: never('it is reclaimed first, so that its end is told'),
    share: to('assigned', 'always'),
    giveBack: never('it is reclaimed first, so that its end is told'),
    handOn: never('it is reclaimed first, so that its end is told'),
    cede: to('assigned', 'always'),
    register: to('registered', 'over'),
    erase: to('released', 'always'),
  },
  declined: {
    grant: to('assigned', 'over'),
    release: never('a declined address has no holder'),
    decline: never('a declined address has no holder'),
    occupy: to('declined', 'over'),
    reclaim: never('there is no client to keep it for'),
    forget: to('free', 'over'),
    share: never('a declined address has no holder'),
    giveBack: to('free', 'over'),
    handOn: to('free', 'over'),
    cede: to('declined', 'always'),
    register: to('registered', 'over'),
    erase: to('released', 'always'),
  },
  expired: {
    grant: to('assigned', 'or-over'),
    release: never('the lease has ended already'),
    decline: never('the lease has ended already'),
    occupy: to('declined', 'over'),
    reclaim: never('it is reclaimed already'),
    forget: to('free', 'always'),
    share: never('the lease has ended already'),
    giveBack: to('free', 'always'),
    handOn: to('free', 'always'),
    cede: never('the lease has ended already'),
    register: to('registered', 'always'),
    erase: to('released', 'always'),
  },
  released: {
    grant: to('assigned', 'always'),
    release: never('it is released already'),
    decline: never('its client has given it up'),
    occupy: to('declined', 'always'),
    reclaim: never('it has ended already'),
    forget: to('free', 'always'),
    share: never('the lease has ended already'),
    giveBack: to('free', 'always'),
    handOn: to('free', 'always'),
    cede: never('the lease has ended already'),
    register: to('registered', 'always'),
    erase: to('released', 'always'),
  },
  registered: {
    grant: to('assigned', 'over'),
    release: never('it is no lease, but an address of the client itself'),
    decline: never('it is no lease, but an address of the client itself'),
    occupy: to('declined', 'over'),
    reclaim: never('there is no lease to keep it for'),
    forget: to('free', 'over'),
    share: never('nobody leases the address'),
    giveBack: to('free', 'over'),
    handOn: to('free', 'over'),
    cede: never('nobody leases the address'),
    register: to('registered', 'always'),
    erase: to('registered', 'always'),
  },
}

/** A caller did to a lease what cannot be done: a mistake of ours, never of a client. */
export class LifecycleError extends Error {
  override readonly name = 'LifecycleError'

  constructor(event: LifecycleEvent, why: string) {
    super(`${event}: ${why}`)
  }
}

const STATE_NAMES: Record<LeaseState, LifecycleState> = {
  [LEASE_STATE.assigned]: 'assigned',
  [LEASE_STATE.declined]: 'declined',
  [LEASE_STATE.expired]: 'expired',
  [LEASE_STATE.released]: 'released',
  [LEASE_STATE.free]: 'free',
  [LEASE_STATE.registered]: 'registered',
}

export function stateName(lease: Pick<Lease, 'state'> | undefined): LifecycleState {
  return lease === undefined ? 'free' : STATE_NAMES[lease.state]
}
