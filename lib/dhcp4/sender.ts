// What a query says of its sender to reservations. The relay's words are read when a reservation
// needs them, once for each query.

import type { Octets } from '../bytes/octets.ts'
import { duidOf, type Known4, type ReservationIdentifier } from '../config/plan/known4.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { FlexId4 } from './flex-id.ts'

export class Sender4 implements Known4 {
  #query!: Query4
  #client!: ClientIdentity
  #flexId: Pick<FlexId4, 'value'> | undefined
  #duid: Octets | undefined = undefined
  #circuitId: Octets | undefined = undefined

  begin(query: Query4, client: ClientIdentity, flexId: FlexId4 | undefined): void {
    this.#query = query
    this.#client = client
    this.#flexId = flexId
    this.#duid = undefined
    this.#circuitId = undefined
  }

  /** Its flex-id, whatever an expression says. */
  callBy(value: Octets): void {
    this.#flexId = { value }
  }

  knownBy(kind: ReservationIdentifier): Octets {
    switch (kind) {
      case 'hw-address':
        return this.#client.hwAddress
      case 'client-id':
        return this.#client.clientId
      case 'duid':
        this.#duid ??= duidOf(this.#client.clientId)
        return this.#duid
      case 'circuit-id':
        this.#circuitId ??= circuitIdOf(this.#query)
        return this.#circuitId
      case 'flex-id':
        return this.#flexId === undefined ? '' : this.#flexId.value
    }
  }
}

function circuitIdOf(query: Query4): Octets {
  if (!query.has(OPTION4.relayAgentInformation)) return ''
  return query.subOption(OPTION4.relayAgentInformation, RELAY_AGENT4.circuitId) ?? ''
}
