// Option 116 (RFC 2563): a client that would make an address of its own (169.254/16) where it gets
// none asks whether it may. It is answered, where the configuration has the option for it, by an
// OFFER of no address. Clients take any offer of an address rather than that, so that other servers
// of the link are not in the way; only who answers the client, and knows that nobody has an address
// for it, says so.

import type { Subnet4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { replyWithoutAddress } from './assemble.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Outcome4 } from './outcome4.ts'

type Reasons = ReadonlySet<Extract<Outcome4, { kind: 'drop' }>['reason']>

/** There is no address, or none for this client. Else the partner may have one. */
const FINAL: Reasons = new Set(['no-free-address', 'no-pool', 'address-limit', 'rejected-by-class'])

/** The DISCOVER that is not answered, with what its client is told all the same. */
export function withoutAddress(exchange: Exchange4, subnet: Subnet4, dropped: Outcome4): Outcome4 {
  if (dropped.kind !== 'drop' || !FINAL.has(dropped.reason)) return dropped
  const { classes, query, replyOptions } = exchange
  if (!query.has(OPTION4.autoConfig)) return dropped
  const reservation = exchange.reservationIn(subnet)
  const { values } = replyOptions.valuesFor(subnet.options, classes, reservation)
  const value = values.get(OPTION4.autoConfig)
  if (value === undefined || value.neverSend) return dropped
  return { ...dropped, notice: replyWithoutAddress(exchange, subnet, value.data) }
}
