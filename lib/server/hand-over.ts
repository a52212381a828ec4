// Everything goes to one server, by word and never by inference (ha-safety rule 8): for maintenance the one
// that leaves gives up its rights, the other has them all until it returns them.
//
//   survivor  maintenance ->            <- allowed; the leaver stops serving, lets its last replies leave,
//   leaver    journals `none`, streams its rest, says `over n` ->
//   survivor  journals `sole`                      ... later: claims, journals `shared`, sends all rows, `back n`
//   leaver    takes them as they are, journals `shared`

import type { Back, Maintenance, MaintenanceAnswer, Over } from '../ha/link-messages.ts'
import { acceptBack, acceptOver, giveBack, handOver } from '../ha/pair-steps.ts'
import type { Pair } from './pair.ts'
import type { PeerSession } from './peer-session.ts'

export interface MaintenanceResult {
  readonly allowed: boolean
  /** Why not; '' where it is. */
  readonly why: string
}

/** So many hand-overs and returns, at most, the partner may have stored without a word of it. */
const STEPS_MAX = 2

type Answer = (result: MaintenanceResult) => void

export class HandOver {
  readonly #pair: Pair
  /** Who waits for the partner's answer. */
  #answer: Answer | undefined
  /** The leaver: rights are to be given up as soon as nothing is under way. */
  #isLeaving = false
  /** The leaver: `over` is to be said as soon as everything is sent. */
  #mustSayOver = false
  /** The survivor: everything is being returned. */
  #isReturning = false

  constructor(pair: Pair) {
    this.#pair = pair
  }

  /** The partner has been asked and has not answered yet. */
  get isAsking(): boolean {
    return this.#answer !== undefined
  }

  // ---- the survivor

  /** An operator wants to work on the partner. */
  start(answer: Answer): void {
    const { machine } = this.#pair
    const permission = machine.startMaintenance()
    if (!permission.allowed) return answer(permission)
    this.#ask(false, answer)
  }

  /** An operator wants the partner back. */
  cancel(answer: Answer): void {
    const permission = this.#pair.machine.cancelMaintenance()
    if (!permission.allowed) return answer(permission)
    this.#ask(true, answer)
  }

  /** `over n` of the partner: from here on every key is here. Returns what is wrong with it, or ''. */
  onOver(session: PeerSession, { number, position }: Over): string {
    const { record } = this.#pair
    const { theirs } = session.met
    if (number > Math.max(record.handOver, theirs.handOver) + STEPS_MAX)
      return 'an over of the future'
    const next = acceptOver(record, number)
    // Who has no rights may repeat what was heard before, and gets the return.
    if (next === 'ignored' && theirs.rights !== 'none') return 'an over that is over'
    if (next !== 'ignored' && (record.applied[record.partnerDatabase] ?? 0) < position) {
      // It cannot have been said before its rows: the partner is not to be trusted with it.
      this.#pair.services.reporter.say('HA_OVER_EARLY', { number, position })
      return 'an over before its rows'
    }
    session.isPartnerEmpty = true
    if (next === 'ignored') return ''
    this.#pair.change(next, () => {
      this.#pair.applyRights()
      this.#pair.services.reporter.say('HA_SOLE', { number })
    })
    return ''
  }

  /** Everything goes to a partner that has no rights; what it had to say is stored. */
  #returnTo(session: PeerSession): void {
    const pair = this.#pair
    this.#isReturning = true
    const send = () =>
      pair.change(giveBack(pair.record, session.met.theirs), () => {
        this.#isReturning = false
        pair.applyRights()
        pair.conversations.refill(session)
      })
    if (pair.record.rights === 'sole') pair.rounds.startClaiming(send)
    else send()
  }

  // ---- the leaver

  onMaintenance(session: PeerSession, { cancel }: Maintenance): void {
    const { machine } = this.#pair
    const permission = cancel
      ? machine.partnerCancelsMaintenance()
      : machine.partnerStartsMaintenance()
    if (permission.allowed) this.#isLeaving = !cancel
    session.say({ type: 'maintenance-answer', ...permission })
  }

  onMaintenanceAnswer({ allowed, why }: MaintenanceAnswer): void {
    this.#conclude({ allowed, why }, allowed ? 'allowed' : 'refused')
  }

  /** `back n`: all rows have come, both share again. Returns what is wrong with it, or ''. */
  onBack(session: PeerSession, back: Back): string {
    const pair = this.#pair
    const { handOver } = session.met.theirs
    if (session.incoming?.takeRefilled() !== true) return 'a return without all rows'
    if (back.number > Math.max(pair.record.handOver, handOver) + STEPS_MAX)
      return 'a return of the future'
    session.isVerbatim = false
    const record = acceptBack(pair.record, back, pair.services.now())
    pair.change(record, () => {
      pair.applyRights()
      pair.services.reporter.say('HA_SHARED', { number: back.number, doubt: back.doubt })
    })
    return ''
  }

  /** Repeats `over` to a partner that has not heard it. */
  repeatOver(): void {
    this.#mustSayOver = true
  }

  /** The connection is gone, and with it whoever was to answer. */
  lost(): void {
    this.#mustSayOver = false
    this.#isReturning = false
    this.#conclude({ allowed: true, why: 'the partner does not answer' }, 'no-answer')
  }

  turn(): void {
    const pair = this.#pair
    const partner = pair.conversations.withPartner
    if (partner !== undefined && this.#isReturnDue(partner)) this.#returnTo(partner)
    this.#isLeaving &&= pair.machine.state === 'in-maintenance'
    // From then on the partner's rows replace those here: it must have heard of all of them before.
    const isHeardOut = partner?.outgoing?.isComplete === true
    if (this.#isLeaving && isHeardOut && pair.services.delivery.isIdle) this.#giveUp()
    if (!this.#mustSayOver || pair.record.rights !== 'none') return
    if (partner?.outgoing?.isComplete !== true || !pair.services.delivery.isStored) return
    this.#mustSayOver = false
    partner.say({ type: 'over', number: pair.record.handOver, position: pair.position })
  }

  /** A database in doubt gives nothing up before its quarantine is over. */
  #giveUp(): void {
    const pair = this.#pair
    const next = handOver(pair.record, pair.services.now())
    if (next === pair.record) return
    this.#isLeaving = false
    this.#mustSayOver = true
    const session = pair.conversations.withPartner
    if (session !== undefined) session.isVerbatim = true
    session?.incoming?.takeRefilled()
    pair.change(next, () => pair.applyRights())
  }

  /** The partner has no rights, was heard out, and no work is done on it. */
  #isReturnDue({ isPartnerEmpty, isRefilling, incoming }: PeerSession): boolean {
    if (this.#isReturning || isRefilling || !isPartnerEmpty) return false
    return incoming?.isSynced === true && this.#pair.machine.state !== 'partner-in-maintenance'
  }

  #ask(cancel: boolean, answer: Answer): void {
    this.#answer = answer
    const session = this.#pair.conversations.withPartner
    if (session === undefined) this.lost()
    else session.say({ type: 'maintenance', cancel })
  }

  #conclude(result: MaintenanceResult, reply: 'allowed' | 'refused' | 'no-answer'): void {
    const answer = this.#answer
    if (answer === undefined) return
    this.#answer = undefined
    this.#pair.machine.maintenanceAnswered(reply)
    answer(result)
  }
}
