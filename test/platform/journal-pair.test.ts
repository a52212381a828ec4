// What the journal keeps for a pair: counters in the rows, the record of the pair, and no guess
// about either.

import assert from 'node:assert/strict'
import fs, { copyFileSync, mkdirSync, readlinkSync, renameSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { loseDatabase } from '../../lib/ha/pair-steps.ts'
import { ChangeWriter, forEachChange } from '../../lib/leases/change-codec.ts'
import type { Change, Lease, LeaseState } from '../../lib/leases/lease.ts'
import { homeOf, keysByCounters } from '../../lib/leases/rights.ts'
import { CrashMark } from '../../lib/platform/journal/crash.ts'
import { JournalDatabase } from '../../lib/platform/journal/database.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { listLeases } from '../../lib/platform/journal/list.ts'
import type { JournalOptions } from '../../lib/platform/journal/protocol.ts'
import type { ReadPage } from '../../lib/platform/journal/row-reader.ts'
import { MIGRATIONS } from '../../lib/platform/journal/schema.ts'
import { FIRST_PAGE, type PageMark } from '../../lib/platform/journal/tables.ts'
import { NEVER } from '../../lib/time/units.ts'
import { closed, leaseAt, PromisingSink, pairRecord, put } from './journal-world.ts'

const A = 0xc0000201

const databaseIn = (test: Test) => join(test.testdir(), 'state', 'leases.sqlite')

/** Opens, lets `use` work, closes. The thread around it is tried in journal.test.ts. */
function withDatabase<T>(path: string, use: (database: JournalDatabase) => T): T {
  const database = new JournalDatabase({ path, durability: 'off' }, '')
  try {
    return use(database)
  } finally {
    database.close()
  }
}

function commit(path: string, changes: readonly Change[], stamp: number, pair?: PairRecord): void {
  const writer = new ChangeWriter()
  for (const change of changes) writer.put(change)
  withDatabase(path, (database) => database.commit(writer.copy(), changes.length, stamp, pair))
}

/** What a start finds. */
function reread(path: string) {
  return withDatabase(path, (database) => {
    const leases = new Map<number, Lease>()
    let mark: PageMark | undefined = FIRST_PAGE
    while (mark !== undefined) {
      const page: ReadPage = database.readPage(mark)
      mark = page.next
      forEachChange(page.rows, (change) => {
        if (change.kind === 'put') leases.set(change.lease.address, change.lease)
      })
    }
    return { leases, pair: database.pair, ...database.meta, setAside: database.countSetAside() }
  })
}

function damage(path: string, sql: string): void {
  const database = new Database(path)
  database.exec(sql)
  database.close()
}

// ---- what a database of the first schema becomes

const FIRST_SCHEMA = `
  CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), database_id TEXT NOT NULL,
    schema_version INTEGER NOT NULL, stamp_ms NUMERIC NOT NULL, change INTEGER NOT NULL,
    stamped_at_ms INTEGER NOT NULL);
  CREATE TABLE lease4 (address INTEGER PRIMARY KEY, state INTEGER NOT NULL,
    subnet_id INTEGER NOT NULL, pool_id INTEGER NOT NULL, htype INTEGER NOT NULL, hwaddr BLOB,
    client_id BLOB, hostname TEXT, fqdn_fwd INTEGER NOT NULL, fqdn_rev INTEGER NOT NULL,
    valid_lifetime INTEGER NOT NULL, start_ms NUMERIC NOT NULL, end_ms NUMERIC, user_context TEXT,
    change INTEGER NOT NULL);
  CREATE TABLE lease4_set_aside (id INTEGER PRIMARY KEY, reason TEXT NOT NULL,
    set_aside_at_ms INTEGER NOT NULL, address, state, subnet_id, pool_id, htype, hwaddr, client_id,
    hostname, fqdn_fwd, fqdn_rev, valid_lifetime, start_ms, end_ms, user_context, change);
  CREATE VIEW leases4 AS SELECT address, state FROM lease4, meta ORDER BY lease4.address;
  INSERT INTO meta VALUES (1, 'first', 1, 500.5, 12, 0);
  INSERT INTO lease4 VALUES (${A}, 0, 7, 2, 1, x'02005e000201', NULL, NULL, 0, 0, 3600, 1000, 3601000, NULL, 12);
  INSERT INTO lease4_set_aside (reason, set_aside_at_ms, address) VALUES ('state', 1, ${A + 9});
  PRAGMA application_id = 0x5768696f;
  PRAGMA user_version = 1;
`

t.test('a database of the first schema goes on', async (t) => {
  const path = databaseIn(t)
  mkdirSync(dirname(path))
  damage(path, FIRST_SCHEMA)
  const found = reread(path)
  t.match(found, { databaseId: 'first', stamp: 500.5, change: 12, setAside: 1, pair: undefined })
  t.strictSame([...found.leases.values()], [leaseAt(A, { change: 12 })])

  const lease = leaseAt(A, { change: 13, gave: 1, got: 2, givenBy: 'partner', knew: 9 })
  commit(path, [put(lease)], 600, pairRecord())
  t.strictSame(reread(path).leases.get(A), lease)
  t.match([...listLeases(path)], [{ address: '192.0.2.1', hwAddress: '02:00:5e:00:02:01' }])
  damage(path, `UPDATE lease4 SET given_by = 7`)
  t.equal(reread(path).setAside, 2, 'and its table for spoiled rows has the new columns')
})

// ---- rows

const whole = fc.maxSafeNat()
const uint32 = fc.nat(0xffffffff)
const octets = (max: number) =>
  fc.uint8Array({ maxLength: max }).map((bytes) => String.fromCharCode(...bytes))
const text = fc.string({ unit: 'grapheme' })
// Adding 0 makes 0 of -0, which no disk tells apart.
const time = (min = -Number.MAX_VALUE) =>
  fc.double({ min, max: Number.MAX_VALUE, noNaN: true }).map((value) => value + 0)

const recordOf = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(model, { noNullPrototype: true })

const anyLease: fc.Arbitrary<Lease> = recordOf({
  address: fc.integer({ min: 1, max: 0xffffffff }),
  state: fc.constantFrom<LeaseState>(0, 1, 2, 3, 4),
  subnetId: uint32,
  poolId: uint32,
  htype: fc.nat(255),
  hwAddress: octets(16),
  clientId: octets(300),
  hostname: text,
  fqdnFwd: fc.boolean(),
  fqdnRev: fc.boolean(),
  fresh: fc.constant(false),
  validLifetime: uint32,
  preferredLifetime: fc.constant(0),
  start: time(),
  end: fc.oneof(fc.constant(NEVER), time()),
  userContext: text,
  change: whole,
  gave: uint32,
  got: uint32,
  givenBy: fc.constantFrom('us', 'partner'),
  knew: whole,
})

const anyPair: fc.Arbitrary<PairRecord> = recordOf({
  pairId: fc.string({ minLength: 1 }),
  side: fc.constantFrom(0, 1),
  partnerDatabase: text,
  rights: fc.constantFrom('shared', 'sole', 'none'),
  noneBecause: fc.constantFrom('fresh', 'lost', 'handed-over'),
  handOver: whole,
  longestLifetime: uint32,
  doubtUntil: fc.oneof(fc.constant(NEVER), time(0)),
  applied: fc.dictionary(text, whole, { noNullPrototype: true }),
  clocks: fc.dictionary(text, whole, { noNullPrototype: true }),
  doubtFrom: time(0),
  toldLifetime: uint32,
  whole: fc.array(fc.string(), { maxLength: 3 }),
  partnerDuids: fc.array(fc.string(), { maxLength: 3 }),
  lives: fc.array(recordOf({ id: text, from: whole })),
  heard: fc.dictionary(text, recordOf({ life: text, position: whole }), { noNullPrototype: true }),
})

t.test('every field of rows and record is found again', async (t) => {
  const path = databaseIn(t)
  const distinct = fc.uniqueArray(anyLease, { selector: (lease) => lease.address, maxLength: 20 })
  let highest = 0
  fc.assert(
    fc.property(distinct, anyPair, (leases, pair) => {
      commit(path, leases.map(put), 1, pair)
      const found = reread(path)
      for (const lease of leases) {
        assert.deepStrictEqual(found.leases.get(lease.address), lease)
        highest = Math.max(highest, lease.change)
      }
      assert.deepStrictEqual(found.pair, pair)
      assert.deepStrictEqual([found.change, found.setAside], [highest, 0])
    }),
    { numRuns: 60 },
  )
})

t.test('rows that keep an old change number, or never had one, take nothing back', async (t) => {
  const path = databaseIn(t)
  const pair = pairRecord()
  commit(path, [put(leaseAt(A, { change: 12 }))], 5, pair)
  commit(path, [put(leaseAt(A, { change: 5 })), put(leaseAt(A + 1, { change: 0 }))], 5)
  const found = reread(path)
  t.equal(found.change, 12)
  t.equal(found.leases.get(A + 1)?.change, 0)
  t.strictSame(found.pair, pair, 'a batch without a record leaves it as it was')
  damage(path, 'UPDATE meta SET change = 3')
  t.equal(reread(path).change, 5, 'and no row is ahead of its database')
})

t.test('free rows are there for the server and for nobody else', async (t) => {
  const path = databaseIn(t)
  const free = leaseAt(A, { state: 4, hwAddress: '', gave: 2, got: 1 })
  const ours = leaseAt(A + 1, { givenBy: 'us' })
  const theirs = leaseAt(A + 2, { givenBy: 'partner' })
  commit(path, [free, ours, theirs].map(put), 1, pairRecord())
  t.strictSame(reread(path).leases.get(A), free)
  t.same(
    [...listLeases(path)].map(({ address }) => address),
    ['192.0.2.2', '192.0.2.3'],
  )
  const reader = new Database(path, { readonly: true })
  const givenBy = reader.prepare('SELECT given_by FROM leases4').pluck().all()
  reader.close()
  t.same(givenBy, ['us', 'partner'])
})

// ---- the record of the pair

t.test('the record is stored with its batch, or not at all', async (t) => {
  const path = databaseIn(t)
  const before = pairRecord({ applied: { them: 1 } })
  const after = pairRecord({ applied: { them: 2 }, doubtUntil: NEVER })
  commit(path, [], 1, before)
  withDatabase(path, (database) => {
    const writer = new ChangeWriter()
    writer.put(put(leaseAt(A)))
    t.throws(() => database.commit(writer.copy(), 2, 2, after), /1 records where 2/)
    const senseless = { ...after, pairId: '', rights: 'shared' } as const
    t.throws(() => database.commit(writer.copy(), 1, 2, senseless), /cannot be stored: .*no pair/)
  })
  t.strictSame(reread(path).pair, before)
  t.equal(reread(path).leases.size, 0, 'a record that cannot be stored takes its rows with it')
  commit(path, [], 3, after)
  t.strictSame(reread(path).pair, after)
})

t.test('a database that does not say what may be given is refused', async (t) => {
  const path = databaseIn(t)
  commit(path, [put(leaseAt(A, { gave: 1 })), put(leaseAt(A + 1))], 5, pairRecord())
  const cases: readonly (readonly [sql: string, why: RegExp])[] = [
    ["UPDATE pair SET pair_id = x'00'", /in table pair, pair_id is not a text/],
    ['UPDATE pair SET side = 2', /side is not 0 or 1/],
    ["UPDATE pair SET partner_database = x'00'", /partner_database is not a text/],
    ["UPDATE pair SET rights = 'all'", /rights is not shared, sole, none/],
    ["UPDATE pair SET none_because = ''", /none_because is not fresh, lost, handed-over/],
    ['UPDATE pair SET hand_over = -1', /hand_over is not a whole number/],
    ['UPDATE pair SET longest_lifetime = 4294967296', /longest_lifetime is not 0 to 4294967295/],
    ["UPDATE pair SET doubt_until_ms = 'soon'", /doubt_until_ms is not a time/],
    ["UPDATE pair SET applied = '{'", /applied is not a JSON object/],
    ["UPDATE pair SET applied = '[]'", /applied is not a JSON object/],
    [`UPDATE pair SET applied = '{"them":-1}'`, /applied is not a JSON object/],
    ["UPDATE pair SET clocks = '[1]'", /clocks is not a JSON object/],
    ['UPDATE pair SET doubt_from_ms = -1', /doubt_from_ms is not a time/],
    ['UPDATE pair SET told_lifetime = -1', /told_lifetime is not 0 to 4294967295/],
    ["UPDATE pair SET whole = '{}'", /whole is not a JSON list of databases/],
    ["UPDATE pair SET partner_duids = '[1]'", /partner_duids is not a JSON list of DUIDs/],
    ["UPDATE pair SET lives = '[{}]'", /lives is not a JSON list/],
    ['UPDATE pair SET heard = \'{"d":7}\'', /heard is not a JSON object/],
    ["UPDATE pair SET pair_id = ''", /rights is shared, and pair_id names no pair/],
    ['DELETE FROM pair', /table pair is empty, but rows of table lease4 count keys/],
    ['DELETE FROM meta', /table meta, which names the database, is empty or spoiled/],
    [`UPDATE lease4 SET address = -5 WHERE address = ${A}`, /rows whose address is not 1 to/],
  ]
  for (const [index, [sql, message]] of cases.entries()) {
    const spoiled = join(dirname(path), `${index}.sqlite`)
    copyFileSync(path, spoiled)
    damage(spoiled, sql)
    t.throws(() => reread(spoiled), { name: 'JournalRefused', code: 'spoiled-pair', message }, sql)
    t.throws(() => reread(spoiled), { code: 'spoiled-pair' }, 'and again: nothing was mended')
  }
  t.equal(reread(path).leases.size, 2)
})

t.test('the address of a row that cannot be used stays out of use in a pair', async (t) => {
  const path = databaseIn(t)
  const rows = [A, A + 1, A + 2, A + 3].map((address) => leaseAt(address, { gave: 3, got: 2 }))
  commit(path, rows.map(put), 5, pairRecord())
  damage(path, `UPDATE lease4 SET gave = 'x' WHERE address = ${A + 1}`)
  damage(path, `UPDATE lease4 SET hostname = x'00' WHERE address = ${A + 3}`)
  for (const start of ['first', 'second']) {
    const { leases, setAside } = reread(path)
    t.equal(setAside, 2, `told at the ${start} start`)
    t.strictSame([leases.get(A), leases.get(A + 2)], [rows[0], rows[2]])
    for (const address of [A + 1, A + 3]) {
      const { state, end, gave, got, change, hwAddress, clientId } = leases.get(address)!
      t.match({ state, end, change, hwAddress, clientId }, { state: 1, end: NEVER, change: 0 })
      t.equal(hwAddress + clientId, '', 'it is nobody’s')
      for (const side of [0, 1] as const)
        t.equal(keysByCounters(homeOf(address), side, gave, got), 0)
      t.equal(gave, 0, 'and the partner concludes nothing from it')
    }
  }
  const kept = new Database(path, { readonly: true })
  const reasons = kept.prepare('SELECT reason, gave, got FROM lease4_set_aside').raw().all()
  kept.close()
  t.same(reasons, [
    ['gave is not 0 to 4294967295', 'x', 2],
    ['hostname is not a text of at most 65535 bytes', 3, 2],
  ])
})

// ---- a crash of the host (rule 9b of lib/ha/README.md)

type Durability = JournalOptions['durability']

const SHARED = pairRecord({ applied: { them: 7 }, clocks: { them: 9 } })
const LOST = loseDatabase(SHARED)

/** A service on a boot of the host: opens, stores `pair` if there is one, stops in good order. */
function serve(path: string, durability: Durability, bootId: string, pair?: PairRecord) {
  const database = new JournalDatabase({ path, durability, bootId }, '')
  const found = { pair: database.pair, lostUnder: database.lostUnder }
  if (pair !== undefined) database.commit(new Uint8Array(0), 0, 1, pair)
  database.close()
  return found
}

/**
 * The same, and SIGKILL instead of the stop: what the kernel has then is copied to the place that
 * is returned.
 */
function serveKilled(path: string, durability: Durability, bootId: string, pair?: PairRecord) {
  const database = new JournalDatabase({ path, durability, bootId }, '')
  if (pair !== undefined) database.commit(new Uint8Array(0), 0, 1, pair)
  const copy = `${path}+`
  copyFileSync(path, copy)
  copyFileSync(`${path}-wal`, `${copy}-wal`)
  database.close()
  return copy
}

t.test('after a crash of the host a database below full is lost', async (t) => {
  const cases: readonly (readonly [Durability, end: string, next: string, lostUnder?: string])[] = [
    ['full', 'killed', 'boot 2'],
    ['normal', 'killed', 'boot 1'],
    ['off', 'killed', 'boot 1'],
    ['normal', 'stopped', 'boot 2'],
    ['off', 'stopped', 'boot 2'],
    ['normal', 'stopped', ''],
    ['normal', 'killed', 'boot 2', 'normal'],
    ['off', 'killed', 'boot 2', 'off'],
    ['off', 'killed', '', 'off'],
  ]
  for (const [index, [durability, end, next, lostUnder]] of cases.entries())
    for (const then of ['full', 'normal', 'off'] as const) {
      const path = join(t.testdir({}), `${index}.sqlite`)
      const run = end === 'killed' ? serveKilled : serve
      const left = run(path, durability, 'boot 1', SHARED)
      const place = typeof left === 'string' ? left : path
      const name = `${durability}, ${end}, then ${then} on '${next}'`
      const pair = lostUnder === undefined ? SHARED : LOST
      t.strictSame(serve(place, then, next), { pair, lostUnder }, name)
      t.strictSame(serve(place, then, next), { pair, lostUnder: undefined }, 'told once')
    }
  const unknown = serveKilled(databaseIn(t), 'normal', '', SHARED)
  t.strictSame(serve(unknown, 'normal', '').pair, LOST, 'no boot is known for the same')
})

t.test('a lost database is stored as one at once, and another crash changes nothing', async (t) => {
  const crashed = serveKilled(databaseIn(t), 'normal', 'boot 1', SHARED)
  const again = serveKilled(crashed, 'normal', 'boot 2')
  t.strictSame(reread(again).pair, LOST)
  const returned = serveKilled(again, 'normal', 'boot 3', SHARED)
  const same = serveKilled(returned, 'normal', 'boot 3')
  t.strictSame(serve(same, 'normal', 'boot 4').pair, LOST, 'what it got back can be lost again')
})

t.test('what counts is the durability under which it was stored', async (t) => {
  const toFull = serveKilled(databaseIn(t), 'off', 'boot 1', SHARED)
  const served = serveKilled(toFull, 'full', 'boot 1')
  t.strictSame(serve(served, 'off', 'boot 2').pair, SHARED, 'the rest of it was synced by then')

  const fromFull = serveKilled(join(t.testdir({}), 'b.sqlite'), 'full', 'boot 1', SHARED)
  const idle = serveKilled(fromFull, 'normal', 'boot 2')
  t.strictSame(serve(idle, 'normal', 'boot 3').pair, SHARED, 'a service that stored nothing')
  const used = serveKilled(fromFull, 'normal', 'boot 3', SHARED)
  t.strictSame(serve(used, 'full', 'boot 4'), { pair: LOST, lostUnder: 'normal' })
  const full = serveKilled(used, 'full', 'boot 4', SHARED)
  t.strictSame(serve(full, 'full', 'boot 5').pair, SHARED)
})

t.test('a crash takes nothing from who had nothing, or met nobody', async (t) => {
  const records = [
    pairRecord({ rights: 'none', noneBecause: 'handed-over', handOver: 4 }),
    pairRecord({ pairId: '', partnerDatabase: '', rights: 'sole' }),
    undefined,
  ]
  for (const [index, record] of records.entries()) {
    const path = join(t.testdir({}), `${index}.sqlite`)
    if (record === undefined) commit(path, [put(leaseAt(A))], 5)
    const crashed = serveKilled(path, 'off', 'boot 1', record)
    t.strictSame(serve(crashed, 'off', 'boot 2'), { pair: record, lostUnder: undefined })
  }
})

t.test('the first batch and those that change the rights are on the disk, no other', async (t) => {
  const { pragma } = Database.prototype
  t.teardown(() => {
    Database.prototype.pragma = pragma
  })
  let asked: string[] = []
  Database.prototype.pragma = function (source, options) {
    asked.push(source)
    return pragma.call(this, source, options)
  }
  const sole = pairRecord({ rights: 'sole' })
  const records = [undefined, undefined, SHARED, pairRecord({ applied: { them: 8 } }), sole, sole]
  const costs = (durability: Durability) => {
    const path = join(t.testdir({}), `${durability}.sqlite`)
    const database = new JournalDatabase({ path, durability, bootId: 'boot 1' }, '')
    const all = records.map((record) => {
      asked = []
      database.commit(new Uint8Array(0), 0, 1, record)
      return asked.join(', ')
    })
    database.close()
    return all
  }
  const normal = 'synchronous = FULL, synchronous = NORMAL'
  const off = 'synchronous = FULL, wal_checkpoint(TRUNCATE), synchronous = OFF'
  t.strictSame(costs('normal'), [normal, '', normal, '', normal, ''])
  t.strictSame(costs('off'), [off, '', off, '', off, ''])
  t.strictSame(costs('full'), ['', '', '', '', '', ''])
})

t.test('who reads for long keeps `off` from being sure', async (t) => {
  const db = new Database(join(t.testdir(), 'a.sqlite'), { timeout: 1 })
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE meta (unsettled, unsettled_boot); INSERT INTO meta VALUES (1, 1)')
  const reader = new Database(db.name)
  reader.exec('BEGIN; SELECT * FROM meta')
  const mark = new CrashMark('off', 'boot 1')
  mark.begin(db)
  mark.put(db)
  t.throws(() => mark.end(db, LOST), { code: 'SQLITE_BUSY' }, 'its log cannot be emptied')
  t.ok(mark.isDue(LOST), 'it is tried again')
  reader.close()
  mark.end(db, LOST)
  t.notOk(mark.isDue(LOST))
  db.close()
})

t.test('a stop brings everything to the disk before it says so', async (t) => {
  const synced: string[] = []
  const { fsyncSync } = fs
  let isBroken = false
  fs.fsyncSync = (fd) => {
    if (isBroken) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
    synced.push(`${readlinkSync(`/proc/self/fd/${fd}`)} ${markIn(path)}`)
    fsyncSync(fd)
  }
  syncBuiltinESMExports()
  t.teardown(() => {
    fs.fsyncSync = fsyncSync
    syncBuiltinESMExports()
  })
  const path = databaseIn(t)
  serve(path, 'off', 'boot 1', SHARED)
  const own = synced.filter((line) => !line.includes('-wal'))
  t.strictSame(own, [`${path} off`, `${dirname(path)} off`])
  t.equal(markIn(path), null)
  isBroken = true
  serve(path, 'off', 'boot 1', SHARED)
  t.equal(markIn(path), 'off', 'nothing is said that is not certain')
  t.throws(() => serve(path, 'full', 'boot 1'), { code: 'EIO' })
  isBroken = false
  t.strictSame(serve(path, 'full', 'boot 1'), { pair: SHARED, lostUnder: undefined })
  t.equal(markIn(path), null)
})

function markIn(path: string): unknown {
  const reader = new Database(path, { readonly: true })
  const mark = reader.prepare('SELECT unsettled FROM meta').pluck().get()
  reader.close()
  return mark
}

t.test('a stop does not speak for a file that took the place of its own', async (t) => {
  const path = databaseIn(t)
  const crashed = serveKilled(path, 'normal', 'boot 1', SHARED)
  damage(crashed, 'DELETE FROM lease4')
  const database = new JournalDatabase({ path, durability: 'normal', bootId: 'boot 1' }, '')
  database.commit(new Uint8Array(0), 0, 1)
  for (const suffix of ['', '-wal', '-shm']) renameSync(path + suffix, `${path}.moved${suffix}`)
  renameSync(crashed, path)
  database.close()
  t.equal(markIn(path), 'normal')
})

t.test('a database of the second schema goes on, and its crashes are noticed', async (t) => {
  const path = databaseIn(t)
  mkdirSync(dirname(path))
  damage(path, MIGRATIONS.slice(0, 2).join('\n'))
  damage(
    path,
    `INSERT INTO meta VALUES (1, 'second', 2, 500.5, 12, 0);
     INSERT INTO pair VALUES (1, 'a pair', 1, 'them', 'shared', 'fresh', 0, 3600, 0, '{"them":7}', '{"them":9}');
     PRAGMA application_id = 0x5768696f;
     PRAGMA user_version = 2;`,
  )
  t.strictSame(serve(path, 'normal', 'boot 1'), { pair: SHARED, lostUnder: undefined })
  t.equal(reread(path).databaseId, 'second')
  const crashed = serveKilled(path, 'normal', 'boot 1', SHARED)
  t.strictSame(serve(crashed, 'normal', 'boot 2'), { pair: LOST, lostUnder: 'normal' })
})

t.test('the server is told', async (t) => {
  const path = serveKilled(databaseIn(t), 'normal', 'boot 1', SHARED)
  const journal = await openJournal({ path, durability: 'full' })
  t.match(await new PromisingSink().load(journal), { pair: LOST, lostUnder: 'normal' })
  await closed(journal)
})
