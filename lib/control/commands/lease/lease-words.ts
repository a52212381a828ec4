// Leases as Kea's commands tell them: the keys and their order are Kea's, since clients compare
// answers whole. Written as text at once, for there may be a million of them.

import { textFromIpv4 } from '../../../address/ipv4.ts'
import { textFromIpv6 } from '../../../address/ipv6.ts'
import { ADDRESS_BITS, addressOf, lengthOf, type Prefix6 } from '../../../address/prefix6.ts'
import { hexFromOctets } from '../../../bytes/octets.ts'
import { BINDING_KIND, duidOf, iaidOf, kindOf } from '../../../leases/binding.ts'
import { LEASE_STATE, type Lease, type Lease6 } from '../../../leases/lease.ts'
import { type Instant, NEVER, type Seconds, type WallTime } from '../../../time/units.ts'
import { parsed } from '../../parse.ts'
import { printed } from '../../print.ts'

/** One moment, in calendar time and on the lease clock. */
export interface Moment {
  readonly wall: WallTime
  readonly now: Instant
}

/** Kea's number of the state; ours is free there. */
const KEA_REGISTERED = 4

/** What Kea has for the DUID of nobody. */
const NO_DUID = '00:00:00'

export function lease4Text(lease: Lease, moment: Moment): string {
  const { clientId, hwAddress } = lease
  const client = clientId === '' ? '' : `"client-id": "${hexFromOctets(clientId, ':')}", `
  return (
    `{ ${client}"cltt": ${clttOf(lease, moment)}, ${namesText(lease)}, ` +
    `"hw-address": "${hexFromOctets(hwAddress, ':')}", ` +
    `"ip-address": "${textFromIpv4(lease.address)}"${poolText(lease)}, ` +
    `"state": ${lease.state}, "subnet-id": ${lease.subnetId}${contextText(lease)}, ` +
    `"valid-lft": ${lease.validLifetime} }`
  )
}

export function lease6Text(lease: Lease6, moment: Moment): string {
  const { address, hwAddress } = lease
  const hardware = hwAddress === '' ? '' : `"hw-address": "${hexFromOctets(hwAddress, ':')}", `
  const isPrefix = isPd(lease)
  const length = isPrefix ? `, "prefix-len": ${lengthOf(address)}` : ''
  return (
    `{ "cltt": ${clttOf(lease, moment)}, "duid": "${hexFromOctets(duidOf(lease), ':') || NO_DUID}", ` +
    `${namesText(lease)}, ${hardware}"iaid": ${iaidOf(lease)}, ` +
    `"ip-address": "${textFromIpv6(addressOf(address))}"${poolText(lease)}, ` +
    `"preferred-lft": ${lease.preferredLifetime}${length}, "state": ${keaState(lease)}, ` +
    `"subnet-id": ${lease.subnetId}, "type": "${isPrefix ? 'IA_PD' : 'IA_NA'}"` +
    `${contextText(lease)}, "valid-lft": ${lease.validLifetime} }`
  )
}

/** Whether it is a prefix that was delegated, of whatever length. */
export function isPd(lease: Pick<Lease<Prefix6>, 'address' | 'clientId'>): boolean {
  return lengthOf(lease.address) < ADDRESS_BITS || kindOf(lease) === BINDING_KIND.pd
}

/**
 * When the client was last told. Clients of the API reckon the end from it, so it is told from the
 * end wherever that is a time to come: a shorter renewal leaves a lease its end.
 */
function clttOf(lease: Lease | Lease6, { wall, now }: Moment): Seconds {
  const { end, start, state, validLifetime } = lease
  if (end === NEVER || state === LEASE_STATE.released)
    return Math.floor((wall + (start - now)) / 1000)
  return Math.round((wall + (end - now)) / 1000) - validLifetime
}

function keaState({ state }: Lease6): number {
  return state === LEASE_STATE.registered ? KEA_REGISTERED : state
}

function namesText({ fqdnFwd, fqdnRev, hostname }: Lease | Lease6): string {
  const name = JSON.stringify(hostname.toLowerCase())
  return `"fqdn-fwd": ${fqdnFwd}, "fqdn-rev": ${fqdnRev}, "hostname": ${name}`
}

function poolText({ poolId }: Lease | Lease6): string {
  return poolId === 0 ? '' : `, "pool-id": ${poolId}`
}

/** What is no map is nothing that a client of the API could read. */
function contextText({ userContext }: Lease | Lease6): string {
  if (userContext === '') return ''
  const { value } = parsed(userContext) as { value?: unknown }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ''
  return `, "user-context": ${printed(value)}`
}
