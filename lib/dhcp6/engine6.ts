// The DHCPv6 protocol engine: one query in, one outcome out (RFC 9915 §18.3). It sends, stores and
// logs nothing; the only thing it notes by itself is an offer, which lives in memory for seconds.

import type { Plan6 } from '../config/plan/plan6.ts'
import { ASKING } from '../dhcp/asking.ts'
import { isDroppedEarly, refusalByClass, settleClasses } from '../dhcp/client-classes.ts'
import { identified, received } from '../dhcp/hooked.ts'
import { lookUpOf } from '../dhcp/look-up.ts'
import { RefusedByHook, STEP } from '../dhcp/steps.ts'
import type { LeaseView6 } from '../leases/view6.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Arrival6, Asked6, Settings6 } from './asked6.ts'
import { type Asker6, mayWait6 } from './asking6.ts'
import { classify } from './classes6.ts'
import { confirm } from './confirm6.ts'
import { decline } from './decline6.ts'
import { Exchange6 } from './exchange6.ts'
import { placesOf } from './find-places6.ts'
import { refusalAtGate } from './gate6.ts'
import { informationRequest } from './information6.ts'
import { refusedByHook } from './lease-reply.ts'
import { locateSubnet } from './locate6.ts'
import { toOtherServer } from './other-server6.ts'
import { drop, type Stepped6 } from './outcome6.ts'
import { isOverRate } from './over-rate6.ts'
import { NO_PLACES6 } from './place6.ts'
import { registration } from './registration6.ts'
import { release } from './release6.ts'
import { ReplyOptions6 } from './reply-options6.ts'
import { rebind, renew, request } from './request6.ts'
import { solicit } from './solicit.ts'
import type { Trace6 } from './trace6.ts'

/** What is done with each message type that a server answers; the types are small integers. */
const ANSWERS: ((exchange: Exchange6) => Stepped6)[] = []
ANSWERS[MESSAGE_TYPE6.solicit] = solicit
ANSWERS[MESSAGE_TYPE6.request] = request
ANSWERS[MESSAGE_TYPE6.confirm] = confirm
ANSWERS[MESSAGE_TYPE6.renew] = renew
ANSWERS[MESSAGE_TYPE6.rebind] = rebind
ANSWERS[MESSAGE_TYPE6.release] = release
ANSWERS[MESSAGE_TYPE6.decline] = decline
ANSWERS[MESSAGE_TYPE6.informationRequest] = informationRequest
ANSWERS[MESSAGE_TYPE6.addressRegistration] = registration

const NO_REPLY = new Uint8Array(0)

/** One engine serves one plan; a reload makes a new one over the same leases. */
export class Engine6 {
  readonly #exchange: Exchange6
  /** Reservations are in databases, too. */
  readonly #looksUp: boolean
  /** Undefined where nobody wants to be asked. */
  readonly #asker: Asker6<Arrival6> | undefined

  constructor(plan: Plan6, leases: LeaseView6, settings: Settings6) {
    const options = new ReplyOptions6(plan.classes.given.map((given) => given?.options))
    this.#exchange = new Exchange6(plan, leases, settings, options)
    const { asker } = settings
    this.#looksUp = plan.reservations.joinsDatabases
    this.#asker = asker !== undefined && (asker.points & ASKING.query) !== 0 ? asker : undefined
  }

  /** What the last step decided on its way; the next one forgets it. */
  get trace(): Trace6 {
    return this.#exchange
  }

  #begin(asked: Asked6, out: Uint8Array, outAt: number): Exchange6 {
    const exchange = this.#exchange
    exchange.begin(asked, out, outAt)
    const { listens, named, steps } = exchange
    if (steps !== undefined) {
      received(exchange)
      identified(exchange)
    }
    if (exchange.program !== undefined) classify(exchange)
    if ((listens & STEP.classified) !== 0) steps!.classified(named!)
    return exchange
  }

  /**
   * Whether no server that has this plan answers the query: it is none of a client, or the classes
   * of the client deny it an answer, or all leases. Nothing is noted.
   */
  isDenied(asked: Asked6): boolean {
    try {
      return this.#isDenied(asked)
    } catch (error) {
      if (error instanceof RefusedByHook) return true
      throw error
    }
  }

  #isDenied(asked: Asked6): boolean {
    const exchange = this.#begin(asked, NO_REPLY, 0)
    const refusal = refusalAtGate(exchange)
    if (refusal !== undefined) return refusal !== 'not-for-us'
    if (exchange.program === undefined) return false
    if (isDroppedEarly(exchange)) return true
    const subnet = locateSubnet(exchange)
    if (subnet === undefined) settleClasses(exchange, NO_PLACES6)
    else placesOf(exchange, subnet)
    return refusalByClass(exchange) !== undefined
  }

  /**
   * Answers one query. A reply is written to `out` from `outAt` on; what has no room there is no
   * reply. Never throws for what a message contains.
   */
  step(asked: Asked6, out: Uint8Array, outAt: number): Stepped6 {
    if (this.#exchange.steps === undefined) return this.#step(asked, out, outAt)
    try {
      return this.#step(asked, out, outAt)
    } catch (error) {
      if (error instanceof RefusedByHook) return refusedByHook(this.#exchange, error)
      throw error
    }
  }

  #step(asked: Asked6, out: Uint8Array, outAt: number): Stepped6 {
    const exchange = this.#begin(asked, out, outAt)
    const refusal = refusalAtGate(exchange)
    if (refusal === 'not-for-us') return toOtherServer(exchange)
    if (refusal !== undefined) return drop(refusal)
    const { arrival, heard, query } = asked
    if (this.#looksUp && mayWait6(query.type)) {
      const { plan, sender } = exchange
      const unknown = lookUpOf(plan.reservations, sender, plan.reservationIdentifiers)
      if (unknown !== undefined) return unknown
    }
    if (exchange.program !== undefined && isDroppedEarly(exchange)) return drop('dropped-by-class')
    const answer = ANSWERS[query.type]
    if (answer === undefined) return drop('bad-message-type')
    if (this.#asker !== undefined && heard === undefined && mayWait6(query.type)) {
      const said = this.#asker.ask(ASKING.query, query, arrival, undefined, undefined)
      if (typeof said === 'number') return { kind: 'wait', ticket: said }
      if (said !== 'go-on') return drop(said)
    }
    if (exchange.rateLimits !== undefined && heard?.isCounted !== true && isOverRate(exchange))
      return drop('rate-limit')
    return answer(exchange)
  }
}
