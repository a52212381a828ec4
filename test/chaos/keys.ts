// The keys of every address over both journals, as the servers count them (lib/ha/README.md, rule
// 2a).

import Database from 'better-sqlite3'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { homeOf, type Side } from '../../lib/leases/rights.ts'

/** What a journal knows of keys. */
export interface KeyBook {
  readonly side: Side
  readonly rights: string
  readonly handOver: number
  readonly rows: ReadonlyMap<number, KeyRow>
}

export interface KeyRow {
  readonly address: number
  readonly gave: number
  readonly got: number
}

/** Addresses with more than two keys; none is looked for while a server has all rights, or none. */
export function keysBeyond(one: KeyBook | undefined, other: KeyBook | undefined): string[] {
  if (one?.rights !== 'shared' || other?.rights !== 'shared') return []
  // One of them has not heard yet that everything was with the other.
  if (one.handOver !== other.handOver) return []
  return [...new Set([...one.rows.keys(), ...other.rows.keys()])].flatMap((address) => {
    const [here, there] = [keysOf(address, one), keysOf(address, other)]
    return here + there > 2
      ? [`${textFromIpv4(address)} has ${here} keys at server1 and ${there} at server2`]
      : []
  })
}

/** More than two at one server, too, which it would not use. */
function keysOf(address: number, { side, rows }: KeyBook): number {
  const { gave, got } = rows.get(address) ?? { gave: 0, got: 0 }
  return (homeOf(address) === side ? 2 : 0) - gave + got
}

/** Undefined: its server has never been one of a pair. */
export function keyBookOf(file: string): KeyBook | undefined {
  const db = new Database(file, { fileMustExist: true, readonly: true })
  try {
    return db.transaction(() => {
      const pair = db.prepare('SELECT side, rights, hand_over AS handOver FROM pair').get()
      if (pair === undefined) return undefined
      const rows = db.prepare('SELECT address, gave, got FROM lease4').all() as KeyRow[]
      const byAddress = new Map(rows.map((row) => [row.address, row]))
      return { ...(pair as Omit<KeyBook, 'rows'>), rows: byAddress }
    })()
  } finally {
    db.close()
  }
}
