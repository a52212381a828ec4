// What `whio check` says of a server's rights, from the file and its journal; what `whio status`
// says where the file names no partner.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { formerPairLines, pairLines } from '../../lib/cli/pair-lines.ts'
import { rightsFinding } from '../../lib/cli/rights-check.ts'
import type { HaPlan } from '../../lib/config/plan/ha-plan.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { batchOf, closed, PromisingSink, pairRecord } from '../platform/journal-world.ts'
import { plansUnder } from '../sim/pair-modes.ts'
import { pairOnDatabase } from '../sim/shared-plans.ts'

const PAIR = plansUnder('load-balancing', {})[1]!.ha
const [PASSIVE, BACKUP] = plansUnder('passive-backup', {}).map(({ ha }) => ha)

/** A journal with a few changes and this record; where it is. */
async function journalWith(t: Test, record: PairRecord | undefined): Promise<string> {
  const at = mkdtempSync(join(tmpdir(), 'whio-rights-'))
  t.teardown(() => rmSync(at, { recursive: true }))
  const path = join(at, 'leases.sqlite')
  const journal = await openJournal({ path, durability: 'full' })
  const sink = new PromisingSink()
  await sink.load(journal)
  t.equal(await sink.commit(journal, batchOf(1), 1000, record), '')
  await closed(journal)
  return path
}

t.test('whio check says which word is due', async (t) => {
  const said = async (record: PairRecord | undefined, ha: HaPlan | undefined) => {
    const found = rightsFinding({ path: await journalWith(t, record), persist: true }, ha)
    return found && `${found.severity}: ${found.text}`
  }
  const shared = pairRecord({ rights: 'shared' })
  for (const plan of [undefined, PASSIVE])
    t.match(
      await said(shared, plan),
      /^warning: by its database it gives only its own part .*: whio partner-off$/,
    )
  t.match(await said(shared, undefined), /if another file of the server names it, check both files/)
  t.notMatch(await said(shared, PASSIVE), /another file/)
  t.equal(await said(shared, PAIR), undefined)
  t.match(
    await said(shared, BACKUP),
    /^warning: .* as a backup it gives none\..* whio maintenance-start/,
  )
  const sole = pairRecord({ rights: 'sole' })
  for (const plan of [undefined, PASSIVE, PAIR]) t.equal(await said(sole, plan), undefined)
  const handed = pairRecord({ rights: 'none', noneBecause: 'handed-over' })
  t.match(await said(handed, undefined), /^warning: .* serves nobody, .*: whio partner-off$/)
  t.match(await said(handed, PAIR), /^info: .* it waits for server1, else: whio partner-off$/)
  t.equal(await said(undefined, undefined), undefined, 'a server on its own')
  t.match(await said(undefined, PAIR), /^info: .*waits for server1, else: whio serve-alone$/)
  const former = { path: await journalWith(t, handed), persist: true }
  t.ok(rightsFinding(former, PAIR))
  const { shared: database } = pairOnDatabase()[0]!.database
  const moved = { ...former, shared: database }
  t.equal(rightsFinding(moved, PAIR), undefined, 'what lies there of before the leases were moved')
  const nowhere = { path: '/nowhere/leases.sqlite', persist: true }
  t.equal(rightsFinding(nowhere, undefined), undefined, 'no journal yet')
  const other = await journalWith(t, undefined)
  for (const [version, words] of [
    [1, 'it is of an older version of Whio, and brought up to date at the next start'],
    [700, 'it is of a newer version of Whio'],
  ] as const) {
    const db = new Database(other)
    db.pragma(`user_version = ${version}`)
    db.close()
    const text = `what this server may give cannot be told: ${other}: ${words}`
    t.same(rightsFinding({ ...nowhere, path: other }, PAIR), { severity: 'info', text })
  }
  const none = { ...nowhere, path: import.meta.filename }
  t.match(rightsFinding(none, undefined), { severity: 'info', text: /cannot be told: .*database/ })
})

t.test('whio status says what is given, and which word is due', async (t) => {
  const lab = createPair({ clients: 2 })
  lab.reachNormal()
  lab.stop(0)
  lab.advance(1000)
  lab.start(0, plansUnder('no pair', {})[0])
  lab.advance(1000)
  t.same(formerPairLines(lab.status(0)!.formerPair!), [
    'the file names no partner, the lease database belongs to a pair',
    "only this server's own part of the addresses is given from here",
    'next: when the other server of the pair is off for good: `whio partner-off`',
  ])
  lab.stop(0)
  lab.advance(1000)
  lab.start(0, plansUnder('passive-backup', {})[0])
  lab.advance(1000)
  const lines = pairLines(lab.status(0)!.ha!)
  t.ok(lines.includes("only this server's own part of the addresses is given from here"))
  t.equal(
    lines.at(-1),
    'next: when the other server of the pair is off for good: `whio partner-off`',
  )
})
