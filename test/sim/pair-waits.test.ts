// For how long a known client is made to wait while one server of its pair is well (README, what
// clients notice).

import t from 'tap'
import { waitsOf } from './pair-waits.ts'

/**
 * max-response-delay and max-ack-delay, both 3 s, a heartbeat, and what a client of these tests
 * waits by itself.
 */
const ONE_FAULT = 3000 + 500 + 1000

/** The disk of a server is waited for, then the link to it goes. */
const SEVERAL = ONE_FAULT + 3000

for (const [most, bound] of [
  [1, ONE_FAULT],
  [3, SEVERAL],
] as const)
  t.test(
    `known clients wait at most ${bound} ms, up to ${most} faults of the other server at a time`,
    async (t) => {
      let longest = 0
      for (let seed = 1; seed <= 30; seed++)
        for (const { milliseconds, faults } of waitsOf(seed, most)) {
          longest = Math.max(longest, milliseconds)
          if (milliseconds > bound) t.fail(`seed ${seed}: ${milliseconds} ms, ${faults.join(', ')}`)
        }
      t.ok(longest > 2000, `${longest} ms: the faults are felt`)
    },
  )
