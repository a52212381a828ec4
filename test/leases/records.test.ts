// Leases outside the table: change records, the lifecycle, Kea's lease file.

import fc from 'fast-check'
import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import {
  ChangeCodecError,
  ChangeWriter,
  forEachChange,
  forEachRecord,
} from '../../lib/leases/change-codec.ts'
import { CSV4_HEADER, csv4FromLease } from '../../lib/leases/csv4.ts'
import { graceOf, overAt, RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import { type Change, LEASE_STATE, type Lease, type LeaseState } from '../../lib/leases/lease.ts'
import { LeaseTextError } from '../../lib/leases/lease-text.ts'
import {
  cede,
  claim,
  decline,
  emptied,
  erase,
  type GrantTerms,
  giveBack,
  grant,
  handOn,
  occupied,
  reclaim,
  register,
  release,
  share,
} from '../../lib/leases/lifecycle.ts'
import {
  LIFECYCLE,
  LifecycleError,
  type LifecycleEvent,
  type LifecycleState,
  stateName,
} from '../../lib/leases/lifecycle-table.ts'
import { FIELD, RECORD } from '../../lib/leases/record.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'
import { readCsv4 } from './csv4.ts'

const LEASE: Lease = {
  address: ipv4FromText('192.0.2.1') ?? 0,
  htype: 1,
  hwAddress: '\x02\0\x5e\x10\0\x01',
  clientId: '\x01\x02\0\x5e\x10\0\xff',
  state: LEASE_STATE.assigned,
  subnetId: 7,
  poolId: 3,
  hostname: 'büro',
  fqdnFwd: true,
  fqdnRev: false,
  fresh: false,
  validLifetime: 3600,
  preferredLifetime: 0,
  start: 1000.5,
  end: 3_601_000.5,
  userContext: '{"a":"\ufeff"}',
  change: 2 ** 40 + 1,
  gave: 3,
  got: 0xfffffffe,
  givenBy: 'partner',
  knew: 2 ** 33,
}

function decoded(bytes: Uint8Array): Change[] {
  const changes: Change[] = []
  forEachChange(bytes, (change) => changes.push(change))
  return changes
}

function bytesOf(...changes: Change[]): Uint8Array {
  const writer = new ChangeWriter(8)
  for (const change of changes) writer.put(change)
  return writer.copy()
}

const CHANGES: Change[] = [
  { kind: 'put', lease: LEASE },
  { kind: 'remove', address: 0xffffffff, change: 5 },
  { kind: 'put', lease: { ...LEASE, end: NEVER, hostname: '', clientId: '', userContext: '' } },
]

t.test('change records', async (t) => {
  t.test('the bytes are those that every database and partner has', async (t) => {
    const bytes = bytesOf({ kind: 'put', lease: LEASE }, CHANGES[1]!)
    const hex = Buffer.from(bytes).toString('hex')
    const golden = [
      '01', // put
      '90', // assigned, fqdnFwd, given by the partner
      '01', // htype
      '06', // length of the hardware address
      '010200c0', // address
      '0010000000007042', // change, 2^40 + 1
      '0000000000448f40', // start
      '0000004034794b41', // end
      '100e0000', // valid lifetime
      '07000000', // subnet id
      '03000000', // pool id
      '0700', // length of the client-id
      '0500', // length of the hostname
      '0b00', // length of the user context
      '0000',
      '03000000', // gave
      'feffffff', // got
      '0000000000000042', // knew, 2^33
      '02005e100001', // hardware address
      '0102005e1000ff', // client-id
      '62c3bc726f', // hostname
      '7b2261223a22efbbbf227d', // user context
      '02000000', // remove
      'ffffffff', // address
      '0000000000001440', // change
    ]
    t.equal(hex, golden.join(''))
    const { preferredLifetime, ...fields4 } = FIELD
    const fields = Object.values(fields4)
    for (const [index, field] of fields.entries())
      t.equal(field, golden.slice(0, index).join('').length / 2, Object.keys(fields4)[index]!)
    t.equal(preferredLifetime, FIELD.address, 'of DHCPv6')
    t.equal(golden.slice(0, fields.length).join('').length / 2, RECORD.putHeader)
    const former = Buffer.from(golden.join(''), 'hex')
    t.strictSame(decoded(former), [{ kind: 'put', lease: LEASE }, CHANGES[1]])
    const table = leaseTable4()
    table.load(former)
    t.strictSame(table.byAddress(LEASE.address), LEASE, 'the table reads them, too')
  })

  t.test('come back as they went, with or without decoding', async (t) => {
    const bytes = bytesOf(...CHANGES)
    t.strictSame(decoded(bytes), CHANGES)
    const seen: [boolean, number, number][] = []
    forEachRecord(bytes, (isPut, address, start, end) => seen.push([isPut, address, end - start]))
    t.strictSame(seen, [
      [true, LEASE.address, 68 + 6 + 7 + 5 + 11],
      [false, 0xffffffff, 16],
      [true, LEASE.address, 68 + 6],
    ])
    t.strictSame(decoded(new Uint8Array(0)), [])
  })

  t.test('a writer is used again, and counts', async (t) => {
    const writer = new ChangeWriter(8)
    for (const change of CHANGES) writer.put(change)
    const kept = writer.copy()
    writer.clear()
    writer.put(CHANGES[1]!)
    t.equal(writer.count, 1)
    t.strictSame(decoded(writer.bytes), [CHANGES[1]])
    t.strictSame(decoded(kept), CHANGES, 'a copy is its own')
  })

  t.test('a text over its maximum is refused and leaves nothing behind', async (t) => {
    const writer = new ChangeWriter()
    const long = (fields: Partial<Lease>): Change => ({
      kind: 'put',
      lease: { ...LEASE, ...fields },
    })
    for (const fields of [
      { hwAddress: 'x'.repeat(17) },
      { clientId: 'x'.repeat(65536) },
      { hostname: 'ü'.repeat(32768) },
      { userContext: 'x'.repeat(65536) },
    ])
      t.throws(() => writer.put(long(fields)), LeaseTextError)
    t.equal(writer.count, 0)
    t.equal(writer.bytes.length, 0)
  })

  t.test('every truncation is an error of its name', async (t) => {
    const bytes = bytesOf(...CHANGES)
    const ends = new Set([0])
    forEachRecord(bytes, (_isPut, _address, _start, end) => ends.add(end))
    for (let length = 0; length < bytes.length; length++) {
      const cut = () => decoded(bytes.slice(0, length))
      if (ends.has(length)) cut()
      else t.throws(cut, ChangeCodecError, `${length} bytes`)
    }
  })

  t.test('damage is an error of its name, or another valid record', async (t) => {
    const bytes = bytesOf(...CHANGES)
    const table = leaseTable4()
    let refused = 0
    for (let at = 0; at < bytes.length; at++)
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = bytes.slice()
        damaged[at] = value
        for (const read of [decoded, (page: Uint8Array) => table.load(page)])
          try {
            read(damaged)
          } catch (error) {
            if (!(error instanceof ChangeCodecError)) throw error
            refused++
          }
      }
    t.ok(refused > 100)
    t.throws(() => decoded(Uint8Array.of(3, ...new Uint8Array(80))), /unknown kind 3/)
  })

  t.test('any lease comes back', async () => {
    const octets = (max: number) =>
      fc
        .uint8Array({ maxLength: max })
        .map((bytes) => [...bytes].map((byte) => String.fromCharCode(byte)).join(''))
    const uint = fc.integer({ min: 0, max: 0xffffffff })
    const any = fc.record({
      address: uint,
      htype: fc.integer({ min: 0, max: 255 }),
      hwAddress: octets(16),
      clientId: octets(300),
      state: fc.constantFrom<LeaseState>(0, 1, 2, 3, 4),
      subnetId: uint,
      poolId: uint,
      hostname: fc.string({ unit: 'grapheme' }),
      fqdnFwd: fc.boolean(),
      fqdnRev: fc.boolean(),
      fresh: fc.boolean(),
      validLifetime: uint,
      preferredLifetime: fc.constant(0),
      start: fc.integer(),
      end: fc.oneof(fc.integer(), fc.constant(NEVER)),
      userContext: fc.string({ unit: 'binary' }),
      change: fc.maxSafeNat(),
      gave: uint,
      got: uint,
      givenBy: fc.constantFrom('us' as const, 'partner' as const),
      knew: fc.maxSafeNat(),
    })
    const table = leaseTable4()
    fc.assert(
      fc.property(any, (lease) => {
        const [change] = decoded(bytesOf({ kind: 'put', lease }))
        table.apply({ kind: 'put', lease })
        const fromTable = table.byAddress(lease.address)
        const wanted = JSON.stringify(lease)
        if (change?.kind !== 'put' || JSON.stringify({ ...lease, ...change.lease }) !== wanted)
          throw new Error('decoded differently')
        if (JSON.stringify({ ...lease, ...fromTable }) !== wanted)
          throw new Error('kept differently')
      }),
      { numRuns: 200, seed: 3396 },
    )
  })
})

t.test('lifecycle', async (t) => {
  const states: LifecycleState[] = [
    'free',
    'assigned',
    'declined',
    'expired',
    'released',
    'registered',
  ]
  const events: LifecycleEvent[] = [
    ...(['grant', 'release', 'decline', 'reclaim', 'forget'] as const),
    ...(['share', 'giveBack', 'handOn', 'cede', 'register'] as const),
  ]
  const over = overAt(LEASE.end, LEASE.validLifetime)
  const terms: GrantTerms = {
    client: { htype: 1, hwAddress: 'abcdef', clientId: '' },
    subnetId: 7,
    poolId: 0,
    validLifetime: 600,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    userContext: '',
  }
  const inState = (state: LeaseState): Lease => ({ ...LEASE, state })
  const again = (lease: Lease, isHolder: boolean, now: number) =>
    grant(lease.address, lease, isHolder, terms, now, 9)

  t.test('a lease is fresh when nobody held the address for a while', async (t) => {
    t.equal(grant(LEASE.address, undefined, false, terms, 5, 9).fresh, true)
    t.equal(again(inState(LEASE_STATE.assigned), true, LEASE.start + 1).fresh, false, 'renewed')
    const released = release(LEASE, LEASE.start + 50, 9)
    const late = released.end + RELEASE_GUARD_MS
    t.equal(again(released, true, late - 1).fresh, false)
    t.equal(again(released, false, late - 1).fresh, false, 'of whoever it was')
    t.equal(again(released, true, late).fresh, true)
  })

  t.test('the table is total: each state and event has a next state or a reason', async (t) => {
    t.strictSame(Object.keys(LIFECYCLE), states)
    for (const state of states)
      for (const event of events) {
        const row = LIFECYCLE[state][event]
        if ('to' in row) t.ok(states.includes(row.to), `${state} ${event}`)
        else t.ok(row.impossible.length > 10, `${state} ${event}`)
      }
  })

  t.test('the functions do what the table says, and nothing else', async (t) => {
    const deeds: Record<LifecycleEvent, (lease: Lease) => Lease> = {
      grant: (lease) => again(lease, true, over),
      release: (lease) => release(lease, 5000, 9),
      decline: (lease) => decline(lease, 5000, 60, 9),
      occupy: (lease) => occupied(lease.address, lease, 7, over, 60, 9),
      reclaim: (lease) => reclaim(lease, 9),
      forget: (lease) => emptied(lease),
      share: (lease) => share(lease, 9),
      giveBack: (lease) => giveBack(lease, 9),
      handOn: (lease) => handOn(lease.address, lease, 9),
      cede: (lease) => cede(lease, 1, 9),
      erase: (lease) => erase(lease, 5000, 9),
      register: (lease) => register(lease.address, lease, terms, over, 9),
    }
    for (const state of Object.values(LEASE_STATE))
      for (const [event, deed] of Object.entries(deeds)) {
        const row = LIFECYCLE[stateName(inState(state))][event as LifecycleEvent]
        const text = `${stateName(inState(state))} ${event}`
        if ('impossible' in row) t.throws(() => deed(inState(state)), LifecycleError, text)
        else
          t.match(
            { state: stateName(deed(inState(state))), change: deed(inState(state)).change },
            { state: row.to, change: event === 'forget' ? LEASE.change : 9 },
            text,
          )
      }
  })

  t.test('somebody new gets an address only when it is over, and starts afresh', async (t) => {
    for (const state of [LEASE_STATE.assigned, LEASE_STATE.declined, LEASE_STATE.expired])
      t.throws(() => again(inState(state), false, over - 1), LifecycleError)
    t.throws(() => again(inState(LEASE_STATE.declined), true, over - 1), LifecycleError)
    t.equal(again(inState(LEASE_STATE.assigned), false, over).end, over + 600_000)
    t.equal(again(inState(LEASE_STATE.released), false, 2000).end, 602_000)
    t.match(again(inState(LEASE_STATE.assigned), false, over), {
      hwAddress: 'abcdef',
      clientId: '',
    })
  })

  t.test("an address that somebody uses without a lease is nobody's for a while", async (t) => {
    for (const state of [LEASE_STATE.assigned, LEASE_STATE.declined, LEASE_STATE.expired])
      t.throws(() => occupied(LEASE.address, inState(state), 7, over - 1, 60, 9), LifecycleError)
    const nobody = { htype: 0, hwAddress: '', clientId: '', hostname: '', userContext: '' }
    const rest = { state: LEASE_STATE.declined, subnetId: 7, start: over, end: over + 60_000 }
    const expected = { ...nobody, ...rest, validLifetime: 60, givenBy: 'us', change: 9 }
    t.match(occupied(LEASE.address, inState(LEASE_STATE.assigned), 7, over, 60, 9), {
      ...expected,
      gave: LEASE.gave,
      got: LEASE.got,
    })
    t.match(occupied(LEASE.address, undefined, 7, over, 60, 9), { ...expected, gave: 0, got: 0 })
    t.equal(occupied(LEASE.address, inState(LEASE_STATE.released), 7, 1, 60, 9).end, 60_001)
  })

  t.test('keys are counted as they go, and a free row keeps nothing of its client', async (t) => {
    t.strictSame(share(LEASE, 9), { ...LEASE, gave: LEASE.gave + 1, change: 9 })
    const expired = inState(LEASE_STATE.expired)
    const nobody = { htype: 0, hwAddress: '', clientId: '', hostname: '', userContext: '' }
    const free = emptied(expired)
    const { address, subnetId, poolId, start, end, gave, got, givenBy, change, knew } = LEASE
    const kept = { address, subnetId, poolId, start, end, gave, got, givenBy, change, knew }
    const none = { validLifetime: 0, preferredLifetime: 0 }
    const rest = { fqdnFwd: false, fqdnRev: false, fresh: false, ...none }
    t.strictSame({ ...free }, { ...nobody, ...kept, ...rest, state: LEASE_STATE.free })
    t.strictSame(giveBack(expired, 9), { ...free, gave: LEASE.gave + 1, change: 9 })
    t.strictSame(giveBack(free, 9), giveBack(expired, 9))
    t.strictSame(handOn(LEASE.address, expired, 9), { ...free, gave: LEASE.gave + 2, change: 9 })
    const first = handOn(LEASE.address, undefined, 9)
    t.match(first, { ...nobody, state: LEASE_STATE.free, gave: 2, got: 0, change: 9 })
    t.equal(overAt(first.end, first.validLifetime), 0, 'over since the lease clock began')
    t.equal(again(first, false, 0).gave, 2)
    t.throws(() => again({ ...first, end: 5000 }, false, 4999), LifecycleError, 'quarantine')
    t.equal(again({ ...first, end: 5000 }, false, 5000).gave, 2, 'its grace is in it')
  })

  t.test('who was alone claims a key of what it gave without one', async (t) => {
    for (const side of [0, 1] as const) {
      const home = homeOf(LEASE.address)
      const start = home === side ? 2 : 0
      for (let keys = 0; keys <= 2; keys++) {
        const row = { ...LEASE, gave: 7, got: 7 - start + keys }
        const claimed = claim(row, home, side)
        t.strictSame(claimed, keys === 0 ? { ...row, got: row.got + 1 } : undefined)
        t.equal(claim({ ...row, state: LEASE_STATE.expired }, home, side), undefined)
      }
      const ended = { ...LEASE, state: LEASE_STATE.expired, gave: 7 }
      const whole = 7 - start
      t.match(
        claim({ ...ended, got: whole + 3 }, home, side),
        { gave: 7, got: whole + 2 },
        'too many',
      )
      t.match(claim({ ...ended, got: whole - 1 }, home, side), { gave: 7, got: whole }, 'too few')
    }
  })

  t.test('a shorter renewal moves neither the end nor end and grace earlier', async (t) => {
    const renewed = again(LEASE, true, 2000)
    t.equal(renewed.validLifetime, 600)
    t.ok(renewed.end >= LEASE.end)
    t.ok(overAt(renewed.end, renewed.validLifetime) >= over)
    t.equal(again(LEASE, true, 3_500_000).end, 4_100_000, 'a longer one says what was told')
    const patient = { ...LEASE, end: 601_000, validLifetime: 10 }
    t.equal(again(patient, true, 500).end, 601_000, 'nor the end where only the grace is longer')
    const infinite = { ...LEASE, end: NEVER, validLifetime: INFINITE_LIFETIME }
    t.equal(again(infinite, true, 2000).end, NEVER)
    const now = { ...terms, validLifetime: INFINITE_LIFETIME }
    t.equal(grant(LEASE.address, LEASE, true, now, 2000, 9).end, NEVER)
  })

  t.test('a lease that is over binds nobody, not even with its grace', async (t) => {
    const long = { ...LEASE, validLifetime: 1_000_000 }
    t.equal(again(release(long, 5000, 9), true, 5000).end, 605_000)
    t.equal(again({ ...long, state: LEASE_STATE.expired, end: 5000 }, true, 6000).end, 606_000)
  })

  t.test('a release ends the lease now', async (t) => {
    t.equal(release(LEASE, 5000, 9).end, 5000)
    t.equal(release({ ...LEASE, end: 4000 }, 5000, 9).end, 4000)
    t.equal(release({ ...LEASE, end: NEVER }, 5000, 9).end, 5000)
  })

  t.test('counters of keys pass from version to version; a grant is ours', async (t) => {
    const counters = { gave: LEASE.gave, got: LEASE.got }
    t.match(release(LEASE, 5000, 9), { ...counters, givenBy: 'partner' })
    t.match(decline(LEASE, 5000, 60, 9), counters)
    t.match(reclaim(LEASE, 9), counters)
    t.match(again(LEASE, true, 2000), { ...counters, givenBy: 'us', knew: 0 })
    const first = grant(LEASE.address, undefined, false, terms, 5, 9)
    t.match(first, { gave: 0, got: 0, givenBy: 'us', knew: 0 })
  })

  t.test('a quarantine lasts as long as the probation and the rest of the lease', async (t) => {
    const declined = decline(LEASE, 5000, 86400, 9)
    t.match(declined, { hwAddress: '', clientId: '', hostname: '', end: 5000 + 86_400_000 })
    const short = decline(LEASE, 5000, 60, 9)
    t.ok(overAt(short.end, short.validLifetime) >= over)
    t.equal(decline({ ...LEASE, end: NEVER }, 5000, 60, 9).end, 65_000, 'of an infinite one')
  })

  t.test('grace is ten seconds and half a percent', async (t) => {
    t.equal(graceOf(3600), 10_000 + 18_000)
    t.equal(overAt(NEVER, INFINITE_LIFETIME), NEVER)
  })
})

t.test('Kea’s lease file', async (t) => {
  const wallNow = 1_795_352_267_000
  const now = 50_000

  t.test('a file written by Kea 2.2', async (t) => {
    const text = `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context
10.0.0.5,1a:1b:1c:1d:1e:1f,01:1a:1b:1c:1d:1e:1f,3600,1795355867,7,1,0,a&#x2cb.example.org,0,{ "a": "x&#x2cy"&#x2c "b": [ 1&#x2c 2 ] }
10.0.0.6,1a:1b:1c:1d:1e:20,,4294967295,6090319562,7,0,0,,0,
10.0.0.7,,,100,1795352367,7,0,0,,1,
10.0.0.8,06:1a:1b:1c:1d:1e:1f:20:21,,100,1600000000,7,0,0,,0,
10.0.0.6,1a:1b:1c:1d:1e:20,,0,1795352267,7,0,0,,0,
10.0.0.9,1a:1b:1c:1d:1e:20,,4294967295,6090319562,7,0,0,,0,
10.0.0.8,06:1a:1b:1c:1d:1e:1f:20:21,,100,1600000000,7,0,0,,2,
`
    const reader = readCsv4(text, wallNow, now)
    t.strictSame(reader.problems, [])
    const [five, seven, eight, nine, ...rest] = reader.leases(11)
    t.strictSame(rest, [])
    t.strictSame(five, {
      address: ipv4FromText('10.0.0.5'),
      htype: 1,
      hwAddress: '\x1a\x1b\x1c\x1d\x1e\x1f',
      clientId: '\x01\x1a\x1b\x1c\x1d\x1e\x1f',
      hostname: 'a,b.example.org',
      userContext: '{ "a": "x,y", "b": [ 1, 2 ] }',
      fqdnFwd: true,
      fqdnRev: false,
      fresh: false,
      state: LEASE_STATE.assigned,
      validLifetime: 3600,
      preferredLifetime: 0,
      start: now,
      end: now + 3_600_000,
      subnetId: 7,
      poolId: 0,
      change: 11,
      gave: 0,
      got: 0,
      givenBy: 'us',
      knew: 0,
    })
    t.match(seven, { state: LEASE_STATE.declined, end: now + 100_000 })
    t.match(eight, { state: LEASE_STATE.expired, end: now - (wallNow - 1_600_000_000_000) })
    t.match(nine, { state: LEASE_STATE.assigned, end: NEVER, start: now, change: 14 })
  })

  const header = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,hostname,state,pool_id'
  const expire = wallNow / 1000 + 100
  const read = (...rows: string[]) => readCsv4([header, ...rows].join('\r\n'), wallNow, now)

  t.test('the header names the columns; missing ones at the end of a row are empty', async (t) => {
    const [lease] = read(`10.0.0.1,1:2:3:4:5:6,,100,${expire},9`).leases(1)
    t.match(lease, { subnetId: 9, poolId: 0, state: 0, hostname: '' })
    const [other] = read(`10.0.0.1,,ff:01,100,${expire},9,pc.example.,0,4`).leases(1)
    t.match(other, { clientId: '\xff\x01', poolId: 4, hostname: 'pc.example' })
    t.match(readCsv4('address,expire\n', wallNow, now).problems, [
      { line: 1, text: /valid_lifetime/ },
    ])
  })

  t.test('an ended lease is live within its grace, expired behind it', async (t) => {
    const ago = (seconds: number) =>
      read(`10.0.0.1,01:02,,100,${wallNow / 1000 - seconds},9`).leases(1)[0]
    t.match(ago(10), { state: LEASE_STATE.assigned, end: now - 10_000 })
    t.match(ago(11), { state: LEASE_STATE.expired, end: now - 11_000 })
  })

  t.test(
    'bad rows are reported with their line and skipped; the row before them stays',
    async (t) => {
      const good = `10.0.0.1,01:02,,100,${expire},9`
      const bad = [
        [`10.0.0.256,01:02,,100,${expire},9`, /address/],
        [`10.0.0.1,01:02,,-1,${expire},9`, /valid_lifetime/],
        [`10.0.0.1,01:02,,4294967296,${expire},9`, /valid_lifetime/],
        ['10.0.0.1,01:02,,100,soon,9', /expire/],
        [`10.0.0.1,01:02,,100,${expire},x`, /subnet_id/],
        [`10.0.0.1,01:zz,,100,${expire},9`, /hwaddr/],
        [`10.0.0.1,${'01:'.repeat(16)}02,,100,${expire},9`, /hwaddr/],
        [`10.0.0.1,01:02,0,100,${expire},9`, /client_id/],
        [`10.0.0.1,,,100,${expire},9`, /neither/],
        [`10.0.0.1,01:02,,100,${expire},9,h,4`, /state/],
        [`10.0.0.1,01:02,,100,${expire},9,h,0,x`, /pool_id/],
        [`10.0.0.1,01:02,,100,${expire},9,h,0,0,0`, /10 columns/],
        [`10.0.0.1,01:02,,100,${expire},9,${'h'.repeat(256)}`, /hostname/],
        ['10.0.0', /address/],
      ] as const
      const reader = read(good, '', ...bad.map(([row]) => row))
      t.equal(reader.leases(1).length, 1)
      t.equal(reader.problemCount, bad.length)
      for (const [index, [row, text]] of bad.entries())
        t.match(reader.problems[index], { line: index + 4, text }, row)
    },
  )

  t.test('what is written is read back', async (t) => {
    const leases: Lease[] = [
      { ...LEASE, start: now - 1000, end: now + 3_599_000, hostname: 'a,b' },
      {
        ...LEASE,
        address: LEASE.address + 1,
        validLifetime: INFINITE_LIFETIME,
        start: 0,
        end: NEVER,
      },
      {
        ...LEASE,
        address: LEASE.address + 2,
        state: LEASE_STATE.released,
        start: now - 3_600_000,
        end: now,
      },
    ]
    const rows = leases.map((lease) => csv4FromLease(lease, wallNow, now))
    const reader = readCsv4([CSV4_HEADER, ...rows].join('\n'), wallNow, now)
    t.strictSame(reader.problems, [])
    t.strictSame(
      reader.leases(1),
      leases.map((lease, index) => ({
        ...lease,
        change: index + 1,
        gave: 0,
        got: 0,
        givenBy: 'us',
        knew: 0,
      })),
    )
  })
})
