// The keys of every address over both journals, as the servers count them (lib/ha/README.md, rule 2a).

import Database from 'better-sqlite3'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { keysByCounters, type Side } from '../../lib/leases/rights.ts'

interface Row {
  readonly address: number
  readonly gave: number
  readonly got: number
}

/** Addresses with more than two keys; none is looked for while a server has all rights, or none. */
export function keysBeyond(one: string, other: string): string[] {
  const sides = [sideOf(one), sideOf(other)]
  if (sides.includes(undefined)) return []
  const [rows, others] = [rowsOf(one), rowsOf(other)]
  return [...new Set([...rows.keys(), ...others.keys()])].flatMap((address) => {
    const here = keys(address, sides[0]!, rows.get(address))
    const there = keys(address, sides[1]!, others.get(address))
    return here + there > 2
      ? [`${textFromIpv4(address)} has ${here} keys at server1 and ${there} at server2`]
      : []
  })
}

function keys(address: number, side: Side, row: Row | undefined): number {
  return keysByCounters(address, side, row?.gave ?? 0, row?.got ?? 0)
}

function sideOf(file: string): Side | undefined {
  const row = read(file, (db) => db.prepare('SELECT side, rights FROM pair').get()) as
    | { side: Side; rights: string }
    | undefined
  return row?.rights === 'shared' ? row.side : undefined
}

function rowsOf(file: string): Map<number, Row> {
  const rows = read(file, (db) => db.prepare('SELECT address, gave, got FROM lease4').all())
  return new Map((rows as Row[]).map((row) => [row.address, row]))
}

function read<Result>(file: string, query: (db: Database.Database) => Result): Result {
  const db = new Database(file, { fileMustExist: true, readonly: true })
  try {
    return query(db)
  } finally {
    db.close()
  }
}
