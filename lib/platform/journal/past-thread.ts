// The thread that reads events of the past from the history of leases, a page for each word.

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { PastPage, PastWish } from '../../ports/events.ts'
import { type HistoryPlace, SharedPast } from '../postgres/past.ts'
import { PastPages } from './past.ts'

export interface PastData {
  /** Of the file, or what is asked of a database that servers share. */
  readonly place: string | HistoryPlace
  readonly wish: PastWish
}

const { place, wish } = workerData as PastData

let pages: PastPages | SharedPast | undefined

/** A page for each word, one after the other. */
let last: Promise<unknown> = Promise.resolve()

parentPort?.on('message', () => {
  last = last.then(page).then((found) => parentPort?.postMessage(found))
})

/** Who is told that events are lost reads all anew, so no trouble needs another word. */
async function page(): Promise<PastPage> {
  try {
    pages ??= typeof place === 'string' ? pagesOfFile(place) : new SharedPast(place, wish)
    return await pages.next()
  } catch {
    return { isLost: true }
  }
}

function pagesOfFile(path: string): PastPages {
  return new PastPages(new Database(path, { readonly: true, fileMustExist: true }), wish)
}
