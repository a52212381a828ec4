// What hooks say in their steps (dhcp/steps.ts), as the steps of a query take it. Nothing of this
// is done where no hook listens: the callers ask `listens` first.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { isHostName, isLifetime, NO_NAME_EDIT, RefusedByHook, STEP } from '../dhcp/steps.ts'
import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { accept } from './accept.ts'
import { replyNak } from './assemble.ts'
import type { Exchange4 } from './exchange4.ts'
import { type ClientNames, namesCalled } from './names.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import type { Place } from './place.ts'
import { REFUSALS } from './request-table.ts'

/** What of a lease hooks have a say in. */
export interface Terms4 {
  readonly lifetime: Seconds
  readonly names: ClientNames
}

/** The terms with what hooks make of them; what they note of the lease is kept in the exchange. */
export function termsByHooks(
  exchange: Exchange4,
  place: Place,
  address: Ipv4,
  { lifetime, names }: Terms4,
): Terms4 {
  const { listens, steps } = exchange
  const about = { subnetId: place.subnet.id, address: textFromIpv4(address) }
  const { hostname, fqdnFwd: forward, fqdnRev: reverse } = names
  let next = names
  if ((listens & STEP.names) !== 0) {
    const edit = steps!.names({ ...about, hostname, forward, reverse }) ?? NO_NAME_EDIT
    next = renamed(exchange, place, address, names, edit.hostname)
    const isLegal = next.hostname !== ''
    next = {
      ...next,
      fqdnFwd: isLegal && (edit.forward ?? next.fqdnFwd),
      fqdnRev: isLegal && (edit.reverse ?? next.fqdnRev),
    }
  }
  if ((listens & STEP.lease) === 0) return { lifetime, names: next }
  const edit = steps!.lease({ ...about, lifetime, hostname: next.hostname })
  if (edit === undefined) return { lifetime, names: next }
  exchange.noted = edit.userContext ?? ''
  if (edit.lifetime !== undefined && !isLifetime(edit.lifetime))
    steps!.wrong(`${edit.lifetime} is no lifetime`)
  // In a pair not more than the partner knows of.
  const longest = exchange.leases.rights.longest ?? INFINITE_LIFETIME
  return {
    lifetime: Math.min(edit.lifetime ?? lifetime, longest),
    names: renamed(exchange, place, address, next, edit.hostname),
  }
}

function renamed(
  exchange: Exchange4,
  place: Place,
  address: Ipv4,
  names: ClientNames,
  hostname: string | undefined,
): ClientNames {
  if (hostname === undefined || hostname === names.hostname) return names
  if (!isHostName(hostname)) exchange.steps!.wrong(`'${hostname}' is no host name`)
  return namesCalled(exchange, place, address, hostname)
}

/**
 * What becomes of a query that a hook refuses: aloud only where a client understands it. The first
 * steps come before it is known whether the message is for this server: who names another one is
 * not answered.
 */
export function refusedByHook(exchange: Exchange4, { isAloud, reason }: RefusedByHook): Outcome4 {
  const { located, query } = exchange
  if (!isAloud || query.type !== MESSAGE_TYPE4.request) return drop(reason)
  try {
    if (accept(exchange) !== undefined) return drop(reason)
    return replyNak(exchange, located, REFUSALS['refused-by-hook'])
  } catch (error) {
    // A later step of a hook has something against the refusal itself.
    if (error instanceof RefusedByHook) return drop(error.reason)
    throw error
  }
}
