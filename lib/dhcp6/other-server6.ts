// A REQUEST that names another server: what this one offered to the client is declined by that, and
// others may have it at once.

import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'
import { identityWith } from './hardware6.ts'
import { locateSubnet } from './locate6.ts'
import { drop, type Outcome6 } from './outcome6.ts'

export function toOtherServer(exchange: Exchange6): Outcome6 {
  const { classes, hardware, leases, query } = exchange
  const selected = query.type === MESSAGE_TYPE6.request ? locateSubnet(exchange) : undefined
  if (selected === undefined || query.clientId === '') return drop('not-for-us')
  for (const ia of query.ias) {
    const client = identityWith(hardware, exchange.bindingOf(ia))
    for (const { id } of selected.reachFor(classes).subnets) leases.withdrawOffer(client, id)
  }
  return drop('not-for-us')
}
