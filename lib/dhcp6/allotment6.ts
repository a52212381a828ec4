// What the IAs of one message have got so far. They are answered one after the other, and nothing
// of it stands in the leases before all are: what one IA takes is taken for those behind it.

import { isOverlapping, type Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import { bindingOf } from '../leases/binding.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Millis } from '../time/units.ts'
import type { Exchange6 } from './exchange6.ts'

/** Longer than a step takes. */
const HOLD_MS: Millis = 1000

interface Held {
  readonly client: ClientIdentity
  readonly subnetId: number
}

export class Allotment6 {
  readonly #exchange: Exchange6
  readonly #taken: Prefix6[] = []
  readonly #held: Held[] = []
  #bindings: ReadonlySet<Octets> | undefined = undefined
  /** By kind: leases that IAs have now and had not before, and bindings that had none. */
  readonly #leases = new Map<number, number>()
  readonly #fresh = new Map<number, number>()

  constructor(exchange: Exchange6) {
    this.#exchange = exchange
  }

  /** Whether an IA before this one has the key, or one above or below it. */
  overlaps(key: Prefix6): boolean {
    for (const taken of this.#taken) if (isOverlapping(taken, key)) return true
    return false
  }

  /** The IA has the key. */
  take(key: Prefix6): void {
    this.#taken.push(key)
  }

  /**
   * The same, where the search for a free one would not see it: an offer keeps it out of that,
   * until it is given or offered for longer.
   */
  hold(key: Prefix6, client: ClientIdentity, subnetId: number): void {
    const { leases, now } = this.#exchange
    if (leases.offerOf(client, subnetId, now) === key) return
    leases.offer(key, client, subnetId, now + HOLD_MS)
    this.#held.push({ client, subnetId })
  }

  /** An IA has a lease that it had not before; `isFresh`: it had none. */
  noteLease(kind: number, isFresh: boolean): void {
    this.#leases.set(kind, this.leasesOf(kind) + 1)
    if (isFresh) this.#fresh.set(kind, this.bindingsOf(kind) + 1)
  }

  /** New leases of the kind. */
  leasesOf(kind: number): number {
    return this.#leases.get(kind) ?? 0
  }

  /** New bindings of the kind. */
  bindingsOf(kind: number): number {
    return this.#fresh.get(kind) ?? 0
  }

  /** Whether the binding is that of an IA of the message. */
  isAsked(clientId: Octets): boolean {
    if (this.#bindings === undefined) {
      const { clientId: duid, ias } = this.#exchange.query
      this.#bindings = new Set(ias.map(({ kind, iaid }) => bindingOf(kind, iaid, duid)))
    }
    return this.#bindings.has(clientId)
  }

  /** Nothing of it is given. */
  abandon(): void {
    for (const { client, subnetId } of this.#held)
      this.#exchange.leases.withdrawOffer(client, subnetId)
  }
}
