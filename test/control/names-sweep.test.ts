// Names in DNS compared with leases by command: what is found, what a repair makes of it, and that
// nothing else is touched.

import t, { type Test } from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import { Api } from '../../lib/control/api/api.ts'
import { routesWith } from '../../lib/control/api/routes.ts'
import type { Answer } from '../../lib/control/command.ts'
import { parsed } from '../../lib/control/parse.ts'
import { printed } from '../../lib/control/print.ts'
import { DNS_CLASS, RR_TYPE } from '../../lib/ddns/codes.ts'
import { dhcidOf, identifierOf4 } from '../../lib/ddns/dhcid.ts'
import { encodedName } from '../../lib/ddns/writer.ts'
import type { DnsBehaviour } from '../../lib/lab/virtual-dns.ts'
import { addressOctets } from '../../lib/server/names/wishes.ts'
import {
  CLASSLESS,
  DDNS,
  ddnsOf,
  dnsLines,
  NAMED,
  type NamesStage,
  namedPlan,
  namesStage,
} from '../sim/names-stage.ts'
import { Caller, events, NO_HISTORY } from './api-stage.ts'
import { ADMIN, asker, Stage } from './room.ts'

interface Finding {
  readonly kind: string
  readonly direction: string
  readonly name: string
  readonly 'ip-address': string
  readonly why?: string
  readonly mended?: string
  readonly waits?: boolean
}

interface Report {
  readonly state: string
  readonly seconds: number
  readonly why?: string
  readonly zones: readonly Record<string, unknown>[]
  readonly counts: Record<string, number>
  readonly findings: readonly Finding[]
  readonly next?: number
}

const DHCP4 = {
  ...NAMED,
  'valid-lifetime': 86_400,
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }],
}

const PLAN = namedPlan({
  ...DDNS,
  Dhcp4: DHCP4,
  Dhcp6: {
    ...NAMED,
    'valid-lifetime': 86_400,
    subnet6: [
      {
        id: 2,
        subnet: '2001:db8:1::/64',
        pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::99' }],
      },
    ],
  },
})

class Scene {
  readonly stage: Stage
  readonly names: NamesStage

  constructor(behaviour: Partial<DnsBehaviour> = {}, clients = 3, plan = PLAN) {
    const named = (prefix: string) =>
      Array.from({ length: clients }, (_, at) => ({
        ...{ name: `${prefix}${at}`, hostname: `${prefix}${at}`, startDelayMax: 0 },
      }))
    const clients6 = plan.dhcp6 === undefined ? [] : named('six')
    this.names = namesStage({ plan, clients: named('pc'), clients6 }, behaviour)
    this.stage = new Stage(this.names.lab)
    this.names.lab.advance(10_000)
  }

  get dns() {
    return this.names.dns
  }

  ask(command: string, given?: object, who = ADMIN): Record<string, unknown> {
    const answers: Answer[] = []
    const text = JSON.stringify({ command, ...(given && { arguments: given }) })
    this.stage.dispatcher.ask(text, 'dhcp4', who, (answer) => answers.push(answer))
    this.names.lab.world.advanceUntil(() => answers.length > 0, 10_000)
    return parsed(printed(answers[0])).value as Record<string, unknown>
  }

  /** To its end. */
  sweep(t: Test, kind: 'check' | 'repair'): Report {
    t.match(this.ask(`whio-dns-${kind}`), { result: 0, arguments: { kind } })
    for (;;) {
      const report = this.ask('whio-dns-get').arguments as unknown as Report
      if (report.state !== 'runs') return report
      this.names.lab.advance(1000)
    }
  }

  advance(): void {
    this.names.lab.advance(10_000)
  }

  /** The address of the lease with the name. */
  at(name: string): string {
    const { names } = this.ask('whio-names-get', { name, all: true }).arguments as {
      readonly names: readonly Finding[]
    }
    return names[0]!['ip-address']
  }

  /** Of DHCPv4: the name of its address. */
  reverseOf(name: string): string {
    return `${this.at(name).split('.').reverse().join('.')}.in-addr.arpa`
  }

  put(name: string, type: keyof typeof RR_TYPE, data: string): void {
    this.dns.put({ ...RECORD, name, type: RR_TYPE[type], data })
  }
}

const said = ({ findings }: Report) =>
  findings.map((one) => `${one.kind} ${one.direction} ${one.name} ${one['ip-address']}`).sort()

const RECORD = { dnsClass: DNS_CLASS.internet, ttl: 1200 }
const ip = (...bytes: number[]) => String.fromCharCode(...bytes)
const dhcid = (letter: string) => `\0\x01\x01${letter.repeat(32)}`

for (const transfers of [true, false])
  t.test(
    `nothing is wrong, ${transfers ? 'zones are had whole' : 'each name is asked for'}`,
    (t) => {
      const scene = new Scene({ transfers })
      const { length } = scene.dns.lines
      t.equal(dnsLines(scene.dns).length, 12)
      const report = scene.sweep(t, 'check')
      t.match(report, { state: 'done', findings: [] })
      const way = transfers ? 'transfer' : 'queries'
      t.match(report.zones, [
        { direction: 'forward', zone: 'lan.', state: 'done', way, wanted: 6, server: '192.0.2.53' },
        { direction: 'reverse', state: 'done', way, wanted: 3 },
        { direction: 'reverse', state: 'done', way, wanted: 3 },
      ])
      t.equal(scene.dns.lines.length, length)
      t.end()
    },
  )

for (const transfers of [true, false])
  t.test(`what was taken away is missing, and added again (transfer: ${transfers})`, (t) => {
    const scene = new Scene({ transfers })
    const before = scene.dns.lines
    scene.dns.lose('pc0.lan')
    scene.dns.lose('six1.lan')
    scene.dns.lose(scene.reverseOf('pc1.lan'))
    const spoilt = scene.dns.lines
    const report = scene.sweep(t, 'check')
    t.same(said(report), [
      `missing forward pc0.lan. ${scene.at('pc0.lan')}`,
      `missing forward six1.lan. ${scene.at('six1.lan')}`,
      `missing reverse pc1.lan. ${scene.at('pc1.lan')}`,
    ])
    t.same(scene.dns.lines, spoilt, 'a check changes nothing')
    const mended = scene.sweep(t, 'repair')
    t.match(mended.counts, { missing: 3, again: 3, removed: 0 })
    scene.advance()
    t.same(scene.dns.lines, before)
    t.same(said(scene.sweep(t, 'check')), [])
    t.end()
  })

t.test('another address at the name of a lease', (t) => {
  const scene = new Scene()
  const before = scene.dns.lines
  scene.put('pc0.lan', 'a', ip(192, 0, 2, 77))
  const report = scene.sweep(t, 'check')
  t.same(said(report), [`different forward pc0.lan. ${scene.at('pc0.lan')}`])
  t.equal(report.findings[0]!.why, 'it leads to 192.0.2.77')
  scene.sweep(t, 'repair')
  scene.advance()
  t.same(scene.dns.lines, before)
  t.end()
})

t.test('an address that leads to another name', (t) => {
  const scene = new Scene()
  const before = scene.dns.lines
  const reverse = scene.reverseOf('pc0.lan')
  scene.dns.lose(reverse)
  scene.put(reverse, 'ptr', encodedName('other.lan'))
  scene.put(reverse, 'dhcid', dhcid('x'))
  const report = scene.sweep(t, 'check')
  t.same(said(report), [`different reverse pc0.lan. ${scene.at('pc0.lan')}`])
  t.match(report.findings[0]!.why, /other\.lan/)
  scene.sweep(t, 'repair')
  scene.advance()
  t.same(scene.dns.lines, before)
  t.end()
})

t.test('names with a DHCID that no lease has: only a repair removes them', (t) => {
  const scene = new Scene()
  const before = scene.dns.lines
  scene.put('ghost.lan', 'a', ip(192, 0, 2, 50))
  scene.put('ghost.lan', 'dhcid', dhcid('g'))
  scene.put('50.2.0.192.in-addr.arpa', 'ptr', encodedName('ghost.lan'))
  scene.put('50.2.0.192.in-addr.arpa', 'dhcid', dhcid('g'))
  const haunted = scene.dns.lines
  const report = scene.sweep(t, 'check')
  t.same(said(report), [
    'orphan forward ghost.lan. 192.0.2.50',
    'orphan reverse ghost.lan. 192.0.2.50',
  ])
  scene.names.lab.advance(120_000)
  t.same(scene.dns.lines, haunted)
  const mended = scene.sweep(t, 'repair')
  t.match(mended.counts, { orphans: 2, removed: 2 })
  t.ok(mended.findings.every((one) => one.mended === 'removed'))
  scene.advance()
  t.same(scene.dns.lines, before)
  t.equal(scene.names.lab.server().server!.names.ledger.owed.size, 0)
  t.end()
})

t.test('a name that the client of the address had before', (t) => {
  const scene = new Scene()
  const before = scene.dns.lines
  const { tables } = scene.names.lab.server().server!
  const row = tables.v4.byAddress(ipv4FromText(scene.at('pc0.lan'))!)!
  const dhcid = dhcidOf(identifierOf4(row), 'former.lan')!
  scene.dns.put({
    ...RECORD,
    name: 'former.lan',
    type: RR_TYPE.a,
    data: addressOctets(row.address),
  })
  scene.dns.put({ ...RECORD, name: 'former.lan', type: RR_TYPE.dhcid, data: dhcid })
  const { findings } = scene.sweep(t, 'repair')
  t.match(findings, [
    { kind: 'orphan', name: 'former.lan.', why: 'a client of the address had it' },
  ])
  scene.advance()
  t.same(scene.dns.lines, before)
  t.end()
})

t.test('many that are nobody’s', (t) => {
  const scene = new Scene()
  const before = scene.dns.lines
  for (let last = 20; last < 100; last++) {
    scene.put(`ghost${last}.lan`, 'a', ip(192, 0, 2, last))
    scene.put(`ghost${last}.lan`, 'dhcid', dhcid('g'))
    scene.put(`${last}.2.0.192.in-addr.arpa`, 'ptr', encodedName(`ghost${last}.lan`))
    scene.put(`${last}.2.0.192.in-addr.arpa`, 'dhcid', dhcid('g'))
  }
  const { counts } = scene.sweep(t, 'repair')
  t.equal(counts.orphans, counts.removed)
  t.ok(counts.orphans! > 100, `${counts.orphans}`)
  scene.names.lab.advance(60_000)
  t.same(
    scene.dns.lines.filter((line) => !before.includes(line) && /ghost/.test(line)),
    [],
  )
  t.end()
})

t.test('a client that has gone on to another address with its name', (t) => {
  const scene = new Scene()
  const tv = { 'hw-address': '02:00:00:00:00:50', hostname: 'tv.lan' }
  for (const last of [50, 51]) {
    const given = { ...tv, 'ip-address': `192.0.2.${last}`, 'fqdn-fwd': true, 'fqdn-rev': true }
    t.match(scene.ask('lease4-add', given), { result: 0 })
    scene.advance()
  }
  t.ok(scene.dns.lines.includes('tv.lan A 192.0.2.51'))
  const before = scene.dns.lines
  t.same(said(scene.sweep(t, 'repair')), [])
  scene.advance()
  t.same(scene.dns.lines, before)
  t.end()
})

t.test('a server of one family leaves addresses of the other alone', (t) => {
  const plan = namedPlan({ ...DDNS, Dhcp4: DHCP4 })
  const scene = new Scene({}, 1, plan)
  scene.put('pc0.lan', 'aaaa', ip(0x20, 1, 0xd, 0xb8, 0, 1, ...new Array(9).fill(0), 0x15))
  scene.put('six.lan', 'aaaa', ip(0x20, 1, 0xd, 0xb8, 0, 1, ...new Array(9).fill(0), 0x16))
  scene.put('six.lan', 'dhcid', dhcid('s'))
  const before = scene.dns.lines
  t.same(said(scene.sweep(t, 'repair')), [])
  scene.advance()
  t.same(scene.dns.lines, before)
  t.equal(scene.names.lab.server().server!.tables.all.length, 1, 'and has no table for them')
  t.end()
})

for (const transfers of [true, false])
  t.test(
    `RFC 2317: names of addresses in a zone of less than 256 (transfer: ${transfers})`,
    (t) => {
      const plan = namedPlan({ ...ddnsOf(['lan.'], [`${CLASSLESS}.`]), Dhcp4: DHCP4 })
      const scene = new Scene({ transfers }, 3, plan)
      const before = scene.dns.lines
      const last = scene.at('pc0.lan').split('.').at(-1)
      const name = `${last}.${CLASSLESS}`
      t.ok(before.includes(`${name} PTR pc0.lan`))
      t.same(said(scene.sweep(t, 'check')), [])
      scene.dns.lose(name)
      if (transfers) {
        scene.put(`50.${CLASSLESS}`, 'ptr', encodedName('ghost.lan'))
        scene.put(`50.${CLASSLESS}`, 'dhcid', dhcid('g'))
      }
      const found = said(scene.sweep(t, 'repair'))
      t.same(found, [
        `missing reverse pc0.lan. ${scene.at('pc0.lan')}`,
        ...(transfers ? ['orphan reverse ghost.lan. 192.0.2.50'] : []),
      ])
      scene.advance()
      t.same(scene.dns.lines, before)
      t.end()
    },
  )

t.test('what is not ours is never touched', (t) => {
  const scene = new Scene()
  // Without a DHCID, of another network, and of another server's client beside a name of its own.
  scene.put('printer.lan', 'a', ip(192, 0, 2, 60))
  scene.put('60.2.0.192.in-addr.arpa', 'ptr', encodedName('printer.lan'))
  scene.put('far.lan', 'a', ip(198, 51, 100, 7))
  scene.put('far.lan', 'dhcid', dhcid('f'))
  scene.put('outside.lan', 'a', ip(192, 0, 2, 200))
  scene.put('outside.lan', 'dhcid', dhcid('o'))
  const before = scene.dns.lines
  t.same(said(scene.sweep(t, 'check')), [])
  t.same(said(scene.sweep(t, 'repair')), [])
  scene.advance()
  t.same(scene.dns.lines, before)
  t.end()
})

t.test('a name that somebody has written over is told, and left', (t) => {
  const scene = new Scene()
  const reverse = scene.reverseOf('pc0.lan')
  scene.dns.lose(reverse)
  scene.put(reverse, 'ptr', encodedName('written.lan'))
  const before = scene.dns.lines
  const report = scene.sweep(t, 'repair')
  t.same(said(report), [`written reverse pc0.lan. ${scene.at('pc0.lan')}`])
  t.match(report.findings[0]!.why, /written\.lan; it has no DHCID/)
  scene.advance()
  t.same(scene.dns.lines, before)
  t.end()
})

t.test('an orphan whose address a client gets meanwhile is left to that', (t) => {
  const scene = new Scene()
  scene.put('ghost.lan', 'a', ip(192, 0, 2, 50))
  scene.put('ghost.lan', 'dhcid', dhcid('g'))
  t.match(scene.ask('whio-dns-repair'), { result: 0 })
  scene.names.lab.advance(5000)
  const lease = {
    ...{ 'ip-address': '192.0.2.50', 'hw-address': '02:00:00:00:00:50', hostname: 'ghost.lan' },
    ...{ 'fqdn-fwd': true, 'fqdn-rev': true },
  }
  t.match(scene.ask('lease4-add', lease), { result: 0 })
  scene.names.lab.advance(120_000)
  t.match(scene.ask('whio-dns-get').arguments, { state: 'done', counts: { removed: 0 } })
  t.ok(scene.dns.lines.includes('ghost.lan A 192.0.2.50'))
  t.end()
})

t.test('DNS does not answer: the sweep ends, clients are served, names wait', (t) => {
  const scene = new Scene()
  scene.dns.behaviour.isAway = true
  const report = scene.sweep(t, 'repair')
  t.match(report, { state: 'done', findings: [] })
  for (const zone of report.zones) t.match(zone, { state: 'failed', why: 'no answer' })
  t.ok(report.seconds < 60, `its zones are not waited for one by one: ${report.seconds} s`)
  scene.dns.behaviour.isAway = false
  scene.dns.lose('pc0.lan')
  t.match(scene.sweep(t, 'repair').counts, { again: 1 })
  t.end()
})

t.test('what waits to be sent is told so, and is not sent twice', (t) => {
  const scene = new Scene()
  scene.dns.behaviour.refuses = true
  scene.dns.lose('pc0.lan')
  t.match(scene.ask('lease4-resend-ddns', { 'ip-address': scene.at('pc0.lan') }), { result: 0 })
  scene.advance()
  const report = scene.sweep(t, 'repair')
  t.same(said(report), [`missing forward pc0.lan. ${scene.at('pc0.lan')}`])
  t.match(report.findings[0], { waits: true })
  t.match(report.counts, { owed: 1, again: 0 })
  t.end()
})

t.test('one at a time, and who only reads may not repair', (t) => {
  const scene = new Scene()
  t.match(scene.ask('whio-dns-get'), { result: 3 })
  t.match(scene.ask('whio-dns-check'), { result: 0, text: 'it is begun', arguments: { sweep: 1 } })
  t.match(scene.ask('whio-dns-check'), { result: 0, arguments: { sweep: 1 } })
  t.match(scene.ask('whio-dns-repair'), { result: 4, text: /a check .* is under way/ })
  const viewer = asker(plainRole('viewer'))
  t.match(scene.ask('whio-dns-repair', undefined, viewer), { result: 1, text: /not permitted/ })
  t.match(scene.ask('whio-dns-get', undefined, viewer), { result: 0 })
  t.match(scene.ask('whio-dns-get', { from: -1 }), { result: 1, text: /from/ })
  t.match(scene.ask('whio-dns-get', { limit: 5000 }), { result: 1, text: /limit/ })
  scene.names.lab
    .server()
    .server!.reload(
      namedPlan({ ...DDNS, Dhcp4: { ...NAMED, subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] } }),
    )
  t.match(scene.ask('whio-dns-get').arguments, {
    state: 'ended',
    why: 'the zones of the configuration have changed',
  })
  t.end()
})

t.test('findings come in pages', (t) => {
  const scene = new Scene({}, 20)
  for (let at = 0; at < 20; at++) scene.dns.lose(`pc${at}.lan`)
  t.equal(scene.sweep(t, 'check').findings.length, 20)
  const first = scene.ask('whio-dns-get', { limit: 15 }).arguments as unknown as Report
  t.match([first.findings.length, first.next], [15, 15])
  const rest = scene.ask('whio-dns-get', { from: 15 }).arguments as unknown as Report
  t.match([rest.findings.length, rest.next], [5, undefined])
  t.end()
})

t.test('/api/v1/names/check: the same for programs', (t) => {
  const scene = new Scene()
  const { dispatcher, room } = scene.stage
  const api = new Api(room, dispatcher, routesWith(NO_HISTORY, events()))
  const { lab } = scene.names
  const caller = new Caller(room, api, (isDone) => lab.world.advanceUntil(isDone, 10_000))
  t.equal(caller.ask('GET', '/names/check').status, 404, 'there was none')
  scene.dns.lose('pc0.lan')
  t.match(caller.ask('POST', '/names/check'), { status: 200, body: { sweep: 1, kind: 'check' } })
  t.equal(caller.ask('POST', '/names/repair').status, 409)
  lab.advance(10_000)
  t.match(caller.ask('GET', '/names/check'), {
    status: 200,
    body: { state: 'done', findings: [{ kind: 'missing', name: 'pc0.lan.' }] },
  })
  t.match(caller.ask('GET', '/names/check?limit=0'), {
    status: 200,
    body: { findings: [], next: 0 },
  })
  t.equal(caller.ask('GET', '/names/check?limit=many').status, 400)
  const who = asker(plainRole('viewer'))
  t.equal(caller.ask('POST', '/names/repair', { who }).status, 403)
  t.equal(caller.ask('POST', '/names/repair').status, 200)
  t.end()
})
