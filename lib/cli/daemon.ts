// The daemon as its operator sees it: a process with a file, around a server. It reads the file
// again, stops, and says of itself what a server on its own does not know. Signals (serve.ts) and
// orders (control.ts) come here.

import { resolve } from 'node:path'
import { textFromPrefix6 } from '../address/prefix6.ts'
import type { OrderResult } from '../catalogue/order-result.ts'
import type { Loaded } from '../config/load.ts'
import type { CompileContext } from '../config/plan/compile-context.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { PrefixSource } from '../config/plan/plan6.ts'
import { formatProblem } from '../config/text/problem.ts'
import { daemonContext, loadConfigFiles, loadedHere } from '../platform/config-file.ts'
import { PrefixWatch, prefixesOfHost, standing } from '../platform/interface-prefixes.ts'
import { tell } from '../ports/log.ts'
import { isSameDatabase, isSamePair } from '../server/pair/pairing.ts'
import type { Server } from '../server/server.ts'
import type { ServerStatus } from '../server/status.ts'
import { errorsIn, type Served, servedOf, unreadableWords } from './load.ts'
import type { ReloadableLog } from './reloadable-log.ts'
import { type ConfigFile, nameOf } from './usage.ts'
import { version } from './version.ts'

/** What is told of a running server. */
export interface DaemonStatus extends ServerStatus {
  readonly process: {
    readonly pid: number
    readonly version: string
    /** UTC. */
    readonly since: string
  }
  readonly configuration: {
    /** Absolute. */
    readonly file: string
    /** When what is in force was read, UTC. */
    readonly read: string
    /** Why the last reload changed nothing, '' where it did or there was none. */
    readonly refused: string
    /** What of the file comes into force at the next start only. */
    readonly needsRestart: readonly string[]
  }
}

/** `why`: also what still needs a restart. */
export interface ReloadResult extends OrderResult {
  /** A line each, with its place. */
  readonly problems: readonly string[]
}

export class Daemon {
  readonly server: Server
  readonly #config: ConfigFile
  readonly #log: ReloadableLog
  /** Of the start: database and pair stay what they were. */
  readonly #plan: Plan
  /** What is in force. */
  #served: Served
  readonly #since = new Date().toISOString()
  #read = this.#since
  #refused = ''
  #needsRestart: readonly string[] = []
  #isStopping = false

  constructor(server: Server, served: Served, config: ConfigFile, log: ReloadableLog) {
    this.server = server
    this.#plan = served.plan
    this.#served = served
    this.#config = { ...config, file: resolve(config.file) }
    this.#log = log
  }

  /** Somebody has asked it to stop. */
  get isStopping(): boolean {
    return this.#isStopping
  }

  status(): DaemonStatus {
    return {
      process: { pid: process.pid, version: version(), since: this.#since },
      configuration: {
        file: this.#config.file,
        read: this.#read,
        refused: this.#refused,
        needsRestart: this.#needsRestart,
      },
      ...this.server.status(),
    }
  }

  /** `done` is called when replies under way have left and the journal is closed. */
  stop(done: () => void): void {
    this.#isStopping = true
    this.server.stop(done)
  }

  /** A file with problems that forbid serving changes nothing. Infos were told at the start. */
  reload(): ReloadResult {
    let loaded: Loaded
    try {
      loaded = loadConfigFiles(this.#config.files, this.#context())
    } catch (error) {
      return this.#refuse(unreadableWords(this.#config, error), [])
    }
    const result = this.#use(loaded)
    if (!result.allowed) return result
    this.#refused = ''
    this.#read = new Date().toISOString()
    return result
  }

  /** Looks after the prefixes of interfaces that subnets are named after. Not yet started. */
  prefixWatch(): PrefixWatch {
    return new PrefixWatch({
      sources: () => this.#sources(),
      look: prefixesOfHost,
      onMoved: (moved) => this.#follow(moved),
    })
  }

  /**
   * What was read last counts, with other prefixes: an edit of the file may be half done while the
   * provider hands out another prefix.
   */
  #follow(moved: readonly PrefixSource[]): void {
    for (const { interface: name, prefixes } of moved)
      tell(this.#log, 'DHCP6_PREFIX_MOVED', {
        interface: name,
        prefixes: prefixes.map(textFromPrefix6).join(', '),
      })
    const { moving } = this.#served
    if (moving !== undefined) this.#use(loadedHere(moving, this.#context()))
  }

  #sources(): readonly PrefixSource[] {
    return this.#served.plan.dhcp6?.prefixSources ?? []
  }

  #context(): CompileContext {
    const prefixesOf = standing(this.#sources(), prefixesOfHost())
    return { ...daemonContext(this.#config, this.#running()), prefixesOf }
  }

  #use(loaded: Loaded): ReloadResult {
    const { plan, problems } = loaded
    if (plan !== undefined) this.#log.replace(plan.loggers)
    const told = problems.filter(({ severity }) => severity !== 'info')
    for (const problem of told) {
      const id = problem.severity === 'error' ? 'DHCP4_CONFIG_ERROR' : 'DHCP4_CONFIG_NOTE'
      tell(this.#log, id, { problem: formatProblem(problem) })
    }
    const lines = told.map((problem) => `${problem.severity}: ${formatProblem(problem)}`)
    if (plan === undefined)
      return this.#refuse(`${nameOf(this.#config)} has ${errorsIn(loaded)}`, lines)
    return this.#accept(servedOf(loaded, plan), lines)
  }

  #accept(served: Served, problems: readonly string[]): ReloadResult {
    const { plan } = served
    this.#served = served
    this.#needsRestart = [
      ...(isSameDatabase(plan.database, this.#plan.database) ? [] : ['lease-database']),
      ...(plan.witnessFolder === this.#plan.witnessFolder ? [] : ['witness-folder']),
      ...(isSamePair(plan.ha, this.#plan.ha) ? [] : ['high-availability']),
    ]
    this.server.reload(plan)
    const why = this.#needsRestart.length === 0 ? '' : needsRestartWords(this.#needsRestart)
    return { allowed: true, why, problems }
  }

  #refuse(why: string, problems: readonly string[]): ReloadResult {
    this.#refused = why
    tell(this.#log, 'DHCP4_CONFIG_REFUSED', { file: nameOf(this.#config), trouble: why })
    return { allowed: false, why: `${why}: what was in force stays in force`, problems }
  }

  /** Who this server is, whatever its interfaces do. */
  #running() {
    const { ha } = this.#plan
    if (ha === undefined) return undefined
    const { name, url } = ha.thisServer
    return { name, host: url.host, port: url.port }
  }
}

/** `lease-database and high-availability need a restart`. */
export function needsRestartWords(keys: readonly string[]): string {
  return `${keys.join(' and ')} ${keys.length === 1 ? 'needs' : 'need'} a restart`
}
