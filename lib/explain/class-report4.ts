// In which classes a client is, and why in no others.

import { CLASS } from '../classify/class-set.ts'
import { partsOf, reasonsOf, showOctets } from '../classify/explain.ts'
import { OF_VENDOR, SPAWNED } from '../classify/program.ts'
import type { Class4 } from '../config/plan/class-plan.ts'
import { Facts4 } from '../dhcp4/facts4.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'

export interface ClassReport {
  readonly name: string
  readonly isMember: boolean
  /** Clauses; empty where it goes without saying. */
  readonly reasons: readonly string[]
}

/** Those that the client is in, in order of precedence, then the others of the document. */
export function classesReport(trace: Trace4): ClassReport[] {
  const { classes, plan } = trace
  const { names, definitions, given, program } = plan.classes
  if (program === undefined) return []
  const members = [...classes.order.subarray(0, classes.count)]
    .filter((number) => number >= CLASS.all)
    .map((number) => ({
      name: names[number] ?? '',
      isMember: true,
      reasons: whyIn(number, names[number] ?? '', given[number], trace),
    }))
  const others = definitions
    .filter(({ number }) => !classes.has(number))
    .map((definition) => ({
      name: definition.name,
      isMember: false,
      reasons: whyNotIn(definition, trace),
    }))
  return [...members, ...others]
}

function whyIn(
  number: number,
  name: string,
  definition: Class4 | undefined,
  trace: Trace4,
): readonly string[] {
  if (number === CLASS.all) return ['every client is']
  if (number === CLASS.known) return ['it has a reservation']
  if (number === CLASS.unknown) return ['it has no reservation']
  if (isReserved(number, trace)) return ['its reservation says so']
  const list = listOf(number, trace)
  const said = list === '' ? [] : [`an additional class of the ${list}`]
  if (definition?.test !== undefined)
    return [...said, ...reasonsOf(definition.test, factsFor(definition, trace))]
  if (definition?.template !== undefined)
    return [
      ...said,
      `its value is ${partsOf(definition.template, factsFor(definition, trace)).value}`,
    ]
  if (name.startsWith(OF_VENDOR))
    return [`option 60 is ${showOctets(trace.query.octets(OPTION4.vendorClassIdentifier) ?? '')}`]
  if (name.startsWith(SPAWNED)) return ['the value of its template']
  return said
}

function whyNotIn(definition: Class4, trace: Trace4): readonly string[] {
  const { test, template, onlyAdditional, afterKnown, number } = definition
  const { classes } = trace
  if (onlyAdditional && listOf(number, trace) === '')
    return ['nothing that counts names it in evaluate-additional-classes']
  if (afterKnown && !classes.has(CLASS.known) && !classes.has(CLASS.unknown))
    return ['it is tested after the reservation is looked up, and the message went no further']
  if (test !== undefined) return reasonsOf(test, factsFor(definition, trace))
  if (template !== undefined)
    return [`its value is ${partsOf(template, factsFor(definition, trace)).value}`]
  if (definition.name.startsWith(SPAWNED)) return ['no template has this value']
  if (definition.name.startsWith(OF_VENDOR)) return ['option 60 does not say so']
  return ['it has no test, and neither a reservation nor a list of additional classes names it']
}

function isReserved(number: number, { places, reservation }: Trace4): boolean {
  return [reservation, ...places.map((place) => place.reservation)].some((each) =>
    each?.classes.includes(number),
  )
}

/** Whose list of additional classes assigned or tested it, '' = none. */
function listOf(number: number, { place, lease }: Trace4): string {
  if (place === undefined) return ''
  const { subnet } = place
  if (subnet.poolOf(lease)?.additional.includes(number) === true) return 'pool'
  if (subnet.additional.includes(number)) return 'subnet'
  return subnet.network?.additional.includes(number) === true ? 'network' : ''
}

/** The message as it was read when the class was tested. */
function factsFor({ afterKnown, onlyAdditional }: Class4, trace: Trace4): Facts4 {
  const facts = new Facts4()
  facts.begin(trace.query, trace.arrival, trace.classes)
  if (afterKnown || onlyAdditional) facts.decode()
  return facts
}
