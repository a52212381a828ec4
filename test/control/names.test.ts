// Commands about names in DNS, at a server that registers them: what operators are told, and what
// becomes of DNS.

import t, { type Test } from 'tap'
import { namesLines } from '../../lib/cli/names-lines.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { NO_NAMES } from '../../lib/config/plan/names-plan.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import { Api } from '../../lib/control/api/api.ts'
import { routesWith } from '../../lib/control/api/routes.ts'
import type { Answer } from '../../lib/control/command.ts'
import { whioMetrics } from '../../lib/control/metrics/whio-metrics.ts'
import { parsed } from '../../lib/control/parse.ts'
import { printed } from '../../lib/control/print.ts'
import { ddnsStatistics } from '../../lib/control/statistics/ddns-source.ts'
import type { Verdict } from '../../lib/ddns/transaction.ts'
import { textFromKey } from '../../lib/leases/keys/key-text.ts'
import { CountsOfKeys } from '../../lib/server/names/key-counts.ts'
import type { NamesStatus } from '../../lib/server/names/names-status.ts'
import {
  DDNS,
  ddnsOf,
  dnsLines,
  NAMED,
  type NamesStage,
  namedPlan,
  namesStage,
  onePlan,
} from '../sim/names-stage.ts'
import { Caller, events, NO_HISTORY } from './api-stage.ts'
import { ADMIN, asker, Stage } from './room.ts'

const BOTH = ['192.0.2.10 pc0.lan', 'pc0.lan 192.0.2.10']

class Scene {
  readonly stage: Stage
  readonly names: NamesStage

  constructor(
    document: Parameters<typeof onePlan>[0] = {},
    shown?: object,
    whole?: ConfigDocument,
  ) {
    const client = { name: 'c0', hostname: 'pc0', startDelayMax: 0 }
    const plan = whole === undefined ? onePlan(document) : namedPlan(whole)
    this.names = namesStage({ plan, clients: [client] })
    this.stage = new Stage(this.names.lab, shown as ConfigDocument | undefined)
    this.names.lab.advance(5000)
  }

  get dns() {
    return dnsLines(this.names.dns)
  }

  ask(
    command: string,
    given?: object,
    persona: 'dhcp4' | 'd2' = 'dhcp4',
    who = ADMIN,
  ): Record<string, unknown> {
    const answers: Answer[] = []
    const text = JSON.stringify({ command, ...(given && { arguments: given }) })
    this.stage.dispatcher.ask(text, persona, who, (answer) => answers.push(answer))
    this.names.lab.world.advanceUntil(() => answers.length > 0, 10_000)
    return parsed(printed(answers[0])).value as Record<string, unknown>
  }

  /** Somebody takes a record away by hand. */
  lose(t: Test): void {
    this.names.dns.lose('pc0.lan')
    t.notSame(this.dns, BOTH)
  }

  advance(): void {
    this.names.lab.advance(5000)
  }
}

const AT = { 'ip-address': '192.0.2.10' }

t.test('lease4-resend-ddns: what is not there any more is there again', async (t) => {
  const scene = new Scene()
  t.same(scene.dns, BOTH)
  scene.lose(t)
  t.same(scene.ask('lease4-resend-ddns', AT), {
    result: 0,
    text: 'NCR generated for: 192.0.2.10, hostname: pc0.lan',
  })
  scene.advance()
  t.same(scene.dns, BOTH)
})

t.test('lease6-resend-ddns: the same of DHCPv6', async (t) => {
  const pools = [{ pool: '2001:db8:1::10 - 2001:db8:1::99' }]
  const subnet6 = [{ id: 1, subnet: '2001:db8:1::/64', pools }]
  const Dhcp6 = { ...NAMED, 'valid-lifetime': 600, 'preferred-lifetime': 400, subnet6 }
  const clients6 = [{ hostname: 'pc0', startDelayMax: 0 }]
  const { dns, lab } = namesStage({ plan: namedPlan({ ...DDNS, Dhcp6 }), clients6 })
  const stage = new Stage(lab, { Dhcp6 })
  lab.advance(9000)
  const before = dnsLines(dns)
  t.equal(before.length, 2)
  dns.lose('pc0.lan')
  t.notSame(dnsLines(dns), before)
  const ask = (address: string) => {
    const given = { command: 'lease6-resend-ddns', arguments: { 'ip-address': address } }
    const answers: Answer[] = []
    stage.dispatcher.ask(JSON.stringify(given), 'dhcp6', ADMIN, (answer) => answers.push(answer))
    lab.world.advanceUntil(() => answers.length > 0, 10_000)
    return parsed(printed(answers[0])).value
  }
  const [row] = [...lab.server().server!.tables.all].flatMap((table) => table.walk('rows').next(9))
  const address = textFromKey(row!.address)
  t.same(ask(address), {
    result: 0,
    text: `NCR generated for: ${address}, hostname: pc0.lan`,
  })
  lab.advance(5000)
  t.same(dnsLines(dns), before)
  t.match(ask('2001:db8:1::9'), { result: 3, text: 'No lease found for: 2001:db8:1::9' })
})

t.test('what there is nothing to do for', async (t) => {
  const scene = new Scene()
  t.same(scene.ask('lease4-resend-ddns', { 'ip-address': '192.0.2.11' }), {
    result: 3,
    text: 'No lease found for: 192.0.2.11',
  })
  const lease = { 'ip-address': '192.0.2.50', 'hw-address': '02:00:00:00:00:50' }
  t.match(scene.ask('lease4-add', lease), { result: 0 })
  t.same(scene.ask('lease4-resend-ddns', { 'ip-address': '192.0.2.50' }), {
    result: 4,
    text: 'Lease for: 192.0.2.50, has no hostname, nothing to update',
  })
  const named = { ...lease, 'ip-address': '192.0.2.51', hostname: 'tv.lan' }
  t.match(scene.ask('lease4-add', named), { result: 0 })
  t.same(scene.ask('lease4-resend-ddns', { 'ip-address': '192.0.2.51' }), {
    result: 4,
    text: 'Neither forward nor reverse updates enabled for lease for: 192.0.2.51',
  })
})

t.test('leases that an operator adds, changes and deletes', async (t) => {
  const scene = new Scene()
  const tv = {
    ...{ 'ip-address': '192.0.2.50', 'hw-address': '02:00:00:00:00:50', hostname: 'tv.lan' },
    ...{ 'fqdn-fwd': true, 'fqdn-rev': true },
  }
  t.match(scene.ask('lease4-add', tv), { result: 0 })
  scene.advance()
  t.same(scene.dns, [...BOTH, '192.0.2.50 tv.lan', 'tv.lan 192.0.2.50'].sort())
  t.match(scene.ask('lease4-update', { ...tv, hostname: 'hall.lan' }), { result: 0 })
  scene.advance()
  t.same(scene.dns, [...BOTH, '192.0.2.50 hall.lan', 'hall.lan 192.0.2.50'].sort())
  t.match(scene.ask('lease4-del', { 'ip-address': '192.0.2.50' }), { result: 0 })
  scene.advance()
  t.same(scene.dns, BOTH)
})

t.test('update-ddns false: the lease goes, and its name stays', async (t) => {
  const scene = new Scene()
  const why = "'update-ddns' is not a boolean"
  t.same(scene.ask('lease4-del', { ...AT, 'update-ddns': 1 }), { result: 1, text: why })
  t.match(scene.ask('lease4-del', { ...AT, 'update-ddns': false }), { result: 0 })
  scene.advance()
  t.same(scene.dns, BOTH)
  t.equal(scene.names.lab.server().server?.names.ledger.size, 0, 'nobody is to remove it')
})

t.test('lease4-wipe takes the names along', async (t) => {
  const kept = new Scene()
  t.match(kept.ask('lease4-wipe', { 'update-ddns': false }), { result: 0 })
  kept.advance()
  t.same(kept.dns, BOTH)
  const scene = new Scene()
  t.match(scene.ask('lease4-wipe'), { result: 0 })
  scene.advance()
  t.same(scene.dns, [])
})

t.test('whio-names-get: what is owed, to whom, and why', async (t) => {
  const scene = new Scene()
  t.match(scene.ask('whio-names-get').arguments, { addresses: 1, owed: 0, via: 'self', names: [] })
  t.match(scene.ask('whio-names-get', { all: true }).arguments, {
    names: [{ 'ip-address': '192.0.2.10', name: 'pc0.lan.', state: 'done', by: 'us' }],
  })
  scene.names.dns.behaviour.isAway = true
  t.match(scene.ask('lease4-resend-ddns', AT), { result: 0 })
  scene.names.lab.advance(120_000)
  const told = scene.ask('whio-names-get').arguments as {
    readonly owed: number
    readonly zones: readonly { readonly zone: string }[]
    readonly names: readonly { readonly why: string }[]
  }
  t.match(told, {
    owed: 1,
    names: [{ 'ip-address': '192.0.2.10', name: 'pc0.lan.', state: 'add', forward: true }],
  })
  t.match(told.names[0]!.why, /192\.0\.2\.53.*(?:no answer|timeout)/)
  t.match(
    told.zones.find(({ zone }) => zone === 'lan.'),
    { direction: 'forward', servers: [{ server: '192.0.2.53', state: 'away' }] },
  )
  t.match(namesLines(scene.stage.room.server.status().names), [
    /^1 name waits for 192\.0\.2\.53 \(no answer for \d+ (?:s|min)\)$/,
  ])
  scene.names.dns.behaviour.isAway = false
  t.match(scene.ask('whio-names-retry'), { result: 0 })
  scene.advance()
  t.match(scene.ask('whio-names-get').arguments, { owed: 0, names: [] })
  t.same(namesLines(scene.stage.room.server.status().names), ['names of 1 lease in DNS'])
})

t.test('whio-names-get: one name, one address, in pages', async (t) => {
  const scene = new Scene()
  for (const last of [50, 51, 52]) {
    const lease = {
      ...{ 'ip-address': `192.0.2.${last}`, 'hw-address': `02:00:00:00:00:${last}` },
      ...{ hostname: `tv${last}.hall.lan`, 'fqdn-fwd': true, 'fqdn-rev': true },
    }
    t.match(scene.ask('lease4-add', lease), { result: 0 })
  }
  scene.advance()
  const names = (given: object) => {
    const told = scene.ask('whio-names-get', { all: true, ...given }).arguments as {
      readonly names: readonly { readonly name: string }[]
      readonly next?: string
    }
    return [...told.names.map(({ name }) => name), told.next]
  }
  t.same(names({ name: 'hall.LAN.' }).length, 4)
  t.same(names({ 'ip-address': '192.0.2.51' }), ['tv51.hall.lan.', undefined])
  const first = names({ limit: 2 })
  t.equal(first.length, 3)
  const rest = names({ limit: 2, from: first.at(-1) })
  t.equal(rest.at(-1), undefined)
  t.equal(new Set([...first.slice(0, -1), ...rest.slice(0, -1)]).size, 4, 'each once')
  t.match(scene.ask('whio-names-get', { limit: 0 }), { result: 1, text: /limit/ })
  t.match(scene.ask('whio-names-get', { from: 'here' }), { result: 1, text: /from/ })
})

const DOCUMENT = {
  Dhcp4: {},
  DhcpDdns: {
    'forward-ddns': {
      'ddns-domains': [{ name: 'lan.', 'dns-servers': [{ 'ip-address': '::1' }] }],
    },
    'tsig-keys': [{ name: 'k', algorithm: 'HMAC-SHA256', secret: 'c2VjcmV0' }],
  },
}

t.test('whio-names-get: what no zone of the configuration has is not in DNS', async (t) => {
  const lease = {
    ...{ 'ip-address': '192.0.2.50', 'hw-address': '02:00:00:00:00:50' },
    ...{ hostname: 'tv.elsewhere', 'fqdn-fwd': true, 'fqdn-rev': true },
  }
  const told = (reverse: readonly string[]) => {
    const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.99' }] }]
    const scene = new Scene({}, undefined, {
      ...ddnsOf(['lan.'], reverse),
      Dhcp4: { ...NAMED, subnet4 },
    })
    t.match(scene.ask('lease4-add', lease), { result: 0 })
    const another = { 'ip-address': '192.0.2.51', 'hw-address': '02:00:00:00:00:51' }
    const more = { ...lease, ...another, hostname: 'pc.elsewhere' }
    t.match(scene.ask('lease4-add', more), { result: 0 })
    scene.advance()
    t.match(scene.ask('whio-names-get').arguments, { owed: 0, names: [] })
    const { lines } = scene.names.lab.server().log
    const found = lines.filter(({ id }) => id === 'DDNS_NO_ZONE').map(({ fields }) => fields)
    t.match(
      found.filter(({ direction }) => direction === 'forward'),
      [{ name: 'tv.elsewhere', address: '192.0.2.50', subnet: 1 }],
      'told once',
    )
    const all = scene.ask('whio-names-get', { all: true, 'ip-address': '192.0.2.50' })
    return (all.arguments as { readonly names: readonly object[] }).names
  }
  t.match(told(['2.0.192.in-addr.arpa.']), [
    { state: 'done', forward: false, reverse: true, why: 'no zone has the name' },
  ])
  t.match(told(['3.0.192.in-addr.arpa.']), [
    {
      state: 'unserved',
      forward: false,
      reverse: false,
      why: 'no zone has the name or its address',
    },
  ])
})

t.test('the service d2: what its program is asked, this process answers', async (t) => {
  const scene = new Scene({}, DOCUMENT)
  t.match(scene.ask('config-get', undefined, 'd2').arguments, {
    DhcpDdns: {
      port: 53001,
      'dns-server-timeout': 500,
      'forward-ddns': {
        'ddns-domains': [{ name: 'lan.', 'key-name': '', 'dns-servers': [{ port: 53 }] }],
      },
      'reverse-ddns': { 'ddns-domains': [] },
      'tsig-keys': [{ secret: '*****' }],
    },
  })
  const all = scene.ask('statistic-get-all', undefined, 'd2').arguments as Record<
    string,
    [[number, string]]
  >
  t.match(all['update-success'], [[2, /^\d{4}-\d\d-\d\d /]])
  t.same(all['ncr-error']?.[0]?.[0], 0)
  t.match(scene.ask('statistic-get', { name: 'ncr-received' }, 'd2').arguments, {
    'ncr-received': [[2]],
  })
  const AGAIN = { result: 0, text: "Statistic 'ncr-received' reset." }
  t.same(scene.ask('statistic-reset', { name: 'ncr-received' }, 'd2'), AGAIN)
  t.match(scene.ask('statistic-reset', { name: 'nothing' }, 'd2'), { result: 1 })
  const value = (name: string) => scene.ask('statistic-get', { name }, 'd2').arguments
  t.match(value('ncr-received'), { 'ncr-received': [[0]] })
  t.match(value('update-unsigned'), { 'update-unsigned': [[2]] })
  scene.ask('lease4-resend-ddns', AT)
  scene.advance()
  t.match(value('ncr-received'), { 'ncr-received': [[2]] }, 'counted from then on')
  t.match(scene.ask('statistic-reset-all', undefined, 'd2'), { result: 0 })
  t.match(value('update-sent'), { 'update-sent': [[0]] })
  t.match(scene.ask('status-get', undefined, 'd2').arguments, { pid: Number })
  const { arguments: listed } = scene.ask('list-commands', undefined, 'd2')
  for (const name of ['config-get', 'config-reload', 'statistic-get', 'version-get'])
    t.ok((listed as string[]).includes(name), name)
  for (const name of ['config-hash-get', 'config-set', 'config-test', 'config-write', 'shutdown'])
    t.ok((listed as string[]).includes(name), name)
  for (const name of ['lease4-get', 'dhcp-disable'])
    t.notOk((listed as string[]).includes(name), `${name} is of the servers`)
})

t.test('statistics of the updater tell of each key', async (t) => {
  const key = { name: 'whio-dhcp', algorithm: 'hmac-sha256', secret: 's', digestBits: 0 } as const
  const server = { address: '192.0.2.53', port: 53, key }
  const zone = { name: 'lan', servers: [server, { ...server, key: undefined }] }
  const keys = new CountsOfKeys()
  for (const kind of ['done', 'done', 'retry', 'conflict', 'failed', 'blocked', 'joins'] as const)
    keys.count('whio-dhcp', { kind } as Verdict)
  keys.count('', { kind: 'done' })
  const none = { removed: 0, void: 0, unserved: 0, dropped: 0 }
  const counts = { added: 3, silent: 1, conflicts: 1, failed: 1, blocked: 1, ...none }
  const told = ddnsStatistics({
    counts,
    keys: keys.all({ ...NO_NAMES, forward: [zone], reverse: [zone] }),
  } as unknown as NamesStatus)
  t.match(Object.fromEntries(told), {
    'key[whio-dhcp.].update-sent': 6,
    'key[whio-dhcp.].update-success': 2,
    'key[whio-dhcp.].update-timeout': 1,
    'key[whio-dhcp.].update-error': 3,
    'update-sent': 7,
    'update-signed': 6,
    'update-unsigned': 1,
  })
})

t.test('whio_ddns_*: what is owed, to whom, and what was done', async (t) => {
  const scene = new Scene()
  const values = () => {
    const about = { version: '1', uptime: () => 1 }
    const found = new Map<string, number>()
    for (const metric of whioMetrics(scene.stage.room.server, about))
      if (metric !== undefined && metric.type !== 'histogram')
        for (const { labels, value } of metric.values)
          found.set([metric.name, ...Object.values(labels)].join(' '), value)
    return found
  }
  t.equal(values().get('whio_ddns_queue'), 0)
  t.equal(values().get('whio_ddns_added_total'), 2)
  scene.names.dns.behaviour.isAway = true
  scene.ask('lease4-resend-ddns', AT)
  scene.names.lab.advance(60_000)
  const away = values()
  t.equal(away.get('whio_ddns_queue'), 1)
  t.ok(away.get('whio_ddns_oldest_seconds')! >= 59)
  t.equal(away.get('whio_ddns_server_away forward lan 192.0.2.53'), 1)
})

t.test('/api/v1/names: the same for programs', async (t) => {
  const scene = new Scene()
  const { dispatcher, room } = scene.stage
  const api = new Api(room, dispatcher, routesWith(NO_HISTORY, events()))
  const { world } = scene.names.lab
  const caller = new Caller(room, api, (isDone) => world.advanceUntil(isDone, 10_000))
  t.match(caller.ask('GET', '/names?all=true&address=192.0.2.10'), {
    status: 200,
    body: { addresses: 1, names: [{ name: 'pc0.lan.', state: 'done' }] },
  })
  t.match(caller.ask('GET', '/names'), { status: 200, body: { names: [] } })
  t.equal(caller.ask('GET', '/names?all=yes').status, 400)
  t.equal(caller.ask('GET', '/names?limit=0').status, 400)
  t.equal(caller.ask('POST', '/names/retry').status, 200)
  const who = asker(plainRole('viewer'))
  t.equal(caller.ask('POST', '/names/retry', { who }).status, 403)
})
