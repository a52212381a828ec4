// Unsigned numbers in network order (big-endian), in bytes and in octets. Who calls guarantees that
// the bytes are there.

import type { Octets } from './octets.ts'

export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  )
}

/** Returns the position behind it. */
export function writeUint16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 8
  bytes[at + 1] = value & 255
  return at + 2
}

/** Returns the position behind it. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24
  bytes[at + 1] = (value >>> 16) & 255
  bytes[at + 2] = (value >>> 8) & 255
  bytes[at + 3] = value & 255
  return at + 4
}

/** Reads `size` octets. */
export function uintFromOctets(octets: Octets, at: number, size: number): number {
  let value = 0
  for (let index = at; index < at + size; index++) value = value * 256 + octets.charCodeAt(index)
  return value
}

/** The number in `size` octets. */
export function octetsFromUint(value: number, size: number): Octets {
  let octets = ''
  for (let shift = 8 * (size - 1); shift >= 0; shift -= 8)
    octets += String.fromCharCode(Math.floor(value / 2 ** shift) & 255)
  return octets
}
