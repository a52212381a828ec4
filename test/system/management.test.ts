// Kea's own clients at a server of Whio: kea-shell, which asks by HTTP, and kea-ctrl-agent, which
// passes on to unix sockets what it is asked. They need not know whom they ask.

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { folder } from './daemon.ts'
import { type Namespace, network, type Running, systemSkip } from './netns.ts'

const skip = systemSkip('kea-shell', 'kea-ctrl-agent')

/** What `kea-shell` prints, and how it ends. */
interface Shell {
  readonly code: number
  readonly text: string
}

class Site {
  readonly where: Namespace
  readonly at: string
  readonly whio: Running
  readonly file: string

  constructor(t: Test) {
    const net = network(t)
    this.where = net.namespace('server')
    net.veth(this.where, 'lan0', net.namespace('client'), 'eth0')
    this.at = folder(t)
    this.file = join(this.at, 'whio.conf')
    this.where.addAddress('lan0', '192.0.2.1/24')
    this.where.addAddress6('lan0', '2001:db8:1::1/64')
    this.configure({})
    this.whio = this.where.node('bin/whio.ts', 'serve', '-c', this.file)
  }

  configure(more: object): void {
    const loggers = [{ name: 'kea-dhcp4', 'output-options': [{ output: 'stdout' }] }]
    const socket = (name: string) => ({ 'socket-type': 'unix', 'socket-name': join(this.at, name) })
    const both = { 'interfaces-config': { interfaces: ['lan0'] } }
    writeFileSync(
      this.file,
      JSON.stringify({
        Dhcp4: {
          ...both,
          loggers,
          'lease-database': { type: 'memfile', name: join(this.at, 'leases.sqlite') },
          'control-socket': socket('kea4'),
          subnet4: [{ id: 7, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.19' }] }],
        },
        Dhcp6: {
          ...both,
          'control-sockets': [socket('kea6')],
          subnet6: [
            { id: 11, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::100/120' }] },
          ],
        },
        'Control-agent': {
          'http-port': 8000,
          'control-sockets': { dhcp4: socket('kea4'), dhcp6: socket('kea6') },
          ...more,
        },
      }),
    )
  }

  async isReady(): Promise<void> {
    await this.whio.until(/"DHCP4_INTERFACE_SERVING"/)
    await this.whio.until(/"DHCP6_INTERFACE_SERVING"/)
    await this.whio.until(/"CONTROL_SOCKET_OPEN".*:8000/)
  }

  shell(words: readonly string[], given = ''): Shell {
    const command = ['netns', 'exec', this.where.name, 'kea-shell', ...words]
    try {
      const text = execFileSync('ip', command, { input: given, encoding: 'utf8', stdio: 'pipe' })
      return { code: 0, text }
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }
      return { code: status, text: `${stdout}${stderr}` }
    }
  }

  /** The reply of the only server asked. */
  ask(words: readonly string[], given = ''): Record<string, unknown> {
    const { code, text } = this.shell(words, given)
    if (code !== 0) throw new Error(text)
    const [reply] = JSON.parse(text)
    return reply
  }
}

t.test('kea-shell', { skip }, async (t) => {
  const site = new Site(t)
  await site.isReady()
  const port = ['--host', '127.0.0.1', '--port', '8000']
  t.match(site.ask([...port, 'version-get']), { result: 0, text: /^\d+\.\d+\.\d+$/ })
  t.match(site.ask([...port, '--service', 'dhcp4', 'status-get']), {
    result: 0,
    arguments: { pid: Number, sockets: { status: 'ready' } },
  })
  const lease = '"ip-address": "192.0.2.10", "hw-address": "02:11:22:33:44:55", "hostname": "Zoë"'
  t.match(site.ask([...port, '--service', 'dhcp4', 'lease4-add'], lease), {
    result: 0,
    text: 'Lease for address 192.0.2.10, subnet-id 7 added.',
  })
  const one = site.ask([...port, '--service', 'dhcp4', 'lease4-get'], '"ip-address": "192.0.2.10"')
  t.match(one, { result: 0, arguments: { 'hw-address': '02:11:22:33:44:55', hostname: 'zoë' } })
  const six = '"ip-address": "2001:db8:1::101", "duid": "00:03:00:01:02:11:22:33:44:55", "iaid": 1'
  t.match(site.ask([...port, '--path', 'dhcp6', '--service', 'dhcp6', 'lease6-add'], six), {
    result: 0,
  })
  t.match(site.ask([...port, '--service', 'd2', 'version-get']), {
    result: 1,
    text: 'forwarding socket is not configured for the server type d2',
  })
  t.match(site.ask([...port, '--service', 'dhcp4', 'foo-bar']), { result: 2 })
  const both = site.shell([...port, '--service', 'dhcp4', '--service', 'dhcp6', 'version-get'])
  t.match(both, { code: 0 })
  t.equal(JSON.parse(both.text).length, 2)
})

t.test('kea-shell with a password', { skip }, async (t) => {
  const site = new Site(t)
  await site.isReady()
  const port = ['--host', '127.0.0.1', '--port', '8000']
  const users = [{ user: 'ops', password: 'secret' }]
  site.configure({ authentication: { type: 'basic', realm: 'lab', clients: users } })
  site.whio.kill('SIGHUP')
  await site.whio.until(/"DHCP4_CONFIG_COMPLETE"/)
  t.match(site.shell([...port, 'version-get']), { code: 1, text: /HTTP Error 401: Unauthorized/ })
  const login = ['--auth-user', 'ops', '--auth-password', 'secret']
  t.match(site.ask([...port, ...login, 'version-get']), { result: 0 })
  const wrong = ['--auth-user', 'ops', '--auth-password', 'other']
  t.match(site.shell([...port, ...wrong, 'version-get']), { code: 1 })
  const opened = [...site.whio.stdout.matchAll(/"CONTROL_SOCKET_OPEN"/g)]
  t.equal(opened.length, 3, 'no socket was opened again')
})

t.test('kea-ctrl-agent before the unix sockets', { skip }, async (t) => {
  const site = new Site(t)
  await site.isReady()
  const file = join(site.at, 'agent.conf')
  const socket = (name: string) => ({ 'socket-type': 'unix', 'socket-name': join(site.at, name) })
  const agent = {
    ...{ 'http-host': '127.0.0.1', 'http-port': 8001 },
    'control-sockets': { dhcp4: socket('kea4'), dhcp6: socket('kea6') },
    loggers: [{ name: 'kea-ctrl-agent', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
  }
  writeFileSync(file, JSON.stringify({ 'Control-agent': agent }))
  const folders = [`KEA_LOCKFILE_DIR=${site.at}`, `KEA_PIDFILE_DIR=${site.at}`]
  const kea = site.where.start('env', ...folders, 'kea-ctrl-agent', '-c', file)
  await kea.until(/HTTP_SERVICE_STARTED|STARTED/)
  const port = ['--host', '127.0.0.1', '--port', '8001']
  t.match(site.ask([...port, '--service', 'dhcp4', 'version-get']), {
    result: 0,
    text: /^\d+\.\d+\.\d+$/,
  })
  const { arguments: names } = site.ask([...port, '--service', 'dhcp6', 'list-commands'])
  t.ok((names as string[]).includes('lease6-add'))
  const lease = '"ip-address": "192.0.2.11", "hw-address": "02:11:22:33:44:56"'
  t.match(site.ask([...port, '--service', 'dhcp4', 'lease4-add'], lease), { result: 0 })
  t.match(site.ask([...port, '--service', 'dhcp6', 'lease6-get-all'], '"subnets": [11]'), {
    result: 3,
  })
  const both = site.shell([...port, '--service', 'dhcp4', '--service', 'dhcp6', 'status-get'])
  const pids = JSON.parse(both.text).map(
    (reply: { arguments: { pid: number } }) => reply.arguments.pid,
  )
  t.equal(new Set(pids).size, 1, 'both servers are one process')
})

t.test(
  'shutdown is answered before the process ends, with the code that was named',
  { skip },
  async (t) => {
    const site = new Site(t)
    await site.isReady()
    const said = await new Promise<string>((resolve) => {
      let heard = ''
      const socket = connect(join(site.at, 'kea4'))
      socket.on('data', (part: Buffer) => {
        heard += part.toString()
      })
      socket.on('close', () => resolve(heard))
      socket.write('{"command":"shutdown","arguments":{"exit-value":5}}')
    })
    t.match(JSON.parse(said), { result: 0, text: 'Shutting down.' })
    t.equal(await site.whio.ended, 5)
    t.throws(() => readFileSync(join(site.at, 'kea4.lock')), 'the files of the sockets are gone')
  },
)

t.test('/metrics by HTTP, and what kea-exporter asks', { skip }, async (t) => {
  const site = new Site(t)
  await site.isReady()
  const script = `
    const { status, headers, text } = await fetch('http://127.0.0.1:8000/metrics').then(
      async (reply) => ({ status: reply.status, headers: reply.headers, text: await reply.text() }))
    const ask = async (command, service) => {
      const body = JSON.stringify({ command, ...(service && { service }) })
      const reply = await fetch('http://127.0.0.1:8000/', {
        method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
      return reply.json()
    }
    const [agent] = await ask('config-get')
    const services = Object.keys(agent.arguments['Control-agent']['control-sockets'])
    const statistics = await ask('statistic-get-all', services)
    console.log(JSON.stringify({ status, type: headers.get('content-type'), text, services, statistics }))`
  const told = JSON.parse(
    site.where.run(process.execPath, '--input-type=module', '-e', script),
  ) as Record<string, unknown>
  t.match(told, {
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    services: ['dhcp4', 'dhcp6'],
    statistics: [
      { result: 0, arguments: { 'subnet[7].total-addresses': [[10, String]] } },
      { result: 0, arguments: { 'subnet[11].total-nas': [[256, String]] } },
    ],
  })
  const text = String(told.text)
  t.match(text, /^kea_dhcp4_addresses_total\{subnet="192\.0\.2\.0\/24",.*pool="",?\} 10$/m)
  t.match(text, /^kea_dhcp6_na_total\{.*\} 256$/m)
  t.match(text, /^whio_serving 1$/m)
  if (spawnSync('promtool', ['--version']).status === 0)
    t.equal(spawnSync('promtool', ['check', 'metrics'], { input: text }).status, 0)
})
