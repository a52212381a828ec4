// What is to be done in DNS in one direction.

import type { Octets } from '../bytes/octets.ts'
import type { Registration } from './registration.ts'

export type Action = 'add' | 'remove'
export type Direction = 'forward' | 'reverse'

export interface Order {
  readonly action: Action
  readonly direction: Direction
  readonly registration: Registration
  /** Undefined: not known (`*`), the server is asked. */
  readonly zone: Octets | undefined
  /** Whose records are changed: the FQDN, the name of the address, or where an alias leads. */
  readonly name: Octets
  /**
   * Other addresses of the same family that the client has under the name at this time: they are
   * left there.
   */
  readonly beside: readonly Octets[]
  /** Another server may have registered more of them, which are not known here. */
  readonly isApart?: boolean
  /** Others give leases of the same addresses, and register them. */
  readonly isShared?: boolean
}
