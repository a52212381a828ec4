// What no hello of a server of a pair says, and what is believed though nothing here shows it.

import t from 'tap'
import { LIFETIME_MAX, wildClaim } from '../../lib/ha/claims.ts'
import { CHANGES_MAX, CLOCK_MAX, HAND_OVERS_MAX } from '../../lib/ha/limits.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { recordAtStart } from '../../lib/ha/pair-steps.ts'
import { INFINITE_LIFETIME } from '../../lib/time/units.ts'
import { FRESH, helloOf, met, PLANS } from './hellos.ts'

const MINE = helloOf('one', met('one'))

function claimOf(change: Partial<Hello>, mine: Partial<Hello> = {}): string {
  return wildClaim({ ...MINE, ...mine }, helloOf('two', met('two'), change))
}

t.test('what cannot be is refused, whoever says it', async (t) => {
  const wild: [Partial<Hello>, RegExp][] = [
    [{ position: CHANGES_MAX + 1 }, /change number/],
    [{ applied: CHANGES_MAX + 1 }, /change number/],
    [{ highest: Number.MAX_SAFE_INTEGER }, /change number/],
    [{ role: 'backup', known: { 'd-one': Number.MAX_SAFE_INTEGER } }, /change number/],
    [{ clock: CLOCK_MAX + 1 }, /lease clock/],
    [{ appliedClock: Number.MAX_SAFE_INTEGER }, /lease clock/],
    [{ handOver: 2 * HAND_OVERS_MAX }, /hand-over 8589934592, and the last one here is 3/],
    [{ pairId: '', rights: 'shared', handOver: 0 }, /has met none/],
    [{ pairId: '', rights: 'none', noneBecause: 'handed-over', handOver: 0 }, /has met none/],
    [{ pairId: '', rights: 'sole' }, /has met none/],
    [{ longestLifetime: INFINITE_LIFETIME }, /leases for ever, .*forget-lifetime/],
    [{ longestLifetime: LIFETIME_MAX + 1 }, /leases of 34560001 s/],
  ]
  for (const [change, reason] of wild) t.match(claimOf(change), reason, JSON.stringify(change))
})

t.test('what a history explains is believed, though nothing here shows it', async (t) => {
  const told: Partial<Hello>[] = [
    {},
    // A human said that this server was off.
    { rights: 'sole' },
    { rights: 'sole', handOver: 9 },
    // This database was put back.
    { applied: MINE.position + 1000 },
    { appliedClock: MINE.clock + 1_000_000 },
    { handOver: 40 },
    // That one was.
    { position: 0, clock: 0, handOver: 0 },
    { database: 'new', pairId: '', appliedDatabase: '', applied: 0, rights: 'none', handOver: 0 },
    { database: 'new', pairId: '', appliedDatabase: '', applied: 0, rights: 'sole', handOver: 0 },
    { longestLifetime: LIFETIME_MAX },
  ]
  for (const change of told) t.equal(claimOf(change), '', JSON.stringify(change))
})

t.test(
  'leases for ever are believed of a server where there have been such, and by one that knows nothing',
  async (t) => {
    const longestLifetime = INFINITE_LIFETIME
    t.equal(claimOf({ longestLifetime }, { longestLifetime }), '')
    t.equal(wildClaim(helloOf('one', FRESH), helloOf('two', met('two', { longestLifetime }))), '')
    t.equal(
      claimOf({ longestLifetime, applied: MINE.position + 1 }),
      '',
      'this database is an old one',
    )
  },
)

t.test('who would not be believed does not believe either', async (t) => {
  const wild = helloOf('two', met('two'), { longestLifetime: INFINITE_LIFETIME })
  t.match(wildClaim(MINE, wild), /^it says what cannot be: leases for ever/)
  t.match(wildClaim(wild, MINE), /^it could not believe this server: leases for ever/)
})

t.test('numbers that were believed once do not keep two servers apart', async (t) => {
  const far = { handOver: HAND_OVERS_MAX + 1 }
  t.equal(claimOf(far), '')
  t.equal(claimOf({ handOver: HAND_OVERS_MAX + 2 }, far), '')
  const applied = { 'd-two': Number.MAX_SAFE_INTEGER, old: 7 }
  const clocks = { 'd-two': Number.MAX_SAFE_INTEGER }
  const started = recordAtStart(met('one', { applied, clocks }), 100, PLANS.one)
  t.same([started?.applied, started?.clocks], [{ old: 7 }, {}])
})
