// What the engine of DHCPv6 may ask of the leases beside what view.ts has.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Instant } from '../time/units.ts'
import type { BindingKind } from './binding.ts'
import type { Lease6 } from './lease.ts'
import type { LeaseView } from './view.ts'

export interface LeaseView6 extends LeaseView<Prefix6> {
  /**
   * Rows of a client, of these kinds of bindings or of all, in whatever state: what it has, had,
   * gave back and has registered. 64 of each kind at most; who asks for one binding is told for
   * certain by byClient.
   */
  byDuid(duid: Octets, kinds?: readonly BindingKind[]): readonly Lease6[]

  /** Whether byDuid finds any of this kind: it costs no objects, and most clients have none. */
  hasBindings(duid: Octets, kind: BindingKind): boolean

  /**
   * Rows whose keys overlap this one and are others, and because of which it is not given (rule
   * 1d(b)): they are not over, or a key of them is at the partner. None that a client registered.
   */
  around(key: Prefix6, now: Instant): readonly Lease6[]
}
