// The lab: whole DHCP networks inside one process, without sockets, timers or waiting. The server
// is the real one; clock, network and disk are simulated, and virtual clients talk to it. For test
// suites:
//
//   const lab = createLab({ plan, clients: 3 })
//   lab.advance(60_000)
//   lab.client(0).address        // 192.0.2.10
//
// Everything follows from the seed, so what happened once happens again.

import { ipv4FromText } from '../address/ipv4.ts'
import { octetsFromHex } from '../bytes/octets.ts'
import type { LogLevel } from '../catalogue/row.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Lease, Lease6 } from '../leases/lease.ts'
import { type LeaseInfo, leaseInfoOf } from '../leases/lease-info.ts'
import { isShown } from '../leases/lifecycle.ts'
import type { ConfigStart } from '../server/configuration/in-force.ts'
import type { ServerPorts } from '../server/settings.ts'
import type { ServerStatus } from '../server/status.ts'
import type { Millis } from '../time/units.ts'
import type { Client4Settings } from './client4-settings.ts'
import type { DiskBehaviour } from './disk.ts'
import { Invariants } from './invariants.ts'
import { type LabClient6Settings, machineSettings6 } from './lab-clients6.ts'
import { LinkNet, type LinkNetSettings } from './link-net.ts'
import { type Link, Network, type NetworkFaults } from './network.ts'
import type { NodeSettings } from './node.ts'
import {
  checkClient6Settings,
  checkClientSettings,
  checkHostSettings,
  checkLabSettings,
  checkPlan,
} from './settings-check.ts'
import { SharedDatabase } from './shared-database.ts'
import { type Topology, topologyOf } from './topology.ts'
import { type Topology6, topologyOf6 } from './topology6.ts'
import { VirtualClient4 } from './virtual-client4.ts'
import { VirtualClient6 } from './virtual-client6.ts'
import { type HostSettings, VirtualHost } from './virtual-host.ts'
import { VirtualServer } from './virtual-server.ts'
import { World } from './world.ts'

type InOctets = 'hwAddress' | 'clientId' | 'requestedAddress'

export interface LabClientSettings extends Partial<Omit<Client4Settings, InOctets>> {
  /** `02:00:00:00:00:07`. Default: one that no other client has. */
  readonly hwAddress?: string
  /** Option 61 with its type byte, in hexadecimal: `01:02:00:00:00:00:07`. Default: none. */
  readonly clientId?: string
  /** `192.0.2.20`: option 50 in the first DISCOVER. Default: none. */
  readonly requestedAddress?: string
  /** The subnet, by id, on whose link the client is. Default: the first one. */
  readonly subnet?: number
  readonly name?: string
  readonly node?: NodeSettings
  /** False: the client is there but switched off. Default true. */
  readonly start?: boolean
}

export interface LabSettings {
  readonly plan: Plan
  /** How many clients, or what each of them is like. Default 0. */
  readonly clients?: number | readonly LabClientSettings[]
  /** The same of DHCPv6. Default 0. */
  readonly clients6?: number | readonly LabClient6Settings[]
  /** Decides everything that is left to chance. Default 1. */
  readonly seed?: number
  /** Default: nothing is lost, doubled or late. */
  readonly network?: Partial<NetworkFaults>
  readonly disk?: Partial<DiskBehaviour>
  /**
   * How many servers share the links; each has a disk of its own. Default 1, or one for each plan.
   */
  readonly servers?: number
  /**
   * A plan for each server, where they differ: those of a pair do in who they are. Default: `plan`.
   */
  readonly plans?: readonly Plan[]
  /** Where the plan of each server comes from, for who changes it by command. */
  readonly configurations?: readonly (() => ConfigStart)[]
  /** The servers keep their leases in one database. Default: each on its own disk. */
  readonly shared?: boolean
  /** What joins the servers of a pair, apart from the links to clients. */
  readonly links?: Partial<LinkNetSettings>
  /** Clock errors of the servers, in order. */
  readonly nodes?: readonly NodeSettings[]
  /** A server is busy up to this long before it takes what has arrived. Default 0. */
  readonly busyMax?: Millis
  /** Whether servers can send frames to hardware addresses, or must broadcast. Default true. */
  readonly unicast?: boolean
  /** Servers keep log lines of this level and above. Default info. */
  readonly logLevel?: LogLevel
  /** Replaces ports of the servers, to measure them or to spoil one. */
  readonly ports?: (own: ServerPorts, server: VirtualServer) => ServerPorts
  /** Keep a line of text for all that happens. Default false. */
  readonly trace?: boolean
}

/** Makes a lab whose servers and clients are switched on; time stands still until `advance`. */
export function createLab(settings: LabSettings): Lab {
  checkLabSettings(settings)
  return new Lab(settings)
}

export class Lab {
  readonly world: World
  readonly network: Network
  /** The cables between the servers of a pair. */
  readonly links: LinkNet
  readonly topology: Topology
  readonly topology6: Topology6
  /** That the servers share; undefined: each has a disk of its own. */
  readonly database: SharedDatabase | undefined
  readonly servers: readonly VirtualServer[]
  readonly clients: VirtualClient4[] = []
  readonly clients6: VirtualClient6[] = []
  /** Watches everything in the lab; its list of violations should stay empty. */
  readonly invariants: Invariants

  constructor(settings: LabSettings) {
    const { plan, plans = [], seed = 1, trace = false } = settings
    const { servers = Math.max(1, plans.length) } = settings
    this.world = new World({ seed, trace })
    this.network = new Network(this.world, settings.network)
    this.links = new LinkNet(this.world, settings.links)
    const { dhcp4, dhcp6 } = plan
    const nothing = { links: new Map(), interfaces: [], relays: [] }
    this.topology = dhcp4 === undefined ? nothing : topologyOf(dhcp4, this.network, servers)
    this.topology6 = dhcp6 === undefined ? nothing : topologyOf6(dhcp6, this.network, servers)
    this.database = settings.shared === true ? new SharedDatabase(this.world) : undefined
    this.invariants = new Invariants(this.world)
    this.servers = Array.from(
      { length: servers },
      (_, index) =>
        new VirtualServer(this.world, {
          name: nameOf(plans, index),
          plan: plans[index] ?? plan,
          interfaces: this.topology.interfaces[index] ?? [],
          interfaces6: this.topology6.interfaces[index] ?? [],
          links: this.links,
          ...definedOf(settings),
          database: this.database,
          node: settings.nodes?.[index] ?? {},
          configuration: settings.configurations?.[index],
        }),
    )
    for (const server of this.servers) {
      this.invariants.watchServer(server)
      server.start()
    }
    const { clients = 0, clients6 = 0 } = settings
    for (const one of listed(clients)) this.addClient(one)
    for (const one of listed(clients6)) this.addClient6(one)
  }

  /** True time since the lab was made. */
  get now(): Millis {
    return this.world.now
  }

  /** Whether every client that is switched on has an address, or all that it asks for. */
  get isSettled(): boolean {
    return [...this.clients, ...this.clients6].every(
      (client) => client.state === 'off' || client.isBound,
    )
  }

  /** Lets time pass, with all that happens in it. */
  advance(duration: Millis): void {
    this.world.advance(duration)
  }

  /** Lets time pass until all clients are bound; false when they are not within `limit`. */
  settle(limit: Millis = 120_000): boolean {
    return this.world.advanceUntil(() => this.isSettled, limit)
  }

  client(index: number): VirtualClient4 {
    const client = this.clients[index]
    if (client === undefined) throw new Error(`the lab has no client ${index}`)
    return client
  }

  /** Adds a client; its hardware address is 02:00:00:00:00:01 for the first one, and so on. */
  addClient(settings: LabClientSettings = {}): VirtualClient4 {
    checkClientSettings(settings)
    const { subnet, name, node, start = true, ...machine } = settings
    const number = this.clients.length + 1
    const link = this.link(subnet)
    const client = new VirtualClient4(
      this.world,
      name ?? `client${number - 1}`,
      link,
      machineSettings(machine, number),
      node,
    )
    this.clients.push(client)
    this.invariants.watchClient(client)
    if (start) client.start()
    return client
  }

  client6(index: number): VirtualClient6 {
    const client = this.clients6[index]
    if (client === undefined) throw new Error(`the lab has no client ${index} of DHCPv6`)
    return client
  }

  /** Adds a client of DHCPv6; the first one is 02:06:00:00:00:01, and so on. */
  addClient6(settings: LabClient6Settings = {}): VirtualClient6 {
    checkClient6Settings(settings)
    const { subnet, name, node, start = true, ...machine } = settings
    const number = this.clients6.length + 1
    const own = machineSettings6(machine, number)
    const label = name ?? `client6-${number - 1}`
    const client = new VirtualClient6(this.world, label, this.link6(subnet), own, node)
    this.clients6.push(client)
    this.invariants.watchClient6(client)
    if (start) client.start()
    return client
  }

  /** Adds a host with an address that no server gave it. */
  addHost(settings: HostSettings): VirtualHost {
    checkHostSettings(settings)
    return new VirtualHost(this.link(settings.subnet), settings)
  }

  /** The link of a subnet, by id; without one, of the first subnet. */
  link(subnetId?: number): Link {
    return linkOf(this.topology.links, subnetId)
  }

  /** The same of a subnet of DHCPv6. */
  link6(subnetId?: number): Link {
    return linkOf(this.topology6.links, subnetId)
  }

  server(index = 0): VirtualServer {
    const server = this.servers[index]
    if (server === undefined) throw new Error(`the lab has no server ${index}`)
    return server
  }

  /** The host of a server dies at once. */
  crash(index = 0): void {
    this.server(index).crash()
  }

  /** The process of a server dies at once (SIGKILL), its host lives. */
  kill(index = 0): void {
    this.server(index).kill()
  }

  /** A server stands still until `resume`. */
  pause(index = 0): void {
    this.server(index).pause()
  }

  resume(index = 0): void {
    this.server(index).resume()
  }

  /** Starts a server that is down. */
  start(index = 0, plan?: Plan): void {
    this.server(index).start(plan)
  }

  /**
   * Cuts a server off from all clients and relays; their datagrams get lost, in both directions.
   */
  cutClients(index: number): void {
    const { name } = this.server(index)
    this.network.cut(name, '*')
    this.network.cut('*', name)
  }

  healClients(index: number): void {
    const { name } = this.server(index)
    this.network.heal(name, '*')
    this.network.heal('*', name)
  }

  /** A new, empty disk for a server that is down. */
  replaceDisk(index = 0): void {
    this.server(index).replaceDisk()
  }

  /**
   * It comes back on its disk, crashing first when it runs; with another plan where one is given.
   */
  restart(index = 0, plan?: Plan): void {
    const server = this.server(index)
    server.crash()
    server.start(plan)
  }

  /** Stops a server in good order: what is under way still gets done. */
  stop(index = 0, done?: () => void): void {
    this.server(index).stop(done)
  }

  /** Puts a new plan in force while the server runs. */
  reload(plan: Plan, index = 0): void {
    checkPlan(plan)
    this.server(index).reload(plan)
  }

  /**
   * The leases in a server's journal by address, whatever their state; those on its disk when it is
   * down.
   */
  leases(index = 0): LeaseInfo[] {
    return this.rows(index).filter(isShown).map(leaseInfoOf)
  }

  /** The same as the records of the server, rows that are kept for their counters included. */
  rows(index = 0): Lease[] {
    const { rows } = this.server(index).disk.load()
    return [...rows.values()].sort((one, other) => one.address - other.address)
  }

  /** The rows of DHCPv6, in the order of their keys. */
  rows6(index = 0): Lease6[] {
    const { rows6 } = this.server(index).disk.load()
    return [...rows6.values()].sort((one, other) => (one.address < other.address ? -1 : 1))
  }

  /** What a server says of itself; undefined while it is down. */
  status(index = 0): ServerStatus | undefined {
    return this.server(index).server?.status()
  }

  /** All that happened, a line each; needs the setting `trace`. */
  trace(): string {
    return this.world.trace()
  }
}

function listed<S extends object>(clients: number | readonly S[]): readonly (S | undefined)[] {
  return typeof clients === 'number' ? Array.from({ length: clients }, () => undefined) : clients
}

function linkOf(links: ReadonlyMap<number, Link>, subnetId: number | undefined): Link {
  const link = subnetId === undefined ? links.values().next().value : links.get(subnetId)
  if (link === undefined) throw new Error(`the plan has no subnet ${subnetId ?? ''}`)
  return link
}

/** As it is called in its pair, unless another one before it believes to be the same. */
function nameOf(plans: readonly Plan[], index: number): string {
  const names = plans.map((plan) => plan.ha?.thisServer.name)
  const name = names[index]
  return name === undefined || names.indexOf(name) < index ? `server${index}` : name
}

/**
 * What is text for people is octets and numbers in the client. The `number`th gets
 * 02:00:00:00:00:01 and so on.
 */
function machineSettings(
  { hwAddress, clientId, requestedAddress, ...rest }: LabClientSettings,
  number: number,
): Partial<Client4Settings> {
  const own = `\x02\x00\x00\x00${String.fromCharCode(number >> 8, number & 255)}`
  return {
    hwAddress: hwAddress === undefined ? own : octetsFromHex(hwAddress)!,
    clientId: octetsFromHex(clientId ?? '')!,
    requestedAddress: requestedAddress === undefined ? 0 : ipv4FromText(requestedAddress)!,
    ...rest,
  }
}

/** Settings of servers that were given; absent ones must stay absent. */
function definedOf({ disk, busyMax, unicast, logLevel, ports }: LabSettings) {
  return {
    ...(disk === undefined ? {} : { disk }),
    ...(busyMax === undefined ? {} : { busyMax }),
    ...(unicast === undefined ? {} : { unicast }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(ports === undefined ? {} : { ports }),
  }
}
