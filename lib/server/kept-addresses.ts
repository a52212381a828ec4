// Addresses that are kept from clients although a pool may hold them: those of servers, and of
// hosts that the configuration names. Both servers of a pair keep what either of them knows, so no
// key moves for it.
//
// A server's own address stays kept for the life of the process: one that has left may be on its
// way to another host (a virtual address), or back with the carrier of its interface.

import type { Ipv4 } from '../address/ipv4.ts'
import { addressOf, type Prefix6 } from '../address/prefix6.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Plan6 } from '../config/plan/plan6.ts'
import { HOSTS_MAX } from '../ha/link-messages.ts'
import type { Key } from '../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { Pieces } from '../leases/store/pieces.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Keeping, KeptKeys } from './kept-keys.ts'

/**
 * own: a server's. named: somebody's; who holds it by a lease keeps it, and a reservation gives it.
 */
export type Kept = 'own' | 'named'

/** What a plan says of keys that somebody has. */
export interface Keepers<A extends Key> extends Keeping<A> {
  /** Every one that a reservation names. */
  readonly reserved: Pieces<A>
  /** Whether clients could be given it. */
  isHere(key: A): boolean
}

export function keeping4(plan: Plan4): Keepers<Ipv4> {
  const { own, named } = plan.hosts
  return {
    own: [...own.keys()],
    named: [...named.keys()],
    reserved: plan.reserved,
    isHere: (address) => plan.subnetByAddress(address) !== undefined,
  }
}

export function keeping6(plan: Plan6): Keepers<Prefix6> {
  const { own, named } = plan.hosts
  return {
    own: [...own.keys()],
    named: [...named.keys()],
    reserved: plan.reserved,
    isHere: (key) => plan.subnetByAddress(addressOf(key)) !== undefined,
  }
}

export class KeptAddresses<A extends Key = Ipv4> implements KeptKeys {
  /** Told when there is something new for the other servers. */
  onChange: () => void = () => {}
  readonly #table: LeaseTable<A>
  readonly #onLeased: (lease: Lease<A>) => void
  #plan: Keepers<A>
  #last: object | undefined
  readonly #seen = new Set<A>()
  readonly #told = new Map<string, Keeping<A>>()
  #kept = new Map<A, Kept>()
  readonly #alarmed = new Set<A>()

  /** `onLeased` is told of a running lease of a server's own address, once each. */
  constructor(plan: Keepers<A>, table: LeaseTable<A>, onLeased: (lease: Lease<A>) => void) {
    this.#plan = plan
    this.#table = table
    this.#onLeased = onLeased
    this.follow(plan)
  }

  /** A new plan is in force. */
  follow(plan: Keepers<A>): void {
    this.#plan = plan
    this.#gather()
    this.onChange()
  }

  /** Addresses of this host, on whatever interface. */
  see(addresses: readonly A[]): void {
    const size = this.#seen.size
    // A host with so many is one whose addresses come and go.
    if (size > HOSTS_MAX) this.#seen.clear()
    for (const address of addresses) this.#seen.add(address)
    if (this.#seen.size === size) return
    this.#gather()
    this.onChange()
  }

  /**
   * An interface object is replaced whenever its addresses change, so the same one says nothing
   * new.
   */
  learn(from: { readonly addresses: readonly { readonly address: A }[] }): void {
    if (from === this.#last) return
    this.#last = from
    this.see(from.addresses.map(({ address }) => address))
  }

  /** What another server keeps. */
  told(server: string, { own, named }: Keeping<A>): void {
    this.#told.set(server, { own, named })
    this.#gather()
  }

  /**
   * What of this server's the others are to keep. First what clients could be given; by all others
   * they know this server when a client names it.
   */
  get toTell(): Keeping<A> {
    const { own, named } = this.#plan
    const seen = [...this.#seen]
    const here = seen.filter((address) => this.#plan.isHere(address))
    const others = seen.filter((address) => !this.#plan.isHere(address))
    return {
      own: [...own, ...here, ...others].slice(0, HOSTS_MAX),
      named: named.slice(0, HOSTS_MAX),
    }
  }

  /** Whether another server has said what it keeps, since this process began. */
  get isTold(): boolean {
    return this.#told.size > 0
  }

  /** Whether it is an address of this host. */
  isOwn(address: A): boolean {
    return this.#seen.has(address)
  }

  /** Undefined: clients may have it. */
  of(address: A): Kept | undefined {
    return this.#kept.get(address)
  }

  #gather(): void {
    const { own, named } = this.#plan
    const kept = new Map<A, Kept>()
    for (const address of named) kept.set(address, 'named')
    for (const told of this.#told.values()) for (const one of told.named) kept.set(one, 'named')
    for (const told of this.#told.values()) for (const one of told.own) kept.set(one, 'own')
    for (const address of own) kept.set(address, 'own')
    for (const address of this.#seen) kept.set(address, 'own')
    this.#kept = kept
    this.#table.setReserved(this.#plan.reserved, [...kept.keys()])
    this.#lookForLeases()
  }

  /** Running leases of servers' addresses, as far as they are known by now. */
  #lookForLeases(): void {
    for (const [address, kind] of this.#kept) {
      if (kind !== 'own' || this.#alarmed.has(address)) continue
      const lease = this.#table.byAddress(address)
      if (lease?.state !== LEASE_STATE.assigned) continue
      this.#alarmed.add(address)
      this.#onLeased(lease)
    }
  }
}
