// hosts-databases in a server: reservations of databases give addresses and keep them from others,
// when the server begins to answer, what becomes of it when a database changes, is slow or away.

import t from 'tap'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { createLab, type Lab, type LabSettings } from '../../lib/lab/lab.ts'
import { ADMIN, startOf, TestSource } from './configuration-world.ts'
import { FakeHosts, FakeTable } from './fake-hosts.ts'

const DATABASE = { type: 'postgresql', name: 'kea', host: 'db' }
const A = '02:00:5e:10:00:0a'
const B = '02:00:5e:10:00:0b'

interface Wish extends Partial<LabSettings> {
  readonly database?: object
  readonly whio?: object
  readonly subnet?: object
  readonly tables?: readonly FakeTable[]
}

function labWith(table: FakeTable, wish: Wish = {}): Lab {
  const { database = {}, whio, subnet = {}, tables = [table], ...settings } = wish
  const config = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['*'] },
      'valid-lifetime': 600,
      'hosts-databases': tables.map((_, index) => ({
        ...DATABASE,
        name: `kea${index}`,
        ...database,
      })),
      subnet4: [
        { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.12' }], ...subnet },
      ],
    },
    ...(whio === undefined ? {} : { Whio: { hosts: whio } }),
  }
  const source = new TestSource(config)
  source.waiting = undefined
  const start = () => startOf(source)
  return createLab({
    plan: start().plan,
    configurations: [start],
    ports: (own, { node }) => ({
      ...own,
      hosts: new FakeHosts((delay, work) => void node.after(delay, work), { 4: tables }),
    }),
    ...settings,
  })
}

function addressOf(lab: Lab, index: number): string {
  const { address } = lab.clients[index]!
  return address === '' ? 'none' : address
}

function linesOf(lab: Lab, id: string): number {
  return lab.servers[0]!.log.lines.filter((line) => line.id === id).length
}

t.test('a reservation of a database is given to its client, and to nobody else', async (t) => {
  const table = new FakeTable()
  table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.11' })
  table.put(2, { 'hw-address': B, 'ip-address': '192.0.2.77' })
  const lab = labWith(table, {
    clients: [{}, {}, {}, { hwAddress: A }, { hwAddress: B }],
  })
  lab.advance(60_000)
  t.equal(addressOf(lab, 3), '192.0.2.11')
  t.equal(addressOf(lab, 4), '192.0.2.77')
  const others = [0, 1, 2].map((index) => addressOf(lab, index))
  t.same(others.filter((one) => one !== 'none').sort(), ['192.0.2.10', '192.0.2.12'])
  t.same(lab.invariants.violations, [])
})

t.test('on-fail: whether clients wait until the database was read once', async (t) => {
  for (const [onFail, isServed] of [
    ['stop-retry-exit', false],
    ['serve-retry-continue', true],
  ] as const) {
    const table = new FakeTable()
    table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77' })
    table.trouble = 'connection refused'
    const lab = labWith(table, { database: { 'on-fail': onFail }, clients: [{}] })
    lab.advance(60_000)
    t.equal(addressOf(lab, 0) !== 'none', isServed, onFail)
    t.equal(linesOf(lab, 'HOSTS_DATABASE_UNREAD'), 1)
    table.trouble = ''
    table.look()
    lab.addClient({ hwAddress: A })
    lab.advance(200_000)
    t.not(addressOf(lab, 0), 'none')
    t.equal(addressOf(lab, 1), '192.0.2.77')
  }
})

t.test('a reload while the database was never read: clients wait on, but by on-fail', async (t) => {
  const serves = { ...DATABASE, name: 'kea0', 'on-fail': 'serve-retry-continue' }
  for (const [path, value, isServed] of [
    [['Whio', 'hosts', 'refresh'], 77, false],
    [['Dhcp4', 'hosts-databases'], [{ ...DATABASE, name: 'kea0', password: 'x' }], false],
    [['Dhcp4', 'hosts-databases'], [{ ...DATABASE, name: 'another' }], false],
    [['Dhcp4', 'hosts-databases'], [serves], true],
    [['Dhcp4', 'hosts-databases'], [], true],
  ] as const) {
    const table = new FakeTable()
    table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77' })
    table.trouble = 'connection refused'
    const lab = labWith(table, { whio: { refresh: 30 }, clients: [{}] })
    lab.advance(10_000)
    lab.servers[0]!.server!.configuration!.edit([{ path, value }], 'here', ADMIN, () => {})
    lab.advance(60_000)
    t.equal(addressOf(lab, 0) !== 'none', isServed, JSON.stringify(value))
    table.trouble = ''
    table.look()
    lab.addClient({ hwAddress: A })
    lab.advance(200_000)
    t.not(addressOf(lab, 0), 'none')
    if (!isServed) t.equal(addressOf(lab, 1), '192.0.2.77')
  }
})

t.test('a reload while the database was never read is no moment of service', async (t) => {
  const table = new FakeTable()
  table.trouble = 'connection refused'
  const lab = labWith(table, { clients: [{}] })
  lab.advance(10_000)
  t.equal(linesOf(lab, 'SERVICE_SWITCHED'), 1)
  for (let time = 0; time < 2; time++) {
    lab.servers[0]!.server!.configuration!.reload(ADMIN, () => {})
    lab.advance(10_000)
    t.equal(linesOf(lab, 'DHCP4_CONFIG_COMPLETE'), time + 1)
  }
  t.equal(linesOf(lab, 'SERVICE_SWITCHED'), 1)
  table.trouble = ''
  table.look()
  lab.advance(60_000)
  t.equal(linesOf(lab, 'SERVICE_SWITCHED'), 2)
  t.not(addressOf(lab, 0), 'none')
})

t.test('what changes in the database counts from the next look on', async (t) => {
  const table = new FakeTable()
  const lab = labWith(table, { clients: [{ hwAddress: A }] })
  lab.advance(10_000)
  t.equal(addressOf(lab, 0), '192.0.2.10')
  table.put(7, { 'hw-address': A, 'ip-address': '192.0.2.77' })
  lab.advance(700_000)
  t.equal(addressOf(lab, 0), '192.0.2.77', 'at its renewal it gets what is reserved')
  table.put(8, { 'hw-address': B, 'ip-address': '192.0.2.10' })
  lab.advance(1000)
  lab.addClient({})
  lab.advance(10_000)
  t.equal(addressOf(lab, 1), '192.0.2.11', 'the first of the pool is reserved now')
  table.delete(7)
  lab.advance(700_000)
  t.not(addressOf(lab, 0), '192.0.2.77')
  t.same(lab.invariants.violations, [])
})

t.test('a database that is lost: what was read of it goes on to count', async (t) => {
  const table = new FakeTable()
  table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77' })
  const lab = labWith(table)
  lab.advance(10_000)
  table.trouble = 'connection reset'
  table.look()
  lab.addClient({ hwAddress: A })
  lab.advance(20_000)
  t.equal(addressOf(lab, 0), '192.0.2.77')
  t.equal(linesOf(lab, 'HOSTS_DATABASE_LOST'), 1)
  table.trouble = ''
  table.look()
  lab.advance(1000)
  t.equal(linesOf(lab, 'HOSTS_DATABASE_RECOVERED'), 1)
})

t.test('a wrong row is told once, by its number', async (t) => {
  const table = new FakeTable()
  table.put(5, { 'hw-address': A, 'ip-address': '198.51.100.1' })
  const lab = labWith(table)
  lab.advance(1000)
  table.put(6, { 'hw-address': B, 'ip-address': '192.0.2.77' })
  lab.advance(1000)
  t.equal(linesOf(lab, 'HOSTS_ROW_SKIPPED'), 1)
  lab.addClient({ hwAddress: B })
  lab.advance(20_000)
  t.equal(addressOf(lab, 0), '192.0.2.77')
})

t.test('edits by command and a reload leave reservations of databases in force', async (t) => {
  const table = new FakeTable()
  table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77' })
  const lab = labWith(table)
  lab.advance(1000)
  const { configuration } = lab.servers[0]!.server!
  const edit = { path: ['Dhcp4', 'valid-lifetime'], value: 1200 }
  configuration!.edit([edit], 'here', ADMIN, () => {})
  lab.advance(1000)
  t.equal(configuration!.plan.dhcp4!.reservedAddresses().length, 1)
  configuration!.reload(ADMIN, () => {})
  lab.advance(1000)
  t.equal(configuration!.plan.dhcp4!.reservedAddresses().length, 1)
  lab.addClient({ hwAddress: A })
  lab.advance(20_000)
  t.equal(addressOf(lab, 0), '192.0.2.77')
})

t.test('load-max: with more reservations each client is looked up when it comes', async (t) => {
  const table = new FakeTable()
  table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77', hostname: 'a' })
  table.put(2, { 'hw-address': B, 'ip-address': '192.0.2.10' })
  const lab = labWith(table, { whio: { 'load-max': 1 }, clients: [{ hwAddress: A }, {}] })
  lab.advance(20_000)
  t.equal(addressOf(lab, 0), '192.0.2.77')
  t.equal(addressOf(lab, 1), '192.0.2.11', 'what is reserved is nobody else’s')
  t.ok(table.asked.length > 0)
  t.same(lab.invariants.violations, [])
})

t.test('load-max: a look-up delays nobody else', async (t) => {
  const table = new FakeTable()
  table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77' })
  const lab = labWith(table, { whio: { 'load-max': 0, refresh: 600 }, clients: [{ hwAddress: B }] })
  lab.advance(20_000)
  table.delay = 1500
  lab.addClient({ hwAddress: A })
  const [known] = lab.clients
  known!.stop()
  known!.start()
  lab.advance(400)
  t.ok(known!.isBound, 'who is known by now is answered at once')
  t.notOk(lab.clients[1]!.isBound)
  lab.advance(10_000)
  t.equal(addressOf(lab, 1), '192.0.2.77')
})

t.test('load-max: a database that is away keeps nobody waiting', async (t) => {
  const table = new FakeTable()
  table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77' })
  table.put(2, { 'hw-address': B, 'ip-address': '192.0.2.10' })
  const lab = labWith(table, { whio: { 'load-max': 1 }, clients: [{ hwAddress: A }] })
  lab.advance(20_000)
  t.equal(addressOf(lab, 0), '192.0.2.77')
  table.trouble = 'gone'
  table.look()
  lab.advance(60_000)
  lab.addClient({})
  lab.advance(20_000)
  t.equal(addressOf(lab, 1), '192.0.2.11', 'served without being looked up, not by B’s address')
  lab.advance(1_200_000)
  t.equal(addressOf(lab, 0), '192.0.2.77', 'what was known of A counts, however old')
})

/** A server that a program has given nothing but its plan. */
function plainLab(table: FakeTable, plan: Plan, more: Partial<LabSettings> = {}): Lab {
  const ports: LabSettings['ports'] = (own, { node }) => ({
    ...own,
    hosts: new FakeHosts((delay, work) => void node.after(delay, work), { 4: [table] }),
  })
  return createLab({ plan, ports, clients: [{ hwAddress: A }, {}], ...more })
}

t.test('a server that has nothing but its plan reads databases as well', async (t) => {
  for (const max of [100, 0]) {
    const table = new FakeTable()
    table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.77' })
    const planWith = (subnet: object) =>
      labWith(table, { whio: { 'load-max': max }, subnet }).server(0).plan
    const lab = plainLab(table, planWith({}))
    lab.advance(20_000)
    t.equal(addressOf(lab, 0), '192.0.2.77')
    t.equal(linesOf(lab, 'HOSTS_DATABASE_UNREAD'), 0)
    table.put(2, { 'hw-address': B, 'ip-address': '192.0.2.78' })
    lab.advance(1000)
    lab.addClient({ hwAddress: B })
    lab.advance(20_000)
    t.equal(addressOf(lab, 2), '192.0.2.78', 'and sees what changes')
    if (max === 0) continue
    // Between the reload and the next look of the database.
    table.trouble = 'gone'
    table.delay = 50_000
    lab.reload(planWith({ pools: [{ pool: '192.0.2.77-192.0.2.80' }] }))
    lab.addClient()
    lab.advance(20_000)
    t.equal(addressOf(lab, 3), '192.0.2.79', 'a reload forgets nothing of it')
    t.same(lab.invariants.violations, [])
  }
})

t.test('a plan that nobody has compiled, or no way there: it is said', async (t) => {
  const table = new FakeTable()
  const { plan } = labWith(table).server(0)
  for (const lab of [plainLab(table, { ...plan }), createLab({ plan, clients: [{}] })]) {
    lab.advance(20_000)
    t.equal(linesOf(lab, 'HOSTS_DATABASE_UNREAD'), 1)
    t.not(addressOf(lab, 0), 'none')
  }
})

t.test('several databases: the first that knows the client counts', async (t) => {
  const [first, second] = [new FakeTable(), new FakeTable()]
  first.put(1, { 'hw-address': A, 'ip-address': '192.0.2.71' })
  second.put(1, { 'hw-address': A, 'ip-address': '192.0.2.72' })
  second.put(2, { 'hw-address': B, 'ip-address': '192.0.2.73' })
  for (const max of [100, 0]) {
    const lab = labWith(first, {
      ...{ tables: [first, second], whio: { 'load-max': max } },
      clients: [{ hwAddress: A }, { hwAddress: B }],
    })
    lab.advance(20_000)
    t.same([addressOf(lab, 0), addressOf(lab, 1)], ['192.0.2.71', '192.0.2.73'], `load-max ${max}`)
  }
})

t.test('what several databases reserve is one address in the count of a subnet', async (t) => {
  const [first, second] = [new FakeTable(), new FakeTable()]
  for (const table of [first, second]) {
    table.put(1, { 'hw-address': A, 'ip-address': '192.0.2.71' })
    // All of the pool but one address.
    table.put(2, { 'hw-address': B, 'ip-address': '192.0.2.10' })
    table.put(3, { 'hw-address': '02:00:5e:10:00:0c', 'ip-address': '192.0.2.11' })
  }
  const clients = [{ hwAddress: A }, { hwAddress: '02:00:5e:10:00:0d' }]
  const lab = labWith(first, { tables: [first, second], clients })
  lab.advance(20_000)
  const [subnet] = lab.status()!.subnets
  t.match(subnet, { assigned: 2, outside: 1, isExhausted: true })
})
