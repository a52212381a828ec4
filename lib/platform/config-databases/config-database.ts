// One database of configuration, asked for one family and one server.

import { type BackendRows, type ConfigPart, partSteps } from '../../config/backend/part.ts'
import { isSame } from '../../config/difference.ts'
import type { ConfigDatabasePlan } from '../../config/plan/config-databases-plan.ts'
import { describeDatabase } from '../../config/plan/connection-plan.ts'
import type { ConfigDatabaseStatus } from '../../ports/config-source.ts'
import type { Seconds } from '../../time/units.ts'
import { SqlLink, troubleOf } from '../hosts/sql-link.ts'
import { type ConfigSchema, lookAtTables, TableReader } from './tables.ts'

/** A statement that hangs for longer is lost, since a reload waits for it: milliseconds. */
const READ_MAX = 10_000

export class ConfigDatabase {
  readonly plan: ConfigDatabasePlan
  readonly name: string
  readonly #link: SqlLink<ConfigSchema>
  #digest = ''
  #part: ConfigPart | undefined
  #read = ''
  #isKept = false
  #failures = 0
  /** Why it could not be read, '' where it could. */
  trouble = ''
  /** Why what it says cannot be in force, '' where it can. */
  refused = ''
  /** What is in force of it. */
  accepted: ConfigPart | undefined

  constructor(plan: ConfigDatabasePlan) {
    this.plan = plan
    this.name = describeDatabase(plan.connection)
    this.#link = new SqlLink(plan.connection, (sql) => lookAtTables(sql, plan.family), READ_MAX)
  }

  /** What it says, as it was read last; undefined: it was never read. */
  get part(): ConfigPart | undefined {
    return this.#part ?? this.accepted
  }

  get read(): string {
    return this.#read
  }

  get isKept(): boolean {
    return this.#isKept
  }

  get status(): ConfigDatabaseStatus {
    const { family, serverTag } = this.plan
    const { name: database, read, isKept } = this
    const trouble = this.trouble || this.refused
    return {
      ...{ family, database, serverTag, read, isKept, trouble, failures: this.#failures },
      age: read === '' ? undefined : secondsSince(read),
      isUp: this.trouble === '' && this.#part !== undefined,
      isInForce: this.refused === '' && this.accepted !== undefined && this.part === this.accepted,
    }
  }

  /** What it said at another time is in force. */
  restore(part: ConfigPart, read: string): void {
    this.accepted = part
    this.#read = read
    this.#isKept = true
  }

  /** Reads it again where it says something else; whether it does. Never rejects. */
  async look(): Promise<boolean> {
    const { family, serverTag } = this.plan
    try {
      return await this.#link.use(async ({ sql, schema }) => {
        const reader = new TableReader(sql, schema, family, serverTag)
        await sql.query(sql.dialect.beginReading)
        try {
          const digest = await reader.digest()
          const isKnown = digest === this.#digest && this.#part !== undefined
          const part = isKnown ? this.#part! : await this.#partOf(await reader.rows())
          return this.#note(part, digest)
        } finally {
          if (sql.lost === undefined) await sql.query('commit')
        }
      })
    } catch (error) {
      this.trouble = troubleOf(error)
      this.#failures++
      return false
    }
  }

  close(): void {
    this.#link.close()
  }

  /** Clients are answered between two steps. */
  async #partOf(rows: BackendRows): Promise<ConfigPart> {
    const steps = partSteps(rows, this.plan.family, this.name)
    for (;;) {
      const { value, done } = steps.next()
      if (done === true) return value
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #note(part: ConfigPart, digest: string): boolean {
    const before = this.part
    this.trouble = ''
    this.#isKept = false
    this.#digest = digest
    this.#read = new Date().toISOString()
    const isTheSame = isSame(part, before)
    // Whoever has made something of it knows it by its identity.
    this.#part = isTheSame ? before : part
    return !isTheSame
  }
}

/** The calendar may have been put back meanwhile. */
function secondsSince(iso: string): Seconds {
  return Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000))
}
