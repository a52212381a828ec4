// Where the message of a trial arrives: as it is said, else as the file and this machine suggest.

import {
  BROADCAST,
  type Ipv4,
  ipv4FromText,
  isLoopback,
  prefixContains,
  textFromIpv4,
} from '../address/ipv4.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import type { Arrival4 } from '../dhcp4/arrival.ts'

export interface AddressOfLink {
  readonly address: Ipv4
  readonly length: number
}

/** Addresses by interface. */
export type LinksOfHost = ReadonlyMap<string, readonly AddressOfLink[]>

/** What is known of the datagram. */
export interface Wished {
  /** `eth0` or `eth0/192.0.2.1`; '' = nothing was said. */
  readonly interface: string
  readonly giaddr: Ipv4
  readonly ciaddr: Ipv4
  readonly source: Ipv4
  /** 0 = not known. */
  readonly destination: Ipv4
}

export interface Arrived {
  readonly arrival: Arrival4
  /** What was made up, a sentence without full stop; '' where nothing was. */
  readonly assumes: string
}

/** Undefined: the interface was written in a way that says nothing. */
export function arrivalOf(plan: Plan4, wished: Wished, host: LinksOfHost): Arrived | undefined {
  const [name = '', written] = wished.interface.split('/')
  const own = written === undefined ? undefined : ipv4FromText(written)
  if (written !== undefined && own === undefined) return undefined
  const found = linkOf(plan, name, own, host)
  const isUnicast = wished.destination !== 0 && wished.destination !== BROADCAST
  const isAsked = isUnicast && !isLoopback(wished.destination)
  const asked = isAsked ? [{ address: wished.destination, length: 32 }] : []
  const isThere = found.addresses.some(({ address }) => address === wished.destination)
  const addresses = isThere ? found.addresses : [...asked, ...found.addresses]
  const source = wished.source || wished.giaddr || wished.ciaddr
  const to = wished.destination || (wished.giaddr === 0 && wished.source === 0 ? BROADCAST : 0)
  // A relay says by itself where the client is, so that it does not matter what was made up.
  const assumes = wished.giaddr !== 0 || isAsked ? '' : found.assumes
  return {
    arrival: { link: { name: found.name, addresses }, address: source, port: 68, to },
    assumes,
  }
}

interface Found {
  readonly name: string
  readonly addresses: readonly AddressOfLink[]
  readonly assumes: string
}

function linkOf(plan: Plan4, wish: string, own: Ipv4 | undefined, host: LinksOfHost): Found {
  const name = wish || plan.interfaces.named[0]?.name || ''
  if (own !== undefined) {
    const length = plan.subnetByAddress(own)?.prefix.length ?? 32
    return { name, addresses: [{ address: own, length }], assumes: '' }
  }
  const ofHost = host.get(name) ?? []
  const list = ofHost.map(({ address }) => textFromIpv4(address)).join(', ')
  const fits =
    plan.subnetByInterface(name) !== undefined ||
    ofHost.some(({ address }) => plan.subnetByAddress(address) !== undefined)
  if (ofHost.length > 0 && fits) {
    const assumes = wish === '' ? `it arrives at ${name} of this machine (${list})` : ''
    return { name, addresses: ofHost, assumes }
  }
  const subnet = likelySubnet(plan, name)
  if (subnet === undefined) {
    const addresses = ofHost.length > 0 ? ofHost : [{ address: 0, length: 32 }]
    return { name, addresses, assumes: '' }
  }
  const address = likelyAddress(plan, subnet)
  const { length } = subnet.prefix
  const where = name === '' ? 'an interface' : name
  const instead = list === '' ? '' : `, and not ${list} as on this machine`
  const assumes = `it arrives at ${where} with the address ${textFromIpv4(address)}/${length}${instead} (interface=...)`
  return { name, addresses: [{ address, length }], assumes }
}

/** The one bound to the interface, else the first that needs no relay, else any. */
function likelySubnet(plan: Plan4, name: string): Subnet4 | undefined {
  const { subnets } = plan
  return (
    subnets.find((subnet) => name !== '' && isBound(subnet, name)) ??
    subnets.find((subnet) => !isBound(subnet, '') && subnet.relayAddresses.length === 0) ??
    subnets.find(({ relayAddresses }) => relayAddresses.length === 0) ??
    subnets[0]
  )
}

function isBound(subnet: Subnet4, name: string): boolean {
  return (subnet.interface || subnet.network?.interface || '') === name && name !== ''
}

const TRIES = 1024

/** One that is nobody's by the file, as that of a server would be. */
function likelyAddress(plan: Plan4, subnet: Subnet4): Ipv4 {
  const first = subnet.prefix.address + 1
  for (let address = first; address < first + TRIES; address++) {
    if (!prefixContains(subnet.prefix, address)) break
    const isTaken =
      plan.hosts.named.has(address) ||
      subnet.poolOf(address) !== undefined ||
      plan.reservations.at(address, subnet).length > 0
    if (!isTaken) return address
  }
  return first
}
