// Whether no more messages are taken for now: of a class of the client, or in its subnet.

import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'
import { locateSubnet } from './locate6.ts'

/** What ends leases, and what asks about the link alone, costs little and is always taken. */
const ALWAYS_TAKEN: readonly number[] = [
  MESSAGE_TYPE6.confirm,
  MESSAGE_TYPE6.release,
  MESSAGE_TYPE6.decline,
]

export function isOverRate(exchange: Exchange6): boolean {
  const { now, query, rateLimits } = exchange
  if (!rateLimits!.takesOf(exchange)) return true
  if (!rateLimits!.knowsSubnets || ALWAYS_TAKEN.includes(query.type)) return false
  const subnet = locateSubnet(exchange)
  return subnet !== undefined && !rateLimits!.takesIn(subnet, now)
}
