// Whoever watches leases of DHCPv6: told of each change once it is durable, with the message that
// brought it about, which is kept until then. What a message did is told together, too, when all of
// it is durable.

import type { Prefix6 } from '../../address/prefix6.ts'
import type { NoticesPlan } from '../../config/plan/notices-plan.ts'
import type { Plan6 } from '../../config/plan/plan6.ts'
import type { Arrival6 } from '../../dhcp6/asked6.ts'
import type { Hardware6 } from '../../dhcp6/hardware6.ts'
import { type Change, LEASE_STATE, type Lease6, type LeaseAction } from '../../leases/lease.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Outlets } from '../../ports/outlets.ts'
import type { Instant } from '../../time/units.ts'
import type { Query6 } from '../../wire/v6/message.ts'
import { legalLine6 } from './legal-line6.ts'
import { type Notice6, type QueryNotice6, queryNotice6 } from './notice6.ts'
import type { ScriptCall } from './script-calls.ts'
import { committed6, scriptCalls6 } from './script-calls6.ts'

/** A change, with the row before. */
export interface Changed6 {
  readonly change: Change<Prefix6>
  readonly former: Lease6 | undefined
}

/** What a message did, as far as it is durable. */
interface Message6 {
  readonly query: QueryNotice6
  /** Leases that it changed. */
  readonly size: number
  readonly durable: Notice6[]
}

interface Cause {
  readonly former: Lease6 | undefined
  /** Undefined: time. */
  readonly message: Message6 | undefined
}

export class LeaseNotices6 {
  readonly #outlets: Outlets | undefined
  readonly #clock: Pick<Clock, 'wall'>
  readonly #causes = new WeakMap<Lease6, Cause>()
  #plan: NoticesPlan

  constructor(plan: Plan6, outlets: Outlets | undefined, clock: Pick<Clock, 'wall'>) {
    this.#plan = plan.notices
    this.#outlets = outlets
    this.#clock = clock
  }

  use(plan: Plan6): void {
    this.#plan = plan.notices
  }

  /** Whether anybody watches: else nothing need be noted. */
  get areWanted(): boolean {
    const { legalLog, script } = this.#plan
    return this.#outlets !== undefined && (script !== undefined || legalLog !== undefined)
  }

  /** A message changes leases: all that it changes, as it is put. */
  noteMessage(
    changed: readonly Changed6[],
    query: Query6,
    hardware: Hardware6,
    arrival: Arrival6,
  ): void {
    const puts = changed.flatMap(({ change, former }) =>
      change.kind === 'put' ? [{ lease: change.lease, former }] : [],
    )
    if (puts.length === 0) return
    const message = {
      query: queryNotice6(query, hardware, arrival),
      size: puts.length,
      durable: [],
    }
    for (const { lease, former } of puts) this.#causes.set(lease, { former, message })
  }

  /** Time changes a lease. That a declined address is free again nobody else is told. */
  noteTime({ change, former }: Changed6, plan: Plan6, now: Instant): void {
    if (change.kind === 'put') this.#causes.set(change.lease, { former, message: undefined })
    const isOver = change.kind === 'remove' || change.lease.state === LEASE_STATE.free
    if (former?.state === LEASE_STATE.declined && isOver)
      this.#tell({ ...this.#basis(former, plan, now), kind: 'recovered' })
  }

  /** The change is durable. */
  durable(action: LeaseAction, lease: Lease6, plan: Plan6, now: Instant): void {
    if (!this.areWanted) return
    const cause = this.#causes.get(lease)
    const notice = {
      ...this.#basis(lease, plan, now),
      former: cause?.former,
      query: cause?.message?.query,
      kind: action,
    }
    this.#tell(notice)
    const { message } = cause ?? {}
    if (message === undefined) return
    message.durable.push(notice)
    if (message.durable.length === message.size) this.#run(committed6(message.durable))
  }

  close(): void {
    this.#outlets?.close()
  }

  #basis(lease: Lease6, plan: Plan6, now: Instant): Omit<Notice6, 'kind'> {
    const wall = this.#clock.wall()
    const subnet = plan.subnetById(lease.subnetId)
    const wallOf = (time: Instant) => wall - (now - time)
    const removesEnded = plan.expiry.holdReclaimed === 0
    return { lease, former: undefined, query: undefined, subnet, wallOf, removesEnded }
  }

  #tell(notice: Notice6): void {
    for (const call of scriptCalls6(notice)) this.#run(call)
    const { legalLog } = this.#plan
    if (legalLog === undefined || legalLog.except.has(notice.lease.subnetId)) return
    const line = legalLine6(notice)
    if (line !== undefined) this.#outlets!.keep(legalLog, this.#clock.wall(), line)
  }

  #run({ point, environment }: ScriptCall): void {
    const { script } = this.#plan
    if (script !== undefined) this.#outlets!.run(script, point, environment)
  }
}
