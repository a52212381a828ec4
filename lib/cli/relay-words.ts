// What a relay said of a client, as a lease keeps it, in words for a terminal.

import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import { relaySubOptionsOf } from '../leases/relay-info.ts'

/** By the numbers of the sub-options (RFC 3046, RFC 6925, RFC 3993). */
const NAMES = new Map([
  [1, 'circuit-id'],
  [2, 'remote-id'],
  [6, 'subscriber-id'],
  [12, 'relay-id'],
])

/** `circuit-id=eth0/1 remote-id=00:1b:…`; '' where nothing is kept. */
export function relayWords(userContext: string): string {
  const octets = relaySubOptionsOf(userContext)
  const words: string[] = []
  for (let at = 0; at + 2 <= octets.length; ) {
    const end = at + 2 + octets.charCodeAt(at + 1)
    const name = NAMES.get(octets.charCodeAt(at))
    if (name !== undefined && end <= octets.length)
      words.push(`${name}=${textOf(octets.slice(at + 2, end))}`)
    at = end
  }
  return words.join(' ')
}

/** Relays name ports in text or in numbers. */
function textOf(octets: Octets): string {
  return /^[!-~]+$/.test(octets) ? octets : hexFromOctets(octets, ':')
}
