// The hooks of examples/hooks do what they say: each in a server, with the file, database or
// service that it asks.

import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { HookWorld, until } from '../platform/hook-world.ts'

const { discover } = MESSAGE_TYPE4
const EXAMPLES = join(import.meta.dirname, '../../examples/hooks')

/** A copy, since whoever runs the tests may not own the checkout. */
function example(t: Test, name: string) {
  const hooks = new HookWorld()
  t.teardown(() => hooks.close())
  const library = join(hooks.folder, name)
  copyFileSync(join(EXAMPLES, name), library)
  return { hooks, library }
}

t.test('log-to-file: a line for each change of a lease', async (t) => {
  const { hooks, library } = example(t, 'log-to-file.mjs')
  const file = join(hooks.folder, 'leases.txt')
  const server = await hooks.serve4([{ library, parameters: { file } }])
  server.request(1, 10)
  server.endBatch()
  server.committed()
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'))
  t.match(readFileSync(file, 'utf8'), /^\d.*Z granted 192\.0\.2\.10 02:00:00:00:00:01 \n$/)
})

t.test('metrics-counter: by vendor, on the page of metrics', async (t) => {
  const { hooks, library } = example(t, 'metrics-counter.mjs')
  const server = await hooks.serve4([{ library }])
  for (const client of [1, 2]) server.arrive(discover, client, { 60: 'phone' })
  server.arrive(discover, 3)
  const metric = hooks.hooks
    .metrics()
    .find(({ name }) => name === 'whio_hook_vendors_discovers_total')
  t.match(metric, {
    type: 'counter',
    values: [
      { labels: { vendor: 'phone', hook: 'vendors' }, value: 2 },
      { labels: { vendor: '' }, value: 1 },
    ],
  })
})

t.test('option-from-database: the boot file of the row, for its client alone', async (t) => {
  const { hooks, library } = example(t, 'option-from-database.mjs')
  const path = join(hooks.folder, 'hosts.sqlite')
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE boot (hw TEXT PRIMARY KEY, file TEXT NOT NULL)')
  database.exec("INSERT INTO boot VALUES ('02:00:00:00:00:01', 'one.efi')")
  database.close()
  const sees = `export default { name: 'sees', apiVersion: 1, setup4: () => ({
    reply({ query, reply }) { globalThis.bootFiles.push([query.xid, reply.option(67)]) } }) }`
  const seen: [number, Uint8Array | undefined][] = []
  Object.assign(globalThis, { bootFiles: seen })
  const parameters = { database: path }
  const server = await hooks.serve4([{ library, parameters, timeout: 1900 }, { text: sees }])
  for (const client of [1, 2]) server.arrive(discover, client)
  await until(() => server.happenings.length > 2)
  const text = (client: number) => {
    const value = seen.find(([xid]) => xid === client)![1]
    return value && new TextDecoder().decode(value)
  }
  t.strictSame([text(1), text(2)], ['one.efi', undefined])
})

/** An inventory that knows two clients, until it is away. */
async function inventory(t: Test) {
  const clients: Record<string, object> = {
    '02:00:00:00:00:01': { addresses: ['192.0.2.200'], hostname: 'lamp', bootFile: 'lamp.bin' },
    '00:03:00:01:02:00:00:00:01:01': {
      addresses: ['2001:db8:1::cafe', '2001:db8:9000::/56', '2001:db8:77::1'],
    },
  }
  const state = { isAway: false }
  const service = createServer((request, response) => {
    const client = clients[decodeURIComponent(request.url!.split('/').at(-1)!)]
    response.writeHead(state.isAway ? 503 : client === undefined ? 404 : 200)
    response.end(JSON.stringify(client ?? {}))
  }).listen(0, '127.0.0.1')
  t.teardown(() => service.close())
  await once(service, 'listening')
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/clients/`
  return { state, library: { parameters: { url }, timeout: 1900, required: true } }
}

t.test('inventory: address, name and boot file of the client, renewals too', async (t) => {
  const { hooks, library } = example(t, 'inventory.mjs')
  const { state, library: more } = await inventory(t)
  const server = await hooks.serve4([{ library, ...more }])
  const idle = () => until(() => hooks.hooks.status()[0]!.waiting === 0)
  server.arrive(discover, 1)
  server.arrive(discover, 2)
  await until(() => server.given.length === 2)
  t.same(server.given.toSorted(), [0xc000020a, 0xc00002c8], 'who is not in it gets any address')
  server.request(1, 200)
  await until(() => {
    server.advance(10)
    return server.happenings.includes('commit 1')
  })
  server.committed()
  const lease = () => server.server.tables.v4.byAddress(0xc00002c8)
  t.match(lease(), { hwAddress: '\x02\0\0\0\0\x01', hostname: 'lamp' })
  t.ok(server.happenings.includes('send ACK 1'))
  state.isAway = true
  server.arrive(MESSAGE_TYPE4.request, 1, {}, 0xc00002c8)
  await until(() => server.last === 'drop hook-failed')
  t.notMatch(server.happenings.join(), 'NAK', 'nobody is sent away while the inventory is')
  await idle()
})

t.test('inventory: addresses and prefixes of DHCPv6, each where it belongs', async (t) => {
  const { hooks, library } = example(t, 'inventory.mjs')
  const { library: more } = await inventory(t)
  const server = await hooks.serve6([{ library, ...more }])
  server.ask(MESSAGE_TYPE6.solicit, 1)
  await until(() => {
    server.endBatch()
    return server.happenings.length > 0
  })
  t.match(server.happenings, ['send ADVERTISE 2001:db8:1::cafe 2001:db8:9000::/56'])
})

t.test('deny-by-http: 204 gives the lease, 403 refuses it, all else is a failure', async (t) => {
  const { hooks, library } = example(t, 'deny-by-http.mjs')
  const answers = [204, 403, 500]
  const service = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://localhost')
    const client = Number(searchParams.get('client')!.split(':').at(-1))
    response.writeHead(answers[client - 1]!).end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => service.close())
  await once(service, 'listening')
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/may`
  const server = await hooks.serve4([{ library, parameters: { url }, timeout: 1900 }])
  server.request(1, 10)
  await until(() => hooks.hooks.status()[0]!.waiting === 0)
  server.request(2, 11)
  await until(() => server.happenings.includes('send NAK 2'))
  server.request(3, 12)
  await until(() => server.last === 'drop hook-failed')
  server.advance(10)
  t.ok(server.happenings.includes('commit 1'), 'the first one is stored')
})

t.test('radius: Access-Accept, Access-Reject, and whoever does not know the secret', async (t) => {
  const { hooks, library } = example(t, 'radius.mjs')
  const secret = 'shared'
  const service = createSocket('udp4')
  t.teardown(() => service.close())
  service.on('message', (asked, { port, address }) => {
    const client = Number(String(asked).match(/02:00:00:00:00:0(\d)/)![1])
    const head = Buffer.from([client === 1 ? 2 : 3, asked[1]!, 0, 20])
    const hash = createHash('md5').update(head).update(asked.subarray(4, 20))
    const known = client === 3 ? 'another' : secret
    service.send(Buffer.concat([head, hash.update(known).digest()]), port, address)
  })
  service.bind(0, '127.0.0.1')
  await once(service, 'listening')
  const parameters = { address: '127.0.0.1', port: service.address().port, secret }
  const server = await hooks.serve4([{ library, parameters, timeout: 1000 }])
  server.request(2, 11)
  await until(() => server.last === 'send NAK 2')
  server.request(3, 12)
  await until(() => server.last === 'drop answer-too-late')
  server.request(1, 10)
  await until(() => hooks.hooks.status()[0]!.waiting === 0)
  await until(() => {
    server.advance(10)
    return server.happenings.includes('commit 1')
  })
  t.ok(true)
})
