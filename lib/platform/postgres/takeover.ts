// Once, while the schema of Whio is made: the leases that Kea has left in the same database become
// rows of the server that makes it, in the same transaction. Kea's tables stay as they are.

import { ChangeWriter } from '../../leases/change-codec.ts'
import { CsvReader } from '../../leases/csv.ts'
import type { AnyChange, Lease, Lease6 } from '../../leases/lease.ts'
import { MEMBERS_MAX } from '../../ports/shared-journal.ts'
import type { Seconds } from '../../time/units.ts'
import { ImportTables } from '../import-tables.ts'
import { JournalRefused } from '../journal/trouble.ts'
import { commitAnswer } from './answers.ts'
import { batchRows } from './batch.ts'
import { commitQuestion } from './commit-statement.ts'
import { keaSessions, readKeaTables } from './kea-tables.ts'
import type { Session } from './session.ts'
import { lookAtTime } from './tail.ts'

export interface TakenOver {
  readonly leases: number
  /** Rows that could not be used, and leases whose prefix overlaps that of another. */
  readonly problems: readonly string[]
  readonly shift: Seconds
}

/** Rows of a statement. */
const PAGE = 1000

/** Within the transaction; undefined: there was nothing to take over. */
export async function takeOverKea(
  session: Session,
  member: number,
): Promise<TakenOver | undefined> {
  const tables = await readKeaTables(session)
  if (tables === undefined) return undefined
  if ((await keaSessions(session)) > 0)
    throw new JournalRefused(
      'import-failed',
      'Kea still uses this database: its leases are taken over when Whio makes its schema, once. ' +
        'Stop kea-dhcp4 and kea-dhcp6 on all hosts first',
    )
  const { time } = await lookAtTime(session, member)
  const reader = new CsvReader(Number(time), time)
  const problems: string[] = []
  for (const lines of [tables.four, tables.six]) {
    reader.beginFile()
    for (const line of lines) {
      const before = reader.problemCount
      reader.take(line)
      if (reader.problemCount === before) continue
      const [address] = line.split(',', 1)
      problems.push(`${address}: ${reader.problems.at(-1)!.text}`)
    }
  }
  const taken = new ImportTables()
  const leases: (Lease | Lease6)[] = []
  for (const lease of reader.leases(1) as (Lease | Lease6)[]) {
    if (taken.take(lease, time))
      leases.push({ ...lease, change: lease.change * MEMBERS_MAX + member } as Lease)
    else problems.push('a lease of a prefix that overlaps that of another is left out')
  }
  for (let at = 0, seq = 0; at < leases.length; at += PAGE, seq++)
    await store(session, member, seq, leases.slice(at, at + PAGE), time)
  return { leases: leases.length, problems, shift: tables.shift }
}

async function store(
  session: Session,
  member: number,
  seq: number,
  leases: readonly (Lease | Lease6)[],
  time: number,
): Promise<void> {
  const writer = new ChangeWriter()
  for (const lease of leases) writer.put({ kind: 'put', lease } as AnyChange)
  const records = writer.copy()
  const rows = batchRows(records, leases.length, time, undefined)
  const extras = { pair: undefined, edits: [], names: [], ties: [] }
  // Nobody is the member yet.
  const batch = { member, instance: '', seq, records, ...rows, extras }
  const { conflicts } = commitAnswer(await session.askRaw(commitQuestion(batch)))
  if (conflicts.length > 0)
    throw new JournalRefused('import-failed', 'leases of Kea could not be stored in schema whio')
}
