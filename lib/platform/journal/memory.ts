// The journal of `persist: false`: it acknowledges and keeps nothing.

import { randomUUID } from 'node:crypto'
import type { Journal, JournalSink } from '../../ports/journal.ts'

/**
 * Acknowledges each batch in the next microtask, as a very fast disk would: never inside `commit`.
 */
export function memoryJournal(): Journal {
  let sink: JournalSink | undefined
  const info = { stamp: 0, change: 0, setAside: 0, database: randomUUID(), pair: undefined }
  return {
    open(newSink) {
      sink = newSink
      queueMicrotask(() => newSink.onReady(info))
    },
    commit() {
      queueMicrotask(() => sink?.onCommitted())
    },
    close(done) {
      queueMicrotask(done)
    },
  }
}
