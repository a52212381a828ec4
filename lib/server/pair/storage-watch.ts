// Who cannot store serves nobody, and whoever feels well beside such a server waits for it in vain:
// so it leaves the pair, until its journal answers again. So does one that was switched off by
// command (server/service-switch.ts). One that was too slow is on trial first,
// where a partner may serve meanwhile: else each slow commit would cost the clients of both the
// same wait again.

import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { PairServices } from './pair-services.ts'

/** So many quick commits in a row end a trial. */
const TRIALS = 3

/** No trial lasts longer: the partner may be gone, and a slow server is better than none. */
const TRIAL_MAX: Millis = 10_000

type Services = Pick<PairServices, 'delivery' | 'reporter'>

/** What was switched off by command. */
export type SwitchedOff = 'nothing' | 'one family of two' | 'all'

export interface StorageWatchDuties {
  /** Whether there is a connection with a partner, which may serve meanwhile. */
  hasPartner(): boolean
  /** This server serves nobody from now on: the others are told, and the connections end. */
  leave(): void
  comeBack(): void
}

export class StorageWatch {
  readonly #services: Services
  readonly #duties: StorageWatchDuties
  readonly #storeWait: () => Millis
  /** It was said that the journal does not answer. */
  #isTold = false
  #isFailing = false
  #isAway = false
  #isStuck = false
  #off: SwitchedOff = 'nothing'
  #isOff = false
  /** When this process went on after a pause: a batch that waited meanwhile was not slow. */
  #awakeAt: Instant = 0
  /** When the trial is over at the latest; NEVER: it has not begun, undefined: there is none. */
  #trialUntil: Instant | undefined

  /** `storeWait`: how long clients may wait for the journal. */
  constructor(services: Services, storeWait: () => Millis, duties: StorageWatchDuties) {
    this.#services = services
    this.#storeWait = storeWait
    this.#duties = duties
  }

  /** When the batch at the journal has taken too long, if it is not stored before, or a trial. */
  get deadline(): Instant {
    if (!this.#isAway) return this.#stuckAt()
    return this.#isStuck ? NEVER : (this.#trialUntil ?? NEVER)
  }

  /** Whether this server has left. */
  get isAway(): boolean {
    return this.#isAway
  }

  /** Whether the journal says that it does not store; the server tells that. */
  set isFailing(isFailing: boolean) {
    this.#isFailing = isFailing
    if (isFailing) this.#isTold = false
  }

  /** Whether it has left since it was switched off. */
  get isOff(): boolean {
    return this.#isOff
  }

  /**
   * Where one family of two is off, the server leaves once there is a partner that serves both
   * meanwhile, and stays away as long as it is off.
   */
  set off(off: SwitchedOff) {
    this.#off = off
  }

  resumed(now: Instant): void {
    this.#awakeAt = now
  }

  /** Leaves, or comes back. */
  update(now: Instant): void {
    this.#isStuck = now >= this.#stuckAt()
    if (this.#isStuck && !this.#isAway && this.#duties.hasPartner()) this.#try(NEVER)
    if (this.#trialUntil !== undefined) this.#judge(now)
    if (this.#off === 'nothing') this.#isOff = false
    else if (this.#off === 'all' || this.#duties.hasPartner()) this.#isOff = true
    const isAway = this.#cannotStore || this.#isOff
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    if (isAway) this.#duties.leave()
    else this.#duties.comeBack()
    this.#tell()
  }

  get #cannotStore(): boolean {
    return this.#isFailing || this.#isStuck || this.#trialUntil !== undefined
  }

  /** The trial goes on until then, or is over. */
  #try(until: Instant | undefined): void {
    this.#trialUntil = until
    this.#services.delivery.isOnTrial = until !== undefined
  }

  #judge(now: Instant): void {
    if (this.#isStuck) return
    if (this.#trialUntil === NEVER) this.#trialUntil = now + TRIAL_MAX
    if (this.#services.delivery.quickInARow >= TRIALS || now >= this.#trialUntil!)
      this.#try(undefined)
  }

  #tell(): void {
    const { reporter } = this.#services
    const wasTold = this.#isTold
    this.#isTold = this.#cannotStore && !this.#isFailing
    if (this.#isTold) reporter.say('JOURNAL_STUCK', { milliseconds: this.#storeWait() })
    else if (wasTold) reporter.say('JOURNAL_RECOVERED', {})
  }

  #stuckAt(): Instant {
    return Math.max(this.#services.delivery.waitsSince, this.#awakeAt) + this.#storeWait()
  }
}
