// What one query found out on the wire, of addresses that it might get (address-check.ts).

import type { Ipv4 } from '../address/ipv4.ts'

/** What is known by now of the addresses that one query asked for. */
export interface Checked4 {
  /** Nobody has it; 0 = none. */
  readonly free: Ipv4
  readonly inUse: readonly Ipv4[]
  /** So many were asked for. */
  readonly count: number
  /** Nobody can be asked at present: what is chosen counts as free. */
  readonly isWaived: boolean
}

export const UNCHECKED: Checked4 = { free: 0, inUse: [], count: 0, isWaived: false }

/** Addresses that one query asks for: a client repeats its DISCOVER, and each costs it a wait. */
export const CANDIDATES_MAX = 3
