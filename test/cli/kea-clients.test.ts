// Programs that ask Kea, acted out request by request at `whio serve`: an exporter for Prometheus,
// a plugin of an address management, an agent of a dashboard. Each is known by what it asks and
// what it looks at in the answers.

import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freePorts } from '../../lib/cli/lab-cable.ts'
import { configure, folder, start } from './whio.ts'

interface Site {
  readonly at: string
  readonly url: string
  /** The sockets of both families. */
  readonly sockets: Readonly<Record<'dhcp4' | 'dhcp6', string>>
}

async function served(t: Test): Promise<Site> {
  const at = folder(t)
  const [port, server, client] = await freePorts(3)
  const sockets = { dhcp4: join(at, 'kea4'), dhcp6: join(at, 'kea6') }
  const unix = (path: string) => ({ 'socket-type': 'unix', 'socket-name': path })
  const file = configure(at, {
    'control-sockets': [unix(sockets.dhcp4)],
    subnet4: [{ id: 7, subnet: '198.18.0.0/24', pools: [{ pool: '198.18.0.10-198.18.0.99' }] }],
    'shared-networks': [
      { name: 'floor', subnet4: [{ id: 8, subnet: '198.18.1.0/24', pools: [] }] },
    ],
    'hooks-libraries': [{ library: 'libdhcp_lease_cmds.so' }, { library: 'libdhcp_host_cmds.so' }],
  })
  const document = JSON.parse(readFileSync(file, 'utf8'))
  const Dhcp6 = {
    'interfaces-config': { interfaces: [] },
    'control-sockets': [unix(sockets.dhcp6)],
    subnet6: [{ id: 11, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::100/120' }] }],
  }
  const agent = {
    'http-port': port,
    'control-sockets': { dhcp4: unix(sockets.dhcp4), dhcp6: unix(sockets.dhcp6) },
  }
  writeFileSync(file, JSON.stringify({ ...document, Dhcp6, 'Control-agent': agent }))
  const ports = ['-p', `${server}`, '-P', `${client}`, '--server-port6', '0', '--client-port6', '0']
  const whio = start(t, ['serve', '-c', file, ...ports])
  for (let n = 0; n < 3; n++) await whio.log('CONTROL_SOCKET_OPEN')
  const url = `http://127.0.0.1:${port}`
  // As long as the journal is read it is not.
  while ((await fetch(`${url}/readyz`)).status !== 200) await delay(20)
  return { at, url, sockets }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON, looked at by match
type Reply = any

/** One write, and everything until the end. */
function bySocket(path: string, request: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(path, () => socket.write(JSON.stringify(request)))
    socket.setEncoding('utf8').on('data', (part: string) => {
      heard += part
    })
    socket.on('error', reject)
    socket.on('end', () => resolve(JSON.parse(heard)))
  })
}

async function byHttp(url: string, request: object): Promise<Reply> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) })
  if (response.status >= 400) throw new Error(`${response.status} ${await response.text()}`)
  const replies = await response.json()
  if (!Array.isArray(replies)) throw new Error('every reply is a list')
  return replies
}

const lease = (last: number) => ({
  'ip-address': `198.18.0.${last}`,
  'hw-address': `02:00:00:00:00:${last}`,
})

t.test('kea-exporter, by sockets and by the agent', async (t) => {
  const { sockets, url } = await served(t)
  const scraped = async (family: 'dhcp4' | 'dhcp6', name: 'Dhcp4' | 'Dhcp6', subnets: string) => {
    const { result, arguments: config } = await bySocket(sockets[family], { command: 'config-get' })
    t.equal(result, 0)
    t.ok(Array.isArray(config[name][subnets]), 'it indexes the list of subnets')
    const statistics = await bySocket(sockets[family], { command: 'statistic-get-all' })
    t.equal(statistics.result, 0)
    const [value, at] = statistics.arguments[`pkt${family.at(-1)}-received`][0]
    t.type(value, 'number')
    t.match(at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
  }
  await scraped('dhcp4', 'Dhcp4', 'subnet4')
  await scraped('dhcp6', 'Dhcp6', 'subnet6')

  const [own] = await byHttp(url, { command: 'config-get' })
  const services = Object.keys(own.arguments['Control-agent']['control-sockets'])
  t.same(services.sort(), ['dhcp4', 'dhcp6'])
  const [four, six] = await byHttp(url, { command: 'config-get', service: ['dhcp4', 'dhcp6'] })
  t.ok(four.arguments.Dhcp4.subnet4 && six.arguments.Dhcp6.subnet6, 'answers go by position')
  const both = await byHttp(url, { command: 'statistic-get-all', service: ['dhcp4', 'dhcp6'] })
  t.ok(both[0].arguments['pkt4-received'] && both[1].arguments['pkt6-received'])
})

t.test('netbox-kea, with a url for each family', async (t) => {
  const { url } = await served(t)
  const ask = async (command: string, given?: object, family = 'dhcp4') =>
    (await byHttp(`${url}/${family}`, { command, ...(given && { arguments: given }) }))[0]
  t.match(await ask('version-get'), { result: 0, arguments: { extended: /Whio/ } })
  t.match(await ask('status-get'), { result: 0, arguments: { pid: Number, uptime: Number } })
  const { arguments: found } = await ask('subnet4-list')
  t.same(
    found.subnets.map((one: Reply) => [one.id, one['shared-network-name']]),
    [
      [7, null],
      [8, 'floor'],
    ],
  )
  const page = { from: 'start', limit: 10 }
  t.match(await ask('lease4-get-page', page), { result: 3, arguments: { count: 0, leases: [] } })
  t.match(await ask('lease4-add', lease(10)), { result: 0 })
  t.match(await ask('lease4-get-page', page), { result: 0, arguments: { count: 1 } })
  t.match(await ask('lease4-get-by-hw-address', { 'hw-address': '02:00:00:00:00:10' }), {
    result: 0,
    arguments: { leases: [{ 'ip-address': '198.18.0.10' }] },
  })
  t.match(await ask('lease4-get', { 'ip-address': '198.18.0.11' }), { result: 3 })
  t.match(await ask('lease4-del', { 'ip-address': '198.18.0.10' }), { result: 0 })
  t.match(await ask('lease4-del', { 'ip-address': '198.18.0.10' }), { result: 3 })
  t.match(await ask('subnet6-list', undefined, 'dhcp6'), { result: 0 })
  t.match(await ask('lease6-get-page', page, 'dhcp6'), { result: 3 })
})

t.test('the agent of Stork, before a control agent', async (t) => {
  const { url } = await served(t)
  const ask = async (command: string, given?: object, service?: string) => {
    const to = service === undefined ? {} : { service: [service] }
    const replies = await byHttp(`${url}/`, { command, ...to, ...(given && { arguments: given }) })
    t.equal(replies.length, 1, 'a list of exactly one')
    return replies[0]
  }
  t.match((await ask('version-get')).text, /^\d+\.\d+\.\d+/)
  for (const service of ['dhcp4', 'dhcp6']) {
    t.match(await ask('version-get', undefined, service), { result: 0, text: /^\d+\.\d+\.\d+/ })
    t.match(await ask('status-get', undefined, service), { result: 0 })
    const raw = async () =>
      (
        await fetch(url, {
          method: 'POST',
          body: JSON.stringify({ command: 'config-get', service: [service] }),
        })
      ).text()
    t.equal(await raw(), await raw(), 'what is hashed stays the same bytes')
    t.match(await ask('statistic-get-all', undefined, service), { result: 0 })
  }
  const { arguments: config } = await ask('config-get', undefined, 'dhcp4')
  const libraries = config.Dhcp4['hooks-libraries'].map(({ library }: Reply) => library)
  t.match(libraries.join(), /lease_cmds.*host_cmds/)
  const host = { 'hw-address': '02:00:00:00:00:60', 'ip-address': '198.18.0.60', 'subnet-id': 7 }
  t.match(await ask('reservation-add', { reservation: host }, 'dhcp4'), { result: 0 })
  const after = { 'subnet-id': 7, 'source-index': 1, from: 0, limit: 1000 }
  const page = await ask('reservation-get-page', after, 'dhcp4')
  t.ok([0, 3].includes(page.result) && Array.isArray(page.arguments.hosts), 'its paging ends')
  t.match(await ask('lease4-get-by-hw-address', { 'hw-address': '' }, 'dhcp4'), { result: 3 })
  t.match(await ask('lease4-get-by-hostname', { hostname: 'x' }, 'dhcp4'), { result: 3 })
  const six = await ask('lease6-get-by-duid', { duid: '00:01:02' }, 'dhcp6')
  t.match(six, { result: 3, arguments: { leases: [] } })
  t.match(await ask('config-write', undefined, 'dhcp4'), { result: 0 })
})

t.test('Prometheus and a script', async (t) => {
  const { url } = await served(t)
  const metrics = await fetch(`${url}/metrics`)
  t.equal(metrics.status, 200)
  t.match(await metrics.text(), /^kea_dhcp4_addresses_total\{/m)
  const ask = (path: string, method = 'GET', body?: object) =>
    fetch(`${url}/api/v1${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
  await byHttp(`${url}/dhcp4`, { command: 'lease4-add', arguments: lease(11) })
  t.match(await (await ask('/leases?q=0.11')).json(), { total: 1 })
  t.equal((await ask('/leases/198.18.0.11:reserve', 'POST')).status, 201)
  const at = '/reservations/7/hw-address/02:00:00:00:00:11'
  t.match(await (await ask(at)).json(), { 'ip-address': '198.18.0.11' })
  t.equal((await ask(at, 'DELETE')).status, 200)
  const lines = await fetch(`${url}/api/v1/leases`, { headers: { Accept: 'application/x-ndjson' } })
  t.match(JSON.parse(await lines.text()), { address: '198.18.0.11' })
  const config = await ask('/config')
  t.match(config.headers.get('etag'), /^".+"$/)
  t.equal((await ask('/config', 'PATCH', { Dhcp4: {} })).status, 428)
  const described = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object }
  t.ok('/api/v1/leases' in described.paths && '/dhcp4' in described.paths)
})
