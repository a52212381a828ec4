// Where queries wait for an answer from outside: a copy of the datagram under the ticket of the
// question. When the answer comes, the query is stepped again with it. Nothing else waits for them,
// and they are bounded in number and in time: a client repeats its message after four seconds, and
// then the repetition counts.

import type { Asker4, Ticket, Word4 } from '../dhcp4/asking.ts'
import type { Arrival4 } from '../dhcp4/exchange4.ts'
import type { Interface4 } from '../ports/datagrams4.ts'
import type { HookAnswer, Hooks, QueryQuestion4 } from '../ports/hooks.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'

/**
 * Datagrams that wait: a client repeats what is not answered, so a longer queue serves nobody
 * sooner.
 */
export const WAITING_MAX = 1024

/** So long an answer is waited for. */
export const ANSWER_WAIT: Millis = 2000

/** A datagram as it came. */
export interface Waiting4 {
  readonly arrival: Arrival4 & { readonly link: Interface4 }
  readonly bytes: Uint8Array
  readonly until: Instant
}

export class WaitingRoom implements Asker4 {
  readonly #hooks: Hooks | undefined
  /** Who came first is first: all wait equally long. */
  readonly #waiting = new Map<Ticket, Waiting4>()
  #lastTicket: Ticket = 0

  constructor(hooks: Hooks | undefined) {
    this.#hooks = hooks
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

  askOfQuery(query: Query4, link: string): Word4 | Ticket {
    if (this.#waiting.size >= WAITING_MAX) return 'waiting-room-full'
    const question: QueryQuestion4 = {
      type: query.type,
      hwAddress: query.hwAddress,
      clientId: query.octets(OPTION4.clientIdentifier),
      interface: link,
    }
    const ticket = ++this.#lastTicket
    const answer = this.#hooks!.ask(ticket, question)
    return answer === undefined ? ticket : wordOf(answer)
  }

  /** A datagram waits; its bytes are copied. */
  enter(
    ticket: Ticket,
    arrival: Waiting4['arrival'],
    bytes: Uint8Array,
    start: number,
    end: number,
    now: Instant,
  ): void {
    const until = now + ANSWER_WAIT
    this.#waiting.set(ticket, { arrival, bytes: bytes.slice(start, end), until })
  }

  /** Whose answer has come; undefined: nobody waits for it any more. */
  leave(ticket: Ticket): Waiting4 | undefined {
    const waiting = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    return waiting
  }

  /** All leave. */
  end(): Waiting4[] {
    return this.late(NEVER)
  }

  /** Those that have waited for too long leave. */
  late(now: Instant): Waiting4[] {
    const late: Waiting4[] = []
    for (const [ticket, waiting] of this.#waiting) {
      if (waiting.until > now) break
      this.#waiting.delete(ticket)
      late.push(waiting)
    }
    return late
  }
}

export function wordOf(answer: HookAnswer): Word4 {
  return answer === 'drop' ? 'refused-by-hook' : 'go-on'
}
