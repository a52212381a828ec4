// How many leases clients of a class have at most (libdhcp_limits): a lease notes the limited
// classes of its client, and the table counts by what leases say.

import type { ClassSet } from '../classify/class-set.ts'
import { textFor } from '../classify/expression.ts'
import type { Facts } from '../classify/facts.ts'
import type { ClassAddressLimit, ClassLimits } from '../config/plan/limits-plan.ts'
import { withClasses } from '../leases/lease-classes.ts'

/** What this asks of an exchange. */
export interface Limited {
  readonly plan: { readonly classLimits: ClassLimits }
  readonly classes: ClassSet
  readonly facts: Facts
  readonly leases: {
    readonly classes: Readonly<Record<'of' | 'prefixesOf', (name: string) => number>>
  }
}

/** Whether each class of the client may have one address more. */
export function classesHaveRoom({ classes, facts, leases, plan }: Limited): boolean {
  for (const limit of plan.classLimits.addresses) {
    const { addresses, number } = limit
    if (addresses === undefined || !classes.has(number)) continue
    if (leases.classes.of(countedAs(limit, facts)) >= addresses) return false
  }
  return true
}

/** The same of prefixes. */
export function classesHaveRoomForPrefix({ classes, facts, leases, plan }: Limited): boolean {
  for (const limit of plan.classLimits.addresses) {
    const { number, prefixes } = limit
    if (prefixes === undefined || !classes.has(number)) continue
    if (leases.classes.prefixesOf(countedAs(limit, facts)) >= prefixes) return false
  }
  return true
}

/** Octets of a value that are told apart: a lease has to hold its name. */
const VALUE_MAX = 128

/**
 * The class that leases note: of a template, that of its value, as Kea since 3.3 spells it. Who was
 * put into the template by a reservation may have none.
 */
function countedAs({ name, spawns, value }: ClassAddressLimit, facts: Facts): string {
  const own = value && textFor(value, facts)
  return own === undefined ? name : `${spawns}${escaped(own.slice(0, VALUE_MAX))}`
}

function escaped(value: string): string {
  return value.replaceAll(/[^0-9A-Za-z._-]/g, (sign) =>
    sign === '%' ? '%%' : `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** The user context of a lease that is given now. */
export function withLimitedClasses({ classes, facts, plan }: Limited, context: string): string {
  const { addresses } = plan.classLimits
  if (addresses.length === 0) return context
  const own = addresses.filter(({ number }) => classes.has(number))
  return withClasses(
    context,
    own.map((limit) => countedAs(limit, facts)),
  )
}
