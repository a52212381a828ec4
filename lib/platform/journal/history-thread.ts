// The thread that looks through the history of leases, which may have a million versions.

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { FoundHistory } from '../../ports/lease-history.ts'
import { historyOf } from './history.ts'
import { holdingsOf } from './holdings.ts'
import { openTrouble } from './trouble.ts'

export interface HistoryData {
  readonly path: string
  readonly about: string
  readonly max: number
}

const { path, about, max } = workerData as HistoryData

parentPort?.postMessage(found())

function found(): FoundHistory {
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true })
    try {
      const all = holdingsOf(historyOf(db), about)
      return { holdings: all.slice(-max), isCut: all.length > max }
    } finally {
      db.close()
    }
  } catch (error) {
    return { trouble: `${path} cannot be read: ${openTrouble(path, error)}` }
  }
}
