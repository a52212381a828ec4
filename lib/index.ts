// The public API of the package `whio`: a DHCP server to embed, and a simulated network to test with.
//
//   import { createServer } from 'whio'
//   const server = createServer({ Dhcp4: { ... } }, { port: 0 })
//   await server.start()

import { EventEmitter } from 'node:events'
import { type Loaded4, loadPlan4FromObject } from './config/load4.ts'
import type { Plan4 } from './config/plan4.ts'
import { formatProblem, type Problem } from './config/problem.ts'
import { type Lab, type LabSettings, createLab as labOfPlan } from './lab/lab.ts'
import type { Lease } from './leases/lease.ts'
import { loadConfigFile } from './platform/config-file.ts'
import { type Host, openHost } from './platform/host.ts'
import type { Log } from './ports/log.ts'
import type { LeaseAction, ServerEvent, ServerState } from './server/events.ts'
import type { ServerPorts } from './server/server.ts'
import type { ServerStatus } from './server/status.ts'

export { ipv4FromText, textFromIpv4 } from './address/ipv4.ts'
export { hexFromOctets, octetsFromHex } from './bytes/octets.ts'
export type { Plan4 } from './config/plan4.ts'
export type { Problem } from './config/problem.ts'
export type { Lab, LabSettings } from './lab/lab.ts'
export { LEASE_STATE, type Lease } from './leases/lease.ts'
export { JournalRefused } from './platform/journal-trouble.ts'
export type { Clock, Draw } from './ports/clock.ts'
export type { Datagrams4 } from './ports/datagrams4.ts'
export type { Journal } from './ports/journal.ts'
export type { Log, LogFields, LogLevel } from './ports/log.ts'
export type { LeaseAction, ServerEvent, ServerState } from './server/events.ts'
export type { ServerPorts } from './server/server.ts'
export type { ServerStatus, SubnetStatus } from './server/status.ts'
export type { Query4 } from './wire/message4.ts'
export { encodeMessage4 } from './wire/message4-builder.ts'
export { decode4, Message4 } from './wire/message4-reader.ts'
export { REASONS4, type Reason4 } from './wire/reasons.ts'

/** A configuration that cannot be served; `problems` has everything that is wrong, with its place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const errors = problems.filter(({ severity }) => severity === 'error')
    super(errors.map(formatProblem).join('\n'))
    this.problems = problems
  }
}

export interface ServerOptions {
  /** UDP port to listen on; 0 = any free one, told by `ports()`. Default 67. */
  readonly port?: number
  /** UDP port that clients without a relay listen on. Default 68. */
  readonly clientPort?: number
  /** Folder of the journal when the configuration names no place; without it, leases of such a
   * configuration are kept in memory only. */
  readonly stateDirectory?: string
  /** Where log lines go. Default: nowhere; events tell what matters. */
  readonly log?: Log
  /** Parts of the world to replace, for instance by the lab's. */
  readonly platform?: Partial<ServerPorts>
}

export interface ServerEvents {
  /** A lease changed; told when the change is durable. */
  lease: [{ action: LeaseAction; lease: Lease }]
  /** A message was not answered. */
  drop: [Omit<Extract<ServerEvent, { kind: 'drop' }>, 'kind'>]
  /** The server entered a state. */
  state: [ServerState]
}

/**
 * Makes a server from a Kea configuration: an object, or the path of a file. Nothing is opened before
 * `start`. Throws ConfigError with every problem at once; a bad reservation or option counts too.
 */
export function createServer(config: object | string, options: ServerOptions = {}): DhcpServer {
  return new DhcpServer(planOf(config, options.stateDirectory), options)
}

export class DhcpServer extends EventEmitter<ServerEvents> {
  readonly #plan: Plan4
  readonly #options: ServerOptions
  #host: Host | undefined
  #onServing: ((state: ServerState) => void) | undefined

  constructor(plan: Plan4, options: ServerOptions) {
    super()
    this.#plan = plan
    this.#options = options
  }

  /**
   * Opens journal and sockets; resolves when clients are answered. An interface that is not there yet
   * does not keep it waiting: `status().interfaces` tells. Rejects with JournalRefused when the journal
   * cannot be used.
   */
  async start(): Promise<void> {
    if (this.#host !== undefined) throw new Error('the server was started already')
    const { port, clientPort, platform, log = SILENT } = this.#options
    this.#host = await openHost(this.#plan, {
      serverPort: port,
      clientPort,
      log,
      ports: platform,
      onEvent: (event) => this.#tell(event),
    })
    const { server } = this.#host
    await new Promise<void>((resolve, reject) => {
      this.#onServing = (state) => {
        if (state === 'stopped') reject(new Error('the server stopped: its journal cannot be read'))
        else if (state !== 'starting') resolve()
      }
      server.start()
    })
    this.#onServing = undefined
  }

  /** Stops in good order: replies under way leave, the journal is closed. */
  stop(): Promise<void> {
    const host = this.#host
    return new Promise((resolve) => (host === undefined ? resolve() : host.server.stop(resolve)))
  }

  /** Reads a configuration anew; leases stay. Throws ConfigError and changes nothing when it is bad. */
  reload(config: object | string): void {
    this.#running().server.reload(planOf(config, this.#options.stateDirectory))
  }

  status(): ServerStatus {
    return this.#running().server.status()
  }

  /** The UDP ports really bound. */
  ports(): readonly { readonly interface: string; readonly port: number }[] {
    return this.#running().boundPorts()
  }

  /** All rows of the lease table by address, whatever their state. */
  leases(): Lease[] {
    const { table } = this.#running().server
    return table.page(0, table.size)
  }

  #running(): Host {
    if (this.#host === undefined) throw new Error('the server was not started')
    return this.#host
  }

  #tell(event: ServerEvent): void {
    switch (event.kind) {
      case 'lease':
        this.emit('lease', { action: event.action, lease: event.lease })
        break
      case 'drop': {
        const { kind: _, ...drop } = event
        this.emit('drop', drop)
        break
      }
      case 'state':
        this.emit('state', event.state)
        this.#onServing?.(event.state)
        break
      default:
        event satisfies never
    }
  }
}

/** Settings of a lab whose configuration is still to be read. */
export type ConfiguredLab = Omit<LabSettings, 'plan'> & { readonly config: object | string }

/**
 * A whole DHCP network inside this process, without sockets or waiting: the real server, simulated
 * clock, network and disk, virtual clients. Throws ConfigError.
 */
export function createLab(settings: ConfiguredLab): Lab {
  const { config, ...rest } = settings
  return labOfPlan({ ...rest, plan: planOf(config, undefined) })
}

/** Compiles a configuration without serving it: the plan, and every problem with its place. */
export function loadConfig(config: object | string, stateDirectory?: string): Loaded4 {
  const context = { stateDirectory }
  if (typeof config === 'string') return loadConfigFile(config, context)
  return loadPlan4FromObject(config, context)
}

function planOf(config: object | string, stateDirectory: string | undefined): Plan4 {
  const { plan, problems } = loadConfig(config, stateDirectory)
  const isBad = problems.some(({ severity }) => severity === 'error')
  if (plan === undefined || isBad) throw new ConfigError(problems)
  return plan
}

const SILENT: Log = { enabled: () => false, write: () => {} }
