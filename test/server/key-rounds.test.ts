// What a pair does beside its clients: the keys of leases that were given while the partner was
// away.

import t from 'tap'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { BUFFERED_PAUSE } from '../../lib/server/pair/outgoing.ts'
import { leaseAt, Partner, Stage } from './fake-partner.ts'
import { MINE, THEIRS } from './pair-attack.ts'
import { ended, NOW, setUp, taken } from './stock-stage.ts'

/** Leases of this server, of which the partner has no key yet. */
function unshared(count: number, more: Partial<Lease> = {}): Lease[] {
  const rows: Lease[] = []
  for (let address = 0x0a000000; rows.length < count; address++) {
    const change = rows.length + 1
    if (homeOf(address) === 0)
      rows.push(leaseAt(address, change, { gave: 0, change, start: NOW, end: 9 * NOW, ...more }))
  }
  return rows
}

t.test('what was given while the partner was away is shared as the disk stores it', async (t) => {
  const stage = new Stage({ rows: unshared(20_000) })
  stage.storesIn(150)
  const partner = stage.partner({ applied: 20_000 })
  const { delivery } = stage.pair.services
  let most = 0
  for (let time = 0; time < 3000; time++) {
    stage.lab.advance(1)
    most = Math.max(most, delivery.gathered)
  }
  t.ok(most > 1000 && most < 6000, `${most} at once`)
  t.equal(partner.rows.length, 20_000, 'all of them')
  t.equal(partner.closed, '')
})

// Of the others the partner has a key, and renews them whether it has heard of the last renewal or
// not.
t.test(
  'what only this server can renew is told before everything else that was missed',
  async (t) => {
    const renewed = unshared(20_000, { gave: 1 })
    const given = unshared(20_003)
      .slice(-3)
      .map((row) => ({ ...row, gave: 0 }))
    const stage = new Stage({ rows: [...renewed, ...given] })
    stage.storesIn(1)
    const partner = new Partner(stage, { applied: 0 })
    // A slow disk there: what was sent fills it for a while.
    partner.acks = false
    stage.lab.advance(20)
    partner.frame([], { lane: 'backlog', last: true, position: 100 })
    stage.lab.advance(200)
    const addresses = new Set(given.map(({ address }) => address))
    const told = partner.rows.filter(({ address, gave }) => addresses.has(address) && gave === 1)
    t.equal(told.length, 3)
    t.ok(partner.rows.length < 5000, `${partner.rows.length} rows until then`)
  },
)

t.test('and as the partner reads it', async (t) => {
  const rows = unshared(500, { userContext: 'x'.repeat(60_000) })
  const stage = new Stage({ rows })
  const partner = new Partner(stage, { applied: 500 })
  partner.connection.isReading = false
  stage.lab.advance(20)
  partner.frame([], { lane: 'backlog', last: true, position: 100 })
  stage.lab.advance(1000)
  t.ok(partner.connection.buffered > BUFFERED_PAUSE, `${partner.connection.buffered} bytes`)
  t.equal(partner.closed, '', 'the connection lasts')
})

t.test('what is returned while in doubt rests until nobody can have it any more', async (t) => {
  const doubtUntil = NOW + 3_600_000
  const rows = [MINE[0]!, THEIRS[0]!].map(ended)
  const { stage, partner, now } = setUp({
    rows: [...rows, ...taken([MINE[1]!])],
    record: { rights: 'sole', doubtUntil },
  })
  stage.lab.advance(1000)
  t.match(partner.connection.said('back'), [{ doubt: true }])
  t.equal(partner.rows.length, 3)
  for (const { address, end, state } of partner.rows) {
    t.equal(state, LEASE_STATE.assigned, 'somebody may have it still')
    t.ok(now() + end >= doubtUntil - 1100, `${address} ends ${end} ms from then`)
  }
})
