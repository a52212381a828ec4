// May this client have this address? How the address stands for the client, and the state of the
// REQUEST, decide; that it was offered gives no right to it, but where a reservation came in
// between. Beside each line stands why. RFC 2131 §4.3.2 leaves most of it open; the table in
// lib/README.md says where Kea answers otherwise.
//
//   grant     ACK
//   NAK       the client begins anew at once
//   known     NAK if the client is known here: it has a row in the subnet (or its shared network),
//             or the subnet is authoritative; else silence, because the lease may be another
//             server's (a MUST of INIT-REBOOT)
//
// All of it as far as this server has the right (rights-verdict.ts), else silence: the partner may
// have given the address to this client. To refuse to go on with an own row that is moved is always
// allowed (rule 3b).

import type { Ipv4 } from '../address/ipv4.ts'
import { isHeldBy, isLive } from '../leases/holding.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Instant } from '../time/units.ts'
import { isObtainable } from './allocate.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place, Places } from './place.ts'
import { isInSubnet } from './places.ts'
import { goesOver, mayHave, mayRefuse } from './rights-verdict.ts'
import { isAllowed, isKept, reservedAddress } from './whose-address.ts'

/** Why a REQUEST is refused, with the text of option 56. */
export const REFUSALS = {
  'wrong-network': 'the address is not on this network',
  'in-use': 'the address is in use by another client',
  moved: 'another address is meant for this client',
  unavailable: 'the address is not available',
  unknown: 'the lease is not known',
  'none-free': 'no address is free',
  'no-subnet': 'this network is not served here',
  rejected: 'clients of this kind are not served here',
  'refused-by-hook': 'the lease was refused',
} as const

export type Refusal = keyof typeof REFUSALS

/**
 * `silence`: another server may know the client. `no-right`: the partner decides about the address.
 */
export type Verdict = 'grant' | 'silence' | 'no-right' | Refusal

/** The states of a REQUEST that names an address; RENEWING stands for REBINDING, too. */
export type AddressedState = 'selecting' | 'init-reboot' | 'renewing'

type Answer = 'grant' | 'NAK' | 'known'

interface Line {
  readonly selecting: Answer
  readonly 'init-reboot': Answer
  readonly renewing: Answer
  readonly refusal: Refusal
}

function line(
  selecting: Answer,
  initReboot: Answer,
  renewing: Answer,
  refusal: Refusal = 'unknown',
): Line {
  return { selecting, 'init-reboot': initReboot, renewing, refusal }
}

/**
 * How an address stands for a client, and what follows: SELECTING, INIT-REBOOT, RENEWING or
 * REBINDING.
 */
export const ANSWERS = {
  /** Its own by its row, live or ended. */
  own: line('grant', 'grant', 'grant'),
  /**
   * Its own, but its reservation is another address, or no pool or reservation gives it to the
   * client any more.
   */
  moved: line('NAK', 'NAK', 'NAK', 'moved'),
  /** Its own, but on another link: the row shows that the address is this server's to judge. */
  ownElsewhere: line('NAK', 'NAK', 'NAK', 'wrong-network'),
  /** In use by another client, or declined: two clients would have it. */
  inUse: line('NAK', 'known', 'NAK', 'in-use'),
  /** On another link. Who chose this server waits for nobody else (§3.1 step 4). */
  elsewhere: line('NAK', 'known', 'known', 'wrong-network'),
  /** In no pool of the link: perhaps another server's, which shares the prefix. */
  unpooled: line('NAK', 'known', 'known', 'unavailable'),
  /** In a pool or reserved here, but for others: no other server can have given it. */
  withheld: line('NAK', 'known', 'NAK', 'unavailable'),
  /**
   * Reserved for the client, and free or another identifier's of its host: a reservation is a
   * record of it, too.
   */
  reserved: line('grant', 'grant', 'grant'),
  /**
   * Free, but another address is reserved for the client and can be had: it would have to move at
   * its renewal.
   */
  awaited: line('NAK', 'known', 'NAK', 'moved'),
  /**
   * As `withheld` or `awaited` since a reload a moment ago, and before that it was offered to the
   * client: to refuse what was offered helps nobody, the next renewal moves it. INIT-REBOOT takes
   * an offer, too (request.ts).
   */
  promised: line('grant', 'grant', 'NAK', 'moved'),
  /** Free, but kept for another client by an offer. */
  offered: line('NAK', 'known', 'known', 'unavailable'),
  /** Free, but the client has another lease: who selects moves, a renewal is of what one has. */
  another: line('grant', 'known', 'NAK'),
  /**
   * Free. A lease that was lost here (new database, other server before) is taken up again, as in
   * Kea.
   */
  free: line('grant', 'known', 'grant'),
} as const satisfies Record<string, Line>

export type Standing = keyof typeof ANSWERS

/**
 * The verdict about an address, where a subnet fits. `place`: the one of `places` that it is judged
 * by.
 */
export function judge(
  exchange: Exchange4,
  places: Places,
  place: Place,
  address: Ipv4,
  state: AddressedState,
): Verdict {
  const standing = standingOf(exchange, places, place, address)
  exchange.standing = standing
  const { [state]: answer, refusal } = ANSWERS[standing]
  if (answer === 'grant') return mayHave(exchange, place, address) ? 'grant' : 'no-right'
  if (standing === 'moved' || standing === 'ownElsewhere') return refusal
  if (!mayRefuse(exchange, place, address)) return 'no-right'
  if (answer === 'NAK' || isKnown(places) || place.subnet.authoritative) return refusal
  return 'silence'
}

export function standingOf(
  exchange: Exchange4,
  places: Places,
  place: Place,
  address: Ipv4,
): Standing {
  const { leases, now } = exchange
  const { client, subnet } = place
  if (isOwn(exchange, client, address)) {
    if (!isInSubnet(subnet, address)) return 'ownElsewhere'
    return mayStay(exchange, places, place, address) ? 'own' : 'moved'
  }
  if (!leases.isOver(exchange.rowAt(address), now) && !goesOver(exchange, place, address))
    return 'inUse'
  if (!isInSubnet(subnet, address)) return 'elsewhere'
  if (!isAllowed(exchange, place, address)) return standingOfRefused(exchange, place, address)
  if (reservedAddress(place) === address) return 'reserved'
  if (isAwaited(exchange, places))
    return isPromised(exchange, place, address) ? 'promised' : 'awaited'
  if (leases.isOfferedToOther(address, client, now)) return 'offered'
  return hasLease(places, now) ? 'another' : 'free'
}

/** Whether the address is the client's by its row, live or ended. */
export function isOwn(exchange: Exchange4, client: ClientIdentity, address: Ipv4): boolean {
  const row = exchange.rowAt(address)
  return row !== undefined && isHeldBy(exchange.leases, row, client)
}

/** Whether the client has or had a lease on this link. */
function isKnown(places: Places): boolean {
  for (const { row } of places) if (row !== undefined) return true
  return false
}

/** Whether the client has a lease on this link. */
function hasLease(places: Places, now: Instant): boolean {
  for (const { row } of places) if (row !== undefined && isLive(row, now)) return true
  return false
}

/** The standing of an address that the configuration does not give to the client. */
function standingOfRefused(exchange: Exchange4, place: Place, address: Ipv4): Standing {
  if (isPromised(exchange, place, address)) return 'promised'
  const { subnet } = place
  const isReserved = exchange.plan.reservations.at(address, subnet).length > 0
  const isOurs = isReserved || subnet.poolOf(address) !== undefined
  return isOurs ? 'withheld' : 'unpooled'
}

function isPromised(exchange: Exchange4, place: Place, address: Ipv4): boolean {
  const { leases, now, classes } = exchange
  const { client, subnet } = place
  if (!subnet.isDynamic(address, classes) || isKept(exchange, place, address)) return false
  return leases.offerOf(client, subnet.id, now) === address
}

/** Whether the client may keep its address; not if its reserved one waits for it. */
function mayStay(exchange: Exchange4, places: Places, place: Place, address: Ipv4): boolean {
  if (!isAllowed(exchange, place, address)) return false
  return reservedAddress(place) === address || !isAwaited(exchange, places)
}

/**
 * Whether the client could have its reserved address, wherever on this link. Who has an address is
 * not moved to one that another identifier of its host has at present.
 */
function isAwaited(exchange: Exchange4, places: Places): boolean {
  for (const place of places) {
    const reserved = reservedAddress(place)
    if (reserved === 0 || !isObtainable(exchange, place, reserved)) continue
    if (!goesOver(exchange, place, reserved)) return true
  }
  return false
}
