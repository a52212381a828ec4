// What leases tell beyond themselves: that a client was never seen before, and that few addresses
// of a subnet are left. Looked at when a lease has changed for good, and only where somebody may be
// told.

import type { Octets } from '../../bytes/octets.ts'
import { duidOf } from '../../leases/binding.ts'
import { familyOf } from '../../leases/keys/families.ts'
import { isPrefix } from '../../leases/keys/family.ts'
import { family4 } from '../../leases/keys/family4.ts'
import { family6 } from '../../leases/keys/family6.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import { sizeOf } from '../../leases/table/positions.ts'
import type { KnownClients } from '../../ports/known-clients.ts'
import type { ServerEvent } from '../../server/events.ts'
import type { Server } from '../../server/server.ts'
import type { ControlEvent } from './event-words.ts'

type LeaseEvent = Extract<ServerEvent, { readonly kind: 'lease' }>

/** Rows of a slice: a millisecond or two, of which most is their hashes. */
const SLICE = 250

export class LeaseWatch {
  readonly #server: Pick<Server, 'plan' | 'tables' | 'inSlices'>
  readonly #clients: () => KnownClients
  readonly #note: (event: ControlEvent) => void
  /** Subnets of which few are left, by family, id and kind. */
  readonly #low = new Set<string>()
  /** All clients that have leases are known. */
  #isReady = false
  #hasBegun = false

  constructor(
    server: Pick<Server, 'plan' | 'tables' | 'inSlices'>,
    clients: () => KnownClients,
    note: (event: ControlEvent) => void,
  ) {
    this.#server = server
    this.#clients = clients
    this.#note = note
  }

  /** Reads who is known. */
  prepare(): void {
    this.#clients()
  }

  noticed({ action, family, lease }: LeaseEvent): void {
    if (action === 'renewed') return
    this.#look(family, lease)
    if (action !== 'granted' && action !== 'added') return
    this.#begin()
    const client = clientOf(lease)
    if (client === '' || this.#clients().see(client) || !this.#isReady) return
    this.#note({ kind: 'client', lease })
  }

  // ---- clients

  /** Where nobody is known yet, whoever has a lease is: none of them is new. */
  #begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    this.#isReady = !this.#clients().isEmpty
    if (this.#isReady) return
    const { v4, v6 } = this.#server.tables
    const walks = [v4.walk('leases'), v6.walk('leases')]
    const slice = (): boolean => {
      const [walk] = walks
      const leases: readonly Lease<Key>[] = walk?.next(SLICE) ?? []
      for (const lease of leases) this.#clients().see(clientOf(lease))
      if (leases.length === 0) walks.shift()
      this.#isReady = walks.length === 0
      return this.#isReady
    }
    // Where too much is under way already, the next lease tries again.
    this.#hasBegun = this.#server.inSlices(slice, () => {})
  }

  // ---- subnets

  #look(family: 4 | 6, { address, subnetId }: Lease<Key>): void {
    const { poolLow } = this.#server.plan
    if (poolLow === 0) return
    const level = this.#levelOf(family, subnetId, isPrefix(familyOf(address), address))
    if (level === undefined || level.size === 0) return
    const { size, used, subnet, what } = level
    const free = Math.max(0, size - used)
    const key = `${family} ${subnetId} ${what}`
    const most = (size * poolLow) / 100
    const isLow = this.#low.has(key)
    // Not at each lease that comes and goes.
    if (isLow ? free < Math.max(most * 1.5, most + 1) : free > most) return
    if (isLow) this.#low.delete(key)
    else this.#low.add(key)
    const about = { family, subnet, 'subnet-id': subnetId, of: what, free, size }
    this.#note({ kind: 'pool', isLow: !isLow, ...about })
  }

  #levelOf(family: 4 | 6, id: number, ofPrefixes: boolean): Level | undefined {
    const { plan, tables } = this.#server
    if (family === 4) {
      const subnet = plan.dhcp4?.subnetById(id)
      if (subnet === undefined) return undefined
      const { assigned, declined } = tables.v4.counts(id)
      const size = sizeOf(family4, subnet.ranges)
      return { what: 'addresses', subnet: subnet.text, size, used: assigned + declined }
    }
    const subnet = plan.dhcp6?.subnetById(id)
    if (subnet === undefined) return undefined
    const { assigned, declined, prefixes } = tables.v6.counts(id)
    if (!ofPrefixes) {
      const size = sizeOf(family6, subnet.ranges)
      return { what: 'addresses', subnet: subnet.text, size, used: assigned - prefixes + declined }
    }
    const size = subnet.pdPools.reduce((sum, { range }) => sum + family6.sizeOf(range), 0)
    return { what: 'prefixes', subnet: subnet.text, size, used: prefixes }
  }
}

interface Level {
  readonly what: 'addresses' | 'prefixes'
  readonly subnet: string
  readonly size: number
  readonly used: number
}

/** A device is one, with whichever family it comes; '' for nobody. */
function clientOf(lease: Lease<Key>): Octets {
  if (lease.hwAddress !== '') return `h${lease.hwAddress}`
  const id = typeof lease.address === 'number' ? lease.clientId : duidOf(lease)
  return id === '' ? '' : `i${id}`
}
