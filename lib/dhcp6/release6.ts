// RELEASE: the client gives addresses and prefixes back (RFC 9915 §18.3.7). Only the holder can end
// a lease, and only the lease that it has now; what is not believed runs out by itself. The client
// is answered whatever becomes of them: it has given them up.

import type { Prefix6 } from '../address/prefix6.ts'
import { formerHolders } from '../leases/former-holders.ts'
import { RELEASE_GUARD_MS } from '../leases/grace.ts'
import { isLive } from '../leases/holding.ts'
import type { Lease6 } from '../leases/lease.ts'
import { release as releasedLease } from '../leases/lifecycle.ts'
import { STATUS6 } from '../wire/v6/codes.ts'
import type { Ia6 } from '../wire/v6/message.ts'
import { noBindingIn } from './bind6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Done6, Kept6, Outcome6 } from './outcome6.ts'
import { replyWithStatus } from './reply6.ts'
import { isFromElsewhere } from './verified-source.ts'

export function release(exchange: Exchange6): Outcome6 {
  return endEach(exchange, exchange.query.ias, (row) => releaseOf(exchange, row))
}

function releaseOf(exchange: Exchange6, row: Lease6): Done6 | Kept6['why'] {
  const why = disbeliefIn(exchange, row)
  if (why !== undefined) return why
  const { now, settings } = exchange
  const lease = releasedLease(row, now, settings.nextChange())
  return { change: { kind: 'put', lease }, action: 'released', former: row, ended: undefined }
}

/** See release.ts of DHCPv4. */
function disbeliefIn(exchange: Exchange6, row: Lease6): Kept6['why'] | undefined {
  const { leases, now } = exchange
  if (isFromElsewhere(exchange, row)) return 'from-elsewhere'
  // The partner acknowledged since: the message may be older than that.
  if (row.givenBy !== 'us') return 'given-by-partner'
  // So soon after a REPLY it may be older than that, if the client held the key before.
  if (!row.fresh && now - row.start < RELEASE_GUARD_MS) return 'release-too-soon'
  if (leases.reuses.isRecent(row.address, now)) return 'release-too-soon'
  return formerHolders(row, now).length > 0 ? 'kept-for-host' : undefined
}

/**
 * Ends what each IA names by `end`. RFC 9915 §18.3.7: whatever comes of it the whole is a success,
 * and NoBinding is said of an IA of which nothing was the client's.
 */
export function endEach(
  exchange: Exchange6,
  ias: readonly Ia6[],
  end: (row: Lease6) => Done6 | Kept6['why'],
): Outcome6 {
  const changes: Done6[] = []
  const kept: Kept6[] = []
  const done = new Set<Prefix6>()
  const unknown: Ia6[] = []
  for (const ia of ias) {
    const rows = rowsOfHolder(exchange, ia)
    if (rows.length === 0) unknown.push(ia)
    for (const row of rows) {
      if (done.has(row.address)) continue
      done.add(row.address)
      const ended = end(row)
      if (typeof ended === 'string') kept.push({ key: row.address, why: ended })
      else changes.push(ended)
    }
  }
  return replyWithStatus(exchange, SUCCESS, noBindingIn(unknown), changes, kept)
}

const SUCCESS = { status: STATUS6.success, text: '' }

/** The running leases that the IA has and names, wherever the message came from. */
function rowsOfHolder(exchange: Exchange6, ia: Ia6): readonly Lease6[] {
  const { leases, now } = exchange
  const binding = exchange.bindingOf(ia)
  return ia.entries.flatMap(({ key }) => {
    const row = leases.byAddress(key)
    return row !== undefined && row.clientId === binding && isLive(row, now) ? [row] : []
  })
}
