// A REQUEST from where no subnet fits. Nothing can be given, so it is a question of silence or NAK:
//
//   it came             SELECTING  RENEWING       INIT-REBOOT,   without an address
//                                                 REBINDING
//   through a relay     NAK        -              authoritative  authoritative, or it names us
//   straight, unicast   NAK        own row, or    authoritative  authoritative, or it names us
//                                  authoritative
//   by broadcast        NAK        -              silence        it names us
//
// Who chose this server waits for nobody else (RFC 2131 §3.1 step 4). An own row in no subnet any
// more is like one that no pool holds any more. Else another server may serve the network, unless
// this one is said to be the authority: for what it is sent by relays and by unicast, not for every
// link that it has an interface on (Kea, too, is silent there). In a pair as far as this server has
// the right.

import type { Ipv4 } from '../address/ipv4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { replyNak } from './assemble.ts'
import type { Exchange4 } from './exchange4.ts'
import { isFromLink } from './locate-subnet.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { type RequestState, requestedAddress } from './request-state.ts'
import { REFUSALS } from './request-table.ts'
import { isOwn } from './request-verdict.ts'
import { mayRefuse } from './rights-verdict.ts'

export function requestWithoutSubnet(exchange: Exchange4, state: RequestState): Outcome4 {
  const { query } = exchange
  const address = requestedAddress(query, state)
  const asking = { client: exchange.client, reservation: undefined }
  if (!isRefused(exchange, state, address)) return drop('no-subnet')
  if (address !== 0 && !mayRefuse(exchange, asking, address)) return drop('no-right')
  return replyNak(exchange, undefined, REFUSALS['no-subnet'])
}

function isRefused(exchange: Exchange4, state: RequestState, address: Ipv4): boolean {
  const { plan, query } = exchange
  if (state === 'selecting') return true
  if (state === 'unaddressed' && (query.uint(OPTION4.serverIdentifier) ?? 0) !== 0) return true
  if (isFromLink(exchange)) return false
  return (
    plan.authoritative ||
    (state === 'renewing' && query.giaddr === 0 && isOwn(exchange, exchange.client, address))
  )
}
