// Where the message of a trial of DHCPv6 arrives: as it is said, else as the file suggests.

import { type Ipv6, ipv6FromText, textFromIpv6 } from '../address/ipv6.ts'
import { addressOf, lengthOf } from '../address/prefix6.ts'
import type { Plan6, Subnet6 } from '../config/plan/plan6.ts'
import type { Arrival6 } from '../dhcp6/asked6.ts'

export interface Arrived6 {
  readonly arrival: Arrival6
  /** What was made up, a sentence without full stop; '' where nothing was. */
  readonly assumes: string
}

const ALL_SERVERS = ipv6FromText('ff02::1:2')!
const LINK_LOCAL = ipv6FromText('fe80::1')!
const CLIENT_PORT = 546
const SERVER_PORT = 547

/** `isRelayed`: a relay says by itself where the client is, so that nothing need be made up. */
export function arrivalOf6(plan: Plan6, wish: string, source: Ipv6, isRelayed: boolean): Arrived6 {
  const isBound = wish !== '' && plan.subnetByInterface(wish) !== undefined
  const likely = isRelayed || isBound ? undefined : likelySubnet(plan, wish)
  const bound = likely === undefined ? '' : interfaceOf(likely)
  const name = wish || bound || plan.interfaces.named[0]?.name || ''
  const own = likely === undefined || bound !== '' ? [] : [addressIn(likely)]
  const link = {
    name,
    index: 0,
    linkLocal: LINK_LOCAL,
    addresses: [{ address: LINK_LOCAL, length: 64 }, ...own],
  }
  const port = isRelayed ? SERVER_PORT : CLIENT_PORT
  return {
    arrival: { link, address: source, port, to: ALL_SERVERS },
    assumes: isRelayed ? '' : assumption(name, wish, own[0]),
  }
}

function assumption(name: string, wish: string, own: OwnAddress | undefined): string {
  const where = name === '' ? 'an interface' : name
  if (own !== undefined)
    return `it arrives at ${where} with the address ${textFromIpv6(own.address)}/${own.length} (interface=...)`
  return name === '' || wish !== '' ? '' : `it arrives at ${where} (interface=...)`
}

/** One that is bound to an interface, where none is wished for; else one that needs no relay. */
function likelySubnet({ subnets }: Plan6, wish: string): Subnet6 | undefined {
  const bound = wish === '' ? subnets.find((subnet) => interfaceOf(subnet) !== '') : undefined
  return (
    bound ??
    subnets.find(
      (subnet) =>
        interfaceOf(subnet) === '' &&
        subnet.relayAddresses.length === 0 &&
        subnet.interfaceId === '',
    )
  )
}

function interfaceOf(subnet: Subnet6): string {
  return subnet.interface || subnet.network?.interface || ''
}

interface OwnAddress {
  readonly address: Ipv6
  readonly length: number
}

/** As a server would have it. */
function addressIn({ prefix }: Subnet6): OwnAddress {
  const address = addressOf(prefix)
  return { address: `${address.slice(0, 15)}\x01`, length: lengthOf(prefix) }
}
