// A server whose database belongs to a pair while its file names none (lib/ha/README.md, rule 2f):
// it keeps to the record of the pair, and takes the words of an operator that change it. Nothing is
// sent, and nobody is heard.

import type { MessageId } from '../../catalogue/messages.ts'
import { ALLOWED, NO_DOUBT, refused } from '../../catalogue/order-result.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import { dueWord, rightsOf } from '../../ha/pair-rights.ts'
import {
  confirmPartnerOff,
  endDoubt,
  loseDatabase,
  recordAtStart,
  recordInNewLife,
  serveAlone,
  waitsAsCopy,
} from '../../ha/pair-steps.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import type { Millis, Seconds } from '../../time/units.ts'
import { forgetLifetimes } from './forget-lifetime.ts'
import {
  MET_BEFORE,
  NEVER_MET,
  NOT_OPEN,
  type OperatorOrders,
  type OrderAnswer,
  RIGHTS_ALREADY,
} from './orders.ts'
import type { PairServices } from './pair-services.ts'
import { randomName } from './random-name.ts'
import { longestLifetime } from './rights-book.ts'

export interface FormerPairStatus {
  readonly rights: PairRecord['rights']
  readonly noneBecause: PairRecord['noneBecause']
  /** The order that is due before everything is given from here; '' where none is. */
  readonly due: string
  /** Until when addresses stay out of use because the database was lost; 0 = they do not. */
  readonly doubtLeft: Millis
}

type Services = Pick<
  PairServices,
  | 'delivery'
  | 'reporter'
  | 'tables'
  | 'now'
  | 'plan'
  | 'proceed'
  | 'draw'
  | 'lastChange'
  | 'nextChange'
>

export class FormerPair implements OperatorOrders {
  readonly #services: Services
  #record: PairRecord
  readonly #waiting = new Set<OrderAnswer>()
  #isOpen = true

  constructor(services: Services, record: PairRecord) {
    this.#services = services
    this.#record = record
    this.#change(this.#inNewLife({ ...record, longestLifetime: this.#longestLifetime }))
    services.tables.setRights(rightsOf(this.#record, undefined))
    const due = dueWord(this.#record, undefined)
    const { rights, pairId: pair } = this.#record
    const fields = due === undefined ? { pair, rights } : { pair, rights, due: due.word }
    services.reporter.say('HA_DATABASE_OF_PAIR', fields)
  }

  status(): FormerPairStatus {
    const { rights, noneBecause, doubtUntil } = this.#record
    const due = dueWord(this.#record, undefined)?.word ?? ''
    const doubtLeft = Math.max(0, doubtUntil - this.#services.now())
    return { rights, noneBecause, due, doubtLeft }
  }

  /** Leases may be longer from now on: a partner that is met later must know. */
  planChanged(): void {
    this.#change({ ...this.#record, longestLifetime: this.#longestLifetime })
  }

  /** The server stops: whoever still waits is told. */
  end(): void {
    this.#isOpen = false
    for (const answer of this.#waiting) answer(refused('the server has stopped meanwhile'))
    this.#waiting.clear()
  }

  // ---- words

  confirmPartnerOff(answer: OrderAnswer): void {
    if (this.#record.rights === 'sole') return answer(refused(RIGHTS_ALREADY))
    const next = confirmPartnerOff(this.#record, this.#services.now())
    if (next === this.#record) return answer(refused(NEVER_MET))
    this.#order(next, answer, 'HA_SOLE', { operator: 'the partner is off' })
  }

  serveAlone(answer: OrderAnswer): void {
    if (this.#record.rights === 'sole') return answer(refused(RIGHTS_ALREADY))
    const next = serveAlone(this.#record)
    if (next === this.#record) return answer(refused(MET_BEFORE))
    this.#order(next, answer, 'HA_SOLE', { operator: 'it is to serve alone' })
  }

  endDoubt(answer: OrderAnswer): void {
    if (this.#record.doubtUntil <= this.#services.now()) return answer(refused(NO_DOUBT))
    this.#order(endDoubt(this.#record), answer, 'HA_DOUBT_ENDED', {})
  }

  forgetLifetime(answer: OrderAnswer): void {
    if (!this.#isOpen) return answer(refused(NOT_OPEN))
    const forgotten = forgetLifetimes(this.#services, this.#record, false)
    if (typeof forgotten === 'string') return answer(refused(forgotten))
    const { record, longest, remark } = forgotten
    const told: OrderAnswer = ({ allowed, why }) => answer({ allowed, why: why || remark })
    this.#order(record, told, 'HA_LIFETIME_FORGOTTEN', { longest: `${longest}` })
  }

  startMaintenance(answer: OrderAnswer): void {
    answer(refused(NO_PAIR))
  }

  cancelMaintenance(answer: OrderAnswer): void {
    answer(refused(NO_PAIR))
  }

  continue(answer: OrderAnswer): void {
    answer(refused(NO_PAIR))
  }

  reset(answer: OrderAnswer): void {
    answer(refused(NO_PAIR))
  }

  #order(
    record: PairRecord,
    answer: OrderAnswer,
    id: MessageId,
    fields: Record<string, string>,
  ): void {
    if (!this.#isOpen) return answer(refused(NOT_OPEN))
    const { delivery, tables, reporter, proceed } = this.#services
    this.#waiting.add(answer)
    this.#change(this.#inNewLife(record))
    delivery.note(() => {
      tables.setRights(rightsOf(this.#record, undefined))
      reporter.say(id, fields)
      if (this.#waiting.delete(answer)) answer(ALLOWED)
    })
    proceed()
  }

  /** A start and each step of the rights begin one (ha/history.ts). */
  #inNewLife(record: PairRecord): PairRecord {
    const { draw, lastChange } = this.#services
    return recordInNewLife(record, { id: randomName(draw), from: lastChange() })
  }

  #change(record: PairRecord): void {
    this.#record = record
    this.#services.delivery.store(record)
  }

  get #longestLifetime(): Seconds {
    return longestLifetime(this.#services.plan(), this.#record)
  }
}

const NO_PAIR = 'the file of this server names no partner'

/** Undefined for a database that never belonged to a pair, or is for any number of servers. */
export function formerPairOf(
  { pair, change, restored, longest, shared }: JournalInfo,
  services: Services,
): FormerPair | undefined {
  if (shared !== undefined) return undefined
  const known = recordAtStart(pair, change, undefined, longest)
  const isCopy = restored !== undefined
  const waits = isCopy && known !== undefined && waitsAsCopy(known, restored, false)
  if (isCopy)
    services.reporter.say(waits ? 'HA_AFTER_RESTORE' : 'RESTORED_ALONE', { because: restored })
  return known && new FormerPair(services, waits ? loseDatabase(known) : known)
}
