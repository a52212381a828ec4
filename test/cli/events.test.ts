// Who follows events over the end of a server hears all of them: those that came while nobody
// followed, and those that a killed process had stored and never told. So does who is called.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freePorts } from '../../lib/cli/lab-cable.ts'
import { systemSkip } from '../system/netns.ts'
import { withState } from '../system/own-state.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { configure, type Ended, folder, start, Whio } from './whio.ts'

class Scene {
  readonly #t: Test
  readonly file: string
  readonly #url: string
  /** Words in front of the command. */
  readonly #before: readonly string[]
  #whio: Whio | undefined

  private constructor(t: Test, file: string, port: number, before: readonly string[]) {
    this.#t = t
    this.file = file
    this.#before = before
    this.#url = `http://127.0.0.1:${port}`
  }

  /** `more`: of the map Dhcp4. */
  static async of(
    t: Test,
    webhooks: readonly object[] = [],
    more: object = {},
    before: readonly string[] = [],
  ): Promise<Scene> {
    const [port] = await freePorts(1)
    const file = configure(folder(t), more, { 'lease-history': {}, webhooks })
    const document = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...document, 'Control-agent': { 'http-port': port } }))
    return new Scene(t, file, port!, before)
  }

  async begin(): Promise<void> {
    const words = ['serve', '-c', this.file, '-p', '0', '-P', '0']
    this.#whio = start(this.#t, words, {}, this.#before)
    await this.#whio.log('CONTROL_SOCKET_OPEN')
    while ((await fetch(`${this.#url}/readyz`)).status !== 200) await delay(20)
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#whio!.signal(signal)
    await this.#whio!.ended
  }

  /** What `whio history` says. */
  history(of: string): Promise<Ended> {
    return new Whio(['history', of, '-c', this.file], {}, this.#before).ended
  }

  /** How far webhooks were told, as it is kept. */
  get places(): string {
    const path = join(dirname(this.file), 'leases.sqlite.webhooks')
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  async command(command: string, given: object): Promise<void> {
    const body = JSON.stringify({ command, service: ['dhcp4'], arguments: given })
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(this.#url, { method: 'POST', headers, body })
    const [reply] = (await response.json()) as { result: number; text: string }[]
    if (reply?.result !== 0) throw new Error(`${command}: ${reply?.text}`)
  }

  async get(path: string): Promise<Record<string, unknown>> {
    return (await (await fetch(`${this.#url}${path}`)).json()) as Record<string, unknown>
  }

  async lease(number: number): Promise<void> {
    const given = { 'ip-address': `198.18.0.${number}`, 'hw-address': `02:00:00:00:00:${number}` }
    await this.command('lease4-add', { ...given, 'subnet-id': 1 })
  }

  /** Events behind this one, up to the first that has such a word; and the id of the last. */
  async heard(behind: string | undefined, last: string, meanwhile = async () => {}) {
    const end = new AbortController()
    const headers = behind === undefined ? {} : { 'Last-Event-ID': behind }
    const url = `${this.#url}/api/v1/events`
    const { body } = await fetch(url, { headers, signal: end.signal })
    let text = ''
    let begun = false
    for await (const part of body!.pipeThrough(new TextDecoderStream())) {
      text += part
      if (!begun) await meanwhile()
      begun = true
      if (text.includes(last) && text.endsWith('\n\n')) break
    }
    end.abort()
    const events = [...text.matchAll(/^id: (\S+)\nevent: (\S+)\ndata: (.*)$/gm)]
    const told = events.map(([, , name, data]) => {
      const { address = '' } = JSON.parse(data!).lease ?? {}
      return `${name} ${address}`.trim()
    })
    return { told, id: events.at(-1)![1]! }
  }
}

const skip = postgresSkip() || systemSkip('unshare', 'mount')

/** Who is told of all leases, whatever becomes of the server. */
async function goesOn(t: Test, scene: Scene): Promise<void> {
  await scene.begin()
  const first = await scene.heard(undefined, '198.18.0.20', () => scene.lease(20))
  t.same(first.told.slice(0, 1), ['lease.added 198.18.0.20'])
  await scene.lease(21)
  const class1 = { name: 'one', test: 'option[60].exists' }
  await scene.command('class-add', { 'client-classes': [class1] })
  await scene.lease(22)
  await scene.end('SIGKILL')

  await scene.begin()
  await scene.lease(23)
  const second = await scene.heard(first.id, '198.18.0.23')
  const leases = (told: readonly string[]) => told.filter((one) => one.startsWith('lease.added'))
  t.same(
    leases(second.told),
    [21, 22, 23].map((one) => `lease.added 198.18.0.${one}`),
  )
  t.ok(second.told.includes('config.applied'))
  t.notOk(second.told.includes('gap'))
  t.ok(second.told.includes('server.state'), 'and that it was started anew')
}

t.test('events go on over a kill and a start, and none of them is missing', async (t) => {
  await goesOn(t, await Scene.of(t))
})

/** Somebody who is called, and takes nothing as long as he is away. */
async function receiver(t: Test) {
  const told: string[] = []
  const state = { isAway: true, calls: 0 }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      state.calls++
      const { event, lease } = JSON.parse(body)
      if (!state.isAway) told.push(`${event} ${lease?.address ?? ''}`.trim())
      response.writeHead(state.isAway ? 503 : 204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await delay(20)
  }
  return { told, state, url, until }
}

t.test('a webhook that was away while the server was killed is told everything', async (t) => {
  const { told, state, url, until } = await receiver(t)
  const scene = await Scene.of(t, [{ url, events: ['lease', 'config.applied'] }])
  await scene.begin()
  await until(() => /"id":"\w+-\d+-\d+"/.test(scene.places))
  await scene.lease(20)
  await until(() => state.calls > 0)
  await scene.lease(21)
  const class1 = { name: 'one', test: 'option[60].exists' }
  await scene.command('class-add', { 'client-classes': [class1] })
  await scene.lease(22)
  await scene.end('SIGKILL')

  state.isAway = false
  await scene.begin()
  await scene.lease(23)
  await until(() => told.some((one) => one.endsWith('.23')))
  const leases = [20, 21, 22, 23].map((one) => `lease.added 198.18.0.${one}`)
  t.same(
    told.filter((one) => one.startsWith('lease.added')),
    leases,
  )
  t.ok(told.includes('config.applied'))
  t.notOk(told.includes('gap'))
})

t.test(
  'they do where leases are in PostgreSQL, and whio history reads it there',
  {
    skip,
  },
  async (t) => {
    const database = await Postgres.start(t)
    const own = { type: 'postgresql', host: database.folder, user: 'postgres', name: 'postgres' }
    const scene = await Scene.of(t, [], { 'lease-database': own }, withState(folder(t)))
    await goesOn(t, scene)
    await scene.command('lease4-del', { 'ip-address': '198.18.0.21' })
    const told = await scene.history('198.18.0.21')
    t.match(told, { code: 0, stdout: /Z?\d {2}198\.18\.0\.21 {2}leased {2}02:00:00:00:00:21/ })
    t.notMatch(told.stdout, /told/, 'it has ended')
    t.match(await scene.history('02:00:00:00:00:22'), {
      stdout: /\.22 .*\n\ntold/,
    })
    t.match(await scene.history('198.18.0.99'), {
      ...{ code: 1, stderr: /nothing is known of 198\.18\.0\.99 in .*postgres/ },
    })
    const { history } = await scene.get('/api/v1/history?of=02:00:00:00:00:23')
    t.match(history, [{ address: '198.18.0.23', what: 'leased', until: null }])
    await database.stop()
    t.match(await scene.history('198.18.0.21'), {
      ...{ code: 1, stderr: /cannot be read: .*no such file/ },
    })
  },
)
