// Who is the client: its identity in the eyes of a subnet, the reservation that counts for it there,
// and the row it has there already.

import type { Subnet4 } from '../config/plan/plan4.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Exchange4 } from './exchange4.ts'

/** Notes client, reservation and row in the exchange. */
export function identify(exchange: Exchange4, subnet: Subnet4): void {
  const named = namedIdentity(exchange.query)
  exchange.client = identityIn(named, subnet.matchClientId)
  // A reservation may name the client identifier even where leases go by hardware address.
  exchange.reservation = subnet.reservationOf(named)
  exchange.row = exchange.leases.byClient(exchange.client, subnet.id)
}

/** The identity that counts for the leases of a subnet: without the client-id where it is not matched. */
export function identityIn(named: ClientIdentity, matchClientId: boolean): ClientIdentity {
  if (matchClientId || named.clientId === '' || named.hwAddress === '') return named
  return { htype: named.htype, hwAddress: named.hwAddress, clientId: '' }
}

/** All that the query says about its sender. */
export function namedIdentity(query: Query4): ClientIdentity {
  return {
    htype: query.htype,
    hwAddress: query.hwAddress,
    // RFC 4361 ones are opaque here.
    clientId: query.octets(OPTION4.clientIdentifier) ?? '',
  }
}
