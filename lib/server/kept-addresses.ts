// Addresses that are kept from clients although a pool may hold them: those of servers, and of
// hosts that the configuration names. Both servers of a pair keep what either of them knows, so no
// key moves for it.
//
// A server's own address stays kept for the life of the process: one that has left may be on its
// way to another host (a virtual address), or back with the carrier of its interface.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { HOSTS_MAX, type Hosts } from '../ha/link-messages.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Interface4 } from '../ports/datagrams4.ts'

/**
 * own: a server's. named: somebody's; who holds it by a lease keeps it, and a reservation gives it.
 */
export type Kept = 'own' | 'named'

export class KeptAddresses {
  /** Told when there is something new for the other servers. */
  onChange: () => void = () => {}
  readonly #table: LeaseTable
  readonly #onLeased: (lease: Lease) => void
  #plan: Plan4
  #last: Interface4 | undefined
  readonly #seen = new Set<Ipv4>()
  readonly #told = new Map<string, Omit<Hosts, 'type'>>()
  #kept = new Map<Ipv4, Kept>()
  readonly #alarmed = new Set<Ipv4>()

  /** `onLeased` is told of a running lease of a server's own address, once each. */
  constructor(plan: Plan4, table: LeaseTable, onLeased: (lease: Lease) => void) {
    this.#plan = plan
    this.#table = table
    this.#onLeased = onLeased
    this.follow(plan)
  }

  /** A new plan is in force. */
  follow(plan: Plan4): void {
    this.#plan = plan
    this.#gather()
    this.onChange()
  }

  /** Addresses of this host, on whatever interface. */
  see(addresses: readonly Ipv4[]): void {
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
  learn(from: Interface4): void {
    if (from === this.#last) return
    this.#last = from
    this.see(from.addresses.map(({ address }) => address))
  }

  /** What another server keeps. */
  told(server: string, { own, named }: Omit<Hosts, 'type'>): void {
    this.#told.set(server, { own, named })
    this.#gather()
  }

  /** What of this server's the others are to keep: only what clients could be given. */
  get toTell(): Omit<Hosts, 'type'> {
    const { hosts } = this.#plan
    const isHere = (address: Ipv4) => this.#plan.subnetByAddress(address) !== undefined
    const own = [...hosts.own.keys(), ...[...this.#seen].filter(isHere)]
    return { own: own.slice(0, HOSTS_MAX), named: [...hosts.named.keys()].slice(0, HOSTS_MAX) }
  }

  /** Whether it is an address of this host. */
  isOwn(address: Ipv4): boolean {
    return this.#seen.has(address)
  }

  /** Undefined: clients may have it. */
  of(address: Ipv4): Kept | undefined {
    return this.#kept.get(address)
  }

  #gather(): void {
    const { own, named } = this.#plan.hosts
    const kept = new Map<Ipv4, Kept>()
    for (const address of named.keys()) kept.set(address, 'named')
    for (const told of this.#told.values()) for (const one of told.named) kept.set(one, 'named')
    for (const told of this.#told.values()) for (const one of told.own) kept.set(one, 'own')
    for (const address of own.keys()) kept.set(address, 'own')
    for (const address of this.#seen) kept.set(address, 'own')
    this.#kept = kept
    this.#table.setReserved([...this.#plan.reservedAddresses(), ...kept.keys()])
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
