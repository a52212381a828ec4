// Statistics of changes of names, by the names that Kea's updater has for them. Requests come from
// this process itself, so that none is invalid.

import { textOfName } from '../../names/names.ts'
import type { KeyCounts, NamesStatus } from '../../server/names/names-status.ts'

export function ddnsStatistics({ counts, keys }: NamesStatus): ReadonlyMap<string, number> {
  const { added, blocked, conflicts, dropped, failed, removed, silent, unserved } = counts
  const success = added + removed
  const errors = conflicts + failed + blocked
  const sent = success + errors + silent
  const signed = keys.reduce((sum, key) => sum + sentWith(key), 0)
  return new Map([
    ...keys.flatMap(keyStatistics),
    ['ncr-error', 0],
    ['ncr-invalid', 0],
    ['ncr-received', success + conflicts + failed + unserved + counts.void],
    ['queue-mgr-queue-full', dropped],
    ['update-error', errors],
    ['update-sent', sent],
    ['update-signed', signed],
    ['update-success', success],
    ['update-timeout', silent],
    ['update-unsigned', sent - signed],
  ])
}

function sentWith({ error, success, timeout }: KeyCounts): number {
  return error + success + timeout
}

function keyStatistics(key: KeyCounts): [string, number][] {
  const { error, name, success, timeout } = key
  const counts = { error, sent: sentWith(key), success, timeout }
  return Object.entries(counts).map(([what, count]) => [
    `key[${textOfName(name)}.].update-${what}`,
    count,
  ])
}

/** What was counted before somebody set it to 0. */
export class UpdaterResets {
  readonly #former = new Map<string, number>()

  since(values: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    return new Map([...values].map(([name, value]) => [name, value - this.#formerOf(name)]))
  }

  /** False where there is none of this name. */
  reset(name: string, values: ReadonlyMap<string, number>): boolean {
    const value = values.get(name)
    if (value !== undefined) this.#former.set(name, value)
    return value !== undefined
  }

  resetAll(values: ReadonlyMap<string, number>): void {
    for (const [name, value] of values) this.#former.set(name, value)
  }

  #formerOf(name: string): number {
    return this.#former.get(name) ?? 0
  }
}
