// One database of reservations, as the server sees it: read at the start, looked at again and
// again, asked and written to. What is under way here keeps nobody waiting: clients go on with what
// was read.

import { hexFromOctets } from '../../bytes/octets.ts'
import { isSame } from '../../config/difference.ts'
import type { HostRow, ReservedKey } from '../../config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../../config/plan/hosts-plan.ts'
import type { Ticket } from '../../dhcp/asking.ts'
import type {
  HostChange,
  HostChanged,
  HostDatabase,
  HostIdentifier,
  HostSelector,
  HostSink,
  HostsFound,
} from '../../ports/hosts.ts'
import { HostReader } from './host-reading.ts'
import { type HostSchema, readSchema } from './host-schema.ts'
import { HostWriter } from './host-writing.ts'
import type { Sql } from './sql.ts'
import { type Connected, SqlLink, troubleOf } from './sql-link.ts'

/** What hangs for longer is lost: milliseconds. */
const ASK_MAX = 2000
/** A look at everything may take longer. */
const READ_MAX = 60_000

const RETRY_FIRST = 100
const RETRY_MAX = 5000

/** A refresh may keep the database at work for this part of the time. */
const BUSY_PART = 20

/** Questions that go in one statement. */
const ASKED_MAX = 64

interface Question {
  readonly ticket: Ticket
  readonly identifiers: readonly HostIdentifier[]
}

type Known =
  | { readonly kind: 'rows'; readonly buckets: ReadonlyMap<number, readonly HostRow[]> }
  | { readonly kind: 'keys'; readonly buckets: ReadonlyMap<number, readonly ReservedKey[]> }

export class SqlHostDatabase implements HostDatabase {
  readonly plan: HostDatabasePlan
  readonly #reading: SqlLink<HostSchema>
  readonly #asking: SqlLink<HostSchema>
  readonly #orders: SqlLink<HostSchema>
  #sink: HostSink | undefined
  #digests: ReadonlyMap<number, string> = new Map()
  #known: Known | undefined
  #timer: NodeJS.Timeout | undefined
  #isReading = false
  #isWanted = false
  #failures = 0
  #questions: Question[] = []
  #isAsking = false

  constructor(plan: HostDatabasePlan) {
    const { connection, family } = plan
    this.plan = plan
    const look = (sql: Sql) => readSchema(sql, family)
    this.#reading = new SqlLink(connection, look, READ_MAX, () => this.refresh())
    this.#asking = new SqlLink(connection, look, ASK_MAX)
    this.#orders = new SqlLink(connection, look, ASK_MAX)
  }

  open(sink: HostSink): void {
    this.#sink = sink
    this.#wait(0)
  }

  close(): void {
    this.#sink = undefined
    clearTimeout(this.#timer)
    for (const link of [this.#reading, this.#asking, this.#orders]) link.close()
  }

  refresh(): void {
    if (this.#isReading) this.#isWanted = true
    else this.#wait(0)
  }

  #wait(millis: number): void {
    clearTimeout(this.#timer)
    if (this.#sink !== undefined) this.#timer = setTimeout(() => void this.#round(), millis)
  }

  async #round(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    this.#isWanted = false
    const begun = performance.now()
    try {
      await this.#reading.use((connected) => this.#read(connected))
      if (this.#failures > 0) this.#sink?.onTrouble('')
      this.#failures = 0
    } catch (error) {
      this.#failures++
      this.#sink?.onTrouble(troubleOf(error))
    }
    this.#isReading = false
    const pause = Math.max(this.plan.refresh, (performance.now() - begun) * BUSY_PART)
    this.#wait(this.#isWanted ? 0 : this.#failures > 0 ? this.#retryWait() : pause)
  }

  #retryWait(): number {
    const { wait } = this.plan.connection.reconnect
    return wait > 0 ? wait : Math.min(RETRY_MAX, RETRY_FIRST * 2 ** (this.#failures - 1))
  }

  // ---- what is read

  async #read({ sql, schema }: Connected<HostSchema>): Promise<void> {
    const reader = new HostReader(sql, schema, this.plan.family)
    await sql.query(sql.dialect.beginReading)
    try {
      const kind = (await reader.count()) > this.plan.loadMax ? 'keys' : 'rows'
      const digests = await reader.digests()
      const isAnew = this.#known?.kind !== kind
      const changed = isAnew ? [...digests.keys()] : this.#changedIn(digests)
      if (kind === 'rows') await this.#readRows(reader, changed, isAnew)
      else await this.#readKeys(reader, changed, isAnew)
      this.#digests = digests
    } finally {
      if (sql.lost === undefined) await sql.query('commit')
    }
  }

  /** Buckets that are there, or were. */
  #changedIn(digests: ReadonlyMap<number, string>): readonly number[] {
    const numbers = new Set([...digests.keys(), ...this.#digests.keys()])
    return [...numbers].filter((one) => digests.get(one) !== this.#digests.get(one))
  }

  async #readRows(reader: HostReader, changed: readonly number[], isAnew: boolean): Promise<void> {
    const before = this.#known?.kind === 'rows' ? this.#known.buckets : NONE
    const news = new Map<number, readonly HostRow[]>()
    for (const number of changed.toSorted(ascending)) {
      const rows = await reader.bucket(number)
      news.set(number, kept(rows, before.get(number) ?? []))
    }
    this.#known = { kind: 'rows', buckets: joined(isAnew ? NONE : before, news) }
    this.#sink?.onRows(news, isAnew)
  }

  async #readKeys(reader: HostReader, changed: readonly number[], isAnew: boolean): Promise<void> {
    const news = new Map<number, readonly ReservedKey[]>()
    for (const number of changed.toSorted(ascending))
      news.set(number, await reader.keysOfBucket(number))
    this.#known = { kind: 'keys', buckets: NONE }
    this.#sink?.onReserved(news, isAnew)
  }

  // ---- who asks

  ask(ticket: Ticket, identifiers: readonly HostIdentifier[]): void {
    this.#questions.push({ ticket, identifiers })
    if (!this.#isAsking) void this.#askAll()
  }

  /** What has come meanwhile goes together. */
  async #askAll(): Promise<void> {
    this.#isAsking = true
    while (this.#questions.length > 0) {
      const asked = this.#questions.splice(0, ASKED_MAX)
      const rows = await this.#answers(asked)
      for (const { ticket, identifiers } of asked)
        this.#sink?.onAnswer(
          ticket,
          rows?.filter((row) => isOf(row, identifiers)),
        )
    }
    this.#isAsking = false
  }

  async #answers(asked: readonly Question[]): Promise<readonly HostRow[] | undefined> {
    try {
      return await this.#asking.use(async ({ sql, schema }) => {
        const reader = new HostReader(sql, schema, this.plan.family)
        return await reader.byIdentifiers(asked.flatMap(({ identifiers }) => identifiers))
      })
    } catch {
      // The rounds tell what is wrong.
      this.refresh()
      return undefined
    }
  }

  // ---- commands

  find(selector: HostSelector, answer: (found: HostsFound) => void): void {
    const found = this.#orders.use(async ({ sql, schema }) =>
      new HostReader(sql, schema, this.plan.family).find(selector),
    )
    found.then(answer, (error) => answer(troubleOf(error)))
  }

  change(change: HostChange, answer: (changed: HostChanged) => void): void {
    const changed = this.#orders.use(async ({ sql, schema }) => {
      const reader = new HostReader(sql, schema, this.plan.family)
      return await new HostWriter(sql, schema, this.plan.family, reader).change(change)
    })
    const told = changed.catch((error): HostChanged => ({ trouble: troubleOf(error) }))
    void told.then((done) => {
      this.refresh()
      answer(done)
    })
  }
}

const NONE: ReadonlyMap<number, never> = new Map<number, never>()

function ascending(one: number, other: number): number {
  return one - other
}

/** A row that says the same is the same object: whoever made something of it has it still. */
function kept(rows: readonly HostRow[], before: readonly HostRow[]): readonly HostRow[] {
  const known = new Map(before.map((row) => [row.id, row]))
  return rows.map((row) => {
    const former = known.get(row.id)
    const isIt = former?.subnetId === row.subnetId && isSame(former.host, row.host)
    return isIt ? former! : row
  })
}

function joined(
  before: ReadonlyMap<number, readonly HostRow[]>,
  news: ReadonlyMap<number, readonly HostRow[]>,
): ReadonlyMap<number, readonly HostRow[]> {
  const all = new Map(before)
  for (const [number, rows] of news)
    if (rows.length === 0) all.delete(number)
    else all.set(number, rows)
  return all
}

function isOf({ host }: HostRow, identifiers: readonly HostIdentifier[]): boolean {
  return identifiers.some(({ type, value }) => host[type] === hexFromOctets(value))
}
