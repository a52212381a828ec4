// Whether what ends a lease comes from where the lease does (`verify-source`): whoever knows the
// DUID of a host could end its leases, and DUIDs are no secret. What either side does not tell
// cannot differ.

import type { Lease6 } from '../leases/lease.ts'
import { relayOptionsOf } from '../leases/relay-info6.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { optionsInOctets6 } from '../wire/v6/octets6.ts'
import type { Exchange6 } from './exchange6.ts'
import { identityWith } from './hardware6.ts'

/** What tells ports of a relay apart. */
const OF_PORT: readonly number[] = [OPTION6.interfaceId, OPTION6.remoteId]

export function isFromElsewhere(exchange: Exchange6, row: Lease6): boolean {
  if (!exchange.plan.verifiesSource) return false
  const { hwAddress } = identityWith(exchange.hardware, row.clientId)
  if (hwAddress !== '' && row.hwAddress !== '' && hwAddress !== row.hwAddress) return true
  const kept = optionsInOctets6(relayOptionsOf(row.userContext)) ?? []
  const relay = exchange.query.relays.at(-1)
  return kept.some(([code, value]) => OF_PORT.includes(code) && relay?.option(code) !== value)
}
