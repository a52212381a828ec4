// The history of a database: what tells it from a copy of itself, and what is kept of it.

import t from 'tap'
import {
  absorb,
  beginLife,
  hasBeenAt,
  LIVES_MAX,
  type Life,
  meetInLife,
  pointOf,
} from '../../lib/ha/history.ts'

const LIVES: readonly Life[] = [
  { id: 'A', from: 0, isMet: true },
  { id: 'B', from: 80, isMet: true },
  { id: 'C', from: 120, isMet: true },
]

t.test('where a database has been', async (t) => {
  const cases: [life: string, position: number, has: boolean][] = [
    ['A', 0, true],
    ['A', 80, true],
    ['A', 81, false],
    ['B', 80, true],
    ['B', 120, true],
    ['B', 121, false],
    // Rows of the batch with which it began.
    ['C', 110, true],
    ['C', 150, true],
    ['C', 151, false],
    ['X', 0, false],
  ]
  for (const [life, position, has] of cases)
    t.equal(hasBeenAt(LIVES, 150, { life, position }), has, `${life} ${position}`)
})

t.test('a copy that counts on is found out, however far it counts', async (t) => {
  // Of LIVES at 100, when B was the last.
  const copy = LIVES.slice(0, 2)
  const restored = meetInLife(beginLife(copy, { id: 'D', from: 100 }))
  t.equal(hasBeenAt(restored, 9000, { life: 'B', position: 100 }), true, 'nothing is lost')
  t.equal(hasBeenAt(restored, 9000, { life: 'B', position: 101 }), false)
  t.equal(hasBeenAt(restored, 9000, { life: 'C', position: 120 }), false)
  const again = meetInLife(beginLife(copy, { id: 'E', from: 100 }))
  t.equal(hasBeenAt(again, 9000, { life: 'D', position: 100 }), false, 'it is put back again')
})

t.test('starts at which nobody is met leave nothing behind', async (t) => {
  let lives = beginLife(LIVES, { id: 'D', from: 150 })
  for (let start = 0; start < 1000; start++)
    lives = beginLife(lives, { id: `start ${start}`, from: 150 + start })
  t.same(lives, [...LIVES, { id: 'start 999', from: 150 }])
  t.equal(hasBeenAt(lives, 2000, { life: 'C', position: 151 }), false, 'C has ended at 150')
  t.equal(meetInLife(LIVES), LIVES)
  t.same(pointOf(lives, 2000), { life: 'start 999', position: 2000 })
  t.equal(pointOf([], 2000), undefined)
})

t.test('lives are few: what is forgotten is not known, what is not there is', async (t) => {
  let lives: readonly Life[] = []
  for (let start = 0; start < 1000; start++)
    lives = meetInLife(beginLife(lives, { id: `start ${start}`, from: 10 * start }))
  t.equal(lives.length, LIVES_MAX)
  t.equal(hasBeenAt(lives, 10_000, { life: 'start 3', position: 35 }), 'unknown')
  t.equal(hasBeenAt(lives, 10_000, { life: 'made up', position: 9995 }), false)
})

t.test('what a copy had lost is made good, up to what the other end knew', async (t) => {
  const restored = beginLife(LIVES.slice(0, 2), { id: 'D', from: 100, isMet: true })
  const known = { life: 'C', position: 130 }
  const good = absorb(restored, 110, known)
  t.equal(hasBeenAt(good, 110, known), true)
  t.equal(hasBeenAt(good, 110, { life: 'C', position: 131 }), false, 'somebody knows more')
  t.equal(hasBeenAt(good, 110, { life: 'B', position: 101 }), false)
  t.equal(hasBeenAt(good, 110, { life: 'D', position: 110 }), true, 'it goes on')
  t.equal(absorb(good, 110, known), good, 'once')
  t.equal(absorb(good, 110, { life: 'B', position: 90 }), good)
  t.same(absorb([], 110, known), [], 'a version before has no history')
})
