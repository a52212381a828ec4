// SOLICIT: find something for each IA and offer it (RFC 9915 §18.3.1, §18.3.9). Nothing is stored
// for an offer. With rapid commit the client gets its leases at once.

import { refusalByClass } from '../dhcp/client-classes.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { noneIn } from './bind6.ts'
import type { Exchange6 } from './exchange6.ts'
import { placesOf } from './find-places6.ts'
import { bindAndReply, replySaying } from './lease-reply.ts'
import { locateSubnet } from './locate6.ts'
import { drop, type Stepped6 } from './outcome6.ts'

export function solicit(exchange: Exchange6): Stepped6 {
  const { query } = exchange
  const subnet = locateSubnet(exchange)
  // Some clients take the first ADVERTISE without a look at what it says: one that knows nothing
  // must not be before one that has something.
  if (subnet === undefined) return drop('no-subnet')
  const places = placesOf(exchange, subnet)
  const refusal = refusalByClass(exchange, subnet)
  const { advertise } = MESSAGE_TYPE6
  if (refusal === 'rejected-by-class')
    return replySaying(exchange, places, advertise, noneIn(query.ias))
  if (refusal !== undefined) return drop(refusal)
  const isRapid = subnet.rapidCommit && query.has(OPTION6.rapidCommit)
  return bindAndReply(exchange, places, isRapid ? 'rapid' : 'solicit')
}
