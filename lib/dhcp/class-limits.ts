// How many leases clients of a class have at most (libdhcp_limits): a lease notes the limited
// classes of its client, and the table counts by what leases say.

import type { ClassSet } from '../classify/class-set.ts'
import type { ClassLimits } from '../config/plan/limits-plan.ts'
import { withClasses } from '../leases/lease-classes.ts'

/** What this asks of an exchange. */
export interface Limited {
  readonly plan: { readonly classLimits: ClassLimits }
  readonly classes: ClassSet
  readonly leases: {
    readonly classes: Readonly<Record<'of' | 'prefixesOf', (name: string) => number>>
  }
}

/** Whether each class of the client may have one address more. */
export function classesHaveRoom({ classes, leases, plan }: Limited): boolean {
  for (const { number, name, addresses } of plan.classLimits.addresses)
    if (addresses !== undefined && classes.has(number) && leases.classes.of(name) >= addresses)
      return false
  return true
}

/** The same of prefixes. */
export function classesHaveRoomForPrefix({ classes, leases, plan }: Limited): boolean {
  for (const { number, name, prefixes } of plan.classLimits.addresses)
    if (
      prefixes !== undefined &&
      classes.has(number) &&
      leases.classes.prefixesOf(name) >= prefixes
    )
      return false
  return true
}

/** The user context of a lease that is given now. */
export function withLimitedClasses({ classes, plan }: Limited, context: string): string {
  const { addresses } = plan.classLimits
  if (addresses.length === 0) return context
  const own = addresses.filter(({ number }) => classes.has(number))
  return withClasses(
    context,
    own.map(({ name }) => name),
  )
}
