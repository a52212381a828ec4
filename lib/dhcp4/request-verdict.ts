// May this client have this address? One judgement for each state of a REQUEST. It is taken anew here:
// that the address was offered gives no right to it.
//
//                              SELECTING   INIT-REBOOT            RENEWING, REBINDING
//   its own row                grant       grant                  grant
//   its own row, but moved     grant       NAK                    NAK
//   live for another           NAK         known: NAK             NAK
//   free, not the client's     grant       known: NAK             grant (as Kea does)
//   not allowed (pool, res.)   NAK         known: NAK             known: NAK
//   in another network         NAK         known: NAK             known: NAK
//
// known: the client has a row in the subnet or the subnet is authoritative; else silence, because the
// lease may be another server's. moved: a reservation gives the client another address, or gives this
// address to somebody else, or no pool holds it any more.

import { type Ipv4, maskOfLength } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan4.ts'
import { isHeldBy, isLive, isObtainable } from './allocate.ts'
import type { Exchange4 } from './exchange4.ts'
import { isAllowed, reservedAddress } from './reserve.ts'

/** Why a REQUEST is refused, with the text of option 56. */
export const REFUSALS = {
  'wrong-network': 'the address is not on this network',
  'in-use': 'the address is in use by another client',
  moved: 'another address is meant for this client',
  unavailable: 'the address is not available',
  unknown: 'the lease is not known',
} as const

export type Verdict = 'grant' | 'silence' | keyof typeof REFUSALS

/**
 * The client chose this server. An address that was offered to it is given even if a reservation has
 * come in between: refusing what was offered a moment ago helps nobody, the next renewal moves it.
 */
export function judgeSelecting(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Verdict {
  // RFC 2131 §4.3.2: without the offer (this server restarted) the address is given if it still can be.
  if (isObtainable(exchange, subnet, address)) return 'grant'
  const { client, leases, now } = exchange
  const isOffered = leases.offerOf(client, subnet.id, now) === address
  if (isOffered && subnet.isDynamic(address, 0) && isFreeFor(exchange, address)) return 'grant'
  return isInSubnet(subnet, address) ? 'unavailable' : 'wrong-network'
}

/** The client remembers an address and wants to know whether it still holds. */
export function judgeInitReboot(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Verdict {
  // RFC 2131 §4.3.2: on the wrong network. A row in another subnet shows that the address is ours to judge.
  if (!isInSubnet(subnet, address))
    return isOwn(exchange, address) ? 'wrong-network' : ifKnown(exchange, subnet, 'wrong-network')
  if (isOwn(exchange, address)) return mayStay(exchange, subnet, address) ? 'grant' : 'moved'
  // A reservation is a record of the client too.
  if (reservedAddress(exchange) === address && isObtainable(exchange, subnet, address))
    return 'grant'
  // RFC 2131 §4.3.2: a server that has no record of the client MUST remain silent.
  return ifKnown(exchange, subnet, 'unknown')
}

/** The client uses the address and wants to go on, asking this server or (REBINDING) any. */
export function judgeRenewing(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Verdict {
  if (isOwn(exchange, address)) return mayStay(exchange, subnet, address) ? 'grant' : 'moved'
  const { leases, now, row } = exchange
  if (!leases.isOver(exchange.rowAt(address), now)) return 'in-use'
  // Its lease is another address: then it has no claim to this one.
  if (row !== undefined && isLive(row, now)) return 'unknown'
  // As Kea does: a lease that was lost here (new database, other server before) is taken up again.
  if (isObtainable(exchange, subnet, address)) return 'grant'
  const refusal = isInSubnet(subnet, address) ? 'unavailable' : 'wrong-network'
  return ifKnown(exchange, subnet, refusal)
}

/** Whether the address is the client's by its row, live or ended. */
function isOwn(exchange: Exchange4, address: Ipv4): boolean {
  const { client, leases } = exchange
  const row = exchange.rowAt(address)
  return row !== undefined && isHeldBy(leases, row, client)
}

/** The client's own row, or one that may be given to anybody. */
function isFreeFor(exchange: Exchange4, address: Ipv4): boolean {
  const { leases, now } = exchange
  return isOwn(exchange, address) || leases.isOver(exchange.rowAt(address), now)
}

/** Whether the client may keep its address; not if its reserved one waits for it. */
function mayStay(exchange: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  if (!isAllowed(exchange, subnet, address)) return false
  const reserved = reservedAddress(exchange)
  return reserved === 0 || reserved === address || !isObtainable(exchange, subnet, reserved)
}

function ifKnown({ row }: Exchange4, subnet: Subnet4, refusal: Verdict): Verdict {
  return row !== undefined || subnet.authoritative ? refusal : 'silence'
}

function isInSubnet({ prefix }: Subnet4, address: Ipv4): boolean {
  return (address & maskOfLength(prefix.length)) >>> 0 === prefix.address
}
