// What time makes of a lease, as the change to be journaled and applied.
//
//   row                                    alone               in a pair
//   assigned, end and grace have passed    expired             expired, noted here only
//   declined, expired, released: no
//   longer kept                            removed             emptied, noted here only
//   the same, and the key that we hold
//   is to go back to the partner           -                   emptied, and the key goes with it
//
// Of servers that share a database one stores that a lease has expired (server/shared), and each
// empties its own rows.
//
// In a pair each server sees by itself that a lease has ended; only keys have to be told. Rows
// stay, because their counters must.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Key } from './keys/key.ts'
import { type Change, LEASE_STATE, type Lease } from './lease.ts'
import { emptied, giveBack, reclaim } from './lifecycle.ts'
import { type Keys, keysUnder, type Rights, type Side } from './rights.ts'

export interface DueChange<A extends Key = Ipv4> {
  readonly change: Change<A>
  /**
   * Whether partners are told. If not, the change keeps the number of the former version of its
   * row.
   */
  readonly streamed: boolean
  /** The row before. */
  readonly former: Lease<A>
}

/**
 * Whether the keys of an address with this home, once it is over, are to go back to the partner.
 */
export function isOwed(rights: Rights, home: Side, keys: Keys): boolean {
  if (!rights.paired || rights.kind !== 'keys' || keys !== 1) return false
  return home !== rights.side
}

/**
 * The change of a row that is due. Whoever may not give keys at present does not ask for rows that
 * owe one.
 */
export function dueChange<A extends Key>(
  lease: Lease<A>,
  home: Side,
  rights: Rights,
  nextChange: () => number,
): DueChange<A> {
  if (!rights.paired)
    return { change: aloneChange(lease, nextChange()), streamed: true, former: lease }
  if (rights.isShared) return sharedChange(lease, nextChange)
  if (lease.state === LEASE_STATE.assigned) return local(reclaim(lease, lease.change), lease)
  const keys = keysUnder(rights, home, lease.gave, lease.got)
  if (!isOwed(rights, home, keys)) return local(emptied(lease), lease)
  const change = { kind: 'put', lease: giveBack(lease, nextChange()) } as const
  return { change, streamed: true, former: lease }
}

function aloneChange<A extends Key>(lease: Lease<A>, change: number): Change<A> {
  if (lease.state === LEASE_STATE.assigned) return { kind: 'put', lease: reclaim(lease, change) }
  return { kind: 'remove', address: lease.address, change }
}

function sharedChange<A extends Key>(lease: Lease<A>, nextChange: () => number): DueChange<A> {
  if (lease.state !== LEASE_STATE.assigned) return local(emptied(lease), lease)
  const change = { kind: 'put', lease: reclaim(lease, nextChange()) } as const
  return { change, streamed: true, former: lease }
}

function local<A extends Key>(lease: Lease<A>, former: Lease<A>): DueChange<A> {
  return { change: { kind: 'put', lease }, streamed: false, former }
}
