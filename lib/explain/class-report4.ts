// The classes of a client of DHCPv4, as class-report.ts tells of them.

import { showOctets } from '../classify/explain.ts'
import type { Membership } from '../classify/program.ts'
import { Facts4 } from '../dhcp4/facts4.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { type ClassReport, classesReport } from './class-report.ts'

export function classesReport4(trace: Trace4): ClassReport[] {
  const { classes, plan, query } = trace
  return classesReport({
    classes,
    plan: plan.classes,
    isReserved: (number) => isReserved(number, trace),
    listOf: (number) => listOf(number, trace),
    factsFor: (definition) => factsFor(definition, trace),
    vendorOption: 'option 60',
    vendor: showOctets(query.octets(OPTION4.vendorClassIdentifier) ?? ''),
  })
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
function factsFor({ afterKnown, onlyAdditional }: Membership, trace: Trace4): Facts4 {
  const facts = new Facts4()
  facts.begin(trace.query, trace.arrival, trace.classes)
  if (afterKnown || onlyAdditional) facts.decode()
  return facts
}
