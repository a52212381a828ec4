// ADDR-REG-INFORM: a host tells of an address that it has made itself (RFC 9686 §4.2). It is noted
// as long as the host says, so that an operator knows whose the address is, and nobody else is
// given it. What does not pass these checks, in this order, is not answered:
//
//   registration is on                    allow-address-registration
//   one address is named                  outside of any IA
//   it is the sender's own                the source of the datagram, or what the relay beside the
//                                         client heard it from: nobody registers for others
//   it is of the link                     in a subnet of it, or in a prefix that the client has
//   nobody has it from a server           no running lease, no quarantine
//   it is not reserved for another
//   there are not too many already        of the client, of the subnet
//
// An address that another client has registered goes over to this one (§4.2.1).

import { ADDRESS_BITS, isInside, lengthOf, type Prefix6, prefix6 } from '../address/prefix6.ts'
import { uintFromOctets } from '../bytes/cursor.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import { CLASS } from '../classify/class-set.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { BINDING_KIND, bindingOf } from '../leases/binding.ts'
import { isLive } from '../leases/holding.ts'
import { LEASE_STATE, type Lease6 } from '../leases/lease.ts'
import { register } from '../leases/lifecycle.ts'
import type { Seconds } from '../time/units.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'
import { contextFor } from './extended-info6.ts'
import { placesOf } from './find-places6.ts'
import { identityWith } from './hardware6.ts'
import { locateSubnet } from './locate6.ts'
import { namesOf } from './names6.ts'
import { type Done6, drop, NOTHING_DONE6, type Outcome6 } from './outcome6.ts'
import type { Place6, Places6 } from './place6.ts'
import { replyToRegistration } from './reply6.ts'

/** Most addresses of one client; a host with temporary ones has about eight. */
export const OF_CLIENT_MAX = 64
/** Most addresses of one subnet. */
export const OF_SUBNET_MAX = 65_536

/** The address as the client names it: RFC 9915 §21.6. */
interface Named {
  /** The whole option, which goes back as it came. */
  readonly option: string
  readonly address: Prefix6
  readonly preferred: Seconds
  readonly valid: Seconds
}

export function registration(exchange: Exchange6): Outcome6 {
  if (!exchange.plan.allowsRegistration) return drop('no-registration')
  const named = namedIn(exchange)
  if (named === undefined) return drop('no-address-named')
  if (named.address !== prefix6(senderOf(exchange), ADDRESS_BITS)) return drop('not-its-address')
  const located = locateSubnet(exchange)
  if (located === undefined) return drop('no-subnet')
  const places = placesOf(exchange, located)
  if (exchange.program !== undefined && exchange.classes.has(CLASS.drop))
    return drop('dropped-by-class')
  const place = placeOf(exchange, located, places, named.address)
  if (place === undefined) return drop('not-on-link')
  const row = exchange.leases.byAddress(named.address)
  const refusal =
    refusalByRow(exchange, row) ??
    refusalByReservation(exchange, places, named.address) ??
    refusalByNumber(exchange, place.subnet, row, named)
  return refusal === undefined ? note(exchange, place, named, row) : drop(refusal)
}

function namedIn({ query }: Exchange6): Named | undefined {
  const options = query.all(OPTION6.iaAddress)
  const option = options[0]
  if (option === undefined || options.length > 1) return undefined
  const preferred = uintFromOctets(option, 16, 4)
  const valid = uintFromOctets(option, 20, 4)
  // RFC 9915 §21.6: such an option is to be ignored.
  if (preferred > valid) return undefined
  return { option, address: prefix6(option.slice(0, 16), ADDRESS_BITS), preferred, valid }
}

function senderOf({ arrival, query }: Exchange6): string {
  return query.relays.at(-1)?.peerAddress ?? arrival.address
}

/** Undefined where the address is not of the link. */
function placeOf(
  exchange: Exchange6,
  located: Subnet6,
  places: Places6,
  address: Prefix6,
): Place6 | undefined {
  const subnets = located.network?.subnets ?? [located]
  const subnet = subnets.find(({ prefix }) => isInside(address, prefix))
  const open = subnet && places.find((place) => place.subnet === subnet)
  if (open !== undefined) return open
  if (subnet !== undefined) return placeIn(exchange, subnet)
  return isDelegated(exchange, address) ? (places[0] ?? placeIn(exchange, located)) : undefined
}

function placeIn(exchange: Exchange6, subnet: Subnet6): Place6 {
  return { subnet, reservation: exchange.reservationIn(subnet) }
}

/** Whether the address is in a prefix that the client has. */
function isDelegated({ duid, leases, now }: Exchange6, address: Prefix6): boolean {
  return leases
    .byDuid(duid)
    .some(
      (row) =>
        lengthOf(row.address) < ADDRESS_BITS && isLive(row, now) && isInside(address, row.address),
    )
}

/** Whose address is over may be anybody's by now; a lease or a quarantine is not. */
function refusalByRow({ leases, now }: Exchange6, row: Lease6 | undefined): Reason6 | undefined {
  if (row === undefined || row.state === LEASE_STATE.registered) return undefined
  return leases.isOver(row, now) ? undefined : 'address-leased'
}

function refusalByReservation(
  { plan, settings }: Exchange6,
  places: Places6,
  address: Prefix6,
): Reason6 | undefined {
  // A server or router, which the configuration names, has it.
  if (settings.keptFrom?.(address) !== undefined) return 'address-reserved'
  for (const { subnet, reservation } of places)
    for (const other of plan.reservations.at(address, subnet))
      if (other !== reservation) return 'address-reserved'
  return undefined
}

const REGISTERED = [BINDING_KIND.registered]

/** What is registered already may be told again. */
function refusalByNumber(
  { duid, leases }: Exchange6,
  subnet: Subnet6,
  row: Lease6 | undefined,
  { valid }: Named,
): Reason6 | undefined {
  const isKnown = row?.state === LEASE_STATE.registered && row.clientId === bindingFor(duid)
  if (isKnown || valid === 0) return undefined
  const own = leases.byDuid(duid, REGISTERED).length
  const isTooMany = own >= OF_CLIENT_MAX || leases.counts(subnet.id).registered >= OF_SUBNET_MAX
  return isTooMany ? 'registration-limit' : undefined
}

function bindingFor(duid: string): string {
  return bindingOf(BINDING_KIND.registered, 0, duid)
}

function note(
  exchange: Exchange6,
  place: Place6,
  { address, option, preferred, valid }: Named,
  row: Lease6 | undefined,
): Outcome6 {
  exchange.place = place
  const names = namesOf(exchange, place, address)
  const extras: [number, string][] = [[OPTION6.iaAddress, option]]
  if (names.option39 !== '') extras.push([OPTION6.fqdn, names.option39])
  const isKnown = row?.state === LEASE_STATE.registered
  // Nothing is there that the client could take back.
  if (valid === 0 && !isKnown) return replyToRegistration(exchange, extras, NOTHING_DONE6)
  const { duid, hardware, now, settings } = exchange
  const { hostname, fqdnFwd, fqdnRev } = names
  const client = identityWith(hardware, bindingFor(duid))
  const terms = {
    client,
    subnetId: place.subnet.id,
    poolId: 0,
    validLifetime: valid,
    preferredLifetime: preferred,
    hostname,
    fqdnFwd,
    fqdnRev,
    userContext: contextFor(exchange, place, isKnown ? row : undefined),
  }
  const lease = register(address, row, terms, now, settings.nextChange())
  const change: Done6 = {
    change: { kind: 'put', lease },
    action: valid === 0 ? 'released' : isKnown ? 'renewed' : 'granted',
    former: row,
    ended: undefined,
  }
  return replyToRegistration(exchange, extras, [change])
}
