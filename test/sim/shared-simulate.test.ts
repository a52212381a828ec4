// Several servers on one database: a few seeds of the worlds that `npm run sim` has thousands of,
// and what shows that they would notice.

import t from 'tap'
import { simulateShared } from './shared-simulate.ts'
import { storesAnything } from './shared-weakness.ts'

const SEEDS = 8

/** With DHCPv6. In the last one prefixes of several lengths meet. */
const SIX = [1, 2, 1038]

/** Worlds of pairs with links that are cut, and with maintenance. */
const PAIRS = [5, 6, 7, 8]

/** Worlds with names; in some a server dies for good in the end. */
const NAMED = [1, 2, 3, 5, 6, 7, 51000001]

/** Worlds in which a machine stands still, or an answer is lost while another server writes. */
const OTHERS = [87, 152, 199, 239, 263]

t.test('whatever happens to servers and database, no address has two clients', async (t) => {
  const sums: Record<string, number> = {}
  const seeds = [...Array.from({ length: SEEDS }, (_, at) => at + 1), ...OTHERS]
  for (const seed of seeds) {
    const { violations, checks, faults } = simulateShared(seed)
    t.same(violations, [], `seed ${seed}`)
    for (const [key, count] of Object.entries({ ...checks, ...faults }))
      sums[key] = (sums[key] ?? 0) + count
  }
  for (const kind of [
    'exclusive',
    'durable',
    'conflicts',
    'failover',
    'clock-ahead',
    'database-cut',
  ])
    t.ok(sums[kind]! > 0, `${kind} happened`)
})

t.test('DHCPv6: no prefix overlaps another one, none is forgotten or told too long', async (t) => {
  const sums: Record<string, number> = {}
  for (const seed of SIX) {
    const { violations, checks, faults } = simulateShared(seed, { six: true })
    t.same(violations, [], `seed ${seed}`)
    for (const [key, count] of Object.entries({ ...checks, ...faults }))
      sums[key] = (sums[key] ?? 0) + count
  }
  for (const kind of ['exclusive6', 'durable6', 'told6', 'prefixes6', 'reload'])
    t.ok(sums[kind]! > 0, `${kind} happened`)
})

t.test('nor where the servers are a pair, whatever each believes of the other', async (t) => {
  const sums: Record<string, number> = {}
  for (const seed of PAIRS) {
    const { violations, checks, faults } = simulateShared(seed, { pairs: true })
    t.same(violations, [], `seed ${seed}`)
    for (const [key, count] of Object.entries({ ...checks, ...faults }))
      sums[key] = (sums[key] ?? 0) + count
  }
  for (const kind of ['exclusive', 'link-cut', 'maintenance', 'kill', 'database-cut'])
    t.ok(sums[kind]! > 0, `${kind} happened`)
})

t.test('DNS has the names of the leases in the end, though a server has died', async (t) => {
  const sums: Record<string, number> = {}
  for (const seed of NAMED) {
    const { violations, checks, faults } = simulateShared(seed, { names: true })
    t.same(violations, [], `seed ${seed}`)
    for (const [key, count] of Object.entries({ ...checks, ...faults }))
      sums[key] = (sums[key] ?? 0) + count
  }
  for (const kind of ['named', 'gone', 'dns-away', 'kill'])
    t.ok(sums[kind]! > 0, `${kind} happened`)
})

// Histories in which DNS was wrong in the end, until something else changes what chance does.
for (const [seed, options, what] of [
  [39_010_004, { pairs: true }, 'a name came twice, and was judged for ever'],
  [39_010_015, { pairs: true }, 'a name that others had taken over was left to nobody'],
  [39_000_044, { six: true }, 'a record told of another name only'],
  [39_000_033, { six: true }, 'a name stood under another identifier of its machine'],
  [39_000_643, { six: true }, 'a machine that stood still registered what was no lease’s'],
  [39_001_104, { six: true }, 'a clock jumped while it was noted: an address had two clients'],
  [39_009_488, { six: true }, 'what was about to be given was given by another copy, too'],
  [39_009_882, { six: true }, 'what was owed was forgotten with a lease that was refused later'],
  [39_001_369, { six: true }, 'a name was removed that another server had registered again'],
  [39_012_886, { pairs: true }, 'a name made of an address was taken for the former client’s'],
] as const)
  t.test(`${what} (seed ${seed})`, async (t) => {
    t.same(simulateShared(seed, { names: true, ...options }).violations, [])
  })

t.test('a database that stores whatever comes is found out', async (t) => {
  t.teardown(storesAnything())
  const isFound = (seed: number) =>
    simulateShared(seed).violations.some((one) => one.includes('is valid for'))
  t.ok([72, 74].some(isFound))
})
