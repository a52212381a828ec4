// A short slice of `npm run chaos -- --shared`: four servers on one database, and what happens to
// them and to it.

import t from 'tap'
import { systemSkip } from '../system/netns.ts'
import { postgresSkip } from '../system/postgres.ts'
import { SharedWorld } from './shared-world.ts'

const skip = postgresSkip() || systemSkip('unshare', 'mount')

t.test(
  'no address is valid for two clients of four servers on one database',
  { skip },
  async (t) => {
    const faults = ['kill', 'cut', 'kill-database', 'fail-over'] as const
    const { violations, acks, story } = await new SharedWorld(3).run(faults)
    t.same(violations, [], story.join('\n'))
    t.ok(acks > 200)
  },
)
