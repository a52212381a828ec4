// What an operator orders a server of a pair: the words that no timer and no inference can replace
// (lib/ha/README.md, rules 8e, 9a and 9g), and the operations of the state machine. A word that changes the record of
// the pair is answered when it is stored.

import { isTooLong } from '../../ha/claims.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import { confirmPartnerOff, endDoubt, serveAlone } from '../../ha/pair-steps.ts'
import type { Seconds } from '../../time/units.ts'
import { forgetLifetimes } from './forget-lifetime.ts'
import type { Pair } from './pair.ts'

/** What became of an order; `why` tells why it was refused, or has a remark. */
export interface OrderResult {
  readonly allowed: boolean
  readonly why: string
}

export type OrderAnswer = (result: OrderResult) => void

export const DONE: OrderResult = { allowed: true, why: '' }

export const RIGHTS_ALREADY = 'this server has every right already'
export const NEVER_MET = 'this server has never met its partner: the word for that is serve-alone'
export const MET_BEFORE = 'this server has had a partner: the word for that is partner-off'
export const NO_DOUBT = 'no address is kept out of use'
export const NOT_OPEN = 'the server is starting or stopping'

/** All of them, each answered when it is carried out or refused. */
export type OperatorOrders = Readonly<
  Record<
    | 'confirmPartnerOff'
    | 'serveAlone'
    | 'endDoubt'
    | 'forgetLifetime'
    | 'startMaintenance'
    | 'cancelMaintenance'
    | 'continue'
    | 'reset',
    (answer: OrderAnswer) => void
  >
>

export class Orders implements OperatorOrders {
  readonly #pair: Pair
  /** Who is to be answered yet. */
  readonly #waiting = new Set<OrderAnswer>()

  constructor(pair: Pair) {
    this.#pair = pair
  }

  /** The partner is off, and no client has a lease of it that this server does not know: everything is here. */
  confirmPartnerOff(answer: OrderAnswer): void {
    const pair = this.#pair
    const record = { ...pair.record, longestLifetime: pair.rightsBook.longestLifetime }
    const why = this.#whyNotAlone() || this.#whyNotOff()
    if (why !== '') return answer(refused(why))
    const next = confirmPartnerOff(record, pair.services.now())
    if (next === record) return answer(refused(NEVER_MET))
    this.#store(next, answer, () => this.#tellSole('the partner is off'))
  }

  /** A database that has met nobody is to serve without its partner. */
  serveAlone(answer: OrderAnswer): void {
    const { record } = this.#pair
    const why = this.#whyNotAlone()
    if (why !== '') return answer(refused(why))
    const next = serveAlone(record)
    if (next === record) return answer(refused(MET_BEFORE))
    const { partner } = this.#pair.plan
    // With leases of its own it may serve by now, and then of itself.
    const remark =
      partner?.role === 'primary' ? `${partner.name} must not serve before the two have met` : ''
    this.#store(next, answer, () => this.#tellSole('it is to serve alone'), remark)
  }

  /** No client uses a lease any more that the lost database gave: its addresses may be given again. */
  endDoubt(answer: OrderAnswer): void {
    const { record, services } = this.#pair
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    if (record.doubtUntil <= services.now()) return answer(refused(NO_DOUBT))
    this.#store(endDoubt(record), answer, () => services.reporter.say('HA_DOUBT_ENDED', {}))
  }

  /** No client has a lease that lasts longer than those that this server knows, or may give by its configuration. */
  forgetLifetime(answer: OrderAnswer): void {
    const pair = this.#pair
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    const forgotten = forgetLifetimes(pair.services, pair.record, true)
    if (typeof forgotten === 'string') return answer(refused(forgotten))
    const { record, longest, remark } = forgotten
    const remarks = [remark, this.#remembered(longest)].filter((one) => one !== '').join('; ')
    this.#store(
      record,
      ({ allowed, why }) => answer({ allowed, why: why || remarks }),
      () => pair.services.reporter.say('HA_LIFETIME_FORGOTTEN', { longest }),
    )
  }

  /** A partner that is connected has said of its lifetimes already, and says so again at the meeting that follows. */
  #remembered(longest: Seconds): string {
    const { conversations, plan } = this.#pair
    const told = conversations.withPartner?.met.theirs.longestLifetime ?? 0
    // Leases that are too long for a hello are not told here, but refused.
    if (told <= longest || isTooLong(told, longest)) return ''
    return `${plan.partner?.name} remembers ${told} s and tells of it again: say this to both while they are not connected`
  }

  /** An operator wants to work on the partner: it hands everything over to this server. */
  startMaintenance(answer: OrderAnswer): void {
    this.#ask((done) => this.#pair.handOver.start(done), answer)
  }

  /** The work is done: the partner is to serve again. */
  cancelMaintenance(answer: OrderAnswer): void {
    this.#ask((done) => this.#pair.handOver.cancel(done), answer)
  }

  /** Ends a pause of the state machine (Kea's ha-continue). */
  continue(answer: OrderAnswer): void {
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    if (!this.#pair.machine.continue()) return answer(refused('the state machine is not paused'))
    this.#pair.services.proceed()
    answer(DONE)
  }

  /** Sends the state machine back to its beginning (Kea's ha-reset). Rights stay as they are. */
  reset(answer: OrderAnswer): void {
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    this.#pair.machine.reset()
    this.#pair.services.proceed()
    answer(DONE)
  }

  /** The server stops: whoever still waits is told. */
  end(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const answer of waiting) answer(refused('the server has stopped meanwhile'))
  }

  #whyNone(): string {
    return this.#pair.isOpen ? '' : NOT_OPEN
  }

  /** Why this server cannot be told that it is the only one. */
  #whyNotAlone(): string {
    const { plan, record, conversations } = this.#pair
    if (!this.#pair.isOpen) return this.#whyNone()
    if (plan.thisServer.role === 'backup') return 'a backup server serves nobody'
    if (conversations.withPartner !== undefined) return 'the partner is connected'
    return record.rights === 'sole' ? RIGHTS_ALREADY : ''
  }

  /** Who turns this server away is there, or was when it was dialled last: it is dialled again at once. */
  #whyNotOff(): string {
    const { partnerTrouble, conversations, services } = this.#pair
    const { trouble, isTurningAway } = partnerTrouble.withPartner
    if (!isTurningAway) return ''
    conversations.meetings.renew()
    services.proceed()
    return `the partner is not off, the two refuse each other: ${trouble}; stop it, then repeat this`
  }

  #store(record: PairRecord, answer: OrderAnswer, then: () => void, remark = ''): void {
    const pair = this.#pair
    this.#waiting.add(answer)
    pair.rightsBook.change(record, () => {
      pair.rightsBook.apply()
      then()
      pair.conversations.meetAnew('an operator has changed what this server says of itself')
      if (this.#waiting.delete(answer)) answer({ ...DONE, why: remark })
    })
    pair.services.proceed()
  }

  #ask(ask: (done: OrderAnswer) => void, answer: OrderAnswer): void {
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    if (this.#pair.handOver.isAsking)
      return answer(refused('the partner has been asked and has not answered yet'))
    this.#waiting.add(answer)
    ask(({ allowed, why }) => {
      if (this.#waiting.delete(answer)) answer({ allowed, why })
    })
    this.#pair.services.proceed()
  }

  #tellSole(word: string): void {
    this.#pair.services.reporter.say('HA_SOLE', { operator: word })
  }
}

export function refused(why: string): OrderResult {
  return { allowed: false, why }
}
