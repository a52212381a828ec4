// Who registers a name, for each thing that a client can say in option 81 of DHCPv4 (RFC 4702 §4)
// or 39 of DHCPv6 (RFC 4704 §4.1) and each of Kea's keys: a table for both families.

import type { UpdateRules } from '../../lib/names/rules.ts'

const RULES = {
  off: undefined,
  'by default': { overridesClient: false, overridesNone: false },
  'ddns-override-client-update': { overridesClient: true, overridesNone: false },
  'ddns-override-no-update': { overridesClient: false, overridesNone: true },
  both: { overridesClient: true, overridesNone: true },
} as const

/**
 * The flags of the answer, by the flags of the client and the keys in the order above. N with S is
 * not to be sent (RFC 4702 §2.1): S says nothing there.
 */
const TABLE = [
  ['', 'N', '', 'SO', '', 'SO'],
  ['S', 'NO', 'S', 'S', 'S', 'S'],
  ['N', 'N', 'N', 'N', 'SO', 'SO'],
  ['NS', 'N', 'N', 'N', 'SO', 'SO'],
] as const

export interface FlagsCell {
  readonly about: string
  readonly asked: string
  readonly answered: string
  /** What is registered: f, r. */
  readonly dns: string
  readonly updates: UpdateRules | undefined
}

export function* cellsOf(rules: Omit<UpdateRules, 'overridesClient' | 'overridesNone'>) {
  const columns = Object.entries(RULES)
  // O is the server's: what a client says with it counts for nothing.
  for (const [asked, ...answers] of TABLE)
    for (const [at, answered] of answers.entries())
      for (const said of [asked, `${asked}O`]) {
        const [key, overrides] = columns[at]!
        const dns = answered.includes('N') ? '' : answered.includes('S') ? 'fr' : 'r'
        const updates = overrides && { ...rules, ...overrides }
        const about = `the client says ${said || 'none'}, ${key}`
        yield { about, asked: said, answered, dns, updates } satisfies FlagsCell
      }
}

/** `bits`: of each letter. */
export function flagsOf(letters: string, bits: Readonly<Record<string, number>>): number {
  return [...letters].reduce((flags, letter) => flags | bits[letter]!, 0)
}
