// Statistics of changes of names, by the names that Kea's updater has for them. Requests come from
// this process itself, so that none is invalid.

import type { NamesCounts } from '../../server/names/names-status.ts'

export function ddnsStatistics(counts: NamesCounts): ReadonlyMap<string, number> {
  const { added, blocked, conflicts, dropped, failed, removed, silent, unserved } = counts
  const success = added + removed
  const errors = conflicts + failed + blocked
  return new Map([
    ['ncr-error', 0],
    ['ncr-invalid', 0],
    ['ncr-received', success + conflicts + failed + unserved + counts.void],
    ['queue-mgr-queue-full', dropped],
    ['update-error', errors],
    ['update-sent', success + errors + silent],
    ['update-success', success],
    ['update-timeout', silent],
  ])
}
