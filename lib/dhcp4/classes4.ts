// The classes of a client of DHCPv4, as the message alone tells them: the first step of
// dhcp/client-classes.ts.

import { OPTION4 } from '../wire/v4/codes.ts'
import type { Exchange4 } from './exchange4.ts'

export function classify(exchange: Exchange4): void {
  const { arrival, classes, facts, query, trouble } = exchange
  const program = exchange.program!
  facts.begin(query, arrival, classes)
  const { vendorClassIdentifier } = OPTION4
  program.begin(
    classes,
    query.has(vendorClassIdentifier) ? query.octets(vendorClassIdentifier) : undefined,
  )
  program.early(facts, classes, trouble)
  // From here on it is known by which definitions options 43 and 224 to 254 are to be read.
  facts.decode()
}
