// What a configuration database says, merged with the file by Kea's rules: rows become a part of a
// document, the part goes on top, and whatever is wrong is told with the row that it is of.

import t from 'tap'
import { type BackendRows, type ConfigPart, partOf } from '../../lib/config/backend/part.ts'
import { addressIn, jsonIn, namesIn } from '../../lib/config/backend/values.ts'
import { loadPlanFromSources } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

const NO_ROWS: BackendRows = {
  ...{ globals: [], definitions: [], globalOptions: [], options: [], classDefinitions: [] },
  ...{ classes: [], networks: [], subnets: [], pools: [], prefixPools: [] },
}

const part = (rows: Partial<BackendRows>, family: 4 | 6 = 4): ConfigPart =>
  partOf({ ...NO_ROWS, ...rows }, family, 'the database')

const CONTEXT = { stateDirectory: '/var/lib/whio' }

function noInclude(): never {
  throw new Error('nothing is included')
}

/** A file, and what databases say. */
function merged(dhcp4: object, rows: Partial<BackendRows>) {
  const text = JSON.stringify({ Dhcp4: dhcp4 }, null, 2)
  const sources = [{ text, file: 'file.json' }]
  const loaded = loadPlanFromSources(sources, noInclude, CONTEXT, undefined, [part(rows)])
  const problems = loaded.problems.filter(({ code }) => code !== 'no-interfaces')
  const told = problems.map((one) => `${one.severity} ${formatProblem(one)}`)
  return { ...loaded, map: loaded.document?.Dhcp4, told }
}

/** A row of one version or another, and what it says. */
const VALUES: readonly (readonly [what: string, value: unknown, said: unknown])[] = [
  ['an address of MySQL', addressIn(3_232_235_777), '192.168.1.1'],
  ['and as its driver may give it', addressIn('3232235777'), '192.168.1.1'],
  ['an address of PostgreSQL', addressIn('192.168.1.1'), '192.168.1.1'],
  ['an address of IPv6 as text', addressIn('2001:db8::1'), '2001:db8::1'],
  ['an address of IPv6 as octets', addressIn(Uint8Array.from([...Array(15).fill(0), 1])), '::1'],
  ['none', addressIn(null), ''],
  ['one class', namesIn('phones'), ['phones']],
  ['a list of classes', namesIn('["phones", "late"]'), ['phones', 'late']],
  ['a list that the driver has read', namesIn(['phones']), ['phones']],
  ['no class', namesIn(null), []],
  ['what is no JSON', jsonIn('{'), undefined],
]

t.test('values are the same from either kind of database', async (t) => {
  for (const [what, value, said] of VALUES) t.strictSame(value, said, what)
})

t.test('a subnet has its pools and options, those of Kea 2.2 and those of today', async (t) => {
  const options = [
    { option_id: 1, code: 3, formatted_value: '192.0.2.1', scope_id: 1, dhcp4_subnet_id: '7' },
    { option_id: 2, code: 6, value: Uint8Array.from([1, 2]), scope_id: 5, pool_id: 3 },
    { option_id: 3, code: 6, formatted_value: 'x', scope_id: 1, dhcp4_subnet_id: 8 },
  ]
  const pool = { id: 3, subnet_id: 7, start_address: '192.0.2.10', end_address: '192.0.2.20' }
  const of22 = {
    subnets: [{ subnet_id: '7', subnet_prefix: '192.0.2.0/24', client_class: 'a', relay: null }],
    pools: [{ ...pool, require_client_classes: '["b"]' }],
  }
  const ofToday = {
    subnets: [{ subnet_id: 7, subnet_prefix: '192.0.2.0/24', client_classes: ['a'] }],
    pools: [{ ...pool, evaluate_additional_classes: ['b'] }],
  }
  for (const rows of [of22, ofToday])
    t.strictSame(part({ ...rows, options }).subnets, [
      {
        network: '',
        subnet: {
          id: 7,
          subnet: '192.0.2.0/24',
          'client-classes': ['a'],
          pools: [
            {
              pool: '192.0.2.10 - 192.0.2.20',
              'evaluate-additional-classes': ['b'],
              'option-data': [{ code: 6, data: '0102', 'csv-format': false }],
            },
          ],
          'option-data': [{ code: 3, data: '192.0.2.1', 'csv-format': true }],
        },
      },
    ])
})

t.test('a pool of prefixes may leave something out of each', async (t) => {
  const subnets = [{ subnet_id: 7, subnet_prefix: '2001:db8::/32' }]
  const row = { id: 1, subnet_id: 7, prefix: '2001:db8:1::', prefix_length: 48 }
  const lengths = { delegated_prefix_length: 56, excluded_prefix_length: 0 }
  const excluded = { excluded_prefix: '2001:db8:1::', excluded_prefix_length: 64 }
  const prefixPools = [
    { ...row, ...lengths },
    { ...row, ...lengths, id: 2, ...excluded },
  ]
  const [found] = part({ subnets, prefixPools }, 6).subnets
  const said = { prefix: '2001:db8:1::', 'prefix-len': 48, 'delegated-len': 56 }
  const left = { 'excluded-prefix': '2001:db8:1::', 'excluded-prefix-len': 64 }
  t.strictSame(found?.subnet['pd-pools'], [said, { ...said, ...left }])
})

t.test('what is of this server goes before what is for all, in whatever order', async (t) => {
  const globals = [
    { name: 'valid-lifetime', value: '10', parameter_type: 0, tag: 'all' },
    { name: 'valid-lifetime', value: '20', parameter_type: 0, tag: 'north' },
    { name: 'renew-timer', value: '5', parameter_type: 0, tag: 'north' },
    { name: 'renew-timer', value: '6', parameter_type: 0, tag: 'all' },
  ]
  const definitions = [
    { code: 222, name: 'rack', space: 'dhcp4', type: 14, tag: 'north' },
    { code: 222, name: 'shelf', space: 'dhcp4', type: 14, tag: 'all' },
  ]
  const globalOptions = [
    { code: 6, space: 'dhcp4', formatted_value: '192.0.2.1', tag: 'all' },
    { code: 6, space: 'dhcp4', formatted_value: '192.0.2.2', tag: 'north' },
  ]
  const found = part({ globals, definitions, globalOptions })
  t.strictSame(found.globals, { 'valid-lifetime': 20, 'renew-timer': 5 })
  t.match(found.definitions, [{ name: 'rack' }])
  t.match(found.options, [{ data: '192.0.2.2' }])
})

t.test('a global parameter has its type, and maps and lists are put together', async (t) => {
  const row = (name: string, parameter_type: number, value: string) => ({
    ...{ name, parameter_type, value, tag: 'all' },
  })
  const globals = [
    row('t1-percent', 1, '0.4'),
    row('authoritative', 2, '1'),
    row('echo-client-id', 2, 'false'),
    row('boot-file-name', 4, '7'),
    row('host-reservation-identifiers', 4, '["hw-address", "client-id"]'),
    row('expired-leases-processing.hold-reclaimed-time', 0, '60'),
    row('expired-leases-processing.max-reclaim-leases', 0, '7'),
    row('renew-timer', 0, 'soon'),
  ]
  t.strictSame(part({ globals }).globals, {
    't1-percent': 0.4,
    authoritative: true,
    'echo-client-id': false,
    'boot-file-name': '7',
    'host-reservation-identifiers': ['hw-address', 'client-id'],
    'expired-leases-processing': { 'hold-reclaimed-time': 60, 'max-reclaim-leases': 7 },
    'renew-timer': 'soon',
  })
})

t.test('an option definition: a record is known by its fields, in every version', async (t) => {
  const row = { code: 223, name: 'till', space: 'dhcp4', tag: 'all', record_types: '[8, 10]' }
  for (const type of [17, 254])
    t.match(part({ definitions: [{ ...row, type }] }).definitions, [
      { type: 'record', 'record-types': 'uint32, ipv4-address' },
    ])
  const array = { code: 224, name: 'a', space: 'x', tag: 'all', type: 10, is_array: 1 }
  t.strictSame(part({ definitions: [{ ...array, encapsulate: 'y' }] }).definitions, [
    { name: 'a', code: 224, type: 'ipv4-address', array: true, space: 'x', encapsulate: 'y' },
  ])
})

// ---- on top of the file

const SUBNET = { subnet_prefix: '192.0.2.0/24' }

t.test('a subnet takes the place of that with its id or its prefix', async (t) => {
  const reservations = [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.9' }]
  const file = {
    subnet4: [
      { id: 1, subnet: '10.0.0.0/8', reservations },
      { id: 2, subnet: '192.0.2.77/24' },
      { id: 3, subnet: '198.51.100.0/24' },
    ],
    'shared-networks': [{ name: 'yard', subnet4: [{ id: 4, subnet: '203.0.113.0/24' }] }],
  }
  const subnets = [
    { ...SUBNET, subnet_id: 1 },
    { subnet_id: 4, subnet_prefix: '203.0.113.0/25' },
  ]
  const { map, plan } = merged(file, { subnets })
  t.strictSame(map?.subnet4, [
    { id: 3, subnet: '198.51.100.0/24' },
    { id: 1, subnet: '192.0.2.0/24', reservations },
    { id: 4, subnet: '203.0.113.0/25' },
  ])
  t.strictSame(map?.['shared-networks'], [{ name: 'yard' }])
  t.ok(plan)
})

t.test('a shared network keeps the subnets that the file has in it', async (t) => {
  const subnet4 = [{ id: 4, subnet: '203.0.113.0/24' }]
  const file = {
    'shared-networks': [
      { name: 'yard', interface: 'eth1', subnet4 },
      { name: 'floor', subnet4: [{ id: 5, subnet: '198.51.100.0/24' }] },
    ],
  }
  const { map } = merged(file, {
    networks: [{ id: 1, name: 'yard', renew_timer: 9 }],
    subnets: [
      { ...SUBNET, subnet_id: 6, shared_network_name: 'yard' },
      { subnet_id: 7, subnet_prefix: '10.0.0.0/8', shared_network_name: 'floor' },
    ],
  })
  t.strictSame(map?.['shared-networks'], [
    {
      name: 'floor',
      subnet4: [
        { id: 5, subnet: '198.51.100.0/24' },
        { id: 7, subnet: '10.0.0.0/8' },
      ],
    },
    {
      name: 'yard',
      'renew-timer': 9,
      subnet4: [...subnet4, { id: 6, subnet: '192.0.2.0/24' }],
    },
  ])
})

t.test('a subnet whose shared network is for another server is an error, as in Kea', async (t) => {
  const subnets = [{ ...SUBNET, subnet_id: 6, shared_network_name: 'attic' }]
  const { plan, told } = merged({}, { subnets })
  t.equal(plan, undefined)
  t.match(told, [
    "error configuration database, subnet4 id 6 Dhcp4: there is no shared network 'attic' for this server",
  ])
})

t.test('classes take the place of all in the file, options that of the same code', async (t) => {
  const file = {
    'client-classes': [{ name: 'old' }],
    'option-def': [
      { name: 'shelf', code: 222, type: 'string' },
      { name: 'till', code: 230, type: 'string' },
    ],
    'option-data': [
      { name: 'domain-name-servers', data: '10.0.0.1' },
      { name: 'domain-name', data: 'file.example' },
      { name: 'till', data: 'left' },
      { name: 'shelf', data: 'x' },
    ],
  }
  const option = (code: number, data: string) => ({
    ...{ code, formatted_value: data, space: 'dhcp4', tag: 'all' },
  })
  const { map } = merged(file, {
    classes: [{ id: 1, name: 'new', test: 'known()' }],
    definitions: [{ code: 231, name: 'shelf', type: 14, space: 'dhcp4', tag: 'all' }],
    globalOptions: [option(6, '10.0.0.2'), option(230, 'right'), option(231, 'y')],
  })
  t.match(map?.['client-classes'], [{ name: 'new' }])
  t.equal(map?.['client-classes']?.length, 1)
  t.strictSame(
    map?.['option-def']?.map(({ name, code }) => `${name} ${code}`),
    ['till 230', 'shelf 231'],
  )
  t.strictSame(
    map?.['option-data']?.map(({ name, code, data }) => `${name ?? code} ${data}`),
    ['domain-name file.example', '6 10.0.0.2', '230 right', '231 y'],
  )
  const without = merged({ 'client-classes': [{ name: 'old' }] }, {})
  t.strictSame(without.map?.['client-classes'], [{ name: 'old' }], 'where there is none')
})

t.test('of two maps of the file Kea takes single keys, all others as a whole', async (t) => {
  const global = (name: string, value: string, parameter_type = 0) => ({
    ...{ name, value, parameter_type, tag: 'all' },
  })
  const file = {
    'expired-leases-processing': { 'hold-reclaimed-time': 5, 'max-reclaim-leases': 6 },
    'sanity-checks': { 'lease-checks': 'none' },
    'valid-lifetime': 100,
  }
  const { map } = merged(file, {
    globals: [
      global('expired-leases-processing.max-reclaim-leases', '7'),
      global('sanity-checks.extended-info-checks', 'fix', 4),
      global('valid-lifetime', '200'),
    ],
  })
  t.strictSame(map, {
    'expired-leases-processing': { 'hold-reclaimed-time': 5, 'max-reclaim-leases': 7 },
    'sanity-checks': { 'extended-info-checks': 'fix' },
    'valid-lifetime': 200,
  })
})

t.test('the file stays as it was, and so does what was read', async (t) => {
  const file = { subnet4: [{ id: 1, subnet: '10.0.0.0/8' }] }
  const rows = { subnets: [{ ...SUBNET, subnet_id: 2 }] }
  const before = structuredClone(rows)
  const one = merged(file, rows)
  t.strictSame(merged(file, rows).map, one.map)
  t.strictSame(rows, before)
})

// ---- what is wrong

/** Rows, and the line that tells of them. */
const WRONG: readonly (readonly [line: string, rows: Partial<BackendRows>])[] = [
  [
    'error configuration database, subnet4 id 7 Dhcp4.subnet4[1].pools[0].pool: 10.0.0.1',
    {
      subnets: [{ ...SUBNET, subnet_id: 7 }],
      pools: [{ id: 1, subnet_id: 7, start_address: '10.0.0.1', end_address: '10.0.0.9' }],
    },
  ],
  [
    'error configuration database, global parameter renew-timer Dhcp4.renew-timer: ',
    { globals: [{ name: 'renew-timer', value: 'soon', parameter_type: 0, tag: 'all' }] },
  ],
  [
    'error configuration database, client class phones Dhcp4.client-classes[0].test: ',
    { classes: [{ id: 1, name: 'phones', test: 'option[' }] },
  ],
  [
    'error configuration database, shared network yard Dhcp4.shared-networks[0].relay',
    { networks: [{ id: 1, name: 'yard', relay: '["nowhere"]' }] },
  ],
  [
    'error configuration database, option 6 of space dhcp4 Dhcp4.option-data[0].data: ',
    { globalOptions: [{ code: 6, space: 'dhcp4', formatted_value: 'x', tag: 'all' }] },
  ],
  [
    'error configuration database, option-def shelf of space dhcp4 Dhcp4.option-def[0].type: ',
    { definitions: [{ code: 222, name: 'shelf', space: 'dhcp4', type: 99, tag: 'all' }] },
  ],
  [
    'warning configuration database, global parameter server-tag Dhcp4.server-tag: is not taken',
    { globals: [{ name: 'server-tag', value: 'x', parameter_type: 4, tag: 'all' }] },
  ],
  [
    'warning configuration database, global parameter renew-tmer Dhcp4.renew-tmer: is not taken',
    { globals: [{ name: 'renew-tmer', value: '7', parameter_type: 0, tag: 'all' }] },
  ],
  [
    'warning configuration database, global parameter lease-database Dhcp4.lease-database: is not',
    { globals: [{ name: 'lease-database.name', value: 'x', parameter_type: 4, tag: 'all' }] },
  ],
]

for (const [line, rows] of WRONG)
  t.test(`it is told with its row: ${line.slice(0, 70)}`, async (t) => {
    const { told } = merged({ subnet4: [{ id: 1, subnet: '10.0.0.0/8' }] }, rows)
    t.ok(
      told.some((one) => one.startsWith(line)),
      told.join('\n'),
    )
  })

t.test('what is wrong in the file is told with its line, whatever is before it now', async (t) => {
  const file = {
    subnet4: [
      { id: 2, subnet: '192.0.2.0/24' },
      { id: 3, subnet: '198.51.100.0/24', pools: [{ pool: '10.0.0.1 - 10.0.0.9' }] },
    ],
  }
  const { told } = merged(file, { subnets: [{ ...SUBNET, subnet_id: 9 }] })
  const lines = JSON.stringify({ Dhcp4: file }, null, 2).split('\n')
  const at = lines.findIndex((line) => line.includes('10.0.0.1')) + 1
  t.match(told, [new RegExp(`^error file\\.json:${at}:\\d+ Dhcp4\\.subnet4\\[1\\]\\.pools\\[0\\]`)])
})

t.test('reservations of the file that a subnet of the database has are the file’s', async (t) => {
  const reservations = [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': '10.0.0.9' }]
  const file = { subnet4: [{ id: 1, subnet: '10.0.0.0/8', reservations }] }
  const { told } = merged(file, { subnets: [{ ...SUBNET, subnet_id: 1 }] })
  t.match(told, [/^error file\.json:\d+:\d+ Dhcp4\.subnet4\[0\]\.reservations\[0\]\.ip-address/])
})

t.test('a part of a family that the file does not serve counts for nothing', async (t) => {
  const six = part({ subnets: [{ subnet_id: 1, subnet_prefix: '2001:db8::/32' }] }, 6)
  const sources = [{ text: '{ "Dhcp4": {} }', file: 'it' }]
  const { document } = loadPlanFromSources(sources, noInclude, CONTEXT, undefined, [six])
  t.strictSame(document, { Dhcp4: {} })
})

const DATABASE = { type: 'mysql', name: 'kea' }

t.test('config-control names where it is', async (t) => {
  const plan = (control: object, more: object = {}) =>
    merged({ 'config-control': control, ...more }, {}).plan?.configDatabases
  const databases = [{ ...DATABASE, host: 'db1', port: 3307 }]
  t.match(plan({ 'config-databases': databases }, { 'server-tag': 'north' }), [
    {
      ...{ family: 4, serverTag: 'north', refresh: 30_000 },
      connection: { type: 'mysql', name: 'kea', hosts: [{ host: 'db1', port: 3307 }] },
    },
  ])
  const never = { 'config-databases': databases, 'config-fetch-wait-time': 0 }
  t.match(plan(never), [{ refresh: 0, serverTag: '' }])
  t.strictSame(plan({}), [])
  t.strictSame(plan({ 'config-databases': [] }), [])
})

t.test('no configuration is in a memfile, and two databases are too many', async (t) => {
  const told = (databases: readonly object[]) => {
    const control = { 'config-databases': databases }
    return merged({ 'config-control': control }, {}).told.join('\n')
  }
  t.match(told([{ type: 'memfile' }]), /config-databases\[0\]\.type: no configuration/)
  t.match(told([DATABASE, DATABASE]), /error .*config-databases: the list has/)
})
