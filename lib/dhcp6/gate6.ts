// First step: is this a message for this server, and could it be answered at all? Nothing about
// subnets or leases is known yet. What RFC 9915 §16 says of each message is the table below.

import { isMulticast6, UNSPECIFIED6 } from '../address/ipv6.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { isDuid } from '../wire/v6/duid.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { Arrival6 } from './asked6.ts'
import type { Exchange6 } from './exchange6.ts'
import { isContradictory } from './names6.ts'

/** needed, allowed, or forbidden. */
type Presence = 'must' | 'may' | 'none'

interface Rule {
  readonly clientId: Presence
  readonly serverId: Presence
  /** IA_NA and IA_PD; what a message must name in them is for its handler to say. */
  readonly ia: Presence
  /** Option 39 is looked at (RFC 4704 §5). */
  readonly isNamed: boolean
}

/** By message type; without a rule a type is none that a server answers. */
const RULES: readonly (Rule | undefined)[] = rulesByType([
  [MESSAGE_TYPE6.solicit, { clientId: 'must', serverId: 'none', ia: 'may', isNamed: true }],
  [MESSAGE_TYPE6.request, { clientId: 'must', serverId: 'must', ia: 'may', isNamed: true }],
  [MESSAGE_TYPE6.confirm, { clientId: 'must', serverId: 'none', ia: 'may', isNamed: false }],
  [MESSAGE_TYPE6.renew, { clientId: 'must', serverId: 'must', ia: 'may', isNamed: true }],
  [MESSAGE_TYPE6.rebind, { clientId: 'must', serverId: 'none', ia: 'may', isNamed: true }],
  [MESSAGE_TYPE6.release, { clientId: 'must', serverId: 'must', ia: 'may', isNamed: false }],
  [MESSAGE_TYPE6.decline, { clientId: 'must', serverId: 'must', ia: 'may', isNamed: false }],
  [
    MESSAGE_TYPE6.informationRequest,
    { clientId: 'may', serverId: 'may', ia: 'none', isNamed: false },
  ],
  [
    MESSAGE_TYPE6.addressRegistration,
    { clientId: 'must', serverId: 'none', ia: 'none', isNamed: true },
  ],
])

function rulesByType(rules: readonly (readonly [number, Rule])[]): (Rule | undefined)[] {
  const byType: (Rule | undefined)[] = []
  for (const [type, rule] of rules) byType[type] = rule
  return byType
}

/** Why the query is not answered, or undefined when it goes on. */
export function refusalAtGate(exchange: Exchange6): Reason6 | undefined {
  const { query } = exchange
  const rule = RULES[query.type]
  if (rule === undefined) return 'bad-message-type'
  return (
    refusalOfSource(exchange) ??
    refusalOfServerId(exchange) ??
    refusalOfDestination(exchange) ??
    refusalOfOptions(exchange, rule)
  )
}

/** No answer could reach it, or it would be for this host, whose addresses are no leases. */
function refusalOfSource({ arrival, query }: Exchange6): Reason6 | undefined {
  const { address, port } = arrival
  if (port === 0 || address === UNSPECIFIED6 || isMulticast6(address)) return 'bad-source'
  // A relay may run on this host, for links that the server does not hear.
  return query.relays.length === 0 && isOwn(arrival) ? 'own-address' : undefined
}

/** On loopback all have one address, which says nothing. */
function isOwn({ address, link }: Arrival6): boolean {
  if (link.linkLocal === '') return false
  for (const own of link.addresses) if (own.address === address) return true
  return false
}

/**
 * Who names another server is for that one, whatever else is wrong with the message: also where RFC
 * 9915 §16 forbids to name one.
 */
function refusalOfServerId(exchange: Exchange6): Reason6 | undefined {
  const { query, settings } = exchange
  const { serverId } = query
  if (serverId === '') return undefined
  const { own } = settings.serverIds
  if (serverId === own) return undefined
  // Both servers of a pair answer these, so that each answers for itself only.
  if (query.type === MESSAGE_TYPE6.informationRequest) return 'not-for-us'
  if (!settings.serverIds.accepted(serverId)) return 'not-for-us'
  exchange.serverId = serverId
  return undefined
}

/** RFC 9915 §16: only relays send to an address of one server. */
function refusalOfDestination({ arrival, query }: Exchange6): Reason6 | undefined {
  if (query.relays.length > 0 || isMulticast6(arrival.to)) return undefined
  return 'sent-to-one'
}

function refusalOfOptions(exchange: Exchange6, rule: Rule): Reason6 | undefined {
  const { plan, query, settings } = exchange
  const { clientId, serverId } = query
  if (clientId === '') {
    if (rule.clientId === 'must') return 'no-client-id'
  } else {
    if (!isDuid(clientId)) return 'bad-client-id'
    if (clientId === settings.serverIds.own) return 'own-duid'
  }
  if (rule.serverId === 'must' && serverId === '') return 'no-server-id'
  if (rule.serverId === 'none' && serverId !== '') return 'server-id-forbidden'
  const isLenient = plan.compatibility.optionParsing === 'lenient'
  if (rule.ia === 'none' && hasIa(query)) {
    const isInform = query.type === MESSAGE_TYPE6.informationRequest
    if (!isInform || !isLenient) return 'lease-forbidden'
  }
  if (rule.isNamed && !isLenient && isContradictory(query)) return 'bad-fqdn'
  return undefined
}

/** IA_TA counts where a message must have none, though it is never answered. */
function hasIa(query: Query6): boolean {
  return query.has(OPTION6.iaNa) || query.has(OPTION6.iaPd) || query.has(OPTION6.iaTa)
}
