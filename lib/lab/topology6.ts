// The smallest network that fits a plan of DHCPv6, as topology.ts has it for DHCPv4: a link for
// each subnet, an address in it for each server, and the relays that the subnet names. What is one
// link in both plans is one here.

import { type Ipv6, ipv6FromText } from '../address/ipv6.ts'
import {
  ADDRESS_BITS,
  addressOf,
  isInside,
  lengthOf,
  type Prefix6,
  prefix6,
  textFromPrefix6,
} from '../address/prefix6.ts'
import { octetsFromUint } from '../bytes/cursor.ts'
import type { Plan6, Subnet6 } from '../config/plan/plan6.ts'
import type { Link, Network } from './network.ts'
import { VirtualRelay6 } from './relay6.ts'
import type { VirtualInterface6 } from './virtual-datagrams6.ts'

export interface Topology6 {
  /** The link of a subnet, by its id. */
  readonly links: ReadonlyMap<number, Link>
  /** For each server, its interfaces. */
  readonly interfaces: readonly (readonly VirtualInterface6[])[]
  readonly relays: readonly VirtualRelay6[]
}

/** Where servers stand whose subnets are all behind relays. */
const BACKBONE = 'backbone'
const BACKBONE_PREFIX = '2001:db8:ffff::'
/** Towards servers, of relays that are known by what they call their interface. */
const RELAYS_PREFIX = '2001:db8:fffe::'

/** As topologyOf does it for DHCPv4. */
export function topologyOf6(plan: Plan6, network: Network, servers: number): Topology6 {
  const links = new Map<number, Link>()
  const interfaces: Map<string, VirtualInterface6>[] = []
  for (let server = 0; server < servers; server++) interfaces.push(new Map())
  const relayed: Subnet6[] = []
  for (const [index, subnet] of plan.subnets.entries()) {
    const name = interfaceName(plan, subnet, index)
    const link = network.link(name)
    links.set(subnet.id, link)
    if (isRelayed(subnet)) relayed.push(subnet)
    else
      for (const [server, own] of interfaces.entries())
        join(own, name, link, `${freeHost(plan, subnet, server)}/${lengthOf(subnet.prefix)}`)
  }
  for (const [server, own] of interfaces.entries())
    if (own.size === 0)
      join(own, BACKBONE, network.link(BACKBONE), `${BACKBONE_PREFIX}${server + 1}/64`)
  const first = interfaces.map((own) => firstAddress(own.values().next().value!))
  const relays = relayed.flatMap((subnet) => relaysOf(subnet, links.get(subnet.id)!, first))
  return { links, interfaces: interfaces.map((own) => [...own.values()]), relays }
}

function isRelayed({ relayAddresses, interfaceId, network }: Subnet6): boolean {
  return relayAddresses.length > 0 || interfaceId !== '' || (network?.interfaceId ?? '') !== ''
}

function interfaceName(plan: Plan6, subnet: Subnet6, index: number): string {
  if (isRelayed(subnet)) return `relayed${subnet.network?.name ?? subnet.id}`
  const bound = subnet.interface || (subnet.network?.interface ?? '')
  return bound || (plan.interfaces.named[index]?.name ?? `lab${index}`)
}

function join(
  interfaces: Map<string, VirtualInterface6>,
  name: string,
  link: Link,
  address: string,
): void {
  const addresses = interfaces.get(name)?.addresses ?? []
  interfaces.set(name, { name, link, addresses: [...addresses, address] })
}

/** The first host addresses of the subnet that no pool and no reservation names, one a server. */
function freeHost(plan: Plan6, subnet: Subnet6, server: number): string {
  let left = server
  for (let number = 1; number < 1000; number++) {
    const key = hostOf(subnet.prefix, number)
    const isTaken = subnet.ranges.some(({ first, last }) => first <= key && key <= last)
    if (isTaken || isDelegated(subnet, key)) continue
    if (plan.reservations.at(key, subnet).length === 0 && left-- === 0) return textFromPrefix6(key)
  }
  throw new Error(`the pools of ${subnet.text} leave no address for a server of the lab`)
}

function isDelegated({ pdPools }: Subnet6, key: Prefix6): boolean {
  return pdPools.some(({ prefix }) => isInside(key, prefix))
}

/** From the lowest one on, and far above it in turn: a pool may be most of the prefix. */
function hostOf(prefix: Prefix6, number: number): Prefix6 {
  const address = addressOf(prefix)
  const isAbove = number % 2 === 0 && lengthOf(prefix) <= 64
  const front = isAbove ? `${address.slice(0, 8)}\xff\xfe\0\0` : address.slice(0, 12)
  return prefix6(front + octetsFromUint((number + 1) >> 1, 4), ADDRESS_BITS)
}

/** One for each address or interface-id that the subnet names; each forwards to all servers. */
function relaysOf(subnet: Subnet6, link: Link, servers: readonly Ipv6[]): VirtualRelay6[] {
  const { id, relayAddresses } = subnet
  const interfaceId = subnet.interfaceId || (subnet.network?.interfaceId ?? '')
  if (relayAddresses.length === 0) {
    const address = ipv6FromText(`${RELAYS_PREFIX}${id.toString(16)}`)!
    const linkAddress = ipv6FromText('::')!
    return [new VirtualRelay6(`relay6-${id}`, link, { linkAddress, address, servers, interfaceId })]
  }
  return relayAddresses.map((linkAddress, index) => {
    const name = index === 0 ? `relay6-${id}` : `relay6-${id}.${index + 1}`
    return new VirtualRelay6(name, link, { linkAddress, servers, interfaceId })
  })
}

function firstAddress({ addresses }: VirtualInterface6): Ipv6 {
  return ipv6FromText(addresses[0]!.split('/')[0]!)!
}
