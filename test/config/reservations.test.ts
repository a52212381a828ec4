// By what the clients of reservations are known, how reservations of one list stand beside each
// other, and that a list which was edited is as if it had been written so.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import type { Dhcp4Document, ReservationDocument } from '../../lib/config/keys/document4.ts'
import type { CompileContext } from '../../lib/config/plan/compile-context.ts'
import { type Known4, knownAs, type ReservationIdentifier } from '../../lib/config/plan/known4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { frozen } from './frozen.ts'

const CONTEXT: CompileContext = { stateDirectory: '/var/lib/whio' }
const SERVED = { 'interfaces-config': { interfaces: ['*'] } }
const SUBNET = { id: 1, subnet: '192.0.2.0/24' }
const MAC = '02:00:5e:10:00:01'

function subnetWith(reservations: readonly ReservationDocument[], global: Dhcp4Document = {}) {
  return frozen({ ...SERVED, ...global, subnet4: [{ ...SUBNET, reservations }] })
}

function compiled(document: Dhcp4Document, compiler = new Compiler()) {
  const { plan, problems } = compiler.compile({ Dhcp4: document }, CONTEXT)
  return { plan: plan!, lines: problems.map((one) => `${one.severity} ${formatProblem(one)}`) }
}

/** A client of which these things are known, in hex. */
function known(by: Partial<Record<ReservationIdentifier, string>>): Known4 {
  return { knownBy: (kind) => octetsFromHex(by[kind] ?? '')! }
}

function nameOf({ dhcp4 }: Plan, who: Known4): string | undefined {
  return dhcp4!.reservations.of(who, dhcp4!.subnets[0]!)?.hostname
}

t.test('host-reservation-identifiers: in which order what a query says is looked up', async (t) => {
  const reservations = [
    { 'hw-address': MAC, hostname: 'by-mac' },
    { duid: '00:03:00:01', hostname: 'by-duid' },
    { 'circuit-id': "'port7'", hostname: 'by-circuit' },
    { 'client-id': '01:02', hostname: 'by-client-id' },
    { 'flex-id': "'x'", hostname: 'by-flex-id' },
  ]
  const all = {
    'hw-address': MAC,
    duid: '00030001',
    'circuit-id': '706f727437',
    'client-id': '0102',
    'flex-id': '78',
  }
  const rows: [Dhcp4Document['host-reservation-identifiers'], string[]][] = [
    [undefined, ['by-mac', 'by-duid', 'by-circuit', 'by-client-id', 'none']],
    [['auto'], ['by-mac', 'by-duid', 'by-circuit', 'by-client-id', 'by-flex-id']],
    [
      ['flex-id', 'circuit-id'],
      ['by-flex-id', 'by-flex-id', 'by-flex-id', 'by-flex-id'],
    ],
    [
      ['client-id', 'hw-address'],
      ['by-client-id', 'by-client-id', 'by-client-id', 'by-client-id'],
    ],
  ]
  for (const [order, names] of rows) {
    const global = order === undefined ? {} : { 'host-reservation-identifiers': order }
    const { plan } = compiled(subnetWith(reservations, global))
    const rest: Partial<Record<ReservationIdentifier, string>> = { ...all }
    for (const [index, name] of names.entries()) {
      t.equal(nameOf(plan, known(rest)) ?? 'none', name, `${order}: ${Object.keys(rest)}`)
      delete rest[Object.keys(all)[index] as ReservationIdentifier]
    }
  }
})

t.test('host-reservation-identifiers: an empty list is an error, as in Kea', async (t) => {
  const { lines } = compiled(subnetWith([], { 'host-reservation-identifiers': [] }))
  t.match(lines, [/^error .*host-reservation-identifiers: no identifier/])
})

t.test('duid: the one in a client identifier of type 255 (RFC 4361 §6.1)', async (t) => {
  const { plan } = compiled(subnetWith([{ duid: '00:03:00:01:02', hostname: 'known' }]))
  const rows: [clientId: string, name: string | undefined][] = [
    ['ff000000010003000102', 'known'],
    ['ffffffffff0003000102', 'known'],
    ['01000000010003000102', undefined],
    ['0003000102', undefined],
    ['ff00000001', undefined],
    ['ff0000000100030001', undefined],
  ]
  for (const [clientId, name] of rows) {
    const identity = { htype: 1, hwAddress: '', clientId: octetsFromHex(clientId)! }
    t.equal(nameOf(plan, knownAs(identity)), name, clientId)
  }
})

t.test('identifiers: several of one host, each finds its reservation', async (t) => {
  const identifiers = [{ 'hw-address': MAC }, { 'client-id': "'laptop'" }, { duid: '0102' }]
  const { plan, lines } = compiled(
    subnetWith([{ identifiers, hostname: 'laptop', 'ip-address': '192.0.2.7' }]),
  )
  t.same(lines, [])
  const laptop = octetsFromBytes(new TextEncoder().encode('laptop'))
  t.equal(nameOf(plan, known({ 'hw-address': '02005e100001' })), 'laptop')
  t.equal(nameOf(plan, knownAs({ htype: 1, hwAddress: '\x02', clientId: laptop })), 'laptop')
  t.equal(nameOf(plan, known({ duid: '0102' })), 'laptop')
  t.equal(nameOf(plan, known({ 'hw-address': '02005e100002' })), undefined)
  const [subnet] = plan.dhcp4!.subnets
  t.equal(plan.dhcp4!.reservations.at(ipv4FromText('192.0.2.7')!, subnet!).length, 1)
})

t.test('identifiers: what is wrong is told where it stands, and costs no more', async (t) => {
  const at = 'Dhcp4.subnet4[0].reservations'
  const good = { 'hw-address': MAC }
  const rows: [ReservationDocument[], RegExp[], found: boolean][] = [
    [[{ identifiers: [] }], [/reservations\[0\]\.identifiers: no identifier/], false],
    [[{ identifiers: [{}, good] }], [/identifiers\[0\]: no identifier/], true],
    [[{ identifiers: [{ ...good, duid: '01' }] }], [/\[0\]: both hw-address and duid/], false],
    [[{ identifiers: [{ duid: 'x' }, good] }], [/identifiers\[0\]\.duid: 'x' is not a duid/], true],
    [[{ identifiers: [good, good] }], [/identifiers\[1\]\.hw-address: .* second time/], true],
    [[{ identifiers: [good], duid: '0102' }], [/\[0\]: both identifiers and duid/], false],
    [
      [good, { identifiers: [good, { duid: '0102' }] }],
      [/\[1\]\.identifiers\[0\]\.hw-address: .*has a reservation here already/],
      true,
    ],
    [[{ 'flex-id': '0102' }], [/^warning .*\[0\]\.flex-id: flex-id is not looked up/], false],
  ]
  for (const [reservations, says, found] of rows) {
    const { plan, lines } = compiled(subnetWith(reservations))
    t.match(lines, says, JSON.stringify(reservations))
    t.equal(lines.length, says.length)
    t.ok(lines.every((line) => line.includes(at)))
    t.equal(nameOf(plan, known({ 'hw-address': MAC })) !== undefined, found)
  }
})

t.test('identifiers: of which leases do not tell, the address does not go over', async (t) => {
  const by = (...identifiers: object[]) => [{ identifiers }]
  const [mac, circuit, id] = [
    { 'hw-address': MAC },
    { 'circuit-id': '01' },
    { 'client-id': '0102' },
  ]
  const says = (reservations: ReservationDocument[], global: Dhcp4Document = {}) =>
    compiled(subnetWith(reservations, global)).lines.map((line) => line.split(': ', 2).join(': '))
  const at = 'warning Dhcp4.subnet4[0].reservations[0].identifiers[1]'
  t.match(says(by(mac, circuit)), [`${at}.circuit-id: leases do not tell the circuit-id`])
  t.same(says(by(mac, id)), [])
  t.match(says(by(mac, id), { 'match-client-id': false }), [`${at}.client-id: leases do not`])
  t.same(says(by(circuit)), [], 'a single one')
})

t.test('early-global-reservations-lookup: the global list is asked without a subnet', async (t) => {
  const { plan } = compiled(
    frozen({ ...SERVED, reservations: [{ 'hw-address': MAC, hostname: 'g' }], subnet4: [SUBNET] }),
  )
  const { reservations } = plan.dhcp4!
  t.equal(reservations.global(known({ 'hw-address': MAC }))?.hostname, 'g')
  t.equal(nameOf(plan, known({ 'hw-address': MAC })), undefined, 'reservations-global is false')
})

const COUNT = 3000

function many(count: number): ReservationDocument[] {
  return Array.from({ length: count }, (_, n) => {
    const low = (n & 255).toString(16).padStart(2, '0')
    // One in a hundred has something said of it.
    const hardware = `02:00:5e:10:${(n >> 8).toString(16).padStart(2, '0')}:${low}`
    const host = `10.0.${n >> 8}.${n & 255}`
    return {
      'hw-address': n % 100 === 7 ? `${hardware}:00` : hardware,
      hostname: `h${n}`,
      ...(n % 2 === 0 ? { 'ip-address': host } : {}),
    }
  })
}

t.test('a list that was edited is as if it had been written so', async (t) => {
  const one = { 'hw-address': '02:aa:00:00:00:01', 'ip-address': '10.0.99.1', hostname: 'new' }
  const edits: [string, (list: ReservationDocument[]) => void][] = [
    ['one more', (list) => list.push(one)],
    ['another name', (list) => list.splice(500, 1, { ...list[500]!, hostname: 'other' })],
    [
      'another address',
      (list) => list.splice(502, 1, { ...list[502]!, 'ip-address': '10.0.98.1' }),
    ],
    ['one gone', (list) => list.splice(7, 1)],
    ['its identifier at another', (list) => list.splice(20, 2, { ...one, 'hw-address': '02:08' })],
    ['a duplicate', (list) => list.splice(30, 0, { 'hw-address': '02:00:5e:10:00:09' })],
    ['the duplicate gone', (list) => list.splice(30, 1)],
    ['the first one twice', (list) => list.unshift({ ...one, 'ip-address': '10.0.97.1' })],
    ['an address twice', (list) => list.push({ 'hw-address': '02:09', 'ip-address': '10.0.0.12' })],
    ['all gone', (list) => list.splice(0)],
    ['all back', (list) => list.push(...many(40))],
  ]
  for (const level of ['global', 'subnet'] as const) {
    const list = many(COUNT)
    const compiler = new Compiler()
    const documentOf = (): Dhcp4Document => {
      const reservations = [...list]
      const subnet = { id: 1, subnet: '10.0.0.0/8', 'reservations-global': true }
      return level === 'global'
        ? { ...SERVED, reservations, subnet4: [SHARED] }
        : { ...SERVED, subnet4: [{ ...subnet, reservations }] }
    }
    let before = compiled(documentOf(), compiler).plan
    for (const [name, edit] of edits) {
      const macs = [...list.map((one) => one['hw-address']!), '02:09', '02:aa:00:00:00:01']
      edit(list)
      const what = `${level}: ${name}`
      const document = documentOf()
      const after = compiled(document, compiler)
      const alone = compiled(document)
      t.same(after.lines, alone.lines, `${what}: the same is said`)
      t.equal(after.plan.fingerprint, alone.plan.fingerprint, what)
      t.same(after.plan.dhcp4!.reservedAddresses(), alone.plan.dhcp4!.reservedAddresses(), what)
      const names = (plan: Plan) => macs.map((mac) => nameOf(plan, known({ 'hw-address': mac })))
      t.same(names(after.plan), names(alone.plan), `${what}: the same are found`)
      t.equal(nameOf(before, known({ 'hw-address': '02:aa:00:00:00:ff' })), undefined)
      if (level === 'global') t.equal(after.plan.dhcp4!.subnets[0], before.dhcp4!.subnets[0], what)
      before = after.plan
    }
  }
})

const SHARED = { id: 1, subnet: '10.0.0.0/8', 'reservations-global': true }

t.test('a plan keeps its reservations when the next one has others', async (t) => {
  const compiler = new Compiler()
  const list = many(20).map(({ 'ip-address': _, ...others }) => others)
  const first = compiled(subnetWith(list), compiler).plan
  const next = compiled(subnetWith(list.slice(1)), compiler).plan
  const who = known({ 'hw-address': '02005e100000' })
  t.equal(nameOf(first, who), 'h0')
  t.equal(nameOf(next, who), undefined)
})
