// A connection to one PostgreSQL server: opened with what the plan says of TLS and time, asked one
// thing after the other, and lost as soon as one answer does not come in time. A session that is
// lost is not used again.

import type { Client, QueryArrayResult, QueryResult } from 'pg'
import type { ConnectionPlan, DatabaseHost } from '../../config/plan/connection-plan.ts'
import type { Millis } from '../../time/units.ts'
import { dropClient, openClient } from './client.ts'
import { DatabaseError, databaseError } from './trouble.ts'

/** A value that goes there: text, number, list, or bytes as they are. */
export type Value = string | number | boolean | null | Uint8Array | readonly (string | number)[]

export interface Question {
  readonly text: string
  readonly values?: readonly Value[]
  /** It is planned once in a session and then known by this name. */
  readonly name?: string
}

/** A row as it comes: text, null where it is NULL. */
export type Cells = readonly (string | null)[]

export interface RawAnswer {
  readonly rows: readonly Cells[]
  /** From the question to the answer. */
  readonly took: Millis
}

export interface SessionWish {
  /** What operators of the database read in pg_stat_activity. */
  readonly name: string
  /** After so long without an answer it is lost. */
  readonly patience: Millis
}

const RAW = { getTypeParser: () => (value: unknown) => value } as never

/**
 * What the server is told of dead clients: it lets go of their locks soon. Without effect on local
 * sockets.
 */
const SETTINGS = [
  "set tcp_keepalives_idle = '5s'",
  "set tcp_keepalives_interval = '2s'",
  'set tcp_keepalives_count = 3',
  "set tcp_user_timeout = '11s'",
  "set timezone = 'UTC'",
  "set bytea_output = 'hex'",
  'set extra_float_digits = 1',
  "set default_transaction_isolation = 'read committed'",
  "set idle_in_transaction_session_timeout = '30s'",
  // Every statement is short, and one that the planner takes for a long one would be compiled.
  'set jit = off',
].join('; ')

export class Session {
  readonly #client: Client
  readonly #patience: Millis
  readonly host: DatabaseHost
  #lost: DatabaseError | undefined
  /** Settles when everything asked so far is answered: the package takes one thing at a time. */
  #last: Promise<unknown> = Promise.resolve()
  #onLost: (error: DatabaseError) => void = () => {}
  #onNotice: (payload: string) => void = () => {}

  private constructor(client: Client, host: DatabaseHost, patience: Millis) {
    this.#client = client
    this.host = host
    this.#patience = patience
    client.on('error', (error) => this.#lose(databaseError(error)))
    client.on('end', () => this.#lose(new DatabaseError('the connection ended', 'lost')))
    client.on('notification', ({ payload }) => this.#onNotice(payload ?? ''))
  }

  /** Rejects with DatabaseError, or JournalRefused where the package is missing. */
  static async open(plan: ConnectionPlan, host: DatabaseHost, wish: SessionWish): Promise<Session> {
    const { name, patience } = wish
    let session: Session | undefined
    await openClient(plan, host, { name }, (client) => {
      session = new Session(client, host, patienceOf(plan, patience))
    })
    await session!.ask({ text: SETTINGS })
    return session!
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  /** Called once, when it is of no use any more. */
  onLost(call: (error: DatabaseError) => void): void {
    this.#onLost = call
  }

  /** Payloads of LISTEN. */
  onNotice(call: (payload: string) => void): void {
    this.#onNotice = call
  }

  /** Rows with values as `pg` makes them. Rejects with DatabaseError. */
  async ask(question: Question): Promise<Record<string, unknown>[]> {
    const { result } = await this.#inTurn(configOf(question))
    const all = result as QueryResult | QueryResult[]
    return (Array.isArray(all) ? all.at(-1)! : all).rows
  }

  /** Rows as they come. The package reads bytes as text, so they come in hexadecimal. */
  async askRaw(question: Question): Promise<RawAnswer> {
    const how = { rowMode: 'array', types: RAW }
    const { result, took } = await this.#inTurn({ ...configOf(question), ...how })
    return { rows: (result as QueryArrayResult<(string | null)[]>).rows, took }
  }

  /** Ends it in the way that the server expects. */
  async close(): Promise<void> {
    this.#lost ??= new DatabaseError('the connection was closed', 'lost')
    this.#onLost = () => {}
    await Promise.race([this.#client.end().catch(() => {}), pause(this.#patience)])
    this.drop()
  }

  /** Ends it now, whatever is under way. */
  drop(): void {
    this.#lose(new DatabaseError('the connection was dropped', 'lost'))
    dropClient(this.#client)
  }

  #inTurn(config: object): Promise<{ result: unknown; took: Millis }> {
    const answer = this.#last.then(() => this.#answer(config))
    this.#last = answer.catch(() => {})
    return answer
  }

  async #answer(config: object): Promise<{ result: unknown; took: Millis }> {
    if (this.#lost !== undefined) throw this.#lost
    const asked = performance.now()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(this.#late()), this.#patience)
    })
    try {
      const result: unknown = await Promise.race([this.#client.query(config as never), late])
      return { result, took: performance.now() - asked }
    } catch (error) {
      const known = this.#lost ?? databaseError(error)
      if (known.cure === 'lost') this.#lose(known)
      throw known
    } finally {
      clearTimeout(timer)
    }
  }

  #late(): DatabaseError {
    return new DatabaseError(`the database has not answered for ${this.#patience / 1000} s`, 'lost')
  }

  #lose(error: DatabaseError): void {
    if (this.#lost !== undefined) return
    this.#lost = error
    // Whoever asked hears of it first.
    setImmediate(() => {
      this.drop()
      this.#onLost(error)
    })
  }
}

function configOf({ text, values, name }: Question): object {
  return { text, values, ...(name === undefined ? {} : { name }) }
}

/** What the operator says of TCP counts where it is less. */
function patienceOf({ tcpUserTimeout }: ConnectionPlan, patience: Millis): Millis {
  return Math.min(patience, tcpUserTimeout === undefined ? patience : tcpUserTimeout * 1000)
}

function pause(wait: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, wait).unref())
}
