// May this server give an address to a client, extend it, or refuse it? What the row of the address
// says and how many of its two keys are here (rights.ts) decide, and nothing else: not who is
// silent, whose client it is, or for whom the address is reserved. A lone server has every key.
//
//   keys                       0          1          2
//   untouched                  -          -          give
//   in doubt                   -          -          -
//   own                        -          renew      renew
//   in use by another          -          refuse     refuse
//   another's of its host      -          -          give
//   over, was another's        -          -          give
//   declined                   -          -          refuse
//   declined, over             -          -          give
//
//   give      as a new lease; or a refusal, since nobody can have it from the partner
//   renew     to the client of the row, also after its end or RELEASE; or a refusal where it is
//             moved
//   refuse    that is all there is
//   -         silence: the partner may have given the address to this very client
//
// another's of its host: the address is reserved for the client by one of several identifiers, and
// the lease is of another one. It goes over; with one key here the partner is asked for its own. As
// long as nobody could hand that on, it is in use by another like any other lease.
//
// in doubt: the database is new, its lost one may have given the address, and no row tells; or this
// server took every key while in doubt, and the row is not a lease that this client has; or rows
// are in doubt themselves (Rights.doubtFrom), and the client does not renew.

import type { Instant } from '../time/units.ts'
import { isLive } from './holding.ts'
import type { Key } from './keys/key.ts'
import { LEASE_STATE, type Lease } from './lease.ts'
import type { Rights } from './rights.ts'

export type Right = 'nothing' | 'refuse' | 'renew' | 'give'

/** With 0, 1 and 2 keys. */
export type RightsLine = readonly [Right, Right, Right]

/** What each standing of an address allows. */
export const RIGHTS = {
  untouched: ['nothing', 'nothing', 'give'],
  inDoubt: ['nothing', 'nothing', 'nothing'],
  own: ['nothing', 'renew', 'renew'],
  inUse: ['nothing', 'refuse', 'refuse'],
  ofItsHost: ['nothing', 'nothing', 'give'],
  over: ['nothing', 'nothing', 'give'],
  declined: ['nothing', 'nothing', 'refuse'],
  declinedOver: ['nothing', 'nothing', 'give'],
} as const satisfies Record<string, RightsLine>

/**
 * Whether the row may be of the past (Rights.doubtFrom): then it is in doubt, unless its client
 * says that it uses this very address.
 */
export function isOfThePast<A extends Key>(
  { doubtUntil, doubtFrom = 0 }: Rights,
  row: Lease<A> | undefined,
  now: Instant,
): row is Lease<A> {
  return row !== undefined && row.start < doubtFrom && now < doubtUntil
}

/**
 * The line of the table for a client and an address with this row. `isOwn`: the row is the
 * client's. Of `inUse` the caller finds out whether the address is another's of its host.
 */
export function rightsLine<A extends Key>(
  { doubtUntil, kind }: Rights,
  row: Lease<A> | undefined,
  isOwn: boolean,
  isOver: boolean,
  now: Instant,
): RightsLine {
  // Every key was taken from a partner that may have given any address: only who has a lease keeps
  // it.
  if (now < doubtUntil && kind === 'all')
    return isOwn && isLive(row!, now) ? RIGHTS.own : RIGHTS.inDoubt
  if (row === undefined) return now < doubtUntil ? RIGHTS.inDoubt : RIGHTS.untouched
  if (isOwn) return RIGHTS.own
  if (row.state === LEASE_STATE.free) return isOver ? RIGHTS.untouched : RIGHTS.inDoubt
  if (row.state === LEASE_STATE.declined) return isOver ? RIGHTS.declinedOver : RIGHTS.declined
  return isOver ? RIGHTS.over : RIGHTS.inUse
}
