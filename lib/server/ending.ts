// How a server ends: what waits for disk and partner comes to its end, then services, pair and
// journal are closed, one after the other.

import type { Delivery } from './delivery.ts'

export interface EndingDuties {
  readonly delivery: Pick<Delivery, 'isIdle' | 'trouble'>
  closeServices(done: () => void): void
  /** This server leaves its pair, where it is in one. */
  leave(done: () => void): void
  closeJournal(done: () => void): void
  /** It is over. */
  ended(): void
}

export class Ending {
  readonly #duties: EndingDuties
  /** Who waits for the end; nobody before a stop. */
  #waiting: (() => void)[] = []
  #isClosing = false

  constructor(duties: EndingDuties) {
    this.#duties = duties
  }

  /** Nothing but the end is waited for any more. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Nothing is under way. */
  get isReady(): boolean {
    const { delivery } = this.#duties
    return !this.#isClosing && (delivery.isIdle || delivery.trouble !== '')
  }

  whenOver(done: () => void): void {
    this.#waiting.push(done)
  }

  close(): void {
    const duties = this.#duties
    this.#isClosing = true
    const end = () => {
      duties.ended()
      for (const done of this.#waiting.splice(0)) done()
    }
    duties.closeServices(() => duties.leave(() => duties.closeJournal(end)))
  }
}
