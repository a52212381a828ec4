// Who is the client? What it says of itself, and what of it counts in the eyes of a subnet.

import type { ClientIdentity } from '../leases/lease.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'

/**
 * The identity that counts for the leases of a subnet: without the client-id where it is not
 * matched.
 */
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
