// What differs between commands of lease4-* and lease6-*.

import { type Ipv4, ipv4FromText, prefixContains } from '../../../address/ipv4.ts'
import { ipv6FromText } from '../../../address/ipv6.ts'
import { ADDRESS_BITS, addressOf, isInside, lengthOf, prefix6 } from '../../../address/prefix6.ts'
import type { Lifetime } from '../../../config/plan/given.ts'
import type { Plan } from '../../../config/plan/plan.ts'
import type { Key } from '../../../leases/keys/key.ts'
import type { Lease, Lease6 } from '../../../leases/lease.ts'
import type { AnyTable } from '../../../leases/table/lease-tables.ts'
import type { Server } from '../../../server/server.ts'
import { lease4Text, lease6Text, type Moment } from './lease-words.ts'

/** A subnet, as far as commands on leases ask for it. */
export interface LeaseSubnet {
  readonly id: number
  readonly text: string
  readonly lifetime: Lifetime
  /** Whether the address, or the first one of the prefix, is one of its own. */
  holds(key: Key): boolean
}

export interface LeaseFamily {
  readonly version: 4 | 6
  /** `IPv4`. */
  readonly name: string
  /** `lease4`. */
  readonly prefix: string
  table(server: Server): AnyTable
  textOf(lease: Lease<Key>, moment: Moment): string
  /** Of an address of this family. */
  keyOf(text: string): Key | undefined
  /** Whether it is one of the other family. */
  isOther(text: string): boolean
  subnets(plan: Plan): readonly { readonly id: number }[]
  subnetById(plan: Plan, id: number): LeaseSubnet | undefined
  subnetOf(plan: Plan, key: Key): LeaseSubnet | undefined
}

export const FAMILY4: LeaseFamily = {
  version: 4,
  name: 'IPv4',
  prefix: 'lease4',
  table: (server) => server.tables.ofFamily(4),
  textOf: (lease, moment) => lease4Text(lease as Lease, moment),
  keyOf: ipv4FromText,
  isOther: (text) => ipv6FromText(text) !== undefined,
  subnets: ({ dhcp4 }) => dhcp4?.subnets ?? [],
  subnetById: ({ dhcp4 }, id) => subnet4(dhcp4?.subnetById(id)),
  subnetOf: ({ dhcp4 }, key) => subnet4(dhcp4?.subnetByAddress(key as Ipv4)),
}

export const FAMILY6: LeaseFamily = {
  version: 6,
  name: 'IPv6',
  prefix: 'lease6',
  table: (server) => server.tables.ofFamily(6),
  textOf: (lease, moment) => lease6Text(lease as Lease6, moment),
  keyOf: (text) => {
    const address = ipv6FromText(text)
    return address === undefined ? undefined : prefix6(address, ADDRESS_BITS)
  },
  isOther: (text) => ipv4FromText(text) !== undefined,
  subnets: ({ dhcp6 }) => dhcp6?.subnets ?? [],
  subnetById: ({ dhcp6 }, id) => subnet6(dhcp6?.subnetById(id)),
  subnetOf: ({ dhcp6 }, key) => subnet6(dhcp6?.subnetByAddress(addressOf(key as string))),
}

type Subnet4 = NonNullable<ReturnType<NonNullable<Plan['dhcp4']>['subnetById']>>
type Subnet6 = NonNullable<ReturnType<NonNullable<Plan['dhcp6']>['subnetById']>>

function subnet4(subnet: Subnet4 | undefined): LeaseSubnet | undefined {
  if (subnet === undefined) return undefined
  const { id, text, prefix, lifetime } = subnet
  return { id, text, lifetime, holds: (key) => prefixContains(prefix, key as Ipv4) }
}

/** A prefix that is delegated need not be of the subnet. */
function subnet6(subnet: Subnet6 | undefined): LeaseSubnet | undefined {
  if (subnet === undefined) return undefined
  const { id, text, prefix, lifetime } = subnet
  const holds = (key: Key) =>
    lengthOf(key as string) < ADDRESS_BITS || isInside(key as string, prefix)
  return { id, text, lifetime: lifetime.valid, holds }
}
