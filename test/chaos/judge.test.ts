// The judge of the chaos run finds what it is there to find.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { Judge } from './judge.ts'

const X = ipv4FromText('192.0.2.1')!

t.test('a second client of an address whose first may still use it', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, 1000, 0)
  judge.granted('b', X, 2000, 999)
  t.match(judge.violations, [/^192\.0\.2\.1 is given to b, and a may use it for 0\.0 s more$/])
})

t.test('a third client is judged by whoever may use the address last', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, 5000, 0)
  judge.granted('b', X, 2000, 1000)
  judge.granted('c', X, 9000, 3000)
  t.match(judge.violations, [/given to b, and a/, /given to c, and a/])
})

t.test('no violation', async (t) => {
  const judge = new Judge()
  judge.granted('a', X, 1000, 0)
  judge.granted('a', X, 1500, 500)
  judge.granted('b', X, 3000, 1500)
  judge.left('b', X)
  judge.granted('c', X, 4000, 1600)
  t.same(judge.violations, [])
  t.same(judge.holders(1700), [['c', X, 2300]])
})
