// The thread that looks through the history of leases, which may have a million versions: in the
// file of a journal, or in a database that servers share.

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { type ConnectionPlan, describeDatabase } from '../../config/plan/connection-plan.ts'
import type { FoundHistory, Holding } from '../../ports/lease-history.ts'
import { holdingsInDatabase } from '../postgres/past.ts'
import { historyOf } from './history.ts'
import { holdingsOf } from './holdings.ts'
import { openTrouble } from './trouble.ts'

export interface HistoryData {
  readonly path: string
  /** Undefined: in the file. */
  readonly shared: ConnectionPlan | undefined
  readonly about: string
  readonly max: number
}

const { path, shared, about, max } = workerData as HistoryData

found().then((answer) => parentPort?.postMessage(answer))

async function found(): Promise<FoundHistory> {
  try {
    const all = shared === undefined ? inFile() : await holdingsInDatabase(shared, about)
    return { holdings: all.slice(-max), isCut: all.length > max }
  } catch (error) {
    const [name, trouble] =
      shared === undefined
        ? [path, openTrouble(path, error)]
        : [describeDatabase(shared), (error as Error).message]
    return { trouble: `${name} cannot be read: ${trouble}` }
  }
}

function inFile(): Holding[] {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return holdingsOf(historyOf(db), about)
  } finally {
    db.close()
  }
}
