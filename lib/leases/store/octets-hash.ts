// Hashes of identifiers, alike for octets in a string and for the same octets in a byte array.
// Seeded, so that clients cannot choose identifiers that all fall into one chain.

import type { Octets } from '../../bytes/octets.ts'

const FNV_PRIME = 0x01000193

export function hashOctets(octets: Octets, seed: number): number {
  let hash = seed
  for (let at = 0; at < octets.length; at++)
    hash = Math.imul(hash ^ octets.charCodeAt(at), FNV_PRIME)
  return scramble(hash)
}

/** The hash of bytes `start` to `end`. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME)
  return scramble(hash)
}

/** Spreads every bit over the whole word (the last step of MurmurHash3). */
export function scramble(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
