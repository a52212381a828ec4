// The configuration databases of a server: asked at its start and at a reload, looked at again and
// again between. What they say counts when it has come into force as part of the configuration;
// until then, and where they are away, what they said before does.

import type { ConfigPart } from '../../config/backend/part.ts'
import { isSame } from '../../config/difference.ts'
import type { ConfigDatabasePlan } from '../../config/plan/config-databases-plan.ts'
import type { LeaseDatabasePlan } from '../../config/plan/plan.ts'
import type { ConfigDatabaseStatus } from '../../ports/config-source.ts'
import { type Log, tell } from '../../ports/log.ts'
import { wordsOf } from '../system-error.ts'
import { ConfigDatabase } from './config-database.ts'
import { keep, keptFile, keptOf } from './kept.ts'

/** From one try to the next where the configuration names no time: milliseconds. */
const RETRY_FIRST = 1000
const RETRY_MAX = 30_000

export class ConfigDatabases {
  readonly #file: string | undefined
  readonly #log: Log
  /** Those in force, and those of a configuration that is not yet. */
  readonly #databases: ConfigDatabase[] = []
  #inForce: readonly ConfigDatabase[] = []
  #watch: (() => void) | undefined
  readonly #timers = new Map<ConfigDatabase, NodeJS.Timeout>()
  readonly #failures = new Map<ConfigDatabase, number>()
  #keeping: Promise<unknown> = Promise.resolve()

  constructor({ path, persist }: LeaseDatabasePlan, log: Log) {
    this.#file = keptFile(path, persist)
    this.#log = log
  }

  /** Looks at these, in their order. Never rejects. */
  async ask(plans: readonly ConfigDatabasePlan[]): Promise<readonly ConfigDatabase[]> {
    const asked = plans.map((plan) => this.#of(plan))
    await Promise.all(asked.map((one) => this.#look(one)))
    return asked
  }

  /** Takes what was kept of an earlier time; whether there is something. */
  restore(database: ConfigDatabase): boolean {
    const kept = keptOf(this.#file, database.plan)
    if (kept === undefined) return false
    database.restore(kept.part, kept.read)
    return true
  }

  /** What they say cannot be in force. */
  refuse(why: string): void {
    for (const one of this.#databases) if (one.part !== one.accepted) one.refused = why
  }

  /** What these say is in force from now on; others are not looked at any more. */
  accept(plans: readonly ConfigDatabasePlan[], parts: readonly ConfigPart[]): void {
    this.#inForce = plans.map((plan) => this.#of(plan))
    for (const one of this.#databases.splice(0)) if (!this.#inForce.includes(one)) this.#end(one)
    this.#databases.push(...this.#inForce)
    const news = this.#inForce.filter((one) => {
      const part = parts.find(({ family }) => family === one.plan.family)
      const isNew = part !== one.accepted
      one.accepted = part
      if (part === one.part) one.refused = ''
      if (!this.#timers.has(one)) this.#later(one)
      return isNew
    })
    for (const one of news) this.#tellInForce(one)
    if (news.length > 0) this.#keep()
  }

  get status(): readonly ConfigDatabaseStatus[] {
    return this.#inForce.map(({ status }) => status)
  }

  /** `onChanged`: one of them says something else than what is in force. */
  watch(onChanged: () => void): void {
    this.#watch = onChanged
    for (const one of this.#inForce) this.#later(one)
  }

  close(): void {
    this.#watch = undefined
    this.#inForce = []
    for (const one of this.#databases.splice(0)) this.#end(one)
  }

  #of(plan: ConfigDatabasePlan): ConfigDatabase {
    const known = this.#databases.find((one) => isSame(one.plan, plan))
    if (known !== undefined) return known
    const database = new ConfigDatabase(plan)
    this.#databases.push(database)
    return database
  }

  #end(database: ConfigDatabase): void {
    clearTimeout(this.#timers.get(database))
    this.#timers.delete(database)
    this.#failures.delete(database)
    database.close()
  }

  async #look(one: ConfigDatabase): Promise<boolean> {
    const before = one.trouble
    const isAnother = await one.look()
    const { name: database, trouble } = one
    const failures = trouble === '' ? 0 : (this.#failures.get(one) ?? 0) + 1
    this.#failures.set(one, failures)
    if (trouble !== '' && trouble !== before && one.accepted !== undefined)
      tell(this.#log, 'CONFIG_DATABASE_LOST', { database, trouble })
    if (trouble === '' && before !== '') tell(this.#log, 'CONFIG_DATABASE_RECOVERED', { database })
    return isAnother
  }

  #later(one: ConfigDatabase): void {
    clearTimeout(this.#timers.get(one))
    this.#timers.delete(one)
    const wait = this.#waitOf(one, this.#failures.get(one))
    if (this.#watch === undefined || wait === 0) return
    this.#timers.set(
      one,
      setTimeout(() => void this.#round(one), wait),
    )
  }

  /** 0: it is not looked at by itself. */
  #waitOf({ plan, trouble, isKept, accepted }: ConfigDatabase, failures = 0): number {
    const isOwed = isKept || accepted === undefined
    if (trouble === '' && !isOwed) return plan.refresh
    const { wait } = plan.connection.reconnect
    const retry = wait > 0 ? wait : Math.min(RETRY_MAX, RETRY_FIRST * 2 ** failures)
    return plan.refresh > 0 ? Math.min(plan.refresh, retry) : retry
  }

  async #round(one: ConfigDatabase): Promise<void> {
    const isAnother = await this.#look(one)
    if (!this.#inForce.includes(one)) return
    if (isAnother) this.#watch?.()
    this.#later(one)
  }

  #tellInForce({ name: database, accepted }: ConfigDatabase): void {
    if (accepted === undefined) return
    const { subnets, networks, classes, globals } = accepted
    const counts = { subnets: subnets.length, networks: networks.length, classes: classes.length }
    const all = { database, ...counts, globals: Object.keys(globals).length }
    tell(this.#log, 'CONFIG_DATABASE_IN_FORCE', all)
  }

  #keep(): void {
    const file = this.#file
    if (file === undefined) return
    this.#keeping = this.#keeping
      .then(() => keep(file, this.#inForce))
      .catch((error) => tell(this.#log, 'CONFIG_DATABASE_NOT_KEPT', { trouble: wordsOf(error) }))
  }
}
