// What must hold at every moment of a simulated world, whatever its faults. Clients are the
// oracles: what they may use by their own clocks is compared with each other and with the disks of
// the servers. A violation is a sentence; the list stays empty in a world where the product keeps
// its promises.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import { isShown } from '../leases/lifecycle.ts'
import { PARKED_MAX } from '../server/delivery.ts'
import type { ServerEvent } from '../server/events.ts'
import type { Server } from '../server/server.ts'
import type { Client4Action, ClientLease4 } from './client4-settings.ts'
import { ANSWER_LIFE, Invariants6 } from './invariants6.ts'
import { excessOf } from './limits.ts'
import { identityOf, OneHosts } from './one-hosts.ts'
import { PairInvariants } from './pair-invariants.ts'
import type { VirtualClient4 } from './virtual-client4.ts'
import type { VirtualClient6 } from './virtual-client6.ts'
import type { VirtualServer } from './virtual-server.ts'
import type { World } from './world.ts'

/** How often each promise was put to the test, so that a tame simulation is noticed. */
export interface InvariantCounters {
  /** A client got or extended an address, and no other held it. */
  exclusive: number
  /** An ACK that a client accepted stood on the disk of its server. */
  durable: number
  /** A server started, and its lease table was what its disk holds. */
  restored: number
  /** A server's queues were within their limits. */
  bounded: number
  /** An address went over from one identifier of a host to another. */
  wentOver: number
}

/** A status is much work: servers without a pair are asked each so many steps. */
const STATUS_STEPS = 256

export class Invariants {
  readonly violations: string[] = []
  readonly counters: InvariantCounters = {
    exclusive: 0,
    durable: 0,
    restored: 0,
    bounded: 0,
    wentOver: 0,
  }
  /** Of which addresses two clients may have one, since what keeps them apart was switched off. */
  isExempt: (address: Ipv4) => boolean = () => false
  readonly oneHosts = new OneHosts()
  /** What must hold for the servers of a pair together. */
  readonly pair: PairInvariants
  /** What must hold for leases of DHCPv6. */
  readonly v6: Invariants6
  #world: World
  #clients: VirtualClient4[] = []
  #servers: VirtualServer[] = []
  #restored = new WeakSet<object>()

  /** Watches the world from now on. Clients and servers are added with `watch…`. */
  constructor(world: World) {
    this.#world = world
    this.pair = new PairInvariants((sentence) => this.#violate(sentence), this.oneHosts)
    this.v6 = new Invariants6((sentence) => this.#violate(sentence))
    world.afterStep = () => this.#afterStep()
  }

  watchClient(client: VirtualClient4): void {
    this.#clients.push(client)
    this.oneHosts.watchClient(client)
    client.onAction((_, action) => this.#onAction(client, action))
  }

  watchClient6(client: VirtualClient6): void {
    this.v6.watchClient(client)
  }

  watchServer(server: VirtualServer): void {
    this.#servers.push(server)
    this.v6.watchServer(server)
    this.oneHosts.watch(server)
    server.onEvent((_, event) => this.#onEvent(server, event))
    if (server.plan.ha !== undefined) this.pair.watch(server)
  }

  #onAction(client: VirtualClient4, action: Client4Action): void {
    if (action.kind !== 'bound' && action.kind !== 'extended') return
    this.#checkExclusive(client, action.lease.address)
    this.#checkDurable(client, action.lease)
  }

  /** A right begins only with an ACK, so looking at that moment sees every overlap. */
  #checkExclusive(client: VirtualClient4, address: Ipv4): void {
    if (client.ipv4 !== address || this.isExempt(address)) return
    this.counters.exclusive++
    for (const other of this.#clients) {
      if (other === client || other.ipv4 !== address) continue
      if (this.oneHosts.are(address, identityOf(client), identityOf(other))) continue
      const left = (other.remaining / 1000).toFixed(1)
      this.#violate(
        `${textFromIpv4(address)} is valid for ${client.name} and, for ${left} s more, for ${other.name}`,
      )
    }
  }

  #checkDurable(client: VirtualClient4, lease: ClientLease4): void {
    const server = this.#servers.find((one) => one.ownsAddress(lease.serverId))
    // The ACK may have been under way when the disk was lost.
    const isNew = server !== undefined && this.#world.now < server.diskReplacedAt + ANSWER_LIFE
    if (server === undefined || isNew) return
    this.counters.durable++
    const row = server.keptRow(lease.address) as Lease | undefined
    // It may have gone over before the ACK came.
    if (row !== undefined && this.oneHosts.are(lease.address, identityOf(client), row)) return
    const problem = rowProblem(row, client, server)
    if (problem === '' || this.isExempt(lease.address)) return
    this.#violate(
      `${client.name} was acknowledged ${textFromIpv4(lease.address)} by ${server.name}, but ${problem}`,
    )
  }

  #onEvent(server: VirtualServer, event: ServerEvent): void {
    if (event.kind === 'conflict' && this.pair.mayConflict.size === 0)
      this.#violate(`${server.name} finds two clients of ${textFromKey(event.address)}`)
    if (event.kind === 'lease' && event.action === 'superseded') this.counters.wentOver++
    if (event.kind !== 'state' || event.state !== 'serving') return
    const table = server.server?.tables.v4
    // Only the first time in a life: after a failed journal the table is ahead of the disk.
    if (table === undefined || this.#restored.has(table)) return
    if (server.database !== undefined) return
    this.#restored.add(table)
    this.counters.restored++
    const { rows } = server.disk.load()
    const leases = [...rows.values()].filter(isShown).length
    if (table.size !== leases)
      this.#violate(`${server.name} serves ${table.size} leases, its disk holds ${leases}`)
    for (const row of rows.values())
      if (!isSameLease(row, table.byAddress(row.address)))
        this.#violate(`${server.name} has read ${textFromIpv4(row.address)} differently`)
  }

  #afterStep(): void {
    this.pair.afterStep()
    for (const { name, server } of this.#servers) {
      const excess = server === undefined ? '' : this.#excessOf(server)
      if (excess !== '') this.#violate(`${name} has ${excess}`)
    }
  }

  #excessOf(server: Server): string {
    const isLook = this.#world.steps % STATUS_STEPS === 0
    if (server.pair === undefined && !isLook) return ''
    this.counters.bounded++
    if (server.pair !== undefined) return excessOf(server.pair)
    const { parked } = server.status()
    return parked > PARKED_MAX ? `${parked} replies parked` : ''
  }

  #violate(sentence: string): void {
    this.violations.push(`${(this.#world.now / 1000).toFixed(3)} s: ${sentence}`)
    this.#world.note('INVARIANT', sentence)
  }
}

/** Why this row, on the disk of the server, does not keep the client's right safe, or ''. */
export function rowProblem(
  row: Lease | undefined,
  client: VirtualClient4,
  server: VirtualServer,
): string {
  if (row === undefined) return 'its disk holds no row'
  const { hwAddress, clientId } = client.machine.settings
  // A late copy of its own DECLINE: nobody's, and kept out of use as long as its lease would have
  // run.
  const isDeclined = row.state === LEASE_STATE.declined
  if (!isDeclined && row.hwAddress !== hwAddress && (clientId === '' || row.clientId !== clientId))
    return 'the row on its disk is of another client'
  if (!isDeclined && row.state !== LEASE_STATE.assigned)
    return `the row on its disk has state ${row.state}`
  // Its lease clock runs from the reading of the journal on.
  if (server.server === undefined || server.server.state === 'starting') return ''
  // The same grace that must pass before the address is given to somebody else.
  const grace = 10_000 + 5 * row.validLifetime
  const left = row.end - server.server.now()
  if (left + grace >= client.remaining) return ''
  return `the row on its disk ends in ${left} ms and the client counts on ${client.remaining} ms`
}

function isSameLease(one: Lease, other: Lease | undefined): boolean {
  if (other === undefined) return false
  return (Object.keys(one) as (keyof Lease)[]).every((key) => one[key] === other[key])
}
