// Who the client is by the expression of libdhcp_flex_id.

import type { Octets } from '../bytes/octets.ts'
import { Failure } from '../classify/expression.ts'
import type { Facts } from '../classify/facts.ts'
import type { FlexIdPlan } from '../config/plan/flex-id-plan.ts'

/** The value of the expression for one message after the other, found when it is asked for. */
export class FlexIdValue {
  readonly #plan: FlexIdPlan
  readonly #facts: Facts
  #value: Octets | undefined

  constructor(plan: FlexIdPlan, facts: Facts) {
    this.#plan = plan
    this.#facts = facts
  }

  /** The facts are those of another message. */
  forget(): void {
    this.#value = undefined
  }

  /** '' where the expression has none. */
  get(): Octets {
    this.#value ??= this.#evaluated()
    return this.#value
  }

  #evaluated(): Octets {
    try {
      return this.#plan.value(this.#facts)
    } catch (error) {
      if (error instanceof Failure) return ''
      throw error
    }
  }
}
