// The rows that a REPLY promises, or tells anew without a write.

import type { Prefix6 } from '../address/prefix6.ts'
import { leftToBridge } from '../dhcp/bridge.ts'
import { keepsName } from '../dhcp/kept-name.ts'
import { withFormerHolders } from '../leases/former-holders.ts'
import { isLive, toldLeft } from '../leases/holding.ts'
import { LEASE_STATE, type Lease6 } from '../leases/lease.ts'
import { type GrantTerms, grant } from '../leases/lifecycle.ts'
import { INFINITE_LIFETIME } from '../time/units.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Choice6 } from './choose6.ts'
import { type Claim6, entryOf, ownRowAt, rowAt } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import { contextFor } from './extended-info6.ts'
import { type Lifetimes6, preferredLeft } from './lifetimes6.ts'
import type { ClientNames6 } from './names6.ts'
import type { Done6 } from './outcome6.ts'

/** The terms of a lease of DHCPv6 always say how much of it is preferred. */
export type Terms6 = GrantTerms & { readonly preferredLifetime: number }

/** What the row says of the client from now on. */
export function termsOf(
  exchange: Exchange6,
  claim: Claim6,
  { place, key }: Choice6,
  { preferred, valid }: Lifetimes6,
  names: ClientNames6,
): Terms6 {
  const { subnet } = place
  const former = ownRowAt(exchange, claim, key)
  const rules = subnet.poolOf(key)?.names ?? subnet.names
  const named = keepsName(former, names, rules) ? former : names
  const isPd = claim.kind === OPTION6.iaPd
  const pool = isPd ? subnet.pdPoolOf(key) : subnet.poolOf(key)
  return {
    client: claim.client,
    subnetId: subnet.id,
    poolId: pool?.id ?? 0,
    validLifetime: valid,
    preferredLifetime: preferred,
    hostname: named.hostname,
    fqdnFwd: named.fqdnFwd,
    fqdnRev: named.fqdnRev,
    userContext: contextFor(exchange, place, former),
  }
}

/**
 * The next version of the row of the key, which was judged to be the IA's to have: its own, over,
 * or of a former binding of its host. What goes over from that ends no earlier than it would have,
 * and the former binding is noted until then: see grant.ts of DHCPv4.
 */
export function grantLease(
  exchange: Exchange6,
  claim: Claim6,
  { key }: Choice6,
  terms: Terms6,
  takesOver: boolean,
): Done6 {
  const { leases, now, settings } = exchange
  const row = rowAt(exchange, claim, key)
  const former = ownRowAt(exchange, claim, key)
  const isOthers = row !== undefined && former === undefined && !leases.isOver(row, now)
  const gone = isOthers && takesOver ? row : undefined
  const isHosts = former !== undefined || gone !== undefined
  const noted = gone === undefined ? terms : withNote(terms, gone, now)
  const given = grant(key, row, isHosts, noted, now, settings.nextChange())
  // With one key only, the partner may have given it to this client in between.
  const isDoubtful = given.fresh && leases.keysOf(key, row) < 2
  const lease = isDoubtful ? { ...given, fresh: false } : given
  const isRenewed = former !== undefined && former.state === LEASE_STATE.assigned
  return {
    change: { kind: 'put', lease },
    action: isRenewed ? 'renewed' : 'granted',
    former: row,
    // By the partner's clock it may have ended before, and everybody was told so then.
    ended: gone?.state === LEASE_STATE.assigned ? gone : undefined,
  }
}

function withNote(terms: Terms6, ended: Lease6, now: number): Terms6 {
  const userContext = withFormerHolders(terms.userContext, ended, terms.client, now)
  return { ...terms, userContext }
}

/**
 * What is left of the lease of an IA that asks again so soon that nothing need be written
 * (`cache-threshold`, `cache-max-age`), undefined where it must: see reuse.ts of DHCPv4.
 */
export function leftToReuse(
  exchange: Exchange6,
  claim: Claim6,
  { place, key }: Choice6,
  terms: Terms6,
): Lifetimes6 | undefined {
  const { leasing } = place.subnet
  const { reuse } = leasing
  if (exchange.settings.isBridging?.()) return leftToKeep(exchange, claim, key)
  if (reuse === undefined) return undefined
  const row = ownRowAt(exchange, claim, key)
  const { now } = exchange
  if (row === undefined || !isLive(row, now) || !isUnchanged(row, terms)) return undefined
  const age = Math.floor((now - row.start) / 1000)
  if (age < 0 || !isSafe(exchange, row)) return undefined
  const isEndless = row.validLifetime === INFINITE_LIFETIME
  if (!isEndless && age > Math.min(reuse.maxAge, Math.floor(row.validLifetime * reuse.threshold)))
    return undefined
  return { valid: toldLeft(row, now), preferred: preferredLeft(row, now) }
}

/** What its client does not name it may have given back to another server, which is not heard. */
function leftToKeep(exchange: Exchange6, claim: Claim6, key: Prefix6): Lifetimes6 | undefined {
  if (entryOf(claim, key) === undefined) return undefined
  const { now, settings } = exchange
  const row = ownRowAt(exchange, claim, key)
  const valid = leftToBridge(row, now, settings.isSettled)
  return valid === 0 ? undefined : { valid, preferred: Math.min(valid, preferredLeft(row!, now)) }
}

function isUnchanged(row: Lease6, terms: Terms6): boolean {
  const { client } = terms
  return (
    row.validLifetime === terms.validLifetime &&
    row.preferredLifetime === terms.preferredLifetime &&
    row.subnetId === terms.subnetId &&
    row.poolId === terms.poolId &&
    row.htype === client.htype &&
    row.hwAddress === client.hwAddress &&
    row.hostname === terms.hostname &&
    row.fqdnFwd === terms.fqdnFwd &&
    row.fqdnRev === terms.fqdnRev &&
    row.userContext === terms.userContext
  )
}

/** Whether the lease is what this server alone has promised, and safe wherever it must be. */
function isSafe({ leases, settings, now }: Exchange6, row: Lease6): boolean {
  if (row.givenBy !== 'us' || now < leases.rights.doubtUntil) return false
  if (leases.keysOf(row.address, row) < 2) return false
  return settings.isSettled === undefined || settings.isSettled(row.change)
}
