// A server of the simulated world: a node, a disk, and on them one life of the Server after
// another. The Server is the product's own; only its ports are simulated. Its process may die while
// the host lives.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import type { LogLevel } from '../catalogue/row.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Key } from '../leases/keys/key.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import type { Lease } from '../leases/lease.ts'
import type { Reply4 } from '../ports/datagrams4.ts'
import type { Reply6 } from '../ports/datagrams6.ts'
import { afterRestore } from '../server/after-restore.ts'
import type { ConfigStart } from '../server/configuration/in-force.ts'
import type { ServerEvent } from '../server/events.ts'
import { Server } from '../server/server.ts'
import type { ServerPorts } from '../server/settings.ts'
import type { Millis } from '../time/units.ts'
import { type DiskBehaviour, type DiskState, VirtualDisk } from './disk.ts'
import { hwAddressOf } from './hardware.ts'
import type { LinkHost } from './link-host.ts'
import type { LinkNet } from './link-net.ts'
import { Node, type NodeSettings } from './node.ts'
import { CLIENT_PORT, SERVER_PORT } from './packet4.ts'
import type { SharedDatabase } from './shared-database.ts'
import { DatabasePath, VirtualSharedJournal } from './shared-journal.ts'
import { moved } from './shared-rows.ts'
import { VirtualDatagrams4, type VirtualInterface4 } from './virtual-datagrams4.ts'
import { VirtualDatagrams6, type VirtualInterface6 } from './virtual-datagrams6.ts'
import { VirtualLink } from './virtual-link.ts'
import { VirtualLog } from './virtual-log.ts'
import { VirtualProbe } from './virtual-probe.ts'
import { VirtualServerId } from './virtual-server-id.ts'
import type { World } from './world.ts'

export interface VirtualServerSettings {
  readonly name: string
  readonly plan: Plan
  readonly interfaces: readonly VirtualInterface4[]
  /** Those of DHCPv6; a name that both have is one interface. Default none. */
  readonly interfaces6?: readonly VirtualInterface6[]
  /** What joins the servers of a pair. */
  readonly links: LinkNet
  readonly node?: NodeSettings
  /** It shares this one with others, and has none of its own. */
  readonly database?: SharedDatabase | undefined
  readonly disk?: Partial<DiskBehaviour>
  /** See VirtualDatagramSettings. */
  readonly busyMax?: Millis
  readonly unicast?: boolean
  /** Lines of this level and above are kept. Default info. */
  readonly logLevel?: LogLevel
  /** Where the plan of each life comes from, for who changes it by command. Default: nowhere. */
  readonly configuration?: (() => ConfigStart) | undefined
  /** Replaces ports of each life, to measure them or to spoil one. */
  readonly ports?: (own: ServerPorts, server: VirtualServer) => ServerPorts
}

export type ServerListener = (server: VirtualServer, event: ServerEvent) => void

export class VirtualServer {
  readonly name: string
  readonly node: Node
  readonly disk: VirtualDisk
  /** That it shares with others, and its way there; undefined: its leases are on its disk. */
  readonly database: SharedDatabase | undefined
  readonly path = new DatabasePath()
  readonly log: VirtualLog
  /** Who it is to clients of DHCPv6. */
  readonly serverId: VirtualServerId
  /** Its machine, as the others of a pair see it. */
  readonly host: LinkHost
  /** The link port of this life, undefined without a pair. */
  link: VirtualLink | undefined
  /** When another disk, new or old, took the place of the former one; never, to begin with. */
  diskReplacedAt: Millis = Number.NEGATIVE_INFINITY
  /** The running Server, or undefined while it is down. */
  server: Server | undefined
  datagrams: VirtualDatagrams4 | undefined
  datagrams6: VirtualDatagrams6 | undefined
  /** Who asks for addresses on the wire, in this life. */
  probe: VirtualProbe | undefined
  #plan: Plan
  /** Every plan that it has served by. */
  readonly plans = new Set<Plan>()
  #settings: VirtualServerSettings
  #listeners: ServerListener[] = []
  #replyListeners: ((reply: Reply4) => void)[] = []
  #replyListeners6: ((reply: Reply6) => void)[] = []

  /** Does not start it. */
  constructor(world: World, settings: VirtualServerSettings) {
    this.name = settings.name
    this.node = new Node(world, settings.name, settings.node)
    this.disk = new VirtualDisk(world, `${settings.name}/disk`, settings.disk)
    this.database = settings.database
    this.log = new VirtualLog(world, settings.name, settings.logLevel)
    this.serverId = new VirtualServerId(hwAddressOf(6, settings.name, 0))
    this.host = settings.links.addHost(settings.name, this.node)
    this.#plan = settings.plan
    this.plans.add(settings.plan)
    this.#settings = settings
  }

  /** The plan in force, or with which it will start. */
  get plan(): Plan {
    return this.#plan
  }

  /** Whether it reads its journal, serves or tries to recover. */
  get isRunning(): boolean {
    return this.server !== undefined
  }

  /** Whether one of its interfaces has this address. */
  ownsAddress(address: Ipv4): boolean {
    const text = `${textFromIpv4(address)}/`
    return this.#settings.interfaces.some((one) =>
      one.addresses.some((own) => own.startsWith(text)),
    )
  }

  /** The row of an address as it is kept now, with its times by the lease clock of this server. */
  keptRow(key: Key): Lease<Key> | undefined {
    if (this.database === undefined) return this.disk.durableRowOf(key)
    const row = this.database.row(key)
    const ahead = (this.server?.now() ?? 0) - this.database.now()
    return row && moved(row.lease, ahead)
  }

  /** Calls `listener` with every event of every life. */
  onEvent(listener: ServerListener): void {
    this.#listeners.push(listener)
  }

  /** Calls `listener` with every reply of every life, at the moment when it is sent. */
  onReply(listener: (reply: Reply4) => void): void {
    this.#replyListeners.push(listener)
  }

  /** The same of DHCPv6. */
  onReply6(listener: (reply: Reply6) => void): void {
    this.#replyListeners6.push(listener)
  }

  /**
   * Begins a life: boots the node when it is down and starts a Server on its disk. `isRestored`: it
   * is told that the disk may be an older one.
   */
  start(given?: Plan, isRestored = false): void {
    const configuration = given === undefined ? this.#settings.configuration?.() : undefined
    const plan = given ?? configuration?.plan ?? this.#plan
    this.plans.add(plan)
    if (this.server !== undefined) throw new Error(`${this.name} runs already`)
    this.#plan = plan
    this.#powerOn()
    const own = this.#openPorts(plan, isRestored)
    const ports = this.#settings.ports?.(own, this) ?? own
    const server: Server = new Server(plan, ports, {
      serverPort: SERVER_PORT,
      clientPort: CLIENT_PORT,
      configuration,
      onEvent: (event) => this.#tell(server, event),
    })
    this.server = server
    server.configuration?.watch(() => {
      this.#plan = server.plan
      this.plans.add(server.plan)
    })
    server.start()
  }

  /** The host dies at once: what was not durable is gone, and nobody tells its partners. */
  crash(): void {
    this.server = undefined
    this.#settings.links.powerOff(this.host)
    this.node.crash()
  }

  /** The process dies at once (SIGKILL); the kernel closes its connections. */
  kill(): void {
    this.server = undefined
    this.host.isFrozen = false
    this.node.crash('kill')
  }

  /** The process stands still (SIGSTOP): its kernel goes on taking what comes. */
  pause(): void {
    this.node.pause()
  }

  /** The whole machine stands still, its kernel and clocks too, as a virtual machine may. */
  freeze(): void {
    this.host.isFrozen = true
    this.node.freeze()
  }

  /** Goes on after a pause or a freeze. */
  resume(): void {
    this.host.isFrozen = false
    this.node.resume()
    this.#settings.links.repeat()
  }

  /**
   * An orderly stop; `done` is called when the journal is closed. One that is paused stops when it
   * goes on.
   */
  stop(done: () => void = nothing): void {
    const { server } = this
    if (server === undefined) return done()
    const stopped = () => {
      if (this.server === server) this.#exit()
      done()
    }
    this.node.run(() => server.stop(stopped))
  }

  /** A new, empty disk, while it is down. */
  replaceDisk(): void {
    this.diskReplacedAt = this.node.world.now
    this.disk.replace()
  }

  /**
   * What its host once held is put back, while it is down; `onlyFiles`: but for what is noted
   * outside of the database, by which it is noticed.
   */
  restoreDisk(state: DiskState, onlyFiles = false): void {
    this.diskReplacedAt = this.node.world.now
    this.disk.restore(state, onlyFiles)
  }

  /** Another plan; one that is paused notices when it goes on. */
  reload(plan: Plan): void {
    this.plans.add(plan)
    this.#plan = plan
    const { server } = this
    if (server !== undefined) this.node.run(() => server.reload(plan))
  }

  /** An interface of this life is unplugged, of both families; and plugged in again. */
  unplug(name: string): void {
    this.datagrams?.down(name)
    this.datagrams6?.down(name)
  }

  plug(name: string): void {
    this.datagrams?.up(name)
    this.datagrams6?.up(name)
  }

  #powerOn(): void {
    this.host.isUp = true
    this.host.isFrozen = false
    this.node.boot()
    this.#settings.links.repeat()
  }

  /** The process has ended by itself. */
  #exit(): void {
    this.server = undefined
    this.node.crash('exit')
  }

  #openPorts(plan: Plan, isRestored: boolean): ServerPorts {
    const { interfaces, links } = this.#settings
    this.datagrams = plan.dhcp4 === undefined ? undefined : this.#datagrams4()
    this.datagrams6 = plan.dhcp6 === undefined ? undefined : this.#datagrams6()
    this.probe = new VirtualProbe(this.node, interfaces)
    const { database } = this
    const journal =
      database === undefined
        ? this.disk.journal(this.node)
        : new VirtualSharedJournal(database, this.path, this.node, this.name)
    this.link = plan.ha === undefined ? undefined : new VirtualLink(links, this.host, plan.ha)
    return {
      clock: this.node.clock(),
      draw: this.node.world.draw(`server/${this.name}`),
      datagrams: this.datagrams,
      datagrams6: this.datagrams6,
      serverId: this.serverId,
      journal: isRestored ? afterRestore(journal) : journal,
      log: this.log,
      link: this.link,
      probe: this.probe,
    }
  }

  #datagrams4(): VirtualDatagrams4 {
    const { interfaces, busyMax, unicast } = this.#settings
    return new VirtualDatagrams4(this.node, {
      interfaces,
      onReply: (reply) => {
        for (const listener of this.#replyListeners) listener(reply)
      },
      ...(busyMax === undefined ? {} : { busyMax }),
      ...(unicast === undefined ? {} : { unicast }),
    })
  }

  #datagrams6(): VirtualDatagrams6 {
    const { interfaces6 = [], busyMax } = this.#settings
    return new VirtualDatagrams6(this.node, {
      interfaces: interfaces6,
      onReply: (reply) => {
        for (const listener of this.#replyListeners6) listener(reply)
      },
      ...(busyMax === undefined ? {} : { busyMax }),
    })
  }

  #tell(server: Server, event: ServerEvent): void {
    // A former life may not speak any more.
    if (this.server !== undefined && this.server !== server) return
    const { world } = this.node
    if (world.tracing) world.note(this.name, `tells ${textOf(event)}`)
    for (const listener of this.#listeners) listener(this, event)
  }
}

function textOf(event: ServerEvent): string {
  switch (event.kind) {
    case 'lease':
      return `lease ${event.action} ${textFromKey(event.lease.address)}`
    case 'drop':
      return `drop ${event.reason}`
    case 'state':
      return `state ${event.state}`
    case 'ha-state':
      return `${event.from} > ${event.to}: ${event.why}`
    case 'conflict':
      return `conflict ${textFromKey(event.address)}`
    case 'other-server':
      return `other server ${event.server}`
    case 'name-conflict':
      return `the name ${event.name} is somebody else’s`
    case 'partner':
      return event.isConnected ? 'partner met' : `partner lost: ${event.why}`
    default:
      return event satisfies never
  }
}

function nothing(): void {}
