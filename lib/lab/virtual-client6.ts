// A DHCPv6 client machine on the simulated network: the pure client of client6.ts with a node (its
// clock), a network card on a link, and the things people do to clients: switch off, reboot, carry
// elsewhere.

import type { Ipv6 } from '../address/ipv6.ts'
import {
  ADDRESS_BITS,
  addressOf,
  lengthOf,
  type Prefix6,
  textFromPrefix6,
} from '../address/prefix6.ts'
import type { Millis } from '../time/units.ts'
import { linkLocalOf } from './addresses6.ts'
import { Client6 } from './client6.ts'
import type {
  Client6Action,
  Client6Settings,
  Client6State,
  ClientLease6,
} from './client6-settings.ts'
import type { Datagram, Link, NetAddress, Station } from './network.ts'
import { Node, type NodeSettings, type VirtualClock } from './node.ts'
import { ALL_SERVERS_AND_RELAYS, CLIENT_PORT6, SERVER_PORT6 } from './packet6.ts'
import type { World } from './world.ts'

/** Told each action of a client other than sending, after the client's state has changed. */
export type Client6Listener = (client: VirtualClient6, action: Client6Action) => void

/** How long it looks whether somebody has an address (RFC 4862 §5.4: a second). */
const PROBE_WAIT: Millis = 1000

export class VirtualClient6 {
  readonly name: string
  readonly node: Node
  readonly machine: Client6
  readonly station: Station
  readonly linkLocal: Ipv6
  #link: Link
  #clock: VirtualClock
  #listeners: Client6Listener[] = []
  #releasedAt: Millis = Number.NEGATIVE_INFINITY
  readonly #onWake = (): void => this.#perform(this.machine.onDeadline(this.#clock.monotonic()))

  /** Does not switch it on. */
  constructor(
    world: World,
    name: string,
    link: Link,
    settings: Partial<Client6Settings>,
    node: NodeSettings = {},
  ) {
    this.name = name
    this.node = new Node(world, name, node)
    this.machine = new Client6(settings, world.draw(`client/${name}`))
    this.#clock = this.node.clock()
    this.#link = link
    const { hwAddress } = this.machine.settings
    this.linkLocal = linkLocalOf(hwAddress)
    this.station = {
      name,
      hwAddress,
      holds: (address) => address === this.linkLocal || this.uses(address),
      receive: (datagram) => this.node.run(() => this.#receive(datagram)),
    }
    link.attach(this.station)
  }

  get state(): Client6State {
    return this.machine.state
  }

  /** What it may use now, by its own clock. */
  get leases(): readonly ClientLease6[] {
    return this.machine.holds(this.#clock.monotonic())
  }

  /** The same as text: `2001:db8::1f4`, `2001:db8:4000::/56`. */
  get addresses(): readonly string[] {
    return this.leases.map(({ key }) => textFromPrefix6(key))
  }

  get link(): Link {
    return this.#link
  }

  /** For how long it may still use a lease, by its own clock. */
  remainingOf(lease: ClientLease6): Millis {
    return Math.max(0, lease.until - this.#clock.monotonic())
  }

  /** Whether it has all that it asks for: something in each IA, or options. */
  get isBound(): boolean {
    const { state, settings } = this.machine
    if (settings.ias.length === 0) return state === 'informed'
    const { leases } = this
    const isHeld = ({ kind, iaid }: { kind: number; iaid: number }) =>
      leases.some((lease) => lease.kind === kind && lease.iaid === iaid)
    return state !== 'off' && state !== 'init' && settings.ias.every(isHeld)
  }

  /** Whether its network card answers for the address now. */
  uses(address: NetAddress): boolean {
    if (this.machine.state === 'off') return false
    return this.leases.some(
      ({ key }) => lengthOf(key) === ADDRESS_BITS && addressOf(key) === address,
    )
  }

  onAction(listener: Client6Listener): void {
    this.#listeners.push(listener)
  }

  /** Switches on, or reboots: asks whether what it remembers is right here, if anything. */
  start(): void {
    this.#perform(this.machine.start(this.#clock.monotonic()))
  }

  /** Switches off without a word. */
  stop(): void {
    this.machine.stop()
    this.#perform([])
  }

  forget(): void {
    this.#perform(this.machine.forget())
  }

  release(): void {
    const actions = this.machine.release(this.#clock.monotonic())
    // A client without a lease sends none, and the last one gets no younger.
    if (actions.some(({ kind }) => kind === 'send')) this.#releasedAt = this.node.world.now
    this.#perform(actions)
  }

  /**
   * The network delivers the last RELEASE once more. Nothing happens when it is older than
   * `ageMax`.
   */
  repeatRelease(ageMax: Millis = Number.POSITIVE_INFINITY): void {
    if (this.node.world.now - this.#releasedAt <= ageMax)
      this.#perform(this.machine.repeatRelease())
  }

  decline(): void {
    this.#perform(this.machine.decline(this.#clock.monotonic()))
  }

  /** Is carried to another link and notices it: what it remembers it asks for there. */
  move(link: Link): void {
    this.#link.detach(this.station)
    this.#link = link
    link.attach(this.station)
    this.start()
  }

  #receive({ destinationPort, bytes }: Datagram): void {
    if (destinationPort !== CLIENT_PORT6 || this.machine.state === 'off') return
    this.#perform(this.machine.onMessage(bytes, 0, bytes.length, this.#clock.monotonic()))
  }

  #perform(actions: readonly Client6Action[]): void {
    for (const action of actions) {
      this.#note(action)
      if (action.kind === 'send') this.#send(action.bytes)
      else if (action.kind === 'probe') this.#probe(action.key)
      for (const listener of this.#listeners) listener(this, action)
    }
    this.#clock.wakeAt(this.machine.deadline, this.#onWake)
  }

  #send(bytes: Uint8Array): void {
    this.#link.network.send(this.#link, this.station, {
      source: this.linkLocal,
      sourcePort: CLIENT_PORT6,
      destination: ALL_SERVERS_AND_RELAYS,
      destinationPort: SERVER_PORT6,
      hwAddress: '',
      bytes,
    })
  }

  #probe(key: Prefix6): void {
    this.node.after(PROBE_WAIT, () => {
      const inUse = this.#link.isHeldByOther(addressOf(key), this.station)
      this.#perform(this.machine.onProbed(key, inUse, this.#clock.monotonic()))
    })
  }

  #note(action: Client6Action): void {
    const { world } = this.node
    if (world.tracing && action.kind !== 'send') world.note(this.name, textOf(action))
  }
}

function textOf(action: Exclude<Client6Action, { kind: 'send' }>): string {
  switch (action.kind) {
    case 'bound':
    case 'extended':
      return `${action.kind} ${textFromPrefix6(action.lease.key)} for ${action.lease.valid} s`
    case 'unbound':
      return `unbound ${textFromPrefix6(action.lease.key)} ${action.why}`
    case 'informed':
      return 'informed'
    case 'probe':
      return `probe ${textFromPrefix6(action.key)}`
    case 'reconfigured':
      return `is told to send a message of type ${action.asks}`
    case 'refused':
      return `refuses an answer: ${action.why}`
    default:
      return action satisfies never
  }
}
