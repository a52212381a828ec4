// Whether a server is one of a pair: its file says so, or its database still does (former-pair.ts).
// Made from the plan and the ports, compared at a reload.

import type { Plan } from '../../config/plan/plan.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import type { Link } from '../../ports/link.ts'
import { isSamePair } from '../same-plan.ts'
import { type FormerPair, type FormerPairStatus, formerPairOf } from './former-pair.ts'
import type { OperatorOrders } from './orders.ts'
import { Pair } from './pair.ts'
import type { PairServices } from './pair-services.ts'
import type { PairStatus } from './pair-status.ts'

export class Pairing {
  /** Undefined where the file names no pair. */
  readonly pair: Pair | undefined
  readonly #services: Omit<PairServices, 'link'>
  /** Where the database belongs to one all the same. */
  #former: FormerPair | undefined

  constructor(plan: Plan, link: Link | undefined, services: Omit<PairServices, 'link'>) {
    this.#services = services
    if (plan.ha !== undefined && link !== undefined)
      this.pair = new Pair(plan.ha, { ...services, link })
  }

  /** What an operator may order; undefined where neither file nor database know of a pair. */
  get orders(): OperatorOrders | undefined {
    return this.pair?.orders ?? this.#former
  }

  /** The journal has been read. */
  begin(info: JournalInfo): void {
    if (this.pair === undefined) this.#former = formerPairOf(info, this.#services)
    else this.pair.begin(info)
  }

  /** A new plan is in force. */
  planChanged(former: Plan): void {
    const { plan, reporter } = this.#services
    const { ha } = plan()
    if (!isSamePair(ha, former.ha)) reporter.say('HA_CONFIG_RESTART', {})
    if (ha !== undefined && isSamePair(ha, this.pair?.plan)) this.pair?.tune(ha)
    this.pair?.planChanged(former)
    this.#former?.planChanged()
  }

  stopTaking(): void {
    this.pair?.stopTaking()
    this.#former?.end()
  }

  status(): { readonly ha?: PairStatus; readonly formerPair?: FormerPairStatus } {
    if (this.pair !== undefined) return { ha: this.pair.status() }
    return this.#former === undefined ? {} : { formerPair: this.#former.status() }
  }
}
