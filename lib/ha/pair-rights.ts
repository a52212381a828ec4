// What a server may give, and what somebody must say where its configuration wants more than that.
// The record of the pair decides alone, in every mode and without any: a file that was changed
// proves nothing about the other server.
//
//   record         pair            passive-backup, or no pair         backup
//   none           nothing         nothing                            nothing
//   shared         its keys        its keys                           nothing
//   sole           everything      everything                         nothing
//   no record      (made at once)  (made at once); no pair: all       (made at once)

import type { HaPlan } from '../config/plan/ha-plan.ts'
import { ALONE, type Rights } from '../leases/rights.ts'
import type { PairRecord } from './pair-record.ts'

const KIND_OF = { shared: 'keys', sole: 'all', none: 'none' } as const

/** What the lease table may give; `plan` is undefined for a server without high availability. */
export function rightsOf(record: PairRecord | undefined, plan: HaPlan | undefined): Rights {
  if (record === undefined) return plan === undefined ? ALONE : { ...ALONE, kind: 'none' }
  const { side, doubtUntil, doubtFrom, rights, pairId } = record
  const kind = plan?.thisServer.role === 'backup' ? 'none' : KIND_OF[rights]
  // Who has never met a partner, and looks for none, has no counters to keep.
  const paired = plan !== undefined || pairId !== ''
  return { kind, side, paired, doubtUntil, doubtFrom, ...longestOf(record, plan) }
}

/**
 * A partner that finds this database lost lets addresses rest for the longest lifetime that it has
 * stored: that of their meeting, as long as it tells nothing else. Nobody does that for who has
 * every key and no partner.
 */
function longestOf(record: PairRecord, plan: HaPlan | undefined) {
  const { pairId, rights, toldLifetime, longestLifetime } = record
  const isAlone = rights === 'sole' && plan?.partner === undefined
  const longest = toldLifetime || longestLifetime
  return pairId === '' || longest === 0 || isAlone ? {} : { longest }
}

/** The command that is due, and why. */
export interface DueWord {
  readonly word: 'partner-off' | 'serve-alone'
  /** What this server has, as half a sentence. */
  readonly why: string
}

const WHY_NONE = {
  fresh: 'it serves nobody, since it has never met its partner',
  lost: 'it serves nobody, since its database is new, was restored or was a backup',
  'handed-over': 'it serves nobody, since everything was handed to its partner',
} as const

/**
 * What an operator must say before this server gives everything; undefined: nothing, it does, or
 * its file names a partner that shares with it. Where the file names a partner, meeting it does as
 * well.
 */
export function dueWord(
  record: PairRecord | undefined,
  plan: HaPlan | undefined,
): DueWord | undefined {
  if (record === undefined || plan?.thisServer.role === 'backup') return undefined
  const { rights, noneBecause } = record
  if (rights === 'sole') return undefined
  if (rights === 'shared')
    return plan?.partner === undefined
      ? { word: 'partner-off', why: 'it gives only its own part of the addresses' }
      : undefined
  const word = noneBecause === 'fresh' ? 'serve-alone' : 'partner-off'
  return { word, why: WHY_NONE[noneBecause] }
}
