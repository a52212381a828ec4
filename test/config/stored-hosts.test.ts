// Reservations of databases in a plan: in which order they are found beside those of the document,
// that a wrong row costs itself only, and that a table which has changed is as if it had been so.

import t from 'tap'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { HostMemory, HostRow, HostTable } from '../../lib/config/plan/host-rows.ts'
import type { Known4, ReservationIdentifier } from '../../lib/config/plan/known4.ts'
import type { Plan4, Reservation4 } from '../../lib/config/plan/plan4.ts'
import { frozen } from './frozen.ts'

const SERVED = { 'interfaces-config': { interfaces: ['*'] } }
const MAC = '02:00:5e:10:00:01'
const OTHER = '02:00:5e:10:00:02'

function tableOf(rows: readonly HostRow[], database = 'hosts'): HostTable {
  const buckets = new Map<number, HostRow[]>()
  for (const row of rows) {
    const number = Math.floor(row.id / 1000)
    buckets.set(number, [...(buckets.get(number) ?? []), row])
  }
  return { kind: 'loaded', database, buckets }
}

function planOf(
  document: Dhcp4Document,
  tables: readonly HostTable[],
  compiler = new Compiler(),
): Plan4 {
  const context = { stateDirectory: undefined, hostTables: { dhcp4: tables, dhcp6: [] } }
  const { plan } = compiler.compile({ Dhcp4: document }, context)
  return plan!.dhcp4!
}

function documentOf(more: Dhcp4Document = {}, subnet = {}): Dhcp4Document {
  const one = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.99' }] }
  return frozen({ ...SERVED, ...more, subnet4: [{ ...one, ...subnet }] })
}

function known(by: Partial<Record<ReservationIdentifier, string>>): Known4 {
  return { knownBy: (kind) => octetsFromHex((by[kind] ?? '').replaceAll(':', ''))! }
}

const BOTH = known({ 'hw-address': MAC, 'client-id': '0102' })

function found(plan: Plan4, who = BOTH): Reservation4 | undefined {
  return plan.reservations.of(who, plan.subnets[0]!)
}

function row(id: number, host: HostRow['host'], subnetId = 1): HostRow {
  return { id, subnetId, host }
}

t.test('hosts-databases: the file first, then one database after the other', async (t) => {
  const first = tableOf([row(1, { 'hw-address': MAC, hostname: 'first' })])
  const second = tableOf([row(1, { 'hw-address': MAC, hostname: 'second' })])
  const written = { reservations: [{ 'hw-address': MAC, hostname: 'written' }] }
  t.equal(found(planOf(documentOf({}, written), [first, second]))!.hostname, 'written')
  t.equal(found(planOf(documentOf(), [first, second]))!.hostname, 'first')
  t.equal(found(planOf(documentOf(), [second, first]))!.hostname, 'second')
  t.equal(found(planOf(documentOf(), [tableOf([]), second]))!.hostname, 'second')
  t.equal(found(planOf(documentOf(), [first]), known({ 'hw-address': OTHER })), undefined)
})

t.test('host-reservation-identifiers: each is looked up everywhere before the next', async (t) => {
  const stored = tableOf([row(1, { 'hw-address': MAC, hostname: 'stored' })])
  const written = { reservations: [{ 'client-id': '01:02', hostname: 'written' }] }
  t.equal(found(planOf(documentOf({}, written), [stored]))!.hostname, 'stored')
  const order: Dhcp4Document = { 'host-reservation-identifiers': ['client-id', 'hw-address'] }
  t.equal(found(planOf(documentOf(order, written), [stored]))!.hostname, 'written')
})

t.test('reservations-global, -in-subnet: where rows of databases count', async (t) => {
  const own = row(1, { 'hw-address': MAC, hostname: 'subnet' })
  const global = row(2, { 'hw-address': MAC, hostname: 'global' }, 0)
  const both = tableOf([own, global])
  const nameOf = (subnet: object, table = both) => found(planOf(documentOf({}, subnet), [table]))
  t.equal(nameOf({})!.hostname, 'subnet')
  t.equal(nameOf({ 'reservations-global': true })!.hostname, 'subnet')
  t.equal(nameOf({}, tableOf([global])), undefined)
  t.equal(nameOf({ 'reservations-global': true }, tableOf([global]))!.hostname, 'global')
  const globalOnly = { 'reservations-global': true, 'reservations-in-subnet': false }
  t.equal(nameOf(globalOnly)!.hostname, 'global')
})

t.test('reserved addresses of databases are nobody else’s', async (t) => {
  const plan = planOf(
    documentOf({}, { reservations: [{ 'hw-address': OTHER, 'ip-address': '192.0.2.20' }] }),
    [tableOf([row(1, { 'hw-address': MAC, 'ip-address': '192.0.2.30' })])],
  )
  const [subnet] = plan.subnets
  t.equal(plan.reservations.at(ipv4FromText('192.0.2.30')!, subnet!).length, 1)
  t.same(plan.reservedAddresses().map(textFromIpv4), ['192.0.2.20', '192.0.2.30'])
  t.same(plan.writtenAddresses().map(textFromIpv4), ['192.0.2.20'])
})

t.test('a wrong row is left out and told by its number', async (t) => {
  const good = row(7, { 'hw-address': OTHER, 'ip-address': '192.0.2.31' })
  const { reservations, skippedHosts, subnets } = planOf(documentOf(), [
    tableOf([
      row(1, { 'hw-address': MAC, 'ip-address': '198.51.100.1' }),
      row(2, { 'hw-address': '', 'ip-address': '192.0.2.32' }),
      row(3, { duid: '00:01', 'option-data': [{ code: 6, data: 'no address' }] }),
      row(4, { 'hw-address': MAC }, 99),
      good,
    ]),
  ])
  t.same(
    skippedHosts.map(({ database, id }) => `${database} ${id}`),
    ['hosts 1', 'hosts 2', 'hosts 3'],
  )
  t.match(skippedHosts[0]!.problem, '198.51.100.1 is not in the subnet')
  t.match(skippedHosts[2]!.problem, 'no address')
  t.equal(
    reservations.of(known({ 'hw-address': OTHER }), subnets[0]!)!.address,
    ipv4FromText('192.0.2.31'),
  )
  // Whoever it is for, somebody may well use it.
  t.equal(reservations.at(ipv4FromText('192.0.2.32')!, subnets[0]!).length, 1)
})

t.test('classes, options and boot fields of a row count as those of the file', async (t) => {
  const host = {
    'hw-address': MAC,
    hostname: 'Printer',
    'client-classes': ['floor2'],
    'next-server': '192.0.2.1',
    'boot-file-name': 'x.bin',
    'option-data': [{ code: 6, data: '192.0.2.5, 192.0.2.6', 'always-send': true }],
    'user-context': { floor: 2 },
  }
  const written = planOf(documentOf({}, { reservations: [host] }), [])
  const stored = planOf(documentOf(), [tableOf([row(1, host)])])
  const [one, other] = [found(written)!, found(stored)!]
  t.same(other, one)
  t.same(
    other.classes.map((number) => stored.classes.names[number]),
    ['floor2'],
  )
})

t.test('a table that has changed is as one that was always so', async (t) => {
  const compiler = new Compiler()
  const rows = Array.from({ length: 2500 }, (_, at) =>
    row(at + 1, { 'hw-address': macOf(at), 'ip-address': `10.0.${at >> 8}.${at & 255}` }),
  )
  const document = documentOf({}, { subnet: '10.0.0.0/16', pools: [] })
  let table = tableOf(rows)
  planOf(document, [table], compiler)
  const changes: ((rows: HostRow[]) => HostRow[])[] = [
    (all) => all.filter(({ id }) => id !== 1500),
    (all) => [...all, row(9000, { 'hw-address': macOf(1499), 'ip-address': '10.0.5.219' })],
    (all) => all.map((one) => (one.id === 3 ? row(3, { 'hw-address': macOf(2) }) : one)),
    (all) => all.slice(0, 600),
    () => [],
  ]
  let now = rows
  for (const change of changes) {
    now = change(now)
    // What is the same list is not looked at again.
    const next = tableOf(now)
    table = { ...next, buckets: keptOf(table, next) } as HostTable
    const edited = planOf(document, [table], compiler)
    const anew = planOf(document, [tableOf(now)])
    t.same([...edited.reservedAddresses()].sort(), [...anew.reservedAddresses()].sort())
    for (const at of [0, 2, 599, 600, 1499, 1500, 2499]) {
      const who = known({ 'hw-address': macOf(at) })
      t.same(found(edited, who), found(anew, who), `${at} of ${now.length}`)
    }
  }
})

t.test('a subnet that changes is another judge of its rows', async (t) => {
  const compiler = new Compiler()
  const table = tableOf([row(1, { 'hw-address': MAC, 'ip-address': '192.0.2.200' })])
  t.equal(planOf(documentOf(), [table], compiler).skippedHosts.length, 0)
  const halved = documentOf({}, { subnet: '192.0.2.0/25' })
  const plan = planOf(halved, [table], compiler)
  t.equal(plan.skippedHosts.length, 1)
  t.equal(found(plan), undefined)
  t.equal(found(planOf(documentOf(), [table], compiler))!.address, ipv4FromText('192.0.2.200'))
})

t.test('hosts-databases of DHCPv6: addresses and prefixes, several of one host', async (t) => {
  const host = {
    duid: '00:03:00:01',
    'ip-addresses': ['2001:db8::5', '2001:db8::6'],
    prefixes: ['2001:db8:8000::/56'],
  }
  const document: Dhcp6Document = frozen({
    ...SERVED,
    subnet6: [{ id: 1, subnet: '2001:db8::/64' }],
  })
  const tables = { dhcp4: [], dhcp6: [tableOf([row(1, host)])] }
  const context = { stateDirectory: undefined, hostTables: tables }
  const { dhcp6 } = new Compiler().compile({ Dhcp6: document }, context).plan!
  const keys = ['2001:db8::5', '2001:db8::6', '2001:db8:8000::/56']
  t.same(dhcp6!.reservedKeys().map(textFromPrefix6), keys)
  const who = { knownBy: (kind: string) => (kind === 'duid' ? '\0\x03\0\x01' : '') }
  t.equal(dhcp6!.reservations.of(who, dhcp6!.subnets[0]!)!.addresses.length, 2)
  const twice = { dhcp4: [], dhcp6: [...tables.dhcp6, tableOf([row(7, host)])] }
  const both = new Compiler().compile({ Dhcp6: document }, { ...context, hostTables: twice })
  t.same(both.plan!.dhcp6!.reservedKeys().map(textFromPrefix6), keys, 'each once')
})

t.test('a database with too many rows: nobody is known before it was asked', async (t) => {
  const asked = new Map<string, readonly HostRow[]>()
  const memory: HostMemory = {
    rowsOf: (type, identifier) => asked.get(`${type} ${identifier}`),
    isReserved: (subnetId, key) => subnetId === 1 && key === '192.0.2.30',
    reserved: [{ subnetId: 1, key: '192.0.2.30' }],
  }
  const plan = planOf(documentOf(), [{ kind: 'asked', database: 'hosts', memory }])
  t.ok(plan.reservations.isUnknown(BOTH))
  t.equal(plan.reservations.at(ipv4FromText('192.0.2.30')!, plan.subnets[0]!).length, 1)
  t.same(plan.reservedAddresses().map(textFromIpv4), ['192.0.2.30'])
  const answer = row(1, { 'hw-address': MAC, hostname: 'known', 'client-classes': ['nowhere'] })
  asked.set(`hw-address ${BOTH.knownBy('hw-address')}`, [answer])
  t.ok(plan.reservations.isUnknown(BOTH), 'by its client-id, it may have another one')
  asked.set(`client-id ${BOTH.knownBy('client-id')}`, [])
  t.notOk(plan.reservations.isUnknown(BOTH))
  t.equal(found(plan)!.hostname, 'known')
  t.same(found(plan)!.classes, [], 'a class that nothing else names has no number any more')
})

function macOf(at: number): string {
  const hex = at.toString(16).padStart(6, '0')
  return `02:00:5e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`
}

function keptOf(former: HostTable, next: HostTable): ReadonlyMap<number, readonly HostRow[]> {
  if (former.kind !== 'loaded' || next.kind !== 'loaded') throw new Error('loaded tables')
  return new Map(
    [...next.buckets].map(([number, rows]) => {
      const before = former.buckets.get(number)
      const isSame = before?.length === rows.length && rows.every((one, at) => one === before[at])
      return [number, isSame ? before : rows]
    }),
  )
}
