// What whoever watches leases is told: a change, with the message that brought it about.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Subnet4 } from '../../config/plan/plan4.ts'
import type { Arrival4 } from '../../dhcp4/arrival.ts'
import type { Lease, LeaseAction } from '../../leases/lease.ts'
import type { Interface4 } from '../../ports/datagrams4.ts'
import type { Instant, WallTime } from '../../time/units.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import type { Message4 } from '../../wire/v4/reader.ts'

/** recovered: the time of a declined address is over. */
export type NoticeKind = LeaseAction | 'recovered'

export interface Notice4 {
  readonly kind: NoticeKind
  readonly lease: Lease
  /** The row before, where there was one. */
  readonly former: Lease | undefined
  /** Undefined where time brought it about. */
  readonly query: QueryNotice4 | undefined
  /** What the legal log says of it; '' nothing, undefined in the words of Kea. */
  readonly text: string | undefined
  readonly subnet: Subnet4 | undefined
  /** The calendar time of a time of the lease clock. */
  readonly wallOf: (time: Instant) => WallTime
  /** Rows of ended leases are not kept. */
  readonly removesEnded: boolean
}

/** A message, as far as anybody is told of it. */
export interface QueryNotice4 {
  readonly type: number
  readonly xid: number
  readonly hops: number
  readonly secs: number
  readonly flags: number
  readonly ciaddr: Ipv4
  readonly yiaddr: Ipv4
  readonly siaddr: Ipv4
  readonly giaddr: Ipv4
  readonly htype: number
  readonly hwAddress: Octets
  readonly clientId: Octets | undefined
  /** Option 82, and its sub-options. */
  readonly relay: Octets | undefined
  readonly circuitId: Octets | undefined
  readonly remoteId: Octets | undefined
  readonly subscriberId: Octets | undefined
  readonly link: Interface4
  readonly source: Ipv4
  readonly sourcePort: number
  readonly to: Ipv4
}

/** A copy: the message is used again for the next one. */
export function queryNotice(
  message: Message4,
  { link, address, port, to }: Arrival4 & { readonly link: Interface4 },
): QueryNotice4 {
  const { type, xid, hops, secs, flags, ciaddr, yiaddr, siaddr, giaddr, htype } = message
  const fields = { type, xid, hops, secs, flags, ciaddr, yiaddr, siaddr, giaddr, htype }
  const code = OPTION4.relayAgentInformation
  return {
    ...fields,
    hwAddress: message.hwAddress,
    clientId: message.octets(OPTION4.clientIdentifier),
    relay: message.octets(code),
    circuitId: message.subOption(code, 1),
    remoteId: message.subOption(code, 2),
    subscriberId: message.subOption(code, 6),
    link,
    source: address,
    sourcePort: port,
    to,
  }
}
