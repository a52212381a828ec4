// The DHCPv4 protocol engine: one query in, one outcome out (RFC 2131 §4.3). It sends, stores and
// logs nothing; the only thing it notes by itself is an offer, which lives in memory for seconds.

import type { Plan4 } from '../config/plan/plan4.ts'
import { ASKING } from '../dhcp/asking.ts'
import { isDroppedEarly, refusalByClass, settleClasses } from '../dhcp/client-classes.ts'
import { identified, received } from '../dhcp/hooked.ts'
import { lookUpOf } from '../dhcp/look-up.ts'
import { RefusedByHook, STEP } from '../dhcp/steps.ts'
import type { LeaseView } from '../leases/view.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { accept } from './accept.ts'
import type { Arrival4 } from './arrival.ts'
import { type Asker4, mayWait } from './asking.ts'
import { BOOTP, bootp } from './bootp.ts'
import { classify } from './classes4.ts'
import { configuredServerIds } from './configured-server-ids.ts'
import { decline } from './decline.ts'
import { discover } from './discover.ts'
import { type Asked4, Exchange4, type Settings4 } from './exchange4.ts'
import { refusedByHook } from './hooked.ts'
import { inform } from './inform.ts'
import { locateSubnet } from './locate-subnet.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { placesOf } from './places.ts'
import { recallRelay } from './relay-memory.ts'
import { release } from './release.ts'
import { ReplyOptions4 } from './reply-options.ts'
import { request, requestToOther } from './request.ts'
import type { Trace4 } from './trace4.ts'

/** What is done with each message type that a server answers; the types are small integers. */
const ANSWERS: ((exchange: Exchange4) => Outcome4)[] = []
ANSWERS[BOOTP] = bootp
ANSWERS[MESSAGE_TYPE4.discover] = discover
ANSWERS[MESSAGE_TYPE4.request] = request
ANSWERS[MESSAGE_TYPE4.decline] = decline
ANSWERS[MESSAGE_TYPE4.release] = release
ANSWERS[MESSAGE_TYPE4.inform] = inform

const NO_REPLY = new Uint8Array(0)

/** One engine serves one plan; a reload makes a new one over the same leases. */
export class Engine4 {
  readonly #exchange: Exchange4
  /** Reservations are in databases, too. */
  readonly #looksUp: boolean
  /** Undefined where nobody wants to be asked. */
  readonly #asker: Asker4<Arrival4> | undefined

  constructor(plan: Plan4, leases: LeaseView, settings: Settings4) {
    const serverIds = configuredServerIds(plan)
    const { asker } = settings
    this.#looksUp = plan.reservations.joinsDatabases
    this.#asker = asker !== undefined && (asker.points & ASKING.query) !== 0 ? asker : undefined
    const options = new ReplyOptions4(plan.classes.given.map((given) => given?.options))
    this.#exchange = new Exchange4(plan, leases, settings, options, serverIds)
  }

  /** What the last step decided on its way; the next one forgets it. */
  get trace(): Trace4 {
    return this.#exchange
  }

  #begin(asked: Asked4, out: Uint8Array, outAt: number): Exchange4 {
    const exchange = this.#exchange
    exchange.begin(asked, out, outAt)
    if (exchange.plan.stashesRelayInfo) recallRelay(exchange, asked.client)
    const { listens, named, steps } = exchange
    if (steps !== undefined) {
      if (received(exchange)) exchange.identify(asked.client)
      identified(exchange)
    }
    if (exchange.program !== undefined) classify(exchange)
    if ((listens & STEP.classified) !== 0) steps!.classified(named!)
    return exchange
  }

  /**
   * Whether no server that has this plan answers the query: it is none of a client, or the classes
   * of the client deny it an answer, or an address. Nothing is noted.
   */
  isDenied(asked: Asked4): boolean {
    try {
      return this.#isDenied(asked)
    } catch (error) {
      if (error instanceof RefusedByHook) return true
      throw error
    }
  }

  #isDenied(asked: Asked4): boolean {
    const exchange = this.#begin(asked, NO_REPLY, 0)
    const refusal = accept(exchange)
    if (refusal !== undefined) return refusal !== 'not-for-us'
    if (exchange.program === undefined) return false
    if (isDroppedEarly(exchange)) return true
    const subnet = locateSubnet(exchange)
    if (subnet === undefined) settleClasses(exchange, [])
    else placesOf(exchange, subnet)
    return refusalByClass(exchange) !== undefined
  }

  /**
   * Answers one query. A reply is written to `out` from `outAt` on, where 1472 bytes must be free.
   * Never throws for what a message contains.
   */
  step(asked: Asked4, out: Uint8Array, outAt: number): Outcome4 {
    if (this.#exchange.steps === undefined) return this.#step(asked, out, outAt)
    try {
      return this.#step(asked, out, outAt)
    } catch (error) {
      if (error instanceof RefusedByHook) return refusedByHook(this.#exchange, error)
      throw error
    }
  }

  #step(asked: Asked4, out: Uint8Array, outAt: number): Outcome4 {
    const exchange = this.#begin(asked, out, outAt)
    const { program } = exchange
    const refusal = accept(exchange)
    if (refusal === 'not-for-us') return requestToOther(exchange)
    if (refusal !== undefined) return drop(refusal)
    const { arrival, heard, query } = asked
    if (this.#looksUp && mayWait(query.type)) {
      const { plan, sender } = exchange
      const unknown = lookUpOf(plan.reservations, sender, plan.reservationIdentifiers)
      if (unknown !== undefined) return unknown
    }
    if (program !== undefined && isDroppedEarly(exchange)) return drop('dropped-by-class')
    const answer = ANSWERS[query.type]
    if (answer === undefined) return drop('bad-message-type')
    // Who has waited, for whatever it was, was admitted before.
    if (this.#asker !== undefined && heard === undefined && mayWait(query.type)) {
      const said = this.#asker.ask(ASKING.query, query, arrival, undefined, undefined)
      if (typeof said === 'number') return { kind: 'wait', ticket: said }
      if (said !== 'go-on') return drop(said)
    }
    const { rateLimits } = exchange
    if (rateLimits !== undefined && heard?.isCounted !== true && !rateLimits.takesOf(exchange))
      return drop('rate-limit')
    return answer(exchange)
  }
}
