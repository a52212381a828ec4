// A connection that is made when it is needed, and made again when it was lost: the hosts of a
// database in their order. One job at a time has it.

import type { ConnectionPlan } from '../../config/plan/connection-plan.ts'
import { wordsOf } from '../system-error.ts'
import { type HostSchema, readSchema } from './host-schema.ts'
import { openMysql } from './mysql-sql.ts'
import { openPostgres } from './postgres-sql.ts'
import type { Sql } from './sql.ts'

export interface Connected {
  readonly sql: Sql
  readonly schema: HostSchema
}

export class SqlLink {
  readonly #plan: ConnectionPlan
  readonly #family: 4 | 6
  readonly #statementTimeout: number
  readonly #onNotice: () => void
  #connected: Connected | undefined
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(
    plan: ConnectionPlan,
    family: 4 | 6,
    statementTimeout: number,
    onNotice: () => void = () => {},
  ) {
    this.#plan = plan
    this.#family = family
    this.#statementTimeout = statementTimeout
    this.#onNotice = onNotice
  }

  /** Rejects with what is wrong. */
  async use<Result>(job: (connected: Connected) => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(async () => {
      const connected = await this.#open()
      try {
        return await job(connected)
      } finally {
        if (connected.sql.lost !== undefined) this.#drop()
      }
    })
    this.#last = turn.catch(() => {})
    return await turn
  }

  close(): void {
    this.#isClosed = true
    this.#drop()
  }

  #drop(): void {
    this.#connected?.sql.end()
    this.#connected = undefined
  }

  async #open(): Promise<Connected> {
    if (this.#connected?.sql.lost !== undefined) this.#drop()
    if (this.#connected !== undefined) return this.#connected
    const troubles: string[] = []
    for (const host of this.#plan.hosts) {
      if (this.#isClosed) throw new Error('closed')
      try {
        const open = this.#plan.type === 'mysql' ? openMysql : openPostgres
        const sql = await open(this.#plan, host, this.#statementTimeout)
        return await this.#found(sql)
      } catch (error) {
        troubles.push(troubleOf(error))
      }
    }
    throw new Error([...new Set(troubles)].join('; '))
  }

  async #found(sql: Sql): Promise<Connected> {
    try {
      const schema = await readSchema(sql, this.#family)
      if (this.#isClosed) throw new Error('closed')
      sql.onNotice = this.#onNotice
      this.#connected = { sql, schema }
      return this.#connected
    } catch (error) {
      sql.end()
      throw error
    }
  }
}

/**
 * Node gives several errors in one where a name has several addresses, and that one has no text.
 */
export function troubleOf(error: unknown): string {
  if (error instanceof AggregateError) return troubleOf(error.errors[0])
  const { code } = error as { code?: unknown }
  if (code === 'ERR_MODULE_NOT_FOUND')
    return 'MySQL needs the package mysql2, which is not installed: npm install mysql2'
  const words = wordsOf(error)
  return words === '' ? String(code) : words
}
