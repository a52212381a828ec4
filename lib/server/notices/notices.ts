// Whoever watches leases: told of each change once it is durable, with the message that brought it
// about, which is kept until then.

import type { NoticesPlan } from '../../config/plan/notices-plan.ts'
import type { Plan4 } from '../../config/plan/plan4.ts'
import type { Arrival4 } from '../../dhcp4/arrival.ts'
import type { Outcome4 } from '../../dhcp4/outcome4.ts'
import type { Trace4 } from '../../dhcp4/trace4.ts'
import { type Change, LEASE_STATE, type Lease } from '../../leases/lease.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Interface4 } from '../../ports/datagrams4.ts'
import type { Outlets } from '../../ports/outlets.ts'
import type { Instant } from '../../time/units.ts'
import type { Message4 } from '../../wire/v4/reader.ts'
import type { LeaseAction } from '../events.ts'
import type { ReplyArena } from '../reply-arena.ts'
import { legalLine } from './legal-line.ts'
import { type Notice4, type QueryNotice4, queryNotice } from './notice.ts'
import { OwnText4 } from './own-text.ts'
import { scriptCalls } from './script-calls.ts'

interface Cause {
  readonly former: Lease | undefined
  readonly query: QueryNotice4 | undefined
  readonly text: string | undefined
}

export class LeaseNotices {
  readonly #outlets: Outlets | undefined
  readonly #clock: Pick<Clock, 'wall'>
  readonly #causes = new WeakMap<Lease, Cause>()
  readonly #ownText = new OwnText4()
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

  /**
   * What the legal log is to say of a message that changes leases, found at once: neither the
   * message nor the reply, at the cursor of the arena, is kept. Undefined: what Kea says.
   */
  textOf(trace: Trace4, outcome: Outcome4, { chunk, cursor }: ReplyArena): string | undefined {
    const formats = this.#plan.legalLog?.formats
    if (formats === undefined) return undefined
    const isAnswered = outcome.kind === 'reply'
    const reply = isAnswered ? chunk.subarray(cursor, cursor + outcome.length) : undefined
    return this.#ownText.of(formats, trace, reply)
  }

  /** A message changes a lease; `former`: its row until now; `text`: see textOf. */
  noteMessage(
    change: Change,
    former: Lease | undefined,
    message: Message4,
    arrival: Arrival4 & { readonly link: Interface4 },
    text?: string,
  ): void {
    if (change.kind === 'put')
      this.#causes.set(change.lease, { former, query: queryNotice(message, arrival), text })
  }

  /** Time changes a lease. That a declined address is free again nobody else is told. */
  noteTime(change: Change, former: Lease | undefined, plan: Plan4, now: Instant): void {
    if (change.kind === 'put')
      this.#causes.set(change.lease, { former, query: undefined, text: undefined })
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
    const nothing = { former: undefined, query: undefined, text: undefined }
    return { lease, ...nothing, subnet, wallOf, removesEnded }
  }

  #tell(notice: Notice4): void {
    const { legalLog, script } = this.#plan
    if (script !== undefined)
      for (const { point, environment } of scriptCalls(notice))
        this.#outlets!.run(script, point, environment)
    if (legalLog === undefined || legalLog.except.has(notice.lease.subnetId)) return
    const line = legalLine(notice)
    if (line === undefined) return
    for (const part of line.split('\n'))
      if (part !== '') this.#outlets!.keep(legalLog, this.#clock.wall(), part)
  }
}
