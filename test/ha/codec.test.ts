// What travels on a link: control messages as text, rows as bytes. Both refuse everything that no
// server of a pair would send, in words, without an exception and without a part of it taking
// effect.

import fc from 'fast-check'
import t from 'tap'
import { HA_STATES } from '../../lib/config/plan/ha-plan.ts'
import {
  CONTROL_MAX,
  decodeControl,
  encodeControl,
  UNKNOWN_MESSAGE,
} from '../../lib/ha/control-codec.ts'
import { LIVES_MAX } from '../../lib/ha/history.ts'
import { type ControlMessage, type Hello, versionWith } from '../../lib/ha/link-messages.ts'
import { type Lane, ROW_FRAME_MAX, RowFrameWriter, readRowFrame } from '../../lib/ha/row-frames.ts'
import { LEASE_STATE, type Lease, type LeaseState } from '../../lib/leases/lease.ts'
import { NEVER } from '../../lib/time/units.ts'

const HELLO: Hello = {
  type: 'hello',
  version: 1,
  software: 'whio 0.1',
  name: 'server1',
  role: 'primary',
  mode: 'hot-standby',
  instance: 'f00d',
  turn: 1,
  database: 'd1',
  position: 100,
  applied: 90,
  appliedDatabase: 'd2',
  clock: 5000,
  appliedClock: 4000,
  pairId: '',
  candidateId: 'c1',
  side: 0,
  rights: 'none',
  noneBecause: 'fresh',
  handOver: 0,
  longestLifetime: 4294967295,
  fingerprint: 'aa',
  state: 'waiting',
}

const count = fc.maxSafeNat()
const uint32 = fc.nat({ max: 0xffffffff })
const name = fc.string({
  maxLength: 255,
  unit: fc.constantFrom('a', 'Z', '0', '.', 'é', '\u{1f600}'[0]!),
})
const identity = name.filter((text) => text !== '')
/** Of a database, or of a life of one. */
const made = fc.string({
  minLength: 1,
  maxLength: 64,
  unit: fc.constantFrom('a', 'Z', '0', '-', '/'),
})
const state = fc.constantFrom(...HA_STATES)
const key6 = fc.constantFrom(
  `80${'20010db8'.padEnd(32, '0')}`,
  `38${'20010db80000ff'.padEnd(32, '0')}`,
)
const key = fc.oneof(uint32, key6)

const hello: fc.Arbitrary<Hello> = fc.record(
  {
    type: fc.constant('hello' as const),
    version: count,
    lowest: count,
    software: name,
    name: identity,
    role: fc.constantFrom('primary', 'secondary', 'standby', 'backup'),
    mode: fc.constantFrom('load-balancing', 'hot-standby', 'passive-backup'),
    instance: identity,
    turn: count,
    database: made,
    position: count,
    applied: count,
    appliedDatabase: fc.oneof(made, fc.constant('')),
    clock: count,
    appliedClock: count,
    known: fc.dictionary(made, count, { maxKeys: 5, noNullPrototype: true }),
    highest: count,
    lives: fc.array(fc.record({ id: made, from: count }), { maxLength: 5 }),
    heard: fc.dictionary(made, fc.record({ life: made, position: count }), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
    pairId: name,
    candidateId: identity,
    side: fc.constantFrom(0, 1),
    rights: fc.constantFrom('shared', 'sole', 'none'),
    noneBecause: fc.constantFrom('fresh', 'lost', 'handed-over'),
    handOver: count,
    longestLifetime: uint32,
    listens: name,
    updates: fc.boolean(),
    sharesDatabase: fc.boolean(),
    fingerprint: name,
    hooks: name,
    families: fc.constantFrom([4], [4, 6]),
    holds: fc.constantFrom([], [4], [6], [4, 6]),
    whole: fc.array(made, { maxLength: 5 }),
    asks: fc.boolean(),
    edits: fc.boolean(),
    names: fc.boolean(),
    serverDuid: fc.constantFrom('000300010200000000aa', `0004${'5a'.repeat(16)}`),
    state,
  },
  {
    noNullPrototype: true,
    requiredKeys: Object.keys(HELLO) as (keyof Hello)[],
  },
)

const message: fc.Arbitrary<ControlMessage> = fc.oneof(
  hello,
  fc.record(
    {
      type: fc.constant('heartbeat' as const),
      seen: count,
      state,
      scopes: fc.array(name, { maxLength: 16 }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('ack' as const), seen: count, live: count, backlog: count },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('fingerprint' as const), fingerprint: name },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('edits-known' as const),
      standing: fc.array(made, { maxLength: 9 }),
      past: fc.array(made, { maxLength: 9 }),
      last: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('edit' as const),
      id: made,
      piece: fc.nat(2048),
      pieces: fc.nat(2048),
      text: name,
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('names' as const),
      names: fc.array(fc.record({ address: name, text: name }, { noNullPrototype: true })),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('edited' as const), id: made, why: name },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('want' as const), first: key, last: key, urgent: fc.boolean() },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('ask' as const), id: count, key, running: fc.boolean() },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('told' as const), id: count, why: name },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('life' as const), id: made, position: count },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('lifetime' as const), longest: uint32 }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constant('hosts' as const),
      own: fc.array(uint32),
      named: fc.array(uint32),
      own6: fc.array(key6),
      named6: fc.array(key6),
    },
    { noNullPrototype: true, requiredKeys: ['type', 'own', 'named'] },
  ),
  fc.constant({ type: 'leaving' as const }),
  fc.record(
    { type: fc.constant('over' as const), number: count, position: count },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('back' as const), number: count, position: count, doubt: fc.boolean() },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('maintenance' as const), cancel: fc.boolean() },
    { noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('maintenance-answer' as const), allowed: fc.boolean(), why: name },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('refusal' as const), reason: name }, { noNullPrototype: true }),
)

t.test('every message comes back as it was', async (t) => {
  fc.assert(
    fc.property(message, (one) => {
      t.same(decodeControl(encodeControl(one)), one)
    }),
    { numRuns: 300 },
  )
})

t.test('every field is checked: nothing else passes for it', async (t) => {
  const wrong = [
    undefined,
    null,
    -1,
    1.5,
    2 ** 53,
    1e300,
    [],
    {},
    ['x'],
    'x\u0000',
    'x'.repeat(1001),
    Number.NaN,
  ]
  for (const field of Object.keys(HELLO)) {
    if (field === 'type') continue
    for (const value of wrong) {
      const reason = decodeControl(JSON.stringify({ ...HELLO, [field]: value }))
      t.match(reason, new RegExp(`^hello: ${field} is not `), `${field} = ${JSON.stringify(value)}`)
    }
  }
  const refused: [string, string][] = [
    ['{"type":"heartbeat","seen":1,"state":"busy","scopes":[]}', 'state'],
    [
      `{"type":"heartbeat","seen":1,"state":"ready","scopes":${JSON.stringify(Array(17).fill('s'))}}`,
      'scopes',
    ],
    ['{"type":"heartbeat","seen":1,"state":"ready","scopes":[1]}', 'scopes'],
    ['{"type":"want","first":4294967296,"last":1,"urgent":true}', 'first'],
    ['{"type":"back","number":1,"position":1,"doubt":"no"}', 'doubt'],
    ['{"type":"ack","seen":1,"live":1}', 'backlog'],
    ['{"type":"over","number":"1","position":0}', 'number'],
    ['{"type":"refusal","reason":["x"]}', 'reason'],
    [JSON.stringify({ ...HELLO, known: { d1: -1 } }), 'known'],
    [JSON.stringify({ ...HELLO, known: [1] }), 'known'],
    [JSON.stringify({ ...HELLO, name: '' }), 'name'],
    [JSON.stringify({ ...HELLO, side: '0' }), 'side'],
  ]
  for (const [text, field] of refused)
    t.match(decodeControl(text), new RegExp(`: ${field} is not `), text)
})

// Names of databases and lives are stored, and said in every hello from then on.
t.test('whatever was told of databases, a hello that says so is read', async (t) => {
  const nasty = ['x'.repeat(255), '"'.repeat(255), '\ud800'.repeat(64), 'é'.repeat(64)]
  const position = Number.MAX_SAFE_INTEGER
  for (const name of [...nasty, 'x'.repeat(64), '"'.repeat(64)]) {
    const names = Array.from(
      { length: LIVES_MAX },
      (_, nth) => `${nth}`.padStart(3, '0') + name.slice(3),
    )
    const isTold = [{ database: names[0]! }, { lives: [{ id: names[0]!, from: 0 }] }].some(
      (told) => typeof decodeControl(encodeControl({ ...HELLO, ...told })) === 'object',
    )
    if (!isTold) continue
    const hello: Hello = {
      ...HELLO,
      known: Object.fromEntries(names.slice(0, 33).map((one) => [one, position])),
      lives: names.map((id) => ({ id, from: position, until: position })),
      heard: Object.fromEntries(names.slice(0, 33).map((life) => [life, { life, position }])),
    }
    t.type(decodeControl(encodeControl(hello)), 'object', name)
  }
  for (const name of nasty) {
    t.match(decodeControl(encodeControl({ ...HELLO, database: name })), /database is not/)
    t.match(decodeControl(encodeControl({ type: 'life', id: name, position })), /id is not/)
  }
})

t.test('what a later version adds is passed over', async (t) => {
  t.equal(decodeControl('{"type":"weather","sun":true}'), UNKNOWN_MESSAGE)
  t.same(decodeControl('{"type":"leaving","why":{"deep":[1,2]}}'), { type: 'leaving' })
  t.same(decodeControl(JSON.stringify({ ...HELLO, mood: 'good' })), HELLO)
  const ack = { type: 'ack', seen: 1, live: 2, backlog: 3 }
  t.same(decodeControl(JSON.stringify({ ...ack, longest: 60, next: 9 })), { ...ack, longest: 60 })
  t.same(decodeControl(JSON.stringify(ack)), ack, 'what an earlier one does not say is absent')
  const want = { type: 'want', first: 1, last: 2, urgent: true }
  t.same(decodeControl(JSON.stringify(want)), want)
  t.match(decodeControl(JSON.stringify({ ...want, count: -1 })), /count is not/)
})

t.test('two ends speak the highest version that both can', async (t) => {
  const cases = [
    [{ version: 1 }, { version: 1 }, 1],
    [{ version: 1 }, { version: 2 }, undefined],
    [{ version: 1 }, { version: 2, lowest: 1 }, 1],
    [{ version: 3, lowest: 2 }, { version: 2, lowest: 1 }, 2],
    [{ version: 3, lowest: 2 }, { version: 1 }, undefined],
    [{ version: 4, lowest: 3 }, { version: 2, lowest: 1 }, undefined],
    [{ version: 2, lowest: 1 }, { version: 2, lowest: 2 }, 2],
    [{ version: 1, lowest: 5 }, { version: 1 }, undefined],
  ] as const
  for (const [one, other, version] of cases) {
    t.equal(versionWith(one, other), version)
    t.equal(versionWith(other, one), version)
  }
})

t.test('tricks and garbage give a reason', async (t) => {
  const reasons: [string, RegExp][] = [
    ['', /not a JSON object/],
    ['null', /not a JSON object/],
    ['[]', /not a JSON object/],
    ['{}', /without a type/],
    ['{"type":{}}', /without a type/],
    ['{"type":"leaving"', /not a JSON object/],
    [`${'['.repeat(CONTROL_MAX)}`, /not a JSON object/],
    [' '.repeat(CONTROL_MAX + 1), /65537 characters/],
    ['{"__proto__":{"type":"leaving"}}', /without a type/],
    ['{"type":"ack","__proto__":{"seen":1,"live":1,"backlog":1}}', /seen is not/],
    ['{"type":"ack","seen":1e400,"live":1,"backlog":1}', /seen is not/],
  ]
  for (const [text, reason] of reasons) t.match(decodeControl(text), reason, text.slice(0, 60))
  for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    t.equal(decodeControl(JSON.stringify({ type })), UNKNOWN_MESSAGE)
  const deep = `{"type":"leaving","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
  t.same(decodeControl(deep), { type: 'leaving' }, 'deep nesting is not followed')
  t.equal(({} as { seen?: number }).seen, undefined)
})

t.test('any text gives a message or a reason, never an exception', async (t) => {
  const texts = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.json({ maxDepth: 2 }),
    fc.tuple(message, fc.nat(), fc.string()).map(([one, at, junk]) => {
      const text = encodeControl(one)
      const where = at % (text.length + 1)
      return text.slice(0, where) + junk + text.slice(where + (at % 3))
    }),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const decoded = decodeControl(text)
      if (typeof decoded === 'string') return decoded.length > 0 && decoded.length < 300
      return typeof decodeControl(encodeControl(decoded)) === 'object'
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('what people are told is made fit to be sent', async (t) => {
  const reason = `no\n\u0007${'x'.repeat(5000)}`
  const decoded = decodeControl(encodeControl({ type: 'refusal', reason }))
  t.match(decoded, { type: 'refusal', reason: /^no {2}x+$/ })
  t.match(
    decodeControl(encodeControl({ type: 'maintenance-answer', allowed: false, why: reason })),
    { why: /^no {2}x+$/ },
  )
})

// ---- rows

const LEASE: Lease = {
  address: 0xc0000201,
  htype: 1,
  hwAddress: '\x02\0\x5e\x10\0\x01',
  clientId: '\x01\xff',
  state: LEASE_STATE.assigned,
  subnetId: 7,
  poolId: 3,
  hostname: 'büro',
  fqdnFwd: true,
  fqdnRev: false,
  fresh: false,
  validLifetime: 3600,
  preferredLifetime: 0,
  start: 10_000,
  end: 3_610_000,
  userContext: '',
  change: 12,
  gave: 1,
  got: 2,
  givenBy: 'partner',
  knew: 4,
}

const leases: fc.Arbitrary<Lease> = fc.record(
  {
    address: fc.integer({ min: 1, max: 0xffffffff }),
    htype: fc.nat({ max: 255 }),
    hwAddress: fc.string({ maxLength: 16, unit: fc.constantFrom('\0', '\x7f', '\xff') }),
    clientId: fc.string({ maxLength: 60, unit: fc.constantFrom('\0', 'a', '\xff') }),
    state: fc.constantFrom<LeaseState>(0, 1, 2, 3, 4),
    subnetId: uint32,
    poolId: uint32,
    hostname: fc.string({ maxLength: 20, unit: fc.constantFrom('a', 'ü', '☃') }),
    fqdnFwd: fc.boolean(),
    fqdnRev: fc.boolean(),
    fresh: fc.boolean(),
    validLifetime: uint32,
    preferredLifetime: fc.constant(0),
    start: fc.nat({ max: 10_000_000 }),
    end: fc.oneof(fc.nat({ max: 10_000_000 }), fc.constant(NEVER)),
    userContext: fc.constantFrom('', '{"a":1}'),
    change: count,
    gave: uint32,
    got: uint32,
    givenBy: fc.constantFrom('us', 'partner'),
    knew: count,
  },
  { noNullPrototype: true },
)

const lanes = fc.constantFrom<Lane[]>('live', 'backlog', 'refill')

function frameOf(rows: readonly Lease[], lane: Lane = 'live', now = 20_000): Uint8Array {
  const writer = new RowFrameWriter()
  writer.begin(lane)
  for (const row of rows) writer.put(row, now)
  return writer.finish(77, lane !== 'live', now)
}

/** Rows that a frame brings, on a lease clock that shows `now`; a string where it brings none. */
function rowsOf(frame: Uint8Array, now: number): Lease[] | string {
  const rows: Lease[] = []
  const read = readRowFrame(frame, now, (lease) => rows.push(lease as Lease))
  if (typeof read !== 'string') return rows
  return rows.length === 0 ? read : `${rows.length} rows of a bad frame were visited`
}

t.test('rows arrive with the time that remains, whatever the clocks show', async (t) => {
  fc.assert(
    fc.property(fc.array(leases, { maxLength: 20 }), lanes, (rows, lane) => {
      const read = rowsOf(frameOf(rows, lane, 20_000), 20_000_000)
      const shift = 20_000_000 - 20_000
      t.same(
        read,
        rows.map((row) => ({ ...row, start: row.start + shift, end: row.end + shift })),
      )
    }),
    { numRuns: 200 },
  )
})

t.test('a frame says lane, mark, clock and whether it is the last', async (t) => {
  t.same(
    readRowFrame(frameOf([LEASE], 'refill'), 0, () => {}),
    { lane: 'refill', last: true, mark: 77, count: 1, clock: 20_000 },
  )
  t.same(
    readRowFrame(frameOf([], 'live'), 0, () => {}),
    { lane: 'live', last: false, mark: 77, count: 0, clock: 20_000 },
  )
})

t.test('on a younger clock, times do not become negative', async (t) => {
  t.match(rowsOf(frameOf([LEASE], 'live', 5_000_000), 100), [{ start: 0, end: 0 }])
  t.match(rowsOf(frameOf([{ ...LEASE, end: NEVER }], 'live', 5_000_000), 100), [
    { start: 0, end: NEVER },
  ])
})

t.test('a writer serves again and again, and frames stay small', async (t) => {
  const writer = new RowFrameWriter()
  const frames: Uint8Array[] = []
  const long: Lease = {
    ...LEASE,
    clientId: 'x'.repeat(65535),
    hostname: 'ü'.repeat(30000),
    userContext: 'y'.repeat(65535),
  }
  writer.begin('backlog')
  let written = 0
  for (let index = 0; index < 40; index++) {
    if (!writer.put(long, 0)) {
      frames.push(writer.finish(1, false))
      writer.begin('backlog')
      t.ok(writer.put(long, 0), 'an empty frame takes every row')
    }
    written++
  }
  frames.push(writer.finish(2, true))
  let read = 0
  for (const frame of frames) {
    t.ok(frame.length <= ROW_FRAME_MAX)
    const rows = rowsOf(frame, 0)
    read += rows.length
    t.type(rows, Array)
  }
  t.equal(read, written)
  writer.begin('live')
  t.equal(writer.length, 24)
  t.equal(writer.count, 0)
})

t.test('a bad frame is refused before its first row', async (t) => {
  const good = frameOf([LEASE, { ...LEASE, address: 5 }])
  const firstRow = 24
  const changed = (at: number, value: number, size: 1 | 4 | 8 = 1): Uint8Array => {
    const frame = good.slice()
    const view = new DataView(frame.buffer)
    if (size === 1) view.setUint8(at, value)
    else if (size === 4) view.setUint32(at, value, true)
    else view.setFloat64(at, value, true)
    return frame
  }
  const bad: [string, Uint8Array, RegExp][] = [
    ['format', changed(0, 2), /unknown format 2/],
    ['lane', changed(1, 3), /unknown lane 3/],
    ['flags', changed(2, 2), /unknown flags/],
    ['byte 3', changed(3, 1), /unknown flags/],
    ['count too high', changed(4, 3, 4), /2 records, 3 announced/],
    ['count too low', changed(4, 1, 4), /2 records, 1 announced/],
    ['mark', changed(8, -1, 8), /mark/],
    ['mark', changed(8, 0.5, 8), /mark/],
    ['clock', changed(16, Number.NaN, 8), /clock/],
    ['a removal', changed(firstRow, 2), /rows:/],
    ['address 0', changed(firstRow + 4, 0, 4), /0\.0\.0\.0/],
    ['state', changed(firstRow + 1, 5), /state/],
    ['start', changed(firstRow + 16, 1e300, 8), /time/],
    ['end', changed(firstRow + 24, -1e300, 8), /time/],
    ['end', changed(firstRow + 24, Number.NEGATIVE_INFINITY, 8), /time/],
    ['end', changed(firstRow + 24, Number.NaN, 8), /time/],
    ['change', changed(firstRow + 8, Number.POSITIVE_INFINITY, 8), /change number/],
    ['lengths', changed(firstRow + 3, 17), /hardware address/],
    ['one more byte', new Uint8Array([...good, 1]), /truncated/],
  ]
  for (const [what, frame, reason] of bad) t.match(rowsOf(frame, 0), reason, what)
  for (let length = 0; length < good.length; length++)
    t.type(rowsOf(good.slice(0, length), 0), 'string')
})

t.test('any bytes give rows or a reason, never an exception, never a part', async (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(
        fc.array(leases, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      )
      .map(([rows, changes]) => {
        const frame = frameOf(rows)
        for (const [at, value] of changes) frame[at % frame.length] = value
        return frame
      }),
  )
  fc.assert(
    fc.property(bytes, (frame) => {
      const rows = rowsOf(frame, 1000)
      if (typeof rows === 'string') return !rows.includes('visited')
      return rows.every((row) => row.address > 0 && row.start >= 0 && row.end >= 0)
    }),
    { numRuns: 2000 },
  )
  t.pass()
})

t.test('a frame inside a larger buffer is read from where it is', async (t) => {
  const frame = frameOf([LEASE])
  const buffer = new Uint8Array(frame.length + 20).fill(255)
  buffer.set(frame, 7)
  t.match(rowsOf(buffer.subarray(7, 7 + frame.length), 20_000), [LEASE])
})
