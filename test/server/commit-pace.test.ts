// How far apart batches are, by how far apart turns of the loop are and how quick the disk is.

import t from 'tap'
import { CommitPace } from '../../lib/server/commit-pace.ts'

const AT_ONCE = { soon: 1.5, latest: 2 }

t.test('when the next batch goes to the journal', (t) => {
  for (const [apart, took, expected] of [
    [undefined, 0, AT_ONCE],
    [undefined, 50, AT_ONCE],
    [0, 0, AT_ONCE],
    [10, 0, { soon: 15, latest: 100 }],
    [10, 5, { soon: 15, latest: 100 }],
    [10, 5.1, { soon: 7.5, latest: 100 }],
    [4, 1.5, { soon: 6, latest: 40 }],
    [4, 30, { soon: 3, latest: 40 }],
    [0.1, 0, AT_ONCE],
  ] as const) {
    const pace = new CommitPace(apart === undefined ? {} : { apart })
    pace.took = took
    t.match(pace, expected, `turns ${apart} ms apart, a disk that takes ${took} ms`)
  }
  t.end()
})
