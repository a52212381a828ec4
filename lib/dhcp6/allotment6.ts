// What the IAs of one message have got so far. They are answered one after the other, and nothing
// of it stands in the leases before all are: what one IA takes is taken for those behind it.

import { isOverlapping, type Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Millis } from '../time/units.ts'
import { type IaKind, OPTION6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'

/** Longer than a step takes. */
const HOLD_MS: Millis = 1000

interface Held {
  readonly client: ClientIdentity
  readonly subnetId: number
}

/** Of one kind: leases that IAs have now and had not before, and bindings that had none. */
class Count6 {
  leases = 0
  bindings = 0
  /** Undefined: not known yet. */
  hasRows: boolean | undefined = undefined
}

export class Allotment6 {
  readonly #exchange: Exchange6
  // Mostly a message has one IA, and none of these.
  #taken: Prefix6[] | undefined = undefined
  #held: Held[] | undefined = undefined
  #bindings: ReadonlySet<Octets> | undefined = undefined
  readonly #addresses = new Count6()
  readonly #prefixes = new Count6()

  constructor(exchange: Exchange6) {
    this.#exchange = exchange
  }

  /** Whether an IA before this one has the key, or one above or below it. */
  overlaps(key: Prefix6): boolean {
    if (this.#taken === undefined) return false
    for (const taken of this.#taken) if (isOverlapping(taken, key)) return true
    return false
  }

  /** The IA has the key. */
  take(key: Prefix6): void {
    this.#taken ??= []
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
    this.#held ??= []
    this.#held.push({ client, subnetId })
  }

  /** An IA has a lease that it had not before; `isFresh`: it had none. */
  noteLease(kind: IaKind, isFresh: boolean): void {
    const count = this.#of(kind)
    count.leases++
    if (isFresh) count.bindings++
  }

  /** New leases of the kind. */
  leasesOf(kind: IaKind): number {
    return this.#of(kind).leases
  }

  /** New bindings of the kind. */
  bindingsOf(kind: IaKind): number {
    return this.#of(kind).bindings
  }

  /** Whether the client has any row of the kind; asked once for all IAs. */
  hasBindings(kind: IaKind): boolean {
    const count = this.#of(kind)
    const exchange = this.#exchange
    count.hasRows ??= exchange.leases.hasBindings(exchange.duid, kind)
    return count.hasRows
  }

  #of(kind: IaKind): Count6 {
    return kind === OPTION6.iaPd ? this.#prefixes : this.#addresses
  }

  /** Whether the binding is that of an IA of the message. */
  isAsked(clientId: Octets): boolean {
    if (this.#bindings === undefined) {
      const exchange = this.#exchange
      this.#bindings = new Set(exchange.query.ias.map((ia) => exchange.bindingOf(ia)))
    }
    return this.#bindings.has(clientId)
  }

  /** Nothing of it is given. */
  abandon(): void {
    for (const { client, subnetId } of this.#held ?? [])
      this.#exchange.leases.withdrawOffer(client, subnetId)
  }
}
