// Document -> plan: inheritance, defaults, lookups, and every cross-field problem with its path.

import t from 'tap'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets, octetsFromHex } from '../../lib/bytes/octets.ts'
import { compile } from '../../lib/config/compile/compile.ts'
import { OWNED_OPTIONS4 } from '../../lib/config/compile/owned-options.ts'
import type { OptionDataDocument } from '../../lib/config/keys/common-document.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type {
  Dhcp4Document,
  ReservationDocument,
  SubnetDocument,
} from '../../lib/config/keys/document4.ts'
import { loadPlan, loadPlanFromObject } from '../../lib/config/load.ts'
import type { CompileContext } from '../../lib/config/plan/compile-context.ts'
import { knownAs } from '../../lib/config/plan/known4.ts'
import type { OptionSet } from '../../lib/config/plan/option-set.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { Subnet4 } from '../../lib/config/plan/plan4.ts'
import { formatPath } from '../../lib/config/text/problem.ts'
import type { ClientIdentity } from '../../lib/leases/lease.ts'
import { frozen } from './frozen.ts'

const CONTEXT: CompileContext = { stateDirectory: '/var/lib/whio' }
const SUBNET: SubnetDocument = { subnet: '192.0.2.0/24', id: 1 }
const SERVED = { 'interfaces-config': { interfaces: ['*'] } }

/** A document with one subnet that has these members. */
function withSubnet(members: Partial<SubnetDocument>, global: Dhcp4Document = {}): Dhcp4Document {
  return { ...SERVED, ...global, subnet4: [{ ...SUBNET, ...members }] }
}

function planOf(document: Dhcp4Document, context = CONTEXT): Plan {
  const { plan, problems } = compile({ Dhcp4: frozen({ ...SERVED, ...document }) }, context)
  if (plan === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
  return plan
}

function subnetOf(document: Dhcp4Document): Subnet4 {
  return planOf(document).dhcp4!.subnets[0]!
}

/** `severity code path`, a line a problem. */
function problemsOf(document: Dhcp4Document): string[] {
  const { problems } = compile({ Dhcp4: frozen({ ...SERVED, ...document }) }, CONTEXT)
  // Hardware addresses of two octets are short for the eye; doubts.test.ts has what is said of
  // them.
  const others = problems.filter(({ code }) => code !== 'hw-address')
  return others.map(({ severity, code, path }) => `${severity} ${code} ${formatPath(path)}`)
}

function ip(text: string): number {
  return ipv4FromText(text)!
}

function dataOf(options: OptionSet, code: number): string | undefined {
  const value = options.values.get(code)
  return value === undefined ? undefined : hexFromOctets(value.data)
}

function client(hw: string, id = ''): ClientIdentity {
  return { htype: 1, hwAddress: octetsFromHex(hw)!, clientId: octetsFromHex(id)! }
}

function ownOf(subnet: Subnet4, identity: ClientIdentity) {
  return subnet.ownReservations?.of(knownAs(identity))
}

function ownAt(subnet: Subnet4, address: number) {
  return subnet.ownReservations?.at(address) ?? []
}

t.test("an almost empty document has Kea's defaults", async (t) => {
  const plan = planOf({ subnet4: [{ ...SUBNET, pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }] })
  const subnet = plan.dhcp4!.subnets[0]!
  t.strictSame(plan.dhcp4!.interfaces, { all: true, named: [] })
  t.strictSame(subnet.lifetime, { default: 7200, min: 7200, max: 7200 })
  const timers = { renew: undefined, rebind: undefined, calculate: false, t1: 0.5, t2: 0.875 }
  t.strictSame(subnet.timers, timers)
  t.strictSame(subnet.bootFields, { nextServer: 0, serverHostname: '', bootFileName: '' })
  t.equal(subnet.allocator, 'iterative')
  t.equal(subnet.authoritative, false)
  t.equal(subnet.matchClientId, true)
  t.equal(subnet.text, '192.0.2.0/24')
  t.strictSame(subnet.ranges, [{ first: ip('192.0.2.10'), last: ip('192.0.2.99') }])
  t.equal(plan.dhcp4!.options.values.size, 0)
  t.equal(plan.dhcp4!.echoClientId, true)
  t.equal(plan.dhcp4!.declineProbation, 86400)
  t.strictSame(plan.dhcp4!.expiry, {
    reclaimWait: 10,
    holdReclaimed: 3600,
    reclaimMax: 100,
  })
  t.strictSame(plan.dhcp4!.reservationIdentifiers, [
    'hw-address',
    'duid',
    'circuit-id',
    'client-id',
  ])
  t.strictSame(plan.database, {
    persist: true,
    path: '/var/lib/whio/whio-leases4.sqlite',
    shared: undefined,
    serverTag: undefined,
    importCsv: undefined,
    importCsv6: undefined,
    durability: 'full',
    history: undefined,
  })
  t.strictSame(problemsOf({ subnet4: [SUBNET] }), [])
})

t.test('a subnet inherits key by key what it does not say', async (t) => {
  const lifetimes: [string, object, object, [number, number, number]][] = [
    ['default alone', { 'valid-lifetime': 600 }, {}, [600, 600, 600]],
    ['own default alone', { 'valid-lifetime': 600 }, { 'valid-lifetime': 300 }, [300, 300, 300]],
    [
      'bounds from above',
      { 'min-valid-lifetime': 60, 'max-valid-lifetime': 9000 },
      { 'valid-lifetime': 300 },
      [300, 60, 9000],
    ],
    ['own bound', { 'valid-lifetime': 600 }, { 'max-valid-lifetime': 900 }, [600, 600, 900]],
    ['without end', {}, { 'valid-lifetime': 4294967295 }, [4294967295, 4294967295, 4294967295]],
  ]
  for (const [title, global, own, [value, min, max]] of lifetimes) {
    t.strictSame(subnetOf(withSubnet(own, global)).lifetime, { default: value, min, max }, title)
  }
  const above = {
    'renew-timer': 100,
    'next-server': '192.0.2.1',
    'boot-file-name': 'pxe.0',
    authoritative: true,
    allocator: 'random',
  } as const
  const inherited = subnetOf(withSubnet({}, above))
  t.equal(inherited.timers.renew, 100)
  t.equal(inherited.bootFields.nextServer, ip('192.0.2.1'))
  t.equal(inherited.authoritative, true)
  t.equal(inherited.allocator, 'random')
  const own = { 'rebind-timer': 200, 'next-server': '0.0.0.0', 'boot-file-name': '' }
  const overridden = subnetOf(withSubnet({ ...own, authoritative: false }, above))
  t.match(overridden.timers, { renew: 100, rebind: 200 })
  const bootFields = { nextServer: 0, serverHostname: '', bootFileName: 'pxe.0' }
  t.strictSame(overridden.bootFields, bootFields, '0.0.0.0 is a value, an empty text is none')
  t.equal(overridden.authoritative, false)
})

t.test('subnets share what they do not change', async (t) => {
  const { subnets } = planOf({
    'next-server': '192.0.2.1',
    'option-data': [{ name: 'domain-name', data: 'example.org' }],
    subnet4: [
      { ...SUBNET, pools: [{ pool: '192.0.2.8/29' }] },
      { subnet: '198.51.100.0/24', id: 2, 'option-data': [{ name: 'routers', data: '10.0.0.1' }] },
      { subnet: '203.0.113.0/24', id: 3, 'option-data': [{ name: 'routers', data: '10.0.0.1' }] },
    ],
  }).dhcp4!
  const [plain, second, third] = subnets as [Subnet4, Subnet4, Subnet4]
  t.equal(plain.pools[0]!.options, plain.options)
  t.equal(plain.lifetime, second.lifetime)
  t.equal(plain.timers, second.timers)
  t.equal(plain.bootFields, second.bootFields)
  t.not(second.options, plain.options)
  t.equal(second.options, third.options, 'equal merges are one object')
  const global = planOf({ 'option-data': [{ name: 'domain-name', data: 'a.example' }] })
  t.equal(global.dhcp4!.options.values.size, 1)
})

t.test('options of the nearest level win and their flags are sticky', async (t) => {
  const subnet = subnetOf(
    withSubnet(
      {
        'option-data': [
          { name: 'routers', data: '192.0.2.2' },
          { code: 15, 'never-send': true },
        ],
        pools: [
          { pool: '192.0.2.16/28', 'option-data': [{ code: 3, data: '192.0.2.3' }] },
          { pool: '192.0.2.32/28' },
        ],
      },
      {
        'option-data': [
          { name: 'routers', data: '192.0.2.1', 'always-send': true },
          { name: 'domain-name', data: 'example.org' },
          { code: 6, data: '192.0.2.53, 192.0.2.54' },
        ],
      },
    ),
  )
  t.equal(dataOf(subnet.options, 3), 'c0000202')
  t.equal(dataOf(subnet.options, 6), 'c0000235c0000236')
  t.match(subnet.options.values.get(3), { alwaysSend: true, neverSend: false })
  t.match(subnet.options.values.get(15), { alwaysSend: false, neverSend: true })
  t.equal(dataOf(subnet.pools[0]!.options, 3), 'c0000203')
  t.match(subnet.pools[0]!.options.values.get(3), { alwaysSend: true })
  t.match(subnet.pools[0]!.options.values.get(15), { neverSend: true })
  t.equal(subnet.pools[1]!.options, subnet.options)
})

t.test('option values are read by their definition, or as hexadecimal', async (t) => {
  const rows: [string, OptionDataDocument, number, string][] = [
    ['by name', { name: 'ip-forwarding', data: 'true' }, 19, '01'],
    ['hex of a standard option', { code: 3, 'csv-format': false, data: 'C0000201' }, 3, 'c0000201'],
    ['undefined code', { code: 222, data: '01:02:0a' }, 222, '01020a'],
    ['undefined code, named', { name: 'mine', code: 222, data: '0102' }, 222, '0102'],
    ['undefined code, text', { code: 222, data: "'ab'" }, 222, '6162'],
    ['undefined code, no data', { code: 222 }, 222, ''],
    ['empty option', { name: 'vendor-encapsulated-options' }, 43, ''],
    ['server identifier', { code: 54, data: '192.0.2.9' }, 54, 'c0000209'],
  ]
  for (const [title, option, code, hex] of rows) {
    t.equal(dataOf(planOf({ 'option-data': [option] }).dhcp4!.options, code), hex, title)
  }
})

t.test('sub-options are sent inside the option that carries them', async (t) => {
  const space = 'vendor-encapsulated-options-space'
  const { options } = planOf({
    'option-data': [
      { code: 9, space, data: '0102' },
      { code: 1, space, data: "'a'" },
      { name: 'vendor-encapsulated-options', 'always-send': true },
    ],
  }).dhcp4!
  t.equal(dataOf(options, 43), '01016109020102', 'lowest code first')
  t.equal(options.values.get(43)!.alwaysSend, true)
  t.strictSame([...options.values.keys()], [43])
})

t.test('every problem of options is reported where it stands', async (t) => {
  const space = 'vendor-encapsulated-options-space'
  const rows: [OptionDataDocument[], string[]][] = [
    [[{}], ['error option-unnamed [0]']],
    [[{ name: 'nope' }], ['error option-unknown [0].name']],
    [[{ name: 'routers', code: 6, data: '1.2.3.4' }], ['error option-mismatch [0].name']],
    [[{ name: 'routers', code: 222, data: '00' }], ['error option-mismatch [0].name']],
    [[{ name: 'routers', data: '1.2.3.400' }], ['error option-data [0].data']],
    [[{ name: 'routers', data: '' }], ['warning option-empty [0]']],
    [[{ name: 'domain-name' }], ['error option-data [0]']],
    [[{ code: 3, 'csv-format': false, data: '0102' }], ['error option-data [0].data']],
    [[{ code: 222, data: 'xyz' }], ['error option-data [0].data']],
    [[{ code: 222, 'csv-format': true, data: '00' }], ['error option-format [0].csv-format']],
    [[{ code: 0, data: '' }], ['error option-code [0].code']],
    [
      [
        { code: 255, data: '' },
        { code: 256, space, data: '' },
      ],
      ['error option-code [0].code', 'error option-code [1].code'],
    ],
    [[{ code: 43 }], ['warning option-empty [0]']],
    [[{ code: 1, space: 'dhcp9' }], ['error option-space [0].space']],
    [[{ name: 'dhcp-lease-time', data: '60' }], ['warning option-owned [0]']],
    [[{ code: 53, data: '2' }], ['warning option-owned [0]']],
    [[{ code: 1, data: '255.255.255.0' }], []],
    [
      [
        { name: 'routers', data: '192.0.2.1' },
        { code: 3, data: '192.0.2.1' },
      ],
      ['warning duplicate [1]'],
    ],
    [
      [{ code: 43 }, { code: 1, space, 'csv-format': false, data: '00'.repeat(256) }],
      ['warning too-long [1]'],
    ],
    [
      [{ name: 'nope' }, { code: 0 }],
      ['error option-unknown [0].name', 'error option-code [1].code'],
    ],
  ]
  for (const [options, problems] of rows) {
    const expected = problems.map((line) => line.replace(' [', ' Dhcp4.option-data['))
    t.strictSame(problemsOf({ 'option-data': options }), expected, JSON.stringify(options))
  }
  const pools = [{ pool: '192.0.2.8/29', 'option-data': [{ name: 'nope' }] }]
  const reservations = [{ 'hw-address': '02:00:00:00:00:01', 'option-data': [{ name: 'nope' }] }]
  t.strictSame(problemsOf(withSubnet({ pools, reservations, 'option-data': [{ name: 'nope' }] })), [
    'error option-unknown Dhcp4.subnet4[0].option-data[0].name',
    'error option-unknown Dhcp4.subnet4[0].pools[0].option-data[0].name',
    'error option-unknown Dhcp4.subnet4[0].reservations[0].option-data[0].name',
  ])
  const bad = [{ name: 'nope' }, { name: 'routers', data: '192.0.2.1' }]
  t.equal(
    dataOf(planOf({ 'option-data': bad }).dhcp4!.options, 3),
    'c0000201',
    'the others still count',
  )
})

t.test('an option that is misspelt is told with the name that was meant', async (t) => {
  const rows: [string, string][] = [
    ['router', 'did you mean routers? Else give its code'],
    ['domain-name-server', 'did you mean domain-name-servers? Else give its code'],
    ['colour-of-the-door', 'give its code'],
    ['next-server', 'it is no option, but a key that stands beside option-data'],
  ]
  for (const [name, hint] of rows) {
    const document = { 'option-data': [{ name, data: '192.0.2.1' }] }
    t.match(
      compile({ Dhcp4: frozen({ ...SERVED, ...document }) }, CONTEXT).problems,
      [{ hint }],
      name,
    )
  }
})

t.test('option 43 with a bare value is told where its sub-options are written', async (t) => {
  const document = { 'option-data': [{ code: 43, data: '192.0.2.5' }] }
  const { problems } = compile({ Dhcp4: frozen({ ...SERVED, ...document }) }, CONTEXT)
  const space = "space 'vendor-encapsulated-options-space'"
  const hint = `what it holds is written as options of ${space}, or as a whole in hexadecimal with csv-format false`
  t.match(problems, [{ code: 'option-data', hint }])
  const whole = { code: 43, 'csv-format': false, data: '0104c0000205' }
  t.strictSame(problemsOf({ 'option-data': [whole] }), [])
})

t.test('options that the server sees to itself are told and left out', async (t) => {
  const codes = [50, 51, 52, 53, 55, 56, 57, 58, 59, 61, 81, 82, 118]
  t.strictSame([...OWNED_OPTIONS4.keys()], codes)
  const taken = new Set<number>()
  for (let code = 1; code <= 254; code++) {
    const document = { 'option-data': [{ code, 'never-send': true }] }
    const expected = codes.includes(code) ? ['warning option-owned Dhcp4.option-data[0]'] : []
    t.strictSame(problemsOf(document), expected, `${code}`)
    for (const [known] of planOf(document).dhcp4!.options.values) taken.add(known)
  }
  t.equal(taken.size, 254 - codes.length)
})

t.test('values that do not fit together are reported where they were written', async (t) => {
  const g = 'Dhcp4'
  const s = 'Dhcp4.subnet4[0]'
  const rows: [Dhcp4Document, string[]][] = [
    [{ 'valid-lifetime': 0 }, [`error lifetime-zero ${g}.valid-lifetime`]],
    [
      { 'min-valid-lifetime': 9000, 'max-valid-lifetime': 100 },
      [`error lifetime-bounds ${g}.min-valid-lifetime`],
    ],
    [{ 'min-valid-lifetime': 7201 }, [`error lifetime-bounds ${g}.min-valid-lifetime`]],
    [{ 'max-valid-lifetime': 7199 }, [`error lifetime-bounds ${g}.max-valid-lifetime`]],
    [
      withSubnet({ 'valid-lifetime': 50 }, { 'min-valid-lifetime': 60 }),
      [`error lifetime-bounds ${s}.valid-lifetime`],
    ],
    [
      withSubnet({ 'valid-lifetime': 9000 }, { 'max-valid-lifetime': 8000 }),
      [`error lifetime-bounds ${s}.valid-lifetime`],
    ],
    [withSubnet({}, { 'valid-lifetime': 0 }), [`error lifetime-zero ${g}.valid-lifetime`]],
    [{ 'renew-timer': 50, 'rebind-timer': 50 }, [`warning timer-not-sent ${g}.renew-timer`]],
    [{ 'rebind-timer': 7200 }, [`warning timer-not-sent ${g}.rebind-timer`]],
    [
      withSubnet({ 'valid-lifetime': 100 }, { 'rebind-timer': 150 }),
      [`warning timer-not-sent ${s}.valid-lifetime`],
    ],
    [{ 'calculate-tee-times': true, 't1-percent': 0.9 }, [`error timer-fractions ${g}.t1-percent`]],
    [{ 't1-percent': 0.9 }, []],
    [
      withSubnet({ 'calculate-tee-times': true }, { 't2-percent': 0.4 }),
      [`error timer-fractions ${s}.calculate-tee-times`],
    ],
    [{ 'next-server': 'boot' }, [`error address ${g}.next-server`]],
    [withSubnet({ 'boot-file-name': 'x'.repeat(128) }), [`error too-long ${s}.boot-file-name`]],
    [withSubnet({ 'boot-file-name': 'x'.repeat(127) }), []],
    [{ 'server-hostname': 'ü'.repeat(32) }, [`error too-long ${g}.server-hostname`]],
  ]
  for (const [document, problems] of rows) {
    t.strictSame(problemsOf(document), problems, JSON.stringify(document))
  }
})

t.test('interfaces are served whole or by address, each once', async (t) => {
  const rows: [string[], string[]][] = [
    [['*'], []],
    [['eth0', 'eth1/192.0.2.1', 'eth1/192.0.2.2'], []],
    [['*', '*'], ['error duplicate [1]']],
    [['*', 'eth0'], []],
    [['eth0', 'eth0'], ['error duplicate [1]']],
    [['eth0', 'eth0/192.0.2.1'], ['error duplicate [1]']],
    [['eth0/192.0.2.1', 'eth0/192.0.2.1'], ['error duplicate [1]']],
    [['eth0/192.0.2.1/24'], ['error address [0]']],
    [
      ['*/192.0.2.1', ''],
      ['error interface [0]', 'error interface [1]'],
    ],
    [[], ['warning no-interfaces ']],
  ]
  for (const [interfaces, problems] of rows) {
    const path = 'Dhcp4.interfaces-config.interfaces'
    const expected = problems.map((line) => line.replace(/(\[\d\])?$/, `${path}$1`))
    t.strictSame(problemsOf({ 'interfaces-config': { interfaces } }), expected, `${interfaces}`)
  }
  const interfaces = ['eth0', ' eth1/192.0.2.1 ']
  t.strictSame(planOf({ 'interfaces-config': { interfaces } }).dhcp4!.interfaces, {
    all: false,
    named: [
      { name: 'eth0', address: undefined },
      { name: 'eth1', address: ip('192.0.2.1') },
    ],
  })
  const document = withSubnet({ interface: 'eth9' }, { 'interfaces-config': { interfaces } })
  t.strictSame(problemsOf(document), ['warning interface-not-served Dhcp4.subnet4[0].interface'])
})

t.test('the journal stands where the lease database says', async (t) => {
  const rows: [string | undefined, string | undefined, string, string | undefined][] = [
    [undefined, undefined, '/var/lib/whio/whio-leases4.sqlite', undefined],
    [undefined, '/var/lib/kea/k.csv', '/var/lib/whio/whio-leases4.sqlite', '/var/lib/kea/k.csv'],
    ['/data/l4.csv', '/var/lib/kea/k.csv', '/data/l4.csv.sqlite', '/data/l4.csv'],
    ['l4.csv', undefined, '/var/lib/whio/l4.csv.sqlite', '/var/lib/whio/l4.csv'],
    ['/data/l4.db', '/var/lib/kea/k.csv', '/data/l4.db', undefined],
  ]
  for (const [name, keaCsv, path, importCsv] of rows) {
    const database = { type: 'memfile', ...(name === undefined ? {} : { name }) } as const
    const context = { ...CONTEXT, ...(keaCsv === undefined ? {} : { keaCsv }) }
    const plan = planOf({ 'lease-database': database }, context)
    t.match(plan.database, { path, importCsv, persist: true }, String(name))
  }
  const memory = planOf({ 'lease-database': { type: 'memfile', persist: false } })
  t.equal(memory.database.persist, false)
  const { plan } = compile({ Dhcp4: SERVED, Whio: { durability: 'normal' } }, CONTEXT)
  t.equal(plan!.database.durability, 'normal')
})

t.test('switches and loggers of the server', async (t) => {
  const plan = planOf({
    'echo-client-id': false,
    'decline-probation-period': 60,
    'expired-leases-processing': { 'hold-reclaimed-time': 0, 'max-reclaim-leases': 7 },
    'host-reservation-identifiers': ['circuit-id', 'client-id', 'hw-address', 'client-id'],
    compatibility: { 'ignore-rai-link-selection': true },
    loggers: [
      { name: 'kea-dhcp4.leases' },
      { name: 'kea-dhcp4', severity: 'DEBUG', 'output-options': [{ output: 'stderr' }] },
      { name: 'kea-dhcp6', severity: 'ERROR' },
    ],
  })
  t.equal(plan.dhcp4!.echoClientId, false)
  t.equal(plan.dhcp4!.declineProbation, 60)
  t.match(plan.dhcp4!.expiry, { reclaimWait: 10, holdReclaimed: 0, reclaimMax: 7 })
  t.strictSame(plan.dhcp4!.reservationIdentifiers, ['circuit-id', 'client-id', 'hw-address'])
  t.strictSame(plan.dhcp4!.compatibility, {
    optionParsing: 'usual',
    ignoreServerIdentifier: false,
    ignoreRaiLinkSelection: true,
  })
  const Whio = { 'strict-option-parsing': true }
  const Dhcp4 = { ...SERVED, compatibility: { 'lenient-option-parsing': true } }
  const strict = compile({ Dhcp4, Whio }, CONTEXT)
  t.equal(strict.plan?.dhcp4?.compatibility.optionParsing, 'strict')
  t.strictSame(plan.loggers, [
    { name: 'kea-dhcp4.leases', severity: 'debug', outputs: [] },
    {
      name: 'kea-dhcp4',
      severity: 'debug',
      outputs: [{ to: 'stderr', layout: 'auto', rotateAt: 0, keep: 0 }],
    },
  ])
  const loggers = [{ name: 'kea-dhcp4' }, { name: 'kea-dhcp6' }, { name: 'kea-dhcp4' }]
  t.strictSame(problemsOf({ loggers }), [
    'warning logger-name Dhcp4.loggers[1].name',
    'warning logger-name Dhcp4.loggers[2].name',
  ])
})

t.test('where a log goes, and in which form', async (t) => {
  const loggersOf = (loggers: object[] | undefined, format?: string) => {
    const Whio = format === undefined ? {} : { 'log-format': format }
    return compile(
      { Dhcp4: { ...SERVED, loggers } as Dhcp4Document, Whio } as ConfigDocument,
      CONTEXT,
    ).plan?.loggers
  }
  const outputOf = (option: object, format?: string) =>
    loggersOf([{ name: 'kea-dhcp4', 'output-options': [option] }], format)?.[0]?.outputs[0]
  const [file, output] = ['/log/kea.log', 'stdout']
  const usual = { to: file, layout: 'auto', rotateAt: 10_240_000, keep: 1 }
  t.strictSame(outputOf({ output: file }), usual)
  t.strictSame(outputOf({ output: file, maxsize: 204_800, maxver: 8 }), {
    ...usual,
    rotateAt: 204_800,
    keep: 8,
  })
  t.match(outputOf({ output: file, maxsize: 204_799 }), { rotateAt: 0 }, 'as in Kea')
  for (const [maxsize, told] of [
    [204_799, ['log-maxsize']],
    [0, []],
  ] as const) {
    const logger = { name: 'kea-dhcp4', 'output-options': [{ output: file, maxsize }] }
    const document = { Dhcp4: { ...SERVED, loggers: [logger] } as Dhcp4Document }
    const { problems } = compile(document as ConfigDocument, CONTEXT)
    const codes = problems.map(({ code }) => code).filter((code) => code.startsWith('log-'))
    t.same(codes, told)
  }
  t.match(outputOf({ output: file, maxver: 0 }), { keep: 1 })
  t.match(outputOf({ output, maxsize: 1_000_000 }), { rotateAt: 0 }, 'no file')
  t.match(outputOf({ output }, 'people'), { layout: 'people' })
  t.match(outputOf({ output, pattern: '%m\n' }, 'json'), { layout: { pattern: '%m\n' } })
  t.match(outputOf({ output }, 'kea'), { layout: { pattern: /^%D/ } })
  t.match(outputOf({ output: 'syslog' }), { to: 'syslog:local0', layout: { pattern: /^%-5p/ } })
  t.match(outputOf({ output: 'syslog:Daemon' }, 'json'), { to: 'syslog:daemon', layout: 'json' })
  t.match(loggersOf(undefined, 'json'), [{ name: 'kea-dhcp4', outputs: [{ layout: 'json' }] }])
  t.match(loggersOf([{ name: 'kea-dhcp4' }]), [{ outputs: [{ to: 'stdout', layout: 'auto' }] }])
  const strange = [
    { output: 'syslog:moon', pattern: '%m %L\n' },
    { output: file, pattern: '%D %c{1} %m%n' },
  ]
  const loggers = [
    { name: 'kea-dhcp4', 'output-options': strange },
    { name: 'kea-dhcp4.tcp', severity: 'DEBUG' },
  ]
  t.strictSame(problemsOf({ loggers } as Partial<Dhcp4Document>), [
    'warning log-facility Dhcp4.loggers[0].output-options[0].output',
    'warning log-pattern Dhcp4.loggers[0].output-options[0].pattern',
    'info logger-part Dhcp4.loggers[1].name',
  ])
})

t.test('pools', async (t) => {
  const rows: [string, string[], string][] = [
    ['192.0.2.10 - 192.0.2.20', [], '192.0.2.10-192.0.2.20'],
    ['192.0.2.10-192.0.2.10', [], '192.0.2.10-192.0.2.10'],
    ['192.0.2.64/26', [], '192.0.2.64-192.0.2.127'],
    ['192.0.2.0/24', ['warning pool-edge'], '192.0.2.1-192.0.2.254'],
    ['192.0.2.0 - 192.0.2.9', ['warning pool-edge'], '192.0.2.1-192.0.2.9'],
    ['192.0.2.0/32', ['warning pool-edge'], ''],
    ['192.0.3.0/24', ['error outside-subnet'], ''],
    ['192.0.2.200 - 192.0.3.1', ['error outside-subnet'], ''],
    ['192.0.2.20 - 192.0.2.10', ['error pool'], ''],
    ['192.0.2.20', ['error pool'], ''],
    ['192.0.2.1 - 192.0.2.2 - 192.0.2.3', ['error pool'], ''],
  ]
  for (const [pool, problems, ranges] of rows) {
    const document = withSubnet({ pools: [{ pool }] })
    const expected = problems.map((problem) => `${problem} Dhcp4.subnet4[0].pools[0].pool`)
    t.strictSame(problemsOf(document), expected, pool)
    if (problems[0]?.startsWith('error')) continue
    t.equal(textOfRanges(subnetOf(document)), ranges, pool)
  }
  const overlapping = [
    { pool: '192.0.2.10 - 192.0.2.20' },
    { pool: '192.0.2.30 - 192.0.2.40' },
    { pool: '192.0.2.40 - 192.0.2.50' },
    { pool: '192.0.2.5 - 192.0.2.60' },
  ]
  t.strictSame(problemsOf(withSubnet({ pools: overlapping })), [
    'error pool-overlap Dhcp4.subnet4[0].pools[2].pool',
    'error pool-overlap Dhcp4.subnet4[0].pools[3].pool',
  ])
  t.match(compile({ Dhcp4: withSubnet({ pools: overlapping }) }, CONTEXT).problems[0], {
    message: '192.0.2.40 - 192.0.2.50 overlaps pools[1]',
    hint: 'which is 192.0.2.30 - 192.0.2.40',
  })
})

t.test('RFC 3021: both addresses of a /31 are addresses of hosts', async (t) => {
  const subnet4 = [{ subnet: '192.0.2.6/31', id: 1, pools: [{ pool: '192.0.2.6/31' }] }]
  t.strictSame(problemsOf({ subnet4 }), [])
  t.equal(textOfRanges(subnetOf({ subnet4 })), '192.0.2.6-192.0.2.7')
})

t.test('exclude-first-last-24 leaves out .0 and .255 of larger subnets', async (t) => {
  const compatibility = { 'exclude-first-last-24': true }
  const pools = [{ pool: '10.0.1.250 - 10.0.3.5' }]
  const subnet4 = [{ subnet: '10.0.0.0/16', id: 1, pools }]
  const ranges = '10.0.1.250-10.0.1.254 10.0.2.1-10.0.2.254 10.0.3.1-10.0.3.5'
  t.equal(textOfRanges(subnetOf({ compatibility, subnet4 })), ranges)
  t.ok(subnetOf({ compatibility, subnet4 }).poolOf(ip('10.0.2.0')), 'the pool is what it was')
  const small = [{ subnet: '10.0.0.0/25', id: 1, pools: [{ pool: '10.0.0.1 - 10.0.0.126' }] }]
  t.equal(textOfRanges(subnetOf({ compatibility, subnet4: small })), '10.0.0.1-10.0.0.126')
})

t.test('the pool of an address is found whatever the order of the pools', async (t) => {
  const pools = [40, 10, 30, 20].map((start) => ({
    pool: `192.0.2.${start} - 192.0.2.${start + 5}`,
    'pool-id': start,
  }))
  const subnet = subnetOf(withSubnet({ pools }))
  for (let last = 0; last < 256; last++) {
    const expected = [10, 20, 30, 40].find((start) => start <= last && last <= start + 5)
    t.equal(subnet.poolOf(ip(`192.0.2.${last}`))?.id, expected, `192.0.2.${last}`)
  }
  t.strictSame(
    subnet.pools.map(({ id }) => id),
    [40, 10, 30, 20],
  )
})

t.test('subnets are found by id, prefix, relay and interface, the lowest id first', async (t) => {
  const plan = planOf({
    subnet4: [
      { subnet: '10.0.0.0/8', id: 88, interface: 'eth1' },
      { subnet: '10.1.0.0/16', id: 16, relay: { 'ip-addresses': ['172.16.0.1', '172.16.0.2'] } },
      {
        subnet: '10.1.2.0/24',
        id: 24,
        interface: 'eth1',
        relay: { 'ip-addresses': ['172.16.0.2'] },
      },
      { subnet: '10.1.2.3/32', id: 2 },
      { subnet: '10.1.3.0/24', id: 13 },
    ],
  })
  t.same(
    plan.dhcp4!.subnets.map(({ id }) => id),
    [2, 13, 16, 24, 88],
  )
  const rows: [string, number | undefined][] = [
    ['10.9.9.9', 88],
    ['10.1.9.9', 16],
    ['10.1.2.9', 16],
    ['10.1.2.3', 2],
    ['10.1.3.3', 13],
    ['11.0.0.0', undefined],
    ['255.255.255.255', undefined],
  ]
  for (const [address, id] of rows)
    t.equal(plan.dhcp4!.subnetByAddress(ip(address))?.id, id, address)
  t.equal(plan.dhcp4!.subnetByRelay(ip('172.16.0.2'))?.id, 16)
  t.equal(plan.dhcp4!.subnetByRelay(ip('10.1.0.1')), undefined)
  t.equal(plan.dhcp4!.subnetByInterface('eth1')?.id, 24)
  t.equal(plan.dhcp4!.subnetByInterface('eth0'), undefined)
  t.equal(plan.dhcp4!.subnetById(88)?.text, '10.0.0.0/8')
  t.equal(plan.dhcp4!.subnetById(9), undefined)
  t.equal(plan.dhcp4!.overlaps, true)
  const all = planOf({ subnet4: [{ subnet: '0.0.0.0/0', id: 1 }] }).dhcp4!
  t.equal(all.overlaps, false)
  t.equal(all.subnetByAddress(0xffffffff)?.id, 1)
})

t.test('what subnets must not share, and what they should not', async (t) => {
  const subnet4: SubnetDocument[] = [
    {
      subnet: '10.0.0.0/16',
      id: 1,
      interface: 'eth0',
      relay: { 'ip-addresses': ['172.16.0.1', '172.16.0.1', 'x'] },
      pools: [{ pool: '10.0.0.10 - 10.0.5.0' }],
    },
    { subnet: '10.0.1.0/24', id: 1 },
    { subnet: '10.0.3.4/16', id: 2 },
    {
      subnet: '10.0.2.0/24',
      id: 3,
      interface: 'eth0',
      relay: { 'ip-addresses': ['172.16.0.1'] },
      pools: [{ pool: '10.0.2.10 - 10.0.2.20' }, { pool: '10.0.2.30 - 10.0.2.40' }],
    },
    { subnet: '10.0.2.0/33', id: 4 },
  ]
  t.strictSame(problemsOf({ subnet4 }), [
    'error duplicate Dhcp4.subnet4[0].relay.ip-addresses[1]',
    'error address Dhcp4.subnet4[0].relay.ip-addresses[2]',
    'error subnet Dhcp4.subnet4[4].subnet',
    'error duplicate Dhcp4.subnet4[1].id',
    'error duplicate Dhcp4.subnet4[2].subnet',
    'warning shadowed Dhcp4.subnet4[3].relay.ip-addresses',
    'warning shadowed Dhcp4.subnet4[3].interface',
    'warning pool-overlap Dhcp4.subnet4[3].pools[0].pool',
    'warning pool-overlap Dhcp4.subnet4[3].pools[1].pool',
    'warning subnet-overlap Dhcp4.subnet4[1].subnet',
    'warning subnet-overlap Dhcp4.subnet4[3].subnet',
    'warning host-bits Dhcp4.subnet4[2].subnet',
  ])
  t.equal(compile({ Dhcp4: { subnet4 } }, CONTEXT).plan, undefined)
})

t.test('reservations are found by client and by address', async (t) => {
  const reservations: ReservationDocument[] = [
    { 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.5', hostname: 'printer.' },
    { 'client-id': '01:02:03', 'ip-address': '192.0.2.6', 'next-server': '192.0.2.1' },
    { 'client-id': "'abc'", 'option-data': [{ name: 'routers', data: '192.0.2.7' }] },
  ]
  const subnet = subnetOf(withSubnet({ reservations }))
  const printer = ownOf(subnet, client('020000000001'))!
  t.match(printer, {
    identifiers: [{ kind: 'hw-address' }],
    address: ip('192.0.2.5'),
    hostname: 'printer',
  })
  t.equal(ownOf(subnet, client('020000000001', '010203')), printer, 'hw-address comes first')
  const byId = ownOf(subnet, client('', '010203'))!
  t.match(byId, { identifiers: [{ kind: 'client-id' }], address: ip('192.0.2.6') })
  t.equal(byId.bootFields.nextServer, ip('192.0.2.1'))
  const text = ownOf(subnet, client('0209', '616263'))!
  t.equal(text.address, 0)
  t.match(text.options.options, [{ code: 3, data: '\xc0\x00\x02\x07' }])
  t.equal(ownOf(subnet, client('0209', '0a')), undefined)
  t.strictSame(ownAt(subnet, ip('192.0.2.5')), [printer])
  t.strictSame(ownAt(subnet, ip('192.0.2.9')), [])
  const order = { 'host-reservation-identifiers': ['client-id', 'hw-address'] } as const
  const reordered = subnetOf(withSubnet({ reservations }, order))
  t.match(ownOf(reordered, client('020000000001', '010203')), {
    identifiers: [{ kind: 'client-id' }],
  })
})

t.test('identifiers are written as Kea reads them', async (t) => {
  const rows: [ReservationDocument, string][] = [
    [{ 'hw-address': '2:0:5E:10:0:1' }, '02005e100001'],
    [{ 'hw-address': '02 00 5e' }, '02005e'],
    [{ 'client-id': '0x02005e' }, '02005e'],
    [{ 'client-id': '2005e' }, '02005e'],
    [{ 'client-id': " ' abc ' " }, '616263'],
  ]
  for (const [document, hex] of rows) {
    const subnet = subnetOf(withSubnet({ reservations: [document] }))
    const found = ownOf(subnet, client(hex, hex))
    t.equal(hexFromOctets(found?.identifiers[0]?.value ?? ''), hex, JSON.stringify(document))
  }
})

t.test('global reservations count where they are switched on', async (t) => {
  const hw = '02:00:00:00:00:01'
  const { subnets, reservations, reservedAddresses } = planOf({
    reservations: [
      { 'hw-address': hw, 'ip-address': '10.0.1.9', hostname: 'global' },
      { 'hw-address': '02:02', hostname: 'only-global' },
    ],
    subnet4: [
      { subnet: '10.0.0.0/24', id: 1, reservations: [{ 'hw-address': hw, hostname: 'own' }] },
      {
        subnet: '10.0.1.0/24',
        id: 2,
        'reservations-global': true,
        reservations: [{ 'hw-address': '02:03', 'ip-address': '10.0.1.9' }],
      },
      {
        subnet: '10.0.2.0/24',
        id: 3,
        'reservations-global': true,
        'reservations-in-subnet': false,
      },
      {
        subnet: '10.0.3.0/24',
        id: 4,
        'reservations-global': true,
        reservations: [{ 'hw-address': hw, hostname: 'own' }],
      },
    ],
  }).dhcp4!
  const [off, on, elsewhere, both] = subnets as [Subnet4, Subnet4, Subnet4, Subnet4]
  const who = client('020000000001')
  t.equal(reservations.of(knownAs(who), off)?.hostname, 'own')
  t.equal(reservations.of(knownAs(client('0202')), off), undefined)
  t.match(reservations.of(knownAs(who), on), { hostname: 'global', address: ip('10.0.1.9') })
  t.match(
    reservations.of(knownAs(who), elsewhere),
    { hostname: 'global', address: 0 },
    'not of this subnet',
  )
  t.equal(reservations.of(knownAs(who), both)?.hostname, 'own', 'the subnet comes first')
  t.equal(reservations.of(knownAs(client('0202')), both)?.hostname, 'only-global')
  t.equal(reservations.at(ip('10.0.1.9'), on).length, 2)
  t.strictSame(reservations.at(ip('10.0.1.9'), elsewhere), [])
  t.strictSame([...reservedAddresses()].map(textFromIpv4), ['10.0.1.9'])
})

t.test('reservations that cannot count are reported', async (t) => {
  const s = 'Dhcp4.subnet4[0].reservations'
  const hw = { 'hw-address': '02:00' }
  const rows: [ReservationDocument[], string[]][] = [
    [[{}], [`error reservation-identifier ${s}[0]`]],
    [[{ ...hw, 'client-id': '01' }], [`error reservation-identifier ${s}[0]`]],
    [[{ 'hw-address': 'zz' }], [`error reservation-identifier ${s}[0].hw-address`]],
    [[{ 'client-id': '' }], [`error reservation-identifier ${s}[0].client-id`]],
    [[{ 'hw-address': '00'.repeat(17) }], [`error reservation-identifier ${s}[0].hw-address`]],
    [[{ ...hw, 'ip-address': '192.0.3.1' }], [`error outside-subnet ${s}[0].ip-address`]],
    [[{ ...hw, 'ip-address': '0.0.0.0' }], [`error address ${s}[0].ip-address`]],
    [[{ ...hw, 'ip-address': 'x', hostname: 'a b' }], [`address`, `hostname`]],
    [[{ ...hw, hostname: `${'a'.repeat(254)}` }], [`error hostname ${s}[0].hostname`]],
    [[{ ...hw, 'server-hostname': 'x'.repeat(64) }], [`error too-long ${s}[0].server-hostname`]],
    [[hw, { 'hw-address': '0200' }], [`error duplicate ${s}[1].hw-address`]],
    [
      [
        { ...hw, 'ip-address': '192.0.2.5' },
        { 'client-id': '01', 'ip-address': '192.0.2.5' },
      ],
      [`error duplicate ${s}[1].ip-address`],
    ],
    [[hw, { 'client-id': '0200' }], []],
  ]
  for (const [reservations, problems] of rows) {
    const found = problemsOf(withSubnet({ reservations }))
    t.equal(found.length, problems.length, JSON.stringify(reservations))
    for (const [index, problem] of problems.entries()) t.match(found[index], problem)
  }
  const [good, bad] = [{ 'client-id': '01', 'ip-address': '192.0.2.5' }, { 'client-id': 'zz' }]
  const subnet = subnetOf(withSubnet({ reservations: [bad, good] }))
  t.equal(ownAt(subnet, ip('192.0.2.5')).length, 1, 'the others still count')
})

t.test('switches of reservations', async (t) => {
  const s = 'Dhcp4.subnet4[0].reservations'
  const shared = [
    { 'hw-address': '02:01', 'ip-address': '192.0.2.12' },
    { 'hw-address': '02:02', 'ip-address': '192.0.2.12' },
  ]
  const pools = [{ pool: '192.0.2.10 - 192.0.2.20' }]
  const many = withSubnet({ reservations: shared }, { 'ip-reservations-unique': false })
  t.strictSame(problemsOf(many), [])
  t.equal(ownAt(subnetOf(many), ip('192.0.2.12')).length, 2)

  const one = shared.slice(0, 1)
  const promised = withSubnet({ reservations: one, pools, 'reservations-out-of-pool': true })
  t.strictSame(problemsOf(promised), [`warning reservation-in-pool ${s}[0].ip-address`])
  t.equal(ownOf(subnetOf(promised), client('0201'))?.address, 0)
  t.strictSame(ownAt(subnetOf(promised), ip('192.0.2.12')), [])

  const off = withSubnet({ reservations: one, 'reservations-in-subnet': false })
  t.strictSame(problemsOf(off), [`warning reservation-unused ${s}`])
  t.equal(ownOf(subnetOf(off), client('0201')), undefined)
  t.strictSame([...planOf(off).dhcp4!.reservedAddresses()], [])

  const order = withSubnet({ reservations: one }, { 'host-reservation-identifiers': ['client-id'] })
  t.strictSame(problemsOf(order), [`warning reservation-unused ${s}[0].hw-address`])
  const unused = { reservations: [{ 'hw-address': '02:01' }], subnet4: [SUBNET] }
  t.strictSame(problemsOf(unused), ['warning reservation-unused Dhcp4.reservations'])
})

t.test('a text of two lines is enough to serve', async (t) => {
  const text = `{ "Dhcp4": { "interfaces-config": { "interfaces": ["*"] }, "subnet4": [
    { "id": 1, "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.10 - 192.0.2.99" }] }] } }`
  const { plan, problems } = loadPlan(text, 'lan.json', () => undefined, CONTEXT)
  t.strictSame(problems, [])
  t.equal(plan?.dhcp4?.subnetByAddress(ip('192.0.2.50'))?.id, 1)
})

t.test('problems of all stages come in the order of the text', async (t) => {
  const text = `{ "Dhcp4": {
    "interfaces-config": { "interfaces": ["*"] },
    "option-data": [{ "name": "routers", "data": "192.0.2" }],
    "subnet4": [{ "id": 1, "subnet": "192.0.2.0/24",
      "reservations": [{ "hw-address": "zz" }],
      "pools": [{ "pool": "192.0.2.10 - 192.0.2.99" },],
    }] } }`
  const { plan, problems } = loadPlan(text, 'lan.json', () => undefined, CONTEXT)
  t.strictSame(
    problems.map(({ code, place }) => `${place?.line} ${code}`),
    ['3 option-data', '5 reservation-identifier', '6 trailing-comma', '6 trailing-comma'],
  )
  t.equal(plan?.dhcp4?.subnets.length, 1, 'a bad option or reservation costs itself alone')
  const broken = text.replace('"pool"', '"pol"')
  const { plan: none, problems: more } = loadPlan(broken, 'lan.json', () => undefined, CONTEXT)
  t.equal(none, undefined)
  const errors = more.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  t.ok(errors.includes('option-data') && errors.includes('unknown-key'), 'both stages speak')
  t.equal(loadPlan('[', 'lan.json', () => undefined, CONTEXT).plan, undefined)
})

t.test('what follows from an error is not told', async (t) => {
  const rows: [string, string[]][] = [
    ['"interfaces-config": { "interfaces": "eth0" }', ['wrong-type']],
    ['"interfaces-config": 5', ['wrong-type']],
    [
      '"interfaces-config": { "interfaces": "eth0" }, "valid-lifetime": 0',
      ['wrong-type', 'lifetime-zero'],
    ],
    [
      '"interfaces-config": { "interfaces": [] }, 5, "valid-lifetime": 1',
      ['no-interfaces', 'key-expected'],
    ],
  ]
  for (const [members, codes] of rows) {
    const text = `{ "Dhcp4": { ${members} } }`
    const { plan, problems } = loadPlan(text, 'f', () => undefined, CONTEXT)
    t.equal(plan, undefined, members)
    t.strictSame(
      problems.map(({ code }) => code),
      codes,
      members,
    )
  }
  const config = { Dhcp4: { 'interfaces-config': { interfaces: 'eth0' } } }
  const { problems } = loadPlanFromObject(config, CONTEXT)
  t.match(problems, [{ code: 'wrong-type' }])
  t.equal(problems.length, 1)
})

t.test('a configuration may be an object', async (t) => {
  const { plan, problems } = loadPlanFromObject(
    { Dhcp4: { ...SERVED, subnet4: [{ ...SUBNET }] } },
    CONTEXT,
  )
  t.strictSame(problems, [])
  t.equal(plan?.dhcp4?.subnets.length, 1)
  const bad = loadPlanFromObject({ Dhcp4: { 'valid-lifetime': 'x' } }, CONTEXT)
  t.equal(bad.plan, undefined)
})

t.test('ten thousand subnets are all found', async (t) => {
  const subnet4: SubnetDocument[] = []
  for (let number = 0; number < 10_000; number++) {
    const net = `10.${number >> 8}.${number & 255}`
    subnet4.push({
      subnet: `${net}.0/24`,
      id: number + 1,
      pools: [{ pool: `${net}.10 - ${net}.250` }],
      'option-data': [{ name: 'routers', data: `${net}.1` }],
      reservations: [{ 'client-id': '0102', 'ip-address': `${net}.5` }],
    })
  }
  const plan = planOf({ subnet4 })
  let wrong = 0
  for (let number = 0; number < 10_000; number++) {
    const base = 0x0a000000 + number * 256
    const subnet = plan.dhcp4!.subnetByAddress(base + 77)
    const router = subnet?.pools[0]?.options.values.get(3)?.data ?? ''
    const reserved = subnet && ownOf(subnet, client('', '0102'))?.address
    const right = subnet !== undefined && subnet === plan.dhcp4!.subnetById(number + 1)
    const fits = hexFromOctets(router) === (base + 1).toString(16).padStart(8, '0')
    if (!right || !fits || reserved !== base + 5) wrong++
  }
  t.equal(wrong, 0)
  t.equal([...plan.dhcp4!.reservedAddresses()].length, 10_000)
})

function textOfRanges(subnet: Subnet4): string {
  return subnet.ranges
    .map(({ first, last }) => `${textFromIpv4(first)}-${textFromIpv4(last)}`)
    .join(' ')
}
