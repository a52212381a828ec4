// By which place of the client a key is judged: see places.ts of DHCPv4.

import { isInside, type Prefix6 } from '../address/prefix6.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { type IaKind, OPTION6 } from '../wire/v6/codes.ts'
import type { Claim6 } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Place6, Places6 } from './place6.ts'
import { isItsReserved } from './whose-key.ts'

/**
 * Where the key is reserved for the client, else where it is in a pool (of several: where the IA
 * has it), else whose prefix holds it, else the selected one.
 */
export function placeOf(exchange: Exchange6, places: Places6, claim: Claim6, key: Prefix6): Place6 {
  return places.length === 1 ? places[0]! : placeAmong(exchange, places, claim, key)
}

function placeAmong(
  { classes }: Exchange6,
  places: Places6,
  { kind, rows }: Claim6,
  key: Prefix6,
): Place6 {
  for (const place of places) if (isItsReserved(place, kind, key)) return place
  let pooled: Place6 | undefined
  for (const place of places) {
    if (!place.subnet.isDynamic(key, classes)) continue
    if (rows.some(({ place: own, row }) => own === place && row.address === key)) return place
    pooled ??= place
  }
  if (pooled !== undefined) return pooled
  for (const place of places) if (isOnLink(place.subnet, kind, key)) return place
  return places[0]!
}

/** Of an address whether it is in the subnet; no link has prefixes of its own to delegate. */
export function isOnLink({ prefix }: Subnet6, kind: IaKind, key: Prefix6): boolean {
  return kind === OPTION6.iaNa && isInside(key, prefix)
}
