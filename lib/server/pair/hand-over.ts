// Everything goes to one server, by word and never by inference (lib/ha/README.md, rule 8): for
// maintenance the one that leaves gives up its rights, the other has them all until it returns
// them.
//
//   survivor  maintenance ->
//                              <- allowed; the leaver stops serving, lets its last replies leave,
//   leaver    journals `none`, streams its rest, says `over n` ->
//   survivor  journals `sole`
//             later: claims, journals `shared`, sends all rows, `back n` ->
//   leaver    takes them as they are, journals `shared`

import type { MessageId } from '../../catalogue/messages.ts'
import { type OrderResult, refused } from '../../catalogue/order-result.ts'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import type { Back, Maintenance, MaintenanceAnswer, Over } from '../../ha/link-messages.ts'
import type { HaMachine } from '../../ha/machine.ts'
import { acceptBack, acceptOver, giveBack, handOver } from '../../ha/pair-steps.ts'
import type { LogFields } from '../../ports/log.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import type { DatabasePosition } from './database-position.ts'
import type { KeyRounds } from './key-rounds.ts'
import type { PairServices } from './pair-services.ts'
import type { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'
import type { Streams } from './streams.ts'

/** So many hand-overs and returns, at most, the partner may have stored without a word of it. */
const STEPS_MAX = 2

type Answer = (result: OrderResult) => void

/**
 * The leaver. leaves: it gives up its rights as soon as nothing is under way. has left: it says
 * `over` as soon as everything is sent.
 */
type Leave = 'stays' | 'leaves' | 'has left'

type Services = Pick<PairServices, 'delivery' | 'now' | 'reporter' | 'tables'>

const UNTOLD =
  'one of the two has leases of DHCPv6, of which the other one knows nothing: bring it up to date first'

export interface HandOverParts {
  readonly machine: HaMachine
  readonly rightsBook: RightsBook
  readonly database: DatabasePosition
  readonly sessions: Sessions
  readonly streams: Streams
  readonly keyRounds: KeyRounds
}

export interface HandOverDuties {
  /** The streams of a session have been set up. */
  begun(session: PeerSession): void
  /** Ends the connection; the two meet anew. */
  drop(session: PeerSession, why: string): void
  /** All meet anew, since what a hello says has changed. */
  meetAnew(why: string): void
}

export class HandOver {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #machine: HaMachine
  readonly #rightsBook: RightsBook
  readonly #sessions: Sessions
  readonly #parts: HandOverParts
  readonly #duties: HandOverDuties
  /** Who waits for the partner's answer. */
  #answer: Answer | undefined
  #askedAt: Instant = 0
  #leave: Leave = 'stays'

  constructor(plan: HaPlan, services: Services, parts: HandOverParts, duties: HandOverDuties) {
    this.#plan = plan
    this.#services = services
    this.#machine = parts.machine
    this.#rightsBook = parts.rightsBook
    this.#sessions = parts.sessions
    this.#parts = parts
    this.#duties = duties
  }

  /** The partner has been asked and has not answered yet. */
  get isAsking(): boolean {
    return this.#answer !== undefined
  }

  // ---- the survivor

  /** An operator wants to work on the partner. */
  start(answer: Answer): void {
    if (this.#hasUntold(this.#sessions.withPartner)) return answer(refused(UNTOLD))
    const permission = this.#machine.startMaintenance()
    if (!permission.allowed) return answer(permission)
    this.#ask(false, answer)
  }

  /** An operator wants the partner back. */
  cancel(answer: Answer): void {
    const permission = this.#machine.cancelMaintenance()
    if (!permission.allowed) return answer(this.#asFarAsKnown(permission))
    this.#ask(true, answer)
  }

  /** Whether there are leases here of a family that the partner does not know of (rule 9m). */
  #hasUntold(session: PeerSession | undefined): boolean {
    if (session === undefined) return false
    return this.#services.tables.held.some((family) => !session.families.includes(family))
  }

  /**
   * While the two are apart, the partner may be in maintenance and this server serves as after a
   * crash of it.
   */
  #asFarAsKnown(permission: OrderResult): OrderResult {
    if (this.#sessions.withPartner !== undefined) return permission
    const more = 'as far as this server knows; the two are not connected, repeat this when they are'
    return refused(`${permission.why} ${more}`)
  }

  /**
   * `over n` of the partner: from here on every key is here. Returns what is wrong with it, or ''.
   */
  onOver(session: PeerSession, { number, position }: Over): string {
    const { record } = this.#rightsBook
    const { theirs } = session.met
    if (number > Math.max(record.handOver, theirs.handOver) + STEPS_MAX)
      return 'an over of the future'
    if (session.isVerbatim) return 'both have handed over'
    const next = acceptOver(record, number)
    if (next === 'ignored') return this.#onRepeated(session)
    if (session.course !== 'even') return 'an over during a return'
    if ((record.applied[record.partnerDatabase] ?? 0) < position) {
      // It cannot have been said before its rows: the partner is not to be trusted with it.
      this.#say('HA_OVER_EARLY', { number, position })
      return 'an over before its rows'
    }
    session.enter('owing')
    this.#rightsBook.change(next, () => {
      this.#rightsBook.apply()
      this.#say('HA_SOLE', { number })
    })
    return ''
  }

  /** What was heard before: who has no rights repeats it, and gets the return. */
  #onRepeated(session: PeerSession): string {
    if (session.met.theirs.rights !== 'none') return 'an over that is over'
    if (session.course === 'even') session.enter('owing')
    return ''
  }

  /** Everything goes to a partner that has no rights; what it had to say is stored. */
  #returnTo(session: PeerSession): void {
    const { keyRounds, streams } = this.#parts
    const rightsBook = this.#rightsBook
    session.enter('storing')
    const send = () =>
      rightsBook.change(giveBack(rightsBook.record, session.met.theirs), () => {
        rightsBook.apply()
        if (!this.#sessions.isCurrent(session)) return
        streams.giveBack(session)
        this.#duties.begun(session)
      })
    if (rightsBook.record.rights === 'sole') keyRounds.startClaiming(send)
    else send()
  }

  // ---- the leaver

  onMaintenance(session: PeerSession, { cancel }: Maintenance): void {
    const permission = cancel ? this.#machine.partnerCancelsMaintenance() : this.#mayLeave(session)
    // What was begun is told, whatever is wanted now.
    if (permission.allowed && this.#leave !== 'has left') this.#leave = cancel ? 'stays' : 'leaves'
    session.say({ type: 'maintenance-answer', ...permission })
  }

  #mayLeave(session: PeerSession): OrderResult {
    return this.#hasUntold(session) ? refused(UNTOLD) : this.#machine.partnerStartsMaintenance()
  }

  onMaintenanceAnswer({ allowed, why }: MaintenanceAnswer): void {
    this.#conclude({ allowed, why }, allowed ? 'allowed' : 'refused')
  }

  /** `back n`: all rows have come, both share again. Returns what is wrong with it, or ''. */
  onBack(session: PeerSession, back: Back): string {
    const rightsBook = this.#rightsBook
    const { handOver } = session.met.theirs
    if (session.course !== 'taken') return 'a return without all rows'
    if (back.number > Math.max(rightsBook.record.handOver, handOver) + STEPS_MAX)
      return 'a return of the future'
    session.enter('even')
    const record = acceptBack(rightsBook.record, back, this.#services.now())
    rightsBook.change(record, () => {
      rightsBook.apply()
      this.#say('HA_SHARED', { number: back.number, doubt: back.doubt })
      // Rows were sent for the return alone.
      if (!session.hasUpdates) this.#duties.meetAnew('both share, and tell no leases')
    })
    return ''
  }

  /** Repeats `over` to a partner that has not heard it. */
  repeatOver(): void {
    this.#leave = 'has left'
  }

  /** The connection is gone, and with it whoever was to answer. */
  lost(): void {
    if (this.#leave === 'has left') this.#leave = 'stays'
    this.#conclude({ allowed: true, why: 'the partner does not answer' }, 'no-answer')
  }

  turn(): void {
    this.#endSilence()
    const partner = this.#sessions.withPartner
    if (partner !== undefined && this.#isReturnDue(partner)) this.#returnTo(partner)
    if (this.#leave === 'leaves' && this.#machine.state !== 'in-maintenance') this.#leave = 'stays'
    // From then on the partner's rows replace those here: it must have heard of all of them before.
    if (partner?.outgoing?.isComplete !== true) return
    if (this.#leave === 'leaves') this.#giveUp(partner)
    if (this.#leave === 'has left') this.#sayOver(partner)
  }

  /**
   * Once nothing of this server's own is under way: the partner may be at work all the time. A
   * database in doubt gives nothing up before its quarantine is over.
   */
  #giveUp(session: PeerSession): void {
    const rightsBook = this.#rightsBook
    const isUnderWay = this.#services.delivery.isAtWork || session.outgoing?.waitsSince !== NEVER
    if (isUnderWay || session.course !== 'even') return
    const next = handOver(rightsBook.record, this.#services.now())
    if (next === rightsBook.record) return
    this.#leave = 'has left'
    session.enter('taking')
    rightsBook.change(next, () => rightsBook.apply())
  }

  #sayOver(session: PeerSession): void {
    const rightsBook = this.#rightsBook
    const { position } = this.#parts.database
    if (rightsBook.record.rights !== 'none' || !rightsBook.isSettled) return
    this.#leave = 'stays'
    session.say({ type: 'over', number: rightsBook.record.handOver, position })
  }

  /** The partner has no rights, was heard out, and no work is done on it. */
  #isReturnDue({ course, incoming }: PeerSession): boolean {
    if (course !== 'owing' || incoming?.isSynced !== true) return false
    return this.#machine.state !== 'partner-in-maintenance'
  }

  #ask(cancel: boolean, answer: Answer): void {
    this.#answer = answer
    this.#askedAt = this.#services.now()
    const session = this.#sessions.withPartner
    if (session === undefined) this.lost()
    else session.say({ type: 'maintenance', cancel })
  }

  /** Who hears a question answers it at once. */
  #endSilence(): void {
    const { withPartner } = this.#sessions
    const isLate = this.#services.now() >= this.#askedAt + this.#plan.maxResponseDelay
    if (!this.isAsking || !isLate || withPartner === undefined) return
    this.#duties.drop(withPartner, 'it does not answer a question about maintenance')
  }

  #conclude(result: OrderResult, reply: 'allowed' | 'refused' | 'no-answer'): void {
    const answer = this.#answer
    if (answer === undefined) return
    this.#answer = undefined
    this.#machine.maintenanceAnswered(reply)
    answer(result)
  }

  /** Logs what the partner can cause. */
  #say(id: MessageId, fields: LogFields): void {
    this.#services.reporter.ofPeer(id, fields, this.#services.now())
  }
}
