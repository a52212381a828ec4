// INFORMATION-REQUEST: a client that needs no leases asks for options (RFC 9915 §18.3.6). It may be
// nobody in particular, and nothing is stored; who may be told to ask again is remembered.

import { CLASS } from '../classify/class-set.ts'
import { settleClasses } from '../dhcp/client-classes.ts'
import type { Exchange6 } from './exchange6.ts'
import { placesOf } from './find-places6.ts'
import { locateSubnet } from './locate6.ts'
import { drop, type Outcome6 } from './outcome6.ts'
import { NO_PLACES6, type Places6 } from './place6.ts'
import { noteStateless } from './reconfigure6.ts'
import { replyWithOptions } from './reply6.ts'

export function informationRequest(exchange: Exchange6): Outcome6 {
  const places = placesFor(exchange)
  // Who is rejected gets no lease; that it asks for options does no harm.
  if (exchange.program !== undefined && exchange.classes.has(CLASS.drop))
    return drop('dropped-by-class')
  return replyWithOptions(exchange, places, noteStateless(exchange, places))
}

/** None where no subnet fits: then the global options count. */
function placesFor(exchange: Exchange6): Places6 {
  const located = locateSubnet(exchange)
  if (located !== undefined) return placesOf(exchange, located)
  settleClasses(exchange, NO_PLACES6)
  return NO_PLACES6
}
