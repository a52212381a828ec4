// Whoever watches leases: told of each change once it is durable, with the message that brought it
// about, which is kept until then.

import type { NoticesPlan } from '../../config/plan/notices-plan.ts'
import type { Plan4 } from '../../config/plan/plan4.ts'
import type { Arrival4 } from '../../dhcp4/exchange4.ts'
import { type Change, LEASE_STATE, type Lease } from '../../leases/lease.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Interface4 } from '../../ports/datagrams4.ts'
import type { Outlets } from '../../ports/outlets.ts'
import type { Instant } from '../../time/units.ts'
import type { Message4 } from '../../wire/v4/reader.ts'
import type { LeaseAction } from '../events.ts'
import { legalLine } from './legal-line.ts'
import { type Notice4, type QueryNotice4, queryNotice } from './notice.ts'
import { scriptCalls } from './script-calls.ts'

interface Cause {
  readonly former: Lease | undefined
  readonly query: QueryNotice4 | undefined
}

export class LeaseNotices {
  readonly #outlets: Outlets | undefined
  readonly #clock: Pick<Clock, 'wall'>
  readonly #causes = new WeakMap<Lease, Cause>()
  #plan: NoticesPlan

  constructor(plan: Plan4, outlets: Outlets | undefined, clock: Pick<Clock, 'wall'>) {
    this.#plan = plan.notices
    this.#outlets = outlets
    this.#clock = clock
  }

  use(plan: Plan4): void {
    this.#plan = plan.notices
  }

  /** Whether anybody watches: else nothing need be noted. */
  get areWanted(): boolean {
    const { legalLog, script } = this.#plan
    return this.#outlets !== undefined && (script !== undefined || legalLog !== undefined)
  }

  /** A message changes a lease; `former`: its row until now. */
  noteMessage(
    change: Change,
    former: Lease | undefined,
    message: Message4,
    arrival: Arrival4 & { readonly link: Interface4 },
  ): void {
    if (change.kind === 'put')
      this.#causes.set(change.lease, { former, query: queryNotice(message, arrival) })
  }

  /** Time changes a lease. That a declined address is free again nobody else is told. */
  noteTime(change: Change, former: Lease | undefined, plan: Plan4, now: Instant): void {
    if (change.kind === 'put') this.#causes.set(change.lease, { former, query: undefined })
    const isOver = change.kind === 'remove' || change.lease.state === LEASE_STATE.free
    if (former?.state === LEASE_STATE.declined && isOver)
      this.#tell({ ...this.#basis(former, plan, now), kind: 'recovered' })
  }

  /** The change is durable. */
  durable(action: LeaseAction, lease: Lease, plan: Plan4, now: Instant): void {
    if (!this.areWanted) return
    this.#tell({ ...this.#basis(lease, plan, now), ...this.#causes.get(lease), kind: action })
  }

  close(): void {
    this.#outlets?.close()
  }

  #basis(lease: Lease, plan: Plan4, now: Instant): Omit<Notice4, 'kind'> {
    const wall = this.#clock.wall()
    const subnet = plan.subnetById(lease.subnetId)
    const wallOf = (time: Instant) => wall - (now - time)
    const removesEnded = plan.expiry.holdReclaimed === 0
    return { lease, former: undefined, query: undefined, subnet, wallOf, removesEnded }
  }

  #tell(notice: Notice4): void {
    const { legalLog, script } = this.#plan
    if (script !== undefined)
      for (const { point, environment } of scriptCalls(notice))
        this.#outlets!.run(script, point, environment)
    if (legalLog === undefined || legalLog.except.has(notice.lease.subnetId)) return
    const line = legalLine(notice)
    if (line !== undefined) this.#outlets!.keep(legalLog, this.#clock.wall(), line)
  }
}
