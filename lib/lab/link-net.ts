// The cables between the hosts of a pair, apart from those to the clients: who reaches whom, in
// which direction, after how long, and what a firewall says. A host on it is in link-host.ts,
// connections are in tcp-end.ts, the port that a server is given in virtual-link.ts.

import type { HaUrl } from '../config/plan/ha-plan.ts'
import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'
import { between } from './chance.ts'
import type { LinkHost } from './link-host.ts'
import type { Node } from './node.ts'
import type { TcpEnd, TcpHost, TcpNet } from './tcp-end.ts'
import type { World } from './world.ts'

export interface LinkNetSettings {
  /** Each message takes a time drawn between the two; none overtakes another. */
  readonly delayMin: Millis
  readonly delayMax: Millis
  /**
   * How long TCP repeats what is not acknowledged, at least; each connection draws up to twice
   * that.
   */
  readonly patience: Millis
}

export const LINK_NET_DEFAULTS: LinkNetSettings = { delayMin: 0.1, delayMax: 0.4, patience: 15_000 }

/** TCP repeats a lost segment so long after a path has healed, at most. */
const REPEAT_MAX: Millis = 2000

export type Direction = 'both' | 'forth'

export class LinkNet implements TcpNet {
  readonly world: World
  /** Replace it at any time; it counts for what is sent afterwards. */
  settings: LinkNetSettings
  readonly #draw: Draw
  readonly #hosts: LinkHost[] = []
  readonly #ends = new Set<TcpEnd>()
  readonly #cuts = new Set<string>()
  readonly #rejecting = new Set<string>()
  readonly #blocked = new Map<string, string>()

  constructor(world: World, settings: Partial<LinkNetSettings> = {}) {
    this.world = world
    this.settings = { ...LINK_NET_DEFAULTS, ...settings }
    this.#draw = world.draw('links')
  }

  // ---- what may happen to it

  /** Cuts the path between two hosts, or only what `a` sends to `b`; `*` stands for every host. */
  cut(a: string, b: string, direction: Direction = 'both'): void {
    this.world.note('links', `cut ${a} > ${b} ${direction}`)
    this.#cuts.add(`${a}>${b}`)
    if (direction === 'both') this.#cuts.add(`${b}>${a}`)
  }

  /** Mends both directions between two hosts, or everything. What TCP still has is sent again. */
  heal(a?: string, b?: string): void {
    this.world.note('links', `heal ${a ?? 'all'} ${b ?? ''}`)
    if (a === undefined || b === undefined) {
      this.#cuts.clear()
      this.#rejecting.clear()
      for (const name of [...this.#blocked.keys()]) this.unblock(name)
    } else for (const path of [`${a}>${b}`, `${b}>${a}`]) this.#cuts.delete(path)
    this.repeat()
  }

  /** A firewall before a host refuses (REJECT) every new connection, or stops doing so. */
  reject(name: string, on = true): void {
    this.world.note('links', `${name} ${on ? 'rejects' : 'admits'} dials`)
    if (on) this.#rejecting.add(name)
    else this.#rejecting.delete(name)
  }

  /** The listener of a host cannot open (its port is taken, its address is not there yet). */
  block(name: string, trouble = 'address already in use'): void {
    this.#blocked.set(name, trouble)
    this.#hostOf(name)?.listener?.tryListening()
  }

  unblock(name: string): void {
    this.#blocked.delete(name)
    this.#hostOf(name)?.listener?.tryListening()
  }

  /** Ends the connections between two hosts at both ends, as a firewall that is loaded anew. */
  reset(a: string, b: string): void {
    for (const end of this.#between(a, b)) end.fail('reset on the way')
  }

  /** What is sent on the present connections between two hosts vanishes for ever; new ones work. */
  darken(a: string, b: string): void {
    for (const end of this.#between(a, b)) end.isDark = true
  }

  setDelay(delayMin: Millis, delayMax: Millis): void {
    this.settings = { ...this.settings, delayMin, delayMax }
  }

  // ---- what hosts and connections ask

  /** Adds a host that is switched off. */
  addHost(name: string, node: Node): LinkHost {
    const host: LinkHost = {
      name,
      node,
      endpoint: '',
      isUp: false,
      isFrozen: false,
      listener: undefined,
      certificateNames: undefined,
    }
    this.#hosts.push(host)
    return host
  }

  /** The host that has this address, or has taken it last; undefined: nobody. */
  hostAt(url: HaUrl): LinkHost | undefined {
    const endpoint = endpointOf(url)
    return this.#hosts.findLast((host) => host.endpoint === endpoint)
  }

  /** Whether what is sent now from one host reaches the kernel of another. */
  reaches(from: TcpHost, to: TcpHost): boolean {
    return to.isUp && !to.isFrozen && !this.#isCut(from.name, to.name)
  }

  isRejecting(host: LinkHost): boolean {
    return this.#rejecting.has(host.name)
  }

  /** Why the listener of a host cannot open, '' when it can. */
  blockOf(host: LinkHost): string {
    return this.#blocked.get(host.name) ?? ''
  }

  drawDelay(): Millis {
    return between(this.#draw, this.settings.delayMin, this.settings.delayMax)
  }

  drawPatience(): Millis {
    const { patience } = this.settings
    return between(this.#draw, patience, 2 * patience)
  }

  /** Whether something happens that happens as often as not. */
  drawCoin(): boolean {
    return this.#draw(2) === 1
  }

  addEnd(end: TcpEnd): void {
    this.#ends.add(end)
  }

  removeEnd(end: TcpEnd): void {
    this.#ends.delete(end)
  }

  /** A host has lost power: nobody speaks for its connections any more. */
  powerOff(host: LinkHost): void {
    host.isUp = false
    host.listener = undefined
    for (const end of [...this.#ends]) if (end.host === host) end.die(false)
  }

  /** Lets all connections repeat what was not acknowledged: a path or a host is back. */
  repeat(): void {
    for (const end of this.#ends)
      if (end.isWaiting)
        this.world.after(between(this.#draw, 0, REPEAT_MAX), () => end.retransmit())
  }

  #hostOf(name: string): LinkHost | undefined {
    return this.#hosts.find((host) => host.name === name)
  }

  #between(a: string, b: string): TcpEnd[] {
    const isBetween = (from: string, to: string) =>
      (from === a && to === b) || (from === b && to === a)
    return [...this.#ends].filter((end) => isBetween(end.host.name, end.other.host.name))
  }

  #isCut(from: string, to: string): boolean {
    const cuts = this.#cuts
    if (cuts.size === 0) return false
    return cuts.has(`${from}>${to}`) || cuts.has(`${from}>*`) || cuts.has(`*>${to}`)
  }
}

/** Where the server of a url listens. */
export function endpointOf({ host, port }: HaUrl): string {
  return `${host}:${port}`
}
