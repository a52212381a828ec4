// The plan of a server whose configuration is somebody else's, compiled again with what databases
// of reservations say: a little at a time, with messages of clients between.

import { withHosts } from '../../config/compile/with-hosts.ts'
import type { HostTables } from '../../config/plan/host-rows.ts'
import type { Plan } from '../../config/plan/plan.ts'
import { allAtOnce } from '../../config/plan/steps.ts'
import type { Instant, Millis } from '../../time/units.ts'
import type { Slices } from '../slices.ts'

/** Of one slice. */
const SLICE_MAX: Millis = 3

export interface PlanAgainDuties {
  plan(): Plan
  use(plan: Plan): void
  hostTables(): HostTables
  now(): Instant
  readonly slices: Pick<Slices, 'add'>
}

/** `done` with what is in force then; never, where the server stops before. */
export function compileAgain(duties: PlanAgainDuties, done: (plan: Plan) => void): void {
  const { hostTables, now, plan, slices, use } = duties
  const before = plan()
  const steps = withHosts(before, hostTables())
  const enforce = (next: Plan | undefined): void => {
    // A reload was first.
    if (plan() !== before) return compileAgain(duties, done)
    if (next !== undefined) use(next)
    done(plan())
  }
  const slice = (): boolean => {
    const until = now() + SLICE_MAX
    for (;;) {
      const step = steps.next()
      if (step.done === true) enforce(step.value)
      if (step.done === true || now() >= until) return step.done === true
    }
  }
  const isTaken = slices.add(slice, (why) => {
    if (why === 'failed') done(plan())
  })
  if (!isTaken) enforce(allAtOnce(steps))
}

/** A plan that comes into force by a reload, with what is known already. */
export function withKnownHosts(plan: Plan, hostTables: HostTables): Plan {
  return allAtOnce(withHosts(plan, hostTables)) ?? plan
}
