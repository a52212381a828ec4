// RELEASE: the client gives its address back (RFC 2131 §4.3.4). Nothing is answered. Only the
// holder can end a lease, and only the lease that it has now.

import { formerHolders } from '../leases/former-holders.ts'
import { RELEASE_GUARD_MS } from '../leases/grace.ts'
import { isLive } from '../leases/holding.ts'
import { release as releasedLease } from '../leases/lifecycle.ts'
import type { Exchange4 } from './exchange4.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { rowOfHolder } from './whose-address.ts'

export function release(exchange: Exchange4): Outcome4 {
  const { leases, now, query, settings } = exchange
  if (query.ciaddr === 0) return drop('no-address-named')
  const row = rowOfHolder(exchange, query.ciaddr)
  if (row === undefined) return drop('not-owner')
  if (!isLive(row, now)) return drop('already-ended')
  // The partner acknowledged since: the message may be older than that, and was not meant for this
  // server.
  if (row.givenBy !== 'us') return drop('given-by-partner')
  // A RELEASE so soon after an ACK may be older than the ACK, if the client held the address
  // before.
  if (!row.fresh && now - row.start < RELEASE_GUARD_MS) return drop('release-too-soon')
  if (leases.reuses.isRecent(row.address, now)) return drop('release-too-soon')
  // Another identifier of its host had the address, and may use it yet.
  if (formerHolders(row, now).length > 0) return drop('kept-for-host')
  const lease = releasedLease(row, now, settings.nextChange())
  return {
    kind: 'changes',
    changes: [{ kind: 'put', lease }],
    action: 'released',
    former: row,
  }
}
