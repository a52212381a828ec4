// Hosts that a configuration of DHCPv4 names: servers of the pair by their urls and interfaces, and
// routers, name servers, boot servers and relays in options and fields. Somebody has such an
// address, so no client is to get it.

import {
  type Ipv4,
  ipv4FromText,
  isUnicast,
  rangeContains,
  textFromIpv4,
} from '../../address/ipv4.ts'
import { hostsInOption } from '../../wire/options/hosts.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { HaPlan } from '../plan/ha-plan.ts'
import type { OptionLevel, OptionSet } from '../plan/option-set.ts'
import type {
  BootFields,
  HostsPlan,
  InterfacesPlan,
  Reservations4,
  Subnet4,
} from '../plan/plan4.ts'
import { HostNotes, warnOfHost } from './host-notes.ts'
import type { ReservationSums4 } from './reservations.ts'
import type { PlacedSubnet } from './upper-level.ts'

/** What of a plan names hosts. */
export interface Naming {
  readonly interfaces: InterfacesPlan
  readonly ha: HaPlan | undefined
  readonly registry: OptionRegistry
  readonly options: OptionSet
  readonly subnets: readonly Subnet4[]
  readonly lists: readonly ReservationSums4[]
  readonly subnetByAddress: (address: Ipv4) => Subnet4 | undefined
}

/** Only what lies in one of the subnets. */
export function hostsOf(naming: Naming): HostsPlan {
  const own: Hosts = new HostNotes()
  for (const { name, address } of naming.interfaces.named)
    if (address !== undefined) note(own, address, `this server on ${name}`)
  for (const { name, url } of naming.ha?.peers ?? [])
    note(own, ipv4FromText(url.host) ?? 0, `the url of ${name}`)
  const named: Hosts = new HostNotes()
  const sets = new Set<OptionSet>([naming.options])
  const fields = new Set<BootFields>()
  for (const subnet of naming.subnets) {
    sets.add(subnet.options)
    for (const pool of subnet.pools) sets.add(pool.options)
    fields.add(subnet.bootFields)
    for (const relay of subnet.relayAddresses) note(named, relay, 'relay.ip-addresses')
  }
  const levels = new Set<OptionLevel>()
  for (const set of sets) for (const { level } of set.levels) levels.add(level)
  for (const level of levels) noteOptions(named, level, naming.registry)
  for (const { telling } of naming.lists)
    for (const reservation of telling) {
      noteOptions(named, reservation.options, naming.registry)
      fields.add(reservation.bootFields)
    }
  for (const { nextServer } of fields) note(named, nextServer, 'next-server')
  const isHere = (address: Ipv4) => naming.subnetByAddress(address) !== undefined
  return { own: own.within(isHere), named: named.within(isHere) }
}

type Hosts = HostNotes<Ipv4>

function note(hosts: Hosts, address: Ipv4, by: string): void {
  if (address !== 0 && isUnicast(address)) hosts.note(address, by)
}

function noteOptions(hosts: Hosts, { options }: OptionLevel, registry: OptionRegistry): void {
  for (const { code, data } of options)
    for (const address of hostsInOption(code, data, registry))
      note(hosts, address, `option ${registry.byCode('dhcp4', code)!.name}`)
}

/**
 * A pool that holds a host, and a reservation of a server's own address: told where they stand.
 * `local` are addresses of this machine.
 */
export function warnOfHosts(
  { own, named }: HostsPlan,
  local: readonly string[],
  placeOf: (address: Ipv4) => PlacedSubnet | undefined,
  reservations: Reservations4,
): void {
  const mine = new Map(own)
  for (const text of local) {
    const address = ipv4FromText(text)
    if (address !== undefined && !mine.has(address)) mine.set(address, 'this host')
  }
  const tell = (address: Ipv4, by: string, isServers: boolean) => {
    const place = placeOf(address)
    if (place === undefined) return
    const { subnet, site } = place
    const isReserved = reservations.at(address, subnet).length > 0
    const pool = subnet.pools.findIndex(({ range }) => rangeContains(range, address))
    warnOfHost({ site, isReserved, pool }, textFromIpv4(address), by, isServers)
  }
  for (const [address, by] of mine) tell(address, by, true)
  for (const [address, by] of named) if (!mine.has(address)) tell(address, by, false)
}
