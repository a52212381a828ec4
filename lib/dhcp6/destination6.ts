// Where a reply goes (RFC 9915 §7.2, §18.3.10, §19.3; relay source port RFC 8357).

import { isMulticast6 } from '../address/ipv6.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Destination6 } from './outcome6.ts'

const SERVER_PORT = 547
const CLIENT_PORT = 546

/**
 * Back to where the query came from. A client hears port 546, whatever it sent from; a relay 547,
 * unless it says that it does not.
 */
export function destinationOf({ arrival, query, settings }: Exchange6): Destination6 {
  const { address, to } = arrival
  const source = isMulticast6(to) ? '' : to
  const beside = query.relays[0]
  if (beside === undefined) return { address, port: settings.clientPort ?? CLIENT_PORT, source }
  // RFC 8357 §5.2: only with option 135 the port that it sent from is one that it hears.
  const port = beside.has(OPTION6.relaySourcePort)
    ? arrival.port
    : (settings.serverPort ?? SERVER_PORT)
  return { address, port, source }
}
