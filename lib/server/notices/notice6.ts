// What whoever watches leases of DHCPv6 is told: a change, with the message that brought it about.

import type { Ipv6 } from '../../address/ipv6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Subnet6 } from '../../config/plan/plan6.ts'
import type { Arrival6 } from '../../dhcp6/asked6.ts'
import type { Hardware6 } from '../../dhcp6/hardware6.ts'
import type { Lease6 } from '../../leases/lease.ts'
import type { Instant, WallTime } from '../../time/units.ts'
import { OPTION6 } from '../../wire/v6/codes.ts'
import type { Query6 } from '../../wire/v6/message.ts'
import type { NoticeKind } from './notice.ts'

export interface Notice6 {
  readonly kind: NoticeKind
  readonly lease: Lease6
  /** The row before, where there was one. */
  readonly former: Lease6 | undefined
  /** Undefined where time brought it about. */
  readonly query: QueryNotice6 | undefined
  readonly subnet: Subnet6 | undefined
  /** The calendar time of a time of the lease clock. */
  readonly wallOf: (time: Instant) => WallTime
  /** Rows of ended leases are not kept. */
  readonly removesEnded: boolean
}

/** A message, as far as anybody is told of it. */
export interface QueryNotice6 {
  readonly type: number
  readonly xid: number
  readonly clientId: Octets
  readonly ias: readonly IaNotice6[]
  /** The one nearest this server; undefined: there is none. */
  readonly relay: RelayNotice6 | undefined
  /** As far as it is known, and from where. */
  readonly hardware: Hardware6
  readonly link: Arrival6['link']
  readonly source: Ipv6
  readonly sourcePort: number
  /** '' = not known. */
  readonly to: Ipv6
}

export interface IaNotice6 {
  readonly kind: number
  readonly iaid: number
  readonly t1: number
  readonly t2: number
}

export interface RelayNotice6 {
  readonly hopCount: number
  readonly linkAddress: Ipv6
  readonly peerAddress: Ipv6
  /** Of the relay nearest the client that says it. */
  readonly remoteId: Octets | undefined
  readonly subscriberId: Octets | undefined
  readonly interfaceId: Octets | undefined
}

/** A copy: the message is used again for the next one. */
export function queryNotice6(
  query: Query6,
  hardware: Hardware6,
  { link, address, port, to }: Arrival6,
): QueryNotice6 {
  const { type, xid, clientId } = query
  return {
    ...{ type, xid, clientId, hardware, link, to },
    ias: query.ias.map(({ kind, iaid, t1, t2 }) => ({ kind, iaid, t1, t2 })),
    relay: relayNotice(query),
    source: address,
    sourcePort: port,
  }
}

function relayNotice({ relays }: Query6): RelayNotice6 | undefined {
  const nearest = relays[0]
  if (nearest === undefined) return undefined
  const said = (code: number) => relays.findLast((relay) => relay.has(code))?.option(code)
  const { hopCount, linkAddress, peerAddress } = nearest
  return {
    ...{ hopCount, linkAddress, peerAddress },
    remoteId: said(OPTION6.remoteId),
    subscriberId: said(OPTION6.subscriberId),
    interfaceId: said(OPTION6.interfaceId),
  }
}
