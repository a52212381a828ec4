// Fields of the header by which clients boot: each comes from the reservation, else from the first
// class of the client that has it, else from the subnet and the levels above it. So a class goes
// before the subnet here, while options of the subnet go before those of a class (both as in Kea).

import type { BootFields, Reservation4 } from '../config/plan/plan4.ts'
import { NO_BOOT_FIELDS } from '../config/plan/plan4.ts'
import type { Exchange4 } from './exchange4.ts'

export function bootFieldsFor(
  exchange: Exchange4,
  reservation: Reservation4 | undefined,
  ofSubnet: BootFields,
): BootFields {
  const own = reservation?.bootFields ?? NO_BOOT_FIELDS
  return over(exchange.program === undefined ? own : overClasses(exchange, own), ofSubnet)
}

function overClasses({ classes, plan }: Exchange4, own: BootFields): BootFields {
  const { given } = plan.classes
  let fields = own
  for (let at = 0; at < classes.count; at++) {
    const ofClass = given[classes.order[at]!]?.bootFields
    if (ofClass !== undefined) fields = over(fields, ofClass)
  }
  return fields
}

/** Makes an object only where both say something. */
function over(first: BootFields, second: BootFields): BootFields {
  if (first === NO_BOOT_FIELDS) return second
  if (second === NO_BOOT_FIELDS) return first
  return {
    nextServer: first.nextServer || second.nextServer,
    serverHostname: first.serverHostname || second.serverHostname,
    bootFileName: first.bootFileName || second.bootFileName,
  }
}
