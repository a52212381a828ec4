// Rows, clients and searches for tests of the lease table.

import { type Ipv4, type Ipv4Range, ipv4FromText } from '../../lib/address/ipv4.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { type ClientIdentity, LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf, type Rights, type Side } from '../../lib/leases/rights.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'

export const BASE = ipv4FromText('10.0.0.0') ?? 0
export const ITERATIVE: FreeSearch = { order: 'iterative', draw: () => 0 }

export function range(first: number, last: number): Ipv4Range {
  return { first: BASE + first, last: BASE + last }
}

export function client(number: number, clientId = `\x01c${number}`): ClientIdentity {
  return { htype: 1, hwAddress: `\x02\0\0\0\0${String.fromCharCode(number & 255)}`, clientId }
}

/** Deterministic draws. */
export function drawing(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

let changes = 0

export function lease<A extends Key = Ipv4>(
  address: A,
  who: ClientIdentity,
  fields: Partial<Omit<Lease, 'address'>> = {},
): Lease<A> {
  return {
    htype: who.htype,
    hwAddress: who.hwAddress,
    clientId: who.clientId,
    state: LEASE_STATE.assigned,
    subnetId: 1,
    poolId: 0,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    fresh: false,
    validLifetime: 1000,
    preferredLifetime: 0,
    start: 0,
    end: 1_000_000,
    userContext: '',
    change: ++changes,
    gave: 0,
    got: 0,
    givenBy: 'us',
    knew: 0,
    ...fields,
    address,
  }
}

export function put(table: LeaseTable, ...leases: Lease[]): void {
  for (const each of leases) table.apply({ kind: 'put', lease: each })
}

/** The first `count` addresses at or above `from` whose home is this side. */
export function homes(side: Side, count: number, from = BASE): Ipv4[] {
  const found: Ipv4[] = []
  for (let address = from; found.length < count; address++)
    if (homeOf(address) === side) found.push(address)
  return found
}

export const PAIRED: Rights = { kind: 'keys', side: 0, paired: true, doubtUntil: 0 }

export const HOLD = { holdReclaimed: 3600 }
export const nextChange = () => ++changes
/** The number that was drawn last. */
export const lastChange = () => changes
