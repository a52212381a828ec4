// What of a plan needs a restart: the lease database and the pair stay what they were.

import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { LeaseDatabasePlan, Plan } from '../config/plan/plan.ts'

/** What of the plan comes into force at the next start only. */
export function needsRestart(plan: Plan, started: Plan): readonly string[] {
  return [
    ...(isSameDatabase(plan.database, started.database) ? [] : ['lease-database']),
    ...(plan.witnessFolder === started.witnessFolder ? [] : ['witness-folder']),
    ...(isSamePair(plan.ha, started.ha) ? [] : ['high-availability']),
  ]
}

/** `lease-database and high-availability need a restart`. */
export function needsRestartWords(keys: readonly string[]): string {
  return `${keys.join(' and ')} ${keys.length === 1 ? 'needs' : 'need'} a restart`
}

/** A change of the lease database needs a restart. */
export function isSameDatabase(one: LeaseDatabasePlan, other: LeaseDatabasePlan): boolean {
  const isSamePlace = one.path === other.path && one.persist === other.persist
  const [kept, keeps] = [one.history, other.history]
  const isKept = kept?.maxAge === keeps?.maxAge && kept?.maxRows === keeps?.maxRows
  const isSameServer = JSON.stringify(one.shared) === JSON.stringify(other.shared)
  return isSamePlace && isSameServer && one.durability === other.durability && isKept
}

/** A reload that leaves high availability alone leaves it alone. */
export function isSamePair(one: HaPlan | undefined, other: HaPlan | undefined): boolean {
  return factsOf(one) === factsOf(other)
}

/**
 * What a reload changes of a pair that runs: how long is waited for what, and how much is handed
 * on. None of it says who may give what.
 */
const TUNED = [
  'heartbeatDelay',
  'maxResponseDelay',
  'maxAckDelay',
  'maxUnackedClients',
  'syncPageLimit',
  'reserve',
] as const satisfies readonly (keyof HaPlan)[]

export function tuningOf(plan: HaPlan): Pick<HaPlan, (typeof TUNED)[number]> {
  const { heartbeatDelay, maxResponseDelay, maxAckDelay, maxUnackedClients } = plan
  const { syncPageLimit, reserve } = plan
  const waits = { heartbeatDelay, maxResponseDelay, maxAckDelay, maxUnackedClients }
  return { ...waits, syncPageLimit, reserve }
}

function factsOf(plan: HaPlan | undefined): string {
  if (plan === undefined) return ''
  const facts: Record<string, unknown> = { ...plan, pauses: [...plan.pauses] }
  for (const key of TUNED) delete facts[key]
  return JSON.stringify(facts)
}
