// Whether the address of an OFFER is asked for on the wire first: somebody may have it whom no
// lease tells of. The query waits meanwhile, and the address is held for its client by an offer; it
// is stepped again with what was found, and everything is judged anew.

import type { AddressCheckPlan } from '../config/plan/plan4.ts'
import { isHeldBy } from '../leases/holding.ts'
import type { Millis } from '../time/units.ts'
import type { Choice } from './allocate.ts'
import { CANDIDATES_MAX } from './checked.ts'
import type { Exchange4 } from './exchange4.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { reservedAddress } from './whose-address.ts'

/**
 * How the address is to be asked for; undefined: it is not. What is reserved is the operator's
 * word, and what the client has or had moments ago it may itself answer for.
 */
export function checkOf(
  exchange: Exchange4,
  { place, address }: Choice,
): AddressCheckPlan | undefined {
  const { addressCheck } = place.subnet
  if (addressCheck === undefined) return undefined
  const { checked, leases, now } = exchange
  if (checked !== undefined && (checked.isWaived || checked.free === address)) return undefined
  if (reservedAddress(place) === address) return undefined
  const row = exchange.rowAt(address)
  if (row === undefined || !isHeldBy(leases, row, place.client)) return addressCheck
  const isRecent = now < row.start + addressCheck.recent * 1000
  return isRecent || !leases.isOver(row, now) ? undefined : addressCheck
}

/**
 * The address is asked for, and held as if it were offered then: of those that are taken from
 * others where nothing else is left, it would be the first one if it were held for less.
 */
export function checkFirst(
  { checked, leases, now }: Exchange4,
  { place, address }: Choice,
  check: AddressCheckPlan,
  offerHold: Millis,
): Outcome4 {
  const { client, subnet } = place
  if (checked !== undefined && checked.count >= CANDIDATES_MAX) return drop('addresses-in-use')
  const hold = check.requests * check.replyWait + offerHold
  leases.offer(address, client, subnet.id, now + hold)
  return { kind: 'check', address, client, subnetId: subnet.id, check }
}
