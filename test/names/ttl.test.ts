// How long resolvers may keep records of a lease: Kea's rules (ddns-ttl and its family).

import t from 'tap'
import type { TtlRules } from '../../lib/names/rules.ts'
import { ttlOf } from '../../lib/names/ttl.ts'

const usual: TtlRules = { fixed: 0, percent: 0.33333, min: 600, max: 0 }

const TABLE: readonly [title: string, rules: Partial<TtlRules>, lifetime: number, ttl: number][] = [
  ['a third of the lifetime', {}, 4000, 1333],
  ['rounded, not cut', { percent: 0.5 }, 4001, 2001],
  ['ten minutes at least', {}, 1200, 600],
  ['as a minimum of its own says', { min: 60 }, 1200, 400],
  ['at most the maximum', { max: 1000 }, 7200, 1000],
  ['the maximum wins over the minimum', { max: 100 }, 7200, 100],
  ['a TTL that is given counts, whatever the bounds', { fixed: 30, max: 10 }, 7200, 30],
  ['a lease without end has a day', {}, 0xffffffff, 86_400],
  ['or the maximum', { max: 200_000 }, 0xffffffff, 200_000],
  ['RFC 2181 §8: it has 31 bits', { percent: 0.9 }, 0xfffffffe, 0x7fffffff],
  ['also one that is given', { fixed: 0xffffffff }, 1, 0x7fffffff],
]

for (const [title, rules, lifetime, ttl] of TABLE)
  t.test(title, async (t) => {
    t.equal(ttlOf({ ...usual, ...rules }, lifetime), ttl)
  })
