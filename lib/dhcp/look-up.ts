// A client whose reservation a database has to be asked for first: nothing is noted of its query,
// which is stepped again when the database has answered (config/plan/host-source.ts).

import type { Octets } from '../bytes/octets.ts'
import type { Known } from '../config/plan/reservation-index.ts'

/** What the engine says of such a query. */
export interface LookUp {
  readonly kind: 'look-up'
  /** By each of them the client may have a reservation. */
  readonly identifiers: readonly { readonly type: string; readonly value: Octets }[]
}

interface Reservations<Kind extends string> {
  readonly joinsDatabases: boolean
  isUnknown(known: Known<Kind>): boolean
}

/** Undefined where it is known what the client has. `order`: of the identifiers that count. */
export function lookUpOf<Kind extends string>(
  reservations: Reservations<Kind>,
  known: Known<Kind>,
  order: readonly Kind[],
): LookUp | undefined {
  if (!reservations.joinsDatabases || !reservations.isUnknown(known)) return undefined
  const identifiers = order
    .map((type) => ({ type, value: known.knownBy(type) }))
    .filter(({ value }) => value !== '')
  return { kind: 'look-up', identifiers }
}
