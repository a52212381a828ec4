// The same of DHCPv6: see resting4.ts.

import type { Outcome6, ReplyOutcome6 } from '../../dhcp6/outcome6.ts'
import { MESSAGE_TYPE6, STATUS6 } from '../../wire/v6/codes.ts'
import type { Query6 } from '../../wire/v6/message.ts'
import { type Resting, STORED, TOLD } from './shared-queries.ts'

/** Clients that are refused something in answer to these lose a lease by that. */
const ABOUT_LEASES: ReadonlySet<number> = new Set([
  MESSAGE_TYPE6.request,
  MESSAGE_TYPE6.renew,
  MESSAGE_TYPE6.rebind,
])

export function resting6(outcome: Outcome6, query: Query6): Resting | undefined {
  if (outcome.kind === 'drop') return undefined
  const isStored = outcome.changes.length > 0
  if (!ABOUT_LEASES.has(query.type) || !refuses(outcome, query)) return isStored ? STORED : TOLD
  const keys = query.ias.flatMap(({ entries }) => entries.map(({ key }) => key))
  return { isStored, refused: { keys, duid: query.clientId } }
}

/** Whether an IA gets nothing, or is to give something up. */
function refuses({ ias }: ReplyOutcome6, query: Query6): boolean {
  if (ias.length < query.ias.length) return true
  return ias.some(
    ({ status, entries }) => status !== STATUS6.success || entries.some(({ valid }) => valid === 0),
  )
}

export function isRenewal6({ type }: Query6): boolean {
  return type === MESSAGE_TYPE6.renew || type === MESSAGE_TYPE6.rebind
}
