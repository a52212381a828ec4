// Who the client is by the expression of libdhcp_flex_id: to reservations, and to leases where that
// takes the place of its client identifier. Replies carry the client's own identifier all the same,
// and whose client it is in a pair goes by that, too.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import { Failure } from '../classify/expression.ts'
import type { FlexIdPlan } from '../config/plan/flex-id-plan.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Arrival4 } from './exchange4.ts'
import { Facts4 } from './facts4.ts'

/** What stands before the value in a client identifier: type 0, or type 255 and an IAID. */
const OF_TYPE_0 = '\x00'
const OF_DUID = '\xff\x00\x00\x00\x00'

export class FlexId4 {
  readonly #plan: FlexIdPlan
  readonly #facts = new Facts4()
  #value: Octets | undefined

  constructor(plan: FlexIdPlan) {
    this.#plan = plan
  }

  /** Another query; the classes are asked for when the value is. */
  begin(query: Query4, arrival: Arrival4, classes: ClassSet): void {
    this.#facts.begin(query, arrival, classes)
    this.#facts.decode()
    this.#value = undefined
  }

  /** '' where the expression has none. */
  get value(): Octets {
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

  get replacesClientId(): boolean {
    return this.#plan.replacesClientId
  }

  /** Who the client is to leases. */
  clientOf(client: ClientIdentity): ClientIdentity {
    if (!this.#plan.replacesClientId || this.value === '') return client
    const clientId = (this.#plan.isDuid ? OF_DUID : OF_TYPE_0) + this.value
    return { htype: client.htype, hwAddress: client.hwAddress, clientId }
  }
}
