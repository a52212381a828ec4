// Lifetimes that classes of clients have: the first of a client's classes that says one, in the
// order in which they were assigned, goes before the subnet (Kea does the same).

import type { Lifetime, Subnet4 } from '../config/plan/plan4.ts'
import type { Seconds } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'

/** The bounds of a client's lease time in the subnet. */
export function lifetimeOf({ plan, classes }: Exchange4, { lifetime }: Subnet4): Lifetime {
  const { given } = plan.classes
  for (let at = 0; at < classes.count; at++) {
    const own = given[classes.order[at]!]?.lifetime
    if (own !== undefined) return own
  }
  return lifetime
}

/** For how long an address is kept that is offered to the client; 0 = nobody says. */
export function offerLifetimeOf({ plan, classes }: Exchange4, { leasing }: Subnet4): Seconds {
  const { given } = plan.classes
  for (let at = 0; at < classes.count; at++) {
    const own = given[classes.order[at]!]?.offerLifetime
    if (own !== undefined) return own
  }
  return leasing.offerLifetime
}
