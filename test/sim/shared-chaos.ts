// What happens in a simulated world whose servers share a database: to clients, to servers, to the
// database and to the ways there.

import { isOverlapping } from '../../lib/address/prefix6.ts'
import { between, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import { LINK_NET_DEFAULTS } from '../../lib/lab/link-net.ts'
import type { SharedDatabase } from '../../lib/lab/shared-database.ts'
import type { SharedRow } from '../../lib/lab/shared-rows.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { CLIENT_FAULT_KINDS, ClientFaults } from './client-faults.ts'

const SERVER_KINDS = ['crash', 'kill', 'stop', 'pause', 'freeze'] as const

export const DATABASE_KINDS = [
  'database-cut',
  'database-down',
  'answers-lost',
  'database-slow',
  'clock-ahead',
  'clock-unseen',
  'clock-back',
  'failover',
] as const

/** Where the servers are a pair: of the link between the two, and what an operator does. */
export const PAIR_KINDS = [
  'link-cut',
  'hears-nothing',
  'link-reset',
  'link-slow',
  'maintenance',
  'ha-scopes',
] as const

type PairKind = (typeof PAIR_KINDS)[number]
type Kind =
  | (typeof CLIENT_FAULT_KINDS | typeof SERVER_KINDS | typeof DATABASE_KINDS)[number]
  | PairKind

/** A jump of the clock is seen with the next answer, and told with another. */
const NOTICING = 8000

/** After these a server may not store again what a failover has lost. */
const MENDS_NOT: ReadonlySet<Kind> = new Set<Kind>([
  'crash',
  'kill',
  'stop',
  'pause',
  'freeze',
  'database-cut',
])

/** How long what a failover loses is not looked for on the new copy. */
const MENDING = 40_000

export class SharedChaos {
  readonly counts: Record<string, number> = {}
  /** By how much leases may end later than they would have. */
  delays = 0
  readonly #lab: Lab
  readonly #database: SharedDatabase
  readonly #draw: Draw
  readonly #pauseMax: number
  readonly #kinds: readonly Kind[]
  readonly #clients: ClientFaults
  /** Until then some server sees that the clock has jumped, and stores it. */
  #noticedBy = 0
  readonly #healing = new Set<() => void>()
  /** What another copy has not got, and its writer is to store again. */
  readonly #mending = new Map<Key, SharedRow>()
  #isOver = false

  constructor(lab: Lab, pauseMax: number) {
    this.#lab = lab
    this.#database = lab.database!
    this.#draw = lab.world.draw('chaos')
    this.#pauseMax = pauseMax
    const all: readonly Kind[] = [...CLIENT_FAULT_KINDS, ...SERVER_KINDS, ...DATABASE_KINDS]
    const isPair = lab.servers.some(({ plan }) => plan.ha !== undefined)
    this.#kinds = (isPair ? [...all, ...PAIR_KINDS] : all).filter(() => happens(this.#draw, 0.6))
    const heal = (action: () => void, max?: number) => this.#heal(action, max)
    this.#clients = new ClientFaults(lab, this.#draw, heal)
    this.#next()
  }

  end(): void {
    this.#isOver = true
    for (const heal of [...this.#healing]) heal()
    this.#database.isUp = true
    this.#quickLink()
    for (const { server } of this.#lab.servers) server?.pair?.orders.reset(() => {})
    this.#lab.clients.forEach((client) => void (client.state === 'off' && client.start()))
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 100, this.#pauseMax), () => {
      if (this.#isOver) return
      if (this.#kinds.length > 0) this.#happen(oneOf(this.#draw, this.#kinds))
      this.#next()
    })
  }

  #heal(action: () => void, max = 60_000): void {
    const heal = () => {
      if (this.#healing.delete(heal)) action()
    }
    this.#healing.add(heal)
    this.#lab.world.after(between(this.#draw, 100, max), heal)
  }

  #happen(kind: Kind): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
    if (this.#clients.happen(kind, oneOf(this.#draw, this.#lab.clients))) return
    const server = oneOf(this.#draw, this.#lab.servers)
    if (isOfPair(kind)) return this.#happenToPair(kind, server)
    if (this.#lab.now < this.#noticedBy) return
    if (MENDS_NOT.has(kind)) this.#mendsNot(server)
    switch (kind) {
      case 'crash':
      case 'kill':
        if (!server.isRunning) return
        server[kind]()
        return this.#heal(() => server.isRunning || server.start())
      case 'stop':
        if (!server.isRunning || server.node.state !== 'up') return
        server.stop()
        return this.#heal(() => restart(server))
      case 'pause':
        if (server.node.state !== 'up') return
        server.pause()
        return this.#heal(() => server.resume(), 40_000)
      case 'freeze':
        return this.#freeze(server)
      case 'database-cut':
        server.path.isCut = true
        return this.#heal(() => {
          server.path.isCut = false
        }, 200_000)
      case 'database-down':
        this.#database.isUp = false
        return this.#heal(() => {
          this.#database.isUp = true
        }, 100_000)
      case 'answers-lost':
        server.path.answersToLose = 1 + this.#draw(3)
        return
      case 'database-slow':
        server.path.latencyMax = between(this.#draw, 20, 1500)
        return this.#heal(() => {
          server.path.latencyMax = 3
        })
      case 'clock-ahead':
        return this.#jump(between(this.#draw, 11_000, 400_000))
      case 'clock-unseen':
        return this.#jumpUnseen(between(this.#draw, 11_000, 400_000))
      case 'clock-back':
        return this.#jumpBack(between(this.#draw, 11_000, 200_000))
      case 'failover':
        return this.#failOver(between(this.#draw, 0, 2000))
    }
  }

  #happenToPair(kind: PairKind, server: VirtualServer): void {
    const { links, servers } = this.#lab
    const other = servers.find((one) => one !== server)!
    const isUp = server.isRunning && server.node.state === 'up'
    const orders = isUp ? server.server?.pair?.orders : undefined
    switch (kind) {
      case 'link-cut':
        links.cut(server.name, other.name)
        return this.#heal(() => links.heal(server.name, other.name))
      case 'hears-nothing':
        links.cut(other.name, server.name, 'forth')
        return this.#heal(() => links.heal(server.name, other.name))
      case 'link-reset':
        return links.reset(server.name, other.name)
      case 'link-slow':
        links.setDelay(0, oneOf(this.#draw, [50, 500, 5000]))
        return this.#heal(() => this.#quickLink())
      case 'maintenance':
        orders?.startMaintenance(() => {})
        return this.#heal(() => orders?.cancelMaintenance(() => {}))
      case 'ha-scopes':
        return orders?.setScopes(oneOf(this.#draw, [[], ['server1'], ['server2']]), () => {})
    }
  }

  #quickLink(): void {
    const { delayMin, delayMax } = LINK_NET_DEFAULTS
    this.#lab.links.setDelay(delayMin, delayMax)
  }

  /**
   * Its steady clock stands still; the calendar is set by its host as it goes on, which is all that
   * a server can see of that while the database is away.
   */
  #freeze(server: VirtualServer): void {
    const { node } = server
    if (node.state !== 'up') return
    const since = this.#lab.now
    server.freeze()
    this.#heal(() => {
      if (node.state === 'paused') node.skew += this.#lab.now - since
      server.resume()
    }, 40_000)
  }

  /** What stands in the database ends earlier by its clock from now on, and nobody goes by that. */
  #jump(by: number): void {
    const isUp = ({ node, path, server }: VirtualServer) =>
      server?.state === 'serving' && node.state === 'up' && !path.isCut
    // Somebody must be there to see it, and have seen the former time: else it is as if the
    // database had always had this one.
    if (!this.#database.isUp || !this.#lab.servers.some(isUp)) return
    this.#noticedBy = this.#lab.now + NOTICING
    this.#database.skew += by
    this.delays += by
    this.#distrust(by)
  }

  /**
   * The same while no server runs. Only who has a calendar that others keep can tell, as hosts may
   * be started anew, too.
   */
  #jumpUnseen(by: number): void {
    const { servers } = this.#lab
    if (servers.some(({ node }) => node.skew !== 0)) return
    // Nor can anybody before the first note of a new database, some seconds after the first start.
    if (this.#database.notes().length === 0) return
    for (const server of servers) {
      this.#mendsNot(server)
      if (server.isRunning) server.kill()
      this.#heal(() => server.isRunning || server.start())
    }
    this.#database.skew += by
    this.delays += by
    this.#distrust(by)
  }

  /** Leases end so much later. */
  #jumpBack(by: number): void {
    this.#database.skew -= by
    this.delays += by
  }

  /**
   * What was acknowledged stays known to servers that live and reach the database: they store it
   * again. Of what only others knew, nobody knows.
   */
  #failOver(lag: number): void {
    const lost = this.#database.failOver(lag)
    this.#distrust(MENDING)
    for (const { row } of lost) {
      const writer = this.#lab.servers[row.member - 1]
      const isSafe = writer?.isRunning && writer.node.state === 'up' && !writer.path.isCut
      if (isSafe) this.#mending.set(row.lease.address, row)
      else this.#forgotten(row.lease.address)
    }
    this.counts['rows-lost'] = (this.counts['rows-lost'] ?? 0) + lost.length
  }

  /** What this server alone knows, and has not stored again, nobody knows any more. */
  #mendsNot(server: VirtualServer): void {
    const number = this.#lab.servers.indexOf(server) + 1
    for (const [key, { member, lease }] of this.#mending) {
      const stored = this.#database.row(key)?.lease.change ?? 0
      if (stored < lease.change && member !== number) continue
      this.#mending.delete(key)
      if (stored < lease.change) this.#forgotten(key)
    }
  }

  /** Rows on the database do not show what clients count on for so long. */
  #distrust(wait: number): void {
    for (const server of this.#lab.servers)
      server.diskReplacedAt = Math.max(server.diskReplacedAt, this.#lab.now + wait)
  }

  #forgotten(key: Key): void {
    const { invariants } = this.#lab
    if (typeof key === 'number') {
      const { isExempt } = invariants
      invariants.isExempt = (one) => one === key || isExempt(one)
    } else {
      const { isExempt } = invariants.v6
      invariants.v6.isExempt = (one) => isOverlapping(one, key) || isExempt(one)
    }
  }
}

function isOfPair(kind: Kind): kind is PairKind {
  return PAIR_KINDS.some((one) => one === kind)
}

function restart(server: VirtualServer): void {
  if (server.isRunning && server.server?.state !== 'stopping') return
  if (server.isRunning) server.kill()
  server.start()
}
