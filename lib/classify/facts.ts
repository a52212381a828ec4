// What an expression may ask of a message: its options and fields as octets, and the classes that
// the client is in so far. Expressions know no message: whoever has one answers for it.

import type { Octets } from '../bytes/octets.ts'

/** Fields of a message and of the datagram that brought it, by what expressions call them. */
export const FIELD = {
  /** Name of the interface that received it. */
  'pkt.iface': 0,
  /** Addresses of the datagram. */
  'pkt.src': 1,
  'pkt.dst': 2,
  'pkt.len': 3,
  'pkt4.mac': 4,
  'pkt4.hlen': 5,
  'pkt4.htype': 6,
  'pkt4.ciaddr': 7,
  'pkt4.giaddr': 8,
  'pkt4.yiaddr': 9,
  'pkt4.siaddr': 10,
  'pkt4.msgtype': 11,
  'pkt4.transid': 12,
  'pkt4.secs': 13,
  'pkt4.flags': 14,
  'pkt4.hops': 15,
  'pkt4.sname': 16,
  'pkt4.file': 17,
  'pkt6.msgtype': 18,
  'pkt6.transid': 19,
} as const

export type FieldName = keyof typeof FIELD
export type Field = (typeof FIELD)[FieldName]

/** Instead of the number of an enterprise: of whichever the message names first. */
export const ANY_ENTERPRISE = -1

/** Codes from the outermost option in: option 82, its sub-option 1. */
export interface OptionPath {
  readonly codes: readonly number[]
  /**
   * For each option but the last, how many octets of its own it has before its sub-options: they
   * are passed over.
   */
  readonly heads: readonly number[]
}

export interface Facts {
  /** The whole value of an option; '' is an empty one, undefined none. */
  option(code: number): Octets | undefined
  subOption(path: OptionPath): Octets | undefined
  /** Numbers in network order, addresses and names in their octets; '' where there is none. */
  field(field: Field): Octets
  /** The options of one enterprise in the vendor options of the message (125, in DHCPv6 17). */
  vendorOptions(enterprise: number): Octets | undefined
  /** An option in there. The codes of the path begin inside the vendor option. */
  vendorOption(enterprise: number, path: OptionPath): Octets | undefined
  /** The text at this place, from 0, of the vendor class of one enterprise (124, in DHCPv6 16). */
  vendorClass(enterprise: number, index: number): Octets | undefined
  /** Four octets: the first enterprise of the vendor options or the vendor class, '' for none. */
  firstEnterprise(of: 'vendor' | 'vendor-class'): Octets
  /** DHCPv6: what a relay added; 0 is the one beside this server, -1 the one beside the client. */
  relayOption(hop: number, path: OptionPath): Octets | undefined
  relayAddress(hop: number, of: 'peeraddr' | 'linkaddr'): Octets
  /** Whether the client is in the class of this number by now. */
  has(classNumber: number): boolean
}

/** Options whose meaning is that of a vendor or a site: what is in them depends on classes. */
export function isDecodedLate(code: number): boolean {
  return code === 43 || (code >= 224 && code <= 254)
}
