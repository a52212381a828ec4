// The lease that add, update and bulk-apply state.

import { textFromIpv6 } from '../../../address/ipv6.ts'
import { ADDRESS_BITS, addressOf, prefix6 } from '../../../address/prefix6.ts'
import type { Octets } from '../../../bytes/octets.ts'
import { BINDING_KIND, bindingOf } from '../../../leases/binding.ts'
import type { Key } from '../../../leases/keys/key.ts'
import { type ClientIdentity, LEASE_STATE } from '../../../leases/lease.ts'
import { utf8Length } from '../../../leases/lease-text.ts'
import type { StatedLease } from '../../../server/amend/amendment.ts'
import type { Server } from '../../../server/server.ts'
import { INFINITE_LIFETIME, type Seconds } from '../../../time/units.ts'
import { printed } from '../../print.ts'
import { CommandRefused } from '../../refused.ts'
import * as given from './arguments.ts'
import type { LeaseFamily, LeaseSubnet } from './lease-family.ts'

const HTYPE_ETHERNET = 1

/** Octets of a DUID. */
const DUID_MIN = 3
const DUID_MAX = 130
const CLIENT_ID_MAX = 255

const KEA_REGISTERED = 4
const STATES = '0 (default), 1 (declined), 2 (expired-reclaimed), 3 (released) and 4 (registered)'

type Type = keyof typeof TYPES

const TYPES = { IA_NA: BINDING_KIND.na, IA_PD: BINDING_KIND.pd } as const

/** Throws CommandRefused. */
export function statedLease(value: unknown, family: LeaseFamily, server: Server): StatedLease {
  const members = given.membersOf(value)
  if (members === undefined) throw new CommandRefused('the lease is not a map')
  const text = given.string(members, 'ip-address')
  const address = family.keyOf(text)
  if (address === undefined) throw notAnAddress(text, family)
  return family.version === 4
    ? stated4(members, address, family, server)
    : stated6(members, address, family, server)
}

function notAnAddress(text: string, { name, isOther }: LeaseFamily): CommandRefused {
  return new CommandRefused(
    isOther(text)
      ? `Non-${name} address specified: ${text}`
      : `Failed to convert '${text}' to address: Failed to convert string to address '${text}': Invalid argument`,
  )
}

function stated4(
  members: given.Members,
  key: Key,
  family: LeaseFamily,
  server: Server,
): StatedLease {
  const subnet = subnetFor(members, key, family, server)
  const hwAddress = given.hardware(given.string(members, 'hw-address'))
  const clientId = given.has(members, 'client-id') ? clientIdOf(members) : ''
  const state = stateOf(members)
  const text = given.string(members, 'ip-address')
  if (state === LEASE_STATE.registered)
    throw new CommandRefused(`state registered is of leases of DHCPv6 only: ${text}`)
  if (hwAddress === '' && clientId === '' && state !== LEASE_STATE.declined)
    throw new CommandRefused(
      `Lease4: ${text}, state: default has neither hardware address or client id`,
    )
  const client = { htype: hwAddress === '' ? 0 : HTYPE_ETHERNET, hwAddress, clientId }
  return { key, ...client, client, preferredLifetime: 0, ...common(members, state, subnet, server) }
}

function stated6(
  members: given.Members,
  address: Key,
  family: LeaseFamily,
  server: Server,
): StatedLease {
  const duid = duidIn(members)
  const iaid = given.count(members, 'iaid')
  const type = given.has(members, 'type') ? typeOf(given.string(members, 'type')) : 'IA_NA'
  const key = type === 'IA_PD' ? prefixOf(members, address) : address
  const subnet = subnetFor(members, key, family, server)
  const state = stateOf(members)
  if (type === 'IA_PD' && state === LEASE_STATE.declined)
    throw new CommandRefused('Invalid declined state for PD prefix.')
  const lifetimes = common(members, state, subnet, server)
  const preferred = given.has(members, 'preferred-lft')
    ? given.count(members, 'preferred-lft')
    : subnet.lifetime.default
  return {
    key,
    client: client6(members, duid, iaid, type, state),
    ...lifetimes,
    preferredLifetime: Math.min(preferred, lifetimes.validLifetime),
  }
}

function client6(
  members: given.Members,
  duid: Octets,
  iaid: number,
  type: Type,
  state: StatedLease['state'],
): ClientIdentity {
  const hwAddress = given.has(members, 'hw-address')
    ? given.hardware(given.string(members, 'hw-address'))
    : ''
  const htype = hwAddress === '' ? 0 : HTYPE_ETHERNET
  const clientId =
    state === LEASE_STATE.registered
      ? bindingOf(BINDING_KIND.registered, 0, duid)
      : bindingOf(TYPES[type], iaid, duid)
  return { htype, hwAddress, clientId }
}

function prefixOf(members: given.Members, address: Key): Key {
  const length = given.count(members, 'prefix-len', 255)
  if (length === 0 || length > ADDRESS_BITS)
    throw new CommandRefused(`invalid prefix length ${length}: 1 to 128`)
  if (!given.has(members, 'subnet-id') || given.count(members, 'subnet-id') === 0)
    throw new CommandRefused(
      'Subnet-id is 0 or not specified. This is allowed for address leases only, not prefix leases.',
    )
  const key = prefix6(addressOf(address as string), length)
  if (addressOf(key) !== addressOf(address as string))
    throw new CommandRefused(
      `Prefix address: ${textFromIpv6(addressOf(address as string))} exceeds prefix/prefix-len pair: ${textFromIpv6(addressOf(key))}/${length}`,
    )
  return key
}

function typeOf(text: string): Type {
  if (text === 'IA_NA' || text === 'IA_PD') return text
  throw new CommandRefused(
    `Incorrect lease type: ${text}, the only supported values are: na, ta and pd`,
  )
}

function duidIn(members: given.Members): Octets {
  const text = given.string(members, 'duid')
  const duid = given.identifier(text)
  if (duid.length < DUID_MIN || /^\0+$/.test(duid))
    throw new CommandRefused(`'${text}' is the DUID of nobody`)
  if (duid.length > DUID_MAX)
    throw new CommandRefused(`duid size ${duid.length} exceeds ${DUID_MAX} octets`)
  return duid
}

function clientIdOf(members: given.Members): Octets {
  const clientId = given.identifier(given.string(members, 'client-id'))
  if (clientId.length < 2)
    throw new CommandRefused(`client-id is too short (${clientId.length}), at least 2 is required`)
  if (clientId.length > CLIENT_ID_MAX)
    throw new CommandRefused(`client-id size ${clientId.length} exceeds ${CLIENT_ID_MAX} octets`)
  return clientId
}

/** By its id, or by the address. */
function subnetFor(
  members: given.Members,
  key: Key,
  family: LeaseFamily,
  { plan }: Server,
): LeaseSubnet {
  const address = given.string(members, 'ip-address')
  const id = given.has(members, 'subnet-id') ? given.count(members, 'subnet-id') : 0
  if (id === 0) {
    const subnet = family.subnetOf(plan, key)
    if (subnet !== undefined) return subnet
    const why = `subnet-id not specified and failed to find a subnet for address ${address}`
    throw new CommandRefused(why, 4)
  }
  const subnet = family.subnetById(plan, id)
  if (subnet === undefined)
    throw new CommandRefused(
      `Invalid subnet-id: No ${family.name} subnet with subnet-id=${id} currently configured.`,
      4,
    )
  if (!subnet.holds(key))
    throw new CommandRefused(
      `The address ${address} does not belong to subnet ${subnet.text}, subnet-id=${id}`,
      4,
    )
  return subnet
}

type Common = Omit<StatedLease, 'key' | 'client' | 'preferredLifetime'>

function common(
  members: given.Members,
  state: StatedLease['state'],
  { id, lifetime }: LeaseSubnet,
  server: Server,
): Common {
  const validLifetime = given.has(members, 'valid-lft')
    ? given.count(members, 'valid-lft')
    : lifetime.default
  const hostname = given.has(members, 'hostname') ? given.string(members, 'hostname') : ''
  const fqdnFwd = given.flag(members, 'fqdn-fwd', false)
  const fqdnRev = given.flag(members, 'fqdn-rev', false)
  if (hostname === '' && (fqdnFwd || fqdnRev))
    throw new CommandRefused(
      'No hostname specified and either forward or reverse fqdn was set to true.',
    )
  given.flag(members, 'force-create', false)
  return {
    state,
    subnetId: id,
    poolId: given.has(members, 'pool-id') ? given.count(members, 'pool-id') : 0,
    hostname: hostnameOf(hostname),
    fqdnFwd,
    fqdnRev,
    validLifetime,
    end: endOf(members, validLifetime, server),
    userContext: contextOf(members),
  }
}

/** Names are kept without the dot at their end. */
function hostnameOf(text: string): string {
  const hostname = text.toLowerCase().replace(/\.$/, '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (utf8Length(hostname) > 255 || /[\0-\x1f\x7f]/.test(hostname))
    throw new CommandRefused(`invalid hostname '${text}'`)
  return hostname
}

function stateOf(members: given.Members): StatedLease['state'] {
  if (!given.has(members, 'state')) return LEASE_STATE.assigned
  const state = given.count(members, 'state', 255)
  if (state > KEA_REGISTERED)
    throw new CommandRefused(`Invalid state value: ${state}, supported values are: ${STATES}`)
  return (state === KEA_REGISTERED ? LEASE_STATE.registered : state) as StatedLease['state']
}

function endOf(members: given.Members, lifetime: Seconds, server: Server): number | undefined {
  if (!given.has(members, 'expire')) return undefined
  const expire = given.whole(members, 'expire')
  const address = given.string(members, 'ip-address')
  if (expire <= 0)
    throw new CommandRefused(`expiration time must be positive for address ${address}`)
  if (expire < lifetime)
    throw new CommandRefused(
      `expiration time must be greater than valid lifetime for address ${address}`,
    )
  if (expire > EXPIRE_MAX)
    throw new CommandRefused(`out of range value (${expire}) specified for parameter 'expire'`)
  if (lifetime === INFINITE_LIFETIME) return undefined
  return server.now() + (Number(expire) * 1000 - server.wall())
}

/** The year 9999. */
const EXPIRE_MAX = 253_402_300_799

/** As text; a comment stands in it. */
function contextOf(members: given.Members): string {
  const context = members['user-context']
  const map = given.has(members, 'user-context') ? given.membersOf(context) : {}
  if (map === undefined)
    throw new CommandRefused(`Invalid user context '${printed(context)}' is not a JSON map.`)
  const { comment } = members
  if (comment !== undefined && map.comment !== undefined)
    throw new CommandRefused(
      `Duplicated comment entry '${printed(comment)}' in user context '${printed(map)}'`,
    )
  const whole = comment === undefined ? map : { ...map, comment }
  return Object.keys(whole).length === 0 ? '' : printed(whole)
}
