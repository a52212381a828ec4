// What relays say of clients, remembered with the lease (Kea: store-extended-info), and believed
// again when the client renews its lease straight from where it is, past the relay
// (stash-agent-options).

import { isLive } from '../leases/holding.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'
import { relaySubOptionsOf, withRelayInfo } from '../leases/relay-info.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place } from './place.ts'
import { rowOfHolder } from './whose-address.ts'

const { relayAgentInformation: RELAY } = OPTION4

/**
 * The user context of a lease that is given now: `former` with what the relay says. What it said
 * before stays where nothing is said.
 */
export function contextOf(
  { query, isRecalled }: Exchange4,
  { subnet }: Place,
  former: string,
): string {
  if (!subnet.leasing.keepsRelayInfo || isRecalled || !query.has(RELAY)) return former
  const subOptions = query.octets(RELAY)!
  if (subOptions === '') return former
  const remoteId = query.subOption(RELAY, RELAY_AGENT4.remoteId) ?? ''
  const relayId = query.subOption(RELAY, RELAY_AGENT4.relayId) ?? ''
  return withRelayInfo(former, { subOptions, remoteId, relayId })
}

/**
 * A client renews past the relay: what that said of it when the lease was given counts for the
 * query, as if the relay had put it there again. `named`: what the client says of itself.
 */
export function recallRelay(exchange: Exchange4, named: ClientIdentity): void {
  const { query, now } = exchange
  if (query.type !== MESSAGE_TYPE4.request || query.ciaddr === 0 || query.giaddr !== 0) return
  if ((query.octets(RELAY) ?? '') !== '') return
  const row = rowRecalled(exchange, named)
  if (row === undefined || !isLive(row, now)) return
  const subOptions = relaySubOptionsOf(row.userContext)
  if (subOptions === '') return
  query.supply(RELAY, subOptions)
  exchange.isRecalled = true
  exchange.identify(named)
}

/**
 * The row of the client. Where the relay's words make its identifier, it is not known by that
 * before they are recalled: then its hardware address tells.
 */
function rowRecalled(exchange: Exchange4, { htype, hwAddress }: ClientIdentity): Lease | undefined {
  const { query, flexId } = exchange
  if (flexId === undefined || !flexId.replacesClientId) return rowOfHolder(exchange, query.ciaddr)
  const row = exchange.rowAt(query.ciaddr)
  const isIts = hwAddress !== '' && row?.hwAddress === hwAddress && row.htype === htype
  return isIts ? row : undefined
}
