// Forty requests that clients of Kea rely on, each with its reply, by their numbers and in their
// order: asked of `whio serve` through its real sockets, so that a pair finds what those before it
// have left.

import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { freePorts } from '../../lib/cli/lab-cable.ts'
import { folder, start } from './whio.ts'

type Family = 'dhcp4' | 'dhcp6'
// biome-ignore lint/suspicious/noExplicitAny: JSON, looked at by match
type Reply = any

interface Site {
  readonly file: string
  readonly sockets: Readonly<Record<Family, string>>
  readonly port: number
  /** What who fell silent is told (pair 3), on its way from the beginning on. */
  readonly silent: Promise<string>
}

const LOGIN = `Basic ${Buffer.from('ops:secret').toString('base64')}`
const HW = '02:11:22:33:44:55'
const DUID = '00:01:02:03:04'

/** `families`: what is served; the agent has sockets of both in its file all the same. */
async function served(t: Test, families: readonly Family[], isNamed: boolean): Promise<Site> {
  const at = folder(t)
  const [port = 0, server, client] = await freePorts(3)
  const sockets = { dhcp4: join(at, 'kea4'), dhcp6: join(at, 'kea6') }
  const unix = (family: Family) => ({ 'socket-type': 'unix', 'socket-name': sockets[family] })
  const Dhcp4 = {
    'interfaces-config': { interfaces: ['lo/127.0.0.1'] },
    'lease-database': { type: 'memfile', name: join(at, 'leases') },
    'control-sockets': [unix('dhcp4')],
    'valid-lifetime': 3600,
    subnet4: [
      {
        ...{ id: 7, subnet: '192.0.2.0/24' },
        pools: [{ pool: '192.0.2.10-192.0.2.19' }, { pool: '192.0.2.100/30' }],
      },
    ],
    'shared-networks': [
      {
        name: 'floor',
        subnet4: [
          { id: 8, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.10-198.51.100.12' }] },
        ],
      },
    ],
  }
  const Dhcp6 = {
    'interfaces-config': { interfaces: [] },
    'lease-database': { type: 'memfile', name: join(at, 'leases') },
    'control-sockets': [unix('dhcp6')],
    'valid-lifetime': 3600,
    subnet6: [
      {
        ...{ id: 11, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::100/120' }] },
        'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }],
      },
    ],
  }
  const agent = {
    ...{ 'http-host': '127.0.0.1', 'http-port': port },
    authentication: {
      ...{ type: 'basic', realm: 'lab' },
      clients: [{ user: 'ops', password: 'secret' }],
    },
    ...(isNamed && { 'control-sockets': { dhcp4: unix('dhcp4'), dhcp6: unix('dhcp6') } }),
  }
  const maps = {
    ...(families.includes('dhcp4') && { Dhcp4 }),
    ...(families.includes('dhcp6') && { Dhcp6 }),
  }
  const file = join(at, 'kea.conf')
  writeFileSync(file, JSON.stringify({ ...maps, 'Control-agent': agent }, undefined, 2))
  const ports = ['-p', `${server}`, '-P', `${client}`, '--server-port6', '0', '--client-port6', '0']
  const whio = start(t, ['serve', '-c', file, ...ports])
  for (let n = 0; n <= families.length; n++) await whio.log('CONTROL_SOCKET_OPEN')
  // As long as the journal is read it is not.
  while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200) await delay(20)
  const first = sockets[families[0]!]
  return { file, sockets, port, silent: heard(first, '{"command":"ver') }
}

/** One write, and everything until the end. */
function heard(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(path, () => socket.write(text))
    socket.setEncoding('utf8').on('data', (part: string) => {
      heard += part
    })
    socket.on('error', reject)
    socket.on('end', () => resolve(heard))
  })
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Reply
  /** On a connection that has had another request before. */
  readonly isKept: boolean
}

/** A connection of its own, unless an agent keeps one. */
function posted(
  { port }: Site,
  body: string,
  headers: object = {},
  agent = new Agent(),
): Promise<Answer> {
  const all = { 'Content-Type': 'application/json', Authorization: LOGIN, ...headers }
  const length = { 'Content-Length': Buffer.byteLength(body) }
  const to = { host: '127.0.0.1', port, method: 'POST', path: '/', agent }
  return new Promise((resolve, reject) => {
    const asking = request({ ...to, headers: { ...all, ...length } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: JSON.parse(text), isKept: asking.reusedSocket })
      })
    })
    asking.on('error', reject).end(body)
  })
}

type Step = (t: Test, site: Site) => Promise<void>
type Pair = readonly [what: string, ...steps: Step[]]

/** Of whatever leases there are. */
function withoutCltt(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCltt)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'cltt')
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutCltt(one)]))
}

async function asked(site: Site, family: Family, command: string, given?: unknown): Promise<Reply> {
  const text = JSON.stringify({ command, ...(given === undefined ? {} : { arguments: given }) })
  return JSON.parse(await heard(site.sockets[family], text))
}

/** Through a unix socket; the whole reply, but for cltt where that is not in it. */
function unix(family: Family) {
  return (command: string, given: unknown, reply: object): Step =>
    async (t, site) => {
      const found = await asked(site, family, command, given)
      const isCltt = JSON.stringify(reply).includes('"cltt"')
      t.strictSame(isCltt ? found : withoutCltt(found), reply, `${command} as a whole`)
    }
}

const u4 = unix('dhcp4')
const u6 = unix('dhcp6')

/** The same, of what is left to the server a pattern. */
function like(family: Family, command: string, given: unknown, reply: object): Step {
  return async (t, site) => {
    const found = await asked(site, family, command, given)
    t.match(found, reply, command)
    t.same(Object.keys(found).sort(), Object.keys(reply).sort(), `${command}: its keys`)
  }
}

const wrong = (text: string, result = 1) => ({ result, text })
const found = (count: number, leases: readonly object[] = []) => ({
  ...{ result: count === 0 ? 3 : 0, text: `${count} IPv4 lease(s) found.` },
  arguments: { leases },
})
const page = (...leases: readonly object[]) => {
  const { result, text } = found(leases.length)
  return { result, text, arguments: { count: leases.length, leases } }
}

const at4 = (last: number) => ({ 'ip-address': `192.0.2.${last}` })
const of4 = (last: number) => ({ ...at4(last), 'hw-address': HW })
const lease4 = (last: number, more: object = {}) => ({
  ...{ 'fqdn-fwd': false, 'fqdn-rev': false, hostname: '', 'hw-address': HW, ...at4(last) },
  ...{ state: 0, 'subnet-id': 7, 'valid-lft': 3600, ...more },
})
const NAMED = {
  ...{ 'fqdn-fwd': true, hostname: 'host-a.example.org' },
  ...{ 'user-context': { comment: 'hello' }, 'valid-lft': 600 },
}
const added = (last: number) => ({
  ...{ result: 0, text: `Lease for address 192.0.2.${last}, subnet-id 7 added.` },
})

const at6 = (last: string) => `2001:db8:1::${last}`
const of6 = (last: string, iaid: number) => ({ 'ip-address': at6(last), duid: DUID, iaid })

const VERSION = { result: 0, text: '3.2.0', arguments: { extended: /Whio/ } }
const HOST = { 'hw-address': 'ff:01:02:03:ff:01', 'ip-address': '192.0.2.60', 'subnet-id': 7 }
const NEW = { id: 42, subnet: '203.0.113.0/24' }

const version: Step = like('dhcp4', 'version-get', undefined, VERSION)

const PAIRS: readonly Pair[] = [
  ['U version-get', version],
  [
    'U hello',
    async (t, { sockets }) => {
      const told = JSON.parse(await heard(sockets.dhcp4, 'hello'))
      t.strictSame(told, wrong('invalid first character h'))
    },
  ],
  [
    'U half a command, then silence for ten seconds',
    async (t, { silent }) => {
      const text = 'Connection over control channel timed out'
      const told = JSON.parse(await silent)
      t.strictSame(told, wrong(`${text}, discarded partial command of 15 bytes`))
    },
  ],
  [
    'U two commands in one write: the first reply, and the end',
    async (t, { sockets }) => {
      const told = await heard(sockets.dhcp4, '{"command":"version-get"}{"command":"foo-bar"}')
      t.match(JSON.parse(told), VERSION)
    },
  ],
  ['U foo-bar', u4('foo-bar', undefined, wrong("'foo-bar' command not supported.", 2))],
  [
    'U version-get for another service, as 1',
    async (t, { sockets }) => {
      const text = '{"command":"version-get","service":["dhcp6"]}'
      const plain = '{"command":"version-get"}'
      t.equal(await heard(sockets.dhcp4, text), await heard(sockets.dhcp4, plain))
    },
  ],
  [
    'H version-get for three services: a list of three',
    async (t, site) => {
      const service = ['dhcp4', 'dhcp6', 'd2']
      const { status, body } = await posted(
        site,
        JSON.stringify({ command: 'version-get', service }),
      )
      const none = wrong('forwarding socket is not configured for the server type d2')
      t.match(body, [VERSION, VERSION, none])
      t.same([status, body.length], [200, 3])
    },
  ],
  [
    'H no credentials',
    async (t, site) => {
      const { status, headers, body } = await posted(site, '{"command":"version-get"}', {
        Authorization: 'none',
      })
      t.equal(status, 401)
      t.equal(headers['www-authenticate'], 'Basic realm="lab"')
      t.strictSame(body, wrong('Unauthorized', 401))
    },
  ],
  [
    'H Content-Type with a charset, which Kea refuses, is taken',
    async (t, site) => {
      const { status, body } = await posted(site, '{"command":"version-get"}', {
        'Content-Type': 'application/json; charset=utf-8',
      })
      t.equal(status, 200)
      t.match(body, [{ result: 0 }])
    },
  ],
  [
    'H half a body: 400, and the connection stays',
    async (t, site) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      t.after(() => agent.destroy())
      const { status, body } = await posted(site, '{"command":', {}, agent)
      t.equal(status, 400)
      t.strictSame(body, wrong('Bad Request', 400))
      const next = await posted(site, '{"command":"version-get"}', {}, agent)
      t.same([next.status, next.isKept], [200, true])
    },
  ],
  [
    'H an empty body',
    async (t, site) => {
      const { status, body } = await posted(site, '')
      t.equal(status, 200)
      t.strictSame(body, [wrong('Command processing failed: NULL command parameter')])
    },
  ],
  [
    'H a server that the agent has a socket of, and that is not there',
    async (t) => {
      const six = await served(t, ['dhcp6'], true)
      const text = JSON.stringify({ command: 'version-get', service: ['dhcp4', 'dhcp6'] })
      const { status, body } = await posted(six, text)
      t.equal(status, 200)
      t.strictSame(
        body[0],
        wrong(
          'unable to forward command to the dhcp4 service: No such file or directory. The server is likely to be offline',
        ),
      )
      t.match(body[1], VERSION)
    },
  ],
  ['lease4-add', u4('lease4-add', of4(10), added(10))],
  ['lease4-add again', u4('lease4-add', of4(10), wrong('IPv4 lease already exists.', 4))],
  [
    'lease4-add with an end and a name, and lease4-get',
    u4(
      'lease4-add',
      {
        ...{ ...of4(11), expire: 1_900_000_000, 'valid-lft': 600, hostname: 'Host-A.Example.org' },
        ...{ 'fqdn-fwd': true, comment: 'hello' },
      },
      added(11),
    ),
    u4('lease4-get', at4(11), {
      ...{ result: 0, text: 'IPv4 lease found.' },
      arguments: { ...lease4(11, NAMED), cltt: 1_899_999_400 },
    }),
  ],
  [
    'lease4-add in a subnet that is not there',
    u4(
      'lease4-add',
      { ...of4(12), 'subnet-id': 99 },
      wrong('Invalid subnet-id: No IPv4 subnet with subnet-id=99 currently configured.', 4),
    ),
  ],
  ['lease4-get of what is not there', u4('lease4-get', at4(99), wrong('Lease not found.', 3))],
  ['lease4-get {}', u4('lease4-get', {}, wrong("Mandatory 'subnet-id' parameter missing."))],
  ['lease4-get-all {}', u4('lease4-get-all', {}, wrong("'subnets' parameter not specified"))],
  ['lease4-get-all of an empty subnet', u4('lease4-get-all', { subnets: [8] }, found(0))],
  [
    'lease4-get-page twice',
    u4('lease4-add', of4(13), added(13)),
    u4('lease4-add', of4(14), added(14)),
    u4('lease4-get-page', { from: 'start', limit: 2 }, page(lease4(10), lease4(11, NAMED))),
    u4('lease4-get-page', { from: '192.0.2.11', limit: 2 }, page(lease4(13), lease4(14))),
  ],
  [
    'lease4-get-page behind the last',
    u4('lease4-get-page', { from: '192.0.2.200', limit: 2 }, page()),
  ],
  [
    'lease4-get-by-hw-address with dashes',
    like(
      'dhcp4',
      'lease4-get-by-hw-address',
      { 'hw-address': '02-11-22-33-44-55' },
      { result: 1, text: /^invalid format of the decoded string / },
    ),
  ],
  [
    'lease4-update of what is not there, and with force-create',
    like('dhcp4', 'lease4-update', of4(15), {
      ...{ result: 4, text: /^failed to update the lease with address 192\.0\.2\.15 / },
    }),
    u4('lease4-update', { ...of4(15), 'force-create': true }, wrong('IPv4 lease added.', 0)),
  ],
  [
    'lease4-del twice',
    u4('lease4-del', at4(15), wrong('IPv4 lease deleted.', 0)),
    u4('lease4-del', at4(15), wrong('IPv4 lease not found.', 3)),
  ],
  [
    'lease4-wipe of two subnets, one of them empty',
    u4('lease4-del', at4(14), wrong('IPv4 lease deleted.', 0)),
    u4('lease4-wipe', { 'subnet-id': 7 }, wrong('Deleted 3 IPv4 lease(s) from subnet(s) 7', 0)),
    u4('lease4-wipe', { 'subnet-id': 8 }, wrong('Deleted 0 IPv4 lease(s) from subnet(s) 8', 3)),
  ],
  [
    'lease6-add of a prefix',
    u6(
      'lease6-add',
      {
        ...{ 'ip-address': '2001:db8:8000::', duid: DUID, iaid: 78, type: 'IA_PD' },
        ...{ 'prefix-len': 56, 'subnet-id': 11 },
      },
      wrong('Lease for prefix 2001:db8:8000::/56, subnet-id 11 added.', 0),
    ),
  ],
  [
    'lease6-get by DUID, the iaid left out',
    u6(
      'lease6-add',
      of6('1ee', 77),
      wrong('Lease for address 2001:db8:1::1ee, subnet-id 11 added.', 0),
    ),
    u6(
      'lease6-get',
      { 'subnet-id': 11, 'identifier-type': 'duid', identifier: DUID },
      wrong('Lease not found.', 3),
    ),
  ],
  [
    'lease6-bulk-apply of two leases, and deletion of one that is there and one that is not',
    u6(
      'lease6-bulk-apply',
      {
        'deleted-leases': [{ 'ip-address': at6('1ff') }, { 'ip-address': at6('1ee') }],
        leases: [of6('100', 1), of6('101', 2)],
      },
      {
        ...{ result: 0, text: 'Bulk apply of 3 IPv6 leases completed.' },
        arguments: {
          'failed-deleted-leases': [
            {
              ...{ 'error-message': 'lease not found', 'ip-address': at6('1ff') },
              ...{ result: 3, type: 'IA_NA' },
            },
          ],
        },
      },
    ),
  ],
  [
    'lease6-bulk-apply of nothing',
    u6('lease6-bulk-apply', { leases: [] }, wrong('Bulk apply of 0 IPv6 leases completed.', 3)),
  ],
  [
    'stat-lease4-get, four used and one declined',
    ...[10, 11, 12, 13].map((last) => u4('lease4-add', of4(last), added(last))),
    u4('lease4-add', { ...of4(14), state: 1 }, added(14)),
    like('dhcp4', 'stat-lease4-get', undefined, {
      ...{ result: 0, text: 'stat-lease4-get[all subnets]: 2 rows found' },
      arguments: {
        'result-set': {
          columns: [
            ...['subnet-id', 'total-addresses', 'cumulative-assigned-addresses'],
            ...['assigned-addresses', 'declined-addresses'],
          ],
          // As Kea counts since 3.1.2: what is declined is assigned.
          rows: [
            [7, 14, 0, 5, 1],
            [8, 3, 0, 0, 0],
          ],
          timestamp: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/,
        },
      },
    }),
  ],
  [
    'stat-lease4-get of a subnet that is not there',
    u4(
      'stat-lease4-get',
      { 'subnet-id': 99 },
      {
        ...{ result: 3, arguments: {} },
        text: 'stat-lease4-get[subnet-id=99]: no matching data, subnet-id: 99 does not exist',
      },
    ),
  ],
  [
    'statistic-get of an unknown name',
    u4('statistic-get', { name: 'nope' }, { result: 0, arguments: {} }),
  ],
  [
    'statistic-reset of an unknown name',
    u4('statistic-reset', { name: 'nope' }, wrong("No 'nope' statistic found")),
  ],
  [
    'dhcp-disable for two seconds, and back on by itself',
    u4('dhcp-disable', { 'max-period': 2 }, wrong('DHCPv4 service disabled for 2 seconds', 0)),
    async (t, site) => {
      const isOff = async (): Promise<boolean> => {
        const { arguments: status } = await asked(site, 'dhcp4', 'status-get')
        return status['dhcp-state']['disabled-by-user']
      }
      while (await isOff()) await delay(50)
      t.notOk(await isOff())
    },
  ],
  [
    'config-test with a map of former times',
    u4('config-test', { Dhcp4: {}, Logging: {} }, wrong("Unsupported 'Logging' parameter.")),
  ],
  [
    'config-get, config-set of that without its hash, config-get',
    async (t, site) => {
      const got = () => heard(site.sockets.dhcp4, '{"command":"config-get"}')
      const before = await got()
      const { hash, ...without } = JSON.parse(before).arguments
      t.match(hash, /^[0-9A-F]{64}$/)
      const set = await asked(site, 'dhcp4', 'config-set', without)
      t.strictSame(set, {
        ...{ result: 0, text: 'Configuration successful.', arguments: { hash } },
      })
      t.equal(await got(), before)
    },
  ],
  [
    'config-reload of a broken file, and status-get',
    async (t, site) => {
      const text = readFileSync(site.file, 'utf8')
      writeFileSync(site.file, text.replace('"subnet4"', '"no-such-key": 1, "subnet4"'))
      const told = await asked(site, 'dhcp4', 'config-reload')
      writeFileSync(site.file, text)
      const failed = `Config reload failed: configuration error using file '${site.file}': `
      t.equal(told.result, 1)
      t.ok(told.text.startsWith(failed), told.text)
      t.match(told.text, 'no-such-key')
      t.match(await asked(site, 'dhcp4', 'status-get'), { result: 0 })
    },
  ],
  [
    'reservation-add and reservation-get-page',
    u4('reservation-add', { reservation: HOST }, wrong('Host added.', 0)),
    like(
      'dhcp4',
      'reservation-get-page',
      { 'subnet-id': 7, limit: 3 },
      {
        ...{ result: 0, text: '1 IPv4 host(s) found.' },
        arguments: { count: 1, hosts: [HOST], next: { from: Number, 'source-index': Number } },
      },
    ),
  ],
  [
    'subnet4-add, subnet4-del, subnet4-get',
    u4(
      'subnet4-add',
      { subnet4: [{ ...NEW, pools: [{ pool: '203.0.113.5-203.0.113.6' }] }] },
      { result: 0, text: 'IPv4 subnet added', arguments: { subnets: [NEW] } },
    ),
    u4(
      'subnet4-del',
      { id: 42 },
      {
        ...{ result: 0, text: 'IPv4 subnet 203.0.113.0/24 (id 42) deleted' },
        arguments: { subnets: [NEW] },
      },
    ),
    u4('subnet4-get', { id: 42 }, wrong('No subnet with id 42 found', 3)),
  ],
]

t.test('forty pairs of request and reply', async (t) => {
  t.equal(PAIRS.length, 40)
  const site = await served(t, ['dhcp4', 'dhcp6'], false)
  for (const [index, [what, ...steps]] of PAIRS.entries())
    await t.test(`pair ${index + 1}: ${what}`, async (t) => {
      for (const step of steps) await step(t, site)
    })
})
