// Who is called when something happens: what is sent, in which order, and what becomes of it where
// nobody takes it.

import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { EventRing } from '../../lib/control/events/event-ring.ts'
import type { ControlEvent } from '../../lib/control/events/event-words.ts'
import { Webhooks } from '../../lib/platform/webhooks.ts'
import { until } from './doors-world.ts'

const OTHER: ControlEvent = {
  ...{ kind: 'other-server', family: 4, server: '192.0.2.66', interface: 'eth0' },
  ...{ relay: '', clients: 1 },
}

interface Call {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Somebody who is called and answers as `answer` says. */
async function world(t: Test, answer: (call: number) => number) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      calls.push({ headers: request.headers, body })
      response.writeHead(answer(calls.length)).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=hidden`
  const lines: { id: string; fields: object }[] = []
  const log = {
    enabled: () => true,
    write: (_: unknown, id: string, __: unknown, fields: object) => void lines.push({ id, fields }),
  }
  const ring = new EventRing('life', () => 1000, 4)
  const value = ({ kind }: ControlEvent) => ({ kind })
  const follow = (names: readonly string[]) => ring.called(names, value)
  const hooks = new Webhooks({ follow, log, pauses: [1, 1] })
  t.teardown(() => {
    hooks.close()
    server.closeAllConnections()
    server.close()
  })
  return { calls, url, ring, hooks, lines }
}

const idOf = ({ headers }: Call) => headers['x-whio-id']

t.test('each event is one signed POST, in order', async (t) => {
  const { calls, url, ring, hooks } = await world(t, () => 204)
  const plan = { url, events: ['other-server'], secret: 'key' }
  hooks.use([plan])
  ring.note(OTHER)
  ring.note({ kind: 'state', state: 'serving' })
  ring.note(OTHER)
  await until(() => calls.length === 2)
  t.same(calls.map(idOf), ['life-1', 'life-3'], 'what it did not ask for is not sent')
  const [{ headers, body }] = calls as [Call]
  t.same(JSON.parse(body), { event: 'other-server', at: 1, kind: 'other-server' })
  t.equal(headers['x-whio-event'], 'other-server')
  t.equal(headers['content-type'], 'application/json')
  const signature = createHmac('sha256', 'key').update(body).digest('hex')
  t.equal(headers['x-whio-signature'], `sha256=${signature}`)
  hooks.use([{ ...plan, secret: '' }])
  ring.note(OTHER)
  await until(() => calls.length === 3)
  t.equal(calls[2]!.headers['x-whio-signature'], undefined, 'without a secret nothing is signed')
})

t.test('who does not take an event is asked again, and then it is given up', async (t) => {
  const { calls, url, ring, hooks, lines } = await world(t, (call) => (call <= 5 ? 500 : 200))
  hooks.use([{ url, events: ['other-server'], secret: 'key' }])
  ring.note(OTHER)
  ring.note(OTHER)
  await until(() => calls.length === 6)
  t.same(calls.map(idOf), [...Array(3).fill('life-1'), ...Array(3).fill('life-2')])
  t.same(
    lines.map(({ id }) => id),
    ['WEBHOOK_FAILED'],
  )
  t.match(lines[0]!.fields, { event: 'other-server', trouble: 'it answered 500' })
  t.notMatch(JSON.stringify(lines), /hidden|key/, 'nothing secret is in the log')
})

t.test('while nobody takes them, events are not piled up: the gap is told', async (t) => {
  let isAway = true
  const { calls, url, ring, hooks } = await world(t, () => (isAway ? 500 : 200))
  hooks.use([{ url, events: ['other-server'], secret: '' }])
  ring.note(OTHER)
  await until(() => calls.length > 0)
  for (let count = 0; count < 10; count++) ring.note(OTHER)
  isAway = false
  await until(() => calls.some((call) => idOf(call) === 'life-11'))
  const ids = calls.map(idOf)
  t.same(ids.slice(-5), ['life-7', 'life-8', 'life-9', 'life-10', 'life-11'])
  t.equal(JSON.parse(calls.at(-5)!.body).event, 'gap')
})
