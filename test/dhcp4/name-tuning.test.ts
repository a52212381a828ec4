// What becomes of names where operators have tuned them, of zones that clients say are their names,
// and of names that clients leave out when they renew.

import t from 'tap'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { UpdateRules } from '../../lib/names/rules.ts'
import { client, documentWith, ip, RELEASE, SERVER, TestServer, uint32 } from './test-server.ts'

const A = '192.0.2.10'

const UPDATES: UpdateRules = {
  overridesClient: false,
  overridesNone: false,
  mode: 'check-with-dhcid',
  updatesOnRenew: false,
  ttl: { fixed: 0, percent: 0.33333, min: 600, max: 0 },
}

interface Scene {
  readonly global?: object
  readonly subnet?: object
  readonly rules?: object
}

/** A server that registers names. */
function registering({ global, subnet, rules }: Scene): TestServer {
  const server = new TestServer(documentWith({ ...subnet }, global as Partial<Dhcp4Document>))
  for (const place of [server.plan.subnets[0]!, ...server.plan.subnets[0]!.pools])
    Object.assign(place, { names: { ...place.names, updates: UPDATES, ...rules } })
  return server
}

function rowOf(server: TestServer, options: Record<number, Octets>): string {
  server.lease(client(1), options)
  const row = server.row(A)!
  return `${row.hostname} ${row.fqdnFwd ? 'f' : ''}${row.fqdnRev ? 'r' : ''}`
}

const whole = (name: string) =>
  `${name
    .split('.')
    .map((label) => String.fromCharCode(label.length) + label)
    .join('')}\0`

t.test('a zone is no name of a client', async (t) => {
  const global = { 'ddns-qualifying-suffix': 'open.test' }
  const rules = { zones: new Set(['lab.open.test']) }
  const rows: readonly [title: string, options: Record<number, Octets>, row: string][] = [
    ['nothing is left of it', { 12: '$$$' }, ' '],
    ['the domain, in option 12', { 12: 'open.test' }, ' '],
    ['with its dot', { 12: 'open.test.' }, ' '],
    ['in option 81', { 81: `\x05\0\0${whole('Open.Test')}` }, ' '],
    ['a zone below the domain', { 12: 'lab' }, ' '],
    ['a host of that zone', { 12: 'pc.lab.open.test' }, 'pc.lab.open.test fr'],
    ['a host', { 12: 'lab2' }, 'lab2.open.test fr'],
  ]
  for (const [title, options, row] of rows)
    t.equal(rowOf(registering({ global, rules }), options), row, title)
})

const TUNING = (expression: string) => ({
  'hooks-libraries': [
    { library: 'libdhcp_ddns_tuning.so', parameters: { 'hostname-expr': expression } },
  ],
  'ddns-qualifying-suffix': 'example.org',
})

t.test('libdhcp_ddns_tuning: hostname-expr', async (t) => {
  const byMac = TUNING("concat('pc-', hexstring(pkt4.mac, '-'))")
  const rows: readonly [title: string, scene: Scene, row: string][] = [
    ['in place of the name', { global: byMac }, 'pc-02-00-5e-10-00-01.example.org fr'],
    ['an empty value leaves the name', { global: TUNING("''") }, 'host.example.org fr'],
    ['and so does one that cannot be', { global: TUNING("'a..b'") }, 'host.example.org fr'],
    ['a whole name stays', { global: TUNING("'X.example.com.'") }, 'x.example.com fr'],
    [
      'the subnet says another',
      {
        global: byMac,
        subnet: { 'user-context': { 'ddns-tuning': { 'hostname-expr': "'own'" } } },
      },
      'own.example.org fr',
    ],
    [
      'the subnet takes it back',
      { global: byMac, subnet: { 'user-context': { 'ddns-tuning': { 'hostname-expr': '' } } } },
      'host.example.org fr',
    ],
  ]
  for (const [title, scene, row] of rows)
    t.equal(rowOf(registering(scene), { 12: 'host' }), row, title)
})

t.test('the class SKIP_DDNS: the name stays, and is not registered', async (t) => {
  const classes = { 'client-classes': [{ name: 'SKIP_DDNS', test: "option[12].text == 'host'" }] }
  const skipping = { ...TUNING(''), ...classes }
  t.equal(rowOf(registering({ global: skipping }), { 12: 'host' }), 'host.example.org ')
  t.equal(rowOf(registering({ global: skipping }), { 12: 'other' }), 'other.example.org fr')
  const without = { ...skipping, 'hooks-libraries': [] }
  t.equal(rowOf(registering({ global: without }), { 12: 'host' }), 'host.example.org fr')
  const server = registering({ global: { ...skipping, 'client-classes': [] } })
  const asks = { 81: `\x05\0\0${whole('host.example.org')}` }
  const said = server.discover(client(1), asks)
  t.equal(said.message.octets(81)?.charCodeAt(0), 5, 'S, and E')
  const all = { ...classes, 'client-classes': [{ name: 'SKIP_DDNS', test: "member('ALL')" }] }
  const other = registering({ global: { ...skipping, ...all } })
  const answer = other.discover(client(1), asks)
  t.equal(answer.message.octets(81)!.charCodeAt(0) & 9, 8, 'N without S')
})

t.test('a client that renews and says no name keeps the one that it has', async (t) => {
  const renewed = (rules: object) => {
    const server = registering({ rules })
    t.equal(rowOf(server, { 12: 'host.example.org' }), 'host.example.org fr')
    server.lease(client(1), {})
    const { hostname, fqdnFwd, fqdnRev } = server.row(A)!
    return [hostname, fqdnFwd, fqdnRev]
  }
  t.same(renewed({}), ['host.example.org', true, true])
  t.same(renewed({ keepsName: false }), ['', false, false], 'as in Kea')
})

t.test('who has given its lease up and comes back without a name has none', async (t) => {
  const server = registering({})
  t.equal(rowOf(server, { 12: 'host.example.org' }), 'host.example.org fr')
  server.send(RELEASE, { ...client(1), ciaddr: ip(A) }, { 54: uint32(SERVER) })
  server.lease(client(1), {})
  t.match(server.row(A), { hostname: '', fqdnFwd: false, fqdnRev: false })
})

t.test('another client at the address has nothing of it', async (t) => {
  const server = registering({ subnet: { pools: [{ pool: `${A} - ${A}` }] } })
  t.equal(rowOf(server, { 12: 'host.example.org' }), 'host.example.org fr')
  server.send(RELEASE, { ...client(1), ciaddr: ip(A) }, { 54: uint32(SERVER) })
  server.lease(client(2), {})
  t.match(server.row(A), { hostname: '', fqdnFwd: false })
})
