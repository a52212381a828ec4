// What servers on one database decide by tables: what an outcome rests on, what a client may be
// told while the database is away, whether this machine stood still, and what becomes of rows that
// the database has forgotten.

import t from 'tap'
import { leftToBridge } from '../../lib/dhcp/bridge.ts'
import type { Outcome4 } from '../../lib/dhcp4/outcome4.ts'
import type { IaAnswer6 } from '../../lib/dhcp6/ia-answer6.ts'
import type { Outcome6 } from '../../lib/dhcp6/outcome6.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { type Change, LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import { mend, PAGE_KEYS, RecentWrites } from '../../lib/server/shared/lost-writes.ts'
import { isRenewal4, resting4 } from '../../lib/server/shared/resting4.ts'
import { isRenewal6, resting6 } from '../../lib/server/shared/resting6.ts'
import { STORED, TOLD } from '../../lib/server/shared/shared-queries.ts'
import { Standstill } from '../../lib/server/shared/standstill.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'
import { MESSAGE_TYPE4, type Query4 } from '../../lib/wire/v4/message.ts'
import { MESSAGE_TYPE6, STATUS6 } from '../../lib/wire/v6/codes.ts'
import type { Query6 } from '../../lib/wire/v6/message.ts'

const X = 0xc000020a
const Y = 0xc000020b
const NOW = 1_000_000
const A = '\x02\x00\x00\x00\x00\x0a'
const B = '\x02\x00\x00\x00\x00\x0b'

function lease(more: Partial<Lease> = {}): Lease {
  const times = { start: NOW - 60_000, end: NOW + 540_000, validLifetime: 600 }
  const own = { state: LEASE_STATE.assigned, htype: 1, hwAddress: A, clientId: '\x01a', change: 10 }
  return { ...freeRow(X), ...own, ...times, ...more }
}

function put(one: Lease): Change {
  return { kind: 'put', lease: one }
}

// ---- what outcomes rest on

/** A message of A with these fields, as far as this is about it. */
function query4(more: Partial<Record<'type' | 'ciaddr' | 'requested' | 'server', number>>): Query4 {
  const options: Record<number, number | undefined> = { 50: more.requested, 54: more.server }
  return {
    type: more.type ?? MESSAGE_TYPE4.request,
    ciaddr: more.ciaddr ?? 0,
    hwAddress: A,
    uint: (code: number) => options[code],
    has: (code: number) => options[code] !== undefined,
    octets: (code: number) => (code === 61 ? '\x01a' : undefined),
  } as unknown as Query4
}

const reply4 = (type: number, changes: readonly Change[] = []) =>
  ({ kind: 'reply', type, changes }) as unknown as Outcome4
const drop4 = (reason: string) => ({ kind: 'drop', reason }) as unknown as Outcome4

t.test('what an outcome of DHCPv4 rests on', async (t) => {
  const { offer, ack, nak } = MESSAGE_TYPE4
  const about = (...keys: number[]) => ({
    isStored: false,
    refused: { keys, clientId: '\x01a', hwAddress: A },
  })
  const init = query4({ requested: X })
  const rows: readonly (readonly [string, Outcome4, Query4, unknown])[] = [
    ['an OFFER tells', reply4(offer), query4({}), TOLD],
    ['an ACK that is written', reply4(ack, [put(lease())]), init, STORED],
    ['an ACK that tells what is left', reply4(ack), query4({ ciaddr: X }), TOLD],
    ['a NAK for what the client asks for', reply4(nak), init, about(X)],
    ['a NAK for what it has', reply4(nak), query4({ ciaddr: Y }), about(Y)],
    ['a NAK for both', reply4(nak), query4({ ciaddr: Y, requested: X }), about(Y, X)],
    ['silence, since the client is not known', drop4('unknown-client'), init, about(X)],
    ['silence for whatever else', drop4('not-in-scope'), init, undefined],
    [
      'a RELEASE or DECLINE',
      { kind: 'changes', changes: [put(lease())] } as unknown as Outcome4,
      query4({ ciaddr: X }),
      STORED,
    ],
  ]
  for (const [what, outcome, query, expected] of rows)
    t.same(resting4(outcome as Parameters<typeof resting4>[0], query), expected, what)
})

t.test('who renews, of DHCPv4', async (t) => {
  const rows: readonly (readonly [string, Query4, boolean])[] = [
    ['RENEWING and REBINDING', query4({ ciaddr: X }), true],
    ['INIT-REBOOT', query4({ requested: X }), false],
    ['SELECTING', query4({ requested: X, server: Y }), false],
    ['a DISCOVER', query4({ type: MESSAGE_TYPE4.discover }), false],
    ['an INFORM', query4({ type: MESSAGE_TYPE4.inform, ciaddr: X }), false],
  ]
  for (const [what, query, expected] of rows) t.equal(isRenewal4(query), expected, what)
})

const K = 'key one'
const L = 'key two'

function query6(type: number, ...keys: string[]): Query6 {
  const ias = keys.map((key) => ({ entries: [{ key }] }))
  return { type, clientId: 'duid', ias } as unknown as Query6
}

const given = (valid: number, status: number = STATUS6.success) =>
  ({ status, entries: [{ valid }] }) as unknown as IaAnswer6
const reply6 = (ias: readonly IaAnswer6[], changes = 0) =>
  ({ kind: 'reply', ias, changes: Array(changes).fill({}) }) as unknown as Outcome6

t.test('what an outcome of DHCPv6 rests on', async (t) => {
  const { request, renew, rebind, solicit, release } = MESSAGE_TYPE6
  const about = (isStored: boolean, ...keys: string[]) => ({
    isStored,
    refused: { keys, duid: 'duid' },
  })
  const rows: readonly (readonly [string, Outcome6, Query6, unknown])[] = [
    ['an ADVERTISE tells', reply6([given(0)]), query6(solicit, K), TOLD],
    ['what is given', reply6([given(600)], 1), query6(request, K), STORED],
    ['what is left', reply6([given(300)]), query6(renew, K), TOLD],
    ['an IA without an answer', reply6([given(600)], 1), query6(renew, K, L), about(true, K, L)],
    ['NoBinding', reply6([given(600, STATUS6.noBinding)]), query6(renew, K), about(false, K)],
    ['a lifetime of 0', reply6([given(0)]), query6(rebind, K), about(false, K)],
    ['a RELEASE is stored', reply6([], 1), query6(release, K), STORED],
    ['silence', { kind: 'drop' } as unknown as Outcome6, query6(request, K), undefined],
  ]
  for (const [what, outcome, query, expected] of rows)
    t.same(resting6(outcome, query), expected, what)
  for (const type of [renew, rebind]) t.equal(isRenewal6(query6(type)), true)
  for (const type of [request, solicit, release]) t.equal(isRenewal6(query6(type)), false)
})

// ---- while the database is away

t.test('what a client that renews is told while the database is away', async (t) => {
  const rows: readonly (readonly [string, Lease | undefined, boolean, number])[] = [
    ['what is left of its lease', lease(), true, 540],
    ['whole seconds', lease({ end: NOW + 540_999 }), true, 540],
    ['a minute', lease({ end: NOW + 60_000 }), true, 60],
    ['less than a minute: nothing', lease({ end: NOW + 59_999 }), true, 0],
    ['a lease that is over', lease({ end: NOW - 1 }), true, 0],
    ['no more than a lifetime', lease({ start: NOW, end: NOW + 5_000_000 }), true, 600],
    ['for ever', lease({ end: NEVER, validLifetime: INFINITE_LIFETIME }), true, INFINITE_LIFETIME],
    ['a version that is in doubt', lease(), false, 0],
    ['no lease', undefined, true, 0],
    ['one that is given back', lease({ state: LEASE_STATE.released }), true, 0],
    ['one that is declined', lease({ state: LEASE_STATE.declined }), true, 0],
  ]
  for (const [what, row, isSettled, expected] of rows)
    t.equal(
      leftToBridge(row, NOW, () => isSettled),
      expected,
      what,
    )
  t.equal(leftToBridge(lease(), NOW, undefined), 0, 'nor where nobody says that it is settled')
})

t.test('whether this machine stood still, by its calendar', async (t) => {
  let [steady, wall] = [0, 1e12]
  const pass = (by: number, byCalendar = by) => {
    steady += by
    wall += byCalendar
  }
  const begun = () => {
    ;[steady, wall] = [NOW, 1e12]
    const one = new Standstill({ wall: () => wall }, () => steady)
    one.begin(NOW)
    return one
  }
  const one = begun()
  pass(3_600_000)
  t.notOk(one.isSuspected, 'time passes')
  pass(1000, 11_000)
  t.notOk(one.isSuspected, 'a calendar is moved by a little')
  pass(0, 2000)
  t.ok(one.isSuspected, 'and now by more than that')
  pass(1000)
  one.heard(2000, false)
  t.ok(one.isSuspected, 'an answer that was asked for before says nothing')
  pass(1000)
  one.heard(500, false)
  t.notOk(one.isSuspected, 'one that was asked for since does')
  pass(60_000, 0)
  t.notOk(one.isSuspected, 'a calendar that is behind is no sign')

  const other = begun()
  pass(0, 60_000)
  t.ok(other.isSuspected)
  pass(0, -60_000)
  t.ok(other.isSuspected, 'it stays until the database has said how late it is')
  other.heard(10, true)
  t.notOk(other.isSuspected, 'as it does by another time than expected')
})

// ---- what another copy of the database has not got

t.test('keys that were written lately', async (t) => {
  const recent = new RecentWrites()
  recent.note(1, NOW)
  recent.note(2, NOW + 1000)
  recent.note(1, NOW + 2000)
  t.same(recent.pages(), [[2, 1]], 'each once, the longest ago first')
  recent.note(3, NOW + 601_500)
  t.same(recent.pages(), [[1, 3]], 'for ten minutes')
  for (let key = 10; key < 10 + PAGE_KEYS; key++) recent.note(key, NOW + 601_500)
  t.same(
    recent.pages().map((page) => page.length),
    [PAGE_KEYS, 2],
    'in pages',
  )
})

t.test('memory and another copy of the database are brought together', async (t) => {
  const OLDER = lease({ change: 5, end: NOW + 100_000 })
  const LATER = lease({ change: 30, end: NOW + 900_000 })
  const OF_B = lease({ change: 12, hwAddress: B, clientId: '\x01b' })
  const rows: readonly (readonly [
    what: string,
    ours: Lease | undefined,
    theirs: Lease | undefined,
    /** Stored again, kept as there, and whether two clients have it. */
    outcome: 'again' | 'as there' | 'ours' | 'lost' | 'gone',
  ])[] = [
    ['it has the same', lease(), lease(), 'ours'],
    ['it has an older one', lease(), OLDER, 'again'],
    ['it has none', lease(), undefined, 'again'],
    ['it has a later one', lease(), LATER, 'as there'],
    ['it has given the address to another client', lease(), OF_B, 'lost'],
    ['the same, and ours is over', lease({ end: NOW - 1 }), OF_B, 'as there'],
    ['the same, and that is over', lease(), { ...OF_B, change: 8, end: NOW - 1 }, 'again'],
    ['ours is free', { ...freeRow(X), change: 10 }, OLDER, 'as there'],
    ['ours is free, and it has none', { ...freeRow(X), change: 10 }, undefined, 'gone'],
    ['nothing is known here', undefined, LATER, 'gone'],
  ]
  for (const [what, ours, theirs, outcome] of rows) {
    const tables = new LeaseTables(1)
    if (ours !== undefined) tables.apply(put(ours))
    const stored: Change<Key>[] = []
    let lost = 0
    const isAgain = mend(X, theirs, NOW, {
      tables,
      nextChange: () => 99,
      isUnderWay: () => false,
      put: (change) => void stored.push(change),
      lost: () => void lost++,
    })
    const row = tables.v4.byAddress(X)
    const expected = {
      again: { change: 99, client: ours?.hwAddress },
      'as there': { change: theirs?.change, client: theirs?.hwAddress },
      ours: { change: ours?.change, client: ours?.hwAddress },
      lost: { change: theirs?.change, client: theirs?.hwAddress },
      gone: { change: undefined, client: undefined },
    }[outcome]
    t.same({ change: row?.change, client: row?.hwAddress }, expected, what)
    t.equal(isAgain, outcome === 'again', what)
    t.equal(stored.length, outcome === 'again' ? 1 : 0, what)
    t.equal(lost, outcome === 'lost' ? 1 : 0, what)
    if (outcome === 'again') t.equal(row?.end, ours?.end, 'for as long as its client knows')
  }
})

t.test('what is under way is left to the database', async (t) => {
  const tables = new LeaseTables(1)
  tables.apply(put(lease()))
  const never = () => t.fail('nothing is done')
  const duties = { tables, nextChange: () => 99, put: never, lost: never }
  t.notOk(mend(X, undefined, NOW, { ...duties, isUnderWay: () => true }))
  t.equal(tables.v4.byAddress(X)?.change, 10)
})
