// option-def and values of option-data: what a document says of options, the bytes that become of
// it, and what is said of mistakes.

import fc from 'fast-check'
import t from 'tap'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { knownAs } from '../../lib/config/plan/known4.ts'
import { printOption } from '../../lib/wire/options/print.ts'
import { OptionRegistry } from '../../lib/wire/options/registry.ts'
import { type Data, type Def, hexOf, make, VENDOR } from './option-lists.ts'

t.test('option-def: every rule, with its place', async (t) => {
  const fine: Def = { name: 'my', code: 222, type: 'uint8' }
  const record: Def = { ...fine, type: 'record', 'record-types': 'uint8, string' }
  const rows: [Partial<Def>, string, RegExp][] = [
    [{ name: 'my_' }, 'option-def 0.name', /invalid option name 'my_'/],
    [{ name: '-my' }, 'option-def 0.name', /invalid option name/],
    [{ name: '' }, 'option-def 0.name', /invalid option name ''/],
    [{ name: 'a b' }, 'option-def 0.name', /invalid option name/],
    [{ space: 'a.b' }, 'option-def 0.space', /invalid option space name 'a.b'/],
    [{ encapsulate: '_x' }, 'option-def 0.encapsulate', /invalid option space name '_x'/],
    [{ code: 0 }, 'option-def 0.code', /invalid option code '0'/],
    [{ code: 255 }, 'option-def 0.code', /invalid option code '255'/],
    [{ type: 'string', array: true }, 'option-def 0.array', /array of string /],
    [{ type: 'binary', array: true }, 'option-def 0.array', /array of binary /],
    [{ type: 'empty', array: true }, 'option-def 0.array', /array of empty /],
    [{ type: 'internal', array: true }, 'option-def 0.array', /array of internal /],
    [{ ...record, array: true }, 'option-def 0.array', /array of string /],
    [{ type: 'record' }, 'option-def 0.record-types', /at least 2 fields, and 0/],
    [{ ...record, 'record-types': 'uint8' }, 'option-def 0.record-types', /at least 2 fields/],
    [
      { ...record, 'record-types': 'string, uint8' },
      'option-def 0.record-types',
      /follow a string/,
    ],
    [{ ...record, 'record-types': 'uint8, empty' }, 'option-def 0.record-types', /'empty' is no/],
    [{ ...record, 'record-types': 'uint8, record' }, 'option-def 0.record-types', /'record' is no/],
    [{ ...record, 'record-types': 'uint8, u8' }, 'option-def 0.record-types', /'u8' is no type/],
    [{ 'record-types': 'uint8, uint8' }, 'option-def 0.record-types', /uint8 has no fields/],
    [{ array: true, encapsulate: 'x' }, 'option-def 0.encapsulate', /array carries no sub-options/],
    [{ encapsulate: 'dhcp4' }, 'option-def 0.encapsulate', /cannot carry the same space/],
    [{ code: 6 }, 'option-standard 0.code', /option 6 .* is standard \(domain-name-servers\)/],
    [{ name: 'routers' }, 'option-standard 0.name', /standard option 3/],
    [{ code: 1, space: 'dhcp-agent-options-space' }, 'option-standard 0.code', /circuit-id/],
    [{ code: 2, space: 'vendor-4491' }, 'option-standard 0.code', /tftp-servers/],
  ]
  for (const [change, place, words] of rows) {
    const made = make([], [{ ...fine, ...change }])
    const [code, path] = place.split(' ')
    t.strictSame(made.said, [`error ${code} option-def.${path}`], JSON.stringify(change))
    t.match(made.words, words)
    t.strictSame(made.registry.own, [], 'it is left out')
  }
  const twice = [fine, { ...fine, name: 'other' }, { ...fine, code: 223 }, { ...fine, space: 'x' }]
  const made = make([], twice)
  t.strictSame(made.said, [
    'error duplicate option-def.1.code',
    'error duplicate option-def.2.name',
  ])
  t.match(made.words, /code 222 already exists in space 'dhcp4' \(it is option-def\[0\]\)/)
  t.equal(made.registry.own.length, 2)
})

t.test('option-def: 43, 224 to 254 and what Kea does not know may be defined', async (t) => {
  const own: Def[] = [
    { name: 'vendor-encapsulated-options', code: 43, type: 'empty', encapsulate: 'ubnt' },
    { name: 'config-file', code: 209, type: 'string' },
    { name: 'path-prefix', code: 210, type: 'string' },
    { name: 'reboot', code: 211, type: 'uint32' },
    { name: 'phone', code: 160, type: 'string' },
    { name: 'ipxe', code: 175, type: 'binary' },
    { name: 'routes', code: 249, type: 'uint8', array: true },
    { name: 'rapid-commit', code: 80, type: 'empty' },
    { name: 'first', code: 0, space: 'ubnt', type: 'uint8' },
    { name: 'last', code: 255, space: 'ubnt', type: 'uint8' },
  ]
  const { said, registry, level } = make(
    [
      { name: 'reboot', data: '1800' },
      { name: 'routes', data: '8, 10, 192' },
      { name: 'config-file', data: 'cafe' },
      { name: 'vendor-encapsulated-options' },
      { name: 'first', space: 'ubnt', data: '1' },
      { code: 255, space: 'ubnt', data: '2' },
    ],
    own,
  )
  t.strictSame(said, [])
  t.strictSame(hexOf(level, 211), ['00000708'])
  t.strictSame(hexOf(level, 249), ['080ac0'])
  t.strictSame(hexOf(level, 209), ['63616665'], 'a text by definition, not hexadecimal')
  t.strictSame(hexOf(level, 43), ['000101ff0102'])
  t.equal(registry.byName('dhcp4', 'reboot-time')?.name, 'reboot', 'the registry name still leads')
  t.equal(registry.byCode('dhcp4', 6)?.name, 'domain-name-servers')
  t.equal(OptionRegistry.standard4.byCode('dhcp4', 43)?.encapsulates, VENDOR)
})

t.test('option-def: every type as it goes on the wire', async (t) => {
  const rows: [type: string, data: string, hex: string, more?: Partial<Def>][] = [
    ['binary', 'c0 00 02 01', 'c0000201'],
    ['boolean', 'TRUE', '01'],
    ['boolean', '0', '00'],
    ['int8', '-1', 'ff'],
    ['int16', '-2', 'fffe'],
    ['int32', '-3', 'fffffffd'],
    ['uint8', '0xff', 'ff'],
    ['uint16', '258', '0102'],
    ['uint32', '16909060', '01020304'],
    ['ipv4-address', '192.0.2.1', 'c0000201'],
    ['ipv6-address', '2001:db8::1', '20010db8000000000000000000000001'],
    ['ipv6-prefix', '2001:db8::/32', '2020010db8'],
    ['psid', '3/4', '043000'],
    ['string', 'a\\,b', '612c62'],
    ['tuple', 'abc', '03616263'],
    ['fqdn', 'A.example', '0161076578616d706c6500'],
    ['uint16', '1,,2,', '00010002', { array: true }],
    ['tuple', 'a,bc', '0161026263', { array: true }],
    ['fqdn', 'a.b,c.', '0161016200016300', { array: true }],
    ['psid', '1/1,3/4', '018000043000', { array: true }],
    ['ipv6-prefix', '::/0, 8000::/1', '000180', { array: true }],
    [
      'record',
      '1, 192.0.2.1, x y',
      '01c0000201782079',
      { 'record-types': 'uint8,ipv4-address,string' },
    ],
    [
      'record',
      'true, 1, 2, 3',
      '01000100020003',
      { 'record-types': 'boolean, uint16', array: true },
    ],
  ]
  for (const [type, data, hex, more] of rows) {
    const own: Def[] = [{ name: 'my', code: 222, type, ...more }]
    const made = make([{ name: 'my', data }], own)
    t.strictSame(hexOf(made.level, 222), [hex], `${type} ${data}`)
    t.strictSame(made.said, [])
    const raw = make([{ code: 222, 'csv-format': false, data: hex }], own)
    t.strictSame(hexOf(raw.level, 222), [hex], 'the same in hexadecimal')
    t.strictSame(raw.said, [])
    const definition = made.registry.byCode('dhcp4', 222)!
    const printed = printOption(definition, octetsFromHex(hex)!, made.registry)
    t.strictSame(hexOf(make([{ name: 'my', data: printed }], own).level, 222), [hex], printed)
  }
})

t.test('option-data: values where no definition is', async (t) => {
  const rows: [Data, string | undefined, string[]][] = [
    [{ code: 222, data: '0102' }, '0102', []],
    [{ code: 222, data: '0x102' }, '0102', ['warning option-doubtful option-data.0.data']],
    [{ code: 222, data: '01:2:03' }, '010203', []],
    [{ code: 222, data: '01 02 03' }, '010203', []],
    [{ code: 222, data: "'text'" }, '74657874', []],
    [{ code: 222, data: 'text' }, undefined, ['error option-data option-data.0.data']],
    [
      { code: 222, 'csv-format': true, data: '01' },
      undefined,
      ['error option-format option-data.0.csv-format'],
    ],
    [{ code: 222, data: 'ab'.repeat(300) }, 'ab'.repeat(300), []],
    [{ code: 222, 'never-send': true }, '', []],
    [{ code: 160, data: 'https://a' }, '68747470733a2f2f61', []],
    [{ code: 160, data: '68747470' }, '68747470', []],
    [{ code: 211, data: '1800' }, '00000708', []],
    [{ code: 211, data: '00000708' }, '00000708', []],
    [{ code: 150, data: '192.0.2.1, 192.0.2.2' }, 'c0000201c0000202', []],
    [{ code: 249, data: '0.0.0.0/0 - 192.0.2.1' }, '00c0000201', []],
    [{ code: 249, data: '00c0000201' }, '00c0000201', []],
    [{ code: 121, data: '10.0.0.0/8 - 192.0.2.1' }, '080ac0000201', []],
    [{ code: 121, 'csv-format': false, data: '080ac0000201' }, '080ac0000201', []],
  ]
  for (const [data, hex, said] of rows) {
    const made = make([data])
    t.strictSame(
      hexOf(made.level, data.code!),
      hex === undefined ? [] : [hex],
      JSON.stringify(data),
    )
    t.strictSame(made.said, said)
  }
})

t.test('a level under its document: definitions count everywhere below', async (t) => {
  const compiler = new Compiler()
  const optionDef: Def[] = [{ name: 'my', code: 222, type: 'uint16' }]
  const optionData: Data[] = [{ name: 'my', data: '1' }]
  const subnet = (data: Data[]) => ({
    id: 1,
    subnet: '192.0.2.0/24',
    pools: [{ pool: '192.0.2.10 - 192.0.2.20', 'option-data': [{ name: 'my', data: '3' }] }],
    'option-data': data,
    reservations: [
      { 'hw-address': '02:00:5e:10:00:01', 'option-data': [{ name: 'my', data: '4' }] },
    ],
  })
  const document: Dhcp4Document = {
    'interfaces-config': { interfaces: ['*'] },
    'option-def': optionDef,
    subnet4: [subnet([{ name: 'my', data: '2' }])],
    'option-data': optionData,
  }
  const compile = (dhcp4: object) =>
    compiler.compile({ Dhcp4: dhcp4 }, { stateDirectory: undefined })
  const first = compile(document)
  t.strictSame(first.problems, [])
  const { dhcp4 } = first.plan!
  t.equal(dhcp4!.options.values.get(222)?.data, '\0\x01')
  t.equal(dhcp4!.subnets[0]!.options.values.get(222)?.data, '\0\x02')
  t.equal(dhcp4!.subnets[0]!.pools[0]!.options.values.get(222)?.data, '\0\x03')
  const client = { htype: 1, hwAddress: '\x02\0\x5e\x10\0\x01', clientId: '' }
  const reservation = dhcp4!.subnets[0]!.ownReservations?.of(knownAs(client))
  t.match(reservation?.options.options, [{ data: '\0\x04' }])
  const edited = compile({ ...document, subnet4: [subnet([{ name: 'my', data: '5' }])] })
  t.equal(edited.plan!.dhcp4!.registry, dhcp4!.registry, 'a reload that edits a subnet keeps it')
  t.equal(edited.plan!.dhcp4!.subnets[0]!.options.values.get(222)?.data, '\0\x05')
  const wider = compile({ ...document, 'option-def': [{ name: 'my', code: 222, type: 'uint32' }] })
  t.equal(wider.plan!.dhcp4!.subnets[0]!.options.values.get(222)?.data, '\0\0\0\x02')
})

const TYPES = [
  'empty',
  'binary',
  'boolean',
  'int8',
  'uint16',
  'uint32',
  'ipv4-address',
  'ipv6-prefix',
  'psid',
  'string',
  'tuple',
  'fqdn',
  'internal',
  'record',
]
const SPACES = [
  'dhcp4',
  VENDOR,
  'dhcp-agent-options-space',
  'vendor-4491',
  'vendor-9',
  'a',
  'b',
  'c',
  '',
]
const NAMES = ['a', 'b', 'my', 'routers', 'x-', '']

t.test(
  'whatever is defined and given, something compiles, and what is made is printed',
  async () => {
    const code = fc.oneof(fc.constantFrom(1, 2, 43, 124, 125, 224, 225), fc.nat(255))
    const definitions = fc.array(
      fc.record(
        {
          name: fc.constantFrom(...NAMES),
          code,
          type: fc.constantFrom(...TYPES),
          array: fc.boolean(),
          'record-types': fc.constantFrom(
            '',
            'uint8',
            'uint8, string',
            'string, uint8',
            'fqdn,tuple',
            ',',
          ),
          space: fc.constantFrom(...SPACES),
          encapsulate: fc.constantFrom(...SPACES),
        },
        { requiredKeys: ['name', 'code', 'type'] },
      ),
      { maxLength: 12 },
    )
    const data = fc.array(
      fc.record(
        {
          name: fc.constantFrom(...NAMES),
          code,
          space: fc.constantFrom(...SPACES),
          data: fc.oneof(
            fc.string({ maxLength: 20 }),
            fc.constantFrom(
              '1',
              '1, 2',
              'a.b',
              '192.0.2.1',
              '01:02',
              '3/4',
              '2001:db8::/32',
              'true,,',
            ),
          ),
          'csv-format': fc.boolean(),
          'always-send': fc.boolean(),
          'never-send': fc.boolean(),
          'client-classes': fc.constantFrom([], ['a'], ['a', 'ALL'], ['b']),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(definitions, data, (own, given) => {
        const { level, registry } = make(given, own)
        for (const { code, data } of level.options) {
          const printed = printOption(registry.byCode('dhcp4', code), data, registry)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal.
          if (/[\0-\x1f\x7f]/.test(printed)) return false
        }
        return true
      }),
      { numRuns: 400 },
    )
  },
)

t.test('values of definitions of any shape are printed and read again', async () => {
  const samples: Record<string, fc.Arbitrary<string>> = {
    boolean: fc.constantFrom('true', 'false'),
    int8: fc.integer({ min: -128, max: 127 }).map(String),
    uint32: fc.nat(0xffff_ffff).map(String),
    'ipv4-address': fc.ipV4(),
    tuple: fc.stringMatching(/^[a-z,\\]{1,9}$/),
    fqdn: fc.stringMatching(/^[a-z]{1,9}(\.[a-z]{1,9}){0,3}$/),
    psid: fc
      .nat(16)
      .chain((length) => fc.nat(2 ** length - 1).map((value) => `${value}/${length}`)),
  }
  const escaped = (text: string) => text.replace(/[\\,]/g, '\\$&')
  const shape = fc
    .array(fc.constantFrom(...Object.keys(samples)), { minLength: 2, maxLength: 5 })
    .chain((types) =>
      fc.nat(3).chain((more) => {
        const all = [...types, ...Array.from({ length: more }, () => types.at(-1)!)]
        return fc.tuple(fc.constant({ types, more }), ...all.map((type) => samples[type]!))
      }),
    )
  fc.assert(
    fc.property(shape, ([{ types, more }, ...texts]) => {
      const own: Def[] = [
        { name: 'my', code: 222, type: 'record', 'record-types': types.join(), array: more > 0 },
      ]
      const made = make([{ code: 222, data: texts.map(escaped).join(', ') }], own)
      if (made.said.length > 0) return false
      const definition = made.registry.byCode('dhcp4', 222)!
      const first = made.level.options[0]!.data
      const printed = printOption(definition, first, made.registry)
      const again = make([{ code: 222, data: printed }], own)
      return again.said.length === 0 && again.level.options[0]!.data === first
    }),
    { numRuns: 300 },
  )
})
