// What `whio explain FILE` is asked to explain.

import { bytesFromOctets, octetsFromHex } from '../bytes/octets.ts'
import { printable } from './printable.ts'
import { type ConfigFile, UsageError } from './usage.ts'

export interface Wish {
  readonly config: ConfigFile
  readonly form: 'client' | 'packet' | 'pcap'
  readonly text: string
  /** Of the message in a capture, from 1. */
  readonly number: number
  readonly interface: string
  readonly leases: boolean
  readonly json: boolean
}

/** Why nothing can be explained. */
export class Refused extends Error {}

/** Of --packet. */
export function packetBytes({ text }: Wish): Uint8Array {
  const octets = octetsFromHex(text.replace(/^0x/i, '').replace(/\s+/g, ''))
  if (octets === undefined) throw new UsageError('--packet: the bytes of UDP in hexadecimal')
  return bytesFromOctets(octets)
}

/** Texts of strangers without control characters. */
export function shown<Told>(explained: Told): Told {
  const clean = (_: string, value: unknown) =>
    typeof value === 'string' ? printable(value) : value
  return JSON.parse(JSON.stringify(explained), clean)
}
