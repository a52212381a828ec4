// Where a reply goes: RFC 2131 §4.1, relay source port RFC 8357.

import { BROADCAST, type Ipv4, isUnicast } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import type { Exchange4 } from './exchange4.ts'
import { isRouted } from './locate-subnet.ts'
import type { Destination4 } from './outcome4.ts'
import { requestStateOf } from './request-state.ts'
import { ownAddressFor } from './server-identifier.ts'

/** Bit 15 of flags: the client cannot take unicast before it has an address. */
export const BROADCAST_FLAG = 0x8000

const CLIENT_PORT = 68
const HTYPE_ETHERNET = 1
const ETHERNET_LENGTH = 6

/** Destination of an OFFER, or of the ACK to a REQUEST. */
export function destinationOfLease(
  exchange: Exchange4,
  subnet: Subnet4,
  yiaddr: Ipv4,
): Destination4 {
  const { query } = exchange
  if (query.giaddr !== 0) return toRelay(exchange, subnet)
  if (usesCiaddr(exchange)) return toClient(exchange, subnet, query.ciaddr, '')
  if ((query.flags & BROADCAST_FLAG) !== 0 || !takesFrames(exchange)) return toAll(exchange, subnet)
  return toClient(exchange, subnet, yiaddr, query.hwAddress)
}

/**
 * RFC 2131 §4.1: a NAK is always broadcast on the client's link, here or by the relay. A client
 * that renews from beyond a router hears no broadcast of this link: it is told where it sent from.
 */
export function destinationOfNak(exchange: Exchange4, subnet: Subnet4 | undefined): Destination4 {
  const { query, arrival } = exchange
  if (query.giaddr !== 0) return toRelay(exchange, subnet)
  return isRouted(exchange)
    ? toClient(exchange, subnet, arrival.address, '')
    : toAll(exchange, subnet)
}

/**
 * RFC 2131 §4.3.5: the ACK of an INFORM goes straight to ciaddr; from a client that left it out, to
 * the relay or to where the datagram came from.
 */
export function destinationOfInform(
  exchange: Exchange4,
  subnet: Subnet4 | undefined,
): Destination4 {
  const { query, arrival } = exchange
  if (query.ciaddr !== 0) return toClient(exchange, subnet, query.ciaddr, '')
  if (query.giaddr !== 0) return toRelay(exchange, subnet)
  return toClient(exchange, subnet, arrival.address, '')
}

/**
 * Only who renews or rebinds has the address in ciaddr. In a DISCOVER, or a REQUEST that takes an
 * offer, it is a memory: nobody would answer the ARP request for it.
 */
function usesCiaddr({ query, isBootp }: Exchange4): boolean {
  if (!isUnicast(query.ciaddr)) return false
  // RFC 1542 §5.4: a BOOTP client that names its address answers ARP requests for it.
  if (isBootp) return true
  return query.type === MESSAGE_TYPE4.request && requestStateOf(query) === 'renewing'
}

function toRelay(exchange: Exchange4, subnet: Subnet4 | undefined): Destination4 {
  const { query, arrival, settings } = exchange
  const { relayAgentInformation } = OPTION4
  const ownPort =
    query.has(relayAgentInformation) &&
    query.subOption(relayAgentInformation, RELAY_AGENT4.sourcePort) !== undefined
  // RFC 8357 §4.1: the server MUST answer to the port that the relay sent from.
  const port = ownPort ? arrival.port : settings.serverPort
  const source = ownAddressFor(exchange, subnet)
  return { address: query.giaddr, port, hwAddress: '', source, lastHop: arrival.address }
}

function toClient(
  exchange: Exchange4,
  subnet: Subnet4 | undefined,
  address: Ipv4,
  hwAddress: string,
): Destination4 {
  const port = exchange.settings.clientPort ?? CLIENT_PORT
  return { address, port, hwAddress, source: ownAddressFor(exchange, subnet), lastHop: 0 }
}

function toAll(exchange: Exchange4, subnet: Subnet4 | undefined): Destination4 {
  return toClient(exchange, subnet, BROADCAST, '')
}

function takesFrames({ query }: Exchange4): boolean {
  return query.htype === HTYPE_ETHERNET && query.hwAddress.length === ETHERNET_LENGTH
}
