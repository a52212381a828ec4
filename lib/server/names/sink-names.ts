// Names of all leases, whoever has given them, for places other than DNS where people look names
// up. There nobody can refuse a name that another client has already, so that is decided here: it
// stays with the client whose lease was there first.

import { ipv4FromOctets } from '../../address/ipv4.ts'
import { ADDRESS_BITS, prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { SinkPlan } from '../../config/plan/names-plan.ts'
import { FORWARD, REVERSE } from '../../ddns/name-record.ts'
import { isSameClient } from '../../leases/identity.ts'
import { type Key, versionOf } from '../../leases/keys/key.ts'
import type { Change, Lease } from '../../leases/lease.ts'
import type { NamedAddress, NameSinks, NameSource, SinkStatus } from '../../ports/name-sinks.ts'
import type { NamesDuties } from './names-duties.ts'
import { addressOctets, wishOf } from './wishes.ts'

/** Leases that are read at a time. */
const PAGE = 256

export class SinkNames implements NameSource {
  readonly #sinks: NameSinks
  readonly #duties: Pick<NamesDuties, 'tables' | 'plan'>
  /** Addresses of each name, in the order in which they came; mostly there is one. */
  readonly #byName = new Map<Octets, Key[]>()
  #isOn = false

  constructor(sinks: NameSinks, duties: Pick<NamesDuties, 'tables' | 'plan'>) {
    this.#sinks = sinks
    this.#duties = duties
    sinks.open(this)
  }

  /** These places from now on. The leases are all there. */
  use(plans: readonly SinkPlan[]): void {
    const isOn = plans.length > 0
    if (isOn !== this.#isOn) this.#byName.clear()
    if (isOn && !this.#isOn) for (const lease of this.#leases()) this.#note(lease)
    this.#isOn = isOn
    this.#sinks.use(plans)
  }

  status(): readonly SinkStatus[] {
    return this.#sinks.status()
  }

  close(): void {
    this.#isOn = false
    this.#sinks.close()
  }

  /** The table has the lease as it was. */
  changing(change: Change<Key>): void {
    if (!this.#isOn) return
    const key = change.kind === 'put' ? change.lease.address : change.address
    const next = change.kind === 'put' ? change.lease : undefined
    const former = this.#duties.tables.of(key).byAddress(key)
    if (former !== undefined && next !== undefined && isAsNamed(former, next)) return
    const address = addressOctets(key)
    const left = this.#nameOf(former)
    const isKept = former !== undefined && next !== undefined && isSameClient(former, next)
    // Who keeps the name keeps its place.
    if (left !== undefined && !(isKept && this.#nameOf(next) === left)) this.#forget(left, key)
    const name = this.#note(next)
    if (left !== undefined) this.#sinks.changed(left, address)
    if (name !== undefined && name !== left) this.#sinks.changed(name, address)
  }

  *all(): Iterable<NamedAddress> {
    for (const lease of this.#leases()) yield* this.#named(lease)
  }

  ofName(name: Octets): readonly NamedAddress[] {
    return this.#rightful(name).flatMap((lease) => this.#addressOf(lease))
  }

  ofAddress(address: Octets): readonly NamedAddress[] {
    const key = address.length === 4 ? ipv4FromOctets(address) : prefix6(address, ADDRESS_BITS)
    const lease = this.#duties.tables.of(key).byAddress(key)
    return lease === undefined ? [] : this.#named(lease)
  }

  *#leases(): Iterable<Lease<Key>> {
    for (const table of this.#duties.tables.all) {
      const walk = table.walk('leases')
      for (let page = walk.next(PAGE); page.length > 0; page = walk.next(PAGE)) yield* page
    }
  }

  /** None where the name is another client's. */
  #named(lease: Lease<Key>): readonly NamedAddress[] {
    const name = this.#nameOf(lease)
    if (name === undefined) return []
    const isRightful = this.#rightful(name).some(({ address }) => address === lease.address)
    return isRightful ? this.#addressOf(lease) : []
  }

  #addressOf(lease: Lease<Key>): readonly NamedAddress[] {
    const wish = wishOf(this.#duties.plan(), lease)
    if (wish === undefined) return []
    const { fqdn: name, ttl, wants } = wish
    const directions = { forward: (wants & FORWARD) !== 0, reverse: (wants & REVERSE) !== 0 }
    return [{ name, address: addressOctets(lease.address), ttl, ...directions }]
  }

  /** Leases of the client that has the name: of DHCPv4 the one that it was given last. */
  #rightful(name: Octets): readonly Lease<Key>[] {
    const leases = (this.#byName.get(name) ?? []).flatMap((key) => {
      const lease = this.#duties.tables.of(key).byAddress(key)
      return this.#nameOf(lease) === name ? [lease!] : []
    })
    const [first] = leases
    if (first === undefined || leases.length === 1) return leases
    const own = leases.filter((lease) => isSameMachine(lease, first))
    const latest = own
      .filter(({ address }) => versionOf(address) === 4)
      .reduce<Lease<Key> | undefined>(
        (best, one) => (best === undefined || one.start > best.start ? one : best),
        undefined,
      )
    return own.filter((lease) => lease === latest || versionOf(lease.address) === 6)
  }

  #nameOf(lease: Lease<Key> | undefined): Octets | undefined {
    return wishOf(this.#duties.plan(), lease)?.fqdn
  }

  #note(lease: Lease<Key> | undefined): Octets | undefined {
    const name = this.#nameOf(lease)
    if (name === undefined) return undefined
    const keys = this.#byName.get(name)
    if (keys === undefined) this.#byName.set(name, [lease!.address])
    else if (!keys.includes(lease!.address)) keys.push(lease!.address)
    return name
  }

  #forget(name: Octets, key: Key): void {
    const keys = this.#byName.get(name)?.filter((one) => one !== key) ?? []
    if (keys.length === 0) this.#byName.delete(name)
    else this.#byName.set(name, keys)
  }
}

/** A renewal that changes nothing that is to be told. */
function isAsNamed(former: Lease<Key>, next: Lease<Key>): boolean {
  return (
    former.state === next.state &&
    former.hostname === next.hostname &&
    former.fqdnFwd === next.fqdnFwd &&
    former.fqdnRev === next.fqdnRev &&
    former.validLifetime === next.validLifetime &&
    isSameClient(former, next)
  )
}

/** In either family. */
function isSameMachine(one: Lease<Key>, other: Lease<Key>): boolean {
  if (one.hwAddress !== '' && one.hwAddress === other.hwAddress) return true
  return versionOf(one.address) === versionOf(other.address) && isSameClient(one, other)
}
