// Dhcp4 and Dhcp6 in one process: in one file or in two, and what the process has once, whichever
// map says it.

import t from 'tap'
import { leaseDatabaseOf } from '../../lib/config/lease-database-of.ts'
import { loadPlanFromObject, loadPlanFromSources } from '../../lib/config/load.ts'
import type { CompileContext } from '../../lib/config/plan/compile-context.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

const CONTEXT: CompileContext = { stateDirectory: '/var/lib/whio' }
const LISTENING = { 'interfaces-config': { interfaces: ['eth0'] } }
const SUBNET4 = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.20' }] }
const SUBNET6 = { id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }
const V4 = { ...LISTENING, subnet4: [SUBNET4] }
const V6 = { ...LISTENING, subnet6: [SUBNET6] }

function load(Dhcp4: object | undefined, Dhcp6: object | undefined, context = CONTEXT) {
  const loaded = loadPlanFromObject(
    { ...(Dhcp4 && { Dhcp4: { ...V4, ...Dhcp4 } }), ...(Dhcp6 && { Dhcp6: { ...V6, ...Dhcp6 } }) },
    context,
  )
  return { plan: loaded.plan, lines: linesOf(loaded) }
}

function linesOf({ problems }: ReturnType<typeof loadPlanFromObject>): string[] {
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`)
}

function files(...texts: string[]) {
  const sources = texts.map((text, at) => ({ text, file: `${'abc'[at]}.conf` }))
  const loaded = loadPlanFromSources(sources, () => undefined, CONTEXT)
  return { plan: loaded.plan, lines: linesOf(loaded) }
}

t.test('a file serves DHCPv4, DHCPv6 or both', async (t) => {
  const [four, six, both] = [load({}, undefined), load(undefined, {}), load({}, {})]
  for (const { lines } of [four, six, both]) t.same(lines, [])
  t.same([four.plan?.dhcp4?.subnets.length, four.plan?.dhcp6], [1, undefined])
  t.same([six.plan?.dhcp4, six.plan?.dhcp6?.subnets.length], [undefined, 1])
  t.same([both.plan?.dhcp4?.subnets.length, both.plan?.dhcp6?.subnets.length], [1, 1])
  const prints = [four, six, both].map(({ plan }) => plan!.fingerprint)
  t.equal(new Set(prints).size, 3, 'servers of a pair see who serves what')
})

t.test('an error of one map is told where it stands, and nothing is served', async (t) => {
  const { plan, lines } = load({}, { subnet6: [{ ...SUBNET6, subnet: '192.0.2.0/24' }] })
  t.equal(plan, undefined)
  t.same(lines, [
    `error Dhcp6.subnet6[0].subnet: '192.0.2.0/24' is not a subnet of IPv6 (such as "2001:db8:1::/64")`,
  ])
})

t.test('two files', async (t) => {
  const four = JSON.stringify({ Dhcp4: V4 })
  const six = JSON.stringify({ Dhcp6: V6 })

  t.test('are one configuration', async (t) => {
    const { plan, lines } = files(four, six)
    t.same(lines, [])
    t.ok(plan?.dhcp4 && plan.dhcp6)
    t.equal(plan?.fingerprint, load({}, {}).plan?.fingerprint)
  })

  t.test('have their problems at their own places', async (t) => {
    const text =
      '{ "Dhcp6": {\n "interfaces-config": { "interfaces": ["*"] },\n "subnet6": [{ "id": 1,\n "subnet": "x" }] } }'
    const { plan, lines } = files(four, text)
    t.equal(plan, undefined)
    t.same(lines, [
      `error b.conf:4:12 Dhcp6.subnet6[0].subnet: 'x' is not a subnet of IPv6 (such as "2001:db8:1::/64")`,
    ])
  })

  t.test('do not both have a map', async (t) => {
    t.same(files(four, four).lines, [
      'error b.conf:1:2 Dhcp4: the map stands in a.conf, too (leave one of them out: all files together are one configuration)',
    ])
  })

  t.test('may both say the same of Whio, and nothing else', async (t) => {
    const whio = (text: string, durability: string) =>
      JSON.stringify({ ...JSON.parse(text), Whio: { durability } })
    t.same(files(whio(four, 'normal'), whio(six, 'normal')).lines, [])
    t.match(files(whio(four, 'normal'), whio(six, 'full')).lines, [/^error b\.conf:.* Whio: /])
  })

  t.test('each have a server', async (t) => {
    t.match(files(four, '{}').lines, [/^error b\.conf:1:1 Dhcp4: the key is missing/])
  })
})

t.test('the process has one lease database', async (t) => {
  const file = (name: string) => ({ 'lease-database': { type: 'memfile', name } })
  const csv4 = file('/var/lib/kea/kea-leases4.csv')
  const csv6 = file('/var/lib/kea/kea-leases6.csv')
  const own = '/var/lib/whio/whio-leases4.sqlite'
  const cases: readonly (readonly [string, object, object, path: string, ...imports: unknown[]])[] =
    [
      ['nothing is named', {}, {}, own, undefined, undefined],
      ['Dhcp4 names it', file('/data/l.db'), {}, '/data/l.db', undefined, undefined],
      ['Dhcp6 names it', {}, file('/data/l.db'), '/data/l.db', undefined, undefined],
      [
        "both have Kea's files",
        csv4,
        csv6,
        '/var/lib/kea/kea-leases4.csv.sqlite',
        '/var/lib/kea/kea-leases4.csv',
        '/var/lib/kea/kea-leases6.csv',
      ],
      [
        "one has Kea's file",
        file('/data/l.db'),
        csv6,
        '/data/l.db',
        undefined,
        '/var/lib/kea/kea-leases6.csv',
      ],
    ]
  for (const [title, four, six, path, importCsv, importCsv6] of cases) {
    const { plan, lines } = load(four, six)
    t.same(lines, [], title)
    t.match(plan?.database, { path, importCsv, importCsv6 }, title)
  }

  t.test('and two that are named are an error', async (t) => {
    t.same(load(file('/data/4.db'), file('/data/6.db')).lines, [
      'error Dhcp6.lease-database.name: leases of DHCPv6 in /data/6.db, those of DHCPv4 in /data/4.db (the process has one lease database for both: name one)',
    ])
    const off = { 'lease-database': { type: 'memfile', persist: false } }
    t.match(load({ 'lease-database': { type: 'memfile' } }, off).lines, [
      /^error Dhcp6\.lease-database\.persist: persist is false here and true in Dhcp4/,
    ])
    t.equal(load(off, {}).plan?.database.persist, false, 'one says it for both')
  })

  t.test('which who begins to serve a second family finds again', async (t) => {
    const having = (...paths: string[]) => ({
      ...CONTEXT,
      hasFile: (path: string) => paths.includes(path),
    })
    const six = '/var/lib/kea/kea-leases6.csv.sqlite'
    t.equal(load(csv4, csv6, having(six)).plan?.database.path, six)
    t.equal(load({}, csv6, having(own)).plan?.database.path, own)
    const { plan, lines } = load({}, csv6, having(own, six))
    t.equal(plan, undefined, 'leases of one of them would be forgotten')
    t.match(lines, [/^error Dhcp6\.lease-database: .* has leases, and they would not be served/])
    t.match(load({}, file('/data/new.db'), having(own)).lines, [
      /^error .*whio-leases4\.sqlite has/,
    ])
  })

  t.test('and by it a running server is found, whatever else is wrong', async (t) => {
    const six = JSON.stringify({ Dhcp6: { ...csv6, subnet6: 7 } })
    const found = leaseDatabaseOf([{ text: six, file: 'f' }], () => undefined, CONTEXT)
    t.equal(found?.path, '/var/lib/kea/kea-leases6.csv.sqlite')
  })
})

t.test('the process has one log', async (t) => {
  const logger = (name: string, output: string) => ({
    loggers: [{ name, 'output-options': [{ output }] }],
  })
  const { plan, lines } = load(logger('kea-dhcp4', 'stderr'), logger('kea-dhcp6', 'stderr'))
  t.same(lines, [])
  t.same(
    plan?.loggers.map(({ name }) => name),
    ['kea-dhcp4', 'kea-dhcp6'],
  )
  t.match(load(logger('kea-dhcp4', '/log/4'), logger('kea-dhcp6', '/log/6')).lines, [
    /^warning Dhcp6\.loggers: the loggers of the two maps differ/,
  ])
  t.match(load(undefined, logger('kea-dhcp4', 'stderr')).lines, [
    /^warning Dhcp6\.loggers\[0\]\.name: logger 'kea-dhcp4' is not one of this server's/,
  ])
})

t.test('the process is one of one pair', async (t) => {
  const peer = (name: string, role: string, url: string) => ({ name, role, url })
  const pair = (port: number, more: object = {}) => ({
    'hooks-libraries': [
      {
        library: 'libdhcp_ha.so',
        parameters: {
          'high-availability': [
            {
              mode: 'load-balancing',
              'this-server-name': 'a',
              peers: [
                peer('a', 'primary', `http://127.0.0.1:${port}/`),
                peer('b', 'secondary', `http://127.0.0.2:${port}/`),
              ],
              ...more,
            },
          ],
        },
      },
    ],
  })
  const at = 'Dhcp6.hooks-libraries[0].parameters.high-availability[0]'

  t.test('said in either map, or in both', async (t) => {
    for (const [four, six] of [
      [pair(8000), {}],
      [{}, pair(8000)],
      [pair(8000), pair(8000)],
    ] as const) {
      const { plan, lines } = load(four, six)
      t.same(lines, [])
      t.equal(plan?.ha?.thisServer.name, 'a')
      t.equal(plan?.dhcp6?.classes.names[0], 'HA_a', 'its classes are those of both families')
    }
    t.equal(load(undefined, pair(8000)).plan?.ha?.partner?.name, 'b', 'of a server of DHCPv6 alone')
  })

  t.test("where ports differ, as for Kea's two servers on a host, one link serves", async (t) => {
    const { plan, lines } = load(pair(8000), pair(8001))
    t.same(lines, [])
    t.equal(plan?.ha?.thisServer.url.port, 8000)
  })

  t.test('and not of two', async (t) => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ mode: 'hot-standby' }, /^error .*\.mode: the mode is hot-standby, and load-balancing in/],
      [{ 'this-server-name': 'b' }, /^error .*\.this-server-name: this server is 'b', and 'a' in/],
      [
        {
          peers: [
            peer('a', 'primary', 'http://127.0.0.1:8000/'),
            peer('c', 'secondary', 'http://127.0.0.3:8000/'),
          ],
        },
        /^error .*\.peers: the peers are not those of Dhcp4/,
      ],
      [{ 'max-unacked-clients': 5 }, /^warning .*: "max-unacked-clients": what Dhcp4 says counts/],
    ]
    for (const [more, expected] of cases) {
      const { plan, lines } = load(pair(8000), pair(8000, more))
      t.equal(lines.length, 1, String(expected))
      t.match(lines[0], expected)
      t.ok(lines[0]!.includes(at))
      t.equal(plan === undefined, lines[0]!.startsWith('error'))
    }
  })

  t.test('whose classes mean nothing without it, in either map', async (t) => {
    const { lines } = load({}, { subnet6: [{ ...SUBNET6, 'client-classes': ['HA_a'] }] })
    t.match(lines, [/^error Dhcp6\.subnet6\[0\]\.client-classes\[0\]: HA_a is a class of a pair/])
  })
})

t.test('a database that servers share', async (t) => {
  const database = { type: 'postgresql', host: 'db1,db2', name: 'dhcp', user: 'whio' }

  t.test('counts for both families, whichever map names it', async (t) => {
    for (const [four, six] of [
      [{ 'lease-database': database }, {}],
      [{}, { 'lease-database': database }],
      [{ 'lease-database': database }, { 'lease-database': database }],
    ] as const) {
      const { plan, lines } = load(four, six)
      t.same(lines, [])
      const { shared, path, persist, importCsv, serverTag } = plan!.database
      t.match(shared, { connection: { name: 'dhcp', user: 'whio' }, only: undefined })
      t.same(
        shared!.connection.hosts.map(({ host }) => host),
        ['db1', 'db2'],
      )
      t.equal(path, '/var/lib/whio/whio-leases4.sqlite', 'where the door of operators is')
      t.same([persist, importCsv, serverTag], [true, undefined, undefined])
    }
  })

  t.test('is written to whatever readonly says', async (t) => {
    const { plan, lines } = load({ 'lease-database': { ...database, readonly: true } }, undefined)
    t.ok(plan)
    t.match(lines, [/^info .*readonly: without effect .*\(a server stores each lease before it/])
  })

  t.test('two of them are told', async (t) => {
    const other = { ...database, name: 'other' }
    const { plan, lines } = load({ 'lease-database': database }, { 'lease-database': other })
    t.equal(plan, undefined)
    t.same(lines, [
      'error Dhcp6.lease-database: leases of DHCPv6 are in another database than those of DHCPv4 (the process has one lease database for both: say the same twice, or once)',
    ])
    const file = { type: 'memfile' }
    t.equal(load({ 'lease-database': file }, { 'lease-database': database }).plan, undefined)
  })

  t.test('each server has a name there', async (t) => {
    const four = { 'lease-database': database, 'server-tag': 'north' }
    t.equal(load(four, {}).plan!.database.serverTag, 'north')
    t.equal(
      load({ 'lease-database': database }, { 'server-tag': 'n' }).plan!.database.serverTag,
      'n',
    )
    const only = load(four, undefined, { ...CONTEXT, only: 4 })
    t.equal(only.plan!.database.shared!.only, 4, 'and each process, where there are two')
  })

  t.test('a pair there sends no leases, and its servers have its names', async (t) => {
    const peers = [
      { name: 'one', url: 'http://192.0.2.1:8000/', role: 'primary' },
      { name: 'two', url: 'http://192.0.2.2:8000/', role: 'standby' },
    ]
    const pair = (more: object) => {
      const mode = { mode: 'hot-standby', 'this-server-name': 'two', peers, ...more }
      const parameters = { 'high-availability': [mode] }
      const hooks = { 'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }] }
      const pools = [{ ...SUBNET4.pools[0], 'client-classes': ['HA_one'] }]
      const subnet4 = [{ ...SUBNET4, pools }]
      return load({ 'lease-database': database, ...hooks, subnet4 }, undefined)
    }
    const { plan } = pair({ 'send-lease-updates': false })
    t.equal(plan!.ha!.sharesDatabase, true)
    t.equal(plan!.database.serverTag, 'two')
    t.equal(pair({}).plan, undefined, 'leases that are sent are for another database')
  })
})
