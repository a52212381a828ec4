// The classes of a plan, once everything that names one is compiled.

import type { ClassNames } from '../../classify/class-names.ts'
import type { ClassPlan } from '../plan/class-plan.ts'

export function classPlan(names: ClassNames): ClassPlan {
  return {
    names: names.list(),
    numberOf: (name) => names.numberOf(name),
    given: [],
    definitions: [],
    program: undefined,
    looksUpEarly: false,
  }
}
