// What an operator orders a server of a pair: the words that no timer and no inference can replace
// (lib/ha/README.md, rules 8e, 9a and 9g), and the operations of the state machine. A word that
// changes the record of the pair is answered when it is stored.

import { ALLOWED, NO_DOUBT, type OrderResult, refused } from '../../catalogue/order-result.ts'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { isTooLong } from '../../ha/claims.ts'
import type { HaMachine } from '../../ha/machine.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import { confirmPartnerOff, endDoubt, serveAlone } from '../../ha/pair-steps.ts'
import type { Seconds } from '../../time/units.ts'
import { forgetLifetimes } from './forget-lifetime.ts'
import type { HandOver } from './hand-over.ts'
import type { PairServices } from './pair-services.ts'
import type { PartnerTrouble } from './partner-trouble.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'

export type OrderAnswer = (result: OrderResult) => void

export const RIGHTS_ALREADY = 'this server has every right already'
export const NEVER_MET = 'this server has never met its partner: the word for that is serve-alone'
export const MET_BEFORE = 'this server has had a partner: the word for that is partner-off'
export const NOT_OPEN = 'the server is starting or stopping'
const NO_WORD = 'the lease database decides what is given: there is nothing to say about that here'

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

type Services = Pick<
  PairServices,
  'delivery' | 'nextChange' | 'now' | 'plan' | 'proceed' | 'reporter' | 'tables'
>

export interface OrdersParts {
  readonly machine: HaMachine
  readonly rightsBook: RightsBook
  readonly sessions: Sessions
  readonly handOver: HandOver
  readonly partnerTrouble: PartnerTrouble
}

export interface OrdersDuties {
  /** From the reading of the journal to the beginning of the end. */
  isOpen(): boolean
  /** Whoever was turned away is dialled again at once. */
  dialAnew(): void
  /** All meet anew, since what a hello says has changed. */
  meetAnew(why: string): void
}

export class Orders implements OperatorOrders {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #parts: OrdersParts
  readonly #duties: OrdersDuties
  /** Who is to be answered yet. */
  readonly #waiting = new Set<OrderAnswer>()

  constructor(plan: HaPlan, services: Services, parts: OrdersParts, duties: OrdersDuties) {
    this.#plan = plan
    this.#services = services
    this.#rightsBook = parts.rightsBook
    this.#parts = parts
    this.#duties = duties
  }

  /**
   * The partner is off, and no client has a lease of it that this server does not know: everything
   * is here.
   */
  confirmPartnerOff(answer: OrderAnswer): void {
    const { record: known, longestLifetime } = this.#rightsBook
    const record = { ...known, longestLifetime }
    const why = this.#whyNoWord() || this.#whyNotAlone() || this.#whyNotOff()
    if (why !== '') return answer(refused(why))
    const next = confirmPartnerOff(record, this.#services.now())
    if (next === record) return answer(refused(NEVER_MET))
    this.#store(next, answer, () => this.#tellSole('the partner is off'))
  }

  /** A database that has met nobody is to serve without its partner. */
  serveAlone(answer: OrderAnswer): void {
    const { record } = this.#rightsBook
    const why = this.#whyNoWord() || this.#whyNotAlone()
    if (why !== '') return answer(refused(why))
    const next = serveAlone(record)
    if (next === record) return answer(refused(MET_BEFORE))
    const { partner } = this.#plan
    // With leases of its own it may serve by now, and then of itself.
    const remark =
      partner?.role === 'primary' ? `${partner.name} must not serve before the two have met` : ''
    this.#store(next, answer, () => this.#tellSole('it is to serve alone'), remark)
  }

  /**
   * No client uses a lease any more that the lost database gave: its addresses may be given again.
   */
  endDoubt(answer: OrderAnswer): void {
    const { record } = this.#rightsBook
    const why = this.#whyNoWord()
    if (why !== '') return answer(refused(why))
    if (record.doubtUntil <= this.#services.now()) return answer(refused(NO_DOUBT))
    this.#store(endDoubt(record), answer, () => this.#services.reporter.say('HA_DOUBT_ENDED', {}))
  }

  /**
   * No client has a lease that lasts longer than those that this server knows, or may give by its
   * configuration.
   */
  forgetLifetime(answer: OrderAnswer): void {
    const why = this.#whyNoWord()
    if (why !== '') return answer(refused(why))
    const forgotten = forgetLifetimes(this.#services, this.#rightsBook.record, true)
    if (typeof forgotten === 'string') return answer(refused(forgotten))
    const { record, longest, remark } = forgotten
    const remarks = [remark, this.#remembered(longest)].filter((one) => one !== '').join('; ')
    this.#store(
      record,
      ({ allowed, why }) => answer({ allowed, why: why || remarks }),
      () => this.#services.reporter.say('HA_LIFETIME_FORGOTTEN', { longest }),
    )
  }

  /**
   * A partner that is connected has said of its lifetimes already, and says so again at the meeting
   * that follows.
   */
  #remembered(longest: Seconds): string {
    const told = this.#parts.sessions.withPartner?.met.theirs.longestLifetime ?? 0
    // Leases that are too long for a hello are not told here, but refused.
    if (told <= longest || isTooLong(told, longest)) return ''
    return `${this.#plan.partner?.name} remembers ${told} s and tells of it again: say this to both while they are not connected`
  }

  /** An operator wants to work on the partner: it hands everything over to this server. */
  startMaintenance(answer: OrderAnswer): void {
    this.#ask((done) => this.#parts.handOver.start(done), answer)
  }

  /** The work is done: the partner is to serve again. */
  cancelMaintenance(answer: OrderAnswer): void {
    this.#ask((done) => this.#parts.handOver.cancel(done), answer)
  }

  /** Ends a pause of the state machine (Kea's ha-continue). */
  continue(answer: OrderAnswer): void {
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    if (!this.#parts.machine.continue()) return answer(refused('the state machine is not paused'))
    this.#services.proceed()
    answer(ALLOWED)
  }

  /** Sends the state machine back to its beginning (Kea's ha-reset). Rights stay as they are. */
  reset(answer: OrderAnswer): void {
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    this.#parts.machine.reset()
    this.#services.proceed()
    answer(ALLOWED)
  }

  /** The clients of these servers are answered until the state changes (Kea's ha-scopes). */
  setScopes(names: readonly string[], answer: OrderAnswer): void {
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    const result = this.#parts.machine.setScopes(names)
    if (result.allowed) this.#services.proceed()
    answer(result)
  }

  /** The server stops: whoever still waits is told. */
  end(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const answer of waiting) answer(refused('the server has stopped meanwhile'))
  }

  #whyNone(): string {
    return this.#duties.isOpen() ? '' : NOT_OPEN
  }

  /** Why no word about rights is taken. */
  #whyNoWord(): string {
    return this.#whyNone() || (this.#plan.sharesDatabase ? NO_WORD : '')
  }

  /** Why this server cannot be told that it is the only one. */
  #whyNotAlone(): string {
    if (!this.#duties.isOpen()) return this.#whyNone()
    if (this.#plan.thisServer.role === 'backup') return 'a backup server serves nobody'
    if (this.#parts.sessions.withPartner !== undefined) return 'the partner is connected'
    return this.#rightsBook.record.rights === 'sole' ? RIGHTS_ALREADY : ''
  }

  /**
   * Who turns this server away is there, or was when it was dialled last: it is dialled again at
   * once.
   */
  #whyNotOff(): string {
    const { trouble, isTurningAway } = this.#parts.partnerTrouble.withPartner
    if (!isTurningAway) return ''
    this.#duties.dialAnew()
    this.#services.proceed()
    return `the partner is not off, the two refuse each other: ${trouble}; stop it, then repeat this`
  }

  #store(record: PairRecord, answer: OrderAnswer, then: () => void, remark = ''): void {
    this.#waiting.add(answer)
    this.#rightsBook.change(record, () => {
      this.#rightsBook.apply()
      then()
      this.#duties.meetAnew('an operator has changed what this server says of itself')
      if (this.#waiting.delete(answer)) answer({ ...ALLOWED, why: remark })
    })
    this.#services.proceed()
  }

  #ask(ask: (done: OrderAnswer) => void, answer: OrderAnswer): void {
    const why = this.#whyNone()
    if (why !== '') return answer(refused(why))
    if (this.#parts.handOver.isAsking)
      return answer(refused('the partner has been asked and has not answered yet'))
    this.#waiting.add(answer)
    ask((result) => {
      if (this.#waiting.delete(answer)) answer(result)
    })
    this.#services.proceed()
  }

  #tellSole(word: string): void {
    this.#services.reporter.say('HA_SOLE', { operator: word })
  }
}
