// Words of scripts and legal logs that both families have.

import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import { LEASE_STATE, type LeaseState } from '../../leases/lease.ts'
import { INFINITE_LIFETIME, type Seconds } from '../../time/units.ts'
import type { NoticeKind } from './notice.ts'

/** What a legal log says of a lease; of other changes it says nothing. */
export const LEGAL_WORDS: Partial<Record<NoticeKind, 'assigned' | 'released'>> = {
  granted: 'assigned',
  renewed: 'assigned',
  released: 'released',
  superseded: 'released',
  declined: 'released',
}

export function durationText(lifetime: Seconds): string {
  if (lifetime === INFINITE_LIFETIME) return 'infinite duration'
  const days = Math.floor(lifetime / 86_400)
  const hours = Math.floor(lifetime / 3600) % 24
  const minutes = Math.floor(lifetime / 60) % 60
  const rest = `${hours} hrs ${minutes} mins ${lifetime % 60} secs`
  return days === 0 ? rest : `${days} days ${rest}`
}

/** `remote-id: … and subscriber-id: …`; '' where nothing is known. */
export function idsText(ids: readonly (readonly [name: string, id: Octets | undefined])[]): string {
  const known = ids.flatMap(([name, id]) => (id ? [`${name}: ${shownText(id)}`] : []))
  return known.length === 0 ? '' : `, identified by ${known.join(' and ')}`
}

export function contextText({ userContext }: { readonly userContext: string }): string {
  return userContext === '' ? '' : `, context: ${userContext}`
}

/** In hexadecimal, and as text where all of it is. */
export function shownText(data: Octets): string {
  const hex = hexFromOctets(data, ':')
  return /^[\x20-\x7e]+$/.test(data) ? `${hex} (${data})` : hex
}

/** States of leases, to scripts. */
export const STATES: Record<LeaseState, string> = {
  [LEASE_STATE.assigned]: 'default',
  [LEASE_STATE.declined]: 'declined',
  [LEASE_STATE.expired]: 'expired-reclaimed',
  [LEASE_STATE.released]: 'released',
  [LEASE_STATE.free]: 'expired-reclaimed',
  [LEASE_STATE.registered]: 'registered',
}
