// The HA block of a document becomes the plan of a pair: the pairs that everybody knows, what the
// file does not say, which server this one is, the fingerprint that both must share.

import t from 'tap'
import { maskOf } from '../../lib/classify/class-set.ts'
import { describeHa } from '../../lib/config/ha/describe.ts'
import { loadPlan } from '../../lib/config/load.ts'
import type { CompileContext } from '../../lib/config/plan/compile-context.ts'
import type { Subnet4 } from '../../lib/config/plan/plan4.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import {
  CONTEXT,
  haOf,
  lines,
  load,
  type Members,
  peer,
  peers,
  planOf,
  relationship,
  SUBNET,
  textOfRanges,
} from './ha-documents.ts'

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
  const loaded = loadPlan(text, 'f', () => undefined, {
    ...CONTEXT,
    localAddresses: ['192.168.56.33'],
  })
  t.same(
    loaded.problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`),
    [
      'info f:4:20 Dhcp4.hooks-libraries[0].library: "/usr/lib/kea/hooks/libdhcp_lease_cmds.so" is without effect in Whio (its commands are built in, and so is what a pair needs of it)',
      'info f:12:39 Dhcp4.hooks-libraries[1].parameters.high-availability[0].max-rejected-lease-updates: without effect in Whio (a row that differs is settled row by row, and service goes on)',
      'info f:13:28 Dhcp4.hooks-libraries[1].parameters.high-availability[0].multi-threading: without effect in Whio (one connection carries everything, on the url of the peer)',
      'warning f:16:39 Dhcp4.hooks-libraries[1].parameters.high-availability[0].peers[0].url: whoever reaches this address can speak for the partner: nothing proves who calls (https with require-client-certs, or basic-auth-user)',
      'warning f:22:45 Dhcp4.subnet4[0].pools[1].client-class: an old spelling (write client-classes)',
    ],
  )
  const { ha, dhcp4 } = planOf(loaded)
  const { subnets } = dhcp4!
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
    sharesDatabase: false,
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
    checksCertificateNames: true,
    pauses: new Map(),
    whenSilent: 'safe',
    sharesEdits: true,
    reserve: 0.2,
  })
  t.equal(ha!.thisServer, ha!.peers[0], 'one object a peer')
  const [subnet] = subnets as [Subnet4]
  t.same(
    subnet.pools.map(({ guard }) => guard),
    [maskOf([0]), maskOf([1])],
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
    [
      {},
      { localAddresses: ['192.0.2.3'] },
      NOWHERE.replace('(', '(it has 192.0.2.3: mend a url, or '),
    ],
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
  const known = { 'basic-auth-user': 'u', 'basic-auth-password': 'p' }
  for (const [url, said] of rows) {
    const loaded = load(
      relationship({ peers: [peers()[0], peer(2, 'secondary', { url, ...known })] }),
    )
    const expected = said === '' ? [] : [`error ha.peers[1].url: '${url}' ${said} (${hint})`]
    t.same(lines(loaded), expected, url)
  }
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

t.test(
  'a pair is not told that it differs because one of its servers is of a later version',
  async (t) => {
    const pool = (text: string, ...servers: number[]) => ({
      pool: text,
      ...(servers.length > 0 && {
        'client-classes': servers.map((number) => `HA_server${number}`),
      }),
    })
    const [first, second] = ['192.0.2.10 - 192.0.2.19', '192.0.2.20 - 192.0.2.29']
    const third = '192.0.2.128/26'
    const pools = [pool(first, 1), pool(second, 2), pool(third, 1, 2)]
    const inner = [pool(first), pool(second, 1), pool(third, 2)]
    const members = [
      { ...SUBNET, pools: [pool(first), pool(second, 1, 2)] },
      {
        id: 2,
        subnet: '198.51.100.0/24',
        'client-classes': ['HA_server1', 'HA_server2'],
        pools: [pool('198.51.100.8/29', 2)],
      },
    ]
    const frog = { name: 'frog', 'client-classes': ['HA_server1'], subnet4: members }
    // As earlier versions computed them: other values would be shown as a difference of the two
    // files.
    const rows: readonly (readonly [string, Members])[] = [
      [
        '52f9c6d5a8ae9259957fbefa2402e993',
        { subnet4: [{ ...SUBNET, pools: [pool(first), pool(third)] }] },
      ],
      ['5cb55c3ee0d8d20e8a6d3f7d160f96a9', { subnet4: [{ ...SUBNET, pools }] }],
      [
        '44d8d5acf1aac6884ac7977f52f593d1',
        { subnet4: [{ ...SUBNET, 'client-classes': ['HA_server2'], pools: inner }] },
      ],
      ['d6973dfcd084cab97c0a276082b0004c', { 'shared-networks': [frog] }],
    ]
    for (const [fingerprint, document] of rows)
      t.equal(planOf(load(relationship(), document)).fingerprint, fingerprint)
  },
)
