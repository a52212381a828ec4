// What a database that several servers write must do (ports/shared-journal.ts), whatever it is made
// of: PostgreSQL, and the one of the simulated world, by which everything else is tried.

import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE, type Lease, type Lease6 } from '../../lib/leases/lease.ts'
import { NEVER } from '../../lib/time/units.ts'
import { lease6At, leaseAt } from './journal-world.ts'
import type { SharedServer } from './shared-world.ts'

/** A lease that a server gives to client number `client` for an hour. */
export function given(
  server: SharedServer,
  address: number,
  client: number,
  more: Partial<Lease> = {},
): Lease<Key> {
  const now = server.now()
  const times = { start: now, end: now + 3_600_000 }
  const clientId = `client ${client}`
  return leaseAt(address, { ...times, clientId, change: server.version(), ...more }) as Lease<Key>
}

export const conflictsOf = (result: object) =>
  (result as { conflicts?: readonly number[] }).conflicts

/** An address or a prefix of that client for an hour. */
function delegated(
  server: SharedServer,
  text: string,
  client: number,
  more: Partial<Lease6> = {},
): Lease<Key> {
  const now = server.now()
  const times = { start: now, end: now + 3_600_000, change: server.version() }
  const { clientId } = lease6At(client)
  return {
    ...lease6At(client),
    ...times,
    clientId,
    ...more,
    address: prefix6FromText(text)!,
  } as Lease<Key>
}

/** `open`: a server of this name on the database, which was new. */
export async function sharedContract(
  t: Test,
  open: (name: string) => Promise<SharedServer>,
): Promise<void> {
  const one = await open('one')
  const two = await open('two')
  t.teardown(() => Promise.all([one.close(), two.close()]))
  t.not(one.member, two.member)

  await t.test('what one stores the other hears, with its times', async (t) => {
    const lease = given(one, 1, 1)
    t.same(conflictsOf(await one.commit([{ lease }])), [])
    await two.until(() => two.rows.has(1))
    const heard = two.rows.get(1)!
    t.equal(heard.change, lease.change)
    t.equal(heard.givenBy, 'partner')
    t.ok(Math.abs(heard.end - lease.end) < 5_000)
    t.equal(heard.hwAddress, lease.hwAddress)
  })

  await t.test('one address for two clients: the second is refused, and told why', async (t) => {
    const [a, b] = await Promise.all([
      one.commit([{ lease: given(one, 2, 1) }]),
      two.commit([{ lease: given(two, 2, 2) }]),
    ])
    const refused = [conflictsOf(a)!, conflictsOf(b)!].filter(({ length }) => length > 0)
    t.same(refused, [[0]])
    t.equal(one.rows.get(2)!.change, two.rows.get(2)!.change)
  })

  await t.test('a running lease is not given away, whatever memory believed', async (t) => {
    await one.commit([{ lease: given(one, 3, 1) }])
    await two.until(() => two.rows.has(3))
    // The version is right, the client another: memory believed that the lease was over.
    t.same(conflictsOf(await two.commit([{ lease: given(two, 3, 2) }])), [0])
    const declined = given(two, 3, 2, { state: LEASE_STATE.declined, clientId: '', hwAddress: '' })
    t.same(conflictsOf(await two.commit([{ lease: declined }])), [], 'but a DECLINE is stored')
    t.same(conflictsOf(await two.commit([{ lease: given(two, 3, 2) }])), [0], 'and kept')
    const word = { lease: given(two, 3, 2), isForced: true }
    t.same(conflictsOf(await two.commit([word])), [], 'an operator may')
  })

  await t.test('an address that was released or is over is given to the next', async (t) => {
    await one.commit([{ lease: given(one, 4, 1) }])
    await one.commit([{ lease: given(one, 4, 1, { state: LEASE_STATE.released }) }])
    t.same(conflictsOf(await one.commit([{ lease: given(one, 4, 2) }])), [])
    const past = one.now() - 60_000
    await one.commit([{ lease: given(one, 5, 1, { end: past, validLifetime: 60 }) }])
    t.same(conflictsOf(await one.commit([{ lease: given(one, 5, 2) }])), [])
    const grace = one.now() - 1000
    await one.commit([{ lease: given(one, 6, 1, { end: grace, validLifetime: 60 }) }])
    t.same(conflictsOf(await one.commit([{ lease: given(one, 6, 2) }])), [0], 'in its grace')
  })

  await t.test('a shorter renewal keeps the later end; a lease may have none', async (t) => {
    const first = given(one, 7, 1)
    await one.commit([{ lease: first }])
    await one.commit([{ lease: given(one, 7, 1, { end: one.now() + 60_000, validLifetime: 60 }) }])
    await two.confirm({ keys: [7] })
    t.ok(two.rows.get(7)!.end >= first.end - 1000)
    // Who could not reach the database meanwhile tells the client what was left before.
    const end = one.now()
    await one.commit([{ lease: given(one, 7, 1, { state: LEASE_STATE.released, end }) }])
    const short = { end: one.now() - 60_000, validLifetime: 60 }
    await one.commit([{ lease: given(one, 7, 1, short) }])
    await two.confirm({ keys: [7] })
    t.ok(two.rows.get(7)!.end >= first.end - 1000, 'also when it was given back between')
    t.same(conflictsOf(await two.commit([{ lease: given(two, 7, 2) }])), [0])
    await one.commit([{ lease: given(one, 7, 1, { end: NEVER, validLifetime: 0xffffffff }) }])
    await two.confirm({ keys: [7] })
    t.equal(two.rows.get(7)!.end, NEVER)
  })

  await t.test('who stores that a lease has ended by time does not end it', async (t) => {
    const lease = given(one, 20, 1)
    await one.commit([{ lease }])
    // As it looks where it is not known that the clock of the database was put back.
    const past = { end: one.now() - 60_000, validLifetime: 60 }
    const expired = given(one, 20, 1, { ...past, state: LEASE_STATE.expired })
    t.same(conflictsOf(await one.commit([{ lease: expired }])), [])
    t.same(
      conflictsOf(await one.commit([{ lease: given(one, 20, 2) }])),
      [0],
      'by its clock it runs',
    )
    t.ok(one.rows.get(20)!.end >= lease.end - 1000)
    t.same(conflictsOf(await one.commit([{ lease: given(one, 20, 1) }])), [], 'and goes on')
    const six = delegated(one, '2001:db8:20::/48', 1)
    await one.commit([{ lease: six }])
    const ended = delegated(one, '2001:db8:20::/48', 1, { ...past, state: LEASE_STATE.expired })
    await one.commit([{ lease: ended }])
    t.same(conflictsOf(await one.commit([{ lease: delegated(one, '2001:db8:20::/48', 2) }])), [0])
  })

  await t.test('a renewal over an old version is refused; one without a row, too', async (t) => {
    const first = given(one, 8, 1)
    await one.commit([{ lease: first }])
    await one.commit([{ lease: given(one, 8, 1) }])
    t.same(conflictsOf(await two.commit([{ lease: given(two, 8, 1), over: first.change }])), [0])
    t.same(conflictsOf(await two.commit([{ lease: given(two, 80, 1), over: 1024 }])), [0])
    t.notOk(two.rows.has(80), 'there is none, it is told')
    for (const address of [8, 80])
      t.same(conflictsOf(await two.commit([{ lease: given(two, address, 1), over: -1 }])), [0])
  })

  await t.test('DHCPv6 and DHCPv4 in one batch, each judged by itself', async (t) => {
    const now = one.now()
    const times = { start: now, end: now + 3_600_000 }
    const prefix = lease6At(3, { ...times, change: one.version() }) as Lease<Key>
    const address = lease6At(4, { ...times, change: one.version() }) as Lease<Key>
    await one.commit([{ lease: prefix }])
    const mixed = [{ lease: given(one, 9, 1) }, { lease: prefix, over: 0 }, { lease: address }]
    t.same(conflictsOf(await one.commit(mixed)), [1])
    await two.confirm({ keys: [], duid: address.clientId.slice(5) })
    t.ok(two.rows.has(address.address), 'found by its DUID')
    await two.confirm({ keys: [], clientId: 'client 1' })
    t.ok(two.rows.has(9), 'found by its client')
  })

  await t.test(
    'an operator may end a lease early; a client that is told less may not',
    async (t) => {
      const first = given(one, 30, 1)
      await one.commit([{ lease: first }])
      const soon = { end: one.now() + 60_000, validLifetime: 60 }
      await one.commit([{ lease: given(one, 30, 1, soon), isForced: true }])
      await two.confirm({ keys: [30] })
      t.ok(two.rows.get(30)!.end < first.end - 1_000_000)
    },
  )

  await t.test('who a client is: by its client-id, else by hardware of one kind', async (t) => {
    const plain = { clientId: '', hwAddress: 'abcdef' }
    await one.commit([{ lease: given(one, 31, 1, plain) }])
    const named = given(one, 31, 1, { ...plain, clientId: 'client 1' })
    t.same(conflictsOf(await one.commit([{ lease: named }])), [], 'the hardware has a name now')
    const renamed = given(one, 31, 2, { ...plain, clientId: 'client 2' })
    t.same(conflictsOf(await one.commit([{ lease: renamed }])), [0], 'another name is another')
    await one.commit([{ lease: given(one, 32, 1, plain) }])
    const other = given(one, 32, 1, { ...plain, htype: 6 })
    t.same(conflictsOf(await one.commit([{ lease: other }])), [0], 'and so is other hardware')
    await two.confirm({ keys: [], hwAddress: 'abcdef' })
    t.same([two.rows.has(31), two.rows.has(32)], [true, true], 'found by their hardware')
  })

  await t.test('prefixes of two lengths that overlap: one of the two is stored', async (t) => {
    for (const round of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const wide = () => delegated(one, `2001:db8:70${round}::/56`, 7)
      const narrow = () => delegated(two, `2001:db8:70${round}:80::/60`, 8)
      const [a, b] = await Promise.all([
        one.commit([{ lease: wide() }]),
        two.commit([{ lease: narrow() }]),
      ])
      const refused = [conflictsOf(a)!, conflictsOf(b)!]
      t.same(
        refused.filter(({ length }) => length > 0),
        [[0]],
      )
      const [first, second] = refused[0]!.length === 0 ? [one, two] : [two, one]
      const [stored, other] = first === one ? [wide(), narrow()] : [narrow(), wide()]
      t.ok(second.rows.has(stored.address), 'which one stands in the way is told')
      const word = { lease: other, isForced: true }
      t.same(conflictsOf(await second.commit([word])), [0], 'an operator is refused, too')
      const ended = { ...stored, state: LEASE_STATE.released, change: first.version() }
      const both = [{ lease: ended }, { lease: { ...other, change: first.version() }, over: 0 }]
      t.same(conflictsOf(await first.commit(both)), [1], 'while it was somebody’s before the batch')
      t.same(conflictsOf(await second.commit([{ lease: other }])), [], 'but not behind it')
    }
  })

  await t.test('no address within a prefix that somebody has, and none around one', async (t) => {
    await one.commit([{ lease: delegated(one, '2001:db8:711::/56', 7) }])
    const inside = [
      { lease: delegated(two, '2001:db8:711:5::1', 8) },
      { lease: delegated(two, '2001:db8:712:5::1', 8) },
    ]
    t.same(conflictsOf(await two.commit(inside)), [0])
    const around = [
      { lease: delegated(one, '2001:db8:712::/56', 9) },
      { lease: delegated(one, '2001:db8:700::/40', 9) },
      { lease: delegated(one, '2001:db8:714::/56', 9) },
    ]
    t.same(conflictsOf(await one.commit(around)), [0, 1])
    const own = delegated(one, '2001:db8:711::/56', 7)
    t.same(conflictsOf(await one.commit([{ lease: own }])), [], 'its own is in nobody’s way')
  })

  await t.test('what is over or declined by now, of the prefixes that overlap', async (t) => {
    const past = one.now() - 60_000
    const before = delegated(one, '2001:db8:716::/56', 7, { end: past, validLifetime: 60 })
    await one.commit([{ lease: before }])
    const next = delegated(two, '2001:db8:716:10::/60', 8)
    t.same(conflictsOf(await two.commit([{ lease: next }])), [], 'what is over is not in the way')
    const declined = { state: LEASE_STATE.declined, clientId: '' } as const
    await one.commit([{ lease: delegated(one, '2001:db8:717::1', 7, declined) }])
    const wide = { lease: delegated(two, '2001:db8:717::/56', 8) }
    t.same(conflictsOf(await two.commit([wide])), [0], 'what is declined is')
    const own = { state: LEASE_STATE.registered } as const
    await one.commit([{ lease: delegated(one, '2001:db8:718::1', 7, own) }])
    const around = { lease: delegated(two, '2001:db8:718::/56', 8) }
    t.same(conflictsOf(await two.commit([around])), [], 'what a client has made itself is not')
  })

  await t.test('of keys that are asked for, those without a row are told as gone', async (t) => {
    const never = given(one, 99, 1)
    one.rows.set(99, never)
    await one.confirm({ keys: [99, 1] })
    t.same([one.rows.has(99), one.rows.has(1)], [false, true])
  })

  await t.test('a third server reads what is there', async (t) => {
    const three = await open('three')
    t.same([...three.rows.keys()].sort(), [...one.rows.keys(), 3].sort().filter(unique))
    t.ok(three.info!.change >= one.rows.get(9)!.change)
    await three.close()
  })

  await t.test('edits and names are the own of each', async (t) => {
    const edits = [
      { id: 'a', text: '{"x":1}' },
      { id: 'b', text: 'y' },
    ]
    await two.commit([], { edits })
    const names = [
      { address: '192.0.2.1', text: 'one' },
      { address: '192.0.2.2', text: 'two' },
    ]
    await two.commit([], { edits: [{ id: 'b', text: '' }], names })
    await two.commit([], { names: [{ address: '192.0.2.1', text: '' }] })
    await two.close()
    const again = await open('two')
    t.same(again.info!.edits, [{ id: 'a', text: '{"x":1}' }])
    t.same(again.info!.names, [{ address: '192.0.2.2', text: 'two' }])
    t.equal(again.member, two.member, 'it is the same member again')
    t.same([one.info!.edits ?? [], one.info!.names ?? []], [[], []])
    await again.close()
  })

  await t.test('a name that is of a refused row is not stored, others are', async (t) => {
    const six = await open('six')
    const refused = given(six, 2, 6)
    const names = [
      { address: '192.0.2.1', text: '["of the refused"]' },
      { address: '192.0.2.2', text: '["that moves on with it"]' },
      { address: '192.0.2.3', text: '["of the stored"]' },
      { address: '192.0.2.4', text: '["of none"]' },
      { address: '192.0.2.1', text: '["of the refused, again"]' },
    ]
    await six.commit([], { names: [{ address: '192.0.2.2', text: '["before"]' }] })
    const ties = [
      ...['192.0.2.1', '192.0.2.2'].map((address) => ({ address, place: 0 })),
      { address: '192.0.2.3', place: 1 },
    ]
    const both = [{ lease: refused, over: 0 }, { lease: given(six, 90, 6) }]
    t.same(conflictsOf(await six.commit(both, { names, ties })), [0])
    const gone = { names: [{ address: '192.0.2.2', text: '' }] }
    const tie = { address: '192.0.2.2', place: 0 }
    const again = [{ lease: refused, over: 0 }]
    t.same(conflictsOf(await six.commit(again, { ...gone, ties: [tie] })), [0])
    await six.close()
    const later = await open('six')
    t.same(Object.fromEntries(later.info!.names!.map(({ address, text }) => [address, text])), {
      '192.0.2.2': '["before"]',
      '192.0.2.3': '["of the stored"]',
      '192.0.2.4': '["of none"]',
    })
    await later.close()
  })

  await t.test('what a member says of its configuration comes to the others', async (t) => {
    one.journal.shared!.fingerprint!('a word')
    const five = await open('five')
    const told = () => five.others.find(({ fingerprint }) => fingerprint === 'a word')
    // Members look at each other every few seconds; simulated ones while somebody asks.
    while (told() === undefined) {
      await five.confirm({ keys: [] })
      await delay(20)
    }
    t.same(told(), { name: 'one', fingerprint: 'a word' })
    await five.close()
  })

  await t.test('a jump that two tell counts once, and who comes later hears of it', async (t) => {
    const other = await open('other')
    const { count } = one.answer!.jumps
    const jump = { by: 3_600_000, wait: 500_000, count }
    one.journal.shared!.doubt!({ ...jump, until: one.now() + 400_000 })
    other.journal.shared!.doubt!({ ...jump, until: other.now() + 500_000 })
    // Each way to the database keeps its order.
    await Promise.all([one.confirm({ keys: [] }), other.confirm({ keys: [] })])
    await one.confirm({ keys: [] })
    await other.close()
    const four = await open('four')
    for (const { jumps } of [one.answer!, four.info!.shared!]) {
      t.match(jumps, { count: count + 1, last: 3_600_000 })
      t.ok(jumps.doubt > 400_000 && jumps.doubt <= 500_000, `the later end: ${jumps.doubt}`)
    }
    one.journal.shared!.doubt!({
      by: 50_000,
      wait: 600_000,
      until: one.now() + 9e9,
      count: count + 1,
    })
    await one.confirm({ keys: [] })
    const { doubt, ...told } = one.answer!.jumps
    t.same(told, { count: count + 2, last: 50_000 }, 'another one')
    t.equal(doubt, 600_000, 'no longer than is waited, however far the clock is put back')
    four.journal.shared!.endDoubt!()
    await four.confirm({ keys: [] })
    await four.close()
    const five = await open('four')
    t.match(five.info!.shared!.jumps, { count: count + 2, doubt: 0 }, 'and when it is over')
    await five.close()
  })
}

const unique = (key: Key, index: number, all: readonly Key[]) => all.indexOf(key) === index
