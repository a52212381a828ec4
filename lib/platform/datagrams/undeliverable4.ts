// ICMP's answers about replies of DHCPv4.

import { type Ipv4, readIpv4 } from '../../address/ipv4.ts'
import { readUint16 } from '../../bytes/cursor.ts'
import { AF_INET, ICMP_FILTER, IPPROTO_ICMP, type Libc, SOCK_RAW, SOL_RAW } from '../libc.ts'
import { Undeliverable, type Undelivered } from './undeliverable.ts'

const DESTINATION_UNREACHABLE = 3
const PORT_UNREACHABLE = 3
const PROTOCOL_UDP = 17
const CLIENT_PORT = 68

/** RFC 792, RFC 1812 §5.2.7.1. */
const WORDS: Readonly<Record<number, string>> = {
  0: 'no router knows a way to its network',
  1: 'the host does not answer',
  2: 'the protocol is not understood',
  3: 'nobody listens on the port',
  4: 'the packet is too long for the way',
  9: 'the network is closed by an administrator',
  10: 'the host is closed by an administrator',
  13: 'a filter forbids it',
}

export function openUndeliverable4(libc: Libc): Undeliverable<Ipv4> {
  const fd = libc.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)
  // The bits of what is filtered out.
  if (fd >= 0) libc.setOption(fd, ICMP_FILTER, ~(1 << DESTINATION_UNREACHABLE), SOL_RAW)
  return new Undeliverable(libc, fd, 16, undeliveredIn)
}

/** Which datagram an IPv4 packet with an ICMP message says was not delivered; undefined = none. */
export function undeliveredIn(bytes: Uint8Array): Undelivered<Ipv4> | undefined {
  const icmp = headerLength(bytes, 0)
  const inner = icmp + 8
  // RFC 792: the IP header of what was sent, and eight octets behind it, which are the UDP header.
  const udp = inner + headerLength(bytes, inner)
  if (icmp < 20 || udp < inner + 20 || udp + 8 > bytes.length) return undefined
  if (bytes[icmp] !== DESTINATION_UNREACHABLE || bytes[inner + 9] !== PROTOCOL_UDP) return undefined
  const code = bytes[icmp + 1]!
  // A client may read raw packets while its kernel knows of no socket: the reply has arrived.
  const targetPort = readUint16(bytes, udp + 2)
  if (code === PORT_UNREACHABLE && targetPort === CLIENT_PORT) return undefined
  return {
    source: readIpv4(bytes, inner + 12),
    sourcePort: readUint16(bytes, udp),
    target: readIpv4(bytes, inner + 16),
    why: WORDS[code] ?? `ICMP destination unreachable, code ${code}`,
  }
}

function headerLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) & 15) * 4
}
