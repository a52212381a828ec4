// A server of a pair under attack through its link, by rows: at the limits of everything, such as
// no server would write, too many; errors of ours while they are taken; and anything in any order.

import fc from 'fast-check'
import t from 'tap'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { overAt } from '../../lib/leases/grace.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import { LEASE_STATE, type Lease, type LeaseState } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { OUTSIDE_MAX } from '../../lib/server/pair/merger.ts'
import {
  type Frame,
  frameOf,
  leaseAt,
  PARTNER_DATABASE,
  type Partner,
  Stage,
} from './fake-partner.ts'
import { attack, FIRST, MINE, THEIRS } from './pair-attack.ts'

/** Addresses at home here, in no subnet here. */
const HOMES = Array.from({ length: 50_000 }, (_, index) => 0x0a000000 + index).filter(
  (address) => homeOf(address) === 0,
)

// ---- rows

const LONG = 'x'.repeat(65_535)

attack('rows at the limits of everything', (t, stage) => {
  // Rows of nobody are in conflict with each other.
  stage.lab.invariants.pair.checksKeys = false
  stage.lab.invariants.pair.mayConflict.add('an attack')
  const rows: Lease[] = [
    leaseAt(THEIRS[0]!, 1, { start: -(2 ** 52), end: 2 ** 52 }),
    leaseAt(THEIRS[1]!, 2, { end: Number.POSITIVE_INFINITY, validLifetime: 0xffffffff }),
    leaseAt(THEIRS[2]!, 3, { end: Number.POSITIVE_INFINITY, validLifetime: 0 }),
    leaseAt(THEIRS[3]!, 4, { start: 2 ** 52, end: -(2 ** 52) }),
    leaseAt(THEIRS[4]!, 5, { gave: 0xffffffff, got: 0xffffffff }),
    leaseAt(THEIRS[5]!, 6, { gave: 0, got: 0xffffffff, change: 2 ** 53 - 1, knew: 2 ** 53 - 1 }),
    leaseAt(THEIRS[6]!, 7, { hostname: LONG, userContext: LONG, clientId: LONG }),
    leaseAt(THEIRS[7]!, 8, { hwAddress: '', clientId: '' }),
    leaseAt(THEIRS[8]!, 9, { subnetId: 0xffffffff, poolId: 0xffffffff, htype: 255 }),
    leaseAt(MINE[0]!, 10, { gave: 0xffffffff, got: 0 }),
    leaseAt(0xffffffff, 11),
    leaseAt(1, 12),
    leaseAt(0x7fffffff, 13),
    leaseAt(0x80000000, 14),
  ]
  const states: readonly LeaseState[] = [0, 1, 2, 3, 4]
  for (const state of states) {
    const { longestLifetime } = stage.pair.rightsBook
    const partner = stage.partner({ longestLifetime })
    const odd = rows.map((row) => ({ ...row, state, change: Math.max(1, row.change - 1) }))
    for (const row of odd) partner.frame([row])
    partner.frame(odd)
    stage.lab.advance(1000)
    t.equal(partner.closed, '', `state ${state}: ${partner.closed}`)
    partner.connection.end()
  }
  // Everything goes back and is reclaimed.
  const { longestLifetime } = stage.pair.rightsBook
  const again = stage.partner({ applied: 0, appliedDatabase: '', longestLifetime })
  stage.lab.advance(30 * 60_000)
  t.equal(again.closed, '')
  stage.lab.restart()
  stage.lab.advance(1000)
})

attack('rows that no server would write', (t, stage) => {
  const good = () => frameOf([leaseAt(THEIRS[0]!, 1, { hostname: 'host', userContext: '{}' })])
  const spoil = (at: number, ...bytes: number[]) => {
    const frame = good()
    frame.set(bytes, at)
    return frame
  }
  const HEADER = 24
  const double = (value: number) => new Uint8Array(new Float64Array([value]).buffer)
  const bad: [string, Uint8Array, RegExp][] = [
    ['format', spoil(0, 2), /format/],
    ['lane', spoil(1, 9), /lane/],
    ['flags', spoil(2, 3), /flags/],
    ['count', spoil(4, 2), /announced/],
    ['mark', spoil(8, ...double(Number.NaN)), /mark/],
    ['negative mark', spoil(8, ...double(-1)), /mark/],
    ['clock', spoil(16, ...double(0.5)), /clock/],
    ['kind', spoil(HEADER, 9), /kind/],
    ['state', spoil(HEADER + 1, 5), /state/],
    ['hardware address', spoil(HEADER + 3, 17), /hardware address/],
    ['0.0.0.0', spoil(HEADER + 4, 0, 0, 0, 0), /0\.0\.0\.0/],
    ['start', spoil(HEADER + 16, ...double(2 ** 60)), /time/],
    ['end', spoil(HEADER + 24, ...double(Number.NaN)), /time/],
    ['end before everything', spoil(HEADER + 24, ...double(Number.NEGATIVE_INFINITY)), /time/],
    ['lengths', spoil(HEADER + 44, 255, 255), /truncated/],
    ['hostname', spoil(HEADER + 68 + 6, 0xff), /UTF-8/],
    ['context', spoil(HEADER + 68 + 10, 0xc0), /UTF-8/],
    ['cut off', good().subarray(0, 80), /truncated/],
  ]
  for (const [what, frame, reason] of bad) {
    const partner = stage.partner()
    partner.say(frame)
    t.match(partner.closed, reason, what)
  }
  t.equal(stage.server.server!.tables.v4.byAddress(THEIRS[0]!), undefined)
})

attack('texts that grow when they are read: refused before they are', (t, stage) => {
  const partner = stage.partner()
  const frame = frameOf([leaseAt(THEIRS[0]!, 1, { hostname: LONG })])
  frame.fill(0xff, frame.length - LONG.length)
  partner.say(frame)
  t.match(partner.closed, /UTF-8/)
})

attack('rows of networks that are unknown here are kept, up to a number', (t, stage) => {
  const partner = stage.partner()
  const size = 5000
  for (let start = 0; start < 20_000; start += size)
    partner.frame(Array.from({ length: size }, (_, at) => leaseAt(0x0a000000 + start + at, at)))
  stage.lab.advance(100)
  t.equal(partner.closed, '')
  t.match(stage.server.disk.durableRow(0x0a000000 + 19_999), { state: LEASE_STATE.assigned })
  stage.pair.merger.outside = OUTSIDE_MAX + 1
  partner.frame([leaseAt(0x0b000000, 1)])
  t.match(partner.closed, /in no subnet/)
  t.equal(stage.server.server!.tables.v4.byAddress(0x0b000000), undefined)
  stage.lab.reload(stage.server.plan)
  t.equal(stage.partner().closed, '', 'a new plan is a new beginning')
})

attack(
  'a disk of the partner that is slow, and many leases to share',
  (t, stage) => {
    const partner = stage.partner({ applied: 20_000 })
    partner.acks = false
    stage.lab.advance(2000)
    t.ok(partner.rows.length <= 15_000, `${partner.rows.length} rows under way`)
    partner.acks = true
  },
  {
    rows: Array.from({ length: 20_000 }, (_, index) =>
      leaseAt(HOMES[index]!, index, {
        gave: 0,
        change: 1 + index,
        start: 1_000_000,
        end: 9_000_000,
      }),
    ),
  },
)

// ---- errors of ours

attack('an error in the server costs the connection', (t, stage) => {
  const { pair } = stage
  const spoiled = (spoil: () => () => void, what: string) => {
    const partner = stage.partner()
    const mend = spoil()
    partner.frame([leaseAt(THEIRS[0]!, 1)])
    partner.say({ type: 'want', first: FIRST, last: FIRST + 9, urgent: true })
    mend()
    t.equal(partner.closed, 'an error in the server', what)
  }
  const fail = () => {
    throw new Error('a fault')
  }
  spoiled(() => {
    pair.merger.take = fail
    return () => Reflect.deleteProperty(pair.merger, 'take')
  }, 'while rows are merged')
  spoiled(() => {
    pair.stock.handOn = fail
    return () => Reflect.deleteProperty(pair.stock, 'handOn')
  }, 'while a wish is heard')
  const greeting = stage.connect()
  greeting.send = fail
  greeting.say('{')
  t.equal(greeting.closed, 'an error in the server')
  const early = stage.greet()
  pair.merger.take = fail
  early.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
  stage.lab.advance(100)
  t.equal(early.closed, 'an error in the server', 'of what came early')
  Reflect.deleteProperty(pair.merger, 'take')
  t.equal(stage.count('INTERNAL_ERROR'), 4)
  t.match(stage.server.log.lines.find(({ id }) => id === 'INTERNAL_ERROR')?.fields, {
    remote: /192/,
  })
  stage.server.log.lines.length = 0
})

// ---- whatever may come

type Deed = (stage: Stage, partner: Partner) => void

const COUNT = fc.oneof(fc.nat(300), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1))
const ADDRESS = fc.oneof(
  fc.constantFrom(...MINE.slice(0, 4), ...THEIRS.slice(0, 4)),
  fc.nat(0xffffffff),
)
const KEYS = fc.oneof(fc.nat(3), fc.constantFrom(0xffffffff))
const TIME = fc.oneof(
  fc.integer({ min: -700_000, max: 700_000 }),
  fc.constantFrom(2 ** 52, -(2 ** 52)),
)
const ROW: fc.Arbitrary<Lease> = fc
  .record({
    address: ADDRESS.filter((address) => address > 0),
    state: fc.constantFrom<LeaseState>(0, 1, 2, 3, 4),
    client: fc.nat(3),
    gave: KEYS,
    got: KEYS,
    start: TIME,
    end: fc.oneof(TIME, fc.constant(Number.POSITIVE_INFINITY)),
    validLifetime: fc.oneof(fc.nat(1000), fc.constant(0xffffffff)),
    change: COUNT,
    knew: COUNT,
    givenBy: fc.constantFrom('us' as const, 'partner' as const),
  })
  .map(({ address, client, ...more }) => leaseAt(address, client, more))

const LANE = fc.constantFrom(
  'live' as const,
  'live' as const,
  'backlog' as const,
  'refill' as const,
)

/** The same message, spoiled somewhere. */
function spoiled(message: Uint8Array | string, at: number, byte: number): Uint8Array | string {
  const place = at % Math.max(1, message.length)
  if (typeof message === 'string')
    return `${message.slice(0, place)}${String.fromCharCode(byte)}${message.slice(place + 1)}`
  const bytes = message.slice()
  bytes[place] = byte
  return bytes
}

const WORD: fc.Arbitrary<object> = fc.oneof(
  fc.record({ type: fc.constant('ack'), seen: COUNT, live: COUNT, backlog: COUNT }),
  fc.record({
    type: fc.constant('heartbeat'),
    seen: fc.nat(3),
    state: fc.constantFrom(
      'hot-standby',
      'waiting',
      'partner-down',
      'in-maintenance',
      'terminated',
    ),
    scopes: fc.array(fc.constantFrom('server1', 'server2', 'x'), { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('want'), first: ADDRESS, last: ADDRESS, urgent: fc.boolean() }),
  fc.record({ type: fc.constant('over'), number: COUNT, position: COUNT }),
  fc.record({ type: fc.constant('over'), number: fc.nat(9), position: fc.nat(100) }),
  fc.record({ type: fc.constant('back'), number: fc.nat(9), position: COUNT, doubt: fc.boolean() }),
  fc.record({ type: fc.constant('maintenance'), cancel: fc.boolean() }),
  fc.constant({ type: 'leaving' }),
)

/**
 * Both keys, or neither, as before: an end moves earlier only by a release or decline that counts.
 */
function sendRow(stage: Stage, partner: Partner, row: Lease, frame: Frame): void {
  const table = stage.server.server!.tables.v4
  const before = table.byAddress(row.address)
  const keys = table.keysOf(row.address, before)
  const session = stage.pair.sessions.withPartner
  const isPlain = session !== undefined && !session.isVerbatim && session.agreement.merge === 'keys'
  partner.frame([row], frame)
  const after = table.byAddress(row.address)
  const now = stage.pair.services.now()
  if (before === undefined || !isPlain || keys === 0) return
  if (before.state !== LEASE_STATE.assigned) return
  const was = overAt(before.end, before.validLifetime)
  if (was <= now || after === undefined || overAt(after.end, after.validLifetime) >= was - 1) return
  const ends = after.state === LEASE_STATE.released || after.state === LEASE_STATE.declined
  if (!ends || before.change > row.knew || !isSameClient(before, row))
    throw new Error(`${JSON.stringify(before)} became ${JSON.stringify(after)}`)
}

const DEED: fc.Arbitrary<Deed> = fc.oneof(
  fc
    .record({
      row: ROW,
      lane: LANE,
      last: fc.boolean(),
      position: fc.option(COUNT, { nil: undefined }),
    })
    .map(
      ({ row, position, ...frame }): Deed =>
        (stage, partner) =>
          sendRow(stage, partner, row, position === undefined ? frame : { ...frame, position }),
    ),
  WORD.map(
    (word): Deed =>
      (_, partner) =>
        partner.say(JSON.stringify(word)),
  ),
  fc.record({ row: ROW, at: fc.nat(200), byte: fc.nat(255) }).map(
    ({ row, at, byte }): Deed =>
      (_, partner) =>
        partner.say(spoiled(partner.bytes([row]), at, byte)),
  ),
  fc.record({ word: WORD, at: fc.nat(200), byte: fc.nat(127) }).map(
    ({ word, at, byte }): Deed =>
      (_, partner) =>
        partner.say(spoiled(JSON.stringify(word), at, byte)),
  ),
  fc.nat(3000).map(
    (time): Deed =>
      (stage) =>
        stage.lab.advance(time),
  ),
  fc.constant<Deed>((stage) => void stage.lab.addClient()),
)

/** How the partner comes back when it has been sent away. */
const RETURN: fc.Arbitrary<Partial<Hello>> = fc.record(
  {
    position: COUNT,
    applied: COUNT,
    clock: COUNT,
    handOver: fc.nat(9),
    rights: fc.constantFrom('shared' as const, 'sole' as const, 'none' as const),
    noneBecause: fc.constantFrom('fresh' as const, 'lost' as const, 'handed-over' as const),
    database: fc.constantFrom(PARTNER_DATABASE, 'another'),
    appliedDatabase: fc.constantFrom('own-database', '', 'another'),
    pairId: fc.constantFrom('pair', ''),
    state: fc.constantFrom('hot-standby' as const, 'in-maintenance' as const),
  },
  { requiredKeys: [] },
)

t.test('whatever a partner says: nothing is thrown, no lease ends before its time', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(DEED, RETURN), { minLength: 10, maxLength: 60 }), (deeds) => {
      const stage = new Stage({
        rows: [leaseAt(MINE[0]!, 1, { end: 1_600_000, start: 1_000_000 })],
      })
      let partner = stage.partner()
      for (const [deed, back] of deeds) {
        if (partner.closed !== '') partner = stage.partner(back)
        deed(stage, partner)
      }
      stage.lab.advance(60_000)
      const faults = stage.server.log.lines.filter(({ id }) => id === 'INTERNAL_ERROR')
      if (faults.length > 0) throw new Error(JSON.stringify(faults[0]))
      const table = stage.server.server!.tables.v4
      for (const row of table.walk('rows').next(1000))
        if (![0, 1, 2].includes(table.keysOf(row.address, row))) throw new Error('keys')
    }),
    { numRuns: 40, seed: 1, endOnFailure: true },
  )
})
