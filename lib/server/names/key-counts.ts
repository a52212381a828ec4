// What came of changes of DNS, by the key that they were signed with.

import type { Octets } from '../../bytes/octets.ts'
import type { NamesPlan } from '../../config/plan/names-plan.ts'
import type { Verdict } from '../../ddns/transaction.ts'
import type { KeyCounts } from './names-status.ts'

/** What Kea's updater counts a verdict as; undefined: it is none yet. */
const COUNTED_AS: Readonly<Record<Verdict['kind'], keyof Omit<KeyCounts, 'name'> | undefined>> = {
  done: 'success',
  retry: 'timeout',
  conflict: 'error',
  failed: 'error',
  blocked: 'error',
  joins: undefined,
  moved: undefined,
}

export class CountsOfKeys {
  readonly #counts = new Map<Octets, KeyCounts>()

  /** '' = it was not signed. */
  count(key: Octets, { kind }: Verdict): void {
    const as = COUNTED_AS[kind]
    if (key !== '' && as !== undefined) this.#of(key)[as]++
  }

  /** Of the keys of a plan. */
  all({ forward, reverse }: NamesPlan): readonly KeyCounts[] {
    const servers = [...forward, ...reverse].flatMap((zone) => zone.servers)
    const names = new Set(servers.flatMap(({ key }) => (key === undefined ? [] : key.name)))
    return [...names].map((name) => ({ ...this.#of(name) }))
  }

  #of(name: Octets): KeyCounts {
    const counts = this.#counts.get(name) ?? { name, success: 0, timeout: 0, error: 0 }
    this.#counts.set(name, counts)
    return counts
  }
}
