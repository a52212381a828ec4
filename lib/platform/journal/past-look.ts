// Reads events of the past beside the loop: a thread for each that goes on behind one of them, as
// long as that takes.

import { Worker } from 'node:worker_threads'
import type { PastPage, PastReader, PastWish } from '../../ports/events.ts'
import type { HistoryPlace } from '../postgres/past.ts'
import type { PastData } from './past-thread.ts'

/** `page` is called once for each that is asked for, and never after a close. */
export function readPast(
  place: string | HistoryPlace,
  wish: PastWish,
  page: (page: PastPage) => void,
): PastReader {
  // Sources run as .ts, the package as .js; the loaders of a test runner are not wanted inside.
  const file = new URL(`./past-thread${import.meta.url.slice(-3)}`, import.meta.url)
  const data: PastData = { place, wish }
  const thread = new Worker(file, { workerData: data, execArgv: [], name: 'past' })
  let isClosed = false
  let owed = 0
  const given = (found: PastPage): void => {
    if (isClosed || owed === 0) return
    owed--
    page(found)
  }
  thread.on('message', given)
  thread.on('error', () => given({ isLost: true }))
  thread.on('exit', () => given({ isLost: true }))
  // Nobody waits for it when the server ends.
  thread.unref()
  return {
    more: () => {
      owed++
      thread.postMessage('more')
    },
    close: () => {
      isClosed = true
      void thread.terminate()
    },
  }
}
