// A line of the legal log: who has an address, or has it no more, and how the client is connected.
// The words are those of Kea.

import { textFromIpv4 } from '../../address/ipv4.ts'
import { hexFromOctets } from '../../bytes/octets.ts'
import type { Lease } from '../../leases/lease.ts'
import type { Notice4, QueryNotice4 } from './notice.ts'
import { contextText, durationText, idsText, LEGAL_WORDS, shownText } from './words.ts'

/** Without the time, by expressions of several lines; undefined where nothing is logged. */
export function legalLine(notice: Notice4): string | undefined {
  const { former, kind, lease, query, text } = notice
  const word = LEGAL_WORDS[kind]
  if (word === undefined) return undefined
  if (text !== undefined) return text
  const address = textFromIpv4(lease.address)
  if (word === 'released') {
    const holder = former ?? lease
    return `Address: ${address} has been released from a device with ${deviceOf(holder)}${placeOf(query)}${contextText(holder)}`
  }
  const duration = durationText(lease.validLifetime)
  return `Address: ${address} has been assigned for ${duration} to a device with ${deviceOf(lease)}${placeOf(query)}${contextText(lease)}`
}

function deviceOf({ clientId, htype, hwAddress }: Lease): string {
  const device = `hardware address: hwtype=${htype} ${hexFromOctets(hwAddress, ':')}`
  return clientId === '' ? device : `${device}, client-id: ${shownText(clientId)}`
}

function placeOf(query: QueryNotice4 | undefined): string {
  if (query === undefined || query.giaddr === 0) return ''
  const { circuitId, giaddr, remoteId, subscriberId } = query
  const identified = idsText([
    ['circuit-id', circuitId],
    ['remote-id', remoteId],
    ['subscriber-id', subscriberId],
  ])
  return ` connected via relay at address: ${textFromIpv4(giaddr)}${identified}`
}
