// How long known clients of a pair wait, measured: one server and the link to it have faults,
// several at once, while the other server is well and its clients reach it. Clients reboot all the
// time and ask often, so that what they wait is what they are made to wait, and not their own
// pauses.

import { between, chance, oneOf } from '../../lib/lab/chance.ts'
import { LINK_NET_DEFAULTS } from '../../lib/lab/link-net.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { pairOnDatabase } from './shared-plans.ts'

export const WAIT_FAULTS = [
  ...['crash', 'kill', 'stop', 'pause', 'freeze', 'disk-trouble', 'disk-slow', 'unplug'],
  ...['link-cut', 'hears-nothing', 'says-nothing', 'link-reset', 'link-dark', 'link-slow'],
  ...['reject', 'block'],
] as const

/** Of a pair whose leases are in a database that both write: the way there, in place of disks. */
export const DATABASE_WAIT_FAULTS = [
  ...WAIT_FAULTS.filter((kind) => !kind.startsWith('disk-')),
  ...['database-cut', 'database-cut'],
] as const

export interface Wait {
  readonly milliseconds: number
  /** The faults of the time, in their order. */
  readonly faults: readonly string[]
}

const CLIENTS = 24
const FAULTS_WITHIN = 12_000
const FAULT_MAX = 15_000
const EPISODE = 28_000
const RETRY = { backoffMin: 250, backoffMax: 250 }

/**
 * The longest wait of each of a few episodes; `most` faults in each. `shared`: the leases are in a
 * database that both write.
 */
export function waitsOf(seed: number, most: number, shared = false): Wait[] {
  const draw = chance(seed, 'waits')
  const mode = oneOf(draw, ['load-balancing', 'load-balancing', 'hot-standby'] as const)
  const lab = createPair({
    seed,
    ...(shared
      ? { shared, plans: pairOnDatabase({ mode, lifetime: 7200 }) }
      : { mode, dhcp4: { 'valid-lifetime': 7200 } }),
    clients: Array.from({ length: CLIENTS }, () => ({ startDelayMax: 0, ...RETRY })),
  })
  if (!lab.reachNormal() || !lab.settle()) throw new Error('the pair does not begin')
  lab.advance(15_000)
  return [1, 2, 3, 4].map(() => new Episode(lab, draw, 1 + draw(most)).play())
}

class Episode {
  readonly #lab: PairLab
  readonly #draw: Draw
  readonly #ill: number
  readonly #faults: string[] = []
  readonly #began = new Map<VirtualClient4, number>()
  #longest = 0
  #isOver = false

  constructor(lab: PairLab, draw: Draw, faults: number) {
    this.#lab = lab
    this.#draw = draw
    this.#ill = draw(2)
    for (let fault = 0; fault < faults; fault++) {
      const kind = oneOf(draw, lab.database === undefined ? WAIT_FAULTS : DATABASE_WAIT_FAULTS)
      lab.world.after(between(draw, 0, FAULTS_WITHIN), () => this.#happen(kind))
    }
    for (const client of lab.clients)
      client.onAction((_, { kind }) => {
        if (kind === 'extended' || kind === 'bound') this.#answered(client)
      })
  }

  play(): Wait {
    const until = this.#lab.now + EPISODE
    this.#reboot(until)
    this.#lab.advance(EPISODE + 4000)
    for (const client of this.#began.keys()) this.#answered(client)
    this.#end()
    return { milliseconds: this.#longest, faults: this.#faults }
  }

  #answered(client: VirtualClient4): void {
    const began = this.#began.get(client)
    if (began === undefined) return
    this.#began.delete(client)
    this.#longest = Math.max(this.#longest, this.#lab.now - began)
  }

  #reboot(until: number): void {
    if (this.#lab.now > until) return
    const client = oneOf(this.#draw, this.#lab.clients)
    if (!this.#began.has(client)) {
      client.stop()
      this.#began.set(client, this.#lab.now)
      client.start()
    }
    this.#lab.world.after(between(this.#draw, 20, 400), () => this.#reboot(until))
  }

  #happen(kind: (typeof WAIT_FAULTS | typeof DATABASE_WAIT_FAULTS)[number]): void {
    if (this.#isOver) return
    this.#faults.push(kind)
    const { links } = this.#lab
    const ill = this.#lab.server(this.#ill)
    const well = this.#lab.server(1 - this.#ill)
    const start = () => {
      if (!ill.isRunning) ill.start()
    }
    switch (kind) {
      case 'crash':
        ill.crash()
        return this.#heal(start)
      case 'kill':
        ill.kill()
        return this.#heal(start)
      case 'stop':
        if (ill.isRunning) ill.stop(() => {})
        return this.#heal(start)
      case 'pause':
        ill.pause()
        return this.#heal(() => ill.resume())
      case 'freeze':
        ill.freeze()
        return this.#heal(() => ill.resume())
      case 'disk-trouble':
        ill.disk.behaviour.trouble = 'no space left on device'
        return this.#heal(() => (ill.disk.behaviour.trouble = ''))
      case 'disk-slow':
        ill.disk.behaviour.commitMax = 8000
        return this.#heal(() => (ill.disk.behaviour.commitMax = 1))
      case 'database-cut':
        ill.path.isCut = true
        return this.#heal(() => {
          ill.path.isCut = false
        })
      case 'unplug':
        this.#lab.cutClients(this.#ill)
        links.cut(ill.name, '*')
        links.cut('*', ill.name)
        return this.#heal(() => {
          this.#lab.healClients(this.#ill)
          links.heal(ill.name, '*')
        })
      case 'link-cut':
        links.cut(ill.name, well.name)
        return this.#heal(() => links.heal(ill.name, well.name))
      case 'hears-nothing':
        links.cut(well.name, ill.name, 'forth')
        return this.#heal(() => links.heal(ill.name, well.name))
      case 'says-nothing':
        links.cut(ill.name, well.name, 'forth')
        return this.#heal(() => links.heal(ill.name, well.name))
      case 'link-reset':
        return links.reset(ill.name, well.name)
      case 'link-dark':
        return links.darken(ill.name, well.name)
      case 'link-slow':
        links.setDelay(0, oneOf(this.#draw, [50, 500, 5000]))
        return this.#heal(() => this.#quickLink())
      case 'reject':
        links.reject(ill.name)
        if (this.#draw(2) === 0) links.reset(ill.name, well.name)
        return this.#heal(() => links.reject(ill.name, false))
      case 'block':
        links.block(ill.name)
        if (this.#draw(2) === 0) links.reset(ill.name, well.name)
        return this.#heal(() => links.unblock(ill.name))
    }
  }

  #quickLink(): void {
    const { delayMin, delayMax } = LINK_NET_DEFAULTS
    this.#lab.links.setDelay(delayMin, delayMax)
  }

  #heal(heal: () => void): void {
    this.#lab.world.after(between(this.#draw, 100, FAULT_MAX), () => {
      if (!this.#isOver) heal()
    })
  }

  #end(): void {
    this.#isOver = true
    const { network, links, servers } = this.#lab
    network.heal()
    links.heal()
    this.#quickLink()
    for (const server of servers) {
      links.reject(server.name, false)
      links.unblock(server.name)
      Object.assign(server.disk.behaviour, { trouble: '', commitMax: 1 })
      server.path.isCut = false
      server.resume()
      if (!server.isRunning) server.start()
    }
    if (!this.#lab.reachNormal(60_000)) throw new Error('the pair does not come back')
    this.#lab.advance(20_000)
    this.#lab.settle()
  }
}
