// The DUID of a server on its disk: in the database and in the file beside it, over restarts, lost
// files, and the first start after Kea.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Octets, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { ServerIdPlan } from '../../lib/config/plan/plan6.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { openServerId } from '../../lib/platform/server-id.ts'
import { isDuid } from '../../lib/wire/v6/duid.ts'

const PLAN: ServerIdPlan = {
  ...{ type: undefined, identifier: '', htype: 0, time: 0, enterprise: 0, persists: true },
}
const KEA = '00:01:00:01:2a:bb:cc:dd:02:00:5e:10:00:01'
const OTHER = '00:03:00:01:02:00:5e:10:00:02'

/** A disk, and starts of a server on it; each tells what it has logged. */
class Host {
  readonly folder: string
  readonly database: string
  stored: Octets = ''
  lines: string[] = []

  constructor(folder: string) {
    this.folder = folder
    this.database = join(this.folder, 'leases.sqlite')
  }

  start(plan: Partial<ServerIdPlan> = {}, keaFolder?: string): Octets {
    this.lines = []
    const id = openServerId({
      database: this.database,
      stored: this.stored,
      store: (duid) => {
        this.stored = duid
      },
      keaFolder,
      log: { enabled: () => true, write: (_level, id) => this.lines.push(id) },
    })
    return id.duidOf({ ...PLAN, ...plan })
  }

  get file(): string {
    return readFileSync(`${this.database}.duid`, 'latin1')
  }
}

t.test('made once', async (t) => {
  const host = new Host(t.testdir())
  const duid = host.start()
  t.ok(isDuid(duid))
  t.same(host.lines, ['DHCP6_SERVER_ID_MADE'])
  t.equal(octetsFromHex(host.file.trim()), duid)
  t.equal(host.start(), duid)
  t.same(host.lines, [], 'the next start says nothing')
  host.stored = ''
  t.equal(host.start(), duid, 'the database is lost')
  t.equal(host.stored, duid, 'and has it again')
  rmSync(`${host.database}.duid`)
  t.equal(host.start(), duid, 'the file is lost')
  t.equal(octetsFromHex(host.file.trim()), duid, 'and is there again')
})

t.test('taken over from Kea', async (t) => {
  const host = new Host(t.testdir())
  const kea = join(host.folder, 'kea')
  mkdirSync(kea)
  writeFileSync(join(kea, 'kea-dhcp6-serverid'), KEA)
  t.equal(host.start({}, kea), octetsFromHex(KEA))
  t.same(host.lines, ['DHCP6_SERVER_ID_TAKEN_OVER'])
  writeFileSync(join(kea, 'kea-dhcp6-serverid'), OTHER)
  t.equal(host.start({}, kea), octetsFromHex(KEA), 'only at the first start')

  const spoiled = new Host(join(host.folder, 'second'))
  writeFileSync(join(kea, 'kea-dhcp6-serverid'), 'no DUID')
  t.ok(isDuid(spoiled.start({}, kea)))
  t.same(spoiled.lines, ['DHCP6_SERVER_ID_FILE', 'DHCP6_SERVER_ID_MADE'])
})

t.test('two that differ', async (t) => {
  const host = new Host(t.testdir())
  host.stored = octetsFromHex(KEA)!
  writeFileSync(`${host.database}.duid`, `${OTHER}\n`)
  t.equal(host.start({ persists: false }), octetsFromHex(KEA), 'that of the database counts')
  t.same(host.lines, ['DHCP6_SERVER_ID_CONFLICT'])
})

t.test('server-id: persist false, and a changed one', async (t) => {
  const host = new Host(t.testdir())
  const duid = host.start({ persists: false })
  t.throws(() => host.file, { code: 'ENOENT' }, 'no file')
  t.equal(host.start({ persists: false }), duid, 'the database has it')
  const named = { type: 'EN', enterprise: 9, identifier: 'abcd' } as const
  const other = host.start(named)
  t.equal(other, octetsFromHex('00:02:00:00:00:09:61:62:63:64'))
  t.equal(host.start(named), other)
  t.equal(host.stored, other)
})

t.test('a folder that cannot be written', async (t) => {
  const host = new Host(t.testdir())
  writeFileSync(join(host.folder, 'plain'), '')
  const id = openServerId({
    database: join(host.folder, 'plain', 'leases.sqlite'),
    stored: octetsFromHex(KEA)!,
    store: () => {},
    keaFolder: undefined,
    log: { enabled: () => true, write: (_level, line) => host.lines.push(line) },
  })
  t.equal(id.duidOf(PLAN), octetsFromHex(KEA))
  t.ok(host.lines.every((line) => line === 'DHCP6_SERVER_ID_FILE') && host.lines.length > 0)
})

t.test('the database keeps it', async (t) => {
  const path = join(t.testdir(), 'leases.sqlite')
  const end = (journal: { close(done: () => void): void }): Promise<void> =>
    new Promise((resolve) => journal.close(resolve))
  const first = await openJournal({ path, durability: 'full' })
  t.equal(first.duid, '')
  first.keepDuid(octetsFromHex(KEA)!)
  await end(first)
  const second = await openJournal({ path, durability: 'full' })
  t.equal(second.duid, octetsFromHex(KEA))
  second.keepDuid(octetsFromHex(OTHER)!)
  await end(second)
  const third = await openJournal({ path, durability: 'full' })
  t.equal(third.duid, octetsFromHex(OTHER))
  await end(third)
})
