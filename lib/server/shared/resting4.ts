// What an outcome of DHCPv4 rests on, where other servers write the leases, too: see
// shared-queries.ts.

import type { Outcome4 } from '../../dhcp4/outcome4.ts'
import { requestStateOf } from '../../dhcp4/request-state.ts'
import type { Confirmation } from '../../ports/shared-journal.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import { MESSAGE_TYPE4, type Query4 } from '../../wire/v4/message.ts'
import { type Resting, STORED, TOLD } from './shared-queries.ts'

export function resting4(
  outcome: Exclude<Outcome4, { kind: 'wait' | 'check' | 'look-up' }>,
  query: Query4,
): Resting | undefined {
  if (outcome.kind !== 'drop' && outcome.changes.length > 0) return STORED
  // Silence may be because the lease is not known.
  const isRefusal =
    outcome.kind === 'drop'
      ? outcome.reason === 'unknown-client'
      : outcome.kind === 'reply' && outcome.type === MESSAGE_TYPE4.nak
  if (isRefusal) return { isStored: false, refused: askedOf(query) }
  return outcome.kind === 'reply' ? TOLD : undefined
}

function askedOf(query: Query4): Confirmation {
  const named = [query.ciaddr, query.uint(OPTION4.requestedAddress) ?? 0]
  return {
    keys: named.filter((address) => address !== 0),
    clientId: query.octets(OPTION4.clientIdentifier) ?? '',
    hwAddress: query.hwAddress,
  }
}

/** RENEWING and REBINDING: who has a lease, and may be told what is left of it. */
export function isRenewal4(query: Query4): boolean {
  return query.type === MESSAGE_TYPE4.request && requestStateOf(query) === 'renewing'
}
