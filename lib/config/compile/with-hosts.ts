// A plan anew, with what databases of reservations say by now, for whoever has nothing but the
// plan: a program that embeds a server, and simulations.

import type { HostTables } from '../plan/host-rows.ts'
import type { Plan } from '../plan/plan.ts'
import type { Steps } from '../plan/steps.ts'

type Again = (hostTables: HostTables) => Steps<Plan | undefined>

const AGAIN = new WeakMap<Plan, Again>()

export function noteOrigin(plan: Plan, again: Again): void {
  AGAIN.set(plan, again)
}

/** Whether it is as it was compiled. */
export function hasOrigin(plan: Plan): boolean {
  return AGAIN.has(plan)
}

/** Undefined where it is not: nobody knows what it was made of. */
export function* withHosts(plan: Plan, hostTables: HostTables): Steps<Plan | undefined> {
  const again = AGAIN.get(plan)
  return again === undefined ? undefined : yield* again(hostTables)
}
