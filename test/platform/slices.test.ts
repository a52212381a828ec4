// Work of the management side in slices: how much of it comes in one turn of the loop.

import t from 'tap'
import { Slices } from '../../lib/platform/control/slices.ts'

/** Milliseconds of work. */
function busy(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** Turns of the loop until it is done. */
async function turnsUntil(isDone: () => boolean): Promise<number> {
  let turns = 0
  for (; !isDone(); turns++) await new Promise((resolve) => setImmediate(resolve))
  return turns
}

t.test('what a slice sets off counts, too', async (t) => {
  const slices = new Slices((error) => t.fail(error.message))
  let done = 0
  for (let nth = 0; nth < 20; nth++)
    slices.add(() => {
      // As the reader of a request does: the work is behind a promise and a tick.
      void Promise.resolve().then(() =>
        process.nextTick(() => {
          busy(1)
          done++
        }),
      )
    })
  const turns = await turnsUntil(() => done === 20)
  t.ok(turns >= 5, `${turns} turns`)
})

t.test('they run in their order, whatever comes meanwhile and goes wrong', async (t) => {
  const errors: string[] = []
  const slices = new Slices(({ message }) => errors.push(message))
  const ran: number[] = []
  const lost: number[] = []
  for (const number of [1, 2, 3])
    slices.add(
      () => {
        ran.push(number)
        busy(2)
        slices.add(() => ran.push(number * 10))
        if (number === 2) throw new Error('two')
      },
      () => lost.push(number),
    )
  await turnsUntil(() => ran.length === 6)
  t.same(ran, [1, 2, 3, 10, 20, 30])
  t.same([errors, lost], [['two'], [2]])
  slices.now(
    () => {
      throw new Error('at once')
    },
    () => lost.push(4),
  )
  t.same(
    [errors, lost],
    [
      ['two', 'at once'],
      [2, 4],
    ],
  )
})
