// ICMPv6's answers about replies of DHCPv6.

import type { Ipv6 } from '../../address/ipv6.ts'
import { readUint16 } from '../../bytes/cursor.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import {
  AF_INET6,
  ICMPV6_FILTER,
  IPPROTO_ICMPV6,
  type Libc,
  SOCK_RAW,
  SOCKADDR_IN6,
} from '../libc.ts'
import { Undeliverable, type Undelivered } from './undeliverable.ts'

const DESTINATION_UNREACHABLE = 1
const PORT_UNREACHABLE = 4
const NEXT_UDP = 17
const CLIENT_PORT = 546

const ICMP_HEADER = 8
const IP_HEADER = 40
const UDP_HEADER = 8

/** RFC 4443 §3.1. */
const WORDS: Readonly<Record<number, string>> = {
  0: 'no router knows a way to it',
  1: 'the network is closed by an administrator',
  2: 'its address is beyond the scope of that of this server',
  3: 'the host does not answer',
  4: 'nobody listens on the port',
  5: 'a filter forbids the address of this server',
  6: 'the way to it is closed',
}

export function openUndeliverable6(libc: Libc): Undeliverable<Ipv6> {
  const fd = libc.socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
  if (fd >= 0) {
    // The bits of what is filtered out, one for each type.
    const filter = new Uint8Array(32).fill(0xff)
    filter[0] = 0xff & ~(1 << DESTINATION_UNREACHABLE)
    libc.setOption(fd, ICMPV6_FILTER, filter, IPPROTO_ICMPV6)
  }
  return new Undeliverable(libc, fd, SOCKADDR_IN6, undeliveredIn6)
}

/** Which datagram an ICMPv6 message says was not delivered; undefined = none. */
export function undeliveredIn6(bytes: Uint8Array): Undelivered<Ipv6> | undefined {
  const udp = ICMP_HEADER + IP_HEADER
  if (bytes.length < udp + UDP_HEADER) return undefined
  if (bytes[0] !== DESTINATION_UNREACHABLE || bytes[ICMP_HEADER + 6] !== NEXT_UDP) return undefined
  const code = bytes[1]!
  // A client may be gone as soon as it has what it wanted.
  if (code === PORT_UNREACHABLE && readUint16(bytes, udp + 2) === CLIENT_PORT) return undefined
  return {
    source: octetsFromBytes(bytes, ICMP_HEADER + 8, ICMP_HEADER + 24),
    sourcePort: readUint16(bytes, udp),
    target: octetsFromBytes(bytes, ICMP_HEADER + 24, ICMP_HEADER + 40),
    why: WORDS[code] ?? `ICMPv6 destination unreachable, code ${code}`,
  }
}
