// Leases into and out of a database: what whio import and whio export do where one of the two ends
// is no file.

import { type ConnectionPlan, describeDatabase } from '../config/plan/connection-plan.ts'
import { ChangeWriter } from '../leases/change-codec.ts'
import type { AnyChange, Lease, Lease6 } from '../leases/lease.ts'
import type { JournalInfo } from '../ports/journal.ts'
import { MEMBERS_MAX, type SharedCommit } from '../ports/shared-journal.ts'
import type { ImportResult } from './import-csv.ts'
import {
  csvSource,
  type ImportSource,
  journalSource,
  leasesOfRows,
  linesSource,
} from './import-source.ts'
import { ImportTables } from './import-tables.ts'
import { readKeaMysql } from './mysql-leases.ts'
import { openPostgres, type PostgresJournal } from './postgres/journal.ts'
import { keaSessions, readKeaTables } from './postgres/kea-tables.ts'
import { findPrimary } from './postgres/primary.ts'
import type { Session } from './postgres/session.ts'
import { Tail } from './postgres/tail.ts'
import { connectionOfUrl, isDatabaseUrl } from './postgres/url.ts'

/** Rows of a transaction. */
const PAGE = 1000

const PATIENCE = 600_000

/**
 * A lease file of Kea, a journal, or a database, by its name. Rejects where it cannot be read, and
 * unless `isForced` where Kea is at work in it.
 */
export async function sourceOf(name: string, isForced: boolean): Promise<ImportSource> {
  if (!isDatabaseUrl(name)) return /\.csv$/i.test(name) ? csvSource(name) : journalSource(name)
  const plan = connectionOfUrl(name)
  if (plan.type === 'mysql') return linesSource(describeDatabase(plan), await readKeaMysql(plan))
  return await databaseSource(plan, isForced)
}

/** Leases in schema whio where there is one, else those in Kea's tables. */
export async function databaseSource(
  plan: ConnectionPlan,
  isForced: boolean,
): Promise<ImportSource> {
  const name = describeDatabase(plan)
  return await reading(plan, async (session) => {
    const [found] = await session.ask({
      text: "select to_regclass('whio.meta') is not null as has",
    })
    if (found!.has === true) return whioSource(name, await leasesOfSchema(session))
    if (!isForced && (await keaSessions(session)) > 0)
      throw new Error(`${name}: Kea uses it; stop it first, or say --force`)
    await session.ask({ text: 'begin read only' })
    const tables = await readKeaTables(session)
    await session.ask({ text: 'commit' })
    if (tables === undefined) throw new Error(`${name}: no leases of Whio and no tables of Kea`)
    return linesSource(name, [tables.four, tables.six])
  })
}

async function reading<T>(plan: ConnectionPlan, job: (session: Session) => Promise<T>): Promise<T> {
  const { session } = await findPrimary(plan, { name: 'whio import', patience: PATIENCE })
  try {
    return await job(session)
  } finally {
    await session.close()
  }
}

/** With times from the moment on at which each was read. */
async function leasesOfSchema(session: Session): Promise<(Lease | Lease6)[]> {
  const leases: (Lease | Lease6)[] = []
  await new Tail(-1).all(session, true, (rows) => leases.push(...leasesOfRows(rows, 0)))
  return leases
}

function whioSource(name: string, leases: readonly (Lease | Lease6)[]): ImportSource {
  const began = performance.now()
  return {
    names: [name],
    read(now) {
      const since = now - (performance.now() - began)
      const moved = leases.map((lease) => {
        const times = { start: lease.start + since, end: lease.end + since }
        return { ...lease, ...times } as Lease | Lease6
      })
      return { leases: moved, problems: [], problemCount: 0 }
    },
  }
}

/** What a database has, with times from now on. Rejects where there is no schema of Whio. */
export async function leasesInDatabase(
  plan: ConnectionPlan,
): Promise<{ readonly four: readonly Lease[]; readonly six: readonly Lease6[] }> {
  const all = await reading(plan, leasesOfSchema)
  const isOf4 = (lease: Lease | Lease6): lease is Lease => typeof lease.address === 'number'
  return { four: all.filter(isOf4), six: all.filter((lease): lease is Lease6 => !isOf4(lease)) }
}

/** Adds leases to a database, beside the servers that use it. See importCsv. */
export async function importShared(
  source: ImportSource,
  plan: ConnectionPlan,
  name: string,
): Promise<ImportResult> {
  const journal = await openPostgres({ plan, durability: 'full', name })
  const target = new SharedTarget(journal)
  try {
    const { stamp, change, shared } = await target.load()
    const { leases, problems, problemCount } = await source.read(stamp)
    // As the database has them: what is chosen stands among the others from then on.
    const versions = new Map(leases.map((lease) => [lease.address, target.tables.versionOf(lease)]))
    const { taken, kept } = target.tables.chosen(leases, stamp)
    const began = performance.now()
    let version = Math.floor(change / MEMBERS_MAX) + 1
    const refused: (Lease | Lease6)[] = []
    for (let at = 0; at < taken.length; at += PAGE) {
      const page = taken.slice(at, at + PAGE).map((lease) => {
        return { ...lease, change: version++ * MEMBERS_MAX + shared!.member } as Lease | Lease6
      })
      const over = Float64Array.from(page, ({ address }) => versions.get(address)!)
      const conflicts = await target.commit(page, over, stamp + (performance.now() - began))
      refused.push(...conflicts.map((place) => page[place]!))
    }
    const counts = { taken: taken.length - refused.length, kept: [...kept, ...refused] }
    return { files: source.names, ...counts, problems, problemCount }
  } finally {
    await target.close()
  }
}

/** A shared journal whose answers are awaited one by one. */
class SharedTarget {
  readonly tables = new ImportTables()
  readonly #journal: PostgresJournal
  #resolve: (answer: SharedCommit | undefined) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #info: JournalInfo | undefined

  constructor(journal: PostgresJournal) {
    this.#journal = journal
  }

  async load(): Promise<JournalInfo> {
    await this.#answer(() =>
      this.#journal.open({
        onRows: (rows) => this.tables.load(rows),
        onReady: (info) => {
          this.#info = info
          this.#resolve(undefined)
        },
        onCommitted: (answer) => this.#resolve(answer),
        onFailed: (trouble) => this.#reject(new Error(trouble)),
      }),
    )
    return this.#info!
  }

  /** The places of what was refused. */
  async commit(
    leases: readonly (Lease | Lease6)[],
    expected: Float64Array,
    stamp: number,
  ): Promise<readonly number[]> {
    const writer = new ChangeWriter()
    for (const lease of leases) writer.put({ kind: 'put', lease } as AnyChange)
    const isForced = new Uint8Array(leases.length).fill(1)
    const answer = await this.#answer(() =>
      this.#journal.commit(writer.copy(), leases.length, stamp, undefined, undefined, {
        ...{ expected, isForced },
      }),
    )
    return answer!.conflicts
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#journal.close(resolve))
  }

  #answer(ask: () => void): Promise<SharedCommit | undefined> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      ask()
    })
  }
}
