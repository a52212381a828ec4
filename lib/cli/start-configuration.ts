// The configuration that a server starts with: what its files say, and what configuration databases
// say on top of them. One that is away is tried again as its keys say; what it said before is as
// good, and where there is nothing of it nothing is served, unless the keys ask for it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ConfigPart } from '../config/backend/part.ts'
import { Compiler } from '../config/compile/compile.ts'
import { formatProblem } from '../config/text/problem.ts'
import type { ConfigDatabase } from '../platform/config-databases/config-database.ts'
import { ConfigDatabases } from '../platform/config-databases/config-databases.ts'
import {
  daemonContext,
  type LoadedFiles,
  leaseDatabaseOfFiles,
  loadConfigFiles,
} from '../platform/config-file.ts'
import type { SystemLogOptions } from '../platform/log/log.ts'
import { tell } from '../ports/log.ts'
import { readOrTell, type Served, servedOrTell } from './load.ts'
import { ReloadableLog } from './reloadable-log.ts'
import type { ConfigFile } from './usage.ts'

export interface Start {
  readonly served: Served
  readonly log: ReloadableLog
  readonly databases: ConfigDatabases
  /** What is in force of them. */
  readonly parts: readonly ConfigPart[]
}

/** Undefined where nothing can be served: stderr says why. */
export async function startWith(
  config: ConfigFile,
  logOptions?: SystemLogOptions,
): Promise<Start | undefined> {
  const compiler = new Compiler()
  const file = readOrTell(config, compiler)
  if (file === undefined) return undefined
  const place = file.plan?.database ?? leaseDatabaseOfFiles(config.files)
  if (file.configDatabases.length > 0 && place !== undefined) {
    const log = new ReloadableLog(file.plan?.loggers ?? [], logOptions)
    const databases = new ConfigDatabases(place, log)
    const start = await new Starting(config, compiler, log, databases).from(file)
    if (start === undefined) databases.close()
    if (start === undefined) await log.close()
    return start
  }
  const served = servedOrTell(config, file, compiler, true)
  if (served === undefined) return undefined
  const log = new ReloadableLog(served.plan.loggers, logOptions)
  return { served, log, databases: new ConfigDatabases(served.plan.database, log), parts: [] }
}

class Starting {
  readonly #config: ConfigFile
  readonly #compiler: Compiler
  readonly #log: ReloadableLog
  readonly #databases: ConfigDatabases

  constructor(
    config: ConfigFile,
    compiler: Compiler,
    log: ReloadableLog,
    databases: ConfigDatabases,
  ) {
    this.#config = config
    this.#compiler = compiler
    this.#log = log
    this.#databases = databases
  }

  async from(file: LoadedFiles): Promise<Start | undefined> {
    const asked = await this.#databases.ask(file.configDatabases)
    for (const one of asked)
      if (one.part === undefined && !(await this.#isServedWithout(one))) return undefined
    const read = this.#loaded(file, asked)
    if (read.loaded.plan !== undefined) return this.#served(read)
    return this.#served(this.#withKept(file, asked, read))
  }

  /** Whether something can be served though it is away. */
  async #isServedWithout(database: ConfigDatabase): Promise<boolean> {
    const { name, plan } = database
    const { onFail, tries, wait, onStartup } = plan.connection.reconnect
    for (let left = onStartup ? tries : 0; ; left--) {
      const fields = { database: name, trouble: database.trouble }
      if (this.#databases.restore(database)) {
        tell(this.#log, 'CONFIG_DATABASE_KEPT', { ...fields, read: database.read })
        return true
      }
      if (onStartup && onFail !== 'stop-retry-exit') {
        tell(this.#log, 'CONFIG_DATABASE_FILE_ONLY', fields)
        return true
      }
      if (left <= 0) break
      tell(this.#log, 'CONFIG_DATABASE_AWAITED', { ...fields, tries: left })
      await sleep(wait)
      await this.#databases.ask([plan])
      if (database.part !== undefined) return true
    }
    const why = `${name} cannot be read: ${database.trouble}`
    process.stderr.write(`whio: ${why}; nothing is kept of it, so nothing can be served\n`)
    return false
  }

  #loaded(file: LoadedFiles, asked: readonly ConfigDatabase[]) {
    const parts = asked.flatMap(({ part }) => part ?? [])
    return this.#loadedWith(file, parts)
  }

  #loadedWith({ texts: kept }: LoadedFiles, parts: readonly ConfigPart[]) {
    const { files } = this.#config
    const context = daemonContext(this.#config)
    const loaded = loadConfigFiles(files, context, { compiler: this.#compiler }, { kept, parts })
    return { loaded, parts }
  }

  /** What they say now cannot be served, and what they said before perhaps can. */
  #withKept(
    file: LoadedFiles,
    asked: readonly ConfigDatabase[],
    read: { readonly loaded: LoadedFiles; readonly parts: readonly ConfigPart[] },
  ) {
    const restored = asked.filter((one) => !one.isKept && this.#databases.restore(one))
    if (restored.length === 0) return read
    const kept = this.#loadedWith(
      file,
      asked.flatMap(({ accepted, part }) => accepted ?? part ?? []),
    )
    if (kept.loaded.plan === undefined) return read
    const errors = read.loaded.problems.filter(({ severity }) => severity === 'error')
    for (const problem of errors)
      process.stderr.write(`${problem.severity}: ${formatProblem(problem)}\n`)
    const problem = errors[0] === undefined ? 'it cannot be served' : formatProblem(errors[0])
    tell(this.#log, 'CONFIG_DATABASE_REFUSED', { problem })
    this.#databases.refuse(problem)
    return kept
  }

  #served({
    loaded,
    parts,
  }: {
    readonly loaded: LoadedFiles
    readonly parts: readonly ConfigPart[]
  }): Start | undefined {
    const served = servedOrTell(this.#config, loaded, this.#compiler, true)
    if (served === undefined) return undefined
    this.#log.replace(served.plan.loggers)
    return { served, log: this.#log, databases: this.#databases, parts }
  }
}
