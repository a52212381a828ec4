// DECLINE: the client found that somebody else uses addresses (RFC 9915 §18.3.8). They go into
// quarantine, without the client's data. Of prefixes it says nothing: nobody finds out about those.

import type { Lease6 } from '../leases/lease.ts'
import { decline as declinedLease } from '../leases/lifecycle.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Done6, Kept6, Outcome6 } from './outcome6.ts'
import { endEach } from './release6.ts'
import { isFromElsewhere } from './verified-source.ts'

export function decline(exchange: Exchange6): Outcome6 {
  const ias = exchange.query.ias.filter(({ kind }) => kind === OPTION6.iaNa)
  return endEach(exchange, ias, (row) => declineOf(exchange, row))
}

function declineOf(exchange: Exchange6, row: Lease6): Done6 | Kept6['why'] {
  const { decliners, now, plan, query, settings } = exchange
  if (isFromElsewhere(exchange, row)) return 'from-elsewhere'
  if (row.givenBy !== 'us') return 'given-by-partner'
  decliners.note(query.clientId, row.subnetId, now)
  const lease = declinedLease(row, now, plan.declineProbation, settings.nextChange())
  return { change: { kind: 'put', lease }, action: 'declined', former: row, ended: undefined }
}
