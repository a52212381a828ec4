// What leases tell beyond themselves: clients that were never seen before, and subnets that run
// low.

import t from 'tap'
import type { ControlEvent } from '../../lib/control/events/event-words.ts'
import { nameOfEvent, valueOfEvent } from '../../lib/control/events/event-words.ts'
import { LeaseWatch } from '../../lib/control/events/lease-watch.ts'
import type { ServerEvent } from '../../lib/server/events.ts'
import type { Server } from '../../lib/server/server.ts'
import { del } from '../server/amending.ts'
import { planWith, SmallWorld } from '../server/small-world.ts'
import { LeaseStage } from './lease-stage.ts'

/** Known for as long as the test likes. */
class Memory {
  readonly seen = new Set<string>()

  get isEmpty(): boolean {
    return this.seen.size === 0
  }

  see(client: string): boolean {
    const isKnown = this.seen.has(client)
    this.seen.add(client)
    return isKnown
  }
}

/** A server whose lease events are looked at as those of `whio serve` are. */
function watched(memory = new Memory(), plan = planWith()) {
  const world = SmallWorld.serving(plan)
  const told: ControlEvent[] = []
  const watch = new LeaseWatch(
    world.server,
    () => memory,
    (event) => told.push(event),
  )
  let at = 0
  const news = (): string[] => {
    for (const event of world.events.splice(at)) if (event.kind === 'lease') watch.noticed(event)
    at = world.events.length
    world.advance(5)
    return told.splice(0).map((event) => {
      const name = nameOfEvent(event)
      const value = valueOfEvent(event, world.server) as Record<string, unknown>
      return name === 'client.new' ? name : `${name} ${value.free}/${value.size}`
    })
  }
  const settled = () => {
    world.advance(5)
    if (world.isCommitting) world.committed()
    return news()
  }
  const take = (client: number, last = client) => {
    world.request(client, last)
    world.endBatch()
    return settled()
  }
  return { world, take, settled }
}

t.test('a client is new once, whatever address it gets', async (t) => {
  const memory = new Memory()
  memory.see('somebody')
  const { take } = watched(memory)
  t.same(take(20), ['client.new'])
  t.same(take(20), [], 'a renewal')
  t.same(take(21), ['client.new'])
  const later = watched(memory)
  t.same(later.take(20, 40), [], 'another life, another address')
  t.same(later.take(22), ['client.new'])
})

t.test('where nobody is known yet, whoever has a lease is no news', async (t) => {
  const { take, world } = watched()
  take(20)
  t.same(take(21), ['client.new'], 'all who have leases were looked at')
  t.equal(world.server.state, 'serving')
})

const SMALL = { pools: [{ pool: '192.0.2.10-192.0.2.29' }] }

t.test('few addresses are told once, and again when there are plenty', async (t) => {
  const { take, settled, world } = watched(new Memory(), planWith(SMALL))
  const told: string[] = []
  for (let last = 10; last < 30; last++) told.push(...take(last))
  t.same(
    told.filter((line) => line.startsWith('pool')),
    ['pool.low 2/20'],
  )
  const release = (last: number): string[] => {
    del(world.server, `192.0.2.${last}`)
    return settled()
  }
  const after = [10, 11, 12, 13].map(release)
  t.same(
    after.flat().filter((line) => line.startsWith('pool')),
    ['pool.recovered 3/20'],
  )
})

t.test('a threshold of 0 tells of none; prefixes are told of by themselves', async (t) => {
  const { take } = watched(new Memory(), { ...planWith(SMALL), poolLow: 0 })
  for (let last = 10; last < 30; last++) t.notOk(take(last).some((line) => line.startsWith('pool')))
  const stage = new LeaseStage()
  const { server } = stage.stage.room
  const told: ControlEvent[] = []
  const watch = new LeaseWatch(
    Object.assign(Object.create(null), {
      plan: { ...server.plan, poolLow: 90 },
      tables: server.tables,
      inSlices: () => true,
    }) as Server,
    () => new Memory(),
    (event) => told.push(event),
  )
  for (let n = 0; n < 26; n++) {
    const address = `2001:db8:1::1${n.toString(16).padStart(2, '0')}`
    stage.ask('lease6-add', { 'ip-address': address, duid: '00:01:02:03', iaid: n + 1 }, 'dhcp6')
  }
  const [lease] = server.tables.v6.walk('leases').next(1)
  watch.noticed({ kind: 'lease', family: 6, action: 'added', lease } as ServerEvent & {
    kind: 'lease'
  })
  t.match(told, [{ kind: 'pool', isLow: true, of: 'addresses', free: 230, size: 256 }])
})
