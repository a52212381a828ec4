// May the leases be changed as an operator says, and what becomes of them? The rules are those of
// clients (leases/lifecycle-table.ts, leases/rights-table.ts): no address goes to two clients, so a
// lease that is valid stays its client's until somebody says that the client has given it up. That
// ends it, or what it was declined for, with whatever keys are here: the partner learns of it as of
// a RELEASE (rule 6c of lib/ha/README.md).

import { withFormerHolders } from '../../leases/former-holders.ts'
import { isHeldBy } from '../../leases/holding.ts'
import type { Key } from '../../leases/keys/key.ts'
import { type Change, LEASE_STATE, type Lease, type LeaseAction } from '../../leases/lease.ts'
import { utf8Length } from '../../leases/lease-text.ts'
import {
  decline,
  erase,
  type GrantTerms,
  grant,
  isShown,
  laterEnd,
  occupied,
  register,
} from '../../leases/lifecycle.ts'
import { RECORD } from '../../leases/record.ts'
import { isOfThePast, RIGHTS, type RightsLine, rightsLine } from '../../leases/rights-table.ts'
import type { AnyTable } from '../../leases/table/lease-tables.ts'
import { INFINITE_LIFETIME, type Instant, NEVER } from '../../time/units.ts'
import type { Amended, AmendedWhat, Amendment, StatedLease } from './amendment.ts'

/** What is asked of the leases, and of the server. */
export interface Judging {
  readonly table: AnyTable
  readonly now: Instant
  readonly nextChange: () => number
  /** Whether a server has the address. */
  isOwn(key: Key): boolean
}

/** What is to be carried out. */
export interface Done {
  readonly what: 'added' | 'changed' | 'deleted'
  readonly change: Change<Key>
  readonly action: LeaseAction
}

export type Verdict =
  | Amended
  | Done
  /** Keys of it are with the partner. `running`: its lease goes on meanwhile. */
  | { readonly what: 'keys'; readonly key: Key; readonly running: boolean }

export function judge(amendment: Amendment, judging: Judging): Verdict {
  if (amendment.kind === 'delete') return deletion(amendment.key, judging)
  const { kind, lease } = amendment
  const row = judging.table.byAddress(lease.key)
  const isThere = row !== undefined && isShown(row)
  if (kind === 'add' && isThere) return answered('exists', 'there is a lease already')
  if (kind === 'update' && !isThere) return answered('missing', 'there is no lease')
  const why = whyNever(lease, judging)
  if (why !== '') return answered('conflict', why)
  if (lease.state === LEASE_STATE.declined) return declined(lease, row, judging)
  if (lease.state === LEASE_STATE.registered) return registered(lease, row, judging)
  return given(lease, row, judging)
}

// ---- the end of a lease

function deletion(key: Key, { table, now, nextChange }: Judging): Verdict {
  const row = table.byAddress(key)
  if (row === undefined || !isShown(row)) return answered('missing', 'there is no lease')
  if (table.keysOf(key, row) === 0) return { what: 'keys', key, running: !table.isOver(row, now) }
  const lease = erase(row, now, nextChange())
  return { what: 'deleted', change: { kind: 'put', lease }, action: 'deleted' }
}

// ---- a lease as it is stated

/** Why nobody may have it, whoever asks. */
function whyNever({ key, validLifetime, ...lease }: StatedLease, judging: Judging): string {
  const { longest = INFINITE_LIFETIME } = judging.table.rights
  if (utf8Length(lease.hostname) > RECORD.textMax || utf8Length(lease.userContext) > RECORD.textMax)
    return 'its texts are too long to be stored'
  if (lease.state !== LEASE_STATE.assigned) return ''
  if (judging.isOwn(key)) return 'it is the address of a server'
  if (validLifetime > longest)
    return `in this pair no lease lasts longer than ${longest} s, by the configuration of both`
  return ''
}

function given(lease: StatedLease, row: Lease<Key> | undefined, judging: Judging): Verdict {
  const { table, now, nextChange } = judging
  const { key, state } = lease
  const isOwn = row !== undefined && isHeldBy(table, row, lease.client)
  const isLive = row?.state === LEASE_STATE.assigned && !table.isOver(row, now)
  if (isLive && state !== LEASE_STATE.assigned)
    return answered('conflict', 'it is valid: to end it is to delete it')
  const refusal = refusalOf(key, row, isOwn, judging)
  if (refusal !== undefined) return refusal
  const made = grant(
    key,
    row,
    isOwn,
    termsOf(lease, isOwn ? row : undefined, now),
    now,
    nextChange(),
  )
  const told = endOf(lease, made.end, now)
  const end = isOwn && isLive ? laterEnd(row, told, lease.validLifetime) : told
  const isEnded = state !== LEASE_STATE.assigned
  return done(row, { ...made, state, end: isEnded ? Math.min(end, now) : end })
}

function declined(lease: StatedLease, row: Lease<Key> | undefined, judging: Judging): Verdict {
  const { table, now, nextChange } = judging
  const { key, subnetId, validLifetime } = lease
  if (row?.state === LEASE_STATE.assigned && !table.isOver(row, now)) {
    if (table.keysOf(key, row) === 0) return { what: 'keys', key, running: true }
    const made = decline(row, now, validLifetime, nextChange())
    return done(row, { ...made, subnetId, end: laterEnd(made, endOf(lease, 0, now), 0) })
  }
  const refusal = refusalOf(key, row, false, judging)
  if (refusal !== undefined) return refusal
  const made = occupied(key, row, subnetId, now, validLifetime, nextChange())
  return done(row, { ...made, poolId: lease.poolId, end: endOf(lease, made.end, now) })
}

/** An address that its client has made itself takes no key. */
function registered(lease: StatedLease, row: Lease<Key> | undefined, judging: Judging): Verdict {
  const { table, now, nextChange } = judging
  const isOwn = row?.state === LEASE_STATE.registered && isHeldBy(table, row, lease.client)
  if (row !== undefined && !isOwn && !table.isOver(row, now)) return answered('conflict', IN_USE)
  const made = register(lease.key, row, termsOf(lease, undefined, now), now, nextChange())
  return done(row, { ...made, end: endOf(lease, made.end, now) })
}

const IN_USE = 'another client has a lease of it that is valid: that one is to be deleted first'

/** Undefined: this server may give it to the client. */
function refusalOf(
  key: Key,
  row: Lease<Key> | undefined,
  isOwn: boolean,
  { table, now }: Judging,
): Verdict | undefined {
  const keys = table.keysOf(key, row)
  const line = lineOf(row, isOwn, table, now)
  const right = line[keys]
  if (right === 'renew') return undefined
  if (right === 'give')
    return table.mayGive(key, row, now)
      ? undefined
      : answered('conflict', 'a lease that is valid lies within it or around it')
  if (line === RIGHTS.inDoubt) return answered('conflict', 'it rests: this database was lost once')
  if (line === RIGHTS.declined) return answered('conflict', 'it is declined: delete that first')
  if (right === 'refuse' || line === RIGHTS.inUse) return answered('conflict', IN_USE)
  if (table.rights.kind === 'none') return answered('conflict', 'the partner has every right')
  return { what: 'keys', key, running: isOwn && !table.isOver(row, now) }
}

function lineOf(
  row: Lease<Key> | undefined,
  isOwn: boolean,
  table: AnyTable,
  now: Instant,
): RightsLine {
  if (isOfThePast(table.rights, row, now)) return RIGHTS.inDoubt
  return rightsLine(table.rights, row, isOwn, table.isOver(row, now), now)
}

/** `row`: that of the client, whose address others may use yet. */
function termsOf(lease: StatedLease, row: Lease<Key> | undefined, now: Instant): GrantTerms {
  const { client, userContext } = lease
  return {
    ...lease,
    userContext: row === undefined ? userContext : withFormerHolders(userContext, row, client, now),
  }
}

/** `usual`: where nothing is said of it. */
function endOf({ end, validLifetime }: StatedLease, usual: Instant, _now: Instant): Instant {
  if (validLifetime === INFINITE_LIFETIME) return NEVER
  return end ?? usual
}

function done(row: Lease<Key> | undefined, lease: Lease<Key>): Verdict {
  const isChanged = row !== undefined && isShown(row)
  const [what, action] = isChanged
    ? (['changed', 'amended'] as const)
    : (['added', 'added'] as const)
  return { what, change: { kind: 'put', lease }, action }
}

function answered(what: AmendedWhat, why: string): Verdict {
  return { what, why } as Amended
}
