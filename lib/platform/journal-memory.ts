// The journal of `persist: false`: it acknowledges and keeps nothing.

import type { Journal, JournalSink } from '../ports/journal.ts'

/** Acknowledges each batch in the next microtask, as a very fast disk would: never inside `commit`. */
export function memoryJournal(): Journal {
  let sink: JournalSink | undefined
  return {
    open(newSink) {
      sink = newSink
      queueMicrotask(() => newSink.onReady({ stamp: 0, change: 0, setAside: 0 }))
    },
    commit() {
      queueMicrotask(() => sink?.onCommitted())
    },
    close(done) {
      queueMicrotask(done)
    },
  }
}
