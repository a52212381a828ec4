// One query about a lease, one answer (RFC 4388), by what this server stores:
//
//                                    by address     by client
//   a live lease                     active         active: the youngest, the others in option 92
//   none, and nobody can have one    unassigned     unknown
//   none is known here               unknown        unknown
//
// Nobody can have a lease of an address that this configuration knows (of a pool, or reserved) when
// this server knows of every lease of it. A server of a pair does while the two are in contact, and
// of the addresses that it alone may give. "Unassigned" is what concentrators cut clients off for,
// so it is never said in doubt.

import { type Ipv4, prefixContains } from '../address/ipv4.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { LeaseQueryPlan } from '../config/plan/lease-query-plan.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { isLive } from '../leases/holding.ts'
import { type ClientIdentity, LEASE_STATE, type Lease } from '../leases/lease.ts'
import { isOfThePast } from '../leases/rights-table.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Instant } from '../time/units.ts'
import { encodeMessage4, type OptionPair4 } from '../wire/v4/builder.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { LEASE_QUERY4, type Query4 } from '../wire/v4/message.ts'
import { type Asked, askedOf } from './asked.ts'
import { associated, fieldsOf, number, wordsOf } from './words.ts'

/** What answers come from. */
export interface Known {
  readonly plan: Plan4
  readonly table: LeaseTable
  readonly now: Instant
  /** This server knows of every lease that its partner gives. */
  readonly knowsAll: boolean
}

/** An answer as it leaves. */
export interface Answer {
  readonly type: number
  readonly bytes: Uint8Array
}

const BOOTREQUEST = 1

/** Whether somebody there may ask. */
export function isRequester({ requesters }: LeaseQueryPlan, address: Ipv4): boolean {
  return requesters.some((prefix) => prefixContains(prefix, address))
}

/** `isOwn`: whether the address in option 54 is this server's. */
export function judgeQuery(
  query: Query4,
  plan: LeaseQueryPlan,
  isOwn: (id: Ipv4) => boolean,
): Asked | Reason4 {
  if (query.op !== BOOTREQUEST) return 'bad-op'
  // The answer goes to giaddr, which is the requester's own address here.
  if (query.giaddr === 0 || !isRequester(plan, query.giaddr)) return 'not-a-requester'
  const named = query.uint(OPTION4.serverIdentifier) ?? 0
  if (named !== 0 && !isOwn(named)) return 'not-for-us'
  return askedOf(query) ?? 'bad-lease-query'
}

/** `serverId`: of this server. */
export function answerQuery(query: Query4, asked: Asked, serverId: Ipv4, known: Known): Answer {
  const { plan, now } = known
  const [lease, ...others] =
    asked.kind === 'address' ? leaseAt(known, asked.address) : leasesOf(known, asked.client)
  if (lease === undefined) {
    const isFree = asked.kind === 'address' && isUnassigned(known, asked.address)
    return without(query, isFree ? LEASE_QUERY4.unassigned : LEASE_QUERY4.unknown, serverId)
  }
  const type = LEASE_QUERY4.active
  const options = [
    ...headOf(type, serverId),
    ...wordsOf(plan, lease, now),
    ...(asked.kind === 'address' ? [] : associated(others)),
  ]
  return { type, bytes: encodeMessage4(fieldsOf(query.xid, query.giaddr, lease), options) }
}

/** What was asked for comes back, so that requesters can tell answers apart. */
function without(query: Query4, type: number, serverId: Ipv4): Answer {
  const { ciaddr, giaddr, hwAddress, xid } = query
  const clientId = query.octets(OPTION4.clientIdentifier)
  const named: OptionPair4[] = clientId === undefined ? [] : [[OPTION4.clientIdentifier, clientId]]
  const htype = hwAddress === '' ? 0 : query.htype
  const fields = { op: 2, xid, giaddr, ciaddr, htype, hwAddress }
  return { type, bytes: encodeMessage4(fields, [...headOf(type, serverId), ...named]) }
}

function headOf(type: number, serverId: Ipv4): OptionPair4[] {
  return [
    [OPTION4.messageType, String.fromCharCode(type)],
    number(OPTION4.serverIdentifier, serverId),
  ]
}

/** Whether it is told. An older copy of a database may have what somebody else has by now. */
export function isTold({ table }: Pick<Known, 'table'>, row: Lease, now: Instant): boolean {
  return isLive(row, now) && !isOfThePast(table.rights, row, now)
}

function leaseAt(known: Known, address: Ipv4): Lease[] {
  const row = known.table.byAddress(address)
  return row !== undefined && isTold(known, row, known.now) ? [row] : []
}

/** Youngest first. */
function leasesOf(known: Known, client: ClientIdentity): Lease[] {
  const { now, plan, table } = known
  const leases = plan.subnets.flatMap(({ id }) => table.scans.ofClient(client, id))
  return leases
    .filter((lease) => isTold(known, lease, now))
    .sort((one, other) => other.start - one.start || other.change - one.change)
}

function isUnassigned({ knowsAll, now, plan, table }: Known, address: Ipv4): boolean {
  const found = table.byAddress(address)
  const row = found?.state === LEASE_STATE.free ? undefined : found
  if (row === undefined && !isConfigured(plan, address)) return false
  const { doubtUntil, kind } = table.rights
  if (now < doubtUntil && (row === undefined || kind === 'all')) return false
  if (isOfThePast(table.rights, row, now)) return false
  return knowsAll || table.keysOf(address, found) === 2
}

function isConfigured(plan: Plan4, address: Ipv4): boolean {
  return plan
    .subnetsAt(address)
    .some(
      (subnet) =>
        subnet.poolOf(address) !== undefined || plan.reservations.at(address, subnet).length > 0,
    )
}
