// What hooks say in their steps (dhcp/steps.ts), as the steps of a query take it. Nothing of this
// is done where no hook listens: the callers ask `listens` first.

import { isHostName, isLifetime, NO_NAME_EDIT, STEP } from '../dhcp/steps.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import { INFINITE_LIFETIME } from '../time/units.ts'
import type { Choice6 } from './choose6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Lifetimes6 } from './lifetimes6.ts'
import { type ClientNames6, NO_NAMES6, namesCalled } from './names6.ts'

/** What of a lease hooks have a say in. */
export interface Terms6 {
  readonly lifetimes: Lifetimes6
  readonly names: ClientNames6
}

/** The terms with what hooks make of them; what they note of the lease is kept in the exchange. */
export function termsByHooks(
  exchange: Exchange6,
  { key, place }: Choice6,
  isNa: boolean,
  { lifetimes, names }: Terms6,
): Terms6 {
  const { listens, steps } = exchange
  const about = { subnetId: place.subnet.id, address: textFromKey(key) }
  const rename = (called: ClientNames6, hostname: string | undefined): ClientNames6 => {
    if (!isNa || hostname === undefined || hostname === called.hostname) return called
    if (!isHostName(hostname)) steps!.wrong(`'${hostname}' is no host name`)
    return namesCalled(exchange, place, key, hostname)
  }
  let next = names
  if (isNa && (listens & STEP.names) !== 0) {
    const { hostname, fqdnFwd: forward, fqdnRev: reverse } = names
    const edit = steps!.names({ ...about, hostname, forward, reverse }) ?? NO_NAME_EDIT
    next = flagged(rename(names, edit.hostname), edit.forward, edit.reverse)
  }
  if ((listens & STEP.lease) === 0) return { lifetimes, names: next }
  const said = { ...about, lifetime: lifetimes.valid, hostname: next.hostname }
  const edit = steps!.lease(said)
  exchange.noted = edit?.userContext ?? ''
  if (edit === undefined) return { lifetimes, names: next }
  const { lifetime = lifetimes.valid } = edit
  if (!isLifetime(lifetime)) steps!.wrong(`${lifetime} is no lifetime`)
  // In a pair not more than the partner knows of.
  const valid = Math.min(lifetime, exchange.leases.rights.longest ?? INFINITE_LIFETIME)
  const preferred = Math.min(lifetimes.preferred, valid)
  return { lifetimes: { preferred, valid }, names: rename(next, edit.hostname) }
}

function flagged(
  names: ClientNames6,
  forward: boolean | undefined,
  reverse: boolean | undefined,
): ClientNames6 {
  if (names.hostname === '') return NO_NAMES6
  return { ...names, fqdnFwd: forward ?? names.fqdnFwd, fqdnRev: reverse ?? names.fqdnRev }
}
