// What a place (a pool, a subnet, what lies above) says about names of clients.

import type { Octets } from '../bytes/octets.ts'
import type { Seconds } from '../time/units.ts'
import type { Sanitizer } from './sanitizer.ts'

/** When a name is made up, whatever the client says: depends on whether it says one. */
export type Replace = 'never' | 'always' | 'when-present' | 'when-not-present'

export interface NameRules {
  readonly replace: Replace
  /** How a name begins that is made up; '' = with the address. */
  readonly prefix: Octets
  /** The domain of names without one, lower case, without dots around it; '' = none. */
  readonly suffix: Octets
  /** What is taken out of names of clients; undefined = nothing. */
  readonly sanitizer: Sanitizer | undefined
  /** A client that says no name any more keeps the one that it has. */
  readonly keepsName: boolean
  /** Zones that names are registered in, lower case, without a final dot: no client's name. */
  readonly zones: ReadonlySet<Octets>
  /** Undefined: nothing is registered in DNS. */
  readonly updates: UpdateRules | undefined
}

/** Who registers names in DNS, and how. */
export interface UpdateRules {
  /** The server does, although the client wants to. */
  readonly overridesClient: boolean
  /** The server does, although the client wants nobody to. */
  readonly overridesNone: boolean
  readonly mode: ConflictMode
  /** The records are written again at each renewal that is stored, although nothing changed. */
  readonly updatesOnRenew: boolean
  readonly ttl: TtlRules
}

/**
 * Whose records may be replaced (RFC 4703 §5 is the first). check: the client's own, by the DHCID
 * beside them. check-exists: those of any client that has a DHCID. no-check: whoever's they are.
 */
export type ConflictMode =
  | 'check-with-dhcid'
  | 'check-exists-with-dhcid'
  | 'no-check-with-dhcid'
  | 'no-check-without-dhcid'

/** How long resolvers may keep the records. See ttlOf. */
export interface TtlRules {
  /** 0 = it depends on the lifetime of the lease. */
  readonly fixed: Seconds
  /** The part of the lifetime. */
  readonly percent: number
  readonly min: Seconds
  /** 0 = none. */
  readonly max: Seconds
}
