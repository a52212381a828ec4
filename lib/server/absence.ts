// Who cannot store serves nobody, and whoever feels well beside such a server waits for it in vain: so it leaves
// the pair, until its journal answers again.

import { type Instant, type Millis, NEVER } from '../time/units.ts'
import type { Conversations } from './conversations.ts'
import type { Delivery } from './delivery.ts'

export class Absence {
  readonly #delivery: Delivery
  readonly #conversations: Conversations
  readonly #patience: Millis
  #isFailing = false
  #isAway = false
  /** When this process went on after a pause: a batch that waited meanwhile was not slow. */
  #awakeAt: Instant = 0

  /** `patience`: how long clients may wait for the journal. */
  constructor(delivery: Delivery, conversations: Conversations, patience: Millis) {
    this.#delivery = delivery
    this.#conversations = conversations
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

  /** Whether the journal says that it does not store. */
  set isFailing(isFailing: boolean) {
    this.#isFailing = isFailing
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
  }

  #stuckAt(): Instant {
    return Math.max(this.#delivery.storesSince, this.#awakeAt) + this.#patience
  }
}
