// The journal that a plan names: in a file of this host, or in a database that others may share.

import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { Octets } from '../bytes/octets.ts'
import type { Plan, SharedDatabasePlan } from '../config/plan/plan.ts'
import type { Journal } from '../ports/journal.ts'
import { type Log, tell } from '../ports/log.ts'
import { makeFolder } from './folder.ts'
import { importBegun4, importBegun6, importOnce } from './import-csv.ts'
import { openJournal } from './journal/journal.ts'
import type { Rest } from './journal/protocol.ts'
import { openPostgres } from './postgres/journal.ts'
import type { HistoryPlace } from './postgres/past.ts'
import { takeOverKea } from './postgres/takeover.ts'

/** A journal that keeps who the server of DHCPv6 is, too. */
export interface LeaseJournal extends Journal {
  /** As it was when the journal was opened; '' = none. */
  readonly duid: Octets
  keepDuid(duid: Octets): void
}

export interface JournalWish {
  readonly log: Log
  readonly commitDelayMs?: number | undefined
  readonly witness?: string | undefined
  readonly afterRestore?: boolean | undefined
  readonly rest?: Rest | undefined
}

/**
 * Undefined: leases are kept in memory only. Rejects with JournalRefused where serving is
 * impossible.
 */
export async function openLeaseJournal(
  plan: Plan,
  wish: JournalWish,
): Promise<LeaseJournal | undefined> {
  const { persist, path, importCsv, importCsv6, durability, history, shared } = plan.database
  if (!persist) return undefined
  const { log, commitDelayMs, witness, rest, afterRestore: isCopy } = wish
  if (shared !== undefined) {
    // The operator's door stands there.
    makeFolder(dirname(path))
    return await openShared(plan, shared, log)
  }
  const files = [importCsv, importCsv6].filter((file) => file !== undefined)
  await importOnce(files, path, log)
  if (importCsv !== undefined) await importBegun4(importCsv, path, log)
  if (importCsv6 !== undefined) await importBegun6(importCsv6, path, log)
  return openJournal({ path, durability, history, commitDelayMs, witness, isCopy, rest })
}

async function openShared(plan: Plan, shared: SharedDatabasePlan, log: Log): Promise<LeaseJournal> {
  const { connection } = shared
  return await openPostgres({
    plan: connection,
    durability: plan.database.durability,
    history: plan.database.history,
    name: memberName(plan),
    fill: async (session, member) => {
      const taken = await takeOverKea(session, member)
      if (taken === undefined) return
      const { leases, problems, shift } = taken
      const rows = { leases, unusable: problems.length, shift }
      tell(log, 'JOURNAL_KEA_TAKEN_OVER', { database: connection.name, ...rows })
      for (const trouble of problems.slice(0, PROBLEMS_TOLD))
        tell(log, 'JOURNAL_KEA_ROW', { database: connection.name, trouble })
    },
  })
}

/** Where the history of leases is that this server keeps. */
export function historyPlace(plan: Pick<Plan, 'database'>): string | HistoryPlace {
  const { path, shared } = plan.database
  if (shared === undefined) return path
  return { connection: shared.connection, member: memberName(plan) }
}

const PROBLEMS_TOLD = 20

/** What a server is called among those of its database. */
export function memberName({ database }: Pick<Plan, 'database'>): string {
  const own = database.serverTag ?? hostname()
  const only = database.shared?.only
  return only === undefined ? own : `${own} (DHCPv${only})`
}
