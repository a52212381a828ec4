// Hosts that a configuration of DHCPv6 names: servers of the pair by their urls and interfaces, and
// name servers, time servers and relays in options. Somebody has such an address, so no client is
// to get it.

import {
  type Ipv6,
  ipv6FromText,
  isLinkLocal,
  isMulticast6,
  UNSPECIFIED6,
} from '../../address/ipv6.ts'
import {
  ADDRESS_BITS,
  addressOf,
  type Prefix6,
  prefix6,
  textFromPrefix6,
} from '../../address/prefix6.ts'
import { isLarger } from '../../address/range6.ts'
import { hostsInOption6 } from '../../wire/options/hosts6.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { HaPlan } from '../plan/ha-plan.ts'
import type { OptionLevel, OptionSet } from '../plan/option-set.ts'
import type { HostsPlan } from '../plan/plan4.ts'
import type { Interfaces6Plan, Reservations6, Subnet6 } from '../plan/plan6.ts'
import { HostNotes, warnOfHost } from './host-notes.ts'
import type { ReservationSums6 } from './reservations6.ts'
import type { PlacedSubnet6 } from './upper-level6.ts'

/** What of a plan names hosts. */
export interface Naming6 {
  readonly interfaces: Interfaces6Plan
  readonly ha: HaPlan | undefined
  readonly registry: OptionRegistry
  readonly options: OptionSet
  readonly subnets: readonly Subnet6[]
  readonly lists: readonly ReservationSums6[]
  readonly subnetByAddress: (address: Ipv6) => Subnet6 | undefined
}

type Hosts = HostNotes<Prefix6>

/** Only what lies in one of the subnets. */
export function hostsOf6(naming: Naming6): HostsPlan<Prefix6> {
  const own: Hosts = new HostNotes()
  for (const { name, addresses } of naming.interfaces.named)
    for (const address of addresses) note(own, address, `this server on ${name}`)
  for (const { name, url } of naming.ha?.peers ?? [])
    note(own, ipv6FromText(url.host), `the url of ${name}`)
  const named: Hosts = new HostNotes()
  const sets = new Set<OptionSet>([naming.options])
  for (const { options, pools, pdPools, relayAddresses } of naming.subnets) {
    sets.add(options)
    for (const pool of [...pools, ...pdPools]) sets.add(pool.options)
    for (const relay of relayAddresses) note(named, relay, 'relay.ip-addresses')
  }
  const levels = new Set<OptionLevel>()
  for (const set of sets) for (const { level } of set.levels) levels.add(level)
  for (const { telling } of naming.lists) for (const { options } of telling) levels.add(options)
  for (const level of levels) noteOptions(named, level, naming.registry)
  const isHere = (key: Prefix6) => naming.subnetByAddress(addressOf(key)) !== undefined
  return { own: own.within(isHere), named: named.within(isHere) }
}

function note(hosts: Hosts, address: Ipv6 | undefined, by: string): void {
  if (address === undefined || address === UNSPECIFIED6) return
  if (isMulticast6(address) || isLinkLocal(address)) return
  hosts.note(prefix6(address, ADDRESS_BITS), by)
}

function noteOptions(hosts: Hosts, { options }: OptionLevel, registry: OptionRegistry): void {
  for (const { code, data, instances = [data] } of options)
    for (const each of instances)
      for (const address of hostsInOption6(code, each, registry))
        note(hosts, address, `option ${registry.byCode('dhcp6', code)!.name}`)
}

/** A pool with more addresses than 2 to the power of this is mostly all of a subnet. */
const LISTED_BITS = 16

/**
 * A pool that holds a host, and a reservation of a server's own address: told where they stand.
 * `local` are addresses of this machine. Of a large pool nobody can leave out each of them.
 */
export function warnOfHosts6(
  { own, named }: HostsPlan<Prefix6>,
  local: readonly string[],
  placeOf: (address: Ipv6) => PlacedSubnet6 | undefined,
  reservations: Reservations6,
): void {
  const mine = new Map(own)
  for (const text of local) {
    const address = ipv6FromText(text)
    const key = address === undefined ? undefined : prefix6(address, ADDRESS_BITS)
    if (key !== undefined && !mine.has(key)) mine.set(key, 'this host')
  }
  const tell = (key: Prefix6, by: string, isServers: boolean) => {
    const place = placeOf(addressOf(key))
    if (place === undefined) return
    const { subnet, site } = place
    const isReserved = reservations.at(key, subnet).length > 0
    const pool = subnet.pools.findIndex(
      ({ range }) => range.first <= key && key <= range.last && !isLarger(range, LISTED_BITS),
    )
    warnOfHost({ site, isReserved, pool }, textFromPrefix6(key), by, isServers)
  }
  for (const [key, by] of mine) tell(key, by, true)
  for (const [key, by] of named) if (!mine.has(key)) tell(key, by, false)
}
