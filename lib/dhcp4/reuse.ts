// A client that asks again soon after it got its lease may keep it as it is: it is told what is
// left, and nothing is written (Kea: cache-threshold, cache-max-age). Nothing new is promised, so
// there is nothing to store; what was promised must be durable already, here and wherever it must
// be.
//
// In a pair only a lease that nobody else can extend or end is reused, one of which both keys are
// here: a RELEASE that the partner takes ends a lease unless something happened to it here since,
// and a reuse leaves no trace (rule 5f).

import type { Subnet4 } from '../config/plan/plan4.ts'
import { leftToBridge } from '../dhcp/bridge.ts'
import { isLive, toldLeft } from '../leases/holding.ts'
import type { Lease } from '../leases/lease.ts'
import type { GrantTerms } from '../leases/lifecycle.ts'
import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'

/**
 * Seconds that are left of the client's lease, where it would be written anew on these terms and
 * need not be; 0 = it must.
 */
export function leftToReuse(
  exchange: Exchange4,
  { leasing: { reuse } }: Subnet4,
  row: Lease | undefined,
  terms: GrantTerms,
): Seconds {
  const { settings } = exchange
  if (settings.isBridging?.()) return leftToBridge(row, exchange.now, settings.isSettled)
  if (reuse === undefined || row === undefined || !isLive(row, exchange.now)) return 0
  const { now } = exchange
  const { validLifetime } = row
  const age = Math.floor((now - row.start) / 1000)
  if (!isUnchanged(row, terms) || age < 0 || !isSafe(exchange, row)) return 0
  if (validLifetime === INFINITE_LIFETIME) return INFINITE_LIFETIME
  if (age > reuse.maxAge || age > Math.floor(validLifetime * reuse.threshold)) return 0
  return toldLeft(row, now)
}

function isUnchanged(row: Lease, terms: GrantTerms): boolean {
  const { client } = terms
  return (
    row.validLifetime === terms.validLifetime &&
    row.subnetId === terms.subnetId &&
    row.poolId === terms.poolId &&
    row.htype === client.htype &&
    row.hwAddress === client.hwAddress &&
    row.clientId === client.clientId &&
    row.hostname === terms.hostname &&
    row.fqdnFwd === terms.fqdnFwd &&
    row.fqdnRev === terms.fqdnRev &&
    row.userContext === terms.userContext
  )
}

/** Whether the lease is what this server alone has promised, and safe wherever it must be. */
function isSafe({ leases, settings, now }: Exchange4, row: Lease): boolean {
  if (row.givenBy !== 'us' || now < leases.rights.doubtUntil) return false
  if (leases.keysOf(row.address, row) < 2) return false
  return settings.isSettled === undefined || settings.isSettled(row.change)
}
