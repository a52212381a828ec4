// Where queries wait for an answer from outside: a copy of the datagram under the ticket of the
// question. When the answer comes, the query is stepped again with it. Nothing else waits for them,
// and they are bounded in number and in time: a client repeats its message after four seconds, and
// then the repetition counts.

import type { CommonReason } from '../catalogue/common-reasons.ts'
import {
  ASKING,
  type Asker,
  type Gate,
  type Heard,
  nameOf,
  type Proposal,
  type Ticket,
  type Word,
} from '../dhcp/asking.ts'
import type { HookAnswer, HookQuestion, Hooks } from '../ports/hooks.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'

/**
 * Datagrams that wait: a client repeats what is not answered, so a longer queue serves nobody
 * sooner.
 */
export const WAITING_MAX = 1024

/** So long an answer is waited for. */
export const ANSWER_WAIT: Millis = 2000

/** So often one query waits: what is proposed may be another address each time. */
export const WAITS_MAX = 6

/** A datagram as it came. */
export interface Waiting<Arrival, H extends Heard = Heard> {
  readonly arrival: Arrival
  readonly bytes: Uint8Array
  readonly until: Instant
  /** What it has heard so far. */
  readonly heard: H
  /** What is to be agreed to; undefined: whether it is answered at all. */
  readonly proposal: Proposal | undefined
}

/** What is asked, without what is the same for every family. */
export type QuestionOf<Query, Arrival> = (
  said: Pick<HookQuestion, 'gate' | 'proposal' | 'found'>,
  query: Query,
  arrival: Arrival,
) => HookQuestion

export class WaitingRoom<Query, AskedFrom, Arrival extends AskedFrom, H extends Heard>
  implements Asker<Query, AskedFrom, CommonReason>
{
  readonly #hooks: Hooks | undefined
  readonly #questionOf: QuestionOf<Query, AskedFrom>
  readonly #nothing: H
  /** Who came first is first: all wait equally long. */
  readonly #waiting = new Map<Ticket, Waiting<Arrival, H>>()
  #lastTicket: Ticket = 0
  /** What was asked with it. */
  #gate: Gate = ASKING.query
  #proposal: Proposal | undefined

  /** `nothing`: what a query has heard that comes for the first time. */
  constructor(hooks: Hooks | undefined, questionOf: QuestionOf<Query, AskedFrom>, nothing: H) {
    this.#hooks = hooks
    this.#questionOf = questionOf
    this.#nothing = nothing
  }

  get points(): number {
    return this.#hooks?.points ?? 0
  }

  get size(): number {
    return this.#waiting.size
  }

  /** When somebody has waited for too long. */
  get deadline(): Instant {
    if (this.#waiting.size === 0) return NEVER
    return this.#waiting.values().next().value!.until
  }

  ask(
    gate: Gate,
    query: Query,
    arrival: AskedFrom,
    proposal: Proposal | undefined,
    heard: Heard | undefined,
  ): Word<CommonReason> | Ticket {
    if (this.#waiting.size >= WAITING_MAX) return 'waiting-room-full'
    if (heard !== undefined && heard.waits >= WAITS_MAX) return 'refused-by-hook'
    const question = this.#questionOf({ gate, proposal, found: heard?.found }, query, arrival)
    const ticket = ++this.#lastTicket
    const answer = this.#hooks!.ask(ticket, question)
    this.#gate = gate
    this.#proposal = proposal
    if (answer === undefined) return ticket
    return answer === 'drop' ? 'refused-by-hook' : 'go-on'
  }

  /** A datagram waits for what was asked last; its bytes are copied. `heard`: so far. */
  enter(
    ticket: Ticket,
    arrival: Arrival,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: Instant,
    heard: H = this.#nothing,
  ): void {
    const isCounted = heard.isCounted || this.#gate !== ASKING.query
    this.#waiting.set(ticket, {
      arrival,
      bytes: bytes.slice(start, end),
      until: now + ANSWER_WAIT,
      heard: { ...heard, isCounted, waits: heard.waits + 1 },
      proposal: this.#proposal,
    })
  }

  /** Whose answer has come; undefined: nobody waits for it any more. */
  leave(ticket: Ticket): Waiting<Arrival, H> | undefined {
    const waiting = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    return waiting
  }

  /** All leave. */
  end(): Waiting<Arrival, H>[] {
    return this.late(NEVER)
  }

  /** Those that have waited for too long leave. */
  late(now: Instant): Waiting<Arrival, H>[] {
    const late: Waiting<Arrival, H>[] = []
    for (const [ticket, waiting] of this.#waiting) {
      if (waiting.until > now) break
      this.#waiting.delete(ticket)
      late.push(waiting)
    }
    return late
  }
}

/** What a query knows with the answer that it waited for, or why it is not answered. */
export function heardWith<H extends Heard>(
  { heard, proposal, until }: Waiting<unknown, H>,
  answer: HookAnswer,
  now: Instant,
): H | CommonReason {
  if (until <= now) return 'answer-too-late'
  const judged = proposal === undefined ? '' : nameOf(proposal)
  if (typeof answer !== 'string') return { ...heard, found: answer.found, judged }
  switch (answer) {
    case 'go-on':
      return { ...heard, judged, isRefused: false }
    case 'refuse':
      return judged === '' ? 'refused-by-hook' : { ...heard, judged, isRefused: true }
    case 'failed':
      return 'hook-failed'
    case 'too-slow':
      return 'answer-too-late'
    default:
      return 'refused-by-hook'
  }
}
