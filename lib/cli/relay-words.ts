// What a relay said of a client, as a lease keeps it, in words for a terminal.

import { uintFromOctets } from '../bytes/cursor.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import { relaySubOptionsOf } from '../leases/relay-info.ts'
import { relayOptionsOf } from '../leases/relay-info6.ts'

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

/** By the numbers of options (RFC 9915 §21.18, RFC 4649, RFC 4580). */
const NAMES6 = new Map([
  [18, 'interface-id'],
  [37, 'remote-id'],
  [38, 'subscriber-id'],
])

/** Octets in front of a remote-id: who has defined it. */
const ENTERPRISE = 4

/** Of DHCPv6, what the relay nearest the client said. */
export function relayWords6(userContext: string): string {
  const octets = relayOptionsOf(userContext)
  const words: string[] = []
  for (let at = 0; at + 4 <= octets.length; ) {
    const code = uintFromOctets(octets, at, 2)
    const end = at + 4 + uintFromOctets(octets, at + 2, 2)
    const name = NAMES6.get(code)
    const start = at + 4 + (name === 'remote-id' ? ENTERPRISE : 0)
    if (name !== undefined && end <= octets.length)
      words.push(`${name}=${textOf(octets.slice(start, end))}`)
    at = end
  }
  return words.join(' ')
}

/** Relays name ports in text or in numbers. */
function textOf(octets: Octets): string {
  return /^[!-~]+$/.test(octets) ? octets : hexFromOctets(octets, ':')
}
