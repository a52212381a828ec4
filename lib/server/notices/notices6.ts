// Whoever watches leases of DHCPv6: told of each change once it is durable, with the message that
// brought it about, which is kept until then. What a message did is told together, too, when all of
// it is durable.

import type { Prefix6 } from '../../address/prefix6.ts'
import type { NoticesPlan } from '../../config/plan/notices-plan.ts'
import type { Plan6 } from '../../config/plan/plan6.ts'
import type { ReplyOutcome6 } from '../../dhcp6/outcome6.ts'
import type { Trace6 } from '../../dhcp6/trace6.ts'
import { type Change, LEASE_STATE, type Lease6, type LeaseAction } from '../../leases/lease.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Outlets } from '../../ports/outlets.ts'
import type { Instant } from '../../time/units.ts'
import type { ReplyArena } from '../reply-arena.ts'
import { legalLine6 } from './legal-line6.ts'
import { type Notice6, type QueryNotice6, queryNotice6 } from './notice6.ts'
import { OwnText6 } from './own-text.ts'
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
  /** What the legal log is told of all of them; undefined: what Kea says of each. */
  readonly text: string | undefined
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
  readonly #ownText = new OwnText6()
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

  /**
   * What the legal log is to say of a message that changes leases, found at once: neither the
   * message nor the reply, at the cursor of the arena, is kept. Undefined: what Kea says.
   */
  textOf(
    trace: Trace6,
    { length }: Pick<ReplyOutcome6, 'length'>,
    { chunk, cursor }: Pick<ReplyArena, 'chunk' | 'cursor'>,
  ): string | undefined {
    const formats = this.#plan.legalLog?.formats
    if (formats === undefined) return undefined
    return this.#ownText.of(formats, trace, chunk.subarray(cursor, cursor + length))
  }

  /** A message changes leases: all that it changes, as it is put. */
  noteMessage(
    changed: readonly Changed6[],
    { arrival, hardware, query }: Pick<Trace6, 'arrival' | 'hardware' | 'query'>,
    text?: string,
  ): void {
    const puts = changed.flatMap(({ change, former }) =>
      change.kind === 'put' ? [{ lease: change.lease, former }] : [],
    )
    if (puts.length === 0) return
    const message = {
      query: queryNotice6(query, hardware, arrival),
      size: puts.length,
      text,
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
    const { message } = cause ?? {}
    if (message === undefined) return this.#tell(notice)
    this.#call(notice)
    if (message.text === undefined) this.#log(notice)
    message.durable.push(notice)
    if (message.durable.length < message.size) return
    this.#run(committed6(message.durable))
    if (message.text !== undefined) this.#keepText(message.text, message.durable)
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
    this.#call(notice)
    this.#log(notice)
  }

  #call(notice: Notice6): void {
    for (const call of scriptCalls6(notice)) this.#run(call)
  }

  #log(notice: Notice6): void {
    const line = legalLine6(notice)
    if (line !== undefined) this.#keepText(line, [notice])
  }

  /** Of leases in any subnet that is logged. */
  #keepText(text: string, notices: readonly Notice6[]): void {
    const { legalLog } = this.#plan
    if (legalLog === undefined) return
    if (notices.every(({ lease }) => legalLog.except.has(lease.subnetId))) return
    for (const part of text.split('\n'))
      if (part !== '') this.#outlets!.keep(legalLog, this.#clock.wall(), part)
  }

  #run({ point, environment }: ScriptCall): void {
    const { script } = this.#plan
    if (script !== undefined) this.#outlets!.run(script, point, environment)
  }
}
