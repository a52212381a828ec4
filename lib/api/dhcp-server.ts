// A server to embed, as an object with events.

import { EventEmitter } from 'node:events'
import { textFromIpv4 } from '../address/ipv4.ts'
import { textFromIpv6 } from '../address/ipv6.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { type OrderResult, refused } from '../catalogue/order-result.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { Plan } from '../config/plan/plan.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import { type LeaseInfo, leaseInfoOf } from '../leases/lease-info.ts'
import { HooksRefused } from '../platform/hooks/module-hooks.ts'
import { type BoundPort, type Host, openHost } from '../platform/host.ts'
import type { Log } from '../ports/log.ts'
import type {
  LeaseAction,
  OtherServer,
  PartnerEvent,
  ServerEvent,
  ServerState,
} from '../server/events.ts'
import { prepareHooks } from '../server/hooks.ts'
import type { OperatorOrders, OrderAnswer } from '../server/pair/orders.ts'
import type { ServerPorts } from '../server/settings.ts'
import type { ServerStatus } from '../server/status.ts'
import type { Instant } from '../time/units.ts'

import { type Configuration, type LoadOptions, planOf } from './configuration.ts'

/**
 * The UDP port of an interface cannot be opened; `code` is the errno name, `EADDRINUSE` where it is
 * taken.
 */
export class PortError extends Error {
  override readonly name = 'PortError'
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

export interface ServerOptions extends LoadOptions {
  /** UDP port to listen on; 0 = any free one, told by `ports()`. Default 67. */
  readonly port?: number
  /** UDP port that clients without a relay listen on. Default 68. */
  readonly clientPort?: number
  /** The same of DHCPv6. Default 547 and 546. */
  readonly port6?: number
  readonly clientPort6?: number
  /** Where log lines go. Default: nowhere; events tell what matters. */
  readonly log?: Log
  /**
   * Parts of the world to replace, for instance the journal by one that fails when a test wants it.
   */
  readonly platform?: Partial<ServerPorts>
}

/**
 * What listeners are given, in the order of things. What a listener throws does not reach the
 * server: it is thrown again by itself, as an uncaught exception.
 */
export interface ServerEvents {
  /** A lease changed; told when the change is durable. */
  lease: [{ readonly action: LeaseAction; readonly lease: LeaseInfo }]
  /** A message was not answered; `reason` is a row of REASONS4, or of those of DHCPv6. */
  drop: [DropInfo]
  /** The server entered a state. */
  state: [ServerState]
  /** One of a pair entered a state of high availability. */
  'ha-state': [Omit<Extract<ServerEvent, { kind: 'ha-state' }>, 'kind'>]
  /** Both servers of a pair had given one address, to two clients; see HA_LEASE_CONFLICT. */
  conflict: [ConflictInfo]
  /** The name of a lease is somebody else’s in DNS; see DDNS_CONFLICT. */
  'name-conflict': [NameConflictInfo]
  /** Clients take what a DHCP server gives that is none of this configuration; once an hour. */
  'other-server': [OtherServer]
  /** The partner of a pair is met, or lost. */
  partner: [PartnerEvent]
}

export type DropInfo = DropOf<4, Reason4> | DropOf<6, Reason6>

export interface DropOf<Family, Reason> {
  readonly family: Family
  readonly reason: Reason
  readonly interface: string
  /** Source of the datagram, `192.0.2.7`. */
  readonly address: string
  /** `02:00:00:00:00:01`; '' in DHCPv6, and when the message could not be decoded so far. */
  readonly hwAddress: string
  /** The DUID of a client of DHCPv6, in the same form; '' where there is none. */
  readonly duid: string
  /** One of MESSAGE_TYPE4 or of those of DHCPv6, 0 when unknown. */
  readonly type: number
}

export interface ConflictInfo {
  readonly address: string
  readonly here: LeaseInfo
  readonly there: LeaseInfo
  readonly kept: LeaseInfo
}

export interface NameConflictInfo {
  readonly family: 4 | 6
  readonly address: string
  readonly name: string
  /** In hexadecimal (RFC 4701): of the client, and of whose the name is; '' = it has none. */
  readonly dhcid: string
  readonly holder: string
}

/**
 * Makes a server from a Kea configuration: an object, or the path of a file. Nothing is opened
 * before `start`. Throws ConfigError with every problem at once, a bad reservation or option
 * included, also where the file cannot be read.
 */
export function createServer(config: Configuration, options: ServerOptions = {}): DhcpServer {
  return new DhcpServer(planOf(config, options), options)
}

/** Made by createServer. May be started again after it has stopped. */
export class DhcpServer extends EventEmitter<ServerEvents> {
  readonly #options: ServerOptions
  #plan: Plan
  #host: Host | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #onServing: ((state: ServerState) => void) | undefined

  constructor(plan: Plan, options: ServerOptions) {
    super()
    this.#plan = plan
    this.#options = options
  }

  /**
   * Opens journal and sockets; resolves when clients are answered. An interface that is not there
   * yet does not keep it waiting: `status().interfaces` tells. Rejects with JournalRefused when the
   * journal cannot be used, for instance because another server does; with PortError when the port
   * cannot be opened on an interface that is there.
   */
  start(): Promise<void> {
    const isRunning = this.#host !== undefined && this.#host.server.state !== 'stopped'
    if (isRunning || this.#starting !== undefined)
      return Promise.reject(new Error('the server was started already'))
    this.#starting = this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /**
   * Stops in good order: replies under way leave, the journal is closed. A server that is being
   * started is stopped when that is done; one that is not started stays so.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined
    })
    return this.#stopping
  }

  /**
   * Puts another configuration in force; leases stay. What needs a restart (`lease-database`) is
   * logged. Throws ConfigError, and changes nothing, when the configuration is bad. It is in force
   * when the call returns, unless it names hooks: then when these are set up, and the promise
   * rejects with HooksRefused where they cannot be.
   */
  reload(config: Configuration): Promise<void> {
    const { hooks, server } = this.#started()
    const plan = planOf(config, this.#options)
    return new Promise((resolve, reject) => {
      prepareHooks(hooks, plan, true, (trouble) => {
        if (trouble !== '') return reject(new HooksRefused(trouble))
        this.#plan = plan
        server.reload(plan)
        resolve()
      })
    })
  }

  /**
   * State, interfaces, subnets with their counts, statistics; after a stop, as it was at the end.
   */
  status(): ServerStatus {
    return this.#started().server.status()
  }

  /** The UDP ports really bound, one for each interface: of DHCPv4, then of DHCPv6. */
  ports(): readonly BoundPort[] {
    return this.#started().boundPorts()
  }

  /** All rows by address, whatever their state: of DHCPv4, then of DHCPv6. */
  leases(): LeaseInfo[] {
    const { all } = this.#started().server.tables
    return all.flatMap((table) => table.walk('leases').next(table.size).map(leaseInfoOf))
  }

  /**
   * The partner is off, and no client has a lease of it that this server does not know: from now on
   * every address is given from here. The partner must not serve before it has met this server
   * again. Orders resolve when they are carried out and stored, or refused; one of a server without
   * a pair is refused.
   */
  confirmPartnerOff(): Promise<OrderResult> {
    return this.#order((orders, answer) => orders.confirmPartnerOff(answer))
  }

  /** A server that has never met its partner is to serve without it. */
  serveAlone(): Promise<OrderResult> {
    return this.#order((orders, answer) => orders.serveAlone(answer))
  }

  /**
   * Addresses that are kept out of use because a database was lost, or its clock jumped, may be
   * given again.
   */
  endDoubt(): Promise<OrderResult> {
    return new Promise((resolve) => this.#started().server.endDoubt(resolve))
  }

  /** No client has a lease that lasts longer than the leases and subnets of this server show. */
  forgetLifetime(): Promise<OrderResult> {
    return this.#order((orders, answer) => orders.forgetLifetime(answer))
  }

  /** The partner is to be worked on: it hands everything over to this server. */
  startMaintenance(): Promise<OrderResult> {
    return this.#order((orders, answer) => orders.startMaintenance(answer))
  }

  /** The work on the partner is done. */
  cancelMaintenance(): Promise<OrderResult> {
    return this.#order((orders, answer) => orders.cancelMaintenance(answer))
  }

  /** Ends a pause that `state-machine` of the configuration asks for. */
  continueHa(): Promise<OrderResult> {
    return this.#order((orders, answer) => orders.continue(answer))
  }

  /** Sends the state machine back to `waiting`; rights stay as they are. */
  resetHa(): Promise<OrderResult> {
    return this.#order((orders, answer) => orders.reset(answer))
  }

  /** The lease clock: `lease.end - server.now()` is what is left of a lease, milliseconds. */
  now(): Instant {
    return this.#started().server.now()
  }

  async #start(): Promise<void> {
    const { port, clientPort, port6, clientPort6, platform } = this.#options
    const { log = platform?.log ?? SILENT } = this.#options
    const host = await openHost(this.#plan, {
      ...{ serverPort: port, clientPort, serverPort6: port6, clientPort6 },
      log,
      ports: platform,
      onEvent: (event) => this.#tell(event),
    })
    this.#host = host
    await new Promise<void>((resolve, reject) => {
      this.#onServing = (state) => {
        if (state === 'serving') resolve()
        else if (state === 'stopped') reject(new Error('the journal could not be read to its end'))
      }
      host.server.start()
    }).finally(() => {
      this.#onServing = undefined
    })
    await this.#refuseTakenPort(host)
  }

  /** Whoever embeds a server wants it to be heard, or to know that it is not. */
  async #refuseTakenPort({ server }: Host): Promise<void> {
    const refused = server.status().interfaces.find((one) => one.refused !== undefined)
    if (refused === undefined) return
    await new Promise<void>((resolve) => server.stop(resolve))
    throw new PortError(`${refused.name}: ${refused.trouble}`, refused.refused!)
  }

  async #stop(): Promise<void> {
    // Whoever called start() is told how it went.
    await this.#starting?.catch(() => {})
    const host = this.#host
    if (host !== undefined) await new Promise<void>((resolve) => host.server.stop(resolve))
  }

  #order(give: (orders: OperatorOrders, answer: OrderAnswer) => void): Promise<OrderResult> {
    const { orders } = this.#started().server.pairing
    if (orders === undefined) return Promise.resolve(refused('this server is not one of a pair'))
    return new Promise((resolve) => give(orders, resolve))
  }

  #started(): Host {
    if (this.#host === undefined) throw new Error('the server was not started')
    return this.#host
  }

  #tell(event: ServerEvent): void {
    try {
      this.#emit(event)
    } catch (error) {
      // A listener's fault: not to be met by the server in the middle of a batch.
      queueMicrotask(() => {
        throw error
      })
    }
    if (event.kind === 'state') this.#onServing?.(event.state)
  }

  #emit(event: ServerEvent): void {
    switch (event.kind) {
      case 'lease':
        this.emit('lease', { action: event.action, lease: leaseInfoOf(event.lease) })
        break
      case 'drop':
        this.emit('drop', dropInfoOf(event))
        break
      case 'state':
        this.emit('state', event.state)
        break
      case 'ha-state': {
        const { kind: _, ...change } = event
        this.emit('ha-state', change)
        break
      }
      case 'conflict': {
        const { address, here, there, kept } = event
        this.emit('conflict', {
          address: textFromKey(address),
          here: leaseInfoOf(here),
          there: leaseInfoOf(there),
          kept: leaseInfoOf(kept),
        })
        break
      }
      case 'other-server': {
        const { kind: _, ...other } = event
        this.emit('other-server', other)
        break
      }
      case 'name-conflict': {
        const { address, dhcid, holder, kind: _, ...rest } = event
        const hex = { dhcid: hexFromOctets(dhcid), holder: hexFromOctets(holder) }
        this.emit('name-conflict', { ...rest, address: textFromKey(address), ...hex })
        break
      }
      case 'partner': {
        const { kind: _, ...change } = event
        this.emit('partner', change)
        break
      }
      default:
        event satisfies never
    }
  }
}

const SILENT: Log = { enabled: () => false, write: () => {} }

function dropInfoOf(event: Extract<ServerEvent, { kind: 'drop' }>): DropInfo {
  const { kind: _, ...drop } = event
  if (drop.family === 4) {
    const { hwAddress, address } = drop
    const said = { address: textFromIpv4(address), hwAddress: hexFromOctets(hwAddress, ':') }
    return { ...drop, ...said, duid: '' }
  }
  const { duid, address } = drop
  const said = { address: textFromIpv6(address), duid: hexFromOctets(duid, ':') }
  return { ...drop, ...said, hwAddress: '' }
}
