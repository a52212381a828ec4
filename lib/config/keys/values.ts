// Keys that work, with values that do not: the judges of single values, by level and key.

import { judgeHook } from './hooks.ts'
import type { Verdict } from './row.ts'

type Judge = (value: unknown, family: 4 | 6) => Verdict | undefined

const QUEUE: Verdict = {
  support: 'warned',
  hint: 'flq is used: servers share no database',
  becomes: 'flq',
}

const judgeAllocator: Judge = (value) => (value === 'shared-flq' ? QUEUE : undefined)

const NO_MYSQL: Verdict = {
  support: 'refused',
  hint: 'MySQL cannot store a batch and refuse single rows of it in one statement: write "memfile", or "postgresql" for several servers, and take the leases over by whio import',
}

const judgeDatabase: Judge = (value) => (value === 'mysql' ? NO_MYSQL : undefined)

const judgeSeverity: Judge = (value) => ({
  support: 'works',
  hint: '',
  becomes: String(value).toUpperCase(),
})

const judgeReclaimWait: Judge = (value) =>
  value === 0
    ? { support: 'accepted', hint: 'it does not stop the rounds: ended leases are taken at once' }
    : undefined

/** An empty name, which generated files are full of, asks for no class. */
const judgeClasses: Judge = (value) => {
  const given = value as readonly string[]
  const names = given.filter((name) => name.trim() !== '')
  return names.length === given.length ? undefined : { support: 'works', hint: '', becomes: names }
}

const JUDGES: Readonly<Record<string, Judge>> = {
  'global.allocator': judgeAllocator,
  'network.allocator': judgeAllocator,
  'subnet.allocator': judgeAllocator,
  'global.pd-allocator': judgeAllocator,
  'network.pd-allocator': judgeAllocator,
  'subnet.pd-allocator': judgeAllocator,
  'network.client-classes': judgeClasses,
  'subnet.client-classes': judgeClasses,
  'pool.client-classes': judgeClasses,
  'pdPool.client-classes': judgeClasses,
  'network.evaluate-additional-classes': judgeClasses,
  'subnet.evaluate-additional-classes': judgeClasses,
  'pool.evaluate-additional-classes': judgeClasses,
  'pdPool.evaluate-additional-classes': judgeClasses,
  'reservation.client-classes': judgeClasses,
  'leaseDatabase.type': judgeDatabase,
  'expiry.reclaim-timer-wait-time': judgeReclaimWait,
  'logger.severity': judgeSeverity,
  'hook.library': (value, family) => judgeHook(String(value), family),
}

/** The verdict on a value whose key works; undefined where it works, too. */
export function judgeValue(
  level: string,
  key: string,
  value: unknown,
  family: 4 | 6,
): Verdict | undefined {
  return JUDGES[`${level.replace(/6$/, '')}.${key}`]?.(value, family)
}
