// A DHCPv4 message as it stands on the wire (RFC 2131 §2, options RFC 2132), decoded in place: the
// fixed fields as numbers, the options as positions in the datagram. One Message4 is reused for
// every datagram, so nothing of it may be kept beyond the step that handles it.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Suppliable } from '../supplied.ts'

export const MESSAGE_TYPE4 = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const

/** Messages of who asks about leases: RFC 4388, and RFC 6926 in bulk. */
export const LEASE_QUERY4 = {
  query: 10,
  unassigned: 11,
  unknown: 12,
  active: 13,
  bulkQuery: 14,
  done: 15,
} as const

export type MessageType4 = (typeof MESSAGE_TYPE4)[keyof typeof MESSAGE_TYPE4]

/**
 * What becomes of malformed options. strict: any is a reason to refuse the message. usual: one that
 * runs past the end of its field is ignored. lenient: each that is malformed is ignored.
 */
export type OptionParsing4 = 'strict' | 'usual' | 'lenient'

export interface Query4 extends Suppliable {
  /** 1 BOOTREQUEST, 2 BOOTREPLY. */
  readonly op: number
  readonly htype: number
  readonly hops: number
  readonly xid: number
  readonly secs: number
  /** Bit 15 is the broadcast flag. */
  readonly flags: number
  readonly ciaddr: Ipv4
  readonly yiaddr: Ipv4
  readonly siaddr: Ipv4
  readonly giaddr: Ipv4
  /** The first hlen octets of chaddr, 0 to 16. */
  readonly hwAddress: Octets
  /** Option 53; 0 when absent. */
  readonly type: number
  /** Length of the datagram in bytes. */
  readonly size: number
  /**
   * Bytes of its fixed fields and of its options, each joined and cut anew as RFC 3396 wants it:
   * without cookie, end and padding.
   */
  readonly packedSize: number

  has(code: number): boolean
  /**
   * The whole value of an option, its parts joined (RFC 3396), or undefined when absent. A client
   * identifier always has two octets at least.
   */
  octets(code: number): Octets | undefined
  /** The value of an option of exactly 1, 2 or 4 bytes as a number; undefined when absent. */
  uint(code: number): number | undefined
  /** The fields sname and file up to their first NUL; '' where they hold options. */
  serverName(): Octets
  bootFile(): Octets
  /** The codes of all options in the order of the wire, each once. */
  codes(): number[]
  /** The datagram, as it came. */
  copy(): Uint8Array
  /** A sub-option of an option that holds code-length-value triples, such as option 82. */
  subOption(code: number, subCode: number): Octets | undefined
}
