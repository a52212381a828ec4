// Leases of DHCPv6 in the journal, beside those of DHCPv4.

import assert from 'node:assert'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import { PREFIX6_OCTETS, prefix6, prefix6FromText } from '../../lib/address/prefix6.ts'
import { hexFromOctets, octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import { ChangeWriter, forEachMixedChange, viewOf } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { AnyChange, Lease, Lease6, LeaseState } from '../../lib/leases/lease.ts'
import { JournalDatabase } from '../../lib/platform/journal/database.ts'
import { KeyNumbers } from '../../lib/platform/journal/key-numbers.ts'
import type { ReadPage } from '../../lib/platform/journal/row-reader.ts'
import { APPLICATION_ID, LEASE6_COLUMNS, MIGRATIONS } from '../../lib/platform/journal/schema.ts'
import { FIRST_PAGE, type PageMark } from '../../lib/platform/journal/tables.ts'
import { NEVER } from '../../lib/time/units.ts'
import { drawing } from '../leases/table-rows.ts'
import { lease6At, leaseAt, pairRecord, put } from './journal-world.ts'

const databaseIn = (test: Test) => join(test.testdir(), 'leases.sqlite')

function withDatabase<T>(path: string, use: (database: JournalDatabase) => T): T {
  const database = new JournalDatabase({ path, durability: 'off' }, '')
  try {
    return use(database)
  } finally {
    database.close()
  }
}

function bytesOf(changes: readonly AnyChange[]): Uint8Array {
  const writer = new ChangeWriter()
  for (const change of changes) writer.put(change)
  return writer.copy()
}

function commit(path: string, changes: readonly AnyChange[], pair = false): void {
  const record = pair ? pairRecord() : undefined
  withDatabase(path, (database) => database.commit(bytesOf(changes), changes.length, 1, record))
}

/** What a start finds, and how it is paged. */
function reread(path: string) {
  return withDatabase(path, (database) => {
    const leases = new Map<Key, Lease<Key>>()
    const kinds: Set<string>[] = []
    database.setAsideStrays()
    let mark: PageMark | undefined = FIRST_PAGE
    while (mark !== undefined) {
      const page: ReadPage = database.readPage(mark)
      const kindsOfPage = new Set<string>()
      forEachMixedChange(page.rows, (change) => {
        if (change.kind !== 'put') throw new Error('a removal')
        kindsOfPage.add(typeof change.lease.address)
        leases.set(change.lease.address, change.lease)
      })
      if (kindsOfPage.size > 0) kinds.push(kindsOfPage)
      mark = page.next
    }
    return { leases, kinds, ...database.meta, setAside: database.countSetAside() }
  })
}

function damage(path: string, sql: string): void {
  const database = new Database(path)
  database.exec(sql)
  database.close()
}

function asked(path: string, sql: string): unknown[] {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

const uint32 = fc.nat(0xffffffff)
const whole = fc.maxSafeNat()
const octets = (maxLength: number, minLength = 0) =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => octetsFromBytes(bytes))
const time = () => fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)

const anyLease: fc.Arbitrary<Lease6> = fc.record<Lease6>(
  {
    address: fc
      .tuple(octets(16, 16), fc.oneof(fc.constant(128), fc.nat(128)))
      .map(([address, length]) => prefix6(address, length)),
    state: fc.constantFrom<LeaseState>(0, 1, 2, 3, 4, 5),
    subnetId: uint32,
    poolId: uint32,
    htype: fc.nat(255),
    hwAddress: octets(16),
    clientId: octets(140),
    hostname: fc.string({ unit: 'grapheme' }),
    fqdnFwd: fc.boolean(),
    fqdnRev: fc.boolean(),
    fresh: fc.constant(false),
    validLifetime: uint32,
    preferredLifetime: uint32,
    start: time(),
    end: fc.oneof(fc.constant(NEVER), time()),
    userContext: fc.string({ unit: 'grapheme' }),
    change: whole,
    gave: uint32,
    got: uint32,
    givenBy: fc.constantFrom('us', 'partner'),
    knew: whole,
  },
  { noNullPrototype: true },
)

t.test('every field of a lease is found again', async (t) => {
  const path = databaseIn(t)
  const distinct = fc.uniqueArray(anyLease, { selector: (lease) => lease.address, maxLength: 20 })
  fc.assert(
    fc.property(distinct, (leases) => {
      commit(path, leases.map(put), true)
      const found = reread(path)
      for (const lease of leases) assert.deepStrictEqual(found.leases.get(lease.address), lease)
      assert.equal(found.setAside, 0)
    }),
    { numRuns: 40 },
  )
})

t.test('a batch of both families is stored whole, in its order, or not at all', async (t) => {
  const path = databaseIn(t)
  const four = Array.from({ length: 21 }, (_, index) => leaseAt(1000 + index, { change: index }))
  const six = Array.from({ length: 21 }, (_, index) => lease6At(index, { change: 100 + index }))
  const mixed = four.flatMap((lease, index) => [put(lease), put(six[index]!)])
  const gone: AnyChange[] = [
    { kind: 'remove', address: six[3]!.address, change: 200 },
    put({ ...six[4]!, hostname: 'again', change: 201 }),
    { kind: 'remove', address: four[5]!.address, change: 202 },
    put({ ...six[3]!, hostname: 'back', change: 203 }),
    { kind: 'remove', address: six[6]!.address, change: 204 },
  ]
  commit(path, [...mixed, ...gone])
  const found = reread(path)
  t.equal(found.leases.size, 40)
  t.equal(found.change, 204, 'one sequence of changes')
  t.match(found.leases.get(six[4]!.address), { hostname: 'again' })
  t.match(found.leases.get(six[3]!.address), { hostname: 'back' })
  t.notOk(found.leases.has(six[6]!.address))
  t.strictSame(found.kinds, [new Set(['number']), new Set(['string'])], 'pages of one family each')

  withDatabase(path, (database) => {
    const broken = bytesOf([put(six[8]!), put(six[9]!)])
    broken[0] = 9
    t.throws(() => database.commit(broken, 2, 2), { message: /unknown kind 9/ })
    const unsound = bytesOf([{ kind: 'remove', address: six[0]!.address, change: 1 }])
    unsound[unsound.length - 1] = 1
    t.throws(() => database.commit(unsound, 1, 2), { message: /behind the prefix length/ })
    t.throws(() => database.commit(bytesOf([put(lease6At(99))]), 2, 2), { message: /1 records/ })
  })
  t.strictSame(reread(path).leases, found.leases, 'nothing of a batch that was refused')
})

/** A database as a version of so many steps of the schema left it. */
function makeOld(path: string, steps: number, sql: string): void {
  const database = new Database(path)
  for (const step of MIGRATIONS.slice(0, steps)) database.exec(step)
  database.pragma(`application_id = ${APPLICATION_ID}`)
  database.pragma(`user_version = ${steps}`)
  database.exec(sql)
  database.close()
}

t.test('a database of DHCPv4 alone is served on, with room for DHCPv6', async (t) => {
  const path = databaseIn(t)
  const row = leaseAt(7)
  makeOld(
    path,
    7,
    `INSERT INTO lease4 VALUES (7, 0, 7, 2, 1, x'02005e000007', NULL, NULL, 0, 0, 3600, 1000,
       3601000, NULL, 1, 0, 0, 0, 0)`,
  )
  commit(path, [put(lease6At(1))])
  const found = reread(path)
  t.strictSame([...found.leases.keys()], [7, lease6At(1).address])
  t.strictSame(found.leases.get(7), { ...row, hwAddress: '\x02\0\x5e\0\0\x07' })
})

t.test('rows that a former version ordered by key are found again, once each', async (t) => {
  const path = databaseIn(t)
  const leases = Array.from({ length: 5000 }, (_, index) => lease6At(index))
  const values = leases.map(
    ({ address, clientId }) =>
      `(x'${hexFromOctets(address)}', 0, 7, 2, 1, x'02005e000001', x'${hexFromOctets(clientId)}',
        NULL, 0, 0, 3600, 1000, 3601000, NULL, 1, 0, 0, 0, 0, 1800)`,
  )
  makeOld(path, 9, `INSERT INTO lease6 VALUES ${values}`)
  const renewed = lease6At(4321, { change: 2, hostname: 'renewed' })
  commit(path, [put(renewed), { kind: 'remove', address: leases[77]!.address, change: 3 }])
  const found = reread(path)
  const expected = leases.filter((_, index) => index !== 77).map(({ address }) => address)
  t.strictSame([...found.leases.keys()].toSorted(), expected.toSorted())
  t.equal(found.leases.get(renewed.address)?.hostname, 'renewed')
  t.equal(found.leases.get(leases[9]!.address)?.clientId, leases[9]!.clientId)
  t.strictSame(asked(path, 'SELECT count(*) AS rows FROM lease6'), [{ rows: 4999 }])
  t.equal((asked(path, 'SELECT * FROM leases6') as unknown[]).length, 4999, 'for people, too')
})

/** Puts and removals of some keys, batches that are refused, and new starts. */
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('batch'), seed: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('refused'), seed: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start'), seed: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('thread'), seed: fc.nat() }) },
)

t.test('each key has one row, through removals, refused batches and starts', async (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 30, maxLength: 60 }), (steps) => {
      const path = databaseIn(t)
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
      let known = new Map<Key, number>()
      let change = 0
      let database = new JournalDatabase({ path, durability: 'off' }, '')
      try {
        for (const { kind, seed } of steps) {
          if (kind === 'start' || kind === 'thread') {
            const { databaseId } = database.meta
            database.close()
            // A thread that replaces one that died reads no pages.
            const resume = kind === 'thread' ? databaseId : ''
            database = new JournalDatabase({ path, durability: 'off' }, resume)
            if (kind === 'start') readAll(database)
            continue
          }
          const next = new Map(known)
          const changes = Array.from({ length: seed % 23 }, (_, index): AnyChange => {
            const of = lease6At((seed * 31 + index * index * 7) % 40, { change: ++change })
            if ((seed >> index) & 1) {
              next.set(of.address, change)
              return put(of)
            }
            next.delete(of.address)
            return { kind: 'remove', address: of.address, change }
          })
          const count = kind === 'refused' ? changes.length + 1 : changes.length
          try {
            database.commit(bytesOf(changes), count, 1)
            assert.equal(kind, 'batch')
            known = next
          } catch (error) {
            assert.match(String(error), /records where/)
          }
        }
      } finally {
        database.close()
      }
      const rows = asked(path, 'SELECT hex(key) AS key, change, number FROM lease6') as Stored[]
      const stored = rows.map(({ key, change }) => [octetsFromHex(key)!, change] as const)
      assert.deepStrictEqual(new Map(stored), known)
      assert.equal(stored.length, known.size)
      assert.ok(
        rows.every(({ number }) => number <= 40 + 23),
        'numbers are used again',
      )
    }),
    { numRuns: 20 },
  )
})

t.test('thousands of keys are told apart while they come and go', async (t) => {
  const draw = drawing(5)
  const numbers = new KeyNumbers(draw(2 ** 32))
  const known = new Map<number, number>()
  const key = new Uint8Array(PREFIX6_OCTETS)
  const view = viewOf(key)
  for (let step = 0; step < 60_000; step++) {
    const of = draw(3000)
    view.setUint32(1 + 4 * (of % 4), of)
    const found = numbers.find(key, 0)
    assert.equal(found, known.get(of) ?? 0, `key ${of} in step ${step}`)
    // More keys than not in turns, so that the index grows and thins out.
    if (draw(100) < (step % 20_000 < 10_000 ? 70 : 20)) known.set(of, numbers.numberFor(key, 0))
    else if (found !== 0) {
      numbers.remove(found)
      if (draw(4) === 0) numbers.forget()
      else known.delete(of)
      numbers.settle()
    }
    view.setUint32(1 + 4 * (of % 4), 0)
  }
  t.ok(new Set(known.values()).size === known.size && known.size > 100)
  t.ok(Math.max(...known.values()) <= 3000, 'numbers are used again')
})

interface Stored {
  readonly key: string
  readonly change: number
  readonly number: number
}

function readAll(database: JournalDatabase): void {
  database.setAsideStrays()
  let mark: PageMark | undefined = FIRST_PAGE
  while (mark !== undefined) mark = database.readPage(mark).next
}

t.test('of two rows of one key, typed in by hand, the later one counts', async (t) => {
  const path = databaseIn(t)
  commit(
    path,
    [1, 2, 3].map((index) => put(lease6At(index))),
  )
  const key = hexFromOctets(lease6At(2).address)
  const columns = LEASE6_COLUMNS.filter((column) => column !== 'hostname')
  damage(
    path,
    `INSERT INTO lease6 (${columns}, hostname)
     SELECT ${columns}, 'by hand' FROM lease6 WHERE key = x'${key}'`,
  )
  const found = reread(path)
  t.equal(found.leases.get(lease6At(2).address)?.hostname, 'by hand')
  t.match(asked(path, 'SELECT reason FROM lease6_set_aside'), [
    { reason: 'key stands in a later row, too' },
  ])
  commit(path, [put(lease6At(2, { hostname: 'renewed' }))])
  const stored = `SELECT number, hostname FROM lease6 WHERE key = x'${key}'`
  t.strictSame(asked(path, stored), [{ number: 4, hostname: 'renewed' }])

  const ofPair = databaseIn(t)
  commit(ofPair, [put(lease6At(2))], true)
  damage(
    ofPair,
    `INSERT INTO lease6 (${columns}) SELECT ${columns} FROM lease6 WHERE key = x'${key}'`,
  )
  t.throws(() => reread(ofPair), { message: 'table lease6: key stands in a later row, too' })
})

t.test('rows get new numbers where most are gone, and bad numbers are set aside', async (t) => {
  const path = databaseIn(t)
  commit(
    path,
    [1, 2, 3].map((index) => put(lease6At(index))),
  )
  damage(path, 'UPDATE lease6 SET number = 1000000000 - number')
  t.equal(reread(path).leases.size, 3)
  t.strictSame(asked(path, 'SELECT number FROM lease6'), [
    { number: 1 },
    { number: 2 },
    { number: 3 },
  ])
  damage(path, 'UPDATE lease6 SET number = 9000000000 WHERE number = 2')
  const found = reread(path)
  t.equal(found.leases.size, 2)
  t.match(asked(path, 'SELECT reason FROM lease6_set_aside'), [{ reason: /number not 1 to/ }])
})

t.test('rows that cannot be used are set aside', async (t) => {
  const spoiled: [sql: string, reason: RegExp][] = [
    ["UPDATE lease6 SET state = 6 WHERE key = x'KEY'", /state is not 0 to 5/],
    ["UPDATE lease6 SET preferred_lifetime = -1 WHERE key = x'KEY'", /preferred_lifetime is not 0/],
    ["UPDATE lease6 SET client_id = 'text' WHERE key = x'KEY'", /client_id is not a blob/],
    [
      "UPDATE lease6 SET key = x'40ff000000000000000000000000000001' WHERE key = x'KEY'",
      /bits behind/,
    ],
    [
      "UPDATE lease6 SET key = x'81ff000000000000000000000000000001' WHERE key = x'KEY'",
      /length up to 128/,
    ],
    ["UPDATE lease6 SET key = x'80ff' WHERE key = x'KEY'", /length up to 128/],
    ["UPDATE lease6 SET key = 'words' WHERE key = x'KEY'", /length up to 128/],
    ["UPDATE lease6 SET key = 5 WHERE key = x'KEY'", /length up to 128/],
  ]
  for (const [sql, reason] of spoiled) {
    const path = databaseIn(t)
    const leases = [1, 2, 3].map((index) => lease6At(index))
    commit(path, leases.map(put))
    const key = Buffer.from(leases[1]!.address, 'latin1').toString('hex')
    damage(path, sql.replace('KEY', key))
    const found = reread(path)
    t.strictSame(
      [...found.leases.keys()].toSorted(),
      [leases[0]!.address, leases[2]!.address].toSorted(),
      sql,
    )
    t.equal(found.setAside, 1)
    t.match(asked(path, 'SELECT reason FROM lease6_set_aside'), [{ reason }])
    t.equal(reread(path).setAside, 1, 'once')
    commit(path, [])
    damage(path, 'DELETE FROM lease6_set_aside; DELETE FROM lease6')
  }
})

t.test('of a pair, the key of a row that cannot be used stays out of use', async (t) => {
  const path = databaseIn(t)
  const [one, two] = [lease6At(1), lease6At(2)]
  commit(path, [put(one), put(two)], true)
  const key = Buffer.from(one.address, 'latin1').toString('hex')
  damage(path, `UPDATE lease6 SET preferred_lifetime = 'long' WHERE key = x'${key}'`)
  const found = reread(path)
  t.match(found.leases.get(one.address), {
    state: 1,
    end: NEVER,
    clientId: '',
    preferredLifetime: 0,
  })
  t.equal(found.setAside, 1)
  damage(
    path,
    `UPDATE lease6 SET key = x'40ff000000000000000000000000000001' WHERE key = x'${key}'`,
  )
  t.throws(() => reread(path), { message: /table lease6: key has bits behind its length/ })
  damage(path, `UPDATE lease6 SET key = x'80' WHERE key = x'40ff000000000000000000000000000001'`)
  t.throws(() => reread(path), { message: /table lease6 has rows whose key is not a length up to/ })
})

t.test('people read the leases with the shell of SQLite', async (t) => {
  const path = databaseIn(t)
  const address = prefix6FromText('2001:db8:a::1')!
  commit(path, [
    put(lease6At(1, { hostname: 'one', start: 0, end: NEVER })),
    put({ ...lease6At(3), address: prefix6FromText('2001:db8:30::/48')! }),
    put({ ...lease6At(2), address, state: 5 }),
    put(lease6At(4, { state: 4, clientId: '' })),
  ])
  const columns = 'address, state, kind, iaid, duid, hostname, preferred_lifetime, ends_about_utc'
  t.match(asked(path, `SELECT ${columns} FROM leases6`), [
    {
      address: '2001:0db8:0030:0000:0000:0000:0000:0000/48',
      ...{ state: 'assigned', kind: 'IA_PD', iaid: '00000001', preferred_lifetime: 1800 },
    },
    {
      address: '2001:0db8:0000:0000:0000:0000:0001:0001',
      ...{ kind: 'IA_NA', duid: '00030001020000000001', hostname: 'one', ends_about_utc: 'never' },
    },
    { address: '2001:0db8:000a:0000:0000:0000:0000:0001', state: 'registered' },
  ])
})
