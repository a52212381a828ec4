// In which classes a client is, and why in no others.

import { CLASS, type ClassSet } from '../classify/class-set.ts'
import { partsOf, reasonsOf } from '../classify/explain.ts'
import type { Facts } from '../classify/facts.ts'
import { type Membership, OF_VENDOR, SPAWNED } from '../classify/program.ts'
import type { ClassPlan } from '../config/plan/class-plan.ts'

export interface ClassReport {
  readonly name: string
  readonly isMember: boolean
  /** Clauses; empty where it goes without saying. */
  readonly reasons: readonly string[]
}

/** What a family knows of a client and of what it said. */
export interface ClassesView {
  readonly classes: ClassSet
  readonly plan: ClassPlan<Membership>
  /** A reservation says that it is in the class. */
  isReserved(number: number): boolean
  /** Whose list of additional classes assigned or tested it, '' = none. */
  listOf(number: number): string
  /** The message as it was read when the class was tested. */
  factsFor(definition: Membership): Facts
  /** By which the client says who made it: `option 60`. */
  readonly vendorOption: string
  /** What it says there, '' = nothing. */
  readonly vendor: string
}

/** Those that the client is in, in order of precedence, then the others of the document. */
export function classesReport(view: ClassesView): ClassReport[] {
  const { classes, plan } = view
  const { names, definitions, given, program } = plan
  if (program === undefined) return []
  const members = [...classes.order.subarray(0, classes.count)]
    .filter((number) => number >= CLASS.all)
    .map((number) => ({
      name: names[number] ?? '',
      isMember: true,
      reasons: whyIn(number, names[number] ?? '', given[number], view),
    }))
  const others = definitions
    .filter(({ number }) => !classes.has(number))
    .map((definition) => ({
      name: definition.name,
      isMember: false,
      reasons: whyNotIn(definition, view),
    }))
  return [...members, ...others]
}

function whyIn(
  number: number,
  name: string,
  definition: Membership | undefined,
  view: ClassesView,
): readonly string[] {
  if (number === CLASS.all) return ['every client is']
  if (number === CLASS.known) return ['it has a reservation']
  if (number === CLASS.unknown) return ['it has no reservation']
  if (view.isReserved(number)) return ['its reservation says so']
  const list = view.listOf(number)
  const said = list === '' ? [] : [`an additional class of the ${list}`]
  if (definition?.test !== undefined)
    return [...said, ...reasonsOf(definition.test, view.factsFor(definition))]
  if (definition?.template !== undefined)
    return [
      ...said,
      `its value is ${partsOf(definition.template, view.factsFor(definition)).value}`,
    ]
  if (name.startsWith(OF_VENDOR)) return [`${view.vendorOption} is ${view.vendor}`]
  if (name.startsWith(SPAWNED)) return ['the value of its template']
  return said
}

function whyNotIn(definition: Membership, view: ClassesView): readonly string[] {
  const { test, template, onlyAdditional, afterKnown, number } = definition
  const { classes } = view
  if (onlyAdditional && view.listOf(number) === '')
    return ['nothing that counts names it in evaluate-additional-classes']
  if (afterKnown && !classes.has(CLASS.known) && !classes.has(CLASS.unknown))
    return ['it is tested after the reservation is looked up, and the message went no further']
  if (test !== undefined) return reasonsOf(test, view.factsFor(definition))
  if (template !== undefined)
    return [`its value is ${partsOf(template, view.factsFor(definition)).value}`]
  if (definition.name.startsWith(SPAWNED)) return ['no template has this value']
  if (definition.name.startsWith(OF_VENDOR)) return [`${view.vendorOption} does not say so`]
  return ['it has no test, and neither a reservation nor a list of additional classes names it']
}
