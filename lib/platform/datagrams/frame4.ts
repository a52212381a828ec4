// IPv4 and UDP headers in front of a payload, for datagrams that the kernel cannot address because
// their receiver does not answer ARP yet (RFC 2131 §4.1), or whose sum it would leave to the
// device. RFC 791 §3.1, RFC 768, sums by RFC 1071.

import { type Ipv4, writeIpv4 } from '../../address/ipv4.ts'
import { writeUint16 } from '../../bytes/cursor.ts'
import { foldedSum, sumOf } from './packet-sums.ts'

/** Bytes of both headers. */
export const FRAME_HEADER = 28

const IP_HEADER = 20
const UDP_HEADER = 8
const TIME_TO_LIVE = 64
const PROTOCOL_UDP = 17

/**
 * Writes both headers at `at`; the payload of `size` bytes already lies behind them, at
 * `at + FRAME_HEADER`. The caller guarantees that all of it fits into one packet of the link.
 */
export function writeFrameHeader(
  bytes: Uint8Array,
  at: number,
  size: number,
  source: Ipv4,
  sourcePort: number,
  target: Ipv4,
  targetPort: number,
): void {
  writeIpHeader(bytes, at, size, source, target)
  const udp = at + IP_HEADER
  const length = UDP_HEADER + size
  writeUint16(bytes, udp, sourcePort)
  writeUint16(bytes, udp + 2, targetPort)
  writeUint16(bytes, udp + 4, length)
  writeUint16(bytes, udp + 6, 0)
  // RFC 768: the pseudo header counts too, and a sum of zero is sent as all ones.
  const pseudo = sumOf(bytes, at + 12, 8, PROTOCOL_UDP + length)
  const checksum = foldedSum(sumOf(bytes, udp, length, pseudo))
  writeUint16(bytes, udp + 6, checksum === 0 ? 0xffff : checksum)
}

function writeIpHeader(bytes: Uint8Array, at: number, size: number, source: Ipv4, to: Ipv4): void {
  // Version 4, five words; never fragmented, so the identification may be 0 (RFC 6864 §4.1).
  writeUint16(bytes, at, 0x4500)
  writeUint16(bytes, at + 2, FRAME_HEADER + size)
  writeUint16(bytes, at + 4, 0)
  writeUint16(bytes, at + 6, 0x4000)
  bytes[at + 8] = TIME_TO_LIVE
  bytes[at + 9] = PROTOCOL_UDP
  writeUint16(bytes, at + 10, 0)
  writeIpv4(bytes, at + 12, source)
  writeIpv4(bytes, at + 16, to)
  writeUint16(bytes, at + 10, foldedSum(sumOf(bytes, at, IP_HEADER, 0)))
}
