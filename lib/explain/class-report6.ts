// The classes of a client of DHCPv6, as class-report.ts tells of them.

import { showOctets } from '../classify/explain.ts'
import { Facts6 } from '../dhcp6/facts6.ts'
import type { Trace6 } from '../dhcp6/trace6.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { type ClassReport, classesReport } from './class-report.ts'

export function classesReport6(trace: Trace6): ClassReport[] {
  const { arrival, classes, plan, query } = trace
  const facts = new Facts6()
  facts.begin(query, arrival, classes)
  return classesReport({
    classes,
    plan: plan.classes,
    isReserved: (number) => isReserved(number, trace),
    listOf: (number) => listOf(number, trace),
    factsFor: () => facts,
    vendorOption: 'option 16',
    vendor: showOctets(query.option(OPTION6.vendorClass) ?? ''),
  })
}

function isReserved(number: number, { places, reservation }: Trace6): boolean {
  return [reservation, ...places.map((place) => place.reservation)].some((each) =>
    each?.classes.includes(number),
  )
}

/** Whose list of additional classes assigned or tested it, '' = none. */
function listOf(number: number, { place }: Trace6): string {
  if (place === undefined) return ''
  const { subnet } = place
  const pools = [...subnet.pools, ...subnet.pdPools]
  if (pools.some(({ additional }) => additional.includes(number))) return 'pool'
  if (subnet.additional.includes(number)) return 'subnet'
  return subnet.network?.additional.includes(number) === true ? 'network' : ''
}
