// Two servers as far as a meeting goes: their records, their hellos, and what both ends make of
// them.

import type { HaPlan, HaRole } from '../../lib/config/plan/ha-plan.ts'
import { type Agreement, judgeHello } from '../../lib/ha/handshake.ts'
import type { Refused } from '../../lib/ha/hello-refusals.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import type { Verdict } from '../../lib/ha/meeting-table.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { initialRecord, standingOf } from '../../lib/ha/pair-steps.ts'
import { peer, planOf } from './pair-model.ts'

export const PRIMARY = peer('one', 'primary')
export const SECONDARY = peer('two', 'secondary')
export const BACKUP = peer('three', 'backup')
export const PEERS = [PRIMARY, SECONDARY, BACKUP]
export const PLANS: Record<string, HaPlan> = {
  one: planOf(PRIMARY, SECONDARY, PEERS),
  two: planOf(SECONDARY, PRIMARY, PEERS),
  three: planOf(BACKUP, undefined, PEERS),
}
export const ROLES: Record<string, HaRole> = { one: 'primary', two: 'secondary', three: 'backup' }
export const NOW = 1000

export const FRESH = initialRecord(false, 'primary')
export const MET: PairRecord = {
  ...FRESH,
  pairId: 'pair',
  rights: 'shared',
  handOver: 3,
  longestLifetime: 100,
}

/** A record of `one` (side 0) or `two` (side 1), which have met as databases d-one and d-two. */
export function met(name: 'one' | 'two', change: Partial<PairRecord> = {}): PairRecord {
  const partner = name === 'one' ? 'd-two' : 'd-one'
  const applied = { [partner]: 50 }
  return { ...MET, side: name === 'one' ? 0 : 1, partnerDatabase: partner, applied, ...change }
}

export function helloOf(name: string, record: PairRecord, change: Partial<Hello> = {}): Hello {
  return {
    type: 'hello',
    version: 1,
    software: 'test',
    name,
    role: ROLES[name]!,
    mode: 'load-balancing',
    instance: 'i',
    turn: 1,
    database: `d-${name}`,
    position: 100,
    clock: 1_000_000,
    candidateId: `candidate-${name}`,
    fingerprint: '',
    state: 'load-balancing',
    ...standingOf(record),
    ...change,
  }
}

export type Outcome = Agreement | Refused

/** What both ends make of a meeting. */
export function meet(
  one: PairRecord,
  two: PairRecord,
  changeOne: Partial<Hello> = {},
  changeTwo: Partial<Hello> = {},
): [Outcome, Outcome] {
  const first = helloOf('one', one, changeOne)
  const second = helloOf('two', two, changeTwo)
  return [
    judgeHello(PLANS.one!, one, first, second, NOW),
    judgeHello(PLANS.two!, two, second, first, NOW),
  ]
}

/** The verdicts of both ends. */
export function verdicts(outcomes: readonly [Outcome, Outcome]): string {
  return outcomes.map((one) => (one.kind === 'agree' ? one.verdict : one.reason)).join(' / ')
}

export const COMPLEMENT: Record<Verdict, readonly Verdict[]> = {
  keep: ['receive'],
  take: ['receive'],
  receive: ['keep', 'take'],
  'go-on': ['go-on'],
  rest: ['hold'],
  hold: ['rest'],
}
