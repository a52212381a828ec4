// The classes of a client of DHCPv6, as the message alone tells them: the first step of
// dhcp/client-classes.ts.

import type { Octets } from '../bytes/octets.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { itemsInOctets } from '../wire/v6/octets6.ts'
import type { Exchange6 } from './exchange6.ts'

export function classify(exchange: Exchange6): void {
  const { classes, facts, query, trouble } = exchange
  const program = exchange.program!
  program.begin(
    classes,
    query.has(OPTION6.vendorClass) ? vendorOf(query.all(OPTION6.vendorClass)) : undefined,
  )
  program.early(facts, classes, trouble)
}

/** What cable modems and routers call themselves, in whatever place: DOCSIS 3.0 MULPIv3.0. */
const DOCSIS = ['docsis3.0', 'eRouter1.0']

const ENTERPRISE_SIZE = 4

/** By which a client is in a class VENDOR_CLASS_: the first text of its vendor class, as in Kea. */
function vendorOf(values: readonly Octets[]): Octets | undefined {
  const texts = itemsInOctets(values[0] ?? '', ENTERPRISE_SIZE)
  if (texts === undefined) return undefined
  return DOCSIS.find((name) => texts.includes(name)) ?? texts[0]
}
