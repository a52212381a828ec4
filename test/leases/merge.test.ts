// Rows of the partner: the table of decisions, and each rule by itself.

import t from 'tap'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import { overAt, rowOverAt } from '../../lib/leases/grace.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { freeRow, handOn } from '../../lib/leases/lifecycle.ts'
import {
  type Deed,
  deedOf,
  isKeylessGrant,
  kindOf,
  MERGE_WORDS,
  merge,
  ROW_KINDS,
  type RowKind,
  refilled,
  rested,
  salvaged,
  takeForBackup,
  united,
  unknownThere,
} from '../../lib/leases/merge.ts'
import {
  homeOf,
  type Keys,
  keysByCounters,
  type Rights,
  type Side,
} from '../../lib/leases/rights.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'

function addressOf(home: Side): Ipv4 {
  let address = ipv4FromText('192.0.2.1')!
  while (homeOf(address) !== home) address++
  return address
}

/** Home of side 0, where all rows below are unless told otherwise. */
const HOME = 0
const X = addressOf(HOME)
const AT_HOME: Rights = { kind: 'keys', side: 0, paired: true, doubtUntil: 0 }
const AWAY: Rights = { ...AT_HOME, side: 1 }
const NOW = 5_000_000

const A = { htype: 1, hwAddress: 'aaaaaa', clientId: '' }
const B = { htype: 1, hwAddress: 'bbbbbb', clientId: '' }
const NOBODY = { htype: 0, hwAddress: '', clientId: '' }

function live(fields: Partial<Lease> = {}): Lease {
  const lease = { ...freeRow(X), ...A, state: LEASE_STATE.assigned, subnetId: 1, change: 10 }
  const times = { validLifetime: 1000, start: NOW - 500_000, end: NOW + 500_000 }
  return { ...lease, ...times, ...fields }
}

/** At home with one key left, and what the other side then has. */
const ONE = { gave: 1, got: 0 }
const OTHER_ONE = { gave: 0, got: 1 }

const over = (lease: Lease) => overAt(lease.end, lease.validLifetime)

t.test('the decisions', async (t) => {
  const theirKinds = ROW_KINDS.filter((kind) => kind !== 'none') as Exclude<RowKind, 'none'>[]
  const seen = new Set<Deed>()
  for (const keys of [0, 1, 2] as Keys[])
    for (const senderHadKey of [true, false])
      for (const mine of ROW_KINDS)
        for (const theirs of theirKinds)
          for (const same of [true, false]) {
            const deed = deedOf(keys, senderHadKey, mine, theirs, same)
            const text = `${keys} ${senderHadKey} ${mine} ${theirs} ${same}: ${deed}`
            if (!(deed in MERGE_WORDS)) t.fail(text)
            if ((deed === 'take') !== (keys === 0)) t.fail(text)
            if (deed === 'conflict' && (same || mine !== 'live' || theirs !== 'live')) t.fail(text)
            if (keys === 2 && deed !== 'ignore') t.fail(text)
            if (!senderHadKey && keys > 0 && deed !== 'ignore') t.fail(text)
            seen.add(deed)
          }
  t.strictSame([...seen].toSorted(), Object.keys(MERGE_WORDS).toSorted(), 'each deed is done')
})

t.test('rows of the partner', async (t) => {
  t.test('kinds of row', async (t) => {
    const cases: [RowKind, Lease | undefined][] = [
      ['none', undefined],
      ['free', freeRow(X)],
      ['live', live()],
      ['ended', live({ end: NOW - 15_000 })],
      ['live', live({ end: NOW - 14_999 })],
      ['ended', live({ state: LEASE_STATE.expired })],
      ['released', live({ state: LEASE_STATE.released })],
      ['declined', live({ state: LEASE_STATE.declined })],
      ['ended', live({ state: LEASE_STATE.declined, end: NOW - 15_000 })],
    ]
    for (const [kind, lease] of cases) t.equal(kindOf(lease, NOW), kind)
  })

  t.test('without a key, theirs is the truth, and ours from then on', async (t) => {
    const theirs = live({ gave: 1, hostname: 'a', change: 77, knew: 3 })
    const first = merge(undefined, theirs, HOME, AWAY, NOW)
    const { lease } = first
    t.match(first, { conflict: 'none', what: 'taken' })
    t.match(lease, { hostname: 'a', givenBy: 'partner', gave: 0, got: 1, change: 0, knew: 0 })
    const mine = live({ ...B, change: 5, gave: 4, got: 4 })
    const { lease: replaced } = merge(
      mine,
      live({ gave: 5, got: 4, givenBy: 'partner' }),
      HOME,
      AWAY,
      NOW,
    )
    t.match(replaced, { ...A, givenBy: 'us', gave: 4, got: 5, change: 5 })
    const handedOn = handOn(X, live({ state: LEASE_STATE.released, gave: 4, got: 4 }), 78)
    const { lease: ours } = merge(mine, handedOn, HOME, AWAY, NOW)
    t.match(ours, { state: LEASE_STATE.free, hwAddress: '', gave: 4, got: 6 })
    t.equal(keysByCounters(HOME, 1, ours!.gave, ours!.got), 2)
  })

  t.test('with both keys, theirs says nothing', async (t) => {
    const mine = live()
    t.match(merge(mine, live({ ...B }), HOME, AT_HOME, NOW), { lease: undefined, what: 'ignored' })
    t.match(merge(undefined, live({ ...B }), HOME, AT_HOME, NOW), {
      lease: undefined,
      what: 'ignored',
    })
  })

  t.test(
    'where nothing was known of each other, a change that is none here hides no lease',
    async (t) => {
      const released = live({ ...B, state: LEASE_STATE.released, knew: 7 })
      for (const mine of [undefined, freeRow(X), released]) {
        const { lease } = united(mine, live({ change: 0 }), HOME, AT_HOME, NOW)
        t.match(lease, { ...A, state: LEASE_STATE.assigned })
      }
      const ended = live({ state: LEASE_STATE.released, knew: 7 })
      t.match(united(live({ change: 0 }), ended, HOME, AT_HOME, NOW), {
        lease: undefined,
        what: 'kept',
      })
    },
  )

  t.test(
    'an old database takes no key and ends no lease, and its leases are not lost',
    async (t) => {
      const mine = live({ ...ONE, change: 0 })
      for (const state of [LEASE_STATE.released, LEASE_STATE.declined]) {
        const theirs = live({ ...OTHER_ONE, state, knew: 99 })
        t.match(salvaged(mine, theirs, HOME, AT_HOME, NOW), { lease: undefined, what: 'kept' })
        t.not(merge(mine, theirs, HOME, AT_HOME, NOW).what, 'kept')
      }
      const { lease } = salvaged(undefined, live({ gave: 5, got: 5, change: 0 }), HOME, AWAY, NOW)
      t.match(lease, { ...A, state: LEASE_STATE.assigned, gave: 0, got: 0 })
      const known = live({ ...ONE, state: LEASE_STATE.released, knew: 7 })
      const { what } = salvaged(known, live({ ...OTHER_ONE, change: 6 }), HOME, AT_HOME, NOW)
      t.equal(what, 'kept', 'what ended here after that grant stays ended')
    },
  )

  t.test('a copy that the sender made without a key changes nothing', async (t) => {
    const mine = live({ ...OTHER_ONE, end: NOW + 1000 })
    const copy = live({ gave: 2, got: 0, end: NOW + 9_000_000 })
    t.match(merge({ ...mine, got: 2, gave: 1 }, copy, HOME, AWAY, NOW), {
      lease: undefined,
      what: 'ignored',
    })
  })

  t.test('one client: the later end, the words of the youngest grant', async (t) => {
    const mine = live({ ...ONE, hostname: 'mine', end: NOW + 900_000 })
    const younger = live({
      ...OTHER_ONE,
      ...{
        start: NOW - 1000,
        validLifetime: 60,
        end: NOW + 59_000,
        hostname: 'theirs',
        change: 99,
      },
    })
    const { lease, what } = merge(mine, younger, HOME, AT_HOME, NOW)
    t.equal(what, 'extended')
    t.match(lease, {
      hostname: 'theirs',
      validLifetime: 60,
      givenBy: 'partner',
      change: 10,
      ...ONE,
    })
    t.ok(lease!.end >= mine.end && over(lease!) >= over(mine), 'nor end and grace earlier')
    const older = { ...younger, start: NOW - 900_000, end: NEVER, validLifetime: 0xffffffff }
    t.match(merge(mine, older, HOME, AT_HOME, NOW).lease, {
      ...{ hostname: 'mine', givenBy: 'us', end: NEVER },
    })
    const same = { ...younger, start: mine.start }
    t.match(merge(mine, same, HOME, AT_HOME, NOW).lease, { hostname: 'theirs' }, 'noted since')
    const again = merge(lease, younger, HOME, AT_HOME, NOW).lease!
    t.ok(Math.abs(again.end - lease!.end) < 0.001, 'and it may come twice')
  })

  t.test('what ended here and goes on there goes on', async (t) => {
    const theirs = live({ ...OTHER_ONE, end: NOW + 400_000, change: 20 })
    const ended = [
      live({ ...ONE, end: NOW - 60_000 }),
      live({ ...ONE, state: LEASE_STATE.expired, end: NOW - 60_000 }),
      { ...freeRow(X), ...ONE },
      live({ ...ONE, state: LEASE_STATE.released, end: NOW - 60_000, knew: 19 }),
    ]
    for (const mine of ended) {
      const { lease, what } = merge(mine, theirs, HOME, AT_HOME, NOW)
      t.equal(what, 'revived')
      t.match(lease, { ...A, state: LEASE_STATE.assigned, end: theirs.end, givenBy: 'partner' })
    }
    const released = live({ ...ONE, state: LEASE_STATE.released, end: NOW - 60_000, knew: 20 })
    t.match(merge(released, theirs, HOME, AT_HOME, NOW), { lease: undefined, what: 'kept' })
    const declined = live({ ...ONE, ...NOBODY, state: LEASE_STATE.declined, end: NOW + 9e6 })
    t.match(merge({ ...declined, knew: 20 }, theirs, HOME, AT_HOME, NOW).what, 'kept')
    t.match(merge({ ...declined, knew: 19 }, theirs, HOME, AT_HOME, NOW).lease, {
      ...A,
      end: NOW + 9e6,
    })
  })

  t.test('a release or decline there ends ours if our last change was known there', async (t) => {
    const mine = live({ ...ONE, change: 30 })
    const released = live({ ...OTHER_ONE, state: LEASE_STATE.released, end: NOW - 1, change: 9 })
    t.match(merge(mine, { ...released, knew: 29 }, HOME, AT_HOME, NOW), {
      lease: undefined,
      what: 'kept',
    })
    t.match(merge(mine, { ...released, knew: 30 }, HOME, AT_HOME, NOW), {
      what: 'shortened',
      lease: { state: LEASE_STATE.released, end: NOW - 1, change: 30, knew: 0, ...ONE },
    })
    t.equal(
      merge(mine, { ...released, ...B, knew: 30 }, HOME, AT_HOME, NOW).what,
      'kept',
      'of another',
    )
    const { gave } = merge(mine, { ...released, knew: 29, gave: 1 }, HOME, AT_HOME, NOW).lease!
    t.equal(gave, 1)
    const quarantined = { ...released, ...NOBODY, state: LEASE_STATE.declined, end: NOW + 10_000 }
    t.equal(merge(mine, { ...quarantined, knew: 29 }, HOME, AT_HOME, NOW).what, 'kept')
    t.match(merge(mine, { ...quarantined, knew: 30 }, HOME, AT_HOME, NOW), {
      what: 'declined',
      lease: { ...NOBODY, state: LEASE_STATE.declined, end: mine.end },
    })
    const forever = { ...mine, end: NEVER, validLifetime: INFINITE_LIFETIME }
    t.match(
      merge(forever, { ...quarantined, knew: 30 }, HOME, AT_HOME, NOW).lease,
      { state: LEASE_STATE.declined, end: NOW + 10_000 },
      'the end of a lease without end is no measure',
    )
    const { lease } = merge({ ...freeRow(X), ...ONE, change: 30 }, quarantined, HOME, AT_HOME, NOW)
    t.match(lease, { state: LEASE_STATE.declined, end: NOW + 10_000 }, 'a free address rests too')
  })

  t.test('a key that comes back leaves the lease as it is', async (t) => {
    const mine = live({ ...ONE })
    const back = { ...freeRow(X), gave: 1, got: 1, change: 8 }
    t.strictSame(merge(mine, back, HOME, AT_HOME, NOW), {
      ...{ lease: { ...mine, got: 1 }, conflict: 'none', what: 'kept' },
    })
    t.strictSame(merge({ ...mine, got: 1 }, back, HOME, AT_HOME, NOW).lease, undefined, 'once')
    const earlier = live({ ...OTHER_ONE, start: 0 })
    t.equal(
      merge({ ...mine, gave: 2, got: 1 }, earlier, HOME, AT_HOME, NOW).lease!.got,
      1,
      'for good',
    )
  })

  t.test('the end of an earlier lease, on its way when the last key was ceded', async (t) => {
    const mine = live({ ...ONE, gave: 2, got: 0, start: NOW - 2000 })
    const gone = { ...freeRow(X), gave: 1, got: 1, change: 8, start: NOW - 50_000 }
    const kept = merge(mine, gone, HOME, AT_HOME, NOW)
    t.strictSame(kept, { lease: { ...mine, got: 1 }, conflict: 'none', what: 'kept' })
    const later = merge(mine, { ...gone, start: NOW - 1000 }, HOME, AT_HOME, NOW)
    t.equal(later.lease!.state, LEASE_STATE.free, 'what came after it counts')
  })

  t.test('two clients: the row of the home, until both have ended', async (t) => {
    const one = live({ ...ONE, end: NOW + 100_000, hostname: 'home' })
    const two = live({ ...OTHER_ONE, ...B, end: NOW + 800_000, hostname: 'away' })
    const atHome = merge(one, two, HOME, AT_HOME, NOW)
    const away = merge(two, one, HOME, AWAY, NOW)
    for (const merged of [atHome, away]) {
      t.match(merged, { conflict: 'two-clients', what: 'conflict' })
      t.match(merged.lease, { ...A, hostname: 'home', end: two.end })
    }
    t.equal(atHome.lease!.givenBy, 'us')
    t.equal(away.lease!.givenBy, 'partner')
  })

  t.test('who has every key takes what the other gave meanwhile, where nobody lives', async (t) => {
    const sole: Rights = { ...AT_HOME, kind: 'all' }
    const theirs = live({ got: 2, change: 20 })
    t.match(merge(undefined, theirs, HOME, sole, NOW), { lease: { ...A }, what: 'revived' })
    t.match(merge({ ...freeRow(X), gave: 2 }, theirs, HOME, sole, NOW).lease, { ...A, gave: 2 })
    const away: Rights = { ...sole, side: 1 }
    for (const rights of [sole, away]) {
      const counters = { gave: rights.side, got: 1 - rights.side }
      const { conflict, lease } = merge(live({ ...B }), live(counters), HOME, rights, NOW)
      t.match([conflict, lease], ['two-clients', { ...B }], 'its own client, at home or not')
    }
    t.equal(merge(live({ ...B }), live(), HOME, sole, NOW).what, 'ignored', 'a copy without a key')
  })
})

t.test('what was granted without a key', async (t) => {
  const theirs = live({ ...A, change: 20, givenBy: 'us' })
  t.equal(isKeylessGrant(theirs, 0, HOME, AT_HOME, NOW), true)
  t.equal(isKeylessGrant({ ...theirs, givenBy: 'partner' }, 0, HOME, AT_HOME, NOW), false, 'a copy')
  t.equal(isKeylessGrant({ ...theirs, end: 0 }, 0, HOME, AT_HOME, NOW), false, 'over')
  t.equal(isKeylessGrant({ ...theirs, got: 1 }, 0, HOME, AT_HOME, NOW), false, 'with one')
  t.match(merge(freeRow(X), theirs, HOME, AT_HOME, NOW, true), { what: 'revived', lease: { ...A } })
  t.match(
    merge(freeRow(X), theirs, HOME, AT_HOME, NOW),
    { what: 'ignored' },
    'only if it may be so',
  )
  const other = merge(live({ ...B }), theirs, HOME, AT_HOME, NOW, true)
  t.match(other, { conflict: 'two-clients', lease: { ...B } }, 'who has the keys is right')
})

t.test('a server that is sent everything', async (t) => {
  const none: Rights = { ...AWAY, kind: 'none' }
  const theirs = live({ gave: 5, got: 4, givenBy: 'partner', change: 70, knew: 6 })

  t.test('takes it as it is, its counters mirrored', async (t) => {
    const row = refilled(undefined, theirs, HOME, none, NOW, undefined)
    const mirrored = { gave: 4, got: 5, givenBy: 'us', change: 0, knew: 0 }
    t.strictSame(row, { ...theirs, ...mirrored })
    t.equal(refilled(live({ ...B, change: 12 }), theirs, HOME, none, NOW, undefined).change, 12)
  })

  t.test('in doubt, holds what it could renew and rests what it could give', async (t) => {
    const doubt = { quarantineUntil: NOW + 3_600_000 }
    const fill = (row: Lease) => refilled(live({ change: 12 }), row, HOME, none, NOW, doubt)
    const renewable = fill(theirs)
    t.match(renewable, { ...A, end: doubt.quarantineUntil, state: LEASE_STATE.assigned, change: 0 })
    t.equal(fill({ ...theirs, end: NEVER }).end, NEVER)
    for (const state of [LEASE_STATE.released, LEASE_STATE.expired]) {
      const row = fill({ ...theirs, state, end: NOW - 60_000 })
      t.equal(kindOf(row, doubt.quarantineUntil - 1), 'live', 'not over, so its key stays here')
    }
    for (const state of [LEASE_STATE.released, LEASE_STATE.expired]) {
      const row = fill({ ...theirs, ...NOBODY, state, end: NOW - 60_000 })
      t.match(row, { ...NOBODY, state: LEASE_STATE.free, end: doubt.quarantineUntil, gave: 4 })
      t.equal(row.got, 5, 'of nobody, so it rests, and its key stays here')
    }
    const givable = fill({ ...theirs, gave: 6 })
    t.match(givable, { ...NOBODY, state: LEASE_STATE.free, end: doubt.quarantineUntil, gave: 4 })
    t.equal(fill({ ...theirs, gave: 4 }).end, theirs.end, 'no key, no doubt')
    const past = refilled(undefined, theirs, HOME, none, doubt.quarantineUntil, doubt)
    t.equal(past.end, theirs.end, 'it is over')
  })

  t.test('what is not known there rests, and has its keys of the beginning', async (t) => {
    const doubt = { quarantineUntil: NOW + 3_600_000 }
    const row = unknownThere(live({ gave: 3, got: 2 }), doubt)!
    t.match(row, { ...NOBODY, state: LEASE_STATE.free, subnetId: 1, gave: 0, got: 0, change: 0 })
    t.equal(row.end, doubt.quarantineUntil)
    const later = doubt.quarantineUntil + 5000
    const lasts = live({ end: later })
    const rests = unknownThere(lasts, doubt)!
    t.equal(rowOverAt(rests), rowOverAt(lasts), 'nothing is over earlier')
    t.match(unknownThere(live({ got: 1 }), undefined), { state: LEASE_STATE.free, got: 0 })
    t.equal(unknownThere(live(), undefined), undefined, 'it counts nothing')
  })

  t.test('who returns everything while in doubt lets each row last as long', async (t) => {
    const until = NOW + 3_600_000
    t.match(rested(live(), until), { ...A, state: LEASE_STATE.assigned, end: until })
    t.equal(rested(live({ end: until + 5000 }), until).end, until + 5000)
    for (const state of [LEASE_STATE.released, LEASE_STATE.expired]) {
      const row = rested(live({ state, end: NOW - 60_000 }), until)
      t.equal(kindOf(row, until - 1), 'live', 'it may have been granted once more')
    }
    for (const state of [LEASE_STATE.declined, LEASE_STATE.free])
      t.match(rested(live({ state }), until), { state, end: until })
  })
})

t.test('a backup', async (t) => {
  const none = { gave: 0, got: 0, change: 0, knew: 0, givenBy: 'partner' }
  const row = live({ gave: 7, got: 3, knew: 2 })
  t.strictSame(takeForBackup(undefined, row), { ...row, ...none })
  t.equal(takeForBackup(row, { ...row }), undefined, 'nothing new')
  t.equal(takeForBackup(row, live({ ...B, start: row.start - 1 })), undefined, 'older')
  t.match(takeForBackup(row, live({ ...B, start: row.start + 1 })), { ...B })
  const shorter = live({ start: row.start + 1, end: row.end - 100_000 })
  t.equal(takeForBackup(row, shorter)!.end, row.end, 'a renewal never ends earlier')
  for (const state of [LEASE_STATE.declined, LEASE_STATE.expired, LEASE_STATE.free]) {
    const ended = live({ state })
    t.match(takeForBackup(row, ended), { state })
    t.equal(takeForBackup(ended, row), undefined)
  }
  const released = live({ state: LEASE_STATE.released, start: row.start - 5, end: NOW - 100 })
  t.match(takeForBackup(row, released), { state: LEASE_STATE.released }, 'it was released since')
  t.equal(takeForBackup(released, row), undefined)
  t.match(takeForBackup(released, live({ start: NOW })), { state: LEASE_STATE.assigned })
})
