// A client machine on the simulated network: the pure client of client4.ts with a node (its clock),
// a network card on a link, and the things people do to clients: switch off, reboot, carry
// elsewhere.

import type { Ipv4 } from '../address/ipv4.ts'
import { textFromIpv4 } from '../address/ipv4.ts'
import type { Millis } from '../time/units.ts'
import { Client4 } from './client4.ts'
import type {
  Client4Action,
  Client4Settings,
  Client4State,
  ClientLease4,
} from './client4-settings.ts'
import type { Datagram, Link, Station } from './network.ts'
import { Node, type NodeSettings, type VirtualClock } from './node.ts'
import { CLIENT_PORT, SERVER_PORT } from './packet4.ts'
import type { World } from './world.ts'

/** Told each action of a client other than sending, after the client's state has changed. */
export type ClientListener = (client: VirtualClient4, action: Client4Action) => void

/** How long an ARP probe takes (RFC 5227 §1.1 waits 4 to 7 s; the lab is less patient). */
const PROBE_WAIT: Millis = 1000

export class VirtualClient4 {
  readonly name: string
  readonly node: Node
  readonly machine: Client4
  readonly station: Station
  #link: Link
  #clock: VirtualClock
  #listeners: ClientListener[] = []
  #releasedAt: Millis = Number.NEGATIVE_INFINITY
  readonly #onWake = (): void => this.#perform(this.machine.onDeadline(this.#clock.monotonic()))

  /** Does not switch it on. */
  constructor(
    world: World,
    name: string,
    link: Link,
    settings: Partial<Client4Settings>,
    node: NodeSettings = {},
  ) {
    this.name = name
    this.node = new Node(world, name, node)
    this.machine = new Client4(settings, world.draw(`client/${name}`))
    this.#clock = this.node.clock()
    this.#link = link
    this.station = {
      name,
      hwAddress: this.machine.settings.hwAddress,
      holds: (address) => typeof address === 'number' && this.uses(address),
      receive: (datagram) => this.node.run(() => this.#receive(datagram)),
    }
    link.attach(this.station)
  }

  get state(): Client4State {
    return this.machine.state
  }

  /** The address that the client may use now, by its own clock: `192.0.2.10`, '' = none. */
  get address(): string {
    const { ipv4 } = this
    return ipv4 === 0 ? '' : textFromIpv4(ipv4)
  }

  /** The same as a number, 0 = none. */
  get ipv4(): Ipv4 {
    return this.machine.holds(this.#clock.monotonic())
  }

  /** What it was last told, ended or not. */
  get lease(): ClientLease4 | undefined {
    return this.machine.lease
  }

  get link(): Link {
    return this.#link
  }

  /** How long it may still use its address, by its own clock; 0 without one. */
  get remaining(): Millis {
    const until = this.machine.lease?.until ?? 0
    return Math.max(0, until - this.#clock.monotonic())
  }

  get isBound(): boolean {
    const { state } = this.machine
    return state === 'bound' || state === 'renewing' || state === 'rebinding'
  }

  /** Whether its network card answers for the address now. */
  uses(address: Ipv4): boolean {
    return this.isBound && this.ipv4 === address
  }

  onAction(listener: ClientListener): void {
    this.#listeners.push(listener)
  }

  /** Switches on, or reboots: asks for the address it remembers, if any. */
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

  #receive(datagram: Datagram): void {
    if (datagram.destinationPort !== CLIENT_PORT || this.machine.state === 'off') return
    const { bytes } = datagram
    this.#perform(this.machine.onMessage(bytes, 0, bytes.length, this.#clock.monotonic()))
  }

  #perform(actions: readonly Client4Action[]): void {
    for (const action of actions) {
      this.#note(action)
      if (action.kind === 'send') this.#send(action.bytes, action.source, action.destination)
      else if (action.kind === 'probe') this.#probe(action.address)
      for (const listener of this.#listeners) listener(this, action)
    }
    this.#clock.wakeAt(this.machine.deadline, this.#onWake)
  }

  #send(bytes: Uint8Array, source: Ipv4, destination: Ipv4): void {
    this.#link.network.send(this.#link, this.station, {
      source,
      sourcePort: CLIENT_PORT,
      destination,
      destinationPort: SERVER_PORT,
      hwAddress: '',
      bytes,
    })
  }

  #probe(address: Ipv4): void {
    this.node.after(PROBE_WAIT, () => {
      const inUse = this.#link.isHeldByOther(address, this.station)
      this.#perform(this.machine.onProbed(inUse, this.#clock.monotonic()))
    })
  }

  #note(action: Client4Action): void {
    const { world } = this.node
    if (!world.tracing || action.kind === 'send') return
    const lease = 'lease' in action ? action.lease : undefined
    const address = textFromIpv4('address' in action ? action.address : lease!.address)
    const more = lease === undefined ? '' : ` for ${lease.lifetime} s`
    world.note(
      this.name,
      `${action.kind} ${address}${more}${'why' in action ? ` ${action.why}` : ''}`,
    )
  }
}
