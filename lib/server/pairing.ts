// Whether a server is one of a pair: made from the plan and the ports, compared at a reload, and ended where
// the configuration names no partner any more.

import type { HaPlan } from '../config/ha-plan.ts'
import type { LeaseDatabasePlan, Plan4 } from '../config/plan4.ts'
import type { PairRecord } from '../ha/pair-record.ts'
import { confirmPartnerOff, recordInNewLife, rightsOf } from '../ha/pair-steps.ts'
import type { Link } from '../ports/link.ts'
import { Pair, type PairServices } from './pair.ts'
import { randomName } from './random-name.ts'

/** Undefined for a server on its own. */
export function pairOf(
  plan: Plan4,
  link: Link | undefined,
  services: Omit<PairServices, 'link'>,
): Pair | undefined {
  if (plan.ha === undefined || link === undefined) return undefined
  return new Pair(plan.ha, { ...services, link })
}

/** The configuration names no partner any more: an operator's word that there is none. */
export function leavePair(
  record: PairRecord,
  services: Pick<PairServices, 'delivery' | 'reporter' | 'table' | 'now' | 'draw' | 'lastChange'>,
): void {
  const { delivery, reporter, table, now, draw, lastChange } = services
  const life = { id: randomName(draw), from: lastChange() }
  const next = recordInNewLife(confirmPartnerOff(record, now()), life)
  reporter.say('HA_DATABASE_OF_PAIR', { pair: record.pairId })
  delivery.store(next)
  table.setRights(rightsOf(next, undefined))
}

/** A reload that leaves high availability alone leaves it alone. */
export function isSamePair(one: HaPlan | undefined, other: HaPlan | undefined): boolean {
  return factsOf(one) === factsOf(other)
}

/** A change of the lease database needs a restart. */
export function isSameDatabase(one: LeaseDatabasePlan, other: LeaseDatabasePlan): boolean {
  const isSamePlace = one.path === other.path && one.persist === other.persist
  return isSamePlace && one.durability === other.durability
}

function factsOf(plan: HaPlan | undefined): string {
  return plan === undefined ? '' : JSON.stringify({ ...plan, pauses: [...plan.pauses] })
}
