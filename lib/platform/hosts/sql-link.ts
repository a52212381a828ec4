// A connection that is made when it is needed, and made again when it was lost: the hosts of a
// database in their order. One job at a time has it.

import type { ConnectionPlan } from '../../config/plan/connection-plan.ts'
import { wordsOf } from '../system-error.ts'
import { openMysql } from './mysql-sql.ts'
import { openPostgres } from './postgres-sql.ts'
import type { Sql } from './sql.ts'

export interface Connected<Schema> {
  readonly sql: Sql
  readonly schema: Schema
}

export class SqlLink<Schema> {
  readonly #plan: ConnectionPlan
  readonly #look: (sql: Sql) => Promise<Schema>
  readonly #statementTimeout: number
  readonly #onNotice: () => void
  #connected: Connected<Schema> | undefined
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  /** `look`: at the tables of a connection that was just made. */
  constructor(
    plan: ConnectionPlan,
    look: (sql: Sql) => Promise<Schema>,
    statementTimeout: number,
    onNotice: () => void = () => {},
  ) {
    this.#plan = plan
    this.#look = look
    this.#statementTimeout = statementTimeout
    this.#onNotice = onNotice
  }

  /** Rejects with what is wrong. */
  async use<Result>(job: (connected: Connected<Schema>) => Promise<Result>): Promise<Result> {
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

  async #open(): Promise<Connected<Schema>> {
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

  async #found(sql: Sql): Promise<Connected<Schema>> {
    try {
      const schema = await this.#look(sql)
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
