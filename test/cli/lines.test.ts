// What `whio status` says of a pair, line by line, from the facts alone.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import type { DaemonStatus } from '../../lib/cli/daemon.ts'
import { durationWords, forecastLine } from '../../lib/cli/forecast.ts'
import { healthOf as healthOfDaemon } from '../../lib/cli/health.ts'
import { namesLines } from '../../lib/cli/names-lines.ts'
import { stateWords } from '../../lib/cli/order.ts'
import { pairLines } from '../../lib/cli/pair-lines.ts'
import { unreadyOf } from '../../lib/cli/readiness.ts'
import { hookLines, hostLines } from '../../lib/cli/status-lines.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { InterfaceStatus4 } from '../../lib/ports/datagrams4.ts'
import type { HostDatabaseStatus } from '../../lib/server/hosts/host-status.ts'
import { misfitOf, misfits } from '../../lib/server/interface-fit.ts'
import type { FreeStatus, PairStatus } from '../../lib/server/pair/pair-status.ts'
import { endpointOf, urlTrouble } from '../../lib/server/pair/partner-trouble.ts'
import type { ServerStatus } from '../../lib/server/status.ts'
import { pairOnDatabase } from '../sim/shared-plans.ts'

const HOUR = 3_600_000

/** Of a daemon that started a moment ago. */
const DAEMON: Pick<DaemonStatus, 'process' | 'configuration'> = {
  process: { pid: 1234, version: '0.1.0', since: '2026-06-12T09:00:00.000Z' },
  configuration: {
    file: '/etc/whio/dhcp4.conf',
    read: '2026-06-12T09:00:00.000Z',
    refused: '',
    needsRestart: [],
    files: [],
    edits: 0,
    unusable: [],
  },
}

function healthOf(status: ServerStatus, fileTrouble = '') {
  return healthOfDaemon({ ...DAEMON, ...status }, fileTrouble)
}

/** A Friday. */
const NOW = new Date(2026, 5, 12, 11, 14)

function row(more: Partial<FreeStatus> = {}): FreeStatus {
  const facts = {
    family: 4 as const,
    kind: 'address' as const,
    subnet: 1,
    prefix: '192.0.2.0/24',
    here: 40,
    partner: 45,
    resting: 0,
    addresses: 90,
  }
  return { ...facts, takenPerHour: 12, lastsFor: 3.3 * HOUR, ...more }
}

/** What the survivor of a pair says. */
const alone: PairStatus = (() => {
  const pair = createPair({ clients: 4 })
  pair.reachNormal()
  pair.crash(1)
  pair.advance(10_000)
  return pair.status(0)!.ha!
})()

function forecast(...free: FreeStatus[]): string {
  return forecastLine({ ...alone, free }, NOW)
}

t.test('until when addresses last', async (t) => {
  const rate = 'at the present rate'
  t.equal(forecast(row()), `${rate} they last until about 14:30 (3 h 18 min)`)
  t.equal(forecast(row({ lastsFor: 25 * 60_000 })), `${rate} they last until about 11:39 (25 min)`)
  t.equal(
    forecast(row({ lastsFor: 20 * HOUR })),
    `${rate} they last until about Saturday 07:10 (20 h)`,
  )
  t.equal(forecast(row({ lastsFor: 8 * 24 * HOUR })), `${rate} they last for more than a week`)
  t.equal(
    forecast(row({ takenPerHour: 0, lastsFor: Number.POSITIVE_INFINITY })),
    'new clients take none of them at present',
  )
  t.equal(forecast(row({ here: 0, lastsFor: 0 })), 'no address is left for new clients')
})

t.test('the subnet that runs out first is named', async (t) => {
  const other = row({ subnet: 2, prefix: '10.100.100.0/24', lastsFor: 6.5 * 24 * HOUR })
  t.match(forecast(row(), other), /rate 192\.0\.2\.0\/24 lasts until about 14:30 \(/)
  const line = forecast(other, row({ lastsFor: Number.POSITIVE_INFINITY, takenPerHour: 0 }))
  t.match(line, /rate 10\.100\.100\.0\/24 lasts until about Thursday 23:10 \(6 days 12 h\)$/)
  const empty = row({ here: 0, lastsFor: 0 })
  t.match(forecast(empty, other), /no address is left for new clients in 192\.0\.2\.0\/24$/)
  t.match(forecast(empty, other, empty), / in 192\.0\.2\.0\/24 and 1 more$/)
  t.match(forecast(other, row({ addresses: 0, here: 0, lastsFor: 0 })), /Thursday/, 'no pools')
})

t.test(
  'nothing is foretold while the partner has more, or of a server without rights',
  async (t) => {
    const partner = { ...alone.partner!, kind: 'connected' } as const
    t.equal(forecastLine({ ...alone, free: [row()], partner }, NOW), '')
    t.equal(forecastLine({ ...alone, free: [row()], rights: 'none' }, NOW), '')
    t.equal(forecast(), '')
  },
)

t.test('durations', async (t) => {
  const rows = [
    [59_999, '59 s'],
    [60_000, '1 min'],
    [HOUR, '1 h'],
    [24 * HOUR, '1 day'],
    [50 * HOUR, '2 days 2 h'],
  ] as const
  for (const [time, words] of rows) t.equal(durationWords(time), words)
})

/** Two addresses. */
const SMALL = {
  Dhcp4: {
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.11' }] }],
  },
}

function planOf(config: object): Plan {
  const { Dhcp4 } = config as { Dhcp4: object }
  const served = { Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] }, ...Dhcp4 } }
  const { plan, problems } = loadPlanFromObject(served, { stateDirectory: undefined })
  if (plan === undefined) throw new Error(problems.map(formatProblem).join('\n'))
  return plan
}

// ---- what is said in each situation

/** What goes through the operator's socket. */
function told(pair: PairLab, index: number): ServerStatus {
  return JSON.parse(JSON.stringify(pair.status(index)))
}

function normal(settings: PairSettings = {}): PairLab {
  const pair = createPair({ clients: 4, ...settings })
  pair.reachNormal()
  pair.settle()
  return pair
}

function say(pair: PairLab, index: number): string[] {
  return pairLines(told(pair, index).ha!, NOW)
}

t.test('all is well', async (t) => {
  const pair = normal()
  t.same(say(pair, 0), [
    'server1 (primary, load-balancing): load-balancing, serving its own half',
    'answers clients of server1',
    'partner server2 connected (load-balancing), lag 0',
    say(pair, 0).find((line) => line.startsWith('free for new clients')),
  ])
  t.match(healthOf(told(pair, 0)), { level: 0, line: /^OK: serving on \S+, load-balancing, / })
})

t.test('a pair on one database', async (t) => {
  const pair = normal({ plans: pairOnDatabase(), shared: true })
  t.same(say(pair, 0), [
    'server1 (primary, load-balancing): load-balancing, serving its own half',
    'answers clients of server1',
    'partner server2 connected (load-balancing), lag 0',
    'free for new clients: 86',
    'leases are in a database that both servers write',
  ])
  t.equal(healthOf(told(pair, 0)).level, 0)
  pair.server(0).path.isCut = true
  pair.advance(10_000)
  t.match(unreadyOf(told(pair, 0), []), [/^leases cannot be stored \(the database does not answer/])
  t.match(say(pair, 1)[2], /^partner server1 has stopped in good order/)
  t.match(say(pair, 1).at(-1), 'next: start server1')
  pair.server(0).path.isCut = false
  pair.reachNormal()
  pair.kill(1)
  pair.advance(HOUR / 6)
  t.same(unreadyOf(told(pair, 0), []), [])
  const there = healthOf(told(pair, 0))
  t.match(there, { level: 1, line: /partner-down, partner server2 is gone/ })
  t.match(say(pair, 0), [
    /: partner-down, serving both halves, partner down$/,
    'answers clients of server1 and server2',
    'partner server2 is gone, heard last 10 min ago',
    'free for new clients: 86',
    /^at the present rate they last until about /,
    'leases are in a database that both servers write',
    /^why: /,
    'next: start server2',
  ])
})

t.test('the partner died, and it stays away', async (t) => {
  const pair = normal()
  pair.kill(1)
  pair.advance(2 * HOUR)
  t.match(say(pair, 0), [
    /: partner-down, serving both halves, partner down$/,
    'answers clients of server1 and server2',
    /^partner server2 is gone, it misses \d+ changes, heard last 2 h ago$/,
    /^free for new clients: \d+ here, \d+ only through the partner$/,
    'new clients take none of them at present',
    'why: connection refused',
    'next: start server2; if its host is off for long: `whio partner-off`',
  ])
  t.match(healthOf(told(pair, 0)), {
    level: 1,
    line: /^WARNING: partner-down, partner server2 is gone, .* \(connection refused\)$/,
  })
  for (let more = 0; more < 20; more++) pair.addClient()
  pair.settle()
  t.match(say(pair, 0)[4], /^at the present rate they last until about 1\d:\d\d \(\d+ (h|min)/)
  t.match(healthOf(told(pair, 0)).line, /; addresses for new clients in \S+ last \d\.\d h$/)
  for (let more = 0; more < 60; more++) pair.addClient()
  pair.settle()
  t.equal(say(pair, 0)[4], 'no address is left for new clients')
  const out = healthOf(told(pair, 0))
  t.match(out, {
    level: 2,
    line: /^CRITICAL: no address left for new clients in \S+; partner-down/,
  })
})

t.test('the link is cut, and mended', async (t) => {
  const pair = normal()
  pair.cutLink()
  pair.advance(1500)
  t.equal(healthOf(told(pair, 0)).level, 0, 'nothing is known yet')
  pair.advance(60_000)
  const lines = say(pair, 0)
  t.match(lines[2], /^partner server2 is silent, .*heard last 1 min ago$/)
  t.equal(
    lines.at(-1),
    'next: look at server2 and the network in between; if its host is off for long: `whio partner-off`',
  )
  t.equal(
    pairLines(told(pair, 0).ha!, NOW, true).at(-1),
    'next: mend the interfaces of this host; server2 may be well, so no `whio partner-off`',
    'who is cut off itself knows least of its partner',
  )
  pair.healLink()
  pair.reachNormal()
  t.equal(say(pair, 0).length, 4)
  t.equal(pairLines(told(pair, 0).ha!, NOW, true).length, 4)
})

t.test('a service that is switched off is told first', async (t) => {
  const pair = normal({})
  pair.server(0).server!.switches.disable(4, 1, undefined)
  pair.advance(1000)
  t.equal(
    stateWords(told(pair, 0)),
    'server running, DHCPv4 is switched off until dhcp-enable, the partner serves',
  )
  t.equal(stateWords(told(pair, 1)), 'server serving')
})

t.test('a standby and a backup are well, and answer nobody', async (t) => {
  const words = (pair: PairLab, index: number) => stateWords(told(pair, index))
  const standby = normal({ config: pairConfig({ mode: 'hot-standby' }) })
  t.equal(words(standby, 0), 'server serving')
  t.equal(words(standby, 1), 'server standing by')
  standby.kill(0)
  standby.advance(10_000)
  t.equal(words(standby, 1), 'server serving')
  const backup = normal({ config: pairConfig({ backup: true }) })
  t.equal(words(backup, 2), 'server keeping copies')
  const waiting = createPair({ clients: 0 })
  waiting.kill(1)
  waiting.advance(10_000)
  t.equal(words(waiting, 0), 'server running, it answers no client at present')
})

t.test('an operator’s words, and a database that was lost', async (t) => {
  const pair = normal()
  const orders = pair.server(0).server!.pair!.orders
  const nothing = () => {}
  orders.startMaintenance(nothing)
  pair.advance(2000)
  t.match(say(pair, 0).at(-1), /^next: when the work is done: `whio maintenance-cancel`/)
  t.match(say(pair, 1).at(-1), /^next: .*`whio maintenance-cancel` on server1$/)
  pair.kill(1)
  pair.advance(60_000)
  t.equal(say(pair, 0).at(-1), 'next: bring server2 back when it can meet this server, not before')
  pair.start(1)
  t.ok(pair.reachNormal())
  pair.crash(0)
  pair.crash(1)
  pair.replaceDisk(1)
  pair.start(1)
  pair.advance(60_000)
  t.match(say(pair, 1).slice(-2), [
    /^why: /,
    'next: look at server1 and the network in between; to begin without it: `whio serve-alone`',
  ])
  t.match(healthOf(told(pair, 1)), { level: 2, line: /^CRITICAL: no client is answered: / })
})

t.test('a lost database: how many addresses rest, and which word ends that', async (t) => {
  const pair = normal({ clients: 0 })
  const resting = /^at rest after a lost database: (\d+), for .*; `whio end-doubt` ends that$/
  const lineOf = () => say(pair, 1).find((line) => resting.test(line))
  const free = () => pair.server(1).server!.pair!.status().free[0]!
  const before = free().here
  t.equal(lineOf(), undefined)
  pair.crash(1)
  pair.replaceDisk(1)
  pair.start(1)
  t.ok(pair.reachNormal())
  t.equal(Number(resting.exec(lineOf() ?? '')?.[1]), free().resting)
  t.ok(free().resting > 0)
  t.equal(free().here + free().resting, before)
  pair.server(1).server!.pair!.orders.endDoubt(() => {})
  pair.advance(1000)
  t.equal(lineOf(), undefined)
  t.equal(free().resting, 0)
})

t.test('two configurations that do not fit', async (t) => {
  const [one] = pairPlans(pairConfig())
  const [, other] = pairPlans(
    pairConfig({ dhcp4: { subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] } }),
  )
  const pair = normal({ clients: 0, plans: [one!, other!] })
  t.same(say(pair, 0).slice(-2), [
    'server2 has other subnets, pools, guards or reserved addresses',
    'next: give both hosts the same file, then `whio reload`',
  ])
  t.match(healthOf(told(pair, 0)), {
    level: 1,
    line: 'WARNING: the partner has another configuration',
  })

  const [, third] = pairPlans(pairConfig({ mode: 'hot-standby' }))
  const unlike = createPair({ clients: 0, plans: [one!, third!] })
  unlike.advance(60_000)
  t.equal(say(unlike, 0)[2], 'partner server2 is there, but they refuse each other')
  t.match(say(unlike, 0).slice(-2), [
    /^why: .*server2.* is (standby|in hot-standby)/,
    'next: look at names, roles, passwords and certificates in the files of both hosts',
  ])
})

t.test(
  'of many subnets a pair counts some: of the others nobody knows that they are full',
  async (t) => {
    const well = told(normal(), 0)
    const subnets = well.subnets.map((subnet) => ({ ...subnet, isExhausted: true }))
    const withFree = (partner: number[]) => {
      const free = partner.map((count) => ({ ...well.ha!.free[0]!, partner: count }))
      return healthOf({ ...well, subnets, ha: { ...well.ha!, free } }, '')
    }
    t.equal(withFree([]).level, 0)
    t.equal(withFree([1]).level, 0)
    t.match(withFree([0]), { level: 1, line: /no address is free in/ })
  },
)

t.test('one side has a wrong url, and the other one calls', async (t) => {
  const [one, other] = pairPlans(pairConfig())
  const ha = one!.ha!
  const wrong = { ...ha.partner!, url: { ...ha.partner!.url, port: 9000 } }
  const peers = ha.peers.map((peer) => (peer === ha.partner ? wrong : peer))
  const mistaken = { ...one!, ha: { ...ha, partner: wrong, peers } }
  const pair = normal({ clients: 0, plans: [mistaken, other!] })
  const where = endpointOf(ha.partner!.url)
  const trouble = `the file here calls it at ${endpointOf(wrong.url)}, and it listens at ${where}`
  t.match(say(pair, 0).at(-1), `wrong url of server2: ${trouble}`)
  t.same(healthOf(told(pair, 0)), {
    level: 1,
    line: `WARNING: wrong url of the partner: ${trouble}`,
  })
  t.equal(healthOf(told(pair, 1)).level, 0)
  const url = { text: '', host: '2001:db8::1', port: 8000, secure: false }
  for (const [listens, isFine] of [
    [undefined, true],
    ['[2001:db8::1]:8000', true],
    ['[::]:8000', true],
    ['0.0.0.0:8001', false],
    ['[2001:db8::2]:8000', false],
  ] as const)
    t.equal(urlTrouble(url, listens) === '', isFine, String(listens))
})

t.test('what is wrong with a server by itself', async (t) => {
  const well = told(normal(), 0)
  const { interfaces } = well
  const [only] = interfaces
  const rows: readonly (readonly [Partial<ServerStatus>, number, RegExp])[] = [
    [{ state: 'failed', journalTrouble: 'disk full' }, 2, /^CRITICAL: .*\(disk full\)$/],
    [{ state: 'starting' }, 2, /^CRITICAL: server starting$/],
    [{ interfaces: [{ ...only!, serving: false, trouble: 'down' }] }, 2, /not served \(down\)$/],
    [{ interfaces: [only!, { ...only!, name: 'eth7', serving: false }] }, 1, /^WARNING: .*eth7/],
  ]
  for (const [change, level, line] of rows)
    t.match(healthOf({ ...well, ...change }), { level, line }, String(line))
})

t.test('a pool that is full, and clients that go away with nothing', async (t) => {
  const lab = createLab({ plan: planOf(SMALL), clients: 1 })
  t.ok(lab.settle())
  const health = () => healthOf(lab.status()!)
  t.equal(health().level, 0)
  lab.addClient()
  t.ok(lab.settle())
  const full = 'no address is free in 192.0.2.0/24'
  t.same(health(), { level: 1, line: `WARNING: ${full}` })
  lab.addClient()
  lab.advance(30_000)
  const refused = `CRITICAL: ${full}, and clients are refused \\(\\d+ messages? lately\\)`
  t.match(health(), { level: 2, line: new RegExp(refused) })
  lab.advance(20 * 60_000)
  t.equal(health().level, 2, 'the third one goes on asking')
})

t.test(
  'a pool is not full while the network has another one, or by reservations alone',
  async (t) => {
    const [subnet] = SMALL.Dhcp4.subnet4
    const second = { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.0/25' }] }
    const shared = { name: 'floor', subnet4: [subnet, second] }
    const network = { Dhcp4: { 'shared-networks': [shared] } }
    const lab = createLab({ plan: planOf(network), clients: 3 })
    t.ok(lab.settle())
    t.equal(healthOf(lab.status()!).level, 0)

    const reservations = [10, 11].map((last) => ({
      'hw-address': `02:53:00:00:00:${last}`,
      'ip-address': `192.0.2.${last}`,
    }))
    const reserved = { Dhcp4: { subnet4: [{ ...subnet, reservations }] } }
    const idle = createLab({ plan: planOf(reserved), clients: 0 })
    idle.advance(1000)
    t.equal(healthOf(idle.status()!).level, 0)
  },
)

t.test('a reservation outside the pools is not counted against them', async (t) => {
  const [subnet] = SMALL.Dhcp4.subnet4
  const lab = createLab({ plan: planOf(SMALL), clients: 1 })
  t.ok(lab.settle())
  const hwAddress = hexFromOctets(lab.client(0).machine.settings.hwAddress, ':')
  const reservations = [{ 'hw-address': hwAddress, 'ip-address': '192.0.2.200' }]
  const plan = planOf({ Dhcp4: { subnet4: [{ ...subnet, reservations }] } })
  const again = createLab({ plan, clients: 1 })
  t.ok(again.settle())
  t.match(again.status()!.subnets, [{ addresses: 2, assigned: 1, outside: 1, isExhausted: false }])
})

t.test('a reservation counts in its own subnet where prefixes overlap', async (t) => {
  const { hwAddress } = createLab({ plan: planOf(SMALL), clients: 1 }).client(0).machine.settings
  const hw = hexFromOctets(hwAddress, ':')
  const reservations = [{ 'hw-address': hw, 'ip-address': '192.0.2.200' }]
  const pools = [{ pool: '192.0.2.10/32' }]
  const subnet4 = [
    { id: 1, subnet: '192.0.2.0/24', pools },
    { id: 2, subnet: '192.0.2.128/25', pools: [{ pool: '192.0.2.210/32' }], reservations },
  ]
  const document = { Dhcp4: { 'shared-networks': [{ name: 'nest', subnet4 }] } }
  const lab = createLab({ plan: planOf(document), clients: 1 })
  t.ok(lab.settle())
  t.match(lab.status()!.subnets, [
    { id: 1, assigned: 0, outside: 0 },
    { id: 2, assigned: 1, outside: 1 },
  ])
})

t.test('a server of a pair that serves nobody, for maintenance', async (t) => {
  const pair = normal()
  pair.server(0).server!.pair!.orders.startMaintenance(() => {})
  pair.advance(2000)
  t.match(healthOf(told(pair, 1)), {
    level: 1,
    line: /^WARNING: no client is answered from here \(in-maintenance\)$/,
  })
  t.match(healthOf(told(pair, 0)), { level: 1, line: /^WARNING: server2 is in maintenance/ })
})

t.test('what a file does to the verdict', async (t) => {
  const well = { ...DAEMON, ...told(normal(), 0) }
  const { configuration } = well
  const refused = { ...configuration, refused: '/x has 2 errors' }
  const moved = { ...configuration, needsRestart: ['lease-database', 'high-availability'] }
  const rows: readonly (readonly [DaemonStatus, string, string])[] = [
    [well, '/x has 1 error', 'WARNING: the next start would fail: /x has 1 error'],
    [
      { ...well, configuration: refused },
      '/x has 2 errors',
      'WARNING: the last reload was refused: /x has 2 errors',
    ],
    [
      { ...well, configuration: moved },
      '',
      'WARNING: lease-database and high-availability need a restart',
    ],
  ]
  for (const [status, trouble, line] of rows)
    t.same(healthOfDaemon(status, trouble), { level: 1, line })
})

t.test('a server of both families', async (t) => {
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.0/25' }] }]
  const plan = planOf({ Dhcp4: { 'interfaces-config': { interfaces: ['*'] }, subnet4 } })
  const lab = createLab({ plan, clients: 1 })
  lab.advance(5000)
  const well = lab.status()!
  const [eth0] = well.interfaces
  const trouble = 'the IPv6 link-local address is still being checked for duplicates'
  const six = { name: eth0!.name, family: 6, serving: false, trouble, misfit: '' } as const
  t.match(healthOf({ ...well, interfaces: [eth0!, six] }), {
    level: 2,
    line: `CRITICAL: interface ${eth0!.name} is not served by DHCPv6 (${trouble})`,
  })
  const both = { ...six, serving: true, trouble: '' }
  t.equal(healthOf({ ...well, interfaces: [eth0!, both] }).line, `OK: serving on ${eth0!.name}`)
  const prefixes = {
    ...({ family: 6, id: 1, subnet: '2001:db8::/32', network: '', addresses: 0 } as const),
    ...{ prefixes: 256, assignedPrefixes: 256, assigned: 0, outside: 0, declined: 0, ended: 0 },
    ...{ isExhausted: false, arePrefixesExhausted: true },
  }
  t.match(healthOf({ ...well, subnets: [...well.subnets, prefixes] }), {
    level: 1,
    line: /no prefix is free in 2001:db8::\/32/,
  })
})

t.test('an interface whose address is in no subnet', async (t) => {
  const plan = (interfaces: string[], subnet: object = {}) =>
    planOf({
      Dhcp4: {
        'interfaces-config': { interfaces },
        subnet4: [{ id: 1, subnet: '192.0.2.0/24', ...subnet }],
      },
    }).dhcp4!
  const on = (name: string, ...addresses: string[]) => ({
    ...{ name, serving: true, trouble: '', unicast: true },
    addresses: addresses.map((text) => ipv4FromText(text)!),
  })
  const lan = on('eth0', '192.0.2.1')
  const link = on('eth1', '10.0.0.1', '10.0.0.2')
  const why = (address: string) =>
    `no subnet of the configuration has its address ${address}: only clients behind a relay can be served`
  const both = why('10.0.0.1, 10.0.0.2')
  t.equal(misfitOf(plan(['*']), lan), '')
  t.equal(misfitOf(plan(['*']), link), both)
  t.equal(misfitOf(plan(['*']), on('lo', '127.0.0.1')), '')
  t.equal(misfitOf(plan(['*'], { interface: 'eth1' }), link), '')
  t.equal(misfitOf(plan(['*']), { ...link, serving: false }), '')

  const found = (
    wish: string[],
    served: readonly InterfaceStatus4[],
    subnet = {},
    relays = false,
  ) => [...misfits(plan(wish, subnet), served, relays)].flat()
  t.same(found(['*'], [lan, link]), [], 'the other link of a pair')
  t.same(found(['eth0', 'eth1'], [lan, link]), ['eth1', both], 'one that is named')
  t.same(found(['*'], [link]), ['eth1', both], 'nothing fits')
  t.same(found(['*'], [link], {}, true), [], 'relays have been heard')
  t.same(found(['*'], [link], { relay: { 'ip-addresses': ['10.0.0.9'] } }), [], 'it is for relays')
})

t.test('a database of reservations is told, and what clients wait for', async (t) => {
  const lab = createLab({
    plan: planOf({ Dhcp4: { subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] } }),
  })
  const known: HostDatabaseStatus = {
    ...{ family: 4 as const, database: 'postgresql database kea at db:5432', isReadOnly: false },
    ...{ isAwaited: false, isAsked: false, isRead: true, reservations: 7, trouble: '' },
  }
  const status = (changes: object): ServerStatus => ({
    ...lab.server(0).server!.status(),
    state: 'serving',
    hosts: [{ ...known, ...changes }],
  })
  t.same(hostLines(status({})), ['reservations of DHCPv4: 7 in postgresql database kea at db:5432'])
  const asked =
    /^reservations of DHCPv4: each client is looked up in .*5432, which is away \(gone\)$/
  t.match(hostLines(status({ isAsked: true, trouble: 'gone' }))[0], asked)
  const unread = status({ isRead: false, isAwaited: true, trouble: 'refused' })
  t.match(hostLines(unread)[0], /was not read yet, which is away \(refused\)/)
  t.equal(stateWords(unread), 'server running, it waits for a database of reservations')
  t.match(unreadyOf({ ...unread, switchedOff: [4] }, []), [/5432 was not read yet: refused/])
  t.notMatch(unreadyOf({ ...unread, switchedOff: [4] }, []).join(), /switched off by command/)
})

t.test('a place beside DNS that does not take names for long is worth a look', async (t) => {
  const lab = createLab({ plan: planOf({ Dhcp4: {} }) })
  const status = { ...lab.server(0).server!.status(), state: 'serving' as const }
  const away = (seconds: number, place = 'http://127.0.0.1:8081') => ({
    ...{ place, trouble: 'connection refused', away: seconds, waiting: 3 },
  })
  const names = { ...status.names!, sinks: [away(700), away(60, '/run/hosts')] }
  t.same(namesLines(names), [
    'names wait for http://127.0.0.1:8081 (connection refused for 11 min)',
    'names wait for /run/hosts (connection refused for 1 min)',
  ])
  t.match(healthOf({ ...status, names }), {
    level: 1,
    line: /names wait for http:\/\/127\.0\.0\.1:8081/,
  })
  t.match(healthOf({ ...status, names: { ...names, sinks: [away(60)] } }), { level: 0 })
})

t.test(
  'hooks are told with what they did, and one that is switched off is a warning',
  async (t) => {
    const hook = {
      ...{ hook: 'acme', family: 4 as const, library: '@acme/hooks', digest: 'd', waiting: 3 },
      ...{ state: 'on' as const, whyOff: '', calls: 1, failures: 0, late: 0, lost: 0 },
      ...{ refused: {}, restarts: 0 },
    }
    const busy = {
      ...hook,
      hook: 'busy',
      calls: 9000,
      refused: { 'no printers': 1, 'no phones': 2 },
    }
    const whyOff = 'it failed 100 times within a minute'
    const ill = {
      ...hook,
      state: 'off' as const,
      whyOff,
      calls: 200,
      failures: 100,
      late: 1,
      lost: 7,
      restarts: 2,
    }
    t.same(hookLines({ hooks: [hook, { ...busy, family: 6 }, ill] }), [
      'hook acme of DHCPv4: 1 call',
      'hook busy of DHCPv6: 9000 calls, 3 refusals',
      'hook acme of DHCPv4: switched off, since it failed 100 times within a minute; 200 calls, 100 failures, 1 late, its thread ended 2 times, 7 events lost',
    ])
    t.same(hookLines({}), [])
    const lab = createLab({ plan: planOf({ Dhcp4: {} }) })
    const well = { ...lab.server(0).server!.status(), state: 'serving' as const }
    t.match(healthOf({ ...well, hooks: [hook, busy] }), { level: 0 })
    t.match(healthOf({ ...well, hooks: [busy, ill] }), {
      level: 1,
      line: 'WARNING: hook acme is switched off, since it failed 100 times within a minute',
    })
  },
)
