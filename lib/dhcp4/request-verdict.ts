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
// known: the client has a row in the subnet (or its shared network) or the subnet is authoritative; else
// silence, because the lease may be another server's. moved: a reservation gives the client another address,
// or gives this address to somebody else, or no pool that the client may use holds it any more.
//
// All of it as far as this server has the right (rights-verdict.ts), else silence: the partner may have given
// the address to this client. To refuse to go on with an own row that is moved is always allowed.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan4.ts'
import { isObtainable } from './allocate.ts'
import type { Exchange4 } from './exchange4.ts'
import { isHeldBy, isLive } from './holder.ts'
import { isAllowed, isKept, reservedAddress } from './reserve.ts'
import { mayHave, mayRefuse } from './rights-verdict.ts'
import { enter, isInSubnet } from './shared-network.ts'

/** Why a REQUEST is refused, with the text of option 56. */
export const REFUSALS = {
  'wrong-network': 'the address is not on this network',
  'in-use': 'the address is in use by another client',
  moved: 'another address is meant for this client',
  unavailable: 'the address is not available',
  unknown: 'the lease is not known',
} as const

type Refusal = keyof typeof REFUSALS

/** `silence`: another server may know the client. `no-right`: the partner decides about the address. */
export type Verdict = 'grant' | 'silence' | 'no-right' | Refusal

export type Judge = (exchange: Exchange4, subnet: Subnet4, address: Ipv4) => Verdict

/**
 * The client chose this server. An address that was offered to it is given even if a reservation has
 * come in between: refusing what was offered a moment ago helps nobody, the next renewal moves it.
 */
export function judgeSelecting(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Verdict {
  // RFC 2131 §4.3.2: without the offer (this server restarted) the address is given if it still can be.
  if (isObtainable(exchange, subnet, address)) return 'grant'
  const { client, leases, now, owner } = exchange
  const isOffered = leases.offerOf(client, subnet.id, now) === address && !isKept(exchange, address)
  if (isOffered && subnet.isDynamic(address, owner) && mayHave(exchange, address)) return 'grant'
  return refuse(exchange, address, isInSubnet(subnet, address) ? 'unavailable' : 'wrong-network')
}

/** The client remembers an address and wants to know whether it still holds. */
export function judgeInitReboot(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Verdict {
  // RFC 2131 §4.3.2: on the wrong network. A row in another subnet shows that the address is ours to judge.
  if (!isInSubnet(subnet, address))
    return isOwn(exchange, address)
      ? 'wrong-network'
      : refuseKnown(exchange, subnet, address, 'wrong-network')
  if (isOwn(exchange, address)) return judgeOwn(exchange, subnet, address)
  // A reservation is a record of the client too.
  if (reservedAddress(exchange) === address && isObtainable(exchange, subnet, address))
    return 'grant'
  // RFC 2131 §4.3.2: a server that has no record of the client MUST remain silent.
  return refuseKnown(exchange, subnet, address, 'unknown')
}

/** The client uses the address and wants to go on, asking this server or (REBINDING) any. */
export function judgeRenewing(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Verdict {
  if (isOwn(exchange, address)) return judgeOwn(exchange, subnet, address)
  const { leases, now, row } = exchange
  if (!leases.isOver(exchange.rowAt(address), now)) return refuse(exchange, address, 'in-use')
  // Its lease is another address: then it has no claim to this one.
  if (row !== undefined && isLive(row, now)) return refuse(exchange, address, 'unknown')
  // As Kea does: a lease that was lost here (new database, other server before) is taken up again.
  if (isObtainable(exchange, subnet, address)) return 'grant'
  const refusal = isInSubnet(subnet, address) ? 'unavailable' : 'wrong-network'
  return refuseKnown(exchange, subnet, address, refusal)
}

function judgeOwn(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Verdict {
  if (!mayStay(exchange, subnet, address)) return 'moved'
  return mayHave(exchange, address) ? 'grant' : 'no-right'
}

/** Whether the address is the client's by its row, live or ended. */
export function isOwn(exchange: Exchange4, address: Ipv4): boolean {
  const { client, leases } = exchange
  const row = exchange.rowAt(address)
  return row !== undefined && isHeldBy(leases, row, client)
}

/** Whether the client may keep its address; not if its reserved one waits for it. */
function mayStay(exchange: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  if (!isAllowed(exchange, subnet, address)) return false
  const { places } = exchange
  if (reservedAddress(exchange) === address) return true
  if (places.length === 0) return !isReservedWaiting(exchange, subnet)
  // The reservation may be in another subnet of the shared network.
  const { client, reservation, row } = exchange
  const isWaiting = places.some((place) => {
    enter(exchange, place)
    return isReservedWaiting(exchange, place.subnet)
  })
  enter(exchange, { subnet, client, reservation, row })
  return !isWaiting
}

function isReservedWaiting(exchange: Exchange4, subnet: Subnet4): boolean {
  const reserved = reservedAddress(exchange)
  return reserved !== 0 && isObtainable(exchange, subnet, reserved)
}

function refuse(exchange: Exchange4, address: Ipv4, refusal: Refusal): Verdict {
  return mayRefuse(exchange, address) ? refusal : 'no-right'
}

function refuseKnown(
  exchange: Exchange4,
  subnet: Subnet4,
  address: Ipv4,
  refusal: Refusal,
): Verdict {
  if (!mayRefuse(exchange, address)) return 'no-right'
  return exchange.row !== undefined || subnet.authoritative ? refusal : 'silence'
}
