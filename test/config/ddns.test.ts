// DhcpDdns and dhcp-ddns: what Kea's own files say of DNS, beside a server's file, and what is
// wrong in them, with Kea's errors. Where each key stands is told, and what it does in the plan.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compileSinks } from '../../lib/config/compile/sinks.ts'
import { loadPlanFromObject, loadPlanFromSources } from '../../lib/config/load.ts'
import type { CompileContext, FileLook } from '../../lib/config/plan/compile-context.ts'
import type { NamesPlan } from '../../lib/config/plan/names-plan.ts'
import { formatPath } from '../../lib/config/text/problem.ts'
import { newReport, Site } from '../../lib/config/text/site.ts'

const SECRET = 'V2hpby10ZXN0LWtleS1mb3ItRE5TLXVwZGF0ZXMtMDE='
const OCTETS = 'Whio-test-key-for-DNS-updates-01'
const KEY = { name: 'Whio-DHCP.', algorithm: 'HMAC-SHA256', secret: SECRET }
const SERVER = { 'ip-address': '192.0.2.53' }
const ZONE = { name: 'Example.ORG.', 'dns-servers': [SERVER] }

const HOST: CompileContext = { stateDirectory: '/var/lib/whio', look }

function look(path: string): FileLook {
  if (path.endsWith('.secret')) return { kind: 'file', text: `${SECRET}\n` }
  if (path === '/etc/shop/empty') return { kind: 'file', text: '\n' }
  const words: Readonly<Record<string, string>> = { name: 'n', word: 'w', both: 'b:w' }
  const word = words[path.replace('/srv/credentials/', '')]
  if (word !== undefined) return { kind: 'file', text: word }
  if (!/^(?:ca|here\.(?:crt|key))$/.test(path)) return { kind: 'trouble', trouble: 'absent' }
  const what = path.endsWith('key') ? 'PRIVATE KEY' : 'CERTIFICATE'
  return { kind: 'file', text: `-----BEGIN ${what}-----` }
}

interface Given {
  readonly DhcpDdns?: object
  readonly Dhcp4?: object
  readonly Dhcp6?: object
  readonly Whio?: object
}

function loaded(given: Given): { readonly names: NamesPlan | undefined; readonly said: string[] } {
  const { plan, problems } = loadPlanFromObject({ Dhcp4: {}, ...given }, HOST)
  const said = problems
    .filter(({ path, severity }) => severity !== 'info' && /Ddns|ddns/.test(formatPath(path)))
    .map(({ severity, path, code }) => `${severity} ${formatPath(path)} ${code}`)
  return { names: plan?.names, said }
}

const FOLDER = join(import.meta.dirname, 'kea-like-d2')
const FILES: Readonly<Record<string, readonly string[]>> = {
  'all-keys.json': ['ddns-unused'],
  'gss-tsig.json': ['key-refused', 'ddns-unused'],
  'template.json': [],
  'zones.json': ['ddns-unused', 'old-spelling'],
}

t.test("files like Kea's own for kea-dhcp-ddns, beside that of a server", async (t) => {
  t.same(readdirSync(FOLDER).sort(), Object.keys(FILES).sort())
  for (const [file, codes] of Object.entries(FILES)) {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    const server = { text: '{"Dhcp4": {}}', file: 'dhcp4.conf' }
    const { plan, problems } = loadPlanFromSources([server, { text, file }], noInclude, HOST)
    const found = problems.filter((problem) => problem.place?.file === file)
    const grave = found.filter(({ severity }) => severity !== 'info')
    t.same(grave.map(({ code }) => code).sort(), [...codes].sort(), file)
    t.equal(plan !== undefined, !codes.includes('key-refused'), file)
  }
})

t.test('zones: the longest first, whatever the case, each server with its key', async (t) => {
  const { names, said } = loaded({
    DhcpDdns: {
      'dns-server-timeout': 250,
      'tsig-keys': [KEY, { ...KEY, name: 'other', algorithm: 'hmac-md5', 'digest-bits': 80 }],
      'forward-ddns': {
        'ddns-domains': [
          { name: '*', 'dns-servers': [{ 'ip-address': '::1', port: 5353 }] },
          { ...ZONE, 'key-name': 'whio-dhcp', 'dns-servers': [SERVER, { ...SERVER, port: 54 }] },
          { name: 'lab.example.org', 'dns-servers': [{ ...SERVER, 'key-name': 'OTHER.' }] },
        ],
      },
      'reverse-ddns': {
        'ddns-domains': [{ name: '2.0.192.in-addr.arpa.', 'dns-servers': [SERVER] }],
      },
    },
    Dhcp4: { 'dhcp-ddns': { 'enable-updates': true } },
  })
  const key = { name: 'whio-dhcp', algorithm: 'hmac-sha256', secret: OCTETS, digestBits: 0 }
  const other = { name: 'other', algorithm: 'hmac-md5', secret: OCTETS, digestBits: 80 }
  const at = { address: '192.0.2.53', port: 53 }
  t.match(names, {
    via: 'self',
    inDns: { 4: true, 6: false },
    serverTimeout: 250,
    forward: [
      { name: 'lab.example.org', servers: [{ ...at, key: other }] },
      {
        name: 'example.org',
        servers: [
          { ...at, key },
          { ...at, port: 54, key },
        ],
      },
      { name: '', servers: [{ address: '::1', port: 5353, key: undefined }] },
    ],
    reverse: [{ name: '2.0.192.in-addr.arpa', servers: [{ ...at, key: undefined }] }],
  })
  const where = 'DhcpDdns.forward-ddns.ddns-domains[2].name'
  t.same(
    said.filter((line) => !line.includes('key-not-done')),
    [`warning ${where} zone-dot`],
  )
})

const domains = (...list: readonly object[]) => ({ 'forward-ddns': { 'ddns-domains': list } })
const FIRST = 'DhcpDdns.forward-ddns.ddns-domains[0]'

const WRONG: readonly [title: string, given: Given, said: string][] = [
  ['no port', { DhcpDdns: { port: 0 } }, 'error DhcpDdns.port out-of-range'],
  [
    'no timeout',
    { DhcpDdns: { 'dns-server-timeout': 0 } },
    'error DhcpDdns.dns-server-timeout out-of-range',
  ],
  [
    'an unknown key',
    { DhcpDdns: domains({ ...ZONE, 'key-name': 'nobody' }) },
    `error ${FIRST}.key-name tsig-unknown`,
  ],
  [
    'an unknown key of one server',
    { DhcpDdns: domains({ ...ZONE, 'dns-servers': [{ ...SERVER, 'key-name': 'nobody' }] }) },
    `error ${FIRST}.dns-servers[0].key-name tsig-unknown`,
  ],
  [
    'no server',
    { DhcpDdns: domains({ ...ZONE, 'dns-servers': [] }) },
    `error ${FIRST}.dns-servers out-of-range`,
  ],
  [
    'a server by its name',
    { DhcpDdns: domains({ ...ZONE, 'dns-servers': [{ ...SERVER, hostname: 'ns' }] }) },
    `error ${FIRST}.dns-servers[0].hostname key-refused`,
  ],
  [
    'a server that is none',
    { DhcpDdns: domains({ ...ZONE, 'dns-servers': [{ 'ip-address': 'ns' }] }) },
    `error ${FIRST}.dns-servers[0].ip-address address`,
  ],
  [
    'a zone twice',
    { DhcpDdns: domains(ZONE, { ...ZONE, name: 'example.org.' }) },
    'error DhcpDdns.forward-ddns.ddns-domains[1].name duplicate',
  ],
  [
    'a zone that is none',
    { DhcpDdns: domains({ ...ZONE, name: 'a..b.' }) },
    `error ${FIRST}.name zone-name`,
  ],
  [
    'a key twice',
    { DhcpDdns: { 'tsig-keys': [KEY, { ...KEY, name: 'whio-dhcp' }] } },
    'error DhcpDdns.tsig-keys[1].name duplicate',
  ],
  [
    'an algorithm that nobody knows',
    { DhcpDdns: { 'tsig-keys': [{ ...KEY, algorithm: 'SHA256' }] } },
    'error DhcpDdns.tsig-keys[0].algorithm tsig-algorithm',
  ],
  [
    'keys of Kerberos',
    { DhcpDdns: { 'tsig-keys': [{ ...KEY, algorithm: 'GSS-TSIG' }] } },
    'error DhcpDdns.tsig-keys[0].algorithm tsig-algorithm',
  ],
  [
    'a secret that is none',
    { DhcpDdns: { 'tsig-keys': [{ ...KEY, secret: 'not base64' }] } },
    'error DhcpDdns.tsig-keys[0].secret tsig-secret',
  ],
  [
    'an empty file of a secret',
    {
      DhcpDdns: { 'tsig-keys': [{ ...KEY, secret: undefined, 'secret-file': '/etc/shop/empty' }] },
    },
    'error DhcpDdns.tsig-keys[0].secret-file tsig-secret',
  ],
  [
    'the updater where the sender is',
    { Dhcp4: { 'dhcp-ddns': { 'sender-ip': '127.0.0.1', 'server-port': 1, 'sender-port': 1 } } },
    'error Dhcp4.dhcp-ddns.sender-port ddns-sender',
  ],
  [
    'a sender of another family',
    { Dhcp4: { 'dhcp-ddns': { 'sender-ip': '::1' } } },
    'error Dhcp4.dhcp-ddns.sender-ip ddns-sender',
  ],
  [
    'another protocol',
    { Dhcp4: { 'dhcp-ddns': { 'ncr-protocol': 'TCP' } } },
    'error Dhcp4.dhcp-ddns.ncr-protocol wrong-word',
  ],
  [
    'no queue',
    { Dhcp4: { 'dhcp-ddns': { 'max-queue-size': 0 } } },
    'error Dhcp4.dhcp-ddns.max-queue-size out-of-range',
  ],
]

for (const [title, given, expected] of WRONG)
  t.test(`is told: ${title}`, async (t) => {
    const { said } = loaded(given)
    t.ok(said.includes(expected), said.join('; '))
  })

const BITS: readonly [algorithm: string, least: number, most: number][] = [
  ['HMAC-MD5', 80, 128],
  ['HMAC-SHA1', 80, 160],
  ['HMAC-SHA224', 112, 224],
  ['HMAC-SHA256', 128, 256],
  ['HMAC-SHA384', 192, 384],
  ['HMAC-SHA512', 256, 512],
]

for (const [algorithm, least, most] of BITS)
  t.test(`digest-bits of ${algorithm}: ${least} to ${most}, in whole bytes`, async (t) => {
    const isTaken = (bits: number) => {
      const key = { ...KEY, algorithm, 'digest-bits': bits }
      return loaded({ DhcpDdns: { 'tsig-keys': [key] } }).said.length === 0
    }
    t.same([0, least, most, least - 8, most + 8, least + 1].map(isTaken), [
      ...[true, true, true],
      ...[false, false, false],
    ])
  })

t.test('a secret that cannot be read costs the servers that need it', async (t) => {
  const bad = { name: 'bad', algorithm: 'HMAC-MD5', 'secret-file': '/etc/shop/nothing' }
  const other = { name: 'other.org.', 'dns-servers': [SERVER] }
  const DhcpDdns = { 'tsig-keys': [bad], ...domains({ ...ZONE, 'key-name': 'bad' }, other) }
  const { names } = loaded({ DhcpDdns })
  t.match(names?.forward, [
    { name: 'example.org', servers: [] },
    { name: 'other.org', servers: [{ address: '192.0.2.53' }] },
  ])
})

const on = { 'dhcp-ddns': { 'enable-updates': true } }
const off = { 'dhcp-ddns': { 'enable-updates': false } }

const VIA: readonly [title: string, given: Given, via: string, families: string][] = [
  ['nothing is said', {}, 'off', ''],
  ['it is switched on: as in Kea, its updater does it', { Dhcp4: on }, 'd2', '4'],
  ['for one family of two', { Dhcp4: off, Dhcp6: on }, 'd2', '6'],
  ['with the map of the updater, this process does', { Dhcp4: on, DhcpDdns: {} }, 'self', '4'],
  ['with the map alone, nobody', { Dhcp4: off, DhcpDdns: domains(ZONE) }, 'off', ''],
  [
    'Whio.ddns.via wins',
    { Dhcp4: on, DhcpDdns: domains(ZONE), Whio: { ddns: { via: 'd2' } } },
    'd2',
    '4,6',
  ],
  ['over a switch, too', { Dhcp4: off, Whio: { ddns: { via: 'd2' } } }, 'd2', '4,6'],
  ['off', { Dhcp4: on, Whio: { ddns: { via: 'off' } } }, 'off', ''],
]

for (const [title, given, via, families] of VIA)
  t.test(`who updates DNS: ${title}`, async (t) => {
    const { names } = loaded(given)
    const inDns = ([4, 6] as const).filter((family) => names?.inDns[family])
    t.same([names?.via, inDns.join()], [via, families])
  })

t.test('the updater of each family', async (t) => {
  const given = {
    'server-ip': '2001:db8::7',
    'server-port': 7,
    'sender-ip': '::',
    'sender-port': 8,
  }
  const { names } = loaded({ Dhcp6: { 'dhcp-ddns': given } })
  t.same(names?.d2, {
    4: { address: '127.0.0.1', port: 53001, fromAddress: '', fromPort: 0 },
    6: { address: '2001:db8::7', port: 7, fromAddress: '::', fromPort: 8 },
  })
})

t.test('by what two clients are one: the MAC address, where both families are here', async (t) => {
  t.equal(loaded({ Dhcp6: {} }).names?.linkFamilies, 'mac')
  t.equal(loaded({}).names?.linkFamilies, 'duid')
  t.equal(loaded({ Whio: { ddns: { 'link-families': 'off' } } }).names?.linkFamilies, 'off')
})

t.test('what has no zone is told, with a zone that would do', async (t) => {
  const subnet4 = [
    { id: 1, subnet: '10.30.0.0/23', pools: [{ pool: '10.30.0.0/24' }] },
    { id: 2, subnet: '192.0.2.0/25', pools: [{ pool: '192.0.2.0/26' }] },
    { id: 3, subnet: '198.51.100.0/24', 'ddns-send-updates': false },
  ]
  const subnet6 = [{ id: 1, subnet: '2001:db8:30::/64' }]
  const reverse = (...names: string[]) => ({
    'reverse-ddns': { 'ddns-domains': names.map((name) => ({ name, 'dns-servers': [SERVER] })) },
  })
  const told = (given: object, suffix = 'example.org') => {
    const { problems } = loadPlanFromObject(
      {
        DhcpDdns: { ...domains(ZONE), ...given },
        Dhcp4: { ...on, 'ddns-qualifying-suffix': suffix, subnet4 },
        Dhcp6: { ...on, 'ddns-qualifying-suffix': suffix, subnet6 },
      },
      HOST,
    )
    return problems
      .filter(({ code }) => code === 'zone-missing')
      .map(({ hint, message }) => `${message}: ${hint}`)
  }
  t.same(told({}), [
    'addresses of 10.30.0.0/23 lead to no name: a zone 30.10.in-addr.arpa. would',
    'addresses of 192.0.2.0/25 lead to no name: a zone 2.0.192.in-addr.arpa. would',
    'addresses of 2001:db8:30::/64 lead to no name: a zone 0.0.0.0.0.3.0.0.8.b.d.0.1.0.0.2.ip6.arpa. would',
  ])
  const some = ['0.30.10.in-addr.arpa.', '0/25.2.0.192.in-addr.arpa.', '8.b.d.0.1.0.0.2.ip6.arpa.']
  t.same(told(reverse(...some)), [], 'a part of them, a zone of RFC 2317, a zone above')
  t.same(told(reverse('*')), [])
  const hint = 'set ddns-qualifying-suffix to example.org, or list the zone'
  t.same(told(reverse('*'), ''), [`names without a domain are in no zone: ${hint}`])
  t.same(told(reverse('*'), 'lan'), [`'lan' is in no zone: ${hint}`])
  t.same(told(reverse('*'), 'a.example.org'), [])
})

t.test('Whio.ddns.sinks: each kind', async (t) => {
  const { sinks, said } = sinksOf([
    { type: 'hosts-file', file: '/run/whio/hosts' },
    { type: 'dnsmasq', hostsdir: '/run/whio/dnsmasq' },
    { type: 'unbound', 'control-interface': '/run/unbound.ctl' },
    { type: 'unbound' },
    { type: 'powerdns', 'api-key': 'k', zones: ['Lan.Test.'], url: 'https://pdns.lan/base/' },
    { type: 'powerdns', 'api-key-file': '/etc/shop/pdns.secret', zones: ['lan.test'] },
  ])
  t.same(said, [])
  t.same(sinks, [
    { kind: 'hosts-file', path: '/run/whio/hosts' },
    { kind: 'dnsmasq', folder: '/run/whio/dnsmasq' },
    { kind: 'unbound', at: '/run/unbound.ctl' },
    {
      kind: 'unbound',
      at: {
        address: '127.0.0.1',
        port: 8953,
        serverCertFile: '/etc/unbound/unbound_server.pem',
        certFile: '/etc/unbound/unbound_control.pem',
        keyFile: '/etc/unbound/unbound_control.key',
      },
    },
    {
      kind: 'powerdns',
      url: 'https://pdns.lan/base',
      apiKey: 'k',
      serverId: 'localhost',
      zones: ['lan.test'],
    },
    {
      kind: 'powerdns',
      url: 'http://127.0.0.1:8081',
      apiKey: SECRET,
      serverId: 'localhost',
      zones: ['lan.test'],
    },
  ])
})

t.test('what is wrong with one costs that one', async (t) => {
  const good = { type: 'hosts-file', file: '/run/whio/hosts' }
  const pdns = { type: 'powerdns', 'api-key': 'k', zones: ['lan.test'] }
  const { sinks, said } = sinksOf([
    { type: 'hosts-file' },
    { type: 'hosts-file', file: 'hosts' },
    { type: 'dnsmasq', hostsdir: '/run/whio/' },
    { type: 'unbound', 'control-interface': 'localhost' },
    { ...pdns, url: 'ftp://x/' },
    { ...pdns, 'api-key': undefined },
    { ...pdns, 'api-key-file': '/etc/shop/pdns.secret' },
    { ...pdns, 'api-key': undefined, 'api-key-file': '/etc/shop/none' },
    { ...pdns, zones: [] },
    { ...pdns, zones: ['lan.test', 'a..b'] },
    good,
    good,
  ])
  t.same(sinks, [{ kind: 'hosts-file', path: '/run/whio/hosts' }])
  t.same(said, [
    ...['0 sink', '1.file sink', '2.hostsdir sink', '3.control-interface sink', '4.url sink'],
    ...['5 sink', '6.api-key-file sink', '7.api-key-file sink', '8 sink', '9.zones.1 zone-name'],
    '11 duplicate',
  ])
})

function sinksOf(documents: readonly object[]) {
  const report = newReport()
  const site = Site.of(report, ['Whio', 'ddns', 'sinks'])
  const sinks = compileSinks(documents as never, site, HOST)
  const said = report.entries.list.map(({ code, path }) => `${path.slice(3).join('.')} ${code}`)
  return { sinks, said: [...said, ...report.structure.list.map(({ code }) => code)] }
}

function noInclude(): never {
  throw new Error('no file of these includes another')
}
