// Leases that have ended are reclaimed by an operator's word: all of them, whatever the rounds of
// the configuration allow, and none of them before its time. A round a turn, so that no client
// waits for it; answered when what was changed is stored here and at the partner.

import { type Instant, NEVER } from '../time/units.ts'

type Family = 4 | 6

/** `why`: why it is not done, '' where it is. */
export type ReclaimAnswer = (why: string) => void

export interface ReclaimDuties {
  /** Why nothing can be changed at present, or ''. */
  whyNone(): string
  /** A round; whether there is more. `isRemoving`: also what is kept for former clients. */
  round(family: Family, isRemoving: boolean): boolean
  /** Called when all that was put so far is stored wherever it must be. */
  stored(say: () => void): void
  proceed(): void
}

interface Order {
  readonly family: Family
  readonly isRemoving: boolean
  readonly answer: ReclaimAnswer
  /** Rounds whose changes are not stored everywhere. */
  unstored: number
}

/** Orders that are not answered yet. */
const ORDERS_MAX = 16

export class ReclaimOrders {
  readonly #duties: ReclaimDuties
  /** With rounds to come. */
  readonly #queue: Order[] = []
  readonly #open = new Set<Order>()

  constructor(duties: ReclaimDuties) {
    this.#duties = duties
  }

  order(family: Family, isRemoving: boolean, answer: ReclaimAnswer): void {
    const isFull = this.#open.size >= ORDERS_MAX
    const why = isFull ? 'too many orders wait' : this.#duties.whyNone()
    if (why !== '') return answer(why)
    const order = { family, isRemoving, answer, unstored: 0 }
    this.#queue.push(order)
    this.#open.add(order)
    this.#duties.proceed()
  }

  get deadline(): Instant {
    return this.#queue.length > 0 ? 0 : NEVER
  }

  turn(): void {
    const order = this.#queue[0]
    if (order === undefined) return
    if (!this.#duties.round(order.family, order.isRemoving)) {
      this.#queue.shift()
      return this.#conclude(order)
    }
    order.unstored++
    this.#duties.stored(() => {
      order.unstored--
      this.#conclude(order)
    })
  }

  /** The journal does not store, or the server stops: whoever waits is told. */
  end(why: string): void {
    this.#queue.length = 0
    const open = [...this.#open]
    this.#open.clear()
    for (const { answer } of open) answer(why)
  }

  #conclude(order: Order): void {
    const isDone = order.unstored === 0 && !this.#queue.includes(order)
    if (isDone && this.#open.delete(order)) order.answer('')
  }
}
