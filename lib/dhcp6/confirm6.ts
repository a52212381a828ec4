// CONFIRM: a client that may have moved asks whether its addresses fit the link that it is on now
// (RFC 9915 §18.3.3). Leases play no part: only the link is judged.
//
//   no address is named in an IA_NA               silence
//   it is not known which link this is            silence: another server may know
//   each is in a subnet of the link               Success
//   one is not                                    NotOnLink, and the client begins anew

import { isInside, type Prefix6 } from '../address/prefix6.ts'
import { CLASS } from '../classify/class-set.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { OPTION6, STATUS6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'
import { placesOf } from './find-places6.ts'
import { locateSubnet } from './locate6.ts'
import { drop, type Outcome6 } from './outcome6.ts'
import { replyAboutLink } from './reply6.ts'

export function confirm(exchange: Exchange6): Outcome6 {
  const addresses = addressesOf(exchange)
  if (addresses.length === 0) return drop('no-address-named')
  const located = locateSubnet(exchange)
  if (located === undefined) return drop('no-subnet')
  const places = placesOf(exchange, located)
  if (exchange.program !== undefined && exchange.classes.has(CLASS.drop))
    return drop('dropped-by-class')
  if (addresses.every((address) => fits(address, located)))
    return replyAboutLink(exchange, places, { status: STATUS6.success, text: 'on this link' })
  // The partner may know more subnets of the link.
  const { isPartnerConfigKnown } = exchange.settings
  if (isPartnerConfigKnown !== undefined && !isPartnerConfigKnown()) return drop('link-in-doubt')
  return replyAboutLink(exchange, places, { status: STATUS6.notOnLink, text: 'not on this link' })
}

function addressesOf({ query }: Exchange6): readonly Prefix6[] {
  return query.ias
    .filter(({ kind }) => kind === OPTION6.iaNa)
    .flatMap(({ entries }) => entries.map(({ key }) => key))
}

/** Guards of subnets do not count: they say who gets an address there, not what the link is. */
function fits(address: Prefix6, located: Subnet6): boolean {
  const subnets = located.network?.subnets ?? [located]
  return subnets.some(({ prefix }) => isInside(address, prefix))
}
