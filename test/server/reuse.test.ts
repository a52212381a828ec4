// A lease that is reused in the loop: nothing is answered before what it rests on is durable.

import t from 'tap'
import { planWith, SmallWorld } from './small-world.ts'

const REQUEST = 3
const RELEASE = 7
const ADDRESS = 0xc000020a

t.test('what is not durable is not told again; what is costs no commit', async (t) => {
  const world = SmallWorld.serving(planWith({ 'cache-threshold': 0.25 }))
  world.request(1, 10)
  world.endBatch()
  t.match(world.last, 'commit 1')
  world.arrive(REQUEST, 1, {}, ADDRESS)
  world.endBatch()
  t.match(world.last, 'commit 1', 'the lease is under way to the disk, so nothing leaves')
  world.committed()
  t.match(world.last, 'commit 1', 'the second ACK has a change of its own')
  world.committed()
  const commits = world.commits.length
  world.happenings.length = 0
  world.arrive(REQUEST, 1, {}, ADDRESS)
  world.sink!.onBatchEnd()
  t.match(world.happenings.join(), /^send ACK/)
  world.advance(1000)
  t.equal(world.commits.length, commits, 'nothing is written')
  t.equal(world.server.status().statistics['v4-lease-reuses'], 1)
  t.ok(world.log.some(({ id }) => id === 'DHCP4_LEASE_REUSE'))
})

t.test('nothing is reused of what the disk has refused', async (t) => {
  const world = SmallWorld.serving(planWith({ 'cache-threshold': 0.25 }))
  world.request(1, 10)
  world.endBatch()
  world.journalSink!.onFailed('disk full')
  world.happenings.length = 0
  world.arrive(REQUEST, 1, {}, ADDRESS)
  world.endBatch()
  t.notMatch(world.happenings.join(), 'send', 'nothing is answered meanwhile')
  world.advance(2000)
  world.committed()
  world.arrive(REQUEST, 1, {}, ADDRESS)
  world.sink!.onBatchEnd()
  t.match(world.last, /^send ACK/, 'the disk stores again, and has the lease')
})

t.test(
  'rule 6b: a RELEASE of shortly after a start ends no lease that may have been reused',
  async (t) => {
    for (const [own, ends] of [
      [{ 'cache-threshold': 0.25 }, false],
      [{}, true],
    ] as const) {
      const first = SmallWorld.serving(planWith(own))
      first.request(1, 10)
      first.endBatch()
      const { bytes } = first.commits.at(-1)!
      const world = SmallWorld.serving(planWith(own), [bytes], 60_000)
      world.arrive(RELEASE, 1, {}, ADDRESS)
      world.endBatch()
      t.equal(world.commits.length > 0, ends, JSON.stringify(own))
    }
  },
)
