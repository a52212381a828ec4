// The judges of the chaos run find what they are there to find: each kind of broken promise, put in
// by hand.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { forgotten, unknown, unserved } from './audit.ts'
import type { Holding } from './clients.ts'
import { Judge } from './judge.ts'
import { type KeyBook, type KeyRow, keysBeyond } from './keys.ts'

const X = ipv4FromText('192.0.2.1')!
const Y = ipv4FromText('192.0.2.2')!
const S1 = ipv4FromText('10.77.0.1')!
const S2 = ipv4FromText('10.77.0.2')!

t.test('a second client of an address whose first may still use it', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, S1, 1000, 0)
  judge.granted('b', X, S2, 2000, 999)
  t.match(judge.violations, [
    /^192\.0\.2\.1 is given to b by 10\.77\.0\.2, and a may use it for 0\.0 s more by 10\.77\.0\.1$/,
  ])
})

t.test('a third client is judged by whoever may use the address last', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, S1, 5000, 0)
  judge.granted('b', X, S1, 2000, 1000)
  judge.granted('c', X, S1, 9000, 3000)
  t.match(judge.violations, [/given to b .* and a/, /given to c .* and a/])
})

t.test('no violation', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, S1, 1000, 0)
  judge.granted('a', X, S2, 1500, 500)
  judge.granted('b', X, S1, 3000, 1500)
  judge.left('b', X)
  judge.granted('c', X, S1, 4000, 1600)
  t.same(judge.violations, [])
  t.match(judge.holders(1700), [[X, { client: 'c', server: S1, until: 4000 }]])
  t.equal(judge.acks, 4)
})

t.test('a client is refused what it may use yet, by whatever server', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, S1, 5000, 0)
  judge.refused('a', X, S2, 2000)
  t.match(judge.violations, [/^10\.77\.0\.2 refuses a 192\.0\.2\.1, .* for 3\.0 s more/])
})

t.test(
  'a client may be refused what has ended, or what a reload took out of the pool',
  async (t) => {
    const judge = new Judge((address) => address !== Y)
    judge.granted('a', X, S1, 5000, 0)
    judge.granted('b', Y, S1, 5000, 0)
    judge.refused('a', X, S2, 5000)
    judge.refused('b', Y, S2, 1000)
    judge.refused('c', X, S2, 1000)
    t.same(judge.violations, [])
  },
)

t.test('the roll: who has been served since it was called', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, S1, 5000, 0)
  judge.callTheRoll()
  t.equal(judge.servedCount, 0)
  judge.granted('b', Y, S1, 5000, 0)
  judge.granted('b', Y, S1, 6000, 1000)
  t.equal(judge.servedCount, 1)
})

t.test('a client that nobody serves is missed, unless there is no address for it', async (t) => {
  t.match(unserved(9, 10, 20), [/^9 clients were served, of 10/])
  t.match(unserved(6, 10, 7), [/^6 clients were served, of 7/])
  t.same(unserved(7, 10, 7), [])
})

const HOLDING: Holding = {
  hw: '02:00:00:00:00:01',
  address: '192.0.2.1',
  server: '10.77.0.1',
  left: 1000,
  isKnown: true,
}
const ROW = { address: '192.0.2.1', hw_address: '02:00:00:00:00:01', state: 'assigned' }
const OTHER = { ...ROW, hw_address: '02:00:00:00:00:02' }

t.test('a killed server has forgotten what it acknowledged', async (t) => {
  for (const rows of [[], [OTHER]])
    t.match(forgotten('server1', '10.77.0.1', [HOLDING], rows), [/^server1 was killed and forgot/])
  t.same(forgotten('server1', '10.77.0.1', [HOLDING], [ROW]), [])
  t.same(forgotten('server2', '10.77.0.2', [HOLDING], []), [], 'the other one has given it')
  const judge = new Judge()
  judge.granted('a', X, S1, 5000, 0)
  judge.granted('b', Y, S2, 5000, 0)
  judge.restored(S1)
  const known = new Map(judge.holders(0).map(([address, right]) => [address, right.isKnown]))
  t.same([known.get(X), known.get(Y)], [false, true], 'a copy need not know what came later')
  t.same(forgotten('server1', '10.77.0.1', [{ ...HOLDING, isKnown: false }], []), [])
})

t.test('a server does not know what a client has', async (t) => {
  for (const rows of [[], [OTHER]])
    t.match(unknown('server2', [HOLDING], rows), [/^server2 does not know/])
  t.same(unknown('server2', [HOLDING], [ROW]), [])
})

function book(side: 0 | 1, more: Partial<KeyBook>, ...rows: KeyRow[]): KeyBook {
  const byAddress = new Map(rows.map((row) => [row.address, row]))
  return { side, rights: 'shared', handOver: 3, rows: byAddress, ...more }
}

t.test('an address has three keys', async (t) => {
  const home = homeOf(X)
  const kept = book(home, {})
  const sent = book(home, {}, { address: X, gave: 1, got: 0 })
  const had = book((1 - home) as 0 | 1, {}, { address: X, gave: 0, got: 1 })
  t.match(keysBeyond(kept, had), [/^192\.0\.2\.1 has 2 keys at server1 and 1 at server2$/])
  t.same(keysBeyond(sent, had), [])
  const beyond = book(home, {}, { address: X, gave: 0, got: 1 })
  t.match(keysBeyond(beyond, book((1 - home) as 0 | 1, {})), [/has 3 keys at server1 and 0/])
})

t.test(
  'keys are not counted where everything is with one, or was and the other has not heard',
  async (t) => {
    const home = homeOf(X)
    const had = book((1 - home) as 0 | 1, {}, { address: X, gave: 0, got: 1 })
    for (const more of [{ rights: 'sole' }, { rights: 'none' }, { handOver: 4 }])
      t.same(keysBeyond(book(home, more), had), [])
    t.same(keysBeyond(undefined, had), [])
  },
)
