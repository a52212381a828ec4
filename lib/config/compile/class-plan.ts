// The classes of a plan, once everything that names one is compiled: those that nothing names
// before that have no number yet.

import { FIXED_CLASSES } from '../../classify/class-set.ts'
import { ClassProgram, type Membership } from '../../classify/program.ts'
import type { ClassPlan } from '../plan/class-plan.ts'
import type { ClassLists } from './class-lists.ts'

/** Kept with the level of the definitions: a reload that names no further class makes none anew. */
export class ClassPlans<Given extends Membership> {
  readonly #lists: ClassLists
  readonly #definitions: readonly Given[]
  readonly #looksUpEarly: boolean
  #plan: ClassPlan<Given> | undefined

  constructor(lists: ClassLists, definitions: readonly Given[], looksUpEarly: boolean) {
    this.#lists = lists
    this.#definitions = definitions
    this.#looksUpEarly = looksUpEarly
  }

  current(): ClassPlan<Given> {
    const { names, isAsked } = this.#lists
    const former = this.#plan
    const hasProgram = this.#definitions.length > 0 || isAsked || names.size > FIXED_CLASSES
    if (former?.names.length === names.size && (former.program !== undefined) === hasProgram)
      return former
    const list = names.list()
    const given: (Given | undefined)[] = list.map(() => undefined)
    for (const definition of this.#definitions) given[definition.number] = definition
    const numbers = new Map(list.map((name, number) => [name, number]))
    const plan = {
      names: list,
      numberOf: (name: string) => (name === '' ? undefined : numbers.get(name)),
      given,
      definitions: this.#definitions,
      program: hasProgram ? new ClassProgram(this.#definitions, list) : undefined,
      looksUpEarly: this.#looksUpEarly,
    }
    this.#plan = plan
    return plan
  }
}
