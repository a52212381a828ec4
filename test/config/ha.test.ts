// The pair in the configuration: Kea's HA block, which server this one is, guards, shared networks and the
// fingerprint. Rules are rows: what is written -> the plan, or exactly what is said, and where.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { CompileContext, FileLook } from '../../lib/config/compile-server.ts'
import { describeHa } from '../../lib/config/describe-ha.ts'
import { type HaPlan, UNGUARDED } from '../../lib/config/ha-plan.ts'
import { loadPlan4, loadPlan4FromObject } from '../../lib/config/load4.ts'
import type { Plan4, Subnet4 } from '../../lib/config/plan4.ts'
import { formatProblem, type Problem } from '../../lib/config/problem.ts'
import { loadConfigFile, thisMachine } from '../../lib/platform/config-file.ts'

type Members = Record<string, unknown>

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const KEY = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n'

const FILES: Readonly<Record<string, FileLook>> = {
  '/tls/ca.pem': { kind: 'file', text: CERTIFICATE },
  '/tls/cas': { kind: 'folder' },
  '/tls/cert.pem': { kind: 'file', text: CERTIFICATE },
  '/tls/key.pem': { kind: 'file', text: KEY },
  '/tls/rsa.pem': { kind: 'file', text: KEY.replaceAll('PRIVATE', 'RSA PRIVATE') },
  '/tls/locked.pem': { kind: 'file', text: KEY.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE') },
  '/tls/user': { kind: 'file', text: 'kea\r\nnot this\n' },
  '/tls/password': { kind: 'file', text: 's:e cret\n' },
}

function look(path: string): FileLook {
  return FILES[path] ?? { kind: 'trouble', trouble: 'no such file' }
}

const CONTEXT: CompileContext = { stateDirectory: '/nowhere', look, localAddresses: ['192.0.2.1'] }
const TLS = {
  'trust-anchor': '/tls/ca.pem',
  'cert-file': '/tls/cert.pem',
  'key-file': '/tls/key.pem',
}
const SECOND = { 'load-balancing': 'secondary', 'hot-standby': 'standby' } as const

function peer(number: number, role: string, more: Members = {}): Members {
  return { name: `server${number}`, url: `http://192.0.2.${number}:8000/`, role, ...more }
}

/** Two servers, guarded by a password so that nothing needs to be said. */
function peers(mode: keyof typeof SECOND = 'load-balancing'): Members[] {
  const auth = { 'basic-auth-user': 'u', 'basic-auth-password': 'p' }
  return [peer(1, 'primary', auth), peer(2, SECOND[mode], auth)]
}

function relationship(members: Members = {}): Members {
  return { mode: 'load-balancing', peers: peers(), ...members }
}

function hooks(...relationships: Members[]): Members {
  const parameters = { 'high-availability': relationships }
  return { 'hooks-libraries': [{ library: '/usr/lib/kea/hooks/libdhcp_ha.so', parameters }] }
}

interface Loaded {
  readonly plan: Plan4 | undefined
  readonly problems: readonly Problem[]
}

/** The servers of `ha` with these members of Dhcp4 beside them. */
function load(ha: Members, global: Members = {}, context = CONTEXT, whio?: Members): Loaded {
  const served = { 'interfaces-config': { interfaces: ['*'] } }
  const document = { Dhcp4: { ...served, ...hooks(ha), ...global } }
  return loadPlan4FromObject(whio === undefined ? document : { ...document, Whio: whio }, context)
}

/** `severity path: message (hint)`; paths in the relationship begin with `ha`, in Dhcp4 without it. */
function lines({ problems }: Loaded): string[] {
  return problems.map((problem) =>
    `${problem.severity} ${formatProblem(problem)}`
      .replace('Dhcp4.hooks-libraries[0].parameters.high-availability[0]', 'ha')
      .replace('Dhcp4.', ''),
  )
}

function planOf(loaded: Loaded): Plan4 {
  if (loaded.plan === undefined) throw new Error(lines(loaded).join('\n'))
  return loaded.plan
}

function haOf(members: Members = {}, context = CONTEXT, whio?: Members): HaPlan {
  return planOf(load(relationship(members), {}, context, whio)).ha!
}

const ip = (text: string): number => ipv4FromText(text)!

t.test('the pair of two pools that every user of Kea knows', async (t) => {
  const text = `{ "Dhcp4": {
    "interfaces-config": { "interfaces": [ "eth0" ] },
    "hooks-libraries": [
      { "library": "/usr/lib/kea/hooks/libdhcp_lease_cmds.so", "parameters": { } },
      { "library": "/usr/lib/kea/hooks/libdhcp_ha.so", "parameters": { "high-availability": [ {
        "this-server-name": "server1",
        "mode": "load-balancing",
        "heartbeat-delay": 10000,
        "max-response-delay": 60000,
        "max-ack-delay": 5000,
        "max-unacked-clients": 5,
        "max-rejected-lease-updates": 10,
        "multi-threading": { "enable-multi-threading": true, "http-dedicated-listener": true,
          "http-listener-threads": 4, "http-client-threads": 4 },
        "peers": [
          { "name": "server1", "url": "http://192.168.56.33:8000/", "role": "primary", "auto-failover": true },
          { "name": "server2", "url": "http://192.168.56.66:8000/", "role": "secondary", "auto-failover": true },
          { "name": "server3", "url": "http://192.168.56.99:8000/", "role": "backup",
            "basic-auth-user": "foo", "basic-auth-password": "bar", "auto-failover": false } ] } ] } } ],
    "subnet4": [ { "id": 1, "subnet": "192.0.2.0/24", "pools": [
      { "pool": "192.0.2.1 - 192.0.2.50", "client-classes": [ "HA_server1" ] },
      { "pool": "192.0.2.51 - 192.0.2.100", "client-class": "HA_server2" } ] } ] } }`
  const loaded = loadPlan4(text, 'f', () => undefined, CONTEXT)
  t.same(
    loaded.problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`),
    [
      'info f:4:20 Dhcp4.hooks-libraries[0].library: "/usr/lib/kea/hooks/libdhcp_lease_cmds.so" is without effect in Whio (what a pair needs of it is built in; its commands come with management)',
      'info f:12:39 Dhcp4.hooks-libraries[1].parameters.high-availability[0].max-rejected-lease-updates: without effect in Whio (a row that differs is settled row by row, and service goes on)',
      'info f:13:28 Dhcp4.hooks-libraries[1].parameters.high-availability[0].multi-threading: without effect in Whio (one connection carries everything, on the url of the peer)',
      'warning f:16:39 Dhcp4.hooks-libraries[1].parameters.high-availability[0].peers[0].url: whoever reaches this address can speak for the partner: nothing proves who calls (https with require-client-certs, or basic-auth-user)',
      'warning f:22:45 Dhcp4.subnet4[0].pools[1].client-class: an old spelling (write client-classes)',
    ],
  )
  const { ha, subnets } = planOf(loaded)
  const url = (host: string): object => ({
    text: `http://${host}:8000/`,
    host,
    port: 8000,
    secure: false,
  })
  const none = { basicAuth: undefined, tls: undefined }
  const servers = [
    { name: 'server1', role: 'primary', url: url('192.168.56.33'), autoFailover: true, ...none },
    { name: 'server2', role: 'secondary', url: url('192.168.56.66'), autoFailover: true, ...none },
    {
      name: 'server3',
      role: 'backup',
      url: url('192.168.56.99'),
      autoFailover: false,
      basicAuth: { user: 'foo', password: 'bar' },
      tls: undefined,
    },
  ]
  t.strictSame(ha, {
    mode: 'load-balancing',
    thisServer: servers[0],
    partner: servers[1],
    peers: servers,
    sendLeaseUpdates: true,
    syncLeases: true,
    syncPageLimit: 10_000,
    delayedUpdatesLimit: 100,
    heartbeatDelay: 10_000,
    maxResponseDelay: 60_000,
    maxAckDelay: 5000,
    maxUnackedClients: 5,
    waitBackupAck: false,
    requireClientCerts: true,
    pauses: new Map(),
    whenSilent: 'safe',
    reserve: 0.2,
  })
  t.equal(ha!.thisServer, ha!.peers[0], 'one object a peer')
  const [subnet] = subnets as [Subnet4]
  t.same(
    subnet.pools.map(({ guard }) => guard),
    [1, 2],
  )
  t.same(textOfRanges(subnet, 0), '192.0.2.1-192.0.2.50')
  t.same(textOfRanges(subnet, 1), '192.0.2.51-192.0.2.100')
})

t.test('hot-standby with a backup, and passive-backup', async (t) => {
  const standby = { mode: 'hot-standby', peers: [peer(3, 'backup'), ...peers('hot-standby')] }
  const ha = haOf(standby)
  t.same(
    ha.peers.map(({ name, role }) => `${name} ${role}`),
    ['server1 primary', 'server2 standby', 'server3 backup'],
    'primary, standby, backups, however they are written',
  )
  t.equal(ha.delayedUpdatesLimit, 0)
  t.equal(ha.partner, ha.peers[1])
  const elsewhere = (name: string) => haOf({ ...standby, 'this-server-name': name })
  t.equal(elsewhere('server2').partner?.name, 'server1')
  t.equal(elsewhere('server3').partner, undefined, 'a backup has no partner')
  const passive = haOf({
    mode: 'passive-backup',
    peers: [peers()[0], peer(2, 'backup'), peer(3, 'backup')],
    'wait-backup-ack': true,
  })
  t.equal(passive.partner, undefined)
  t.equal(passive.waitBackupAck, true)
})

t.test('what the file does not say', async (t) => {
  const rows: readonly (readonly [given: Members, heartbeat: number, silence: number])[] = [
    [{}, 500, 3000],
    [{ 'heartbeat-delay': 200 }, 200, 3000],
    [{ 'heartbeat-delay': 10_000 }, 10_000, 60_000],
    [{ 'max-response-delay': 1200 }, 400, 1200],
    [{ 'max-response-delay': 60_000 }, 500, 60_000],
    [{ 'heartbeat-delay': 1000, 'max-response-delay': 2000 }, 1000, 2000],
    [{ 'heartbeat-delay': 0 }, 500, 3000],
  ]
  for (const [given, heartbeatDelay, maxResponseDelay] of rows)
    t.match(haOf(given), { heartbeatDelay, maxResponseDelay }, JSON.stringify(given))
  t.match(haOf(), { maxAckDelay: 3000, maxUnackedClients: 0 })
  const given = {
    'max-ack-delay': 0,
    'max-unacked-clients': 10,
    'sync-timeout': 1000,
    'sync-page-limit': 1,
    'delayed-updates-limit': 0,
    'require-client-certs': false,
    'state-machine': {
      states: [
        { state: 'waiting', pause: 'once' },
        { state: 'partner-down', pause: 'always' },
        { state: 'ready', pause: 'never' },
        { state: 'syncing' },
      ],
    },
  }
  t.match(haOf(given), {
    maxAckDelay: 0,
    maxUnackedClients: 10,
    syncPageLimit: 1,
    delayedUpdatesLimit: 0,
    requireClientCerts: false,
  })
  t.strictSame(
    [...haOf(given).pauses],
    [
      ['waiting', 'once'],
      ['partner-down', 'always'],
    ],
  )
})

t.test('Whio.ha', async (t) => {
  const whio = { ha: { 'when-silent': 'available', 'reserve-percent': 50 } }
  t.match(haOf({}, CONTEXT, whio), { whenSilent: 'available', reserve: 0.5 })
  t.match(haOf({}, CONTEXT, { ha: {} }), { whenSilent: 'safe', reserve: 0.2 })
  const said = (members: Members) => lines(load(relationship(), {}, CONTEXT, members))
  t.same(said(whio), [
    'warning Whio.ha.when-silent: while the servers do not hear each other, both may give one address to two clients ("safe" never does; see what it leaves for new clients)',
  ])
  t.same(said({ ha: { 'reserve-percent': 51, 'when-silnt': 'safe' } }), [
    'error Whio.ha.when-silnt: unknown key (did you mean "when-silent"?)',
    'error Whio.ha.reserve-percent: 51 is out of range (0 to 50)',
  ])
  t.same(lines(load(relationship(), { 'hooks-libraries': [] }, CONTEXT, whio)), [
    'warning Whio.ha: there is no pair to which this applies (libdhcp_ha.so in hooks-libraries makes one)',
  ])
})

t.test('one file serves on every host', async (t) => {
  const v6 = {
    peers: [
      peer(1, 'primary', { url: 'http://[2001:db8::1]:8000/' }),
      peer(2, 'secondary', { url: 'http://[2001:DB8:0::2]:8000' }),
    ],
  }
  const loop = {
    peers: [
      peer(1, 'primary', { url: 'http://127.0.0.1:8001/' }),
      peer(2, 'secondary', { url: 'http://127.0.0.1:8002/' }),
    ],
  }
  const rows: readonly (readonly [Members, Partial<CompileContext>, string])[] = [
    [{}, { localAddresses: ['127.0.0.1', '192.0.2.1'] }, 'server1'],
    [{}, { localAddresses: ['::1', '192.0.2.2', '192.0.2.77'] }, 'server2'],
    [v6, { localAddresses: ['fe80::1', '2001:0db8::0002'] }, 'server2'],
    [{ 'this-server-name': ' server2 ' }, { localAddresses: ['192.0.2.1'] }, 'server2'],
    [loop, { thisServer: 'server2' }, 'server2'],
    [{ 'this-server-name': 'server1' }, { thisServer: 'server2' }, 'server2'],
    [loop, { localAddresses: ['127.0.0.1'] }, NOWHERE],
    [{}, { localAddresses: ['192.0.2.3'] }, NOWHERE],
    [{}, { localAddresses: undefined! }, NOWHERE],
    [
      {},
      { localAddresses: ['192.0.2.1', '192.0.2.2'] },
      'error ha: the urls of "server1" and "server2" all have addresses of this machine (write "this-server-name": "server1" or "server2")',
    ],
    [
      { 'this-server-name': 'sever1' },
      {},
      `error ha.this-server-name: no peer is called 'sever1' (did you mean "server1"?)`,
    ],
    [
      { 'this-server-name': '' },
      {},
      `error ha.this-server-name: no peer is called '' (one of "server1", "server2")`,
    ],
    [
      {},
      { thisServer: 'other' },
      `error ha: no peer is called 'other' (one of "server1", "server2")`,
    ],
  ]
  for (const [members, context, expected] of rows) {
    const loaded = load(relationship(members), {}, { ...CONTEXT, ...context })
    const found = loaded.plan?.ha?.thisServer.name ?? lines(loaded).join('; ')
    t.equal(found, expected, `${JSON.stringify(members)} ${JSON.stringify(context)}`)
  }
})

const NOWHERE =
  'error ha: no url of a peer has an address of this machine, so it cannot tell which peer it is (write "this-server-name": "server1" or "server2")'

t.test('urls', async (t) => {
  const hint = 'such as "http://192.0.2.1:8000/" or "https://[2001:db8::1]:8000/"'
  const rows: readonly (readonly [url: string, said: string])[] = [
    ['http://192.0.2.9:8000/', ''],
    ['HTTP://192.0.2.9:8000/some/path?q#f', ''],
    ['http://[2001:db8::9]:65535', ''],
    ['192.0.2.9:8000', 'is not an http or https url'],
    ['ws://192.0.2.9:8000/', 'is not an http or https url'],
    ['http://kea1.example:8000/', "names 'kea1.example', which is not an IP address"],
    ['http://u@192.0.2.9:8000/', "names 'u@192.0.2.9', which is not an IP address"],
    ['http://[192.0.2.9]:8000/', "names '[192.0.2.9]', which is not an IP address"],
    ['http://2001:db8::9:8000/', 'is not an http or https url'],
    ['http://[]:8000/', "names '[]', which is not an IP address"],
    ['http://192.0.2.9/', 'has no port'],
    ['http://192.0.2.9:0/', 'has no port'],
    ['http://192.0.2.9:65536/', 'has no port'],
  ]
  for (const [url, said] of rows) {
    const loaded = load(relationship({ peers: [peers()[0], peer(2, 'secondary', { url })] }))
    const expected = said === '' ? [] : [`error ha.peers[1].url: '${url}' ${said} (${hint})`]
    t.same(lines(loaded), expected, url)
  }
})

t.test('rules of a relationship', async (t) => {
  const [first, second] = peers() as [Members, Members]
  const LB = 'load-balancing has one primary, one secondary, and backups'
  const HS = 'hot-standby has one primary, one standby, and backups'
  const PB = 'passive-backup has one primary, and backups'
  const standby = { mode: 'hot-standby', peers: peers('hot-standby') }
  const passive = { mode: 'passive-backup', peers: [first] }
  const states = (...list: Members[]) => ({ 'state-machine': { states: list } })
  const rows: readonly (readonly [members: Members, ...said: string[]])[] = [
    // Roles.
    [{ peers: [first] }, `error ha.peers: no peer is the secondary (${LB})`],
    [{ peers: [second] }, `error ha.peers: no peer is the primary (${LB})`],
    [
      { peers: [first, second, peer(3, 'primary')] },
      `error ha.peers[2].role: 'server1' is the primary already (${LB})`,
    ],
    [
      { peers: [first, second, peer(3, 'secondary')] },
      `error ha.peers[2].role: 'server2' is the secondary already (${LB})`,
    ],
    [
      { peers: [first, second, peer(3, 'standby')] },
      `error ha.peers[2].role: load-balancing has no standby (${LB})`,
    ],
    [
      { mode: 'hot-standby' },
      `error ha.peers: no peer is the standby (${HS})`,
      `error ha.peers[1].role: hot-standby has no secondary (${HS})`,
    ],
    [{ mode: 'passive-backup' }, `error ha.peers[1].role: passive-backup has no secondary (${PB})`],
    [
      { mode: 'passive-backup', peers: [peer(1, 'backup')] },
      `error ha.peers: no peer is the primary (${PB})`,
    ],
    [passive],
    [
      { peers: [] },
      `error ha.peers: no peer is the primary (${LB})`,
      `error ha.peers: no peer is the secondary (${LB})`,
    ],
    // Names and urls.
    [
      { peers: [first, { ...second, name: ' server1' }] },
      "error ha.peers[1].name: 'server1' is taken (peers[0] is called so)",
    ],
    [
      { peers: [first, { ...second, name: ' ' }] },
      'error ha.peers[1].name: a peer needs a name (such as "server1")',
    ],
    [
      { peers: [first, { ...second, url: 'http://192.0.2.1:8000/' }] },
      "error ha.peers[1].url: 'server1' has this address and port already (each server listens at its own)",
    ],
    [
      {
        peers: [first, { ...second, url: 'http://192.0.2.1:8001/' }],
        'this-server-name': 'server2',
      },
    ],
    [
      { peers: [first, { ...second, url: 'http://0.0.0.0:8000/' }] },
      'error ha.peers[1].url: 0.0.0.0 is no address to call (write one of its own)',
    ],
    // Modes.
    [
      { ...standby, 'delayed-updates-limit': 1 },
      'error ha.delayed-updates-limit: hot-standby has no communication-recovery, so there is nothing to limit (leave it out, or write 0)',
    ],
    [{ ...standby, 'delayed-updates-limit': 0 }],
    [
      { ...passive, 'delayed-updates-limit': 100 },
      'error ha.delayed-updates-limit: passive-backup has no communication-recovery, so there is nothing to limit (leave it out, or write 0)',
    ],
    [
      { 'wait-backup-ack': true },
      'error ha.wait-backup-ack: in load-balancing clients wait for the partner, never for backups (leave it out, or write false)',
    ],
    [
      { ...standby, 'wait-backup-ack': true },
      'error ha.wait-backup-ack: in hot-standby clients wait for the partner, never for backups (leave it out, or write false)',
    ],
    [{ ...passive, 'wait-backup-ack': true }],
    // Times.
    [
      { 'heartbeat-delay': 0 },
      'warning ha.heartbeat-delay: 0 would be no heartbeat, and nobody would notice that the partner is silent (500 is used)',
    ],
    [
      { 'heartbeat-delay': 1000, 'max-response-delay': 1000 },
      'warning ha.max-response-delay: max-response-delay 1000 is not above heartbeat-delay 1000 (the partner seems silent between two heartbeats; three of them are good)',
    ],
    [
      { 'max-response-delay': 0 },
      'error ha.max-response-delay: 0 is out of range (1 to 4294967295)',
    ],
    [{ 'sync-page-limit': 0 }, 'error ha.sync-page-limit: 0 is out of range (1 to 4294967295)'],
    [
      { 'max-ack-delay': '5000' },
      'error ha.max-ack-delay: "5000" is not a whole number (0 to 4294967295, without quotes)',
    ],
    // What is replicated.
    [
      { 'send-lease-updates': false, 'sync-leases': false },
      'warning ha.send-lease-updates: leases given from here are not told to the partner (each server knows its own leases only: Whio has no lease database that two servers share)',
    ],
    [
      { 'send-lease-updates': false },
      'warning ha.send-lease-updates: leases given from here are not told to the partner (a resync brings them, until then it may not renew them)',
    ],
    [
      { 'sync-leases': false },
      'warning ha.sync-leases: a partner that was away is not given the leases that it missed (leave it out, unless something else brings them)',
    ],
    // The state machine.
    [
      states({ state: 'ready', pause: 'once' }, { state: 'ready' }),
      "error ha.state-machine.states[1].state: 'ready' stands here a second time (first as states[0])",
    ],
    [
      states({ state: 'raedy', pause: 'once' }),
      'error ha.state-machine.states[0].state: "raedy" is not a known word (did you mean "ready"?)',
    ],
    [
      states({ state: 'ready', pause: 'often' }),
      'error ha.state-machine.states[0].pause: "often" is not a known word (one of "never", "once", "always")',
    ],
    [
      states({ state: 'hot-standby', pause: 'once' }, { state: 'passive-backup' }),
      'warning ha.state-machine.states[0].state: a server in load-balancing is never hot-standby, so it never waits there',
    ],
    [
      states({ state: 'terminated', pause: 'always' }),
      'warning ha.state-machine.states[0].state: a server in load-balancing is never terminated, so it never waits there',
    ],
    // Who may call.
    [
      { peers: [peer(1, 'primary'), peer(2, 'secondary')] },
      'warning ha.peers[0].url: whoever reaches this address can speak for the partner: nothing proves who calls (https with require-client-certs, or basic-auth-user)',
    ],
    [
      {
        peers: [peer(1, 'primary', { url: 'http://127.0.0.1:1/' }), peer(2, 'secondary')],
        'this-server-name': 'server1',
      },
    ],
    // Keys that Kea passes over in silence.
    [
      { 'heartbeat-dealy': 1 },
      'warning ha.heartbeat-dealy: unknown key, so nothing comes of it (did you mean "heartbeat-delay"?)',
    ],
    [{ xyzzy: 1 }, 'warning ha.xyzzy: unknown key, so nothing comes of it'],
    [{ comment: 'x', 'user-context': {} }],
    [
      {
        peers: [
          { ...first, 'require-client-certs': true },
          { ...second, rol: 'x' },
        ],
      },
      'warning ha.peers[0].require-client-certs: the key has no meaning here, so nothing comes of it (it belongs elsewhere: servers that serve together, each of them named)',
      'warning ha.peers[1].rol: unknown key, so nothing comes of it (did you mean "role"?)',
    ],
    [
      { 'state-machine': { stats: [] } },
      'warning ha.state-machine.stats: unknown key, so nothing comes of it (did you mean "states"?)',
    ],
    // What follows from an error is not told.
    [
      { peers: [first, { ...second, role: 'secundary' }] },
      'error ha.peers[1].role: "secundary" is not a known word (did you mean "secondary"?)',
    ],
    [
      { peers: [{ ...first, url: 5 }, second], 'this-server-name': 'server1' },
      'error ha.peers[0].url: 5 is not a text (put it in double quotes)',
    ],
    [
      { mode: 'balanced' },
      'error ha.mode: "balanced" is not a known word (one of "load-balancing", "hot-standby", "passive-backup")',
    ],
  ]
  for (const [members, ...said] of rows) {
    const loaded = load(relationship(members))
    t.same(lines(loaded).sort(), said.sort(), JSON.stringify(members))
    const isGood = said.every((line) => !line.startsWith('error'))
    t.equal(loaded.plan?.ha !== undefined, isGood, 'a plan exactly where nothing is wrong')
  }
})

t.test('TLS files and passwords', async (t) => {
  const first = peer(1, 'primary', { url: 'https://192.0.2.1:8000/' })
  const second = peer(2, 'secondary', { url: 'https://192.0.2.2:8000/' })
  const both = { peers: [first, second] }
  const withKeys = (more: Members) => ({
    peers: [
      { ...first, ...TLS, ...more },
      { ...second, ...TLS },
    ],
  })
  const auth = (more: Members) => ({ peers: [peer(1, 'primary', more), peers()[1]] })
  const open =
    'warning ha.peers[0].url: whoever reaches this address can speak for the partner: nothing proves who calls (https with require-client-certs, or basic-auth-user)'
  const missing = 'trust-anchor, cert-file and key-file: all three, or none'
  const rows: readonly (readonly [members: Members, ...said: string[]])[] = [
    [{ ...both, ...TLS }],
    [{ ...both, ...TLS, 'trust-anchor': '/tls/cas', 'key-file': '/tls/rsa.pem' }],
    [withKeys({})],
    [
      both,
      'error ha.peers[0].url: https needs trust-anchor, cert-file and key-file (of this peer, or of all beside "peers")',
      'error ha.peers[1].url: https needs trust-anchor, cert-file and key-file (of this peer, or of all beside "peers")',
    ],
    [
      { ...both, 'cert-file': '/tls/cert.pem' },
      `error ha: trust-anchor and key-file are missing for TLS (${missing})`,
    ],
    [
      withKeys({ 'trust-anchor': '' }),
      `error ha.peers[0]: trust-anchor is missing for TLS (${missing})`,
    ],
    [
      { peers: [peer(1, 'primary'), peer(2, 'secondary')], ...TLS },
      'info ha.peers[0].url: the peer has TLS files, so its link is encrypted although the url says http (write https)',
      'info ha.peers[1].url: the peer has TLS files, so its link is encrypted although the url says http (write https)',
    ],
    [
      { ...both, ...TLS, 'cert-file': '/tls/none.pem', 'key-file': '/tls/cas' },
      "error ha.cert-file: '/tls/none.pem' cannot be read (no such file)",
      "error ha.key-file: '/tls/cas' is a folder (a file in PEM form)",
    ],
    [
      withKeys({
        'trust-anchor': '/tls/key.pem',
        'cert-file': '/tls/key.pem',
        'key-file': '/tls/ca.pem',
      }),
      "error ha.peers[0].trust-anchor: '/tls/key.pem' holds no certificate (a file in PEM form)",
      "error ha.peers[0].cert-file: '/tls/key.pem' holds no certificate (a file in PEM form)",
      "error ha.peers[0].key-file: '/tls/ca.pem' holds no private key (a file in PEM form)",
    ],
    [
      withKeys({ 'key-file': '/tls/locked.pem' }),
      "error ha.peers[0].key-file: the key in '/tls/locked.pem' is encrypted (nobody is asked for its password at a start)",
    ],
    [{ ...both, ...TLS, 'require-client-certs': false }, open],
    [auth({ 'basic-auth-user-file': '/tls/user', 'basic-auth-password-file': '/tls/password' })],
    [
      auth({ 'basic-auth-user': 'u', 'basic-auth-user-file': '/tls/user' }),
      'error ha.peers[0].basic-auth-user-file: basic-auth-user and basic-auth-user-file say the same thing (leave one out)',
    ],
    [
      auth({
        'basic-auth-user': 'u',
        'basic-auth-password': 'p',
        'basic-auth-password-file': '/x',
      }),
      'error ha.peers[0].basic-auth-password-file: basic-auth-password and basic-auth-password-file say the same thing (leave one out)',
    ],
    [
      auth({ 'basic-auth-user': 'a:b' }),
      'error ha.peers[0].basic-auth-user: a user name with a colon cannot be said (RFC 7617 ends the name there)',
    ],
    [
      auth({ 'basic-auth-user': 'u', 'basic-auth-password-file': '/tls/none' }),
      "error ha.peers[0].basic-auth-password-file: '/tls/none' cannot be read (no such file)",
    ],
    [
      auth({ 'basic-auth-user': 'u', 'basic-auth-password-file': '/tls/cas' }),
      "error ha.peers[0].basic-auth-password-file: '/tls/cas' cannot be read (it is a folder)",
    ],
    [
      auth({ 'basic-auth-password': 'p' }),
      'warning ha.peers[0].basic-auth-password: a password without a user is not asked for (add basic-auth-user)',
      open,
    ],
    [auth({ 'basic-auth-user': '', 'basic-auth-password': '' }), open],
  ]
  for (const [members, ...said] of rows)
    t.same(lines(load(relationship(members))).sort(), said.sort(), JSON.stringify(members))

  t.test('reach the plan', async (t) => {
    const tls = { trustAnchor: '/tls/ca.pem', certFile: '/tls/cert.pem', keyFile: '/tls/key.pem' }
    const other = { ...second, ...TLS, 'trust-anchor': '/tls/cas' }
    const plain = { ...peers()[0], 'trust-anchor': '', 'cert-file': '', 'key-file': '' }
    const ha = haOf({
      ...TLS,
      peers: [plain, other, peer(3, 'backup', { url: 'https://192.0.2.3:1/' })],
    })
    t.same(
      ha.peers.map((one) => one.tls),
      [undefined, { ...tls, trustAnchor: '/tls/cas' }, tls],
      'a peer goes before the relationship, an empty text is none',
    )
    t.same(
      ha.peers.map(({ url }) => url.secure),
      [false, true, true],
    )
    const files = {
      'basic-auth-user-file': '/tls/user',
      'basic-auth-password-file': '/tls/password',
    }
    t.same(haOf(auth(files)).thisServer.basicAuth, { user: 'kea', password: 's:e cret' })
    const blind: CompileContext = { stateDirectory: undefined, thisServer: 'server1' }
    t.same(lines(load(relationship({ ...both, ...TLS }), {}, blind)), [], 'without eyes')
    t.same(
      lines(load(relationship(auth(files)), {}, blind)).length,
      2,
      'but a password must be read',
    )
  })
})

t.test('the library', async (t) => {
  const one = hooks(relationship())['hooks-libraries'] as readonly Members[]
  const said = (list: readonly Members[]) => lines(load({}, { 'hooks-libraries': list }))
  t.same(said(one), [])
  const at = 'hooks-libraries[0].parameters.high-availability'
  t.same(said([{ library: 'libdhcp_ha.so' }]), [
    `error ${at}: nothing is said of the pair (a list with one map: mode, peers)`,
  ])
  t.same(said([{ library: 'libdhcp_ha.so', parameters: { 'high-availability': [] } }]), [
    `error ${at}: nothing is said of the pair (a list with one map: mode, peers)`,
  ])
  t.same(said([...one, ...one]), [
    'error hooks-libraries[1].library: the library of a pair stands here a second time (hooks-libraries[0] is the first)',
  ])
  const hub = hooks(relationship(), relationship())['hooks-libraries'] as readonly Members[]
  t.same(said(hub), [
    `error ${at}[1]: 2 relationships (hub and spoke) are not served by this version (one partner a server)`,
  ])
  t.equal(load({}, { 'hooks-libraries': hub }).plan, undefined)
  t.same(said([{ library: 'libdhcp_ha.so', parameters: { 'high-availability': {} } }]), [
    `error ${at}: a map is not a list (put it in [ ])`,
  ])
  t.same(said([{ library: 'libdhcp_lease_cmds.so', parameters: { 'binding-variables': [] } }]), [
    'info hooks-libraries[0].library: "libdhcp_lease_cmds.so" is without effect in Whio (what a pair needs of it is built in; its commands come with management)',
  ])
})

function textOfRanges(subnet: Subnet4, owner: number): string {
  return subnet
    .rangesFor(owner)
    .map(({ first, last }) => `${textFromIpv4(first)}-${textFromIpv4(last)}`)
    .join(' ')
}

const SUBNET = { id: 1, subnet: '192.0.2.0/24' }

t.test('guards', async (t) => {
  const pools = [
    { pool: '192.0.2.40 - 192.0.2.49', 'client-classes': ['HA_server2'] },
    { pool: '192.0.2.10 - 192.0.2.19' },
    { pool: '192.0.2.20 - 192.0.2.29', 'client-classes': ['HA_server1', 'HA_server2'] },
    { pool: '192.0.2.0 - 192.0.2.9', 'client-classes': ['HA_server1'] },
  ]
  const guarded = { ...SUBNET, pools, 'client-classes': ['HA_server2'] }
  const [subnet] = planOf(load(relationship(), { subnet4: [guarded] })).subnets as [Subnet4]
  t.equal(subnet.guard, 2)
  t.same(
    subnet.pools.map(({ guard }) => guard),
    [2, UNGUARDED, 3, 1],
  )
  const shared = '192.0.2.10-192.0.2.19 192.0.2.20-192.0.2.29'
  t.equal(textOfRanges(subnet, 0), `${shared} 192.0.2.1-192.0.2.9`, 'the edge is left out')
  t.equal(textOfRanges(subnet, 1), `192.0.2.40-192.0.2.49 ${shared}`, 'in order of the document')
  t.equal(textOfRanges(subnet, 2), '', 'nobody else owns clients')
  t.equal(subnet.rangesFor(1), subnet.rangesFor(1), 'the same array each time')
  t.equal(subnet.ranges.length, 4)
  for (let last = 0; last < 256; last++) {
    const address = ip(`192.0.2.${last}`)
    const both = last >= 10 && last <= 29
    t.equal(subnet.isDynamic(address, 0), both || (last > 0 && last < 10), `0 ${last}`)
    t.equal(subnet.isDynamic(address, 1), both || (last >= 40 && last <= 49), `1 ${last}`)
    t.equal(subnet.isDynamic(address, 2), false)
  }
  const [plain] = planOf(
    load(relationship(), { subnet4: [{ ...SUBNET, pools: [pools[1]] }] }),
  ).subnets
  for (const owner of [0, 1]) t.equal(plain!.rangesFor(owner), plain!.ranges)
})

t.test('guards that are wrong', async (t) => {
  const standby = { mode: 'hot-standby', peers: [...peers('hot-standby'), peer(3, 'backup')] }
  const pool = (...classes: string[]) => ({
    subnet4: [{ ...SUBNET, pools: [{ pool: '192.0.2.8/29', 'client-classes': classes }] }],
  })
  const at = 'subnet4[0].pools[0].client-classes'
  const noClasses =
    '(clients are not classified yet; leaving the key out would change who gets what)'
  const inner = { ...SUBNET, 'client-classes': ['HA_server2'] }
  const rows: readonly (readonly [ha: Members, global: Members, ...said: string[]])[] = [
    [{}, pool()],
    [{}, pool('HA_server1')],
    [standby, pool('HA_server1')],
    [
      {},
      pool('HA_server1', 'phones'),
      `error ${at}: class "phones" is not served by this version ${noClasses}`,
    ],
    [{}, pool('KNOWN'), `error ${at}: class "KNOWN" is not served by this version ${noClasses}`],
    [
      {},
      pool('HA_sever1'),
      `error ${at}[0]: no peer of the pair is called 'sever1' (did you mean "HA_server1"?)`,
    ],
    [
      {},
      pool('HA_x'),
      `error ${at}[0]: no peer of the pair is called 'x' (one of "HA_server1", "HA_server2")`,
    ],
    [
      standby,
      pool('HA_server2'),
      `warning ${at}[0]: no client belongs to 'server2', the standby: nothing is ever given by this class (in hot-standby every client is one of HA_server1)`,
    ],
    [
      standby,
      pool('HA_server1', 'HA_server3'),
      `warning ${at}[1]: no client belongs to 'server3', the backup: nothing is ever given by this class (in hot-standby every client is one of HA_server1)`,
    ],
    [
      {},
      {
        subnet4: [
          { ...inner, pools: [{ pool: '192.0.2.8/29', 'client-classes': ['HA_server1'] }] },
        ],
      },
      `warning ${at}: no client has one of these classes and one of those of the level above (nothing is ever given here)`,
    ],
    [
      {},
      { 'shared-networks': [{ name: 'n', 'client-classes': ['HA_server1'], subnet4: [inner] }] },
      'warning shared-networks[0].subnet4[0].client-classes: no client has one of these classes and one of those of the level above (nothing is ever given here)',
    ],
    [
      {},
      { ...pool('HA_server1'), 'hooks-libraries': [] },
      `error ${at}[0]: HA_server1 is a class of a pair, and this server has no partner (name libdhcp_ha.so in hooks-libraries, or leave the class out)`,
    ],
    // A pair that is wrong itself: nothing is said of what refers to it.
    [
      { peers: [peers()[0]] },
      pool('HA_server2'),
      'error ha.peers: no peer is the secondary (load-balancing has one primary, one secondary, and backups)',
    ],
    [
      {},
      { ...pool('HA_a'), 'hooks-libraries': [{ librari: 'libdhcp_ha.so' }] },
      'error hooks-libraries[0].librari: unknown key (did you mean "library"?)',
    ],
  ]
  for (const [ha, global, ...said] of rows)
    t.same(lines(load(relationship(ha), global)), said, JSON.stringify([ha, global]))
})

t.test('shared networks hand down what the global level would', async (t) => {
  const option = (name: string, data: string) => ({ name, data })
  const loaded = load(relationship(), {
    'valid-lifetime': 1000,
    'renew-timer': 100,
    'boot-file-name': 'global.0',
    'match-client-id': false,
    'option-data': [option('domain-name', 'global'), option('routers', '192.0.2.1')],
    'shared-networks': [
      {
        name: 'frog',
        interface: 'eth1',
        authoritative: true,
        allocator: 'flq',
        'valid-lifetime': 2000,
        'boot-file-name': 'network.0',
        'next-server': '192.0.2.9',
        'client-classes': ['HA_server1', 'HA_server2'],
        relay: { 'ip-addresses': ['10.9.9.1', '0.0.0.0'] },
        'option-data': [option('domain-name', 'network'), option('ntp-servers', '192.0.2.3')],
        subnet4: [
          { id: 11, subnet: '10.0.1.0/24', pools: [{ pool: '10.0.1.8/29' }] },
          {
            id: 12,
            subnet: '10.0.2.0/24',
            'valid-lifetime': 3000,
            'boot-file-name': 'subnet.0',
            allocator: 'iterative',
            'client-classes': ['HA_server1'],
            relay: { 'ip-addresses': ['10.9.9.2'] },
            'option-data': [option('domain-name', 'subnet')],
            pools: [{ pool: '10.0.2.8/29', 'option-data': [option('domain-name', 'pool')] }],
          },
        ],
      },
      { name: 'empty' },
      {
        name: 'late',
        relay: { 'ip-addresses': ['10.9.9.3'] },
        subnet4: [{ id: 13, subnet: '10.0.3.0/24' }],
      },
    ],
    subnet4: [{ ...SUBNET, interface: 'eth0' }],
  })
  t.same(lines(loaded), [
    'warning shared-networks[0].allocator: "flq" is not done by this version (random is used)',
  ])
  const plan = planOf(loaded)
  t.same(
    plan.subnets.map(({ id }) => id),
    [11, 12, 13, 1],
  )
  const [first, second, third, alone] = plan.subnets as [Subnet4, Subnet4, Subnet4, Subnet4]
  const { network } = first
  t.match(network, { name: 'frog', guard: 3, interface: 'eth1' })
  t.equal(second.network, network)
  t.strictSame([...network!.subnets], [first, second])
  t.equal(third.network?.name, 'late')
  t.equal(alone.network, undefined)
  t.same([first.guard, second.guard, third.guard], [UNGUARDED, 1, UNGUARDED])

  t.same(
    [first, second, third].map((subnet) => subnet.lifetime.default),
    [2000, 3000, 1000],
  )
  t.same(
    [first, second, third].map((subnet) => subnet.timers.renew),
    [100, 100, 100],
  )
  t.same(
    [first, second, third].map(({ bootFields }) => bootFields.bootFileName),
    ['network.0', 'subnet.0', 'global.0'],
  )
  t.same(
    [first, second, third].map(({ bootFields }) => bootFields.nextServer),
    [ip('192.0.2.9'), ip('192.0.2.9'), 0],
  )
  t.same(
    [first, second, third].map(({ allocator }) => allocator),
    ['random', 'iterative', 'iterative'],
  )
  t.same(
    [first, second, third].map(({ authoritative }) => authoritative),
    [true, true, false],
  )
  t.equal(first.matchClientId, false)
  t.same(
    [first, second, third].map((subnet) => subnet.interface),
    ['eth1', 'eth1', ''],
  )

  const names = [first.options, second.options, second.pools[0]!.options, third.options]
  t.same(
    names.map(({ values }) => values.get(15)?.data),
    ['network', 'subnet', 'pool', 'global'],
  )
  for (const { values } of names) t.ok(values.has(3))
  t.same(
    names.map(({ values }) => values.has(42)),
    [true, true, true, false],
  )

  t.equal(plan.subnetByRelay(ip('10.9.9.1')), first, "the network's relay")
  t.equal(plan.subnetByRelay(ip('10.9.9.2')), second, "the subnet's own")
  t.equal(plan.subnetByRelay(ip('10.9.9.3')), third)
  t.equal(plan.subnetByInterface('eth1'), first)
  t.equal(plan.subnetByAddress(ip('10.0.2.9')), second)
  t.equal(plan.subnetById(13), third)
})

t.test('shared networks that are wrong', async (t) => {
  const subnet = (id: number, more: Members = {}) => ({ id, subnet: `10.0.${id}.0/24`, ...more })
  const network = (name: string, subnet4: Members[], more: Members = {}) => ({
    name,
    subnet4,
    ...more,
  })
  const rows: readonly (readonly [global: Members, ...said: string[]])[] = [
    [
      { 'shared-networks': [network('a', []), network('b', []), network('a', [])] },
      "error shared-networks[2].name: 'a' is taken (shared-networks[0] is called so)",
    ],
    [
      { 'shared-networks': [network('', [])] },
      'error shared-networks[0].name: a shared network needs a name',
    ],
    [
      { 'shared-networks': [{ subnet4: [] }] },
      'error shared-networks[0].name: the key is missing (Name of the shared network, each once)',
    ],
    [
      {
        'shared-networks': [network('a', [subnet(1), { ...subnet(2), id: 1 }])],
        subnet4: [{ ...subnet(3), id: 1 }],
      },
      'error shared-networks[0].subnet4[1].id: id 1 is taken (shared-networks[0].subnet4[0] has it; leases are kept by it, so it must be unique)',
      'error subnet4[0].id: id 1 is taken (shared-networks[0].subnet4[0] has it; leases are kept by it, so it must be unique)',
    ],
    [
      { 'shared-networks': [network('a', [subnet(1)])], subnet4: [{ ...subnet(1), id: 2 }] },
      'error subnet4[0].subnet: 10.0.1.0/24 stands here a second time (first as shared-networks[0].subnet4[0])',
    ],
    [
      {
        'shared-networks': [
          network('a', [subnet(1), subnet(2, { interface: 'eth2' })], { interface: 'eth1' }),
        ],
      },
      'error shared-networks[0].subnet4[1].interface: interface eth2 is not that of the network, eth1 (the subnets share one link)',
    ],
    [
      {
        'shared-networks': [
          network('a', [
            subnet(1),
            subnet(2, { interface: 'eth1' }),
            subnet(3, { interface: 'eth2' }),
          ]),
        ],
      },
      'error shared-networks[0].subnet4[2].interface: interface eth2 is not that of the network, eth1 (the subnets share one link)',
    ],
    [
      {
        'shared-networks': [
          network('a', [subnet(1), subnet(2, { interface: 'eth1' })], { interface: 'eth1' }),
        ],
      },
    ],
    [
      {
        authoritative: true,
        'shared-networks': [network('a', [subnet(1), subnet(2, { authoritative: false })])],
      },
      'error shared-networks[0].subnet4[1].authoritative: false is not what the network says, true (one answer for all subnets of a link)',
    ],
    [
      {
        authoritative: true,
        'shared-networks': [network('a', [subnet(1, { authoritative: true })])],
      },
    ],
    [
      {
        'shared-networks': [
          network('a', [subnet(1), subnet(2)], {
            interface: 'eth1',
            relay: { 'ip-addresses': ['10.9.9.1'] },
          }),
          network('b', [subnet(3)], { interface: 'eth1', relay: { 'ip-addresses': ['10.9.9.1'] } }),
        ],
      },
      'warning shared-networks[1].subnet4[0].relay.ip-addresses: relay 10.9.9.1 selects shared-networks[0].subnet4[0] already (the first subnet has its clients)',
      'warning shared-networks[1].subnet4[0].interface: interface eth1 selects shared-networks[0].subnet4[0] already (the first subnet has its clients)',
    ],
    [
      { 'shared-networks': [network('a', [], { reservations: [] })] },
      'error shared-networks[0].reservations: the key has no meaning here (did you mean "reservations-global"?)',
    ],
    [
      {
        'shared-networks': [
          network('a', [], { 'valid-lifetime': 0, relay: { 'ip-addresses': ['x'] } }),
        ],
      },
      'error shared-networks[0].valid-lifetime: a lease of 0 seconds (at least 1; 4294967295 never ends)',
      "error shared-networks[0].relay.ip-addresses[0]: 'x' is not the address of a relay (such as 192.0.2.1)",
    ],
    [
      {
        'interfaces-config': { interfaces: ['eth0'] },
        'shared-networks': [network('a', [], { interface: 'eth1' })],
      },
      'warning shared-networks[0].interface: interface eth1 is not served (name it in interfaces-config.interfaces)',
    ],
  ]
  for (const [global, ...said] of rows)
    t.same(lines(load(relationship(), global)).sort(), said.sort(), JSON.stringify(global))
})

t.test('the fingerprint is equal where both servers must agree, and only there', async (t) => {
  const pools = (...list: string[]) => list.map((pool) => ({ pool }))
  const base: Members = {
    ...SUBNET,
    pools: pools('192.0.2.10 - 192.0.2.19', '192.0.2.40 - 192.0.2.49'),
    reservations: [{ 'hw-address': '02:01', 'ip-address': '192.0.2.5' }],
  }
  const other = { id: 2, subnet: '198.51.100.0/24' }
  const print = (subnet: Members, ha: Members = {}, global: Members = {}): string =>
    planOf(load(relationship(ha), { subnet4: [subnet, other], ...global })).fingerprint
  const wanted = print(base)
  t.match(wanted, /^[0-9a-f]{32}$/)
  const guarded = (...names: string[]) => ({
    ...base,
    pools: [
      { pool: '192.0.2.10 - 192.0.2.19', 'client-classes': names },
      ...pools('192.0.2.40/29'),
    ],
  })
  const same: readonly (readonly [string, string])[] = [
    ['seen from the other server', print(base, { 'this-server-name': 'server2' })],
    ['order of subnets', print(base, {}, { subnet4: [other, base] })],
    ['order of pools', print({ ...base, pools: (base.pools as Members[]).toReversed() })],
    [
      'how ranges are cut',
      print({
        ...base,
        pools: pools(
          '192.0.2.40 - 192.0.2.49',
          '192.0.2.15 - 192.0.2.19',
          '192.0.2.10 - 192.0.2.14',
        ),
      }),
    ],
    [
      'interface and options',
      print({ ...base, interface: 'eth9', 'option-data': [{ code: 222, data: '01' }] }),
    ],
    ['lifetimes', print({ ...base, 'valid-lifetime': 60 }, {}, { authoritative: true })],
    [
      'shared networks as such',
      print(base, {}, { subnet4: [base], 'shared-networks': [{ name: 'n', subnet4: [other] }] }),
    ],
    [
      'a reservation without address',
      print({
        ...base,
        reservations: [...(base.reservations as Members[]), { 'hw-address': '02:02' }],
      }),
    ],
  ]
  for (const [title, found] of same) t.equal(found, wanted, title)
  const wide = { id: 1, subnet: '192.0.0.0/16', pools: pools('192.0.2.0/24') }
  const different: readonly (readonly [string, string])[] = [
    ['base', wanted],
    ['id', print({ ...base, id: 3 })],
    ['prefix', print({ ...base, subnet: '192.0.2.0/25' })],
    [
      'a pool longer',
      print({ ...base, pools: pools('192.0.2.10 - 192.0.2.20', '192.0.2.40 - 192.0.2.49') }),
    ],
    ['no pools', print({ ...base, pools: [] })],
    [
      'a reserved address',
      print({ ...base, reservations: [{ 'hw-address': '02:01', 'ip-address': '192.0.2.6' }] }),
    ],
    ['no reservation', print({ ...base, reservations: [] })],
    ['unguarded', print(guarded())],
    ['guard of one', print(guarded('HA_server1'))],
    ['guard of the other', print(guarded('HA_server2'))],
    ['guard of the subnet', print({ ...guarded(), 'client-classes': ['HA_server1'] })],
    ['one subnet less', print(base, {}, { subnet4: [base] })],
    ['wide', print(wide)],
    [
      'exclude-first-last-24',
      print(wide, {}, { compatibility: { 'exclude-first-last-24': true } }),
    ],
  ]
  t.equal(new Set(different.map(([, found]) => found)).size, different.length)
  const network = (guard: string[]) => ({
    subnet4: [],
    'shared-networks': [{ name: 'n', 'client-classes': guard, subnet4: [SUBNET, other] }],
  })
  const p = { subnet4: [{ ...SUBNET, pools: pools('192.0.2.8/29') }] }
  t.equal(print(SUBNET, {}, network([])), print(SUBNET, {}, network(['HA_server1'])), 'no address')
  const ofNetwork = (guard: string[]) =>
    print(
      SUBNET,
      {},
      { 'shared-networks': [{ name: 'n', 'client-classes': guard, ...p }], subnet4: [] },
    )
  t.not(ofNetwork([]), ofNetwork(['HA_server1']), 'guard of a network')
})

t.test('a file on this machine', async (t) => {
  const folder = t.testdir({
    'ca.pem': CERTIFICATE,
    'cert.pem': CERTIFICATE,
    cas: {},
    user: 'u\nx',
  })
  const document = (members: Members) =>
    JSON.stringify({
      Dhcp4: { 'interfaces-config': { interfaces: ['*'] }, ...hooks(relationship(members)) },
    })
  const context: CompileContext = { stateDirectory: '/nowhere', thisServer: 'server2' }
  const said = (members: Members): string[] => {
    const file = join(folder, 'pair.json')
    writeFileSync(file, document(members))
    return loadConfigFile(file, context).problems.map(({ message, hint }) => `${message} (${hint})`)
  }
  t.same(said({}), [])
  const tls = {
    'trust-anchor': join(folder, 'cas'),
    'cert-file': join(folder, 'cert.pem'),
    'key-file': join(folder, 'key.pem'),
  }
  t.match(said(tls).at(-1)!, /^'.*key.pem' cannot be read \(there is no such file\)$/)
  t.match(said({ ...tls, 'key-file': '/dev/null' }).at(-1)!, /\(it is not a regular file\)$/)
  t.match(said({ ...tls, 'key-file': join(folder, 'ca.pem') }).at(-1)!, /holds no private key/)
  const auth = { 'basic-auth-user-file': join(folder, 'user') }
  t.same(said({ peers: [peer(1, 'primary', auth), peer(2, 'secondary', auth)] }), [])
  const { localAddresses } = thisMachine()
  t.ok(localAddresses?.includes('127.0.0.1'))
})

t.test('a pair in one line', async (t) => {
  t.equal(
    describeHa(haOf({ peers: [...peers(), peer(3, 'backup')], 'max-unacked-clients': 5 })),
    'load-balancing as server1 (primary) at http://192.0.2.1:8000/, partner server2 at http://192.0.2.2:8000/, backup server3 at http://192.0.2.3:8000/, heartbeat 500 ms, silent after 3000 ms and more than 5 clients unserved for 3000 ms, safe when silent',
  )
  const alone = { mode: 'passive-backup', peers: [peers()[0], peer(2, 'backup')] }
  t.equal(
    describeHa(
      haOf({ ...alone, 'this-server-name': 'server2' }, CONTEXT, {
        ha: { 'when-silent': 'available' },
      }),
    ),
    'passive-backup as server2 (backup) at http://192.0.2.2:8000/, heartbeat 500 ms, silent after 3000 ms, available when silent',
  )
})
