// Who the client is by the expression of libdhcp_flex_id: to reservations, and to leases where that
// takes the place of its client identifier. Replies carry the client's own identifier all the same,
// and whose client it is in a pair goes by that, too.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import type { FlexIdPlan } from '../config/plan/flex-id-plan.ts'
import { FlexIdValue } from '../dhcp/flex-id.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Arrival4 } from './arrival.ts'
import { Facts4 } from './facts4.ts'

/** What stands before the value in a client identifier: type 0, or type 255 and an IAID. */
const OF_TYPE_0 = '\x00'
const OF_DUID = '\xff\x00\x00\x00\x00'

export class FlexId4 {
  readonly #plan: FlexIdPlan
  readonly #facts = new Facts4()
  readonly #value: FlexIdValue

  constructor(plan: FlexIdPlan) {
    this.#plan = plan
    this.#value = new FlexIdValue(plan, this.#facts)
  }

  /** Another query; the classes are asked for when the value is. */
  begin(query: Query4, arrival: Arrival4, classes: ClassSet): void {
    this.#facts.begin(query, arrival, classes)
    this.#facts.decode()
    this.#value.forget()
  }

  /** '' where the expression has none. */
  get value(): Octets {
    return this.#value.get()
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
