// How many leases clients of a class have at most (libdhcp_limits): a lease notes the limited
// classes of its client, and the table counts by what leases say.

import { withClasses } from '../leases/lease-classes.ts'
import type { Exchange4 } from './exchange4.ts'

/** Whether each class of the client may have one lease more. */
export function classesHaveRoom({ classes, leases, plan }: Exchange4): boolean {
  for (const { number, name, addresses } of plan.classLimits.addresses)
    if (classes.has(number) && leases.classes.of(name) >= addresses) return false
  return true
}

/** The user context of a lease that is given now. */
export function withLimitedClasses({ classes, plan }: Exchange4, context: string): string {
  const { addresses } = plan.classLimits
  if (addresses.length === 0) return context
  const own = addresses.filter(({ number }) => classes.has(number))
  return withClasses(
    context,
    own.map(({ name }) => name),
  )
}
