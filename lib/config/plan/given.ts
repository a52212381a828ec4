// What clients are given at whatever level beside options: fields of the header, lifetimes.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Seconds } from '../../time/units.ts'

export interface Lifetime {
  readonly default: Seconds
  readonly min: Seconds
  readonly max: Seconds
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
