// The thread that reads events of the past from the history of leases, a page for each word.

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { PastPage, PastWish } from '../../ports/events.ts'
import { PastPages } from './past.ts'

export interface PastData {
  readonly path: string
  readonly wish: PastWish
}

const { path, wish } = workerData as PastData

let pages: PastPages | undefined

parentPort?.on('message', () => parentPort?.postMessage(page()))

/** Who is told that events are lost reads all anew, so no trouble needs another word. */
function page(): PastPage {
  try {
    pages ??= new PastPages(new Database(path, { readonly: true, fileMustExist: true }), wish)
    return pages.next()
  } catch {
    return { isLost: true }
  }
}
