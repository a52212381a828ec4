// A lease as it is told to whoever embeds the server: addresses and identifiers as text. The record
// that the server works with is leases/lease.ts.

import { hexFromOctets } from '../bytes/octets.ts'
import type { Instant, Seconds } from '../time/units.ts'
import { BINDING_KIND, duidOf, iaidOf, kindOf } from './binding.ts'
import type { Key } from './keys/key.ts'
import { textFromKey } from './keys/key-text.ts'
import { LEASE_STATE, type Lease, type LeaseState } from './lease.ts'

export type LeaseStateName = Exclude<keyof typeof LEASE_STATE, 'free'>

export interface LeaseInfo {
  /** `192.0.2.10`, `2001:db8::10`, or a delegated prefix, `2001:db8:0:100::/56`. */
  readonly address: string
  readonly state: LeaseStateName
  /** ARP hardware type, 1 is Ethernet. */
  readonly htype: number
  /** `02:00:00:00:00:01`, '' = none. */
  readonly hwAddress: string
  /** Option 61 in hex with colons, its type byte first; of DHCPv6 the DUID; '' = none. */
  readonly clientId: string
  /**
   * What else there is of a lease of DHCPv6, and nothing of one of DHCPv4: what it was given for,
   * '' when nobody has it, and how long the client was told to prefer the address.
   */
  readonly type?: 'IA_NA' | 'IA_PD' | 'registered' | ''
  readonly iaid?: number
  readonly preferredLifetime?: Seconds
  readonly hostname: string
  readonly fqdnFwd: boolean
  readonly fqdnRev: boolean
  readonly subnetId: number
  readonly poolId: number
  /** What the client was told last; 4294967295 never ends. */
  readonly validLifetime: Seconds
  /**
   * On the lease clock: `end - server.now()` milliseconds are left. Infinity for a lease that never
   * ends.
   */
  readonly start: Instant
  readonly end: Instant
  /** JSON text, '' = none. */
  readonly userContext: string
  /** Whose ACK was the last. */
  readonly givenBy: 'us' | 'partner'
}

const STATE_NAMES = new Map<LeaseState, LeaseStateName>(
  (['assigned', 'declined', 'expired', 'released', 'registered'] as const).map((name) => [
    LEASE_STATE[name],
    name,
  ]),
)

/**
 * Of a row that holds a lease: one that is kept for its counters (LEASE_STATE.free) has no state to
 * tell.
 */
export function leaseInfoOf(lease: Lease<Key>): LeaseInfo {
  const { htype, hostname, fqdnFwd, fqdnRev, subnetId, poolId, validLifetime } = lease
  const { start, end, userContext, givenBy } = lease
  return {
    address: textFromKey(lease.address),
    state: STATE_NAMES.get(lease.state)!,
    htype,
    hwAddress: hexFromOctets(lease.hwAddress, ':'),
    ...clientOf(lease),
    hostname,
    fqdnFwd,
    fqdnRev,
    subnetId,
    poolId,
    validLifetime,
    start,
    end,
    userContext,
    givenBy,
  }
}

const TYPES = {
  0: '',
  [BINDING_KIND.na]: 'IA_NA',
  [BINDING_KIND.pd]: 'IA_PD',
  [BINDING_KIND.registered]: 'registered',
} as const

function clientOf(lease: Lease<Key>) {
  if (typeof lease.address === 'number') return { clientId: hexFromOctets(lease.clientId, ':') }
  return {
    clientId: hexFromOctets(duidOf(lease), ':'),
    type: TYPES[kindOf(lease)],
    iaid: iaidOf(lease),
    preferredLifetime: lease.preferredLifetime,
  }
}
