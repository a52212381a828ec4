// Who is called when something happens: what is sent, in which order, what becomes of it where
// nobody takes it, and what the next process goes on with.

import { createHmac } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { EventRing } from '../../lib/control/events/event-ring.ts'
import type { ControlEvent } from '../../lib/control/events/event-words.ts'
import { WebhookPlaces } from '../../lib/platform/webhook-places.ts'
import { Webhooks } from '../../lib/platform/webhooks.ts'
import type { ToldTo } from '../../lib/ports/events.ts'
import { until } from './doors-world.ts'

const OTHER: ControlEvent = {
  ...{ kind: 'other-server', family: 4, server: '192.0.2.66', interface: 'eth0' },
  ...{ relay: '', clients: 1 },
}

interface Call {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly path: string
}

/** Somebody who is called and answers as `answer` says. */
async function world(t: Test, answer: (call: number) => number, pauses = [1, 1]) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      calls.push({ headers: request.headers, body, path: request.url! })
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
  const folder = mkdtempSync(join(tmpdir(), 'whio-webhooks-'))
  const journal = join(folder, 'leases')
  const lives: Webhooks[] = []
  /** A process that calls; without a history of leases only its own events can be told. */
  const life = (name: string) => {
    const ring = new EventRing(name, () => 1000, 4)
    const value = ({ kind }: ControlEvent) => ({ kind })
    const places = new WebhookPlaces(journal)
    const follow = (names: readonly string[], told?: ToldTo) => ring.called(names, told, value)
    const hooks = new Webhooks({ follow, places, log, pauses })
    lives.push(hooks)
    return { ring, hooks }
  }
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await Promise.all(lives.map((hooks) => hooks.close()))
    rmSync(folder, { recursive: true })
  })
  return { calls, url, lines, journal, life, ...life('life') }
}

function placesIn(journal: string): string {
  const path = `${journal}.webhooks`
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

const idOf = ({ headers }: Call) => headers['x-whio-id']

t.test('each event is one signed POST, in order', async (t) => {
  const { calls, url, ring, hooks } = await world(t, () => 204)
  const plan = { url, events: ['other-server'], secret: 'key' }
  hooks.use([plan])
  ring.note(OTHER)
  ring.note({ kind: 'state', state: 'serving' })
  ring.note(OTHER)
  await until(() => calls.length >= 2)
  t.same(calls.map(idOf), ['life-1', 'life-3'], 'what it did not ask for is not sent')
  const [{ headers, body }] = calls as [Call]
  t.same(JSON.parse(body), { event: 'other-server', at: 1, kind: 'other-server' })
  t.equal(headers['x-whio-event'], 'other-server')
  t.equal(headers['content-type'], 'application/json')
  const signature = createHmac('sha256', 'key').update(body).digest('hex')
  t.equal(headers['x-whio-signature'], `sha256=${signature}`)
  hooks.use([{ ...plan, secret: '' }])
  ring.note(OTHER)
  await until(() => calls.some((call) => idOf(call) === 'life-4'))
  // What is on its way at a change may be told once more.
  t.equal(
    calls.at(-1)!.headers['x-whio-signature'],
    undefined,
    'nothing is signed without a secret',
  )
})

t.test('who does not take an event is asked again, and then it is given up', async (t) => {
  const { calls, url, ring, hooks, lines } = await world(t, (call) => (call <= 5 ? 500 : 200))
  hooks.use([{ url, events: ['other-server'], secret: 'key' }])
  ring.note(OTHER)
  ring.note(OTHER)
  await until(() => calls.length >= 6)
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

t.test('a changed webhook goes on where it was, and another begins now', async (t) => {
  let isAway = true
  const { calls, url, ring, hooks } = await world(t, () => (isAway ? 500 : 204))
  hooks.use([{ url, events: ['other-server'], secret: 'key' }])
  ring.note(OTHER)
  await until(() => calls.length > 0)
  ring.note(OTHER)
  isAway = false
  const other = `${url}&other`
  hooks.use([
    { url, events: ['other-server', 'server.state'], secret: 'key' },
    { url: other, events: ['other-server'], secret: '' },
  ])
  ring.note({ kind: 'state', state: 'serving' })
  ring.note(OTHER)
  await until(() => calls.filter(({ path }) => path.endsWith('other')).length > 0)
  const to = (end: string) => calls.filter(({ path }) => path.endsWith(end)).map(idOf)
  await until(() => to('hidden').includes('life-4'))
  t.same(new Set(to('hidden')), new Set(['life-1', 'life-2', 'life-3', 'life-4']))
  t.same(to('other'), ['life-4'])
})

t.test('the next process says whether anything was lost with this one', async (t) => {
  const rows: readonly (readonly [string, boolean, 'stopped' | 'killed', readonly string[]])[] = [
    ['all was told, and it was stopped', true, 'stopped', ['other-server']],
    ['nothing was taken before it was stopped', false, 'stopped', ['gap', 'other-server']],
    ['nobody knows what else happened before a kill', true, 'killed', ['gap', 'other-server']],
  ]
  for (const [what, isTaken, end, expected] of rows)
    await t.test(what, async (t) => {
      let isAway = !isTaken
      const answer = () => (isAway ? 500 : 204)
      // None is given up before the end.
      const { calls, url, journal, ring, hooks, life } = await world(t, answer, [60_000])
      const plan = { url, events: ['other-server'], secret: '' }
      hooks.use([plan])
      ring.note(OTHER)
      await until(() => calls.length > 0)
      // What it has written last is all that a killed one leaves.
      if (end === 'stopped') await hooks.close()
      else await until(() => placesIn(journal).includes('life-1'))
      isAway = false
      calls.length = 0
      const next = life('next')
      next.hooks.use([plan])
      next.ring.note(OTHER)
      await until(() => calls.length >= expected.length)
      t.same(
        calls.map(({ headers }) => headers['x-whio-event']),
        expected,
      )
    })
})

t.test('a file of places that is none means that something may be lost', async (t) => {
  const { calls, url, journal, life } = await world(t, () => 204)
  writeFileSync(`${journal}.webhooks`, '{"half')
  const { hooks, ring } = life('next')
  hooks.use([{ url, events: ['other-server'], secret: '' }])
  ring.note(OTHER)
  await until(() => calls.length >= 2)
  t.equal(calls[0]!.headers['x-whio-event'], 'gap')
})
