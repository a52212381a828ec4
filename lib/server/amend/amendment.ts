// Changes of leases by an operator's word: what is said, and what becomes of it. A change is as
// good as an ACK: it is told as done when it is stored here, and at the partner if there is one.

import type { Key } from '../../leases/keys/key.ts'
import type { ClientIdentity, LeaseState } from '../../leases/lease.ts'
import type { Instant, Seconds } from '../../time/units.ts'

/** All that an operator may say of a lease. */
export interface StatedLease {
  readonly key: Key
  readonly state: Exclude<LeaseState, 4>
  readonly client: ClientIdentity
  readonly subnetId: number
  readonly poolId: number
  readonly hostname: string
  readonly fqdnFwd: boolean
  readonly fqdnRev: boolean
  readonly validLifetime: Seconds
  /** Of DHCPv6, 0 in DHCPv4. */
  readonly preferredLifetime: Seconds
  /** When it ends, on the lease clock; undefined: a lifetime from now on. */
  readonly end: Instant | undefined
  /** JSON text, '' when none. */
  readonly userContext: string
}

/**
 * add      where there is none
 * update   the whole lease becomes another; one that is valid stays its client's
 * put      the one or the other
 * delete   its client has given it up, by the operator's word
 */
export type Amendment =
  | { readonly kind: 'add' | 'update' | 'put'; readonly lease: StatedLease }
  /** `leavesName`: what is in DNS because of the lease stays, and is nobody's to remove. */
  | { readonly kind: 'delete'; readonly key: Key; readonly leavesName?: boolean }

/**
 * added, changed, deleted   done
 * exists, missing           nothing is changed: there is one, there is none
 * conflict                  nothing is changed: it would break what the server promises
 * failed                    it is not stored, or nothing can be changed at present
 */
export type AmendedWhat =
  | 'added'
  | 'changed'
  | 'deleted'
  | 'exists'
  | 'missing'
  | 'conflict'
  | 'failed'

export interface Amended {
  readonly what: AmendedWhat
  /** Why not, a clause without a full stop; '' where it is done. */
  readonly why: string
}

/**
 * Told once, an answer for each amendment in their order: when all that was changed is stored here
 * and at the partner, or nothing is.
 */
export type AmendAnswer = (amended: readonly Amended[]) => void
