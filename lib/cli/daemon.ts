// The daemon as its operator sees it: a process with a file, around a server. It reads the file
// again, stops, and says of itself what a server on its own does not know. Signals (serve.ts) and
// orders (control.ts) come here.

import { textFromPrefix6 } from '../address/prefix6.ts'
import type { OrderResult } from '../catalogue/order-result.ts'
import type { PrefixSource } from '../config/plan/plan6.ts'
import { formatProblem } from '../config/text/problem.ts'
import { PrefixWatch, prefixesOfHost } from '../platform/interface-prefixes.ts'
import { type Log, tell } from '../ports/log.ts'
import type { Configuration } from '../server/configuration/configuration.ts'
import { goneWords } from '../server/configuration/results.ts'
import type { Author, ConfigurationStatus } from '../server/configuration/running-configuration.ts'
import type { Server } from '../server/server.ts'
import type { ServerStatus } from '../server/status.ts'
import { version } from './version.ts'

/** What is told of a running server. */
export interface DaemonStatus extends ServerStatus {
  readonly process: {
    readonly pid: number
    readonly version: string
    /** UTC. */
    readonly since: string
  }
  readonly configuration: ConfigurationStatus & {
    /** The first of the files. */
    readonly file: string
  }
}

/** `why`: also what still needs a restart, and how many edits by commands are gone. */
export interface ReloadResult extends OrderResult {
  /** A line each, with its place. */
  readonly problems: readonly string[]
}

export class Daemon {
  readonly server: Server
  readonly #configuration: Configuration
  readonly #log: Log
  readonly #since = new Date().toISOString()
  #isStopping = false

  constructor(server: Server, configuration: Configuration, log: Log) {
    this.server = server
    this.#configuration = configuration
    this.#log = log
  }

  /** Somebody has asked it to stop. */
  get isStopping(): boolean {
    return this.#isStopping
  }

  status(): DaemonStatus {
    const { status } = this.#configuration
    const [file = ''] = status.files
    return {
      process: { pid: process.pid, version: version(), since: this.#since },
      configuration: { ...status, file },
      ...this.server.status(),
    }
  }

  /** `done` is called when replies under way have left and the journal is closed. */
  stop(done: () => void): void {
    this.#isStopping = true
    this.server.stop(done)
  }

  /** A file with problems that forbid serving changes nothing. Infos were told at the start. */
  reload(author: Author, answer: (result: ReloadResult) => void): void {
    this.#configuration.reload(author, ({ allowed, why: reason, problems, dropped }) => {
      const gone = dropped === 0 ? '' : goneWords(dropped)
      const why = [reason, gone].filter((words) => words !== '').join('; ')
      const lines = problems.map((problem) => `${problem.severity}: ${formatProblem(problem)}`)
      answer({ allowed, why, problems: lines })
    })
  }

  /** Looks after the prefixes of interfaces that subnets are named after. Not yet started. */
  prefixWatch(): PrefixWatch {
    return new PrefixWatch({
      sources: () => this.#configuration.plan.dhcp6?.prefixSources ?? [],
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
    this.#configuration.compileAnew()
  }
}
