// A server of a pair under attack by a first word that cannot be true, and by one that leaves a
// trace for ever.

import t, { type Test } from 'tap'
import type { OrderResult } from '../../lib/catalogue/order-result.ts'
import { CHANGES_MAX } from '../../lib/ha/limits.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'
import { planOf } from '../sim/plans.ts'
import { leaseOf, Stage } from './fake-partner.ts'
import { attack } from './pair-attack.ts'

const WILD: Partial<Hello>[] = [
  { rights: 'sole', handOver: 2 ** 40 },
  { rights: 'sole', longestLifetime: INFINITE_LIFETIME },
  { applied: Number.MAX_SAFE_INTEGER },
  { highest: Number.MAX_SAFE_INTEGER },
  { clock: Number.MAX_SAFE_INTEGER },
  { rights: 'shared', pairId: '', handOver: 0 },
]

attack('a hello that no history explains changes nothing and is told of', (t, stage) => {
  for (const claim of WILD) {
    const before = JSON.stringify(stage.server.disk.pair)
    const connection = stage.greet(claim)
    stage.lab.advance(50)
    t.match(connection.closed, /^it says what cannot be: /, JSON.stringify(claim))
    t.equal(connection.said('hello').length, 0, 'nothing is told to it')
    t.equal(JSON.stringify(stage.server.disk.pair), before)
    t.equal(stage.pair.record.rights, 'shared')
  }
  t.equal(stage.count('HA_CLAIM_REFUSED'), WILD.length)
})

attack('a partner that tells of leases for ever in the middle of its words', (t, stage) => {
  const partner = stage.partner()
  partner.say({ type: 'lifetime', longest: 86_400 })
  t.equal(stage.pair.record.longestLifetime, 86_400)
  partner.say({ type: 'lifetime', longest: INFINITE_LIFETIME })
  t.match(partner.closed, /leases for ever/)
  t.equal(stage.pair.record.longestLifetime, 86_400)
})

attack('a position beyond all databases is stored nowhere', (t, stage) => {
  const partner = stage.partner()
  partner.frame([], { position: CHANGES_MAX + 1 })
  t.match(partner.closed, /no change number/)
})

// ---- what is poisoned already

const POISON = { longestLifetime: INFINITE_LIFETIME, doubtUntil: NEVER }

/** The word of a human, carried out. */
function forget(t: Test, stage: Stage): OrderResult {
  let result: OrderResult | undefined
  stage.pair.orders.forgetLifetime((answer) => {
    result = answer
  })
  stage.lab.advance(50)
  t.ok(result !== undefined)
  return result!
}

t.test(
  'a quarantine without end ends, when a human says that no lease lasts so long',
  async (t) => {
    const rows = [
      leaseOf(10, 1, { validLifetime: 7200, end: 7_200_000 }),
      leaseOf(11, 2, { end: NEVER }),
      leaseOf(12, 0, { hwAddress: '', state: LEASE_STATE.free, validLifetime: 0, end: NEVER }),
    ]
    const stage = new Stage({ record: POISON, rows })
    t.equal(forget(t, stage).allowed, true)
    // The longest lease here, though no subnet allows it any more.
    const { record } = stage.pair
    t.equal(record.longestLifetime, 7200)
    const end = record.doubtUntil
    t.ok(end > stage.pair.services.now() && end < stage.pair.services.now() + 86_400_000)
    t.match(stage.server.disk.pair, { longestLifetime: 7200, doubtUntil: end }, 'it is stored')
    for (const { address } of rows.slice(1)) {
      t.ok(stage.server.server!.tables.v4.byAddress(address)!.end <= end)
      t.ok(stage.server.disk.durableRow(address)!.end <= end)
    }
    t.equal(stage.server.server!.tables.v4.byAddress(rows[0]!.address)!.end, 7_200_000)
    t.match(forget(t, stage), { allowed: false, why: /nothing longer .*7200 s$/ })
    stage.lab.advance(end - stage.pair.services.now() + 1000)
    t.ok(stage.isWell())
  },
)

t.test('a lease for ever that is really there is not forgotten', async (t) => {
  const rows = [leaseOf(10, 1, { validLifetime: INFINITE_LIFETIME, end: NEVER })]
  const stage = new Stage({ record: POISON, rows })
  t.match(forget(t, stage), { allowed: false, why: /4294967295 s$/ })
  t.equal(stage.pair.record.doubtUntil, NEVER)
})

t.test('a poisoned partner is met again when it has been told the same', async (t) => {
  const stage = new Stage({ record: { longestLifetime: INFINITE_LIFETIME } })
  const partner = stage.partner({ longestLifetime: INFINITE_LIFETIME })
  t.equal(partner.closed, '')
  t.equal(forget(t, stage).allowed, true)
  t.match(partner.closed, /an operator/)
  t.equal(stage.pair.record.longestLifetime, 600)
  t.match(stage.greet({ longestLifetime: INFINITE_LIFETIME }).closed, /leases for ever/)
  t.equal(stage.partner().closed, '')
  t.ok(stage.isWell())
})

t.test('a partner that is connected tells of its lifetimes again', async (t) => {
  const stage = new Stage({ record: { longestLifetime: 7200 } })
  stage.partner({ longestLifetime: 7200 })
  t.match(forget(t, stage), {
    allowed: true,
    why: /remembers 7200 s .* while they are not connected/,
  })
  t.equal(stage.pair.record.longestLifetime, 600)
  stage.partner({ longestLifetime: 7200 })
  t.equal(stage.pair.record.longestLifetime, 7200)
})

t.test('the file names no partner any more, the database remembers leases for ever', async (t) => {
  const single = planOf({
    'valid-lifetime': 600,
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }],
  })
  const { lab, server } = new Stage({ record: POISON, rows: [leaseOf(11, 2, { end: NEVER })] })
  server.crash()
  server.start(single)
  lab.advance(1000)
  const forgetAgain = (): OrderResult => {
    const results: OrderResult[] = []
    server.server!.pairing.orders!.forgetLifetime((answer) => results.push(answer))
    lab.advance(100)
    return results[0]!
  }
  t.equal(forgetAgain().allowed, true)
  const { longestLifetime, doubtUntil } = server.disk.pair!
  t.equal(longestLifetime, 600)
  t.ok(doubtUntil < NEVER)
  t.ok(server.disk.durableRow(0xc000020b)!.end <= doubtUntil)
  t.match(forgetAgain(), { allowed: false, why: /nothing longer/ })
})
