// Messages of clients and relays for tests of the engine, from what a test wants to say of them.

import { type Ipv6, ipv6FromText } from '../../lib/address/ipv6.ts'
import { type Prefix6, prefix6FromText } from '../../lib/address/prefix6.ts'
import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import { type Octets, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { Arrival6 } from '../../lib/dhcp6/asked6.ts'
import {
  encodeMessage6,
  encodeRelayForward,
  iaEntry6,
  iaOption6,
  octetsFromCodes,
} from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'

export const {
  solicit: SOLICIT,
  advertise: ADVERTISE,
  request: REQUEST,
  confirm: CONFIRM,
  renew: RENEW,
  rebind: REBIND,
  reply: REPLY,
  release: RELEASE,
  decline: DECLINE,
  informationRequest: INFORMATION,
  addressRegistration: REGISTER,
} = MESSAGE_TYPE6

/** The DUID of the server in tests, and that of its partner. */
export const SERVER_DUID = hex('00:03:00:01:02:00:5e:10:ff:01')
export const PARTNER_DUID = hex('00:03:00:01:02:00:5e:10:ff:02')

/** Received by the server from a client on its link that asks all servers. */
export const ON_LINK: Arrival6 = {
  link: {
    name: 'eth0',
    index: 2,
    linkLocal: ip6('fe80::ff:fe00:1'),
    addresses: [
      { address: ip6('fe80::ff:fe00:1'), length: 64 },
      { address: ip6('2001:db8:1::1'), length: 64 },
    ],
  },
  address: ip6('fe80::5eff:fe10:1'),
  port: 546,
  to: ip6('ff02::1:2'),
}

/** What a relay puts around a message, outermost first; addresses as text. */
export interface Hop {
  readonly hopCount?: number
  readonly link?: string
  readonly peer?: string
  readonly options?: readonly OptionPair6[]
}

/** The DUID-LL of the client with this number. */
export function duid(number: number): Octets {
  return hex('00:03:00:01:02:00:5e:10') + octetsFromUint(number, 2)
}

export function clientId(number = 1): OptionPair6 {
  return [OPTION6.clientId, duid(number)]
}

export function serverId(value: Octets = SERVER_DUID): OptionPair6 {
  return [OPTION6.serverId, value]
}

/** IA_NA that names these addresses, with lifetimes of 0. */
export function iaNa(iaid: number, ...addresses: string[]): OptionPair6 {
  return iaOf(OPTION6.iaNa, iaid, addresses)
}

/** IA_PD that names these prefixes. */
export function iaPd(iaid: number, ...prefixes: string[]): OptionPair6 {
  return iaOf(OPTION6.iaPd, iaid, prefixes)
}

function iaOf(kind: typeof OPTION6.iaNa | typeof OPTION6.iaPd, iaid: number, names: string[]) {
  return iaOption6(
    kind,
    iaid,
    names.map((name) => iaEntry6(kind, key6(name))),
  )
}

/** ORO. */
export function oro(...codes: number[]): OptionPair6 {
  return [OPTION6.optionRequest, octetsFromCodes(codes)]
}

export function messageBytes(
  type: number,
  options: readonly OptionPair6[],
  hops: readonly Hop[] = [],
  xid = 0x616263,
): Uint8Array {
  let bytes = encodeMessage6(type, xid, options)
  for (const {
    hopCount = 0,
    link = '::',
    peer = 'fe80::5eff:fe10:1',
    options = [],
  } of hops.toReversed())
    bytes = encodeRelayForward(bytes, {
      hopCount,
      linkAddress: ip6(link),
      peerAddress: ip6(peer),
      options,
    })
  return bytes
}

export function ip6(text: string): Ipv6 {
  const address = ipv6FromText(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return address
}

/** An address, or a prefix. */
export function key6(text: string): Prefix6 {
  const key = prefix6FromText(text)
  if (key === undefined) throw new Error(`no address and no prefix: ${text}`)
  return key
}

export function hex(text: string): Octets {
  const octets = octetsFromHex(text)
  if (octets === undefined) throw new Error(`no hexadecimal: ${text}`)
  return octets
}

export function uint32(value: number): Octets {
  return octetsFromUint(value, 4)
}

export function uint16(value: number): Octets {
  return octetsFromUint(value, 2)
}
