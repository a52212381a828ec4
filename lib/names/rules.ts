// What a place (a pool, a subnet, what lies above) says about names of clients.

import type { Octets } from '../bytes/octets.ts'
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
  /** Undefined: nothing is registered in DNS. */
  readonly updates: UpdateRules | undefined
}

/** Who registers names in DNS. */
export interface UpdateRules {
  /** The server does, although the client wants to. */
  readonly overridesClient: boolean
  /** The server does, although the client wants nobody to. */
  readonly overridesNone: boolean
}
