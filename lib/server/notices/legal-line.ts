// A line of the legal log: who has an address, or has it no more, and how the client is connected.
// The words are those of Kea.

import { textFromIpv4 } from '../../address/ipv4.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { Lease } from '../../leases/lease.ts'
import { INFINITE_LIFETIME, type Seconds } from '../../time/units.ts'
import type { Notice4, NoticeKind, QueryNotice4 } from './notice.ts'

const WORDS: Partial<Record<NoticeKind, 'assigned' | 'released'>> = {
  granted: 'assigned',
  renewed: 'assigned',
  released: 'released',
  superseded: 'released',
  declined: 'released',
}

/** Without the time; undefined where nothing is logged. */
export function legalLine(notice: Notice4): string | undefined {
  const { former, kind, lease, query } = notice
  const word = WORDS[kind]
  if (word === undefined) return undefined
  const address = textFromIpv4(lease.address)
  if (word === 'released') {
    const holder = former ?? lease
    return `Address: ${address} has been released from a device with ${deviceOf(holder)}${placeOf(query)}${contextOf(holder)}`
  }
  const duration = durationOf(lease.validLifetime)
  return `Address: ${address} has been assigned for ${duration} to a device with ${deviceOf(lease)}${placeOf(query)}${contextOf(lease)}`
}

function durationOf(lifetime: Seconds): string {
  if (lifetime === INFINITE_LIFETIME) return 'infinite duration'
  const days = Math.floor(lifetime / 86_400)
  const hours = Math.floor(lifetime / 3600) % 24
  const minutes = Math.floor(lifetime / 60) % 60
  const rest = `${hours} hrs ${minutes} mins ${lifetime % 60} secs`
  return days === 0 ? rest : `${days} days ${rest}`
}

function deviceOf({ clientId, htype, hwAddress }: Lease): string {
  const device = `hardware address: hwtype=${htype} ${hexFromOctets(hwAddress, ':')}`
  return clientId === '' ? device : `${device}, client-id: ${shown(clientId)}`
}

function placeOf(query: QueryNotice4 | undefined): string {
  if (query === undefined || query.giaddr === 0) return ''
  const { circuitId, giaddr, remoteId, subscriberId } = query
  const ids = [
    ['circuit-id', circuitId],
    ['remote-id', remoteId],
    ['subscriber-id', subscriberId],
  ] as const
  const known = ids.flatMap(([name, id]) => (id ? [`${name}: ${shown(id)}`] : []))
  const identified = known.length === 0 ? '' : `, identified by ${known.join(' and ')}`
  return ` connected via relay at address: ${textFromIpv4(giaddr)}${identified}`
}

function contextOf({ userContext }: Lease): string {
  return userContext === '' ? '' : `, context: ${userContext}`
}

/** In hexadecimal, and as text where all of it is. */
function shown(data: Octets): string {
  const hex = hexFromOctets(data, ':')
  return /^[\x20-\x7e]+$/.test(data) ? `${hex} (${data})` : hex
}
