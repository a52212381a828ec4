// What relays say of clients, remembered with their leases at every write (`store-extended-info`).

import { withLimitedClasses } from '../dhcp/class-limits.ts'
import { mergedContext } from '../dhcp/steps.ts'
import { withFormerHolders } from '../leases/former-holders.ts'
import type { Lease6 } from '../leases/lease.ts'
import type { Exchange6 } from './exchange6.ts'
import { withRelays } from './kept-relay.ts'
import type { Place6 } from './place6.ts'
import { withOwnKey } from './reconfigure6.ts'

/**
 * The user context of a lease that is given now. What was said before stays where nothing is said;
 * who else may have the key is noted anew with each version.
 */
export function contextFor(exchange: Exchange6, place: Place6, former: Lease6 | undefined): string {
  const context = contextOf(exchange, place, former)
  const limited = withLimitedClasses(exchange, withOwnKey(exchange, place.subnet, context))
  const { noted, steps } = exchange
  if (noted === '') return limited
  return mergedContext(limited, noted) ?? steps!.wrong('that is no user-context for a lease')
}

function contextOf(
  { now, query }: Exchange6,
  { subnet }: Place6,
  former: Lease6 | undefined,
): string {
  const { relays } = query
  const kept = former?.userContext ?? ''
  const aged = kept === '' ? '' : withFormerHolders(kept, former!, former!, now)
  return subnet.leasing.keepsRelayInfo ? withRelays(aged, relays) : aged
}
