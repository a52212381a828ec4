// A short slice of `npm run chaos`: one world of real servers, with faults that take little time.

import t from 'tap'
import { systemSkip } from '../system/netns.ts'
import { ChaosWorld } from './world.ts'

const skip = systemSkip()

t.test('no address is valid for two clients of real servers', { skip }, async (t) => {
  const only = ['kill', 'cut', 'pause', 'narrow', 'put-back'] as const
  const { violations, acks, story } = await new ChaosWorld(7, only).run(10_000)
  t.same(violations, [], story.join('\n'))
  t.ok(acks > 0)
})
