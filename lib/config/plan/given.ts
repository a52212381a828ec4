// What clients are given at whatever level beside options: fields of the header, lifetimes.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Seconds } from '../../time/units.ts'

export interface Lifetime {
  readonly default: Seconds
  readonly min: Seconds
  readonly max: Seconds
}

/** How a subnet gives leases, beside to whom and for how long. */
export interface Leasing {
  /** How long an offered address is kept for its client; 0 = as long as is usual. */
  readonly offerLifetime: Seconds
  /** When a client that asks again keeps its lease as it is; undefined: never. */
  readonly reuse: Reuse | undefined
  /** How much of its pools must be taken for a client to get the shortest lease; 1 = never. */
  readonly adaptiveThreshold: number
  /** What a relay says of a client is kept with its lease. */
  readonly keepsRelayInfo: boolean
}

/** Bounds of the age of a lease, which both count. */
export interface Reuse {
  /** As a part of its lifetime. */
  readonly threshold: number
  readonly maxAge: Seconds
}

export interface BootFields {
  /** siaddr, 0 = none. */
  readonly nextServer: Ipv4
  /** sname, at most 63 octets (UTF-8). */
  readonly serverHostname: Octets
  /** file, at most 127 octets (UTF-8). */
  readonly bootFileName: Octets
}

export const NO_BOOT_FIELDS: BootFields = { nextServer: 0, serverHostname: '', bootFileName: '' }
