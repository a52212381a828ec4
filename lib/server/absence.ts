// Who cannot store serves nobody, and whoever feels well beside such a server waits for it in vain: so it leaves
// the pair, until its journal answers again.

import { type Instant, type Millis, NEVER } from '../time/units.ts'
import type { Conversations } from './conversations.ts'
import type { Delivery } from './delivery.ts'
import type { Reporter } from './reporter.ts'

interface Parts {
  readonly delivery: Delivery
  readonly reporter: Reporter
}

export class Absence {
  readonly #delivery: Delivery
  readonly #conversations: Conversations
  readonly #reporter: Reporter
  readonly #patience: Millis
  /** It was said that the journal does not answer. */
  #isTold = false
  #isFailing = false
  #isAway = false
  /** When this process went on after a pause: a batch that waited meanwhile was not slow. */
  #awakeAt: Instant = 0

  /** `patience`: how long clients may wait for the journal. */
  constructor({ delivery, reporter }: Parts, conversations: Conversations, patience: Millis) {
    this.#delivery = delivery
    this.#conversations = conversations
    this.#reporter = reporter
    this.#patience = patience
  }

  /** When the batch at the journal has taken too long, if it is not stored before. */
  get deadline(): Instant {
    return this.#isAway ? NEVER : this.#stuckAt()
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
    const isAway = this.#isFailing || now >= this.#stuckAt()
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    if (isAway) this.#conversations.leave()
    else this.#conversations.meetings.open()
    this.#tell()
  }

  #tell(): void {
    const wasTold = this.#isTold
    this.#isTold = this.#isAway && !this.#isFailing
    if (this.#isTold) this.#reporter.say('JOURNAL_STUCK', { milliseconds: this.#patience })
    else if (wasTold) this.#reporter.say('JOURNAL_RECOVERED', {})
  }

  #stuckAt(): Instant {
    return Math.max(this.#delivery.storesSince, this.#awakeAt) + this.#patience
  }
}
