// The turns of a pair: whatever is due is done, part by part, in this order; when the next one is
// due; and whether the process was held up since.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { PairParts } from './pair-parts.ts'
import type { PairServices } from './pair-services.ts'

/** So much later than planned means that the process was held up. */
const PAUSE: Millis = 1000

export class PairTurns {
  readonly #plan: HaPlan
  readonly #services: PairServices
  readonly #parts: PairParts
  #beatAt: Instant = 0
  /** When the last turn wanted the next one. */
  #expectedAt: Instant = NEVER
  /** Nothing new is begun with the partner. */
  isStopping = false

  constructor(plan: HaPlan, services: PairServices, parts: PairParts) {
    this.#plan = plan
    this.#services = services
    this.#parts = parts
  }

  get deadline(): Instant {
    const parts = this.#parts
    const beat = parts.sessions.size === 0 ? NEVER : this.#beatAt
    const contact = parts.contact.deadline(this.#services.now())
    const { keyRounds, stock } = parts
    const rounds = this.isStopping ? NEVER : Math.min(keyRounds.deadline, stock.deadline)
    const disks = Math.min(parts.ackWait.deadline, parts.storageWatch.deadline)
    const edits = Math.min(parts.edits.deadline, parts.presence.deadline, parts.names.deadline)
    const asks = parts.keyAsks.deadline
    return Math.min(beat, contact, parts.meetings.deadline, rounds, disks, asks, edits)
  }

  /** To be called first whenever something happens: whether the process was held up shows then. */
  wakeUp(): Instant {
    const now = this.#services.now()
    if (now > this.#expectedAt + PAUSE) this.#resumed(now)
    this.#expectedAt = Number.POSITIVE_INFINITY
    return now
  }

  turn(): void {
    const now = this.wakeUp()
    const { ackWait, contact, edits, handOver, keyAsks, keyRounds } = this.#parts
    const { meetings, names, presence, sessions, stock, storageWatch } = this.#parts
    storageWatch.update(now)
    const { withPartner } = sessions
    if (withPartner !== undefined && !contact.isConnected(now)) ackWait.endDeaf(withPartner)
    ackWait.turn(now)
    edits.turn(now)
    presence.turn(now)
    names.turn()
    meetings.turn(now)
    this.#step(now)
    if (now >= this.#beatAt) this.#beat(now)
    handOver.turn()
    for (const { outgoing } of sessions) outgoing?.pump()
    if (!this.isStopping) keyRounds.turn(now)
    if (!this.isStopping) stock.turn(now)
    keyAsks.turn(now)
    this.#expectedAt = this.deadline
  }

  /** The next word that this server is there leaves after `delay` at the latest. */
  beatWithin(delay: Millis): void {
    this.#beatAt = Math.min(this.#beatAt, this.#services.now() + delay)
  }

  #resumed(now: Instant): void {
    const { ackWait, contact, sessions, storageWatch } = this.#parts
    storageWatch.resumed(now)
    ackWait.resumed(now)
    contact.resumed(this.#expectedAt, now)
    for (const { outgoing } of sessions) outgoing?.resumed(now)
  }

  /** The state machine makes its step, where there is one to make. */
  #step(now: Instant): void {
    const { ackWait, contact, machine, rightsBook, sessions } = this.#parts
    contact.watchClients(machine.row.watchesClients)
    const partner = sessions.withPartner
    const isAlone = !this.#plan.sendLeaseUpdates || partner?.hasUpdates === false
    const isSynced = isAlone || partner?.incoming?.isSynced === true
    const { mayServe } = rightsBook
    if (!machine.step(contact.situation(isSynced, mayServe, now))) return
    rightsBook.apply()
    this.#beat(now)
    ackWait.settle()
  }

  #beat(now: Instant): void {
    this.#beatAt = now + this.#plan.heartbeatDelay
    this.#parts.conversations.beat(now)
  }
}
