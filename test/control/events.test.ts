// Events as programs follow them: in order, from where they were cut off, and with a word where
// some are lost.

import t from 'tap'
import { plainRole } from '../../lib/config/plan/role.ts'
import { Api } from '../../lib/control/api/api.ts'
import { eventRoutes } from '../../lib/control/api/events.ts'
import type { ApiReply } from '../../lib/control/api/route.ts'
import type { EventReader } from '../../lib/control/events/event-reader.ts'
import { EventRing, READERS_MAX } from '../../lib/control/events/event-ring.ts'
import type { ControlEvent } from '../../lib/control/events/event-words.ts'
import { ETH0, leaseOf, SmallWorld } from '../server/small-world.ts'
import { LeaseStage } from './lease-stage.ts'
import { ADMIN, asker } from './room.ts'

const { lab: LAB, stage: STAGE } = new LeaseStage()
LAB.advance(100)

const OTHER: ControlEvent = {
  ...{ kind: 'other-server', family: 4, server: '192.0.2.66', interface: ETH0.name },
  ...{ relay: '', clients: 1 },
}

function granted(last: number, action: 'granted' | 'renewed' = 'granted'): ControlEvent {
  const world = SmallWorld.serving()
  world.request(last, last)
  world.endBatch()
  return { kind: 'lease', family: 4, action, lease: leaseOf(world.commits[0]!.changes[0]) }
}

/** Follows a ring as a client of the API does. */
function follow(
  ring: EventRing,
  query: Record<string, string> = {},
  lastEventId?: string,
  who = ADMIN,
): ApiReply {
  const replies: ApiReply[] = []
  new Api(STAGE.room, STAGE.dispatcher, eventRoutes(ring)).ask(
    {
      ...{ method: 'GET', path: ['events'], query: new Map(Object.entries(query)), lastEventId },
      ...{ ifMatch: undefined, body: undefined, asker: who },
    },
    (reply) => replies.push(reply),
  )
  return replies[0]!
}

/** `1 lease.assigned`: number and name of what has come. */
function heard(reader: EventReader): string[] {
  let text = ''
  for (let more = reader.take(); more !== undefined; more = reader.take()) text += more
  return [...text.matchAll(/^id: life-(\d+)\nevent: (\S+)\ndata: (.*)\n\n/gm)].map(
    ([, number, name]) => `${number} ${name}`,
  )
}

t.test('events come in order, each with a number and what it is about', async (t) => {
  const ring = new EventRing('life', () => 1_700_000_000_500)
  ring.note(OTHER)
  const reader = follow(ring).events!
  t.equal(reader.take(), undefined, 'what was before is not told to who has seen nothing')
  let news = 0
  reader.onNews = () => news++
  ring.note(granted(50))
  ring.note({ kind: 'ha-state', from: 'hot-standby', to: 'partner-down', why: 'it was lost' })
  ring.note({ kind: 'partner', partner: 'b', isConnected: false, why: 'it was silent' })
  ring.note({
    kind: 'config',
    version: 3,
    by: { user: 'ann', from: '::1', command: 'subnet4-add' },
  })
  t.equal(news, 4)
  const events = reader.take()!.trimEnd().split('\n\n')
  const told = events.map((event) => JSON.parse(event.split('data: ')[1]!))
  t.match(events[0], /^id: life-2\nevent: lease\.assigned\ndata: \{/)
  t.match(told, [
    {
      event: 'lease.assigned',
      at: 1_700_000_000.5,
      lease: { address: '192.0.2.50', family: 4, 'hw-address': '02:00:00:00:00:32' },
    },
    { event: 'ha.state', from: 'hot-standby', to: 'partner-down' },
    { event: 'partner.lost', partner: 'b', why: 'it was silent' },
    { event: 'config.applied', version: 3, by: { kind: 'command', user: 'ann' } },
  ])
  t.equal(reader.take(), undefined)
})

t.test('Last-Event-ID: a stream goes on, or says that there is a gap', async (t) => {
  const ring = new EventRing('life', () => 0, 4)
  for (let count = 0; count < 3; count++) ring.note(OTHER)
  t.same(heard(follow(ring, {}, 'life-1').events!), ['2 other-server', '3 other-server'])
  t.same(heard(follow(ring, { since: 'life-2' }).events!), ['3 other-server'])
  t.same(heard(follow(ring, {}, 'life-3').events!), [], 'nothing is lost')
  const all = ['0 gap', '1 other-server', '2 other-server', '3 other-server']
  for (const id of ['former-2', 'life-99', 'life--1', 'x\ny', ''])
    t.same(heard(follow(ring, {}, id).events!), all, `of another process, or nonsense: ${id}`)
  ring.note(OTHER)
  t.same(heard(follow(ring, {}, 'life-0').events!).length, 4, 'the whole ring is there')
  ring.note(OTHER)
  t.same(heard(follow(ring, {}, 'life-0').events!)[0], '1 gap', 'one more, and it is not')
})

t.test(
  'where nobody can follow nothing is kept, and who comes back is told of the gap',
  async (t) => {
    const ring = new EventRing('life', () => 0)
    ring.note(OTHER)
    ring.open(false)
    ring.note(OTHER)
    t.equal(ring.next, 2)
    ring.open(true)
    t.same(heard(follow(ring, {}, 'life-1').events!), ['1 gap'])
    ring.note(OTHER)
    t.same(heard(follow(ring, {}, 'life-1').events!), ['1 gap', '2 other-server'])
    t.same(heard(follow(ring, {}, 'life-2').events!), [], 'what came since then is known')
    const called = ring.called(['other-server'], undefined, () => ({}))!
    ring.open(false)
    ring.note(OTHER)
    t.equal(called.next()?.id, 'life-3', 'whom the server calls by itself hears of all')
  },
)

t.test('who reads too slowly is told of the gap, and keeps nothing', async (t) => {
  const ring = new EventRing('life', () => 0, 4)
  const reader = follow(ring).events!
  for (let count = 0; count < 10; count++) ring.note(OTHER)
  const rest = [7, 8, 9, 10].map((number) => `${number} other-server`)
  t.same(heard(reader), ['6 gap', ...rest])
  t.same(heard(reader), [])
})

t.test('events by their names; renewals only where they are asked for', async (t) => {
  const ring = new EventRing('life', () => 0)
  const usual = follow(ring).events!
  ring.note(granted(50, 'renewed'))
  const leases = follow(ring, { events: 'lease,lease.renewed' }).events!
  ring.note(granted(50, 'renewed'))
  ring.note(OTHER)
  ring.note(granted(51))
  t.same(heard(usual), ['2 other-server', '3 lease.assigned'])
  t.same(heard(leases), ['1 lease.renewed', '3 lease.assigned'])
  leases.close()
  ring.note(granted(50, 'renewed'))
  ring.note(OTHER)
  t.same(heard(usual), ['4 other-server'], 'nobody wants them any more')
  t.match(follow(ring, { events: 'lease.moved' }), {
    status: 400,
    body: { error: "there is no event 'lease.moved'" },
  })
})

t.test('so many may follow at once, and only who may read leases', async (t) => {
  const ring = new EventRing('life', () => 0)
  const readers = Array.from({ length: READERS_MAX }, () => follow(ring).events!)
  t.equal(follow(ring).status, 429)
  readers[0]!.close()
  const viewer = asker(plainRole('viewer'))
  t.equal(follow(ring, {}, undefined, viewer).status, 200, 'a viewer reads')
  readers[1]!.close()
  const role = { ...plainRole('viewer'), deny: ['lease4-get-all'] }
  t.equal(follow(ring, {}, undefined, { ...ADMIN, role }).status, 403)
  let ended = 0
  readers[2]!.onEnd = () => ended++
  ring.end()
  t.equal(ended, 1)
  t.equal(follow(ring).status, 429, 'the server stops')
})
