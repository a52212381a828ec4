// Keys that work, with values that do not: the judges of single values, by level and key.

import { judgeHook } from './hooks4.ts'
import type { Verdict } from './row.ts'

export const NO_CLASSES =
  'clients are not classified yet; leaving the key out would change who gets what'

type Judge = (value: unknown) => Verdict | undefined

const QUEUE: Verdict = {
  support: 'warned',
  hint: 'flq is used: servers share no database',
  becomes: 'flq',
}

const judgeAllocator: Judge = (value) => (value === 'shared-flq' ? QUEUE : undefined)

const judgeDatabase: Judge = (value) =>
  value === 'memfile'
    ? undefined
    : { support: 'refused', hint: 'write "memfile": leases in memory, with an SQLite journal' }

const judgeOutput: Judge = (value) =>
  /^syslog(?::|$)/.test(String(value))
    ? { support: 'warned', hint: 'stdout is used; journald passes it on', becomes: 'stdout' }
    : undefined

const judgeSeverity: Judge = (value) => ({
  support: 'works',
  hint: '',
  becomes: String(value).toUpperCase(),
})

const judgeReclaimWait: Judge = (value) =>
  value === 0
    ? { support: 'accepted', hint: 'it does not stop the rounds: ended leases are taken at once' }
    : undefined

/**
 * The classes of a pair are judged where the pair is known. Every client is in ALL, and an empty
 * name, which generated files are full of, asks for no class.
 */
const judgeGuard: Judge = (value) => {
  const given = value as readonly string[]
  const names = given.filter((name) => name.trim() !== '')
  if (names.includes('ALL')) return { support: 'works', hint: '', becomes: [] }
  const other = names.find((name) => !name.startsWith('HA_'))
  if (other === undefined && names.length === given.length) return undefined
  if (other === undefined) return { support: 'works', hint: '', becomes: names }
  return { support: 'refused', hint: NO_CLASSES, subject: `class ${JSON.stringify(other)}` }
}

const JUDGES: Readonly<Record<string, Judge>> = {
  'global.allocator': judgeAllocator,
  'network.allocator': judgeAllocator,
  'subnet.allocator': judgeAllocator,
  'network.client-classes': judgeGuard,
  'subnet.client-classes': judgeGuard,
  'pool.client-classes': judgeGuard,
  'leaseDatabase.type': judgeDatabase,
  'outputOption.output': judgeOutput,
  'expiry.reclaim-timer-wait-time': judgeReclaimWait,
  'logger.severity': judgeSeverity,
  'hook.library': (value) => judgeHook(String(value)),
}

/** The verdict on a value whose key works; undefined where it works, too. */
export function judgeValue(level: string, key: string, value: unknown): Verdict | undefined {
  return JUDGES[`${level}.${key}`]?.(value)
}
