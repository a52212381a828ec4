// What clients are given at whatever level: options, fields of the header, lifetimes.

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

/** One option with its value as it goes on the wire, without code and length. */
export interface OptionValue {
  readonly code: number
  readonly data: Octets
  /** Sent although the client did not ask. Sticky: true at any level counts. */
  readonly alwaysSend: boolean
  /** Never sent; wins over alwaysSend. Sticky. */
  readonly neverSend: boolean
}

/**
 * Options by code after the merge of all levels. Compared by identity: one object per merged set.
 * Never in it: 50, 51, 52, 53, 55, 57, 61, 82, which the document cannot set. May be in it: 1
 * (counts only for INFORM), 54 (overrides the server identifier), 58 and 59 (count where no timer
 * is set).
 */
export interface OptionSet {
  readonly values: ReadonlyMap<number, OptionValue>
}
