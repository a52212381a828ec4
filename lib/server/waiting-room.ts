// Where queries wait for an answer from outside: a copy of the datagram under the ticket of the
// question. When the answer comes, the query is stepped again with it. Nothing else waits for them,
// and they are bounded in number and in time: a client repeats its message after four seconds, and
// then the repetition counts.

import type { CommonReason } from '../catalogue/common-reasons.ts'
import type { Asker, Ticket, Word } from '../dhcp/asking.ts'
import type { HookAnswer, Hooks, QueryQuestion } from '../ports/hooks.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'

/**
 * Datagrams that wait: a client repeats what is not answered, so a longer queue serves nobody
 * sooner.
 */
export const WAITING_MAX = 1024

/** So long an answer is waited for. */
export const ANSWER_WAIT: Millis = 2000

/** A datagram as it came. */
export interface Waiting<Arrival> {
  readonly arrival: Arrival
  readonly bytes: Uint8Array
  readonly until: Instant
}

export class WaitingRoom<Query, Arrival> implements Asker<Query, CommonReason> {
  readonly #hooks: Hooks | undefined
  readonly #questionOf: (query: Query, link: string) => QueryQuestion
  /** Who came first is first: all wait equally long. */
  readonly #waiting = new Map<Ticket, Waiting<Arrival>>()
  #lastTicket: Ticket = 0

  /** `link`: where the query was received. */
  constructor(hooks: Hooks | undefined, questionOf: (query: Query, link: string) => QueryQuestion) {
    this.#hooks = hooks
    this.#questionOf = questionOf
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

  askOfQuery(query: Query, link: string): Word<CommonReason> | Ticket {
    if (this.#waiting.size >= WAITING_MAX) return 'waiting-room-full'
    const question = this.#questionOf(query, link)
    const ticket = ++this.#lastTicket
    const answer = this.#hooks!.ask(ticket, question)
    return answer === undefined ? ticket : wordOf(answer)
  }

  /** A datagram waits; its bytes are copied. */
  enter(
    ticket: Ticket,
    arrival: Arrival,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: Instant,
  ): void {
    const until = now + ANSWER_WAIT
    this.#waiting.set(ticket, { arrival, bytes: bytes.slice(start, end), until })
  }

  /** Whose answer has come; undefined: nobody waits for it any more. */
  leave(ticket: Ticket): Waiting<Arrival> | undefined {
    const waiting = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    return waiting
  }

  /** All leave. */
  end(): Waiting<Arrival>[] {
    return this.late(NEVER)
  }

  /** Those that have waited for too long leave. */
  late(now: Instant): Waiting<Arrival>[] {
    const late: Waiting<Arrival>[] = []
    for (const [ticket, waiting] of this.#waiting) {
      if (waiting.until > now) break
      this.#waiting.delete(ticket)
      late.push(waiting)
    }
    return late
  }
}

export function wordOf(answer: HookAnswer): Word<CommonReason> {
  return answer === 'drop' ? 'refused-by-hook' : 'go-on'
}
