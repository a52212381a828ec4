// In some worlds one or two clients say a DUID in their client identifier, and a reservation names
// them by it: of two interfaces of one machine whoever asks first has its address.

import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { chance, happens } from '../../lib/lab/chance.ts'
import { type Cast, netOf, withSubnets } from './documents.ts'

const DUID = '00030001020000000099'

/** With its own chance: what else a seed decides stays as it is. */
export function withDuids<Document extends Partial<Dhcp4Document>>(
  seed: number,
  { documents, clients }: Cast<Document>,
): Cast<Document> {
  const draw = chance(seed, 'duids')
  if (!happens(draw, 0.25)) return { documents, clients }
  const first = draw(clients.length)
  const last = first + draw(2)
  return {
    documents: documents.map((document) =>
      withSubnets(document, (subnet) => ({
        ...subnet,
        reservations: [
          ...(subnet.reservations ?? []),
          { duid: DUID, 'ip-address': `${netOf(subnet)}.52` },
        ],
      })),
    ),
    clients: clients.map((client, index) =>
      index < first || index > last ? client : { ...client, clientId: clientIdOf(index) },
    ),
  }
}

/** Type 255, the number of the interface, the DUID (RFC 4361 §6.1). */
function clientIdOf(index: number): string {
  return `ff0000000${index.toString(16)}${DUID}`
}
