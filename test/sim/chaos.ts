// Faults, one after the other, at random times: what happens to hosts, disks, cables, clients and
// configurations. All of it heals by itself after a while, and at once when chaos ends.

import { between, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import { FAULTLESS } from '../../lib/lab/network.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { ClientFaults } from './client-faults.ts'
import { FAULT_KINDS, type FaultKind, type Scenario } from './scenario.ts'
import { SixFaults } from './six.ts'

const OUTAGE_MAX = 40_000

export class Chaos {
  /** How often each kind of fault happened. */
  readonly counts: Record<string, number> = {}
  #lab: Lab
  #scenario: Scenario
  #draw: Draw
  #kinds: FaultKind[]
  #clientFaults: ClientFaults
  #sixFaults: SixFaults
  #ended = false

  constructor(lab: Lab, scenario: Scenario) {
    this.#lab = lab
    this.#scenario = scenario
    this.#draw = lab.world.draw('chaos')
    this.#clientFaults = new ClientFaults(lab, this.#draw, (heal, max) => this.#heal(heal, max))
    this.#sixFaults = new SixFaults(lab, scenario.chaos.pauseMax)
    const { weights } = scenario.chaos
    this.#kinds = FAULT_KINDS.flatMap((kind) => Array<FaultKind>(weights[kind]).fill(kind))
    if (this.#kinds.length > 0) this.#next()
  }

  /** Ends all faults: everything runs, nothing is lost, every client wants an address. */
  end(): void {
    this.#ended = true
    const { network, servers, clients, world } = this.#lab
    world.note('chaos', 'ends')
    network.faults = FAULTLESS
    network.heal()
    for (const server of servers) {
      server.node.resume()
      Object.assign(server.disk.behaviour, { trouble: '', commitMin: 0.2, commitMax: 1 })
      if (!server.isRunning) server.start()
      for (const { name } of this.#lab.topology.interfaces[servers.indexOf(server)]!)
        server.plug(name)
    }
    for (const client of clients) if (client.state === 'off') client.start()
    this.#sixFaults.end()
    Object.assign(this.counts, this.#sixFaults.counts)
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 0, this.#scenario.chaos.pauseMax), () => {
      if (this.#ended) return
      const kind = oneOf(this.#draw, this.#kinds)
      this.counts[kind] = (this.counts[kind] ?? 0) + 1
      this.#lab.world.note('chaos', kind)
      this.#happen(kind)
      this.#next()
    })
  }

  #happen(kind: FaultKind): void {
    const client = oneOf(this.#draw, this.#lab.clients)
    if (!this.#clientFaults.happen(kind, client)) this.#happenToServer(kind)
  }

  #happenToServer(kind: FaultKind): void {
    const { network } = this.#lab
    const server = oneOf(this.#draw, this.#lab.servers)
    const { behaviour } = server.disk
    switch (kind) {
      case 'crash':
        server.crash()
        return this.#heal(() => server.isRunning || server.start())
      case 'pause':
        server.node.pause()
        return this.#heal(() => server.node.resume())
      case 'disk-trouble':
        behaviour.trouble = 'no space left on device'
        return this.#heal(() => (behaviour.trouble = ''))
      case 'disk-slow':
        behaviour.commitMax = 8000
        return this.#heal(() => (behaviour.commitMax = 1))
      case 'wall-jump':
        server.node.skew += between(this.#draw, -1e8, 1e8)
        return
      case 'cut': {
        const ends = [server.name, oneOf(this.#draw, this.#lab.clients).name]
        const [from, to] = this.#draw(2) === 0 ? ends : ends.reverse()
        network.cut(from!, to!)
        return this.#heal(() => network.heal(from, to))
      }
      case 'interface-down': {
        const { name } = oneOf(this.#draw, this.#lab.topology.interfaces[0]!)
        server.unplug(name)
        return this.#heal(() => server.plug(name))
      }
      case 'reload':
        return server.reload(oneOf(this.#draw, this.#scenario.plans))
      default:
        throw new Error(`no such fault of a server: ${kind}`)
    }
  }

  #heal(heal: () => void, durationMax = OUTAGE_MAX): void {
    this.#lab.world.after(between(this.#draw, 0, durationMax), () => {
      if (!this.#ended) heal()
    })
  }
}
