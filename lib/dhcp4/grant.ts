// The row that an ACK promises.

import type { Ipv4 } from '../address/ipv4.ts'
import { withLimitedClasses } from '../dhcp/class-limits.ts'
import { keepsName } from '../dhcp/kept-name.ts'
import { mergedContext } from '../dhcp/steps.ts'
import { withFormerHolders } from '../leases/former-holders.ts'
import { isHeldBy } from '../leases/holding.ts'
import { type Change, LEASE_STATE, type Lease, type LeaseAction } from '../leases/lease.ts'
import { type GrantTerms, grant } from '../leases/lifecycle.ts'
import type { Instant, Seconds } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'
import type { ClientNames } from './names.ts'
import type { Place } from './place.ts'
import { contextOf } from './relay-memory.ts'
import { goesOver } from './rights-verdict.ts'

export interface Granted {
  readonly changes: readonly Change[]
  readonly action: LeaseAction
  /** The row of another identifier of the client's host, which goes over. */
  readonly ended: Lease | undefined
}

/** The row of the address if it is the client's, live or ended. */
export function formerLease(
  exchange: Exchange4,
  { client }: Place,
  address: Ipv4,
): Lease | undefined {
  const row = exchange.rowAt(address)
  return row !== undefined && isHeldBy(exchange.leases, row, client) ? row : undefined
}

/** What the row says of the client from now on. */
export function termsOf(
  exchange: Exchange4,
  place: Place,
  address: Ipv4,
  former: Lease | undefined,
  lifetime: Seconds,
  names: ClientNames,
): GrantTerms {
  const { subnet, client } = place
  const rules = subnet.poolOf(address)?.names ?? subnet.names
  const named = keepsName(former, names, rules) ? former : names
  return {
    client,
    subnetId: subnet.id,
    poolId: subnet.poolOf(address)?.id ?? 0,
    validLifetime: lifetime,
    hostname: named.hostname,
    fqdnFwd: named.fqdnFwd,
    fqdnRev: named.fqdnRev,
    userContext: notedBy(
      exchange,
      withLimitedClasses(
        exchange,
        contextOf(exchange, place, former === undefined ? '' : agedContext(exchange, former)),
      ),
    ),
  }
}

/** The context with what hooks note. */
function notedBy({ noted, steps }: Exchange4, context: string): string {
  if (noted === '') return context
  return mergedContext(context, noted) ?? steps!.wrong('that is no user-context for a lease')
}

/** Who else may have the address is noted anew with each version: see former-holders.ts. */
function agedContext({ now }: Exchange4, former: Lease): string {
  const { userContext } = former
  if (userContext === '') return ''
  return withFormerHolders(userContext, former, former, now)
}

function withNote(terms: GrantTerms, ended: Lease, now: Instant): GrantTerms {
  const userContext = withFormerHolders(terms.userContext, ended, terms.client, now)
  return { ...terms, userContext }
}

/**
 * The next version of the row of `address`, given to the client now. The caller has judged that it
 * may be given: the row is the client's (`former`), or of another identifier of its host, or over.
 *
 * What goes over ends no earlier than it would have for its holder, who does not know of it: who
 * is no identifier of the host gets the address after both.
 */
export function grantLease(
  exchange: Exchange4,
  place: Place,
  address: Ipv4,
  former: Lease | undefined,
  terms: GrantTerms,
): Granted {
  const { leases, now, settings } = exchange
  const row = exchange.rowAt(address)
  exchange.taken = row
  const isOthers = row !== undefined && former === undefined && !leases.isOver(row, now)
  const gone = isOthers && goesOver(exchange, place, address) ? row : undefined
  const isHosts = former !== undefined || gone !== undefined
  const noted = gone === undefined ? terms : withNote(terms, gone, now)
  const given = grant(address, row, isHosts, noted, now, settings.nextChange())
  // With one key only, the partner may have given it to this client in between.
  const isDoubtful = given.fresh && leases.keysOf(address, row) < 2
  const lease = isDoubtful ? { ...given, fresh: false } : given
  const isRenewed = former !== undefined && former.state === LEASE_STATE.assigned
  // By the partner's clock it may have ended before, and everybody was told so then.
  const ended = gone?.state === LEASE_STATE.assigned ? gone : undefined
  return { changes: [{ kind: 'put', lease }], action: isRenewed ? 'renewed' : 'granted', ended }
}
