// The databases of reservations of a server, of both families: what they say becomes part of the
// plan, as what the file says does. A server begins to answer when it has heard of each once, so
// that nobody gets what is reserved for somebody else; from then on none of them keeps it from
// anything.

import { describeDatabase } from '../../config/plan/connection-plan.ts'
import type { HostTable, HostTables, SkippedHost } from '../../config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../../config/plan/hosts-plan.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Ticket } from '../../dhcp/asking.ts'
import type { LookUp } from '../../dhcp/look-up.ts'
import type { Hosts } from '../../ports/hosts.ts'
import type { Instant } from '../../time/units.ts'
import type { Reporter } from '../reporter.ts'
import { ORIGIN, type ServiceSwitches } from '../service-switch.ts'
import { HostBook } from './host-book.ts'
import type { HostDatabaseStatus } from './host-status.ts'

export interface HostBooksDuties {
  readonly reporter: Pick<Reporter, 'say'>
  readonly switches: Pick<ServiceSwitches, 'disable' | 'enable'>
  now(): Instant
  /**
   * Has what is in force compiled with the tables as they are; `done` with what is in force then.
   */
  compile(done: (plan: Plan) => void): void
  /** See HostBookDuties. */
  answered(family: 4 | 6, ticket: Ticket, isKnown: boolean): void
}

/** Nobody has given the server a way there, or nobody knows what its plan was made of. */
const NO_WAY = 'this program has no way to it: its reservations are not known'

/** Rows that are told by their numbers, of one database at a time; the others as a number. */
const SKIPPED_TOLD = 20

export class HostBooks {
  readonly #hosts: Hosts | undefined
  readonly #duties: HostBooksDuties
  #books: readonly HostBook[] = []
  /** Those for which clients wait. */
  readonly #waiting = new Set<HostBook>()
  /** It was said that they are read. */
  readonly #told = new WeakSet<HostBook>()
  #isCompiling = false
  #isOutdated = false
  #skipped: ReadonlySet<string> = new Set()

  constructor(hosts: Hosts | undefined, duties: HostBooksDuties) {
    this.#hosts = hosts
    this.#duties = duties
  }

  get all(): readonly HostBook[] {
    return this.#books
  }

  of(family: 4 | 6): readonly HostBook[] {
    return this.#books.filter(({ plan }) => plan.family === family)
  }

  tables(): HostTables {
    const of = (family: 4 | 6): readonly HostTable[] => this.of(family).map(({ table }) => table)
    return { dhcp4: of(4), dhcp6: of(6) }
  }

  status(): readonly HostDatabaseStatus[] {
    return this.#books.map((book) => ({
      family: book.plan.family,
      database: book.name,
      trouble: book.trouble,
      isAwaited: this.#waiting.has(book),
      isRead: book.isRead,
      reservations: book.size,
      isAsked: book.table.kind === 'asked',
      isReadOnly: book.plan.connection.isReadOnly,
    }))
  }

  /** At the start: clients wait until each has been read, where its on-fail says so. */
  begin(plans: readonly HostDatabasePlan[]): void {
    if (this.#hosts === undefined)
      for (const plan of plans) {
        const fields = { database: nameOf(plan), trouble: NO_WAY }
        this.#duties.reporter.say('HOSTS_DATABASE_UNREAD', fields)
      }
    this.use(plans)
    for (const book of this.#books) if (isAwaited(book)) this.#hold(book)
  }

  /** Other databases than before, or the same ones. */
  use(plans: readonly HostDatabasePlan[]): void {
    if (this.#hosts === undefined) return
    const former = this.#books
    const databases = this.#hosts.use(plans)
    this.#books = databases.map((database) => {
      const known = former.find((book) => book.database === database)
      if (known !== undefined) return known
      const book = this.#bookOf(database, former)
      database.open(book)
      return book
    })
    this.#holdOn()
    if (former.some((book) => !this.#books.includes(book))) this.#changed()
  }

  /** Of the first database that does not know the client yet; see HostBook.ask. */
  lookUp(family: 4 | 6, ticket: Ticket, identifiers: LookUp['identifiers']): boolean {
    for (const book of this.#books) {
      const { asked, plan } = book
      if (plan.family !== family || asked === undefined) continue
      const unknown = identifiers.filter(({ type, value }) => !asked.knows(type, value))
      if (unknown.length === 0) continue
      book.ask(ticket, unknown)
      return true
    }
    return false
  }

  close(): void {
    this.#books = []
    this.#hosts?.close()
  }

  #bookOf(database: HostBook['database'], former: readonly HostBook[]): HostBook {
    const { family } = database.plan
    const before = former.find(
      (book) => book.plan.family === family && book.name === nameOf(database.plan),
    )
    return new HostBook(database, before, {
      changed: () => this.#changed(),
      answered: (ticket, isKnown) => this.#duties.answered(family, ticket, isKnown),
      troubled: (book) => this.#troubled(book),
      now: () => this.#duties.now(),
    })
  }

  // ---- what they say

  #changed(): void {
    this.#isOutdated = true
    if (this.#isCompiling) return
    this.#isCompiling = true
    this.#isOutdated = false
    const read = this.#books.filter(({ isRead }) => isRead)
    this.#duties.compile((plan) => {
      this.#isCompiling = false
      this.#tellSkipped(plan)
      for (const book of read) this.#serve(book)
      if (this.#isOutdated) this.#changed()
    })
  }

  #troubled(book: HostBook): void {
    const { name: database, trouble, isRead } = book
    const { reporter } = this.#duties
    if (trouble === '') reporter.say('HOSTS_DATABASE_RECOVERED', { database })
    else if (isRead) reporter.say('HOSTS_DATABASE_LOST', { database, trouble })
    else reporter.say('HOSTS_DATABASE_UNREAD', { database, trouble })
  }

  #tellSkipped({ dhcp4, dhcp6 }: Plan): void {
    const all = [...(dhcp4?.skippedHosts ?? []), ...(dhcp6?.skippedHosts ?? [])]
    const news = all.filter((one) => !this.#skipped.has(textOf(one)))
    for (const { database, id, problem } of news.slice(0, SKIPPED_TOLD))
      this.#duties.reporter.say('HOSTS_ROW_SKIPPED', { database, row: id, problem })
    const more = news.length - SKIPPED_TOLD
    if (more > 0) this.#duties.reporter.say('HOSTS_ROWS_SKIPPED', { rows: more })
    this.#skipped = new Set(all.map(textOf))
  }

  // ---- who waits for them

  #hold(book: HostBook): void {
    this.#waiting.add(book)
    this.#duties.switches.disable(book.plan.family, originOf(book.plan), undefined)
  }

  /** Other databases while clients wait: for one that takes the place of another they wait on. */
  #holdOn(): void {
    const former = [...this.#waiting]
    this.#waiting.clear()
    for (const book of this.#books)
      if (former.some(({ plan }) => plan.family === book.plan.family) && isAwaited(book))
        this.#hold(book)
    const held = [...this.#waiting]
    for (const { plan } of former)
      if (!held.some((book) => book.plan.family === plan.family && book.plan.index === plan.index))
        this.#duties.switches.enable(plan.family, originOf(plan))
  }

  #serve(book: HostBook): void {
    const { name: database, size: reservations } = book
    if (!this.#told.has(book) && book.isRead)
      this.#duties.reporter.say('HOSTS_DATABASE_READ', { database, reservations })
    this.#told.add(book)
    if (!this.#waiting.delete(book)) return
    this.#duties.switches.enable(book.plan.family, originOf(book.plan))
  }
}

function originOf({ index }: HostDatabasePlan): number {
  return ORIGIN.database + index
}

/** No client is answered before it was read once. */
function isAwaited({ isRead, plan }: HostBook): boolean {
  return !isRead && plan.connection.reconnect.onFail === 'stop-retry-exit'
}

function nameOf({ connection }: HostDatabasePlan): string {
  return describeDatabase(connection)
}

function textOf({ database, id, problem }: SkippedHost): string {
  return `${database} ${id} ${problem}`
}
