// Messages as the virtual clients and relays write and read them (RFC 2131 §2, RFC 2132).
// Deliberately not the codec of lib/wire: the lab is a second, simple opinion of what stands on the
// wire, so that a fault of the codec cannot hide from the simulation.

import { type Ipv4, readIpv4, textFromIpv4, writeIpv4 } from '../address/ipv4.ts'
import { hexFromOctets, type Octets, octetsFromBytes, writeOctets } from '../bytes/octets.ts'

/** A message with its options by code; values are raw. */
export interface Packet4 {
  op: number
  hops: number
  xid: number
  secs: number
  /** 0x8000 is the broadcast flag. */
  flags: number
  ciaddr: Ipv4
  yiaddr: Ipv4
  siaddr: Ipv4
  giaddr: Ipv4
  hwAddress: Octets
  /** In the order in which they are written or were read. */
  options: Map<number, Octets>
}

const HEADER = 236
const COOKIE = 0x63825363
const SIZE_MIN = 300

export const BROADCAST_FLAG = 0x8000
export const SERVER_PORT = 67
export const CLIENT_PORT = 68

const NAMES = ['?', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM']

/** The bytes of a message, padded to the 300 bytes that BOOTP relays expect. */
export function bytesFromPacket(packet: Packet4): Uint8Array {
  let size = HEADER + 5
  for (const value of packet.options.values()) size += value.length + 2 + 2 * (value.length >> 8)
  const bytes = new Uint8Array(Math.max(size, SIZE_MIN))
  writeHeader(packet, bytes)
  let at = HEADER + 4
  for (const [code, value] of packet.options) at = writeOption(bytes, at, code, value)
  bytes[at] = 255
  return bytes
}

function writeHeader(packet: Packet4, bytes: Uint8Array): void {
  bytes[0] = packet.op
  bytes[1] = 1
  bytes[2] = packet.hwAddress.length
  bytes[3] = packet.hops
  writeIpv4(bytes, 4, packet.xid)
  bytes[8] = packet.secs >> 8
  bytes[9] = packet.secs & 255
  bytes[10] = packet.flags >> 8
  bytes[11] = packet.flags & 255
  writeIpv4(bytes, 12, packet.ciaddr)
  writeIpv4(bytes, 16, packet.yiaddr)
  writeIpv4(bytes, 20, packet.siaddr)
  writeIpv4(bytes, 24, packet.giaddr)
  writeOctets(packet.hwAddress, bytes, 28)
  writeIpv4(bytes, HEADER, COOKIE)
}

/** RFC 3396 §5: what is longer than 255 bytes goes into several options of one code. */
function writeOption(bytes: Uint8Array, at: number, code: number, value: Octets): number {
  for (let start = 0; start === 0 || start < value.length; start += 255) {
    const part = value.slice(start, start + 255)
    bytes[at] = code
    bytes[at + 1] = part.length
    at = writeOctets(part, bytes, at + 2)
  }
  return at
}

/**
 * The message in bytes `start` to `end`, or undefined when it is none. The overload option (52) is
 * not followed: virtual clients allow large messages, so no server needs it.
 */
export function packetFromBytes(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): Packet4 | undefined {
  if (end - start < HEADER + 4 || readIpv4(bytes, start + HEADER) !== COOKIE) return undefined
  const options = readOptions(bytes, start + HEADER + 4, end)
  if (options === undefined) return undefined
  const length = Math.min(bytes[start + 2]!, 16)
  return {
    op: bytes[start]!,
    hops: bytes[start + 3]!,
    xid: readIpv4(bytes, start + 4),
    secs: bytes[start + 8]! * 256 + bytes[start + 9]!,
    flags: bytes[start + 10]! * 256 + bytes[start + 11]!,
    ciaddr: readIpv4(bytes, start + 12),
    yiaddr: readIpv4(bytes, start + 16),
    siaddr: readIpv4(bytes, start + 20),
    giaddr: readIpv4(bytes, start + 24),
    hwAddress: octetsFromBytes(bytes, start + 28, start + 28 + length),
    options,
  }
}

function readOptions(bytes: Uint8Array, at: number, end: number): Map<number, Octets> | undefined {
  const options = new Map<number, Octets>()
  while (at < end && bytes[at] !== 255) {
    const code = bytes[at]!
    if (code === 0) {
      at++
      continue
    }
    const from = at + 2
    const to = from + (bytes[at + 1] ?? 0)
    if (to > end) return undefined
    options.set(code, (options.get(code) ?? '') + octetsFromBytes(bytes, from, to))
    at = to
  }
  return options
}

/** A four-byte value (an address or a time in seconds) of an option, or undefined. */
export function optionUint32(packet: Packet4, code: number): number | undefined {
  const value = packet.options.get(code)
  if (value === undefined || value.length !== 4) return undefined
  return octetsUint32(value)
}

function octetsUint32(value: Octets): number {
  let number = 0
  for (let at = 0; at < 4; at++) number = number * 256 + value.charCodeAt(at)
  return number
}

/** Four bytes in network order as octets. */
export function octetsFromUint32(value: number): Octets {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

/** One line for a trace: `REQUEST 02:00:00:00:00:01 xid 1a2b ciaddr 192.0.2.7`. */
export function describe(bytes: Uint8Array): string {
  const packet = packetFromBytes(bytes)
  if (packet === undefined) return `${bytes.length} bytes`
  const parts = [NAMES[packet.options.get(53)?.charCodeAt(0) ?? 0] ?? '?']
  parts.push(hexFromOctets(packet.hwAddress, ':'), `xid ${packet.xid.toString(16)}`)
  for (const field of ['ciaddr', 'yiaddr', 'giaddr'] as const)
    if (packet[field] !== 0) parts.push(`${field} ${textFromIpv4(packet[field])}`)
  const requested = optionUint32(packet, 50)
  if (requested !== undefined) parts.push(`requested ${textFromIpv4(requested)}`)
  const lifetime = optionUint32(packet, 51)
  if (lifetime !== undefined) parts.push(`lifetime ${lifetime}`)
  return parts.join(' ')
}
