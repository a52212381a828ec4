// Who cannot store serves nobody, and whoever feels well beside such a server waits for it in vain: so it leaves
// the pair, until its journal answers again. One that was too slow is on trial first, where a partner may serve
// meanwhile: else each slow commit would cost the clients of both the same wait again.

import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { Delivery } from '../delivery.ts'
import type { Reporter } from '../reporter.ts'
import type { Conversations } from './conversations.ts'

/** So many quick commits in a row end a trial. */
const TRIALS = 3

/** No trial lasts longer: the partner may be gone, and a slow server is better than none. */
const TRIAL_MAX: Millis = 10_000

interface Parts {
  readonly delivery: Delivery
  readonly reporter: Reporter
}

export class StorageWatch {
  readonly #delivery: Delivery
  readonly #conversations: Conversations
  readonly #reporter: Reporter
  readonly #patience: Millis
  /** It was said that the journal does not answer. */
  #isTold = false
  #isFailing = false
  #isAway = false
  #isStuck = false
  /** When this process went on after a pause: a batch that waited meanwhile was not slow. */
  #awakeAt: Instant = 0
  /** When the trial is over at the latest; NEVER: it has not begun, undefined: there is none. */
  #trialUntil: Instant | undefined

  /** `patience`: how long clients may wait for the journal. */
  constructor({ delivery, reporter }: Parts, conversations: Conversations, patience: Millis) {
    this.#delivery = delivery
    this.#conversations = conversations
    this.#reporter = reporter
    this.#patience = patience
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

  resumed(now: Instant): void {
    this.#awakeAt = now
  }

  /** Leaves, or comes back. */
  update(now: Instant): void {
    this.#isStuck = now >= this.#stuckAt()
    if (this.#isStuck && !this.#isAway && this.#conversations.withPartner !== undefined)
      this.#try(NEVER)
    if (this.#trialUntil !== undefined) this.#judge(now)
    const isAway = this.#isFailing || this.#isStuck || this.#trialUntil !== undefined
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    if (isAway) this.#conversations.leave()
    else this.#conversations.meetings.open()
    this.#tell()
  }

  /** The trial goes on until then, or is over. */
  #try(until: Instant | undefined): void {
    this.#trialUntil = until
    this.#delivery.isOnTrial = until !== undefined
  }

  #judge(now: Instant): void {
    if (this.#isStuck) return
    if (this.#trialUntil === NEVER) this.#trialUntil = now + TRIAL_MAX
    if (this.#delivery.quickInARow >= TRIALS || now >= this.#trialUntil!) this.#try(undefined)
  }

  #tell(): void {
    const wasTold = this.#isTold
    this.#isTold = this.#isAway && !this.#isFailing
    if (this.#isTold) this.#reporter.say('JOURNAL_STUCK', { milliseconds: this.#patience })
    else if (wasTold) this.#reporter.say('JOURNAL_RECOVERED', {})
  }

  #stuckAt(): Instant {
    return Math.max(this.#delivery.waitsSince, this.#awakeAt) + this.#patience
  }
}
