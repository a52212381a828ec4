// What a query says of its sender to reservations, each thing found when it is asked for, once for
// each query.

import type { Octets } from '../bytes/octets.ts'
import type { Known6, Plan6, ReservationIdentifier6 } from '../config/plan/plan6.ts'
import { FlexIdValue } from '../dhcp/flex-id.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { Arrival6 } from './asked6.ts'
import type { Facts6 } from './facts6.ts'
import { type Hardware6, hardwareOf } from './hardware6.ts'

/** As a DUID: a type that nobody else has, and as much as RFC 9915 §11.1 leaves for the value. */
const OF_TYPE_0 = '\0\0'
const VALUE_MAX = 128

export class Sender6 implements Known6 {
  readonly #plan: Plan6
  readonly #flexId: FlexIdValue | undefined
  #query!: Query6
  #arrival!: Arrival6
  #hardware: Hardware6 | undefined = undefined
  /** What a hook calls it, '' = nothing. */
  #called: Octets = ''

  /** `facts`: what the expression of a flex-id is asked of, that of the same query. */
  constructor(plan: Plan6, facts: Facts6) {
    this.#plan = plan
    this.#flexId = plan.flexId && new FlexIdValue(plan.flexId, facts)
  }

  begin(query: Query6, arrival: Arrival6): void {
    this.#query = query
    this.#arrival = arrival
    this.#hardware = undefined
    this.#called = ''
    this.#flexId?.forget()
  }

  get hardware(): Hardware6 {
    this.#hardware ??= hardwareOf(this.#query, this.#arrival, this.#plan.macSources)
    return this.#hardware
  }

  /** Who it is to leases: its DUID, or what an expression puts in the place of that. */
  get duid(): Octets {
    const { clientId } = this.#query
    if (this.#flexId === undefined || this.#plan.flexId?.replacesClientId !== true) return clientId
    const value = this.#flexId.get()
    return value === '' || value.length > VALUE_MAX ? clientId : OF_TYPE_0 + value
  }

  /** Its flex-id, whatever an expression says. */
  callBy(value: Octets): void {
    this.#called = value
  }

  knownBy(kind: ReservationIdentifier6): Octets {
    switch (kind) {
      case 'hw-address':
        return this.hardware.address
      case 'duid':
        return this.#query.clientId
      case 'flex-id':
        return this.#called || (this.#flexId?.get() ?? '')
    }
  }
}
