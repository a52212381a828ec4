// Which leases with a name are of one machine, by its hardware address. Of what other servers on
// the database have registered this one has no record; under whose identifier a name stands that
// both families of a machine share, only the leases tell.

import type { Octets } from '../../bytes/octets.ts'
import type { NamesPlan } from '../../config/plan/names-plan.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import { Rounds } from './rounds.ts'
import { isNamed } from './wishes.ts'

const PAGE = 256

/** Of one machine more are not looked at. */
const LEASES_MAX = 8

export class Machines {
  readonly #tables: LeaseTables
  readonly #keys = new Map<Octets, readonly Key[]>()
  readonly #rounds: Rounds
  #isOn = false

  constructor(tables: LeaseTables) {
    this.#tables = tables
    this.#rounds = new Rounds((key) => this.#note(tables.of(key).byAddress(key)))
  }

  /** What the leases are is known from now on; of those that are there, soon. */
  use({ linkFamilies }: NamesPlan, isShared: boolean): void {
    const isOn = isShared && linkFamilies === 'mac'
    if (isOn === this.#isOn) return
    this.#isOn = isOn
    this.#keys.clear()
    this.#rounds.begin(isOn ? this.#all() : [])
  }

  /** Some are still to be looked at. */
  get isUnderWay(): boolean {
    return this.#rounds.isUnderWay
  }

  goOn(): void {
    this.#rounds.goOn()
  }

  /** A lease is about to become another one. */
  changing(former: Lease<Key> | undefined, next: Lease<Key> | undefined): void {
    if (!this.#isOn) return
    if (former !== undefined && former.hwAddress !== next?.hwAddress) this.#forget(former)
    this.#note(next)
  }

  /** Of leases that had a name with this hardware address. */
  of(hwAddress: Octets): readonly Key[] {
    return this.#keys.get(hwAddress) ?? []
  }

  *#all(): Iterable<Key> {
    for (const table of this.#tables.all) {
      const walk = table.walk('leases')
      for (let page = walk.next(PAGE); page.length > 0; page = walk.next(PAGE))
        for (const { address } of page) yield address
    }
  }

  #note(lease: Lease<Key> | undefined): void {
    if (lease === undefined || lease.hwAddress === '' || !isNamed(lease)) return
    const { address, hwAddress } = lease
    const keys = this.of(hwAddress)
    if (keys.includes(address)) return
    const kept = keys.length < LEASES_MAX ? keys : keys.slice(1)
    this.#keys.set(hwAddress, [...kept, address])
  }

  #forget({ address, hwAddress }: Lease<Key>): void {
    const keys = this.of(hwAddress).filter((key) => key !== address)
    if (keys.length === 0) this.#keys.delete(hwAddress)
    else this.#keys.set(hwAddress, keys)
  }
}
