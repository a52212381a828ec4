// What must be true of the servers of a real pair: what their clients have stands in their
// journals, and nobody is left without an answer. Sentences, one for each violation.

import type { LeaseRow } from '../system/daemon.ts'
import type { Holding } from './clients.ts'

type Row = Pick<LeaseRow, 'address' | 'hw_address' | 'state'>

/** What clients have from a server that was killed, and its journal does not hold. */
export function forgotten(
  name: string,
  server: string,
  holdings: readonly Holding[],
  rows: readonly Row[],
): string[] {
  const byAddress = new Map(rows.map((row) => [row.address, row]))
  return holdings
    .filter((holding) => holding.server === server && holding.isKnown)
    .filter(({ address, hw }) => {
      const row = byAddress.get(address)
      // Whoever declined it may have done so by a datagram that the client has sent since.
      return row?.hw_address !== hw && row?.state !== 'declined'
    })
    .map((holding) => `${name} was killed and forgot ${JSON.stringify(holding)}`)
}

/** What clients have and a server does not know, though both work together. */
export function unknown(
  name: string,
  holdings: readonly Holding[],
  rows: readonly Row[],
): string[] {
  const byAddress = new Map(rows.map((row) => [row.address, row]))
  return holdings
    .filter(({ address, hw }) => byAddress.get(address)?.hw_address !== hw)
    .map((holding) => `${name} does not know ${JSON.stringify(holding)}`)
}

/**
 * Every client has been acknowledged something since the faults ended, as long as there are
 * addresses.
 */
export function unserved(served: number, clients: number, addresses: number): string[] {
  const due = Math.min(clients, addresses)
  return served >= due ? [] : [`${served} clients were served, of ${due} that could be`]
}
