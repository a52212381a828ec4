// The journal on a real disk: what it acknowledges it finds again, whatever happens in between.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import fs, {
  copyFileSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { Bell } from '../../lib/platform/bell.ts'
import { JournalDatabase } from '../../lib/platform/journal/database.ts'
import type { SqliteJournal } from '../../lib/platform/journal/journal.ts'
import { openJournal, refuseOldNode } from '../../lib/platform/journal/journal.ts'
import { memoryJournal } from '../../lib/platform/journal/memory.ts'
import { MIGRATIONS } from '../../lib/platform/journal/schema.ts'
import { NEVER } from '../../lib/time/units.ts'
import {
  batchOf,
  CHANGES_PER_BATCH,
  closed,
  leaseAt,
  leasesAfter,
  PromisingSink,
  pairOf,
  pairRecord,
  put,
} from './journal-world.ts'

const A = 0xc0000201

async function open(
  test: Test,
  path: string,
): Promise<{ journal: SqliteJournal; sink: PromisingSink }> {
  const journal = await openJournal({ path, durability: 'full' })
  test.teardown(() => closed(journal))
  return { journal, sink: new PromisingSink() }
}

/** Everything a fresh start finds, and the database closed again. */
async function reread(path: string) {
  const journal = await openJournal({ path, durability: 'full' })
  const sink = new PromisingSink()
  const info = await sink.load(journal)
  await closed(journal)
  return { ...info, leases: sink.leases, pages: sink.pages }
}

async function refusal(path: string): Promise<{ code: string; message: string }> {
  return openJournal({ path, durability: 'full' }).then(
    async (journal) => {
      await closed(journal)
      return { code: 'opened', message: '' }
    },
    (error) => ({ code: error.code, message: error.message }),
  )
}

const databaseIn = (test: Test) => join(test.testdir(), 'state', 'leases.sqlite')

t.test('a batch is told to who sleeps for it, and by a message to who does not', async (t) => {
  const bell = new Bell()
  const path = join(t.testdir(), 'leases.sqlite')
  const rest = { bell, pace: { apart: 10 } }
  const delayed = { commitDelayMs: 200, rest }
  const journal = await openJournal({ path, durability: 'full', ...delayed })
  t.equal(journal.apart, 10, 'and how far turns are apart')
  const sink = new PromisingSink()
  await sink.load(journal)
  let told = 0
  sink.whenTold = () => {
    told++
  }
  let commits = 0
  const commit = () => sink.commit(journal, [put(leaseAt(A + commits))], ++commits)
  // The thread may be done before this one sleeps, and has sent a message then.
  for (let isHeard = false; !isHeard; ) {
    const stored = commit()
    bell.sleep(2000)
    isHeard = told === commits
    t.equal(await stored, '')
  }
  t.equal(await commit(), '', 'awake')
  t.equal(told, commits, 'each once')
  await closed(journal)
  t.equal((await reread(path)).leases.size, commits)
})

t.test('finds again every field of what it acknowledged', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  const fresh = await sink.load(journal)
  t.match(fresh, { stamp: 0, change: 0, setAside: 0, pair: undefined })
  const full = leaseAt(A, {
    state: 1,
    subnetId: 0xffffffff,
    htype: 255,
    hwAddress: '\xff'.repeat(16),
    clientId: `\x00\xff${'x'.repeat(300)}`,
    hostname: 'κόμβος.example',
    fqdnFwd: true,
    validLifetime: 0xffffffff,
    start: 12.5,
    end: NEVER,
    userContext: '{"a":"ü"}',
    change: 2 ** 40,
  })
  const bare = leaseAt(0xffffffff, { state: 3, hwAddress: '', fqdnRev: true, start: 0, change: 4 })
  const pair = pairRecord({ doubtUntil: NEVER, applied: { them: 5, others: 2 ** 40 } })
  t.equal(await sink.commit(journal, [put(full), put(bare)], 77.25, pair), '')
  await closed(journal)

  const again = await reread(path)
  t.strictSame([...again.leases.values()], [full, bare])
  t.strictSame(again.pair, pair)
  t.match(again, { stamp: 77.25, change: 2 ** 40, setAside: 0, database: journal.databaseId })
})

t.test('applies the changes of a batch in their order, over several pages of rows', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  const many = Array.from({ length: 9000 }, (_, index) => put(leaseAt(A + index)))
  t.equal(await sink.commit(journal, many, 1), '')
  const last = leaseAt(A, { hostname: 'last', change: 9 })
  const batch = [
    put(leaseAt(A, { change: 5 })),
    { kind: 'remove', address: A, change: 6 } as const,
    put(leaseAt(A + 1, { change: 7 })),
    put(leaseAt(A, { change: 8 })),
    { kind: 'remove', address: A + 1, change: 8 } as const,
    put(last),
    { kind: 'remove', address: A + 2, change: 10 } as const,
  ]
  t.equal(await sink.commit(journal, batch, 2), '')
  await closed(journal)

  const again = await reread(path)
  t.equal(again.leases.size, 8998)
  t.strictSame(again.leases.get(A), last)
  t.notOk(again.leases.has(A + 1) || again.leases.has(A + 2))
  t.ok(again.pages > 2, 'in pages')
  t.equal(again.change, 10, 'a removal counts as a change')
})

t.test('a batch without changes stores the stamp, and the stamp never goes back', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  t.equal(await sink.commit(journal, [], 5000), '')
  t.equal(await sink.commit(journal, [], 4000), '')
  await closed(journal)
  t.match(await reread(path), { stamp: 5000, change: 0 })
})

t.test('a batch that is no batch is refused as a whole, and the next one is taken', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  const good = await bytesOf([put(leaseAt(A))])
  const torn = new Uint8Array([...good, ...good.subarray(0, 20)])
  t.match(await sink.commitBytes(journal, torn, 2, 1), /truncated/)
  t.match(await sink.commitBytes(journal, good.slice(), 2, 1), /1 records where 2/)
  t.equal(await sink.commit(journal, [put(leaseAt(A + 1))], 2), '')
  await closed(journal)
  t.strictSame([...(await reread(path)).leases.keys()], [A + 1])
})

async function bytesOf(changes: Parameters<PromisingSink['commit']>[1]): Promise<Uint8Array> {
  let bytes = new Uint8Array()
  const spy = { commit: (given: Uint8Array<ArrayBuffer>) => (bytes = given) }
  void new PromisingSink().commit(spy as unknown as SqliteJournal, changes, 0)
  return bytes
}

t.test('serves one server at a time and names the holder', async (t) => {
  const path = databaseIn(t)
  const { journal } = await open(t, path)
  const { code, message } = await refusal(path)
  t.equal(code, 'locked')
  t.match(message, new RegExp(`in use by process ${process.pid} on `))
  await closed(journal)
  t.equal((await refusal(path)).code, 'opened')
})

t.test('people can read with another connection while it serves', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  const lease = leaseAt(A, { clientId: '\x01\xab', hostname: 'printer', end: NEVER })
  t.equal(await sink.commit(journal, [put(lease)], 1), '')
  const reader = new Database(path, { readonly: true })
  t.match(reader.prepare('SELECT * FROM leases4').get(), {
    address: '192.0.2.1',
    state: 'assigned',
    hw_address: '02:00:5e:00:02:01',
    client_id: '01ab',
    hostname: 'printer',
    ends_about_utc: 'never',
  })
  t.equal(await sink.commit(journal, [put(leaseAt(A + 1))], 2), '')
  t.equal(reader.prepare('SELECT count(*) FROM leases4').pluck().get(), 2)
  reader.close()
})

t.test('refuses what it cannot serve, and says what to do', async (t) => {
  const folder = t.testdir({ 'text.sqlite': 'this is no database, '.repeat(100) })
  t.match(await refusal(join(folder, 'text.sqlite')), {
    code: 'not-a-database',
    message: /move it away/,
  })

  const foreign = join(folder, 'foreign.sqlite')
  new Database(foreign).exec('CREATE TABLE songs (title TEXT)').close()
  t.match(await refusal(foreign), { code: 'foreign-database', message: /another program/ })

  const newer = join(folder, 'newer.sqlite')
  await reread(newer)
  new Database(newer).exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`).close()
  t.match(await refusal(newer), { code: 'newer-schema', message: /newer Whio/ })

  t.match(await refusal(join(folder, 'text.sqlite', 'x.sqlite')), { code: 'cannot-open' })
})

t.test('refuses a damaged database at open', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  const many = Array.from({ length: 2000 }, (_, index) => put(leaseAt(A + index)))
  t.equal(await sink.commit(journal, many, 1), '')
  await closed(journal)
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0xa5, 30_000, 40_000))
  const { code, message } = await refusal(path)
  t.equal(code, 'corrupt')
  t.match(message, /\.recover/)
  t.equal(statSync(path).size, bytes.length, 'and leaves it alone')
})

t.test('moves single rows that cannot be used aside and serves', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  const many = Array.from({ length: 24 }, (_, index) => put(leaseAt(A + index, { change: 3 })))
  t.equal(await sink.commit(journal, many, 1), '')
  await closed(journal)

  const spoil = new Database(path)
  const damages = [
    'state = 5',
    "state = 'x'",
    'subnet_id = -1',
    'valid_lifetime = 4294967296',
    'hwaddr = zeroblob(17)',
    "hwaddr = 'text'",
    'client_id = zeroblob(65536)',
    "hostname = x'00'",
    'start_ms = 9e999',
    "end_ms = 'soon'",
    'change = 1.5',
    'fqdn_fwd = 2',
    'gave = -1',
    'got = 4294967296',
    'given_by = 2',
    "knew = 'x'",
    'address = -5',
    'address = 4294967296',
    'address = 4611686018427387904',
    'address = 4611686018427387905',
  ]
  damages.forEach((damage, index) => {
    spoil.exec(`UPDATE lease4 SET ${damage} WHERE address = ${A + index}`)
  })
  spoil.close()

  const again = await reread(path)
  t.equal(again.setAside, damages.length)
  t.strictSame([...again.leases.keys()], [A + 20, A + 21, A + 22, A + 23])
  const kept = new Database(path, { readonly: true })
  const rows = kept.prepare('SELECT reason, hwaddr FROM lease4_set_aside').all() as {
    reason: string
  }[]
  t.equal(rows.length, damages.length)
  t.ok(rows.some((row) => row.reason === 'state is not 0 to 4'))
  t.equal(kept.prepare('SELECT count(*) FROM lease4').pluck().get(), 4)
  kept.close()
  t.equal((await reread(path)).setAside, damages.length, 'they wait there for a person')
})

t.test("makes the database's own record again when it is spoiled", async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  t.equal(await sink.commit(journal, [put(leaseAt(A, { start: 900, change: 12 }))], 950), '')
  await closed(journal)
  for (const damage of ['DELETE FROM meta', "UPDATE meta SET stamp_ms = 'x'"]) {
    new Database(path).exec(damage).close()
    t.match(await reread(path), { stamp: 900, change: 12, leases: new Map([[A, { address: A }]]) })
  }
})

const prlimitMissing = !process.env.CI && spawnSync('prlimit', ['--version']).status !== 0
const skip = prlimitMissing ? 'needs prlimit of util-linux' : false

t.test('a full disk fails the batch; it is taken when there is room', { skip }, async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  t.equal(await sink.commit(journal, [put(leaseAt(A))], 1), '')
  const many = Array.from({ length: 3000 }, (_, index) => put(leaseAt(A + 1 + index)))
  const limit = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`])
  // Without a listener the signal of a file that grows too large ends the process.
  const ignore = () => {}
  process.on('SIGXFSZ', ignore)
  t.teardown(() => process.off('SIGXFSZ', ignore))
  limit('60000')
  try {
    t.match(await sink.commit(journal, many, 2), /disk/)
    t.match(await sink.commit(journal, many, 3), /disk/, 'still full')
  } finally {
    limit('unlimited')
  }
  t.equal(await sink.commit(journal, [put(leaseAt(A + 9000))], 4), '')
  await closed(journal)
  const again = await reread(path)
  t.strictSame([...again.leases.keys()], [A, A + 9000])
  t.equal(again.stamp, 4)
})

t.test(
  'a commit is over when its log is on the disk, and fails when that is not certain',
  async (t) => {
    const path = join(t.testdir(), 'leases.sqlite')
    const synced: string[] = []
    const { fdatasyncSync } = fs
    let error: Error | undefined
    fs.fdatasyncSync = (fd) => {
      synced.push(readlinkSync(`/proc/self/fd/${fd}`))
      if (error !== undefined) throw error
      fdatasyncSync(fd)
    }
    syncBuiltinESMExports()
    t.teardown(() => {
      fs.fdatasyncSync = fdatasyncSync
      syncBuiltinESMExports()
    })

    const full = new JournalDatabase({ path, durability: 'full' }, '')
    const batch = (n: number) => {
      const writer = new ChangeWriter()
      writer.put(put(leaseAt(A + n)))
      return writer.copy()
    }
    full.commit(batch(0), 1, 1)
    full.commit(batch(1), 1, 2)
    t.strictSame(synced, [`${path}-wal`, `${path}-wal`])
    error = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
    t.throws(() => full.commit(batch(2), 1, 3), { code: 'EIO' })
    error = undefined
    full.commit(batch(2), 1, 3)
    t.equal(synced.length, 4)
    full.close()
    t.equal((await reread(path)).leases.size, 3)

    synced.length = 0
    const normal = new JournalDatabase({ path, durability: 'normal' }, '')
    normal.commit(batch(3), 1, 4)
    normal.close()
    t.strictSame(synced, [], 'only full promises it')
  },
)

t.test('a thread that dies fails its batch; the next batch gets a new thread', async (t) => {
  const path = databaseIn(t)
  const journal = await openJournal({ path, durability: 'full', commitDelayMs: 600_000 })
  const sink = new PromisingSink()
  await sink.load(journal)
  const lost = sink.commit(journal, [put(leaseAt(A))], 1)
  await journal.killThread()
  t.match(await lost, /thread died/)
  await closed(journal)
  t.equal((await reread(path)).leases.size, 0, 'not even in part')

  const second = await open(t, path)
  await second.sink.load(second.journal)
  t.equal(await second.sink.commit(second.journal, [put(leaseAt(A))], 1), '')
  await second.journal.killThread()
  t.equal(await second.sink.commit(second.journal, [put(leaseAt(A + 1))], 2), '')
  t.equal((await refusal(path)).code, 'locked', 'the new thread holds the lock')
  t.strictSame(second.sink.stray, [], 'a death while idle costs nothing')
  await closed(second.journal)
  t.strictSame([...(await reread(path)).leases.keys()], [A, A + 1])
})

t.test('never acknowledges into a file that is gone or another', async (t) => {
  const path = databaseIn(t)
  const { journal, sink } = await open(t, path)
  await sink.load(journal)
  renameSync(path, `${path}.moved`)
  t.match(await sink.commit(journal, [put(leaseAt(A))], 1), /is gone/)
  const other = join(dirname(path), 'other.sqlite')
  await reread(other)
  copyFileSync(other, path)
  t.match(await sink.commit(journal, [put(leaseAt(A))], 2), /replaced by another/)
  t.match(await sink.commit(journal, [put(leaseAt(A))], 2), /replaced by another/)
  renameSync(`${path}.moved`, path)
  t.equal(await sink.commit(journal, [put(leaseAt(A))], 3), '')
})

t.test('close waits for the batch under way, and may come while rows are read', async (t) => {
  const path = databaseIn(t)
  const first = await openJournal({ path, durability: 'full' })
  const sink = new PromisingSink()
  await sink.load(first)
  const many = Array.from({ length: 20_000 }, (_, index) => put(leaseAt(A + index)))
  const result = sink.commit(first, many, 1)
  await closed(first)
  t.equal(await result, '')

  const second = await openJournal({ path, durability: 'off' })
  const late = new PromisingSink()
  void late.load(second)
  await closed(second)
  t.strictSame(late.stray, [])
  t.equal((await reread(path)).leases.size, 20_000)
})

t.test('kill -9 at any moment loses nothing that was acknowledged', async (t) => {
  const path = databaseIn(t)
  let before = 0
  for (const acknowledged of [1, 3, 40, 200]) {
    const last = await killAfter(path, acknowledged)
    const { change, leases, stamp, pair } = await reread(path)
    const stored = change / CHANGES_PER_BATCH
    t.ok(stored >= last, `batch ${last} was acknowledged, ${stored} stored`)
    t.ok(stored <= last + 1, 'at most one batch is under way')
    t.ok(last >= before + acknowledged)
    t.equal(stamp, stored)
    t.strictSame(pair, pairOf(stored), 'with the record of the last one')
    t.strictSame(sorted(leases), sorted(leasesAfter(stored)), `the leases of ${stored} batches`)
    before = stored
  }
  t.equal(batchOf(1).length, CHANGES_PER_BATCH)
})

const sorted = (leases: Map<Key, unknown>) =>
  [...leases].sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1))

/**
 * Runs the history in a child, kills it after so many acknowledgements, and returns the last one.
 */
function killAfter(path: string, acknowledged: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'journal-world.ts'), path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    let text = ''
    let errors = ''
    child.stderr.on('data', (data) => {
      errors += data
    })
    child.stdout.on('data', (data) => {
      text += data
      if (text.split('\n').length > acknowledged) child.kill('SIGKILL')
    })
    child.on('close', (code) => {
      if (code !== null) return reject(new Error(`the child ended by itself: ${errors}`))
      resolve(Number(text.split('\n').at(-2)))
    })
  })
}

t.test('without persistence everything is acknowledged and nothing kept', async (t) => {
  const journal = memoryJournal()
  const sink = new PromisingSink()
  const first = await sink.load(journal)
  t.match(first, { stamp: 0, change: 0, setAside: 0, pair: undefined })
  const { database } = await new PromisingSink().load(memoryJournal())
  t.not(first.database, database, 'each is a database of its own')
  t.equal(await sink.commit(journal, [put(leaseAt(A))], 1), '')
  await closed(journal)
})

t.test('Node versions that better-sqlite3 would crash are refused by name', async (t) => {
  for (const version of ['18.0.0', '20.20.1', '22.17.9'])
    t.throws(() => refuseOldNode(version), { code: 'node-too-old', message: /22\.18/ })
  for (const version of ['22.18.0', '23.0.0', '24.1.0']) refuseOldNode(version)
})

t.test(
  'edits of the configuration are stored with the batch, put anew and taken out',
  async (t) => {
    const path = databaseIn(t)
    const database = new JournalDatabase({ path, durability: 'full' }, '')
    const edit = (id: string, text: string) => ({ id, text })
    database.commit(new Uint8Array(), 0, 1, undefined, [edit('a', '{"n":1}'), edit('b', '{}')])
    database.commit(new Uint8Array(), 0, 2, undefined, [edit('a', '{"n":2}'), edit('b', '')])
    database.commit(new Uint8Array(), 0, 3)
    database.close()
    const again = new JournalDatabase({ path, durability: 'full' }, '')
    t.same(again.readTexts().edits, [edit('a', '{"n":2}')])
    again.close()
  },
)

t.test('names in DNS are stored with the batch; the last word of an address counts', async (t) => {
  const path = databaseIn(t)
  const database = new JournalDatabase({ path, durability: 'full' }, '')
  const name = (address: string, text: string) => ({ address, text })
  const first = [name('192.0.2.1', '[1]'), name('2001:db8::1', '[2]'), name('192.0.2.1', '[3]')]
  database.commit(new Uint8Array(), 0, 1, undefined, undefined, first)
  database.commit(new Uint8Array(), 0, 2, undefined, undefined, [name('2001:db8::1', '')])
  database.commit(new Uint8Array(), 0, 3)
  database.close()
  const again = new JournalDatabase({ path, durability: 'full' }, '')
  t.same(again.readTexts().names, [name('192.0.2.1', '[3]')])
  again.close()
})
