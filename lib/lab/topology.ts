// The smallest network that fits a plan: a link for each subnet, an address in it for each server,
// and the relays that the subnet names.

import { type Ipv4, rangeContains, rangeOfPrefix, textFromIpv4 } from '../address/ipv4.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import type { Link, Network } from './network.ts'
import { VirtualRelay4 } from './relay4.ts'
import type { VirtualInterface4 } from './virtual-datagrams4.ts'

export interface Topology {
  /** The link of a subnet, by its id. */
  readonly links: ReadonlyMap<number, Link>
  /** For each server, its interfaces. */
  readonly interfaces: readonly (readonly VirtualInterface4[])[]
  readonly relays: readonly VirtualRelay4[]
}

/** Where servers stand whose subnets are all behind relays. */
const BACKBONE = 'backbone'

/**
 * Makes links and relays for a plan and a number of servers. Throws where a server finds no
 * address.
 */
export function topologyOf(plan: Plan4, network: Network, servers: number): Topology {
  const links = new Map<number, Link>()
  const interfaces: Map<string, VirtualInterface4>[] = []
  for (let server = 0; server < servers; server++) interfaces.push(new Map())
  const relayed: Subnet4[] = []
  for (const [index, subnet] of plan.subnets.entries()) {
    const name = interfaceName(plan, subnet, index)
    const link = network.link(name)
    links.set(subnet.id, link)
    if (subnet.relayAddresses.length > 0) relayed.push(subnet)
    else
      for (const [server, own] of interfaces.entries())
        join(own, name, link, freeHost(plan, subnet, server))
  }
  for (const [server, own] of interfaces.entries())
    if (own.size === 0) join(own, BACKBONE, network.link(BACKBONE), `10.255.255.${server + 1}/24`)
  const first = interfaces.map((own) => addressOf(own.values().next().value!))
  const relays = relayed.flatMap((subnet) => relaysOf(subnet, links.get(subnet.id)!, first))
  return { links, interfaces: interfaces.map((own) => [...own.values()]), relays }
}

function interfaceName(plan: Plan4, subnet: Subnet4, index: number): string {
  if (subnet.relayAddresses.length > 0) return `relayed${subnet.id}`
  if (subnet.interface !== '') return subnet.interface
  return plan.interfaces.named[index]?.name ?? `lab${index}`
}

function join(
  interfaces: Map<string, VirtualInterface4>,
  name: string,
  link: Link,
  address: string,
): void {
  const addresses = interfaces.get(name)?.addresses ?? []
  interfaces.set(name, { name, link, addresses: [...addresses, address] })
}

/** The first host addresses of the subnet that no pool and no reservation names, one a server. */
function freeHost({ reservations }: Plan4, subnet: Subnet4, server: number): string {
  const { first, last } = rangeOfPrefix(subnet.prefix)
  let left = server
  for (let address = first + 1; address < last; address++) {
    const range = subnet.ranges.find((one) => rangeContains(one, address))
    if (range !== undefined) address = range.last
    else if (reservations.at(address, subnet).length === 0 && left-- === 0)
      return `${textFromIpv4(address)}/${subnet.prefix.length}`
  }
  throw new Error(`the pools of ${subnet.text} leave no address for a server of the lab`)
}

/** One for each address that the subnet names; each forwards to all servers. */
function relaysOf(subnet: Subnet4, link: Link, servers: readonly Ipv4[]): VirtualRelay4[] {
  return subnet.relayAddresses.map((address, index) => {
    const name = index === 0 ? `relay${subnet.id}` : `relay${subnet.id}.${index + 1}`
    return new VirtualRelay4(name, link, { address, servers })
  })
}

function addressOf(one: VirtualInterface4): Ipv4 {
  let address = 0
  for (const part of one.addresses[0]!.split('/')[0]!.split('.'))
    address = address * 256 + Number(part)
  return address
}
