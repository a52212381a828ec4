// IPv6 and UDP headers in front of a payload, for replies that leave by another interface than
// their query came by: a socket that is bound to a device cannot send them. RFC 8200 §3, §8.1.

import type { Ipv6 } from '../../address/ipv6.ts'
import { writeUint16 } from '../../bytes/cursor.ts'
import { writeOctets } from '../../bytes/octets.ts'
import { foldedSum, sumOf } from './packet-sums.ts'

/** Bytes of both headers. */
export const FRAME_HEADER6 = 48

const IP_HEADER = 40
const UDP_HEADER = 8
const HOP_LIMIT = 64
const NEXT_UDP = 17

/**
 * Writes both headers at `at`; the payload of `size` bytes already lies behind them, at
 * `at + FRAME_HEADER6`.
 */
export function writeFrameHeader6(
  bytes: Uint8Array,
  at: number,
  size: number,
  source: Ipv6,
  sourcePort: number,
  target: Ipv6,
  targetPort: number,
): void {
  const udp = at + IP_HEADER
  const length = UDP_HEADER + size
  writeUint16(bytes, at, 0x6000)
  writeUint16(bytes, at + 2, 0)
  writeUint16(bytes, at + 4, length)
  bytes[at + 6] = NEXT_UDP
  bytes[at + 7] = HOP_LIMIT
  writeOctets(source, bytes, at + 8)
  writeOctets(target, bytes, at + 24)
  writeUint16(bytes, udp, sourcePort)
  writeUint16(bytes, udp + 2, targetPort)
  writeUint16(bytes, udp + 4, length)
  writeUint16(bytes, udp + 6, 0)
  // The pseudo header counts too; a sum of zero is sent as all ones, none at all is not allowed.
  const pseudo = sumOf(bytes, at + 8, 32, NEXT_UDP + length)
  const checksum = foldedSum(sumOf(bytes, udp, length, pseudo))
  writeUint16(bytes, udp + 6, checksum === 0 ? 0xffff : checksum)
}
