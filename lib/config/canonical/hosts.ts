// Reservations as Kea shows them: identifiers in one notation, and all that a reservation could
// say.

import { hexFromOctets } from '../../bytes/octets.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import { identifierFromText } from '../compile/reservation-identity.ts'
import type { Members } from '../text/map.ts'
import { filled, type Special } from './level.ts'
import { type Draft, mapsOf } from './members.ts'
import { shownOptions } from './option-entries.ts'

export function shownReservation(reservation: Members, registry: OptionRegistry): Draft {
  const level = registry.table.traits.family === 6 ? 'reservation6' : 'reservation'
  const special: Special = (key, value) => {
    if (key === 'option-data') return shownOptions(value, registry)
    if (key === 'identifiers') return mapsOf(value).map(shownIdentity)
    return undefined
  }
  const shown = { ...filled(level, reservation, special), ...shownIdentity(reservation) }
  shown['client-classes'] ??= []
  shown['option-data'] ??= []
  if (registry.table.traits.family === 6 && isUnsaid(reservation['excluded-prefixes']))
    delete shown['excluded-prefixes']
  return shown
}

function isUnsaid(prefixes: unknown): boolean {
  return prefixes === undefined || (Array.isArray(prefixes) && prefixes.length === 0)
}

/** Kea's notations: with colons what is an address, else digits alone. */
const SEPARATED: ReadonlySet<string> = new Set(['hw-address', 'duid'])
const BARE: ReadonlySet<string> = new Set(['client-id', 'circuit-id', 'flex-id'])

/** The identifiers among the members. */
function shownIdentity(members: Members): Draft {
  const shown: Draft = {}
  for (const [kind, text] of Object.entries(members)) {
    const isBare = BARE.has(kind)
    if ((!isBare && !SEPARATED.has(kind)) || typeof text !== 'string') continue
    const octets = identifierFromText(text)
    if (octets === undefined) shown[kind] = text
    else shown[kind] = isBare ? hexFromOctets(octets).toUpperCase() : hexFromOctets(octets, ':')
  }
  return shown
}
