// DHCP messages out of a capture file: the classic format of tcpdump, and what Wireshark saves
// (pcapng), of the links on which people capture. Whatever is cut short, of another protocol or a
// fragment is passed over; nothing throws, and nothing outside of the bytes is read.

import { type Ipv4, readIpv4 } from '../address/ipv4.ts'
import type { Ipv6 } from '../address/ipv6.ts'
import { readUint16, readUint32 } from '../bytes/cursor.ts'
import { octetsFromBytes } from '../bytes/octets.ts'

/** A datagram from or to a port of DHCP. */
export interface Captured4 {
  /** What UDP carried. */
  readonly payload: Uint8Array
  readonly source: Ipv4
  readonly sourcePort: number
  readonly destination: Ipv4
}

/** Undefined: it is no capture file. */
export function captured4(file: Uint8Array): Captured4[] | undefined {
  const frames = framesOf(file)
  return frames?.flatMap(({ link, start, end }) => {
    const ip = ipStart(file, link, start, end, ETHERTYPE_IPV4)
    const found = ip < 0 ? undefined : datagramAt(file, ip, end)
    return found === undefined ? [] : [found]
  })
}

/** The same of DHCPv6. */
export interface Captured6 {
  readonly payload: Uint8Array
  readonly source: Ipv6
}

/** Undefined: it is no capture file. */
export function captured6(file: Uint8Array): Captured6[] | undefined {
  const frames = framesOf(file)
  return frames?.flatMap(({ link, start, end }) => {
    const ip = ipStart(file, link, start, end, ETHERTYPE_IPV6)
    const found = ip < 0 ? undefined : datagramAt6(file, ip, end)
    return found === undefined ? [] : [found]
  })
}

/** Bytes `start` to `end` of the file, as they were on a link of this type. */
interface Frame {
  readonly link: number
  readonly start: number
  readonly end: number
}

const CLASSIC_MAGICS: readonly number[] = [0xa1b2c3d4, 0xa1b23c4d]
const CLASSIC_HEADER = 24
const CLASSIC_RECORD = 16

function framesOf(file: Uint8Array): Frame[] | undefined {
  if (file.length < CLASSIC_HEADER) return undefined
  const magic = readUint32(file, 0)
  if (magic === SECTION) return framesOfBlocks(file)
  for (const isTurned of [false, true])
    if (CLASSIC_MAGICS.includes(read32(file, 0, isTurned))) return framesOfClassic(file, isTurned)
  return undefined
}

function framesOfClassic(file: Uint8Array, isTurned: boolean): Frame[] {
  const frames: Frame[] = []
  // The upper bits tell of checksums.
  const link = read32(file, 20, isTurned) & 0xffff
  let at = CLASSIC_HEADER
  while (at + CLASSIC_RECORD <= file.length) {
    const start = at + CLASSIC_RECORD
    const end = start + read32(file, at + 8, isTurned)
    if (end > file.length) break
    frames.push({ link, start, end })
    at = end
  }
  return frames
}

// Blocks of pcapng, each with its type and length in front and its length behind.
const SECTION = 0x0a0d0d0a
const SECTION_MAGIC = 0x1a2b3c4d
const INTERFACE = 1
const PACKET = 6
const BLOCK_MIN = 12
const PACKET_HEAD = 28

function framesOfBlocks(file: Uint8Array): Frame[] {
  const frames: Frame[] = []
  let links: number[] = []
  let isTurned = false
  let at = 0
  while (at + BLOCK_MIN <= file.length) {
    if (readUint32(file, at) === SECTION) {
      isTurned = readUint32(file, at + 8) !== SECTION_MAGIC
      links = []
    }
    const type = read32(file, at, isTurned)
    const length = read32(file, at + 4, isTurned)
    if (length < BLOCK_MIN || at + length > file.length) break
    if (type === INTERFACE && length >= 20) links.push(read16(file, at + 8, isTurned))
    if (type === PACKET && length >= PACKET_HEAD + 4) {
      const start = at + PACKET_HEAD
      const end = start + read32(file, at + 20, isTurned)
      const link = links[read32(file, at + 8, isTurned)]
      if (link !== undefined && end <= at + length - 4) frames.push({ link, start, end })
    }
    at += length
  }
  return frames
}

/** By the number of a link type (tcpdump.org): bytes before the packet, and where its type is. */
const LINKS: ReadonlyMap<number, { readonly head: number; readonly typeAt: number }> = new Map([
  [1, { head: 14, typeAt: 12 }], // Ethernet
  [113, { head: 16, typeAt: 14 }], // `tcpdump -i any`
  [276, { head: 20, typeAt: 0 }], // the same, newer
])
/** No bytes before the packet. */
const RAW: readonly number[] = [12, 14, 101, 228]

const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8]
const TAG_SIZE = 4

/** Where the packet of this type begins in a frame, or -1. */
function ipStart(file: Uint8Array, link: number, start: number, end: number, type: number): number {
  if (RAW.includes(link)) return start
  const kind = LINKS.get(link)
  if (kind === undefined) return -1
  let at = start + kind.head
  let typeAt = start + kind.typeAt
  while (at <= end && VLAN_TAGS.includes(readUint16(file, typeAt)) && at + TAG_SIZE <= end) {
    typeAt = at + 2
    at += TAG_SIZE
  }
  return at <= end && readUint16(file, typeAt) === type ? at : -1
}

const IP_HEADER = 20
const UDP_HEADER = 8
const UDP = 17
const FRAGMENT = 0x3fff
const PORTS: readonly number[] = [67, 68]

function datagramAt(file: Uint8Array, ip: number, end: number): Captured4 | undefined {
  if (ip + IP_HEADER > end || file[ip]! >>> 4 !== 4) return undefined
  const udp = ip + (file[ip]! & 15) * 4
  if (udp < ip + IP_HEADER || udp + UDP_HEADER > end) return undefined
  if (file[ip + 9] !== UDP || (readUint16(file, ip + 6) & FRAGMENT) !== 0) return undefined
  const sourcePort = readUint16(file, udp)
  if (!PORTS.includes(sourcePort) && !PORTS.includes(readUint16(file, udp + 2))) return undefined
  const payloadEnd = Math.min(end, udp + Math.max(UDP_HEADER, readUint16(file, udp + 4)))
  return {
    payload: file.slice(udp + UDP_HEADER, payloadEnd),
    source: readIpv4(file, ip + 12),
    sourcePort,
    destination: readIpv4(file, ip + 16),
  }
}

const IP6_HEADER = 40
const PORTS6: readonly number[] = [546, 547]

/** Behind headers between IP and UDP, which DHCPv6 never has, nothing is looked for. */
function datagramAt6(file: Uint8Array, ip: number, end: number): Captured6 | undefined {
  const udp = ip + IP6_HEADER
  if (udp + UDP_HEADER > end || file[ip]! >>> 4 !== 6 || file[ip + 6] !== UDP) return undefined
  const [from, to] = [readUint16(file, udp), readUint16(file, udp + 2)]
  if (!PORTS6.includes(from) && !PORTS6.includes(to)) return undefined
  const payloadEnd = Math.min(end, udp + Math.max(UDP_HEADER, readUint16(file, udp + 4)))
  const source = octetsFromBytes(file, ip + 8, ip + 24)
  return { payload: file.slice(udp + UDP_HEADER, payloadEnd), source }
}

function read32(bytes: Uint8Array, at: number, isTurned: boolean): number {
  const value = readUint32(bytes, at)
  if (!isTurned) return value
  return (
    (((value & 0xff) << 24) |
      ((value & 0xff00) << 8) |
      ((value >>> 8) & 0xff00) |
      (value >>> 24)) >>>
    0
  )
}

function read16(bytes: Uint8Array, at: number, isTurned: boolean): number {
  const value = readUint16(bytes, at)
  return isTurned ? ((value & 0xff) << 8) | (value >>> 8) : value
}
