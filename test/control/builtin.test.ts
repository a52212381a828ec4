// The commands of the server itself: request and reply, a row each. Numbers in brackets are those
// of the well-known exchanges that clients rely on.

import t, { type Test } from 'tap'
import type { Answer, Persona } from '../../lib/control/command.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { onePool, planOfBoth } from '../sim/plans.ts'
import { Stage } from './room.ts'

function stage(): Stage {
  const plan = planOfBoth(
    {
      'client-classes': [{ name: 'voip', test: 'option[60].exists' }],
      'shared-networks': [
        {
          name: 'floor',
          subnet4: [
            {
              id: 8,
              subnet: '198.51.100.0/24',
              pools: [{ pool: '198.51.100.10 - 198.51.100.12' }],
              relay: { 'ip-addresses': ['203.0.113.1'] },
            },
            { id: 9, subnet: '198.51.101.0/24', pools: [{ pool: '198.51.101.0/28' }] },
          ],
        },
      ],
      subnet4: [
        { id: 7, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] },
        {
          id: 10,
          subnet: '10.0.0.0/24',
          'client-classes': ['voip'],
          pools: [{ pool: '10.0.0.10 - 10.0.0.19' }],
        },
      ],
    },
    {
      subnet6: [
        { id: 11, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/120' }] },
        {
          id: 12,
          subnet: '2001:db8:2::/64',
          'interface-id': 'port7',
          pools: [{ pool: '2001:db8:2::/120' }],
        },
      ],
    },
  )
  return new Stage(createLab({ plan, clients: [], clients6: [] }))
}

type Row = readonly [command: string, given: unknown, answer: Answer, persona?: Persona]

function play(t: Test, stage: Stage, rows: readonly Row[]): void {
  for (const [command, given, answer, persona = 'dhcp4'] of rows)
    t.strictSame(
      stage.ask({ command, arguments: given }, persona),
      answer,
      `${persona} ${command} ${JSON.stringify(given)}`,
    )
}

t.test('what the server is', async (t) => {
  const one = stage()
  const extended = '3.2.0 (Whio 1.2.3)\nnode v24'
  play(t, one, [
    ['version-get', undefined, { result: 0, text: '3.2.0', arguments: { extended } }],
    ['version-get', undefined, { result: 0, text: '3.2.0', arguments: { extended } }, 'dhcp6'],
    ['build-report', undefined, { result: 0, text: 'Whio 1.2.3\nnode v24' }],
    ['server-tag-get', undefined, { result: 0, arguments: { 'server-tag': '' } }],
    ['config-backend-pull', undefined, { result: 3, text: 'No config backend.' }],
  ])
  t.match(one.ask({ command: 'interface-list' }), {
    result: 0,
    text: '1 interfaces detected.',
    arguments: {
      interfaces: [{ name: 'eth0', index: 2, mac: '02:00:00:00:00:01', type: 1, 'flag-up': true }],
    },
  })
})

t.test('the version that clients of Kea see is a key', async (t) => {
  const lab = createLab({
    plan: { ...onePool('192.0.2.10 - 192.0.2.19', 600), keaVersion: '2.6.1' },
    clients: [],
  })
  t.equal(new Stage(lab).ask({ command: 'version-get' }).text, '2.6.1')
})

t.test('dhcp-disable and dhcp-enable (35)', async (t) => {
  const one = stage()
  const { switches } = one.room.server
  const enabled = { result: 0, text: 'DHCP service successfully enabled' } as const
  const wrong = (text: string) => ({ result: 1, text }) as const
  play(t, one, [
    ['dhcp-enable', undefined, enabled],
    [
      'dhcp-disable',
      { 'max-period': 2 },
      { result: 0, text: 'DHCPv4 service disabled for 2 seconds' },
    ],
    ['dhcp-disable', undefined, { result: 0, text: 'DHCPv6 service disabled' }, 'dhcp6'],
    [
      'dhcp-disable',
      { origin: 'ha-partner' },
      { result: 0, text: 'DHCPv6 service disabled' },
      'dhcp6',
    ],
    ['dhcp-disable', { origin: 1003 }, { result: 0, text: 'DHCPv6 service disabled' }, 'dhcp6'],
    [
      'dhcp-disable',
      { 'origin-id': 3001, origin: 'x' },
      { result: 0, text: 'DHCPv6 service disabled' },
      'dhcp6',
    ],
    ['dhcp-disable', [], wrong("arguments for the 'dhcp-disable' command must be a map")],
    ['dhcp-enable', 1, wrong("arguments for the 'dhcp-enable' command must be a map")],
    ['dhcp-disable', { 'max-period': 0 }, wrong("'max-period' must be positive integer")],
    ['dhcp-disable', { 'max-period': -5 }, wrong("'max-period' must be positive integer")],
    ['dhcp-disable', { 'max-period': '5' }, wrong("'max-period' argument must be a number")],
    ['dhcp-disable', { 'max-period': 1.5 }, wrong("'max-period' argument must be a number")],
    ['dhcp-disable', { origin: 'foo' }, wrong("invalid value used for 'origin' parameter: foo")],
    [
      'dhcp-disable',
      { origin: '' },
      wrong("invalid value used for 'origin' parameter: (empty string)"),
    ],
    ['dhcp-enable', { origin: [] }, wrong("'origin' argument must be a string or a number")],
    ['dhcp-enable', { 'origin-id': 'user' }, wrong("'origin-id' argument must be a number")],
  ])
  t.same(switches.origins(4), [1])
  t.same(switches.origins(6), [1, 1003, 2000, 3001])
  t.match(one.ask({ command: 'status-get' }, 'dhcp6').arguments, {
    'dhcp-state': {
      'globally-disabled': true,
      'disabled-by-user': true,
      'disabled-by-local-command': [1003],
      'disabled-by-remote-command': [2000],
      'disabled-by-db-connection': [3001],
    },
  })
  one.lab.advance(2000)
  t.same(switches.origins(4), [], 'back on by itself')
  for (const origin of ['user', 'ha-partner', 1003, 3001])
    t.strictSame(one.ask({ command: 'dhcp-enable', arguments: { origin } }, 'dhcp6'), enabled)
  t.notOk(switches.isOff(6))
})

t.test('shutdown answers first, and the exit code is the value', async (t) => {
  const one = stage()
  const down = { result: 0, text: 'Shutting down.' } as const
  play(t, one, [
    ['shutdown', [], { result: 1, text: 'Argument must be a map' }],
    [
      'shutdown',
      { 'exit-value': '1' },
      { result: 1, text: "parameter 'exit-value' is not an integer" },
    ],
    [
      'shutdown',
      { 'exit-value': 2.5 },
      { result: 1, text: "parameter 'exit-value' is not an integer" },
    ],
  ])
  t.same(one.stops, [])
  play(t, one, [
    ['shutdown', undefined, down],
    ['shutdown', { 'exit-value': 3 }, down],
    ['shutdown', { 'exit-value': -1 }, down, 'dhcp6'],
  ])
  t.same(one.stops, [0, 3, 255])
})

t.test(
  'leases-reclaim takes what has ended, and nothing else, however long the rounds wait',
  async (t) => {
    const expiry = { 'reclaim-timer-wait-time': 60_000, 'max-reclaim-leases': 1 }
    const plan = onePool('192.0.2.10 - 192.0.2.19', 100, { 'expired-leases-processing': expiry })
    const off = { startDelayMax: 0 }
    const lab = createLab({ plan, clients: [off, off, off] })
    t.ok(lab.settle())
    const one = new Stage(lab)
    const states = () => lab.rows(0).map(({ state }) => state)
    const reclaim = (given: unknown) => one.ask({ command: 'leases-reclaim', arguments: given })
    t.strictSame(reclaim({}), { result: 1, text: "Missing mandatory 'remove' parameter." })
    t.strictSame(reclaim({ remove: 1 }), {
      result: 1,
      text: "'remove' parameter expected to be a boolean.",
    })
    const order = (remove: boolean) => {
      const told = one.asked({ command: 'leases-reclaim', arguments: { remove } })
      lab.advance(1000)
      t.strictSame(told(), { result: 0, text: 'Reclamation of expired leases is complete.' })
    }
    order(true)
    t.same(states(), [0, 0, 0], 'who has a lease keeps it')
    for (const at of [0, 1]) lab.client(at).stop()
    lab.advance(150_000)
    order(false)
    t.same(states().sort(), [0, 2, 2])
    order(true)
    t.same(states(), [0])
    t.same(lab.invariants.violations, [])
  },
)

t.test('leases-reclaim says so where the journal does not store', async (t) => {
  const lab = createLab({ plan: onePool('192.0.2.10 - 192.0.2.19', 100), clients: [{}] })
  t.ok(lab.settle())
  const one = new Stage(lab)
  lab.client(0).stop()
  lab.server().disk.behaviour.trouble = 'disk full'
  lab.advance(200_000)
  const told = one.asked({ command: 'leases-reclaim', arguments: { remove: false } })
  lab.advance(10_000)
  t.match(told(), { result: 1, text: /failed|does not store/ })
})

t.test('subnet4-select-test', async (t) => {
  const selected = (text: string) => ({ result: 0, text: `selected ${text}` }) as const
  const wrong = (text: string) => ({ result: 1, text }) as const
  const none = { result: 3, text: 'no subnet selected' } as const
  const floor = "shared network 'floor' starting with subnet"
  play(t, stage(), [
    ...[
      [undefined, wrong('empty arguments')],
      [[], wrong('arguments must be a map')],
      [{ foo: 1 }, wrong("unknown entry 'foo'")],
      [{ relay: 1 }, wrong("'relay' entry must be a string")],
      [{ interface: 1 }, wrong("'interface' entry must be a string")],
      [{ relay: '2001:db8::1' }, wrong("bad 'relay' entry: not IPv4")],
      [
        { link: 'x' },
        wrong("bad 'link' entry: Failed to convert string to address 'x': Invalid argument"),
      ],
      [{ classes: 'voip' }, wrong("'classes' entry must be a list")],
      [{ classes: [1] }, wrong("'classes' entry must be a list of strings")],
      [{}, none],
      [{ relay: '192.0.2.1' }, selected("subnet '192.0.2.0/24' id 7")],
      [{ relay: '203.0.113.1' }, selected(`${floor} '198.51.100.0/24' id 8`)],
      [{ address: '198.51.101.7' }, selected(`${floor} '198.51.101.0/24' id 9`)],
      [{ remote: '192.0.2.7' }, selected("subnet '192.0.2.0/24' id 7")],
      [{ link: '192.0.2.0', relay: '10.9.9.9' }, selected("subnet '192.0.2.0/24' id 7")],
      [{ subnet: '192.0.2.0', address: '10.9.9.9' }, selected("subnet '192.0.2.0/24' id 7")],
      [{ relay: '10.0.0.1' }, none],
      [
        { relay: '10.0.0.1', classes: ['voip', '', 'nobody'] },
        selected("subnet '10.0.0.0/24' id 10"),
      ],
      [{ relay: '172.16.0.1' }, none],
    ].map(([given, answer]) => ['subnet4-select-test', given, answer] as Row),
  ])
})

t.test('an interface of this machine stands for the subnet of its addresses', async (t) => {
  const given = { interface: 'eth0' }
  play(t, stage(), [
    ['subnet4-select-test', given, { result: 0, text: "selected subnet '192.0.2.0/24' id 7" }],
    [
      'subnet6-select-test',
      given,
      { result: 0, text: "selected subnet '2001:db8:1::/64' id 11" },
      'dhcp6',
    ],
    ['subnet4-select-test', { interface: 'eth9' }, { result: 3, text: 'no subnet selected' }],
  ])
})

t.test('subnet6-select-test', async (t) => {
  const one = { result: 0, text: "selected subnet '2001:db8:1::/64' id 11" } as const
  const two = { result: 0, text: "selected subnet '2001:db8:2::/64' id 12" } as const
  const wrong = (text: string) => ({ result: 1, text }) as const
  const none = { result: 3, text: 'no subnet selected' } as const
  play(t, stage(), [
    ...[
      [undefined, wrong('empty arguments')],
      [{ relay: '::1' }, wrong("unknown entry 'relay'")],
      [{ remote: '192.0.2.1' }, wrong("bad 'remote' entry: not IPv6")],
      [{ 'interface-id': '' }, wrong("'interface-id' must be not empty")],
      [{ 'interface-id': 'xyz' }, wrong("value of 'interface-id' was not recognized")],
      [{ remote: '2001:db8:1::9' }, one],
      [{ link: '2001:db8:1::1' }, one],
      [{ 'interface-id': "'port7'" }, two],
      [{ 'interface-id': '706f727437', link: '2001:db8:1::1' }, two],
      [{ link: '2001:db8:9::1' }, none],
      [{}, none],
    ].map(([given, answer]) => ['subnet6-select-test', given, answer, 'dhcp6'] as Row),
  ])
})

t.test('status-get has the keys and shapes of Kea', async (t) => {
  const one = stage()
  one.lab.advance(5000)
  const { arguments: four } = one.ask({ command: 'status-get' })
  t.strictSame(four, {
    pid: 4711,
    uptime: 5,
    reload: 5,
    'multi-threading-enabled': true,
    'thread-pool-size': 0,
    'packet-queue-size': 64,
    'packet-queue-statistics': [0, 0, 0],
    sockets: { status: 'ready' },
    'dhcp-state': {
      'globally-disabled': false,
      'disabled-by-user': false,
      'disabled-by-local-command': [],
      'disabled-by-remote-command': [],
      'disabled-by-db-connection': [],
    },
  })
  const { arguments: six } = one.ask({ command: 'status-get' }, 'dhcp6')
  t.strictSame(six, { ...(four as object), 'extended-info-tables': false })
  const threads = { 'thread-pool-size': 5, 'packet-queue-size': 50 }
  const told = new Stage(one.lab, { Dhcp4: { 'multi-threading': threads } as object })
  t.match(told.ask({ command: 'status-get' }).arguments, threads)
  const off = { Dhcp4: { 'multi-threading': { 'enable-multi-threading': false } } as object }
  const { arguments: without } = new Stage(one.lab, off).ask({ command: 'status-get' })
  t.notOk('thread-pool-size' in (without as object))
})

t.test('status-get tells how many replies waited together, once there was one', async (t) => {
  const lab = createLab({ plan: onePool('192.0.2.10 - 192.0.2.19', 600), clients: [{}] })
  const one = new Stage(lab)
  t.ok(lab.settle())
  const { arguments: status } = one.ask({ command: 'status-get' })
  const means = (status as Record<string, readonly number[]>)['packet-queue-statistics']!
  t.equal(means.length, 3)
  for (const mean of means) t.ok(mean > 0 && mean <= 1, `${mean}`)
})

t.test('status-get of a pair', async (t) => {
  const pair = createPair({ clients: 0 })
  t.ok(pair.reachNormal())
  const one = new Stage(pair)
  const own = one.ask({ command: 'status-get' }).arguments as Record<string, unknown>
  t.strictSame(own['high-availability'], [
    {
      'ha-mode': 'load-balancing',
      'ha-servers': {
        local: {
          role: 'primary',
          scopes: ['server1'],
          state: 'load-balancing',
          'server-name': 'server1',
          'system-time': null,
        },
        remote: {
          age: 0,
          'analyzed-packets': 0,
          'clock-skew': null,
          'communication-interrupted': false,
          'connecting-clients': 0,
          'in-touch': true,
          'last-scopes': ['server2'],
          'last-state': 'load-balancing',
          role: 'secondary',
          'server-name': 'server2',
          'system-time': null,
          'unacked-clients': 0,
          'unacked-clients-left': 0,
        },
      },
    },
  ])
})

t.test('a server that waits for its partner says that it does not serve', async (t) => {
  const pair = createPair({ clients: 0 })
  pair.kill(1)
  pair.advance(10_000)
  t.match(new Stage(pair).ask({ command: 'status-get' }).arguments, {
    'dhcp-state': {
      'globally-disabled': true,
      'disabled-by-user': false,
      'disabled-by-local-command': [1000],
    },
  })
})
