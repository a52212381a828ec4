// Streams of events by HTTP: what comes, what a silent reader costs, and how they end.

import t, { type Test } from 'tap'
import type { HttpDoorPlan } from '../../lib/config/plan/control-plan.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import { EventRing } from '../../lib/control/events/event-ring.ts'
import { type ControlEvent, USUAL_NAMES } from '../../lib/control/events/event-words.ts'
import { Doors } from '../../lib/platform/control/doors.ts'
import { http, Line, until } from './doors-world.ts'

const OTHER: ControlEvent = {
  ...{ kind: 'other-server', family: 4, server: '192.0.2.66', interface: 'eth0' },
  ...{ relay: '', clients: 1 },
}

/** A door behind which there are only events. */
async function served(
  t: Test,
  value: () => object = () => ({}),
  more: Partial<HttpDoorPlan> = {},
  beforeAnswer: () => void = () => {},
) {
  const ring = new EventRing('life', () => 0)
  let closed = 0
  const log = { enabled: () => false, write: () => {} }
  const doors = new Doors(
    {
      desk: {
        ask: () => {},
        askHttp: () => {},
        askApi: ({ lastEventId: since }, answer) => {
          const events = ring.follow({ names: USUAL_NAMES, since, value })!
          const close = events.close.bind(events)
          events.close = () => {
            closed++
            close()
          }
          beforeAnswer()
          answer({ status: 200, events })
        },
        pieces: () => [].values(),
      },
      health: { troubles: () => [], unready: () => [] },
      describe: () => ({}),
    },
    log,
  )
  t.teardown(() => doors.close())
  const plan = await http('ca', more)
  doors.use({ doors: [plan], roles: [] })
  await until(() => doors.closed.length === 0)
  const follow = (headers = '') =>
    new Line(plan).say(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`)
  return { ring, doors, plan, follow, closed: () => closed }
}

t.test('events come while the connection is open, and go on after it', async (t) => {
  const { ring, follow, closed } = await served(t)
  const line = follow()
  await until(() => line.heard.includes('\r\n:\n\n'))
  t.match(line.heard, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(line.heard, /content-type: text\/event-stream\r\n/i)
  t.match(line.heard, /cache-control: no-store\r\n/i)
  ring.note(OTHER)
  await until(() => line.heard.includes('id: life-1\nevent: other-server\n'))
  line.socket.destroy()
  await until(() => closed() === 1)
  ring.note(OTHER)
  const again = follow('Last-Event-ID: life-1\r\n')
  await until(() => again.heard.includes('id: life-2\n'))
  t.notMatch(again.heard, /id: life-1\n/)
  again.socket.destroy()
})

t.test('who does not read has no more of the server than a socket holds', async (t) => {
  let read = 0
  const long = 'x'.repeat(10_000)
  const { ring, follow } = await served(t, () => {
    read++
    return { long }
  })
  const line = follow()
  await until(() => line.heard.includes('\r\n:\n\n'))
  line.socket.pause()
  for (let count = 0; count < 5000; count++) ring.note(OTHER)
  const next = follow('Last-Event-ID: life-4999\r\n')
  await until(() => next.heard.includes('id: life-5000\n'))
  t.ok(read < 5000, 'of 50 MB the rest stays where it is')
  line.socket.resume()
  await until(() => line.heard.includes('id: life-5000\n'))
  t.equal(line.heard.match(/^id: /gm)?.length, 5000, 'who reads again has all of it')
  for (const { socket } of [line, next]) socket.destroy()
})

t.test('a server that stops ends its streams', async (t) => {
  const { ring, doors, follow } = await served(t)
  const line = follow()
  await until(() => line.heard.includes('\r\n:\n\n'))
  ring.note(OTHER)
  ring.end()
  await doors.close()
  t.match(await line.ended, /id: life-1\n[\s\S]*\r\n0\r\n\r\n$/, 'what there was is told yet')
})

const ROLE = {
  ...plainRole('viewer'),
  users: [],
  certificates: [],
  networks: [],
  tokens: [],
  sockets: [],
}
const USERS = { realm: 'lab', list: [{ user: 'ann', password: 'x' }] }
const ANN = `Authorization: Basic ${Buffer.from('ann:x').toString('base64')}\r\n`

t.test('a stream ends when its user, its role or its port is gone', async (t) => {
  const rows: readonly (readonly [string, (plan: HttpDoorPlan) => Parameters<Doors['use']>[0]])[] =
    [
      ['user', (plan) => ({ doors: [{ ...plan, users: { ...USERS, list: [] } }], roles: [] })],
      ['role', (plan) => ({ doors: [plan], roles: [{ ...ROLE, deny: ['lease4-get-all'] }] })],
      ['port', () => ({ doors: [], roles: [] })],
    ]
  for (const [what, next] of rows) {
    const { ring, doors, plan, follow, closed } = await served(t, undefined, { users: USERS })
    const line = follow(ANN)
    await until(() => line.heard.includes('\r\n:\n\n'))
    // Another plan of the same content is no reason to end anything.
    doors.use({ doors: [structuredClone(plan)], roles: [] })
    ring.note(OTHER)
    await until(() => line.heard.includes('id: life-1\n'))
    doors.use(next(plan))
    ring.note(OTHER)
    await until(() => line.heard.endsWith('\r\n0\r\n\r\n'))
    t.notMatch(line.heard, /id: life-2/, `${what}: nothing more is told`)
    t.equal(closed(), 1)
    if (what === 'port') await line.ended
    line.socket.destroy()
  }
})

t.test('nor does one begin for who lost the right while the request was read', async (t) => {
  let change = (): void => {}
  const { ring, doors, plan, follow, closed } = await served(t, undefined, { users: USERS }, () =>
    change(),
  )
  change = () => doors.use({ doors: [{ ...plan, users: { ...USERS, list: [] } }], roles: [] })
  const line = follow(ANN)
  await until(() => closed() === 1)
  ring.note(OTHER)
  await until(() => line.heard.endsWith('\r\n0\r\n\r\n'))
  t.notMatch(line.heard, /id: life/)
  line.socket.destroy()
})
