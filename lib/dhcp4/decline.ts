// DECLINE: the client found that somebody else uses the address (RFC 2131 §4.3.3). It goes into
// quarantine, without the client's data, and nothing is answered.

import { isLive } from '../leases/holding.ts'
import { decline as declinedLease } from '../leases/lifecycle.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Exchange4 } from './exchange4.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { rowOfHolder } from './whose-address.ts'

export function decline(exchange: Exchange4): Outcome4 {
  const { now, query, plan, settings } = exchange
  const address = query.uint(OPTION4.requestedAddress) ?? 0
  if (address === 0) return drop('no-address-named')
  const row = rowOfHolder(exchange, address)
  if (row === undefined) return drop('not-owner')
  if (!isLive(row, now)) return drop('already-ended')
  if (row.givenBy !== 'us') return drop('given-by-partner')
  const lease = declinedLease(row, now, plan.declineProbation, settings.nextChange())
  return {
    kind: 'changes',
    changes: [{ kind: 'put', lease }],
    action: 'declined',
    former: row,
  }
}
