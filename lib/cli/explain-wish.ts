// What `whio explain FILE` is asked to explain.

import { readFileSync } from 'node:fs'
import { bytesFromOctets, octetsFromHex } from '../bytes/octets.ts'
import { wordsOf } from '../platform/system-error.ts'
import { counted } from './load.ts'
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

/** Of --pcap. */
export function readCapture({ text }: Wish): Uint8Array {
  try {
    return readFileSync(text)
  } catch (error) {
    throw new Refused(`${text} cannot be read: ${wordsOf(error)}`)
  }
}

/** The one that is wished for of the messages of clients in a capture; undefined: it is none. */
export function chosenOf<Captured>(
  { number, text }: Wish,
  ofClients: readonly Captured[] | undefined,
): { readonly found: Captured; readonly words: string } {
  if (ofClients === undefined)
    throw new Refused(`${text} is no capture (pcap or pcapng, as tcpdump -w writes it)`)
  const found = ofClients[number - 1]
  if (found === undefined)
    throw new Refused(
      `${text} has ${counted(ofClients.length, 'DHCP message')} of clients${ofClients.length === 0 ? '' : `, and no number ${number}`}`,
    )
  return { found, words: `message ${number} of ${ofClients.length} from clients in ${text}` }
}

/** Texts of strangers without control characters. */
export function shown<Told>(explained: Told): Told {
  const clean = (_: string, value: unknown) =>
    typeof value === 'string' ? printable(value) : value
  return JSON.parse(JSON.stringify(explained), clean)
}
