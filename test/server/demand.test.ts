// Who waits for an address of the partner, and for how long.

import t from 'tap'
import { Demand } from '../../lib/server/pair/demand.ts'

const POOL = { first: 10, last: 12 }

t.test('a client that asks each 64 s is still waited for when it asks again', async (t) => {
  const demand = new Demand()
  demand.add('a', [POOL], 0)
  demand.expire(13_000)
  t.equal(demand.of(POOL), 0, 'one that was heard once may have gone')
  demand.add('a', [POOL], 64_000)
  demand.expire(64_000 + 65_000)
  t.equal(demand.of(POOL), 1)
  demand.expire(64_000 + 70_000)
  t.equal(demand.of(POOL), 0)
})

t.test('a client that was answered, or stayed away for long, begins anew', async (t) => {
  const demand = new Demand()
  for (const [gone, back] of [
    [() => demand.remove('a'), 20_000],
    [() => demand.expire(3_600_000), 3_700_000],
  ] as const) {
    demand.add('a', [POOL], 0)
    demand.expire(12_000)
    gone()
    demand.add('a', [POOL], back)
    demand.expire(back + 12_000)
    t.equal(demand.of(POOL), 0)
    demand.remove('a')
  }
  t.ok(demand.isEmpty)
})

t.test('who asks as often as it renews is waited for until it does', async (t) => {
  const demand = new Demand()
  const asked = (now: number) => {
    demand.expire(now)
    demand.add('a', [POOL], now)
  }
  asked(0)
  demand.expire(13_000)
  asked(188_000)
  demand.expire(188_000 + 187_000)
  t.equal(demand.of(POOL), 1)
  demand.expire(188_000 + 242_000)
  t.equal(demand.of(POOL), 0, 'not for much longer')
})

t.test(
  'a DISCOVER that comes more than once, by several relays, is no client in haste',
  async (t) => {
    const demand = new Demand()
    for (const now of [0, 0, 64_000, 64_000, 64_020]) demand.add('a', [POOL], now)
    demand.expire(64_000 + 65_000)
    t.equal(demand.of(POOL), 1)
  },
)
