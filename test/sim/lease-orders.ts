// What an operator does to leases of a simulated pair, at either server and whatever else happens:
// leases are added for hosts that never speak, changed, and deleted where nobody has them. Who was
// given a lease by an order that was answered is a client like any other: nobody else may have the
// address meanwhile.

import { type Ipv4, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import { between, oneOf } from '../../lib/lab/chance.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import type { Amended, Amendment, StatedLease } from '../../lib/server/amend/amendment.ts'
import type { Draw } from '../../lib/time/draw.ts'

/** Between two orders, at most. */
const PAUSE_MAX = 20_000

const LIFETIMES = [20, 40, 120]

/** Somebody who has an address by an order. */
interface Host {
  readonly address: Ipv4
  readonly number: number
  /** Its lease ends, by the world's time. */
  readonly until: number
}

export class LeaseOrders {
  /** How often an order came to what. */
  readonly counts: Record<string, number> = {}
  readonly #lab: PairLab
  readonly #draw: Draw
  readonly #lifetimes: readonly number[]
  readonly #hosts = new Map<Ipv4, Host>()
  #lastNumber = 0
  #isEnded = false
  readonly #violate: (sentence: string) => void
  readonly #lies: boolean

  /**
   * `lifetimeMax`: no lease is longer, seconds. `lies`: also leases are deleted that somebody has,
   * which must be found.
   */
  constructor(
    lab: PairLab,
    lifetimeMax: number,
    violate: (sentence: string) => void,
    lies = false,
  ) {
    this.#lies = lies
    this.#lab = lab
    this.#draw = lab.world.draw('lease-orders')
    this.#lifetimes = LIFETIMES.filter((one) => one <= lifetimeMax)
    this.#violate = violate
    for (const client of lab.clients)
      client.onAction((_, action) => {
        if (action.kind === 'bound' || action.kind === 'extended') this.#checkAt(client.ipv4)
      })
    this.#next()
  }

  end(): void {
    this.#isEnded = true
  }

  /** Whether the disk of the server has every lease by an order that runs. */
  isKnownTo({ disk }: VirtualServer): boolean {
    const isKnown = ({ address, number }: Host): boolean =>
      (disk.durableRow(address) as Lease | undefined)?.hwAddress === hardwareOf(number)
    return [...this.#hosts.keys()].every((address) => {
      const host = this.#hostAt(address)
      return host === undefined || isKnown(host)
    })
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 0, PAUSE_MAX), () => {
      if (this.#isEnded) return
      if (this.#mayConflict) this.#hosts.clear()
      const server = this.#lab.server(this.#draw(2))
      if (server.isRunning) server.node.run(() => this.#order(server))
      this.#next()
    })
  }

  #order(server: VirtualServer): void {
    const address = this.#someAddress(server)
    if (address === undefined) return
    const host = this.#hosts.get(address)
    const kind = oneOf(this.#draw, [
      'add',
      'add',
      'add',
      'update',
      'steal',
      'delete',
      'rest',
    ] as const)
    if (kind === 'delete') return this.#delete(server, address)
    if (kind === 'rest') return this.#rest(server, address)
    if (kind === 'add') return this.#add(server, address, ++this.#lastNumber)
    if (host === undefined) return
    if (kind === 'update') this.#change(server, host, host.number)
    else this.#change(server, host, ++this.#lastNumber)
  }

  #add(server: VirtualServer, address: Ipv4, number: number): void {
    const lease = this.#stated(address, number)
    const until = this.#lab.world.now + lease.validLifetime * 1000
    this.#say(server, { kind: 'add', lease }, 'add', () => {
      if (this.#mayConflict) return
      this.#hosts.set(address, { address, number, until })
      this.#checkAt(address)
    })
  }

  /** `number`: who is to have it, its host or another one. */
  #change(server: VirtualServer, host: Host, number: number): void {
    const lease = { ...this.#stated(host.address, number), hostname: `host${number}` }
    const until = this.#lab.world.now + lease.validLifetime * 1000
    this.#say(server, { kind: 'update', lease }, 'update', () => {
      if (this.#mayConflict) return
      const other = this.#hostAt(host.address)
      if (other !== undefined && other.number !== number)
        this.#found(host.address, `was ${other.number}'s and is ${number}'s`)
      const later = Math.max(until, other?.until ?? 0)
      this.#hosts.set(host.address, { address: host.address, number, until: later })
      this.#checkAt(host.address)
    })
  }

  /** Said where it is true: its host, or its client, has gone and does not come back to it. */
  #delete(server: VirtualServer, address: Ipv4): void {
    if (!this.#vacate(server, address)) return
    const left = this.#leaving(address)
    this.#say(server, { kind: 'delete', key: address }, 'delete', left)
  }

  #rest(server: VirtualServer, address: Ipv4): void {
    if (!this.#vacate(server, address)) return
    const lease = { ...this.#stated(address, 0), state: LEASE_STATE.declined }
    this.#say(server, { kind: 'put', lease }, 'rest', this.#leaving(address))
  }

  /** Hosts of orders that were under way go, too, as soon as it is done. */
  #leaving(address: Ipv4): () => void {
    const last = this.#lastNumber
    return () => {
      const host = this.#hosts.get(address)
      if (!this.#lies && host !== undefined && host.number <= last) this.#hosts.delete(address)
    }
  }

  /** Whoever has it, or had it and may come back to it, forgets it; false: somebody uses it. */
  #vacate(server: VirtualServer, address: Ipv4): boolean {
    const holder = server.server?.tables.v4.byAddress(address)?.hwAddress
    const theirs = this.#lab.clients.filter(
      ({ lease, machine }) =>
        lease?.address === address || (holder !== '' && machine.settings.hwAddress === holder),
    )
    if (this.#lies) return true
    if (theirs.some(({ state }) => state !== 'off')) return false
    for (const client of theirs) client.forget()
    this.#hosts.delete(address)
    return true
  }

  #stated(address: Ipv4, number: number): StatedLease {
    return {
      key: address,
      state: LEASE_STATE.assigned,
      client: { htype: 1, hwAddress: hardwareOf(number), clientId: '' },
      subnetId: 1,
      poolId: 0,
      hostname: '',
      fqdnFwd: false,
      fqdnRev: false,
      validLifetime: oneOf(this.#draw, this.#lifetimes),
      preferredLifetime: 0,
      end: undefined,
      userContext: '',
    }
  }

  /** `then`: when it is answered that it is done. */
  #say(server: VirtualServer, amendment: Amendment, name: string, then: () => void): void {
    const { world } = this.#lab
    const key = amendment.kind === 'delete' ? amendment.key : amendment.lease.key
    world.note('orders', `${name} ${textFromIpv4(key as Ipv4)} to ${server.name}`)
    server.server?.amend([amendment], ([amended]: readonly Amended[]) => {
      const { what, why } = amended!
      this.counts[`${name}: ${what}`] = (this.counts[`${name}: ${what}`] ?? 0) + 1
      world.note('orders', `${name} ${textFromIpv4(key as Ipv4)}: ${what} ${why}`)
      if (what === 'added' || what === 'changed' || what === 'deleted') then()
    })
  }

  #someAddress(server: VirtualServer): Ipv4 | undefined {
    const [subnet] = server.plan.dhcp4?.subnets ?? []
    const [range] = subnet?.ranges ?? []
    if (range === undefined || this.#lifetimes.length === 0) return undefined
    return range.first + this.#draw(range.last - range.first + 1)
  }

  #hostAt(address: Ipv4): Host | undefined {
    const host = this.#hosts.get(address)
    return host !== undefined && host.until > this.#lab.world.now ? host : undefined
  }

  /**
   * As where a copy of a database serves that has not met the partner. Who has an address meanwhile
   * may lose it when the two meet.
   */
  get #mayConflict(): boolean {
    return this.#lab.invariants.pair.mayConflict.size > 0
  }

  #checkAt(address: Ipv4): void {
    const host = this.#hostAt(address)
    if (host === undefined) return
    for (const client of this.#lab.clients)
      if (client.isBound && client.ipv4 === address)
        this.#found(address, `is ${client.name}'s, and a host's by an order`)
  }

  #found(address: Ipv4, what: string): void {
    const { invariants, world } = this.#lab
    if (this.#mayConflict || invariants.isExempt(address)) {
      this.#hosts.delete(address)
      return
    }
    this.#violate(`${world.now}: ${textFromIpv4(address)} ${what}`)
  }
}

function hardwareOf(number: number): string {
  return `\x02\xaa${octetsFromUint(number, 4)}`
}
