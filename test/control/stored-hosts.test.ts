// host_cmds where reservations stand in databases, too: what operation-target means, in which order
// places are told, what is written, and in whose words a database refuses.

import t from 'tap'
import { Api } from '../../lib/control/api/api.ts'
import { routesWith } from '../../lib/control/api/routes.ts'
import type { Answer, Persona } from '../../lib/control/command.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { startOf, TestSource } from '../server/configuration-world.ts'
import { FakeHosts, FakeTable } from '../server/fake-hosts.ts'
import { Caller, events, NO_HISTORY } from './api-stage.ts'
import { Stage } from './room.ts'

const A = '02:00:5e:10:00:0a'
const B = '02:00:5e:10:00:0b'

function house(databases: readonly object[] = [{}]) {
  const tables = { 4: databases.map(() => new FakeTable()), 6: [new FakeTable()] }
  const config = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['*'] },
      'hosts-databases': databases.map((one, at) => ({ type: 'mysql', name: `kea${at}`, ...one })),
      'option-def': [{ name: 'lamp', code: 224, type: 'uint8' }],
      subnet4: [{ id: 7, subnet: '192.0.2.0/24', reservations: [{ 'hw-address': A }] }],
    },
    Dhcp6: {
      'interfaces-config': { interfaces: ['*'] },
      'hosts-databases': [{ type: 'postgresql', name: 'six' }],
      subnet6: [{ id: 9, subnet: '2001:db8::/64' }],
    },
  }
  const source = new TestSource(config)
  const start = () => startOf(source)
  const lab = createLab({
    plan: start().plan,
    configurations: [start],
    ports: (own, { node }) => ({
      ...own,
      hosts: new FakeHosts((delay, work) => void node.after(delay, work), tables),
    }),
  })
  const stage = new Stage(lab)
  Object.assign(stage.room, { configuration: lab.servers[0]!.server!.configuration })
  const ask = (command: string, given: object, persona: Persona = 'dhcp4'): Answer => {
    const answer = stage.asked({ command, arguments: given }, persona)
    lab.advance(1000)
    return JSON.parse(JSON.stringify(answer()))
  }
  const api = new Api(stage.room, stage.dispatcher, routesWith(NO_HISTORY, events()))
  const caller = new Caller(stage.room, api, (isDone) => lab.world.advanceUntil(isDone, 10_000))
  return { ask, caller, lab, tables, configuration: stage.room.configuration }
}

const hosts = (answer: Answer) => (answer.arguments as { hosts: Record<string, unknown>[] }).hosts

t.test(
  'operation-target: default and database write to the database, memory to the file',
  async (t) => {
    const { ask, configuration, tables } = house()
    const [table] = tables[4]
    const given = { 'subnet-id': 7, 'hw-address': B, 'ip-address': '192.0.2.77' }
    t.same(ask('reservation-add', { reservation: given }), { result: 0, text: 'Host added.' })
    t.same(
      table!.rows.map(({ subnetId, host }) => [subnetId, host['ip-address']]),
      [[7, '192.0.2.77']],
    )
    t.match(ask('reservation-add', { reservation: given }), {
      result: 1,
      text: 'Database duplicate entry error',
    })
    const inFile = () => configuration.document.Dhcp4!.subnet4![0]!.reservations!.length
    t.equal(inFile(), 1)
    t.equal(ask('reservation-add', { reservation: given, 'operation-target': 'memory' }).result, 0)
    t.equal(inFile(), 2)
    const other = { ...given, 'hw-address': '02:00:5e:10:00:0c', 'ip-address': '192.0.2.78' }
    t.equal(ask('reservation-add', { reservation: other, 'operation-target': 'all' }).result, 0)
    t.same([inFile(), table!.rows.length], [3, 2])
    t.match(ask('reservation-add', { reservation: other, 'operation-target': 'moon' }), {
      result: 1,
      text: /operation-target/,
    })
  },
)

t.test('reservation-add: options, classes and contexts come back as they were said', async (t) => {
  const { ask, tables } = house()
  const reservation = {
    'subnet-id': 7,
    'client-id': '01:02',
    hostname: 'lamp.example.org',
    'client-classes': ['floor2'],
    'user-context': { room: 7 },
    'option-data': [
      { name: 'domain-name-servers', data: '192.0.2.1, 192.0.2.2' },
      { code: 224, data: '7' },
      { name: 'ntp-servers', 'csv-format': false, data: 'c0000207' },
    ],
  }
  t.equal(ask('reservation-add', { reservation }).result, 0)
  t.same(tables[4][0]!.rows[0]!.host['option-data'], [
    { code: 6, data: '192.0.2.1, 192.0.2.2', 'csv-format': true },
    { code: 224, data: '7', 'csv-format': true },
    { code: 42, data: 'c0000207', 'csv-format': false },
  ])
  const selector = { 'subnet-id': 7, 'identifier-type': 'client-id', identifier: '0102' }
  const { arguments: got } = ask('reservation-get', selector)
  t.match(got, {
    'client-id': '0102',
    'client-classes': ['floor2'],
    'user-context': { room: 7 },
    'option-data': [{ name: 'domain-name-servers' }, { name: 'lamp', data: '7' }, { code: 42 }],
    'subnet-id': 7,
  })
})

t.test('reservation-add: what could not be served is not written', async (t) => {
  const { ask, tables } = house()
  for (const [reservation, text] of [
    [{ 'hw-address': B, 'ip-address': '198.51.100.1' }, /not matching the IPv4 subnet prefix/],
    [{ 'hw-address': B, 'ip-addres': '192.0.2.1' }, /./],
    [{ 'hw-address': B, 'option-data': [{ code: 6, data: 'none' }] }, /none/],
    [{ 'hw-address': 'xyz' }, /xyz/],
    [{ hostname: 'nobody' }, /one identifier/],
    [{ identifiers: [{ 'hw-address': B }, { duid: '00:01:02' }] }, /one identifier/],
  ] as const)
    t.match(ask('reservation-add', { reservation: { 'subnet-id': 7, ...reservation } }), {
      result: 1,
      text,
    })
  t.same(tables[4][0]!.rows, [])
})

t.test(
  'readonly: a database that is not to be written to refuses in the words of Kea',
  async (t) => {
    const { ask, tables } = house([{}, { readonly: true }])
    const reservation = { 'subnet-id': 7, 'hw-address': B }
    const text = 'MySQL host database backend is configured to operate in read only mode'
    t.same(ask('reservation-add', { reservation }), { result: 1, text })
    const selector = { 'subnet-id': 7, 'identifier-type': 'hw-address', identifier: B }
    t.same(ask('reservation-del', selector), { result: 1, text })
    t.same(tables[4][0]!.rows, [])
  },
)

t.test('reservation-update, -del: the row of the client, or word that there is none', async (t) => {
  const { ask, tables } = house()
  const reservation = { 'subnet-id': 7, 'hw-address': B, hostname: 'one' }
  const text = 'Host not updated (not found).'
  t.same(ask('reservation-update', { reservation }), { result: 1, text })
  ask('reservation-add', { reservation })
  const update = { reservation: { ...reservation, hostname: 'two' } }
  t.same(ask('reservation-update', update), { result: 0, text: 'Host updated.' })
  t.equal(tables[4][0]!.rows[0]!.host.hostname, 'two')
  const selector = { 'subnet-id': 7, 'identifier-type': 'hw-address', identifier: B }
  t.same(ask('reservation-del', selector), { result: 0, text: 'Host deleted.' })
  t.same(ask('reservation-del', selector), { result: 3, text: 'Host not deleted (not found).' })
})

t.test('what is told: the file first, then each database', async (t) => {
  const { ask, tables } = house([{}, {}])
  tables[4][0]!.put(5, { 'hw-address': A.replaceAll(':', ''), hostname: 'first' }, 7)
  tables[4][1]!.put(5, { 'hw-address': B.replaceAll(':', ''), 'ip-address': '192.0.2.9' }, 7)
  const of = (given: object) => hosts(ask('reservation-get-all', { 'subnet-id': 7, ...given }))
  t.same(
    of({}).map((host) => host['hw-address']),
    [A, A, B],
  )
  t.equal(of({ 'operation-target': 'memory' }).length, 1)
  t.equal(of({ 'operation-target': 'database' }).length, 2)
  const byId = { 'identifier-type': 'hw-address', identifier: A }
  t.equal(hosts(ask('reservation-get-by-id', byId)).length, 2)
  t.equal(hosts(ask('reservation-get-by-hostname', { hostname: 'first' })).length, 1)
  t.equal(hosts(ask('reservation-get-by-address', { 'ip-address': '192.0.2.9' })).length, 1)
  const selector = { 'subnet-id': 7, ...byId }
  t.match(ask('reservation-get', selector), { result: 0, arguments: { hostname: '' } })
  t.match(ask('reservation-get', { ...selector, 'operation-target': 'database' }), {
    arguments: { hostname: 'first' },
  })
})

t.test('reservation-get-page: no page of two sources, one leads to the next', async (t) => {
  const { ask, tables } = house([{}, {}])
  for (const id of [3, 5, 9]) tables[4][0]!.put(id, { 'hw-address': `0200000000${id}0` }, 7)
  tables[4][1]!.put(4, { 'hw-address': '020000000040' }, 0)
  const pages: unknown[] = []
  let next: object = {}
  for (;;) {
    const page = ask('reservation-get-page', { limit: 2, ...next })
    const told = page.arguments as { count: number; next?: object }
    pages.push([page.result, told.count, told.next])
    if (told.next === undefined) break
    next = told.next
  }
  t.same(pages, [
    [0, 1, { from: 1, 'source-index': 0 }],
    [0, 2, { from: 5, 'source-index': 1 }],
    [0, 1, { from: 9, 'source-index': 1 }],
    [0, 1, { from: 4, 'source-index': 2 }],
    [3, 0, undefined],
  ])
})

t.test('a database that is away is an error to who asks it, and to nobody else', async (t) => {
  const { ask, lab, tables } = house()
  tables[4][0]!.trouble = 'connection refused'
  tables[4][0]!.look()
  lab.advance(100)
  const given = { 'subnet-id': 7 }
  t.match(ask('reservation-get-all', given), { result: 1, text: /connection refused/ })
  t.equal(ask('reservation-get-all', { ...given, 'operation-target': 'memory' }).result, 0)
  const reservation = { 'subnet-id': 7, 'hw-address': B }
  t.match(ask('reservation-add', { reservation }), { result: 1, text: /connection refused/ })
})

t.test('of several databases an error tells which one refused, and what is done', async (t) => {
  const { ask, tables } = house([{}, {}, {}])
  const [first, second] = tables[4]
  const reservation = { 'subnet-id': 7, 'hw-address': B }
  second!.trouble = 'connection refused'
  t.match(ask('reservation-add', { reservation }), {
    result: 1,
    text: /: connection refused \(mysql .*kea1 .*\); it is done in mysql .*kea0 .*; not asked: mysql .*kea2/,
  })
  t.equal(first!.rows.length, 1)
  t.match(ask('reservation-add', { reservation }), {
    result: 1,
    text: /^Database duplicate entry error \(mysql .*kea0 .*\); not asked: .*kea1/,
  })
  t.equal(tables[4][2]!.rows.length, 0)
})

t.test('DHCPv6: several addresses and prefixes of a host', async (t) => {
  const { ask, tables } = house()
  const reservation = {
    'subnet-id': 9,
    duid: '00:03:00:01',
    'ip-addresses': ['2001:DB8::5', '2001:db8::6'],
    prefixes: ['2001:db8:8000::/56'],
  }
  t.equal(ask('reservation-add', { reservation }, 'dhcp6').result, 0)
  t.same(tables[6][0]!.rows[0]!.host['ip-addresses'], ['2001:db8::5', '2001:db8::6'])
  const selector = { 'subnet-id': 9, 'ip-address': '2001:db8:8000::/56' }
  t.match(ask('reservation-get', selector, 'dhcp6'), { result: 0 })
})

// ---- Whio's own API

const ROW = { family: 4, subnet: 7, type: 'hw-address' } as const

t.test('/reservations lists those of databases, and says where each is from', async (t) => {
  const { caller, lab, tables } = house([{}, {}])
  tables[4][0]!.put(5, { 'hw-address': B, hostname: 'five', password: 'x' }, 7)
  tables[4][1]!.put(6, { 'client-id': '01:02', 'ip-address': '192.0.2.66' }, 7)
  tables[6][0]!.put(7, { duid: '00:01:02', 'ip-addresses': ['2001:db8::7'] }, 9)
  lab.advance(1000)
  const list = (query = '') => caller.ask('GET', `/reservations${query}`).body
  t.strictSame(list(), {
    reservations: [
      { ...ROW, id: A, reservation: {}, source: 'file' },
      { ...ROW, id: B, reservation: { hostname: 'five', password: 'x' }, source: 'database 1' },
      {
        ...{ ...ROW, type: 'client-id', id: '01:02', source: 'database 2' },
        reservation: { 'ip-address': '192.0.2.66' },
      },
      {
        ...{ family: 6, subnet: 9, type: 'duid', id: '00:01:02', source: 'database 1' },
        reservation: { 'ip-addresses': ['2001:db8::7'] },
      },
    ],
    total: 4,
  })
  t.match(list('?q=five'), { total: 1 })
  t.match(list('?subnet=9'), { total: 1 })
  t.match(list('?limit=1&cursor=2'), { total: 4, reservations: [{ id: '01:02' }], next: '3' })
  const { lines } = caller.ask('GET', '/reservations?family=4', { wants: 'csv' })
  t.match(lines, /^family,.*,rest,source\r\n4,7,hw-address,02:00:5e:10:00:0a,,,,file\r\n/)
  t.match(lines, /^4,7,client-id,01:02,192\.0\.2\.66,,,database 2\r$/m)
})

t.test('one of a database is read, made, changed and taken away by its key', async (t) => {
  const { caller, configuration, tables } = house()
  const [table] = tables[4]
  const path = `/reservations/7/hw-address/${B}`
  t.equal(caller.ask('GET', path).status, 404)
  const body = { 'ip-address': '192.0.2.77' }
  const dry = caller.ask('PUT', `${path}?dry-run=1`, { body })
  t.strictSame(dry.body, {
    ...{ ok: true, made: 1, changed: 0, deleted: 0, faults: [], warnings: [] },
  })
  t.equal(table!.rows.length, 0)
  t.match(caller.ask('PUT', path, { body }), { status: 201, body: { made: 1, changed: 0 } })
  t.match(table!.rows, [{ subnetId: 7, host: { 'hw-address': B, ...body } }])
  const { body: shown } = caller.ask('GET', path)
  t.match(shown, { source: 'database 1', 'hw-address': B, ...body })
  const changed = { ...shown, hostname: 'seven' }
  t.match(caller.ask('PUT', path, { body: changed }), { status: 200, body: { changed: 1 } })
  t.match(table!.rows, [{ host: { hostname: 'seven', source: undefined } }])
  const outside = { 'ip-address': '198.51.100.1' }
  t.match(caller.ask('PUT', path, { body: outside }), {
    ...{ status: 422, body: { error: /198\.51\.100\.1.*192\.0\.2\.0\/24/ } },
  })
  const wrong = caller.ask('PUT', `${path}?dry-run=1`, { body: outside })
  t.match(wrong.body, { ok: false, changed: 1, faults: { length: 1 } })

  t.match(caller.ask('GET', `${path}?source=file`), { status: 404 })
  t.match(caller.ask('GET', `/reservations/7/hw-address/${A}`).body, { source: 'file' })
  const inFile = () => configuration.document.Dhcp4!.subnet4![0]!.reservations!.length
  const other = '/reservations/7/hw-address/02:00:5e:10:00:0d'
  t.match(caller.ask('PUT', `${other}?source=file`, { body: {} }), { status: 201 })
  t.equal(inFile(), 2)
  t.match(caller.ask('PUT', other, { body: { hostname: 'file' } }), { body: { changed: 1 } })
  t.equal(table!.rows.length, 1, 'what the file has stays there')
  t.match(caller.ask('DELETE', other), { body: { deleted: 1 } })
  t.equal(inFile(), 1)
  t.match(caller.ask('DELETE', path), { status: 200, body: { deleted: 1 } })
  t.match(caller.ask('DELETE', path), { status: 404 })
  t.match(caller.ask('PUT', `${path}?source=cloud`, { body: {} }), { status: 400 })
  table!.trouble = 'gone'
  t.match(caller.ask('GET', path), { status: 503, body: { error: /gone/ } })
})

t.test('of many, those of databases are changed one by one', async (t) => {
  const { caller, tables } = house()
  const item = (last: number, source: string, address = `192.0.2.${last}`) => ({
    ...{ ...ROW, id: `02:00:5e:10:00:${last}`, source },
    reservation: { 'ip-address': address },
  })
  const items = [
    ...[item(20, 'database'), item(21, 'file'), item(22, 'file'), item(23, 'database 1')],
    ...[item(24, 'database', '198.51.100.1'), item(20, 'database', '192.0.2.30')],
  ]
  t.match(caller.ask('POST', '/reservations:batch', { body: { items } }), {
    ...{ status: 400, body: { error: /one by one/ } },
  })
  t.match(caller.ask('POST', '/reservations:batch', { body: { items, atomic: false } }), {
    status: 200,
    body: { made: 4, changed: 1, failed: [{ index: 4, error: /198\.51\.100\.1/ }] },
  })
  t.equal(tables[4][0]!.rows.length, 2)
  const unsaid = [{ ...ROW, id: A, reservation: {} }]
  t.match(caller.ask('POST', '/reservations:batch', { body: { items: unsaid } }), {
    ...{ status: 400, body: { error: 'items[0]: say source: file or database' } },
  })
  const { lines } = caller.ask('GET', '/reservations?family=4', { wants: 'csv' })
  t.match(caller.ask('POST', '/reservations:batch?atomic=0', { body: lines }), {
    ...{ status: 200, body: { made: 0, failed: [] } },
  })
})

t.test('a database that only reads refuses changes by its name', async (t) => {
  const { caller } = house([{ readonly: true }])
  t.match(caller.ask('PUT', `/reservations/7/hw-address/${B}`, { body: {} }), {
    ...{ status: 422, body: { error: /read only/ } },
  })
})
