// What happens, by the names and as the plain values that programs are told.

import { hexFromOctets } from '../../bytes/octets.ts'
import { EVENT_NAMES, type EventName } from '../../catalogue/event-names.ts'
import type { Key } from '../../leases/keys/key.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import type { Lease, LeaseAction } from '../../leases/lease.ts'
import type { ConfigChange } from '../../server/configuration/running-configuration.ts'
import type { ServerEvent } from '../../server/events.ts'
import type { Server } from '../../server/server.ts'
import { shownLease } from '../api/shown-lease.ts'
import { momentOf } from '../commands/lease/lists.ts'

/** What those who follow are told of; messages without an answer are counted instead. */
export type ControlEvent =
  | Exclude<ServerEvent, { readonly kind: 'drop' }>
  | ({ readonly kind: 'config' } & Pick<ConfigChange, 'version' | 'by'>)
  | { readonly kind: 'client'; readonly lease: Lease<Key> }
  | ({ readonly kind: 'pool' } & PoolLevel)

/** How much of a subnet is left. */
export interface PoolLevel {
  readonly isLow: boolean
  readonly family: 4 | 6
  readonly subnet: string
  readonly 'subnet-id': number
  readonly of: 'addresses' | 'prefixes'
  readonly free: number
  readonly size: number
}

const LEASE_NAMES = {
  granted: 'lease.assigned',
  renewed: 'lease.renewed',
  released: 'lease.released',
  superseded: 'lease.superseded',
  declined: 'lease.declined',
  occupied: 'lease.occupied',
  expired: 'lease.expired',
  added: 'lease.added',
  amended: 'lease.amended',
  deleted: 'lease.deleted',
} as const satisfies Record<LeaseAction, EventName>

const OTHER_NAMES = {
  state: 'server.state',
  'ha-state': 'ha.state',
  conflict: 'conflict',
  'name-conflict': 'name.conflict',
  'other-server': 'other-server',
  config: 'config.applied',
  client: 'client.new',
} as const satisfies Record<Exclude<ControlEvent['kind'], 'lease' | 'partner' | 'pool'>, EventName>

/** Each lease has one again and again: told only to who asks for it by this name. */
export const RENEWED: EventName = LEASE_NAMES.renewed

export function nameOfAction(action: LeaseAction): EventName {
  return LEASE_NAMES[action]
}

export function nameOfEvent(event: ControlEvent): EventName {
  if (event.kind === 'lease') return nameOfAction(event.action)
  if (event.kind === 'partner') return event.isConnected ? 'partner.met' : 'partner.lost'
  if (event.kind === 'pool') return event.isLow ? 'pool.low' : 'pool.recovered'
  return OTHER_NAMES[event.kind]
}

/** Names as they are asked for; `lease` stands for all of leases but renewals. */
export function namesAsked(words: readonly string[]): ReadonlySet<EventName> | string {
  const names = new Set<EventName>()
  for (const word of words) {
    const found = EVENT_NAMES.filter(
      (name) => name === word || (name !== RENEWED && name.startsWith(`${word}.`)),
    )
    if (found.length === 0) return word
    for (const name of found) names.add(name)
  }
  return names
}

/** All but renewals. */
export const USUAL_NAMES: ReadonlySet<EventName> = new Set(
  EVENT_NAMES.filter((name) => name !== RENEWED),
)

/** Without its name and time; times in seconds since 1970, as everywhere in the API. */
export function valueOfEvent(event: ControlEvent, server: Server): object {
  switch (event.kind) {
    case 'lease':
    case 'client':
      return { lease: shownLease(event.lease, momentOf(server)) }
    case 'conflict': {
      const { family, address, here, there, kept } = event
      const moment = momentOf(server)
      const rows = { here, there, kept }
      const told = Object.entries(rows).map(([name, row]) => [name, shownLease(row, moment)])
      return { family, address: textFromKey(address), ...Object.fromEntries(told) }
    }
    case 'config': {
      const { version, by } = event
      return { version, by: typeof by === 'string' ? { kind: by } : { kind: 'command', ...by } }
    }
    case 'name-conflict': {
      const { address, dhcid, family, holder, name } = event
      const hex = { dhcid: hexFromOctets(dhcid), holder: hexFromOctets(holder) }
      return { family, address: textFromKey(address), name, ...hex }
    }
    case 'pool': {
      const { kind: _, isLow: __, ...rest } = event
      return rest
    }
    case 'partner':
      return { partner: event.partner, why: event.why }
    default: {
      const { kind: _, ...rest } = event
      return rest
    }
  }
}
