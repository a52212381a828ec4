// What the journal of a configuration lets its server give, and which command is due where the file
// wants more (lib/ha/README.md, rule 2f): a line of `whio check`.

import { existsSync } from 'node:fs'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import type { PairRecord } from '../ha/pair-record.ts'
import { dueWord } from '../ha/pair-rights.ts'
import { recordAtStart } from '../ha/pair-steps.ts'
import { pairInJournal } from '../platform/journal/pair.ts'
import { openTrouble } from '../platform/journal/trouble.ts'

export interface RightsFinding {
  /** info: a meeting does it, too. */
  readonly severity: 'warning' | 'info'
  readonly text: string
}

/**
 * Undefined: there is nothing to say, or no journal yet. Of leases that are in a database that
 * servers share, a journal that lies there is of the past.
 */
export function rightsFinding(
  {
    path,
    persist,
    shared,
  }: Pick<LeaseDatabasePlan, 'path' | 'persist'> & Partial<Pick<LeaseDatabasePlan, 'shared'>>,
  ha: HaPlan | undefined,
): RightsFinding | undefined {
  if (!persist || shared !== undefined || !existsSync(path)) return undefined
  let found: ReturnType<typeof pairInJournal>
  try {
    found = pairInJournal(path)
  } catch (error) {
    const text = `what this server may give cannot be told: ${path}: ${openTrouble(path, error)}`
    return { severity: 'info', text }
  }
  return findingOf(found.pair, found.change, ha)
}

function findingOf(
  stored: PairRecord | undefined,
  change: number,
  ha: HaPlan | undefined,
): RightsFinding | undefined {
  if (ha?.thisServer.role === 'backup') return backupFinding(stored)
  const due = dueWord(recordAtStart(stored, change, ha), ha)
  if (due === undefined) return undefined
  const { why, word } = due
  if (ha?.partner === undefined) {
    const elsewhere =
      ha === undefined
        ? 'no pair is named here (if another file of the server names it, check both files together); '
        : ''
    return {
      severity: 'warning',
      text: `by its database ${why}; ${elsewhere}when the other server of the pair is off for good: whio ${word}`,
    }
  }
  const text = `by its database ${why}; it waits for ${ha.partner.name}, else: whio ${word}`
  return { severity: 'info', text }
}

function backupFinding(stored: PairRecord | undefined): RightsFinding | undefined {
  if (stored === undefined || stored.rights === 'none') return undefined
  const what = stored.rights === 'sole' ? 'every address' : 'its part of the addresses'
  return {
    severity: 'warning',
    text:
      `by its database this server gives ${what}, as a backup it gives none. Before: whio maintenance-start ` +
      'on the server that is to have them; or after it, when this one is a backup: whio partner-off there',
  }
}
