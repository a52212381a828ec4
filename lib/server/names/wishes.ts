// What a lease asks for in DNS: by its own name and flags, as they were when it was given, and by
// what its place says of how.

import type { Ipv4 } from '../../address/ipv4.ts'
import { ADDRESS_BITS, addressOf, lengthOf, type Prefix6 } from '../../address/prefix6.ts'
import { octetsFromUint } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Plan } from '../../config/plan/plan.ts'
import {
  byHwAddress,
  dhcidOf,
  duidIdentifier,
  type Identifier,
  identifierOf4,
  otherIdentifiersOf4,
} from '../../ddns/dhcid.ts'
import type { NameWish } from '../../ddns/name-changes.ts'
import { FORWARD, type NameRecord, REVERSE } from '../../ddns/name-record.ts'
import { duidOf } from '../../leases/binding.ts'
import type { Key } from '../../leases/keys/key.ts'
import { LEASE_STATE, type Lease, type Lease6 } from '../../leases/lease.ts'
import { isLegalName, lowerCase, octetsOfName } from '../../names/names.ts'
import type { UpdateRules } from '../../names/rules.ts'
import { ttlOf } from '../../names/ttl.ts'

/** Of a place that says nothing (any more): the defaults. */
const DEFAULT_RULES: Pick<UpdateRules, 'mode' | 'ttl' | 'updatesOnRenew'> = {
  mode: 'check-with-dhcid',
  updatesOnRenew: false,
  ttl: { fixed: 0, percent: 0.33333, min: 600, max: 0 },
}

/** Undefined: the lease asks for nothing. A delegated prefix never does. */
export function wishOf(plan: Plan, lease: Lease<Key> | undefined): NameWish | undefined {
  if (lease === undefined || !isNamed(lease)) return undefined
  const fqdn = fqdnOf(lease)
  if (!isLegalName(fqdn)) return undefined
  const { mode, ttl } = rulesOf(plan, lease)
  return {
    fqdn,
    wants: (lease.fqdnFwd ? FORWARD : 0) | (lease.fqdnRev ? REVERSE : 0),
    ttl: ttlOf(ttl, lease.validLifetime),
    mode,
    dhcid: () => dhcidOf(identifierOf(lease), fqdn)!,
  }
}

/** Whether there is anything in DNS because of the lease. */
export function isNamed(lease: Lease<Key>): boolean {
  const { address, fqdnFwd, fqdnRev, hostname, state } = lease
  if ((!fqdnFwd && !fqdnRev) || hostname === '') return false
  if (state !== LEASE_STATE.assigned && state !== LEASE_STATE.registered) return false
  return typeof address === 'number' || lengthOf(address) === ADDRESS_BITS
}

/** In lower case, without a final dot. */
export function fqdnOf({ hostname }: Pick<Lease, 'hostname'>): Octets {
  const name = lowerCase(octetsOfName(hostname))
  return name.endsWith('.') ? name.slice(0, -1) : name
}

/** What the place of a lease says of updates. */
export function rulesOf(plan: Plan, lease: Lease<Key>): typeof DEFAULT_RULES {
  const { address, subnetId } = lease
  const rules =
    typeof address === 'number'
      ? rulesOf4(plan, subnetId, address)
      : rulesOf6(plan, subnetId, address)
  return rules?.updates ?? DEFAULT_RULES
}

function rulesOf4({ dhcp4 }: Plan, subnetId: number, address: Ipv4) {
  const subnet = dhcp4?.subnetById(subnetId)
  return subnet?.poolOf(address)?.names ?? subnet?.names
}

function rulesOf6({ dhcp6 }: Plan, subnetId: number, address: Prefix6) {
  const subnet = dhcp6?.subnetById(subnetId)
  return subnet?.poolOf(address)?.names ?? subnet?.names
}

function identifierOf(lease: Lease<Key>): Identifier {
  if (isOf6(lease)) return duidIdentifier(duidOf(lease))
  return identifierOf4(lease)
}

function isOf6(lease: Lease<Key>): lease is Lease6 {
  return typeof lease.address === 'string'
}

/** DHCIDs that the client of a lease may have registered a name with, whatever its name is. */
export function dhcidsOf(lease: Lease<Key>, fqdn: Octets): readonly Octets[] {
  const own = dhcidOf(identifierOf(lease), fqdn)
  return own === undefined ? [] : [own, ...otherDhcidsOf(lease, fqdn)]
}

/**
 * Whether what a record has of the name of a lease is of its client, as far as the lease tells:
 * others may have given it to another client since, by the same name.
 */
export function isOfHolder(record: NameRecord, lease: Lease<Key> | undefined): boolean {
  if (lease === undefined) return false
  const fqdn = fqdnOf(lease)
  const own = record.filter((entry) => entry.fqdn === fqdn)
  if (own.length === 0) return true
  const dhcids = dhcidsOf(lease, fqdn)
  return own.every(({ also, dhcid }) => [dhcid, ...also].some((one) => dhcids.includes(one)))
}

/** Other DHCIDs that the client of a lease may be known by, when its families are linked. */
export function otherDhcidsOf(lease: Lease<Key>, fqdn: Octets): readonly Octets[] {
  const others = isOf6(lease)
    ? byHwAddress(lease.htype, lease.hwAddress)
    : otherIdentifiersOf4(lease)
  return others.flatMap((one) => dhcidOf(one, fqdn) ?? [])
}

/** As records of DNS have it: 4 octets, or 16. */
export function addressOctets(key: Key): Octets {
  return typeof key === 'number' ? octetsFromUint(key, 4) : addressOf(key)
}
