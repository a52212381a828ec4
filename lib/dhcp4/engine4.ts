// The DHCPv4 protocol engine: one query in, one outcome out (RFC 2131 §4.3). It sends, stores and logs
// nothing; the only thing it notes by itself is an offer, which lives in memory for seconds.

import type { Plan4 } from '../config/plan/plan4.ts'
import type { LeaseView } from '../leases/view.ts'
import type { Draw } from '../time/draw.ts'
import type { Instant } from '../time/units.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'
import { accept } from './accept.ts'
import { ASKING, type Asker4, mayWait, type Word4 } from './asking.ts'
import { decline } from './decline.ts'
import { discover } from './discover.ts'
import { drop } from './drop.ts'
import { type Arrival4, Exchange4, type Settings4 } from './exchange4.ts'
import { inform } from './inform.ts'
import type { Outcome4 } from './outcome4.ts'
import { release } from './release.ts'
import { ReplyOptions } from './reply-options.ts'
import { request, requestToOther } from './request.ts'
import { configuredServerIds } from './server-identifier.ts'

/** What is done with each message type that a server answers; the types are small integers. */
const ANSWERS: ((exchange: Exchange4) => Outcome4)[] = []
ANSWERS[MESSAGE_TYPE4.discover] = discover
ANSWERS[MESSAGE_TYPE4.request] = request
ANSWERS[MESSAGE_TYPE4.decline] = decline
ANSWERS[MESSAGE_TYPE4.release] = release
ANSWERS[MESSAGE_TYPE4.inform] = inform

/** One engine serves one plan; a reload makes a new one over the same leases. */
export class Engine4 {
  readonly #exchange: Exchange4
  /** Undefined where nobody wants to be asked. */
  readonly #asker: Asker4 | undefined

  constructor(plan: Plan4, leases: LeaseView, settings: Settings4) {
    const serverIds = configuredServerIds(plan)
    const { asker } = settings
    this.#asker = asker !== undefined && (asker.points & ASKING.query) !== 0 ? asker : undefined
    this.#exchange = new Exchange4(plan, leases, settings, new ReplyOptions(), serverIds)
  }

  /**
   * Answers one query. `owner` is the number of the active server of a pair whose client it is, which is
   * that of its class; 0 without a pair. A reply is written to `out` from `outAt` on, where 1472 bytes must be free.
   * `word` is the answer for which the query had to wait; without it, whoever wants to be asked is asked.
   * `draw` and `nextChange` are called only where chance or a change number is needed. Never throws
   * for what a message contains.
   */
  step(
    query: Query4,
    arrival: Arrival4,
    owner: number,
    now: Instant,
    draw: Draw,
    nextChange: () => number,
    out: Uint8Array,
    outAt: number,
    word?: Word4,
  ): Outcome4 {
    const exchange = this.#exchange
    exchange.begin(query, arrival, owner, now, draw, nextChange, out, outAt)
    const refusal = accept(exchange)
    if (refusal === 'not-for-us') return requestToOther(exchange)
    if (refusal !== undefined) return drop(refusal)
    const answer = ANSWERS[query.type]
    if (answer === undefined) return drop('bad-message-type')
    if (this.#asker !== undefined && mayWait(query.type)) {
      const said = word ?? this.#asker.askOfQuery(query, arrival.link.name)
      if (typeof said === 'number') return { kind: 'wait', ticket: said }
      if (said !== 'go-on') return drop(said)
    }
    return answer(exchange)
  }
}
