// An operator changes the configuration of servers that share a database: one server after the
// other, so that for a while each goes by another one. Delegated prefixes may be of other lengths
// then, and those of two servers lie in each other.

import type { Plan } from '../../lib/config/plan/plan.ts'
import { between, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'

const PAUSE_MAX = 120_000

export class SharedReloads {
  readonly counts = { reload: 0 }
  readonly #lab: Lab
  readonly #plans: readonly Plan[]
  readonly #draw
  #isOver = false

  constructor(lab: Lab, plans: readonly Plan[]) {
    this.#lab = lab
    this.#plans = plans
    this.#draw = lab.world.draw('shared-reloads')
    this.#next()
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 100, PAUSE_MAX), () => {
      if (this.#isOver) return
      this.counts.reload++
      oneOf(this.#draw, this.#lab.servers).reload(oneOf(this.#draw, this.#plans))
      this.#next()
    })
  }

  /** All go by one of the plans in the end: which. */
  end(): number {
    this.#isOver = true
    const last = this.#draw(this.#plans.length)
    for (const server of this.#lab.servers) server.reload(this.#plans[last]!)
    return last
  }
}
