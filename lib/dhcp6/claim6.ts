// One IA of the query as its steps see it: who it is to leases (RFC 9915 §12: its binding), what it
// names, and the rows that it has on the link.

import type { Prefix6 } from '../address/prefix6.ts'
import { isHeldBy } from '../leases/holding.ts'
import type { ClientIdentity, Lease6 } from '../leases/lease.ts'
import type { IaKind } from '../wire/v6/codes.ts'
import type { Ia6, IaEntry6 } from '../wire/v6/message.ts'
import type { Exchange6 } from './exchange6.ts'
import { identityWith } from './hardware6.ts'
import type { Place6, Places6 } from './place6.ts'

/** The row of an IA in one of the places; its subnet may have lost the address since. */
export interface OwnRow6 {
  readonly place: Place6
  readonly row: Lease6
}

export interface Claim6 {
  readonly kind: IaKind
  readonly iaid: number
  /** The binding. */
  readonly client: ClientIdentity
  readonly entries: readonly IaEntry6[]
  /** One of each place at most, live or ended, in the order of the places. */
  readonly rows: readonly OwnRow6[]
}

const NO_ROWS: readonly OwnRow6[] = []

export function claimOf(exchange: Exchange6, places: Places6, ia: Ia6): Claim6 {
  const client = identityWith(exchange.hardware, exchange.bindingOf(ia))
  const { kind, iaid, entries } = ia
  return { kind, iaid, client, entries, rows: rowsOf(exchange, places, client) }
}

function rowsOf(
  { leases }: Exchange6,
  places: Places6,
  client: ClientIdentity,
): readonly OwnRow6[] {
  let rows: OwnRow6[] | undefined
  for (const place of places) {
    const row = leases.byClient(client, place.subnet.id)
    if (row === undefined) continue
    rows ??= []
    rows.push({ place, row })
  }
  return rows ?? NO_ROWS
}

/** The row of the key, in whatever state: mostly it is one of the IA's own. */
export function rowAt({ leases }: Exchange6, { rows }: Claim6, key: Prefix6): Lease6 | undefined {
  for (const { row } of rows) if (row.address === key) return row
  return leases.byAddress(key)
}

/** The row of the key if it is this IA's, live or ended. */
export function ownRowAt(exchange: Exchange6, claim: Claim6, key: Prefix6): Lease6 | undefined {
  const row = rowAt(exchange, claim, key)
  return row !== undefined && isHeldBy(exchange.leases, row, claim.client) ? row : undefined
}

/** What the IA says of the key. */
export function entryOf({ entries }: Claim6, key: Prefix6): IaEntry6 | undefined {
  for (const entry of entries) if (entry.key === key) return entry
  return undefined
}

/** Of two IAs of one kind and IAID, which no client sends, only the first counts. */
export function distinct(ias: readonly Ia6[]): readonly Ia6[] {
  if (ias.length < 2) return ias
  return ias.some((_, at) => isRepeated(ias, at))
    ? ias.filter((_, at) => !isRepeated(ias, at))
    : ias
}

function isRepeated(ias: readonly Ia6[], at: number): boolean {
  const { kind, iaid } = ias[at]!
  for (let before = 0; before < at; before++)
    if (ias[before]!.iaid === iaid && ias[before]!.kind === kind) return true
  return false
}
