// Faults of a simulated pair, one after the other, at random times: of hosts, processes, disks,
// clients, and of every kind of the link between the servers. All of it heals by itself after a
// while, and at once when chaos ends.

import { between, oneOf } from '../../lib/lab/chance.ts'
import { LINK_NET_DEFAULTS } from '../../lib/lab/link-net.ts'
import { FAULTLESS } from '../../lib/lab/network.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { ClientFaults } from './client-faults.ts'
import type { LeaseOrders } from './lease-orders.ts'
import { ModeChanges } from './mode-changes.ts'
import { PairImpostors } from './pair-impostor.ts'
import { PairOperator } from './pair-operator.ts'
import type { PairFaultKind, PairScenario } from './pair-scenario.ts'
import { SixFaults } from './six.ts'

const OUTAGE_MAX = 60_000

export class PairChaos {
  /** How often each kind of fault happened. */
  readonly counts: Record<string, number> = {}
  #lab: PairLab
  #scenario: PairScenario
  #draw: Draw
  #clientFaults: ClientFaults
  #sixFaults: SixFaults
  #operator: PairOperator
  #modes: ModeChanges
  #impostors: PairImpostors
  /** Ends those that are at work. */
  #expel = new Set<() => void>()
  #ended = false

  constructor(lab: PairLab, scenario: PairScenario) {
    this.#lab = lab
    this.#scenario = scenario
    this.#draw = lab.world.draw('chaos')
    this.#clientFaults = new ClientFaults(lab, this.#draw, (heal, max) => this.#heal(heal, max))
    this.#sixFaults = new SixFaults(lab, scenario.pauseMax)
    this.#impostors = new PairImpostors(lab, lab.world.draw('impostor'))
    this.#operator = new PairOperator(
      lab,
      scenario.kinds.includes('old-disk'),
      1000 * scenario.lifetimeMax,
    )
    this.#modes = new ModeChanges(lab, scenario, this.#operator)
    if (scenario.startsImported) this.#operator.startImported(scenario.files.get('no pair')!)
    else if (scenario.startsApart) this.#operator.startApart()
    if (scenario.kinds.length > 0) this.#next()
  }

  /** Its hosts have leases, too, that a human's word must be true of. */
  heed(orders: LeaseOrders): void {
    this.#operator.knowsHosts = (server) => orders.isKnownTo(server)
  }

  /**
   * Ends all faults: everything runs, nothing is lost, one configuration, every client wants an
   * address.
   */
  end(): void {
    this.#ended = true
    const { network, links, servers, clients, world } = this.#lab
    world.note('chaos', 'ends')
    for (const expel of this.#expel) expel()
    network.faults = FAULTLESS
    network.heal()
    links.heal()
    links.settings = LINK_NET_DEFAULTS
    for (const [index, server] of servers.entries()) {
      server.resume()
      Object.assign(server.disk.behaviour, { trouble: '', commitMin: 0.2, commitMax: 1 })
      const plan = this.#scenario.versions[0]![index]!
      if (server.isRunning || !this.#operator.mayStart(server)) server.reload(plan)
      else this.#operator.start(server, plan)
      for (const { name } of this.#lab.topology.interfaces[index]!) server.plug(name)
    }
    for (const client of clients) if (client.state === 'off') client.start()
    this.#sixFaults.end()
    this.#operator.end()
    this.#modes.end()
    Object.assign(
      this.counts,
      ...[this.#operator.counts, this.#modes.counts, this.#sixFaults.counts],
    )
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 0, this.#scenario.pauseMax), () => {
      if (this.#ended) return
      const kind = oneOf(this.#draw, this.#scenario.kinds)
      this.counts[kind] = (this.counts[kind] ?? 0) + 1
      this.#lab.world.note('chaos', kind)
      this.#happen(kind)
      this.#next()
    })
  }

  #happen(kind: PairFaultKind): void {
    if (this.#clientFaults.happen(kind, oneOf(this.#draw, this.#lab.clients))) return
    const index = this.#draw(this.#lab.servers.length)
    if (this.#operator.happen(kind, index)) return
    if (kind === 'mode-change') return this.#modes.happen(index % 2)
    if (kind === 'impostor') return this.#pose(index % 2)
    if (!this.#happenToLink(kind)) this.#happenToServer(kind, index)
  }

  /** One at a time, and half of the time the two servers are cut off from each other. */
  #pose(victim: number): void {
    if (this.#expel.size > 0) return
    const { links } = this.#lab
    const [one, other] = this.#lab.servers.map(({ name }) => name) as [string, string]
    const isCut = this.#draw(2) === 0
    if (isCut) links.cut(one, other)
    const leave = this.#impostors.begin(victim)
    const expel = () => {
      if (!this.#expel.delete(expel)) return
      leave()
      if (isCut) links.heal(one, other)
    }
    this.#expel.add(expel)
    this.#heal(expel)
  }

  /** What impostors have come to. */
  get impostors(): { readonly believed: number; readonly refused: number } {
    const { believed, refused } = this.#impostors
    return { believed, refused }
  }

  #happenToServer(kind: PairFaultKind, index: number): void {
    const server = this.#lab.server(index)
    const { network } = this.#lab
    const { behaviour } = server.disk
    switch (kind) {
      case 'crash':
        server.crash()
        return this.#revive(server)
      case 'kill':
        server.kill()
        return this.#revive(server)
      case 'stop':
        return server.stop(() => this.#startAgain(server))
      case 'pause':
        server.pause()
        return this.#heal(() => server.resume())
      case 'freeze':
        server.freeze()
        return this.#heal(() => server.resume())
      case 'disk-trouble':
        behaviour.trouble = 'no space left on device'
        return this.#heal(() => (behaviour.trouble = ''))
      case 'disk-slow':
        behaviour.commitMax = 8000
        return this.#heal(() => (behaviour.commitMax = 1))
      case 'wall-jump':
        server.node.skew += between(this.#draw, -1e8, 1e8)
        return
      case 'interface-down': {
        const { name } = oneOf(this.#draw, this.#lab.topology.interfaces[index]!)
        server.unplug(name)
        return this.#heal(() => server.plug(name))
      }
      case 'cut-client': {
        const ends = [server.name, oneOf(this.#draw, this.#lab.clients).name]
        const [from, to] = this.#draw(2) === 0 ? ends : ends.reverse()
        network.cut(from!, to!)
        return this.#heal(() => network.heal(from, to))
      }
      case 'cut-clients':
        this.#lab.cutClients(index)
        return this.#heal(() => this.#lab.healClients(index))
      case 'reload-one':
        return server.reload(oneOf(this.#draw, this.#scenario.versions)[index]!)
      case 'reload-both': {
        const version = oneOf(this.#draw, this.#scenario.versions)
        for (const [at, one] of this.#lab.servers.entries()) one.reload(version[at]!)
        return
      }
      case 'new-disk':
        if (!this.#operator.isSafeAt(1 - index)) return
        // A new database whose file names no partner knows of nobody, and nobody of it (rule 9a).
        if (server.plan.ha?.partner === undefined && index < 2) return
        server.crash()
        server.replaceDisk()
        return this.#revive(server)
      case 'lost-lifetimes':
        return this.#loseLifetimes(index)
      default:
        throw new Error(`no such fault of a server: ${kind}`)
    }
  }

  /**
   * A server is cut off and gives longer leases for a while, which nobody but its disk knows of;
   * then that dies.
   */
  #loseLifetimes(index: number): void {
    const other = 1 - index
    if (index > 1 || !this.#operator.isSafeAt(other)) return
    const [server, partner] = [this.#lab.server(index), this.#lab.server(other)]
    if (!server.isRunning || server.plan.ha?.partner === undefined) return
    const { links } = this.#lab
    links.cut(server.name, partner.name)
    server.reload(this.#scenario.longer[index]!)
    this.#heal(() => {
      server.reload(this.#scenario.versions[0]![index]!)
      const isSafe = server.isRunning && this.#operator.isSafeAt(other)
      if (isSafe && server.plan.ha?.partner !== undefined) this.#happenToServer('new-disk', index)
      links.heal(server.name, partner.name)
    })
  }

  /** False when it is no fault of the link. */
  #happenToLink(kind: PairFaultKind): boolean {
    const { links } = this.#lab
    const names = this.#lab.servers.map((server) => server.name)
    const one = oneOf(this.#draw, names)
    const other = oneOf(
      this.#draw,
      names.filter((name) => name !== one),
    )
    switch (kind) {
      case 'link-cut':
        links.cut(one, other)
        this.#heal(() => links.heal(one, other))
        return true
      case 'link-one-way':
        links.cut(one, other, 'forth')
        this.#heal(() => links.heal(one, other))
        return true
      case 'link-reset':
        links.reset(one, other)
        return true
      case 'link-dark':
        links.darken(one, other)
        return true
      case 'link-slow': {
        const { delayMin, delayMax } = links.settings
        links.setDelay(0, oneOf(this.#draw, [50, 500, 5000]))
        this.#heal(() => links.setDelay(delayMin, delayMax))
        return true
      }
      case 'reject':
        links.reject(one)
        if (this.#draw(2) === 0) links.reset(one, other)
        this.#heal(() => links.reject(one, false))
        return true
      case 'block':
        links.block(one)
        if (this.#draw(2) === 0) links.reset(one, other)
        this.#heal(() => links.unblock(one))
        return true
      case 'unplug': {
        // Its only cable: clients and partner at once.
        const index = names.indexOf(one)
        this.#lab.cutClients(index)
        links.cut(one, '*')
        links.cut('*', one)
        this.#heal(() => {
          this.#lab.healClients(index)
          links.heal(one, '*')
        })
        return true
      }
      default:
        return false
    }
  }

  /** It may run already: another fault has ended the life that was to stop. */
  #startAgain(server: VirtualServer): void {
    if (!this.#ended) this.#revive(server)
    else this.#start(server)
  }

  #revive(server: VirtualServer): void {
    this.#heal(() => this.#start(server))
  }

  #start(server: VirtualServer): void {
    if (!server.isRunning && this.#operator.mayStart(server)) this.#operator.start(server)
  }

  #heal(heal: () => void, durationMax = OUTAGE_MAX): void {
    this.#lab.world.after(between(this.#draw, 0, durationMax), () => {
      if (!this.#ended) heal()
    })
  }
}
