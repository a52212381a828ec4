// A start with a database that may be an older copy, though nothing shows it: an operator says so.
// A server of a pair then waits for its partner, whatever its record says.

import type { Journal } from '../ports/journal.ts'

/** The journal, read as one that was put back. */
export function afterRestore(journal: Journal): Journal {
  return {
    open: (sink) =>
      journal.open({
        onRows: (rows) => sink.onRows(rows),
        onReady: (info) => sink.onReady({ ...info, restored: info.restored ?? 'told' }),
        onCommitted: () => sink.onCommitted(),
        onFailed: (trouble) => sink.onFailed(trouble),
      }),
    commit: (...batch) => journal.commit(...batch),
    close: (done) => journal.close(done),
  }
}
