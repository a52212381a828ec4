// Leases of DHCPv6 in the journal, beside those of DHCPv4.

import assert from 'node:assert'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import { prefix6, prefix6FromText } from '../../lib/address/prefix6.ts'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import { ChangeWriter, forEachMixedChange } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { AnyChange, Lease, Lease6, LeaseState } from '../../lib/leases/lease.ts'
import { JournalDatabase } from '../../lib/platform/journal/database.ts'
import type { ReadPage } from '../../lib/platform/journal/row-reader.ts'
import { FIRST_PAGE, type PageMark } from '../../lib/platform/journal/tables.ts'
import { NEVER } from '../../lib/time/units.ts'
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

t.test('a database of DHCPv4 alone is served on, with room for DHCPv6', async (t) => {
  const path = databaseIn(t)
  commit(path, [put(leaseAt(7))])
  damage(path, 'DROP VIEW leases6; DROP TABLE lease6; DROP TABLE lease6_set_aside')
  damage(path, 'ALTER TABLE pair DROP COLUMN whole; ALTER TABLE pair DROP COLUMN partner_duids')
  const version = asked(path, 'PRAGMA user_version') as { user_version: number }[]
  damage(path, `PRAGMA user_version = ${version[0]!.user_version - 2}`)
  commit(path, [put(lease6At(1))])
  t.strictSame([...reread(path).leases.keys()], [7, lease6At(1).address])
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
