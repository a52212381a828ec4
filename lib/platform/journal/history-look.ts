// Asks the history of leases beside the loop, by a thread for each question, one after the other.

import { Worker } from 'node:worker_threads'
import type { FoundHistory, LeaseHistory } from '../../ports/lease-history.ts'
import type { HistoryData } from './history-thread.ts'

/** Who waits for a thread; more are told to ask again. */
const WAITING_MAX = 8

export function historyLook(): LeaseHistory {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return {
    of({ path, shared }, about, max, done) {
      if (waiting >= WAITING_MAX)
        return done({ trouble: 'too many ask for the history: ask again' })
      waiting++
      const result = last.then(() => byThread({ path, shared: shared?.connection, about, max }))
      last = result
      void result.then((found) => {
        waiting--
        // An error of whoever is told is not one of the promise.
        setImmediate(() => done(found))
      })
    },
  }
}

/** Never rejects. */
function byThread(data: HistoryData): Promise<FoundHistory> {
  // Sources run as .ts, the package as .js; the loaders of a test runner are not wanted inside.
  const file = new URL(`./history-thread${import.meta.url.slice(-3)}`, import.meta.url)
  const thread = new Worker(file, { workerData: data, execArgv: [], name: 'history' })
  return new Promise((resolve) => {
    thread.once('message', resolve)
    thread.once('error', ({ message }) => resolve({ trouble: message }))
    thread.once('exit', () => resolve({ trouble: 'the thread that reads it has ended' }))
  })
}
