// Builds any DHCPv4 message from fields and options: for the clients of the lab, for tests and for
// answers about leases, where being plain matters more than being fast. What clients get the server
// writes with writer.ts.

import type { Ipv4 } from '../../address/ipv4.ts'
import { writeIpv4 } from '../../address/ipv4.ts'
import { writeUint16, writeUint32 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { writeOctets } from '../../bytes/octets.ts'
import { OPTION4 } from './codes.ts'
import { CHADDR_AT, COOKIE_AT, FILE_AT, HEADER_SIZE, MAGIC_COOKIE, SNAME_AT } from './layout.ts'
import { encodedSize4, writeOption4 } from './option-block.ts'

/** What is not given is 0 or ''. */
export interface MessageFields4 {
  /** 1 BOOTREQUEST (the default), 2 BOOTREPLY. */
  readonly op?: number
  /** 1 Ethernet is the default. */
  readonly htype?: number
  readonly hops?: number
  readonly xid?: number
  readonly secs?: number
  readonly flags?: number
  readonly ciaddr?: Ipv4
  readonly yiaddr?: Ipv4
  readonly siaddr?: Ipv4
  readonly giaddr?: Ipv4
  /** 0 to 16 octets. */
  readonly hwAddress?: Octets
  /** At most 64 octets. */
  readonly sname?: Octets
  /** At most 128 octets. */
  readonly file?: Octets
}

/** Option code and value; values over 255 octets are split (RFC 3396). */
export type OptionPair4 = readonly [code: number, data: Octets]

/** Encodes a message with its options in the given order, END, and zeros up to `sizeMin` bytes. */
export function encodeMessage4(
  fields: MessageFields4,
  options: readonly OptionPair4[],
  sizeMin = 300,
): Uint8Array {
  let size = HEADER_SIZE + 1
  for (const [, data] of options) size += encodedSize4(data.length)
  const bytes = new Uint8Array(Math.max(size, sizeMin))
  const hwAddress = fields.hwAddress ?? ''
  bytes[0] = fields.op ?? 1
  bytes[1] = fields.htype ?? 1
  bytes[2] = hwAddress.length
  bytes[3] = fields.hops ?? 0
  writeUint32(bytes, 4, fields.xid ?? 0)
  writeUint16(bytes, 8, fields.secs ?? 0)
  writeUint16(bytes, 10, fields.flags ?? 0)
  writeIpv4(bytes, 12, fields.ciaddr ?? 0)
  writeIpv4(bytes, 16, fields.yiaddr ?? 0)
  writeIpv4(bytes, 20, fields.siaddr ?? 0)
  writeIpv4(bytes, 24, fields.giaddr ?? 0)
  writeOctets(hwAddress, bytes, CHADDR_AT)
  writeOctets(fields.sname ?? '', bytes, SNAME_AT)
  writeOctets(fields.file ?? '', bytes, FILE_AT)
  writeUint32(bytes, COOKIE_AT, MAGIC_COOKIE)
  let at = HEADER_SIZE
  for (const [code, data] of options) at = writeOption4(bytes, at, code, data)
  bytes[at] = OPTION4.end
  return bytes
}
