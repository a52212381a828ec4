// First step: is this a message for this server, and could it be answered at all? Nothing about
// subnets or leases is known yet.

import { type Ipv4, ipv4FromOctets, isLoopback, isUnicast } from '../address/ipv4.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import type { Exchange4 } from './exchange4.ts'
import { isOwnServerId } from './server-identifier.ts'

const BOOTREQUEST = 1
/** RFC 1542 §4.1.1: the most relays a message may have passed. */
const HOPS_MAX = 16
/** The longest client identifier that is kept: one option of RFC 2132 without concatenation. */
const CLIENT_ID_MAX = 255

/** Why the query is not answered, or undefined when it goes on. */
export function accept(exchange: Exchange4): Reason4 | undefined {
  const { query, client } = exchange
  if (query.op !== BOOTREQUEST) return 'bad-op'
  if (query.type === 0 && !exchange.isBootp) return 'no-message-type'
  if (query.hops > HOPS_MAX) return 'too-many-hops'
  if (query.giaddr !== 0 && !canBeRelay(query.giaddr, exchange.arrival.address)) return 'bad-relay'
  if (client.clientId.length > CLIENT_ID_MAX) return 'bad-option'
  // A lease that names nobody could be given to nobody again.
  if (client.hwAddress === '' && client.clientId === '') return 'no-client-identity'
  if (query.has(OPTION4.relayAgentInformation))
    exchange.serverIdOverride = ipv4FromOctets(
      query.subOption(OPTION4.relayAgentInformation, RELAY_AGENT4.serverIdOverride),
    )
  return isForThisServer(exchange) ? undefined : 'not-for-us'
}

/**
 * A reply goes to giaddr, so it must be an address of one host; a loopback one only on loopback.
 */
function canBeRelay(giaddr: Ipv4, source: Ipv4): boolean {
  return isUnicast(giaddr) || (isLoopback(giaddr) && isLoopback(source))
}

/**
 * RFC 2131 §4.3.2: a REQUEST that names another server accepts that server's offer; RELEASE and
 * DECLINE name the server that gave the lease. As in Kea, none of them needs to name one.
 */
function isForThisServer(exchange: Exchange4): boolean {
  const { query, plan } = exchange
  if (plan.compatibility.ignoreServerIdentifier) return true
  const { discover, inform } = MESSAGE_TYPE4
  if (query.type === discover || query.type === inform) return true
  // Small clients copy siaddr, which is mostly 0: that names nobody.
  const named = query.uint(OPTION4.serverIdentifier) ?? 0
  return named === 0 || isOwnServerId(exchange, named)
}
