// What is said of a lease, in options: RFC 4388 §6.4, RFC 6926 §6.2. All of them are sent whatever
// option 55 asks for, as by Kea and ISC DHCP.

import { type Ipv4, octetsFromIpv4 } from '../address/ipv4.ts'
import { octetsFromUint } from '../bytes/cursor.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { rebindTimeFor, renewTimeFor } from '../dhcp4/lifetimes.ts'
import type { Lease } from '../leases/lease.ts'
import { relaySubOptionsOf } from '../leases/relay-info.ts'
import { INFINITE_LIFETIME, type Instant, NEVER, type Seconds } from '../time/units.ts'
import type { MessageFields4, OptionPair4 } from '../wire/v4/builder.ts'
import { OPTION4 } from '../wire/v4/codes.ts'

const BOOTREPLY = 2

/** Addresses of one client beside the youngest, as far as a datagram takes them. */
const ASSOCIATED_MAX = 200

/** Where the lease is, whose it is. */
export function fieldsOf(xid: number, giaddr: Ipv4, lease: Lease): MessageFields4 {
  const { address: ciaddr, hwAddress } = lease
  const htype = hwAddress === '' ? 0 : lease.htype
  return { op: BOOTREPLY, xid, giaddr, ciaddr, htype, hwAddress }
}

/** Client, times, and what the relay said. */
export function wordsOf(plan: Plan4, lease: Lease, now: Instant): OptionPair4[] {
  const options: OptionPair4[] = []
  if (lease.clientId !== '') options.push([OPTION4.clientIdentifier, lease.clientId])
  options.push(...timesOf(plan, lease, now))
  const relay = relaySubOptionsOf(lease.userContext)
  if (relay !== '') options.push([OPTION4.relayAgentInformation, relay])
  return options
}

/** Seconds since the client was heard. */
export function agoOf({ start }: Lease, now: Instant): Seconds {
  return Math.max(0, Math.floor((now - start) / 1000))
}

/**
 * All times count from now (RFC 4388 §6.1), so what the client was told is less by what has gone
 * by. The lease lasts as long as its client may use the address, which may be longer than it was
 * told last.
 */
function timesOf(plan: Plan4, lease: Lease, now: Instant): OptionPair4[] {
  const { end, subnetId, validLifetime } = lease
  const ago = agoOf(lease, now)
  const seen: OptionPair4 = [OPTION4.clientLastTransactionTime, octetsFromUint(ago, 4)]
  if (end === NEVER) return [seen, number(OPTION4.leaseTime, INFINITE_LIFETIME)]
  const left = Math.floor((end - now) / 1000)
  const options = [seen, number(OPTION4.leaseTime, left)]
  const timers = plan.subnetById(subnetId)?.timers
  if (timers === undefined) return options
  const rebind = rebindTimeFor(timers, validLifetime)
  const renew = renewTimeFor(timers, validLifetime, rebind)
  if (renew > ago) options.push(number(OPTION4.renewalTime, renew - ago))
  if (rebind > ago) options.push(number(OPTION4.rebindingTime, rebind - ago))
  return options
}

export function number(code: number, value: number): OptionPair4 {
  return [code, octetsFromUint(value, 4)]
}

/** The other addresses of the client, youngest first. */
export function associated(others: readonly Lease[]): OptionPair4[] {
  if (others.length === 0) return []
  const addresses = others.slice(0, ASSOCIATED_MAX).map(({ address }) => address)
  return [[OPTION4.associatedIp, octetsFromIpv4(...addresses)]]
}
