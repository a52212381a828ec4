// Options in options: what carries them, and for whom several entries of one code are.

import t from 'tap'
import { newReport, Site } from '../../lib/config/text/site.ts'
import { printOption } from '../../lib/wire/options/print.ts'
import { type Data, type Def, hexOf, make, VENDOR, vendorsOf } from './option-lists.ts'

t.test('option 43: one vendor for all, by definitions in its space', async (t) => {
  const own: Def[] = [
    { name: 'controllers', code: 241, space: VENDOR, type: 'ipv4-address', array: true },
    { name: 'mode', code: 1, space: VENDOR, type: 'uint16' },
  ]
  const data: Data[] = [
    { name: 'vendor-encapsulated-options' },
    { name: 'controllers', space: VENDOR, data: '10.0.0.1, 10.0.0.2' },
    { code: 1, space: VENDOR, data: '7' },
  ]
  const { level, said, registry } = make(data, own)
  t.strictSame(said, [])
  t.strictSame(hexOf(level, 43), ['01020007f1080a0000010a000002'])
  const printed = printOption(registry.byCode('dhcp4', 43), level.options[0]!.data, registry)
  t.equal(printed, 'mode=7, controllers=10.0.0.1, 10.0.0.2')
})

t.test('option 43: a class means it in its own way', async (t) => {
  const own: Def[] = [
    { name: 'inform', code: 241, space: 'ubnt', type: 'ipv4-address', array: true },
  ]
  const empty: Def = { name: 'vendor', code: 43, type: 'empty', encapsulate: 'ubnt' }
  const values: Data = { name: 'inform', space: 'ubnt', data: '10.0.0.1, 10.0.0.2' }
  const by = make([{ code: 43 }, values], own, [empty])
  t.strictSame(by.said, [])
  t.strictSame(hexOf(by.level, 43), ['f1080a0000010a000002'])
  const binary: Def = { name: 'vendor', code: 43, type: 'binary' }
  t.strictSame(hexOf(make([{ code: 43, data: '0104C0000201' }], own, [binary]).level, 43), [
    '0104c0000201',
  ])
  t.strictSame(
    hexOf(make([{ code: 43, 'csv-format': false, data: '0104C0000201' }]).level, 43),
    ['0104c0000201'],
    'raw bytes need no definition',
  )
  const raw = make([{ code: 43, 'csv-format': false, data: '01' }, values], own, [empty])
  t.strictSame(hexOf(raw.level, 43), ['01f1080a0000010a000002'])
})

t.test('option-def of a class: 43 and 224 to 254 only', async (t) => {
  const type = 'uint8'
  for (const code of [43, 224, 254])
    t.strictSame(make([], [], [{ name: 'x', code, type }]).said, [], String(code))
  for (const code of [6, 42, 209, 223])
    t.strictSame(make([], [], [{ name: 'x', code, type }]).said, [
      'error option-def-class class.0.code',
    ])
  const elsewhere: Def = { name: 'x', code: 224, type, space: 'mine' }
  t.strictSame(make([], [], [elsewhere]).said, ['error option-def-class class.0.code'])
  const both = make(
    [{ code: 230, data: '1' }],
    [{ name: 'x', code: 230, type: 'uint32' }],
    [{ name: 'x', code: 230, type }],
  )
  t.strictSame(hexOf(both.level, 230), ['01'], 'the definition of the class goes before')
})

t.test('sub-options: what nobody carries is carried, and that is told', async (t) => {
  const own: Def[] = [
    { name: 'box', code: 230, type: 'empty', encapsulate: 'outer' },
    { name: 'inner', code: 5, space: 'outer', type: 'empty', encapsulate: 'inner' },
    { name: 'value', code: 9, space: 'inner', type: 'uint8' },
    { name: 'number', code: 231, type: 'uint8', encapsulate: 'counted' },
    { name: 'one', code: 232, type: 'empty', encapsulate: 'shared' },
    { name: 'other', code: 233, type: 'empty', encapsulate: 'shared' },
  ]
  const alone = make([{ code: 9, space: VENDOR, 'always-send': true, data: 'ff' }])
  t.strictSame(alone.said, ['warning option-added option-data.0'])
  t.match(alone.words, /vendor-encapsulated-options is added .*\(Kea would not send them/)
  t.match(alone.level.options, [{ code: 43, data: '\x09\x01\xff', alwaysSend: true }])
  const deep = make([{ name: 'value', space: 'inner', data: '7' }], own)
  t.strictSame(hexOf(deep.level, 230), ['0503090107'])
  t.equal(deep.said.length, 2, 'each carrier that is added is told')
  const rows: [Data, RegExp][] = [
    [{ code: 1, space: 'counted', data: '00' }, /not sent; add an entry for number/],
    [{ code: 1, space: 'shared', data: '00' }, /not sent; add an entry for one or other/],
    [{ code: 200, space: 'dhcp-agent-options-space', data: '00' }, /server returns the relay's/],
    [{ name: 'value', space: 'inner', data: '7', 'never-send': true }, /^$/],
  ]
  for (const [data, words] of rows) {
    const made = make([data], own)
    t.strictSame(made.level.options, [])
    t.match(made.words, words)
  }
  const given = make(
    [
      { code: 231, data: '3' },
      { code: 1, space: 'counted', data: '00' },
    ],
    own,
  )
  t.strictSame(hexOf(given.level, 231), ['03010100'], 'behind the value of the option itself')
  const forbidden = make([
    { code: 43, 'never-send': true },
    { code: 9, space: VENDOR, data: 'ff' },
  ])
  t.strictSame(forbidden.said, [])
  t.match(forbidden.level.options, [{ code: 43, data: '', neverSend: true }])
  const bare = make([{ code: 43 }])
  t.match(bare.words, /sent empty: this list has no sub-options/)
})

t.test('sub-options nest as deep as anybody needs, and circles are found', async (t) => {
  const chain = (length: number): Def[] =>
    Array.from({ length }, (_, index) => ({
      name: `box${index}`,
      code: index === 0 ? 224 : 1,
      space: index === 0 ? 'dhcp4' : `s${index}`,
      type: 'empty',
      encapsulate: `s${index + 1}`,
    }))
  const eight = make([{ code: 1, space: 's8', data: '07' }], chain(8))
  t.strictSame(hexOf(eight.level, 224), ['010f010d010b0109010701050103010107'])
  t.strictSame([...new Set(eight.said)], ['warning option-added option-data.0'])
  t.match(make([], chain(9)).said, [/^error option-def-nesting option-def.0.encapsulate/])
  t.equal(make([], chain(500)).registry.own.length, 0)
  const box = (name: string, space: string, encapsulate: string): Def => {
    return { name, code: 1, space, type: 'empty', encapsulate }
  }
  const circle = [box('a', 'x', 'y'), box('b', 'y', 'z'), box('c', 'z', 'x'), box('d', 'w', 'x')]
  const made = make([{ code: 9, space: 'x', data: '00' }], circle)
  t.strictSame(
    made.said.filter((line) => line.startsWith('error')),
    [0, 1, 2].map((index) => `error option-def-nesting option-def.${index}.encapsulate`),
    'who leads into the circle is not to blame',
  )
  const back: Def = { ...box('e', VENDOR, 'dhcp4'), code: 7 }
  t.strictSame(
    make([], [back]).said,
    ['error option-def-nesting option-def.0.encapsulate'],
    'through option 43, which carries that space',
  )
})

t.test('sub-options that are too long for one', async (t) => {
  const long = make([{ code: 43 }, { code: 1, space: VENDOR, data: '00'.repeat(300) }])
  t.strictSame(long.said, ['warning too-long option-data.1'])
  t.strictSame(hexOf(long.level, 43), [`01ff${'00'.repeat(255)}012d${'00'.repeat(45)}`])
  const many = make([
    { code: 43 },
    ...Array.from({ length: 200 }, (_, code) => ({ code, space: VENDOR, data: '00'.repeat(400) })),
  ])
  t.match(many.words, /too long/)
  t.ok(many.level.options[0]!.data.length <= 0xffff)
})

t.test('RFC 3925: options 124 and 125 by enterprise', async (t) => {
  const own: Def[] = [
    { name: 'cookie', code: 1, space: 'vendor-3561', type: 'string' },
    { name: 'box', code: 2, space: 'vendor-3561', type: 'empty', encapsulate: 'acs' },
    { name: 'url', code: 1, space: 'acs', type: 'string' },
  ]
  const rows: [Data[], unknown[], string[]][] = [
    [[{ name: 'vivso-suboptions', data: '3561' }], [[3561, [[125, '', false]], []]], []],
    [
      [{ name: 'cookie', space: 'vendor-3561', data: 'abc', 'always-send': true }],
      [[3561, [], [[1, '616263', true]]]],
      [],
    ],
    [
      [{ name: 'tftp-servers', space: 'vendor-4491', data: '192.0.2.1' }],
      [[4491, [], [[2, 'c0000201', false]]]],
      [],
    ],
    [
      [
        { name: 'box', space: 'vendor-3561' },
        { name: 'url', space: 'acs', data: 'x' },
      ],
      [[3561, [], [[2, '010178', false]]]],
      ['info option-not-asked option-data.0'],
    ],
    [
      [{ name: 'url', space: 'acs', data: 'x' }],
      [[3561, [], [[2, '010178', false]]]],
      ['warning option-added option-data.0', 'info option-not-asked option-data.0'],
    ],
    [
      [{ code: 125, 'csv-format': false, data: '00000de9050103616263000003e7020100' }],
      [
        [3561, [[125, '0103616263', false]], []],
        [999, [[125, '0100', false]], []],
      ],
      [],
    ],
    [
      [{ code: 125, 'csv-format': false, data: '00000de905' }],
      [],
      ['error option-data option-data.0.data'],
    ],
    [
      [{ name: 'vivco-suboptions', data: '4491, 03616263' }],
      [[4491, [[124, '03616263', false]], []]],
      [],
    ],
    [
      [
        { name: 'vivso-suboptions', data: '3561' },
        { name: 'vivso-suboptions', data: '4491' },
        { name: 'vivso-suboptions', data: '3561', 'always-send': true },
      ],
      [
        [4491, [[125, '', false]], []],
        [3561, [[125, '', true]], []],
      ],
      ['warning duplicate option-data.2'],
    ],
    [
      [{ code: 1, space: 'vendor-9', data: '00'.repeat(254) }],
      [],
      ['error too-long option-data.0'],
    ],
    [
      [{ code: 1, space: 'vendor-4294967296', data: '00' }],
      [],
      ['error option-space option-data.0.space'],
    ],
  ]
  for (const [data, vendors, said] of rows) {
    const made = make(data, own)
    t.strictSame(vendorsOf(made.level), vendors, JSON.stringify(data))
    t.strictSame(made.level.options, [])
    t.strictSame(made.said, said)
  }
  const forbidden = make([{ code: 125, 'never-send': true }])
  t.match(forbidden.level, { options: [{ code: 125, neverSend: true }], enterprises: [] })
})

t.test(
  'client-classes of an option: several entries of a code, each for its clients',
  async (t) => {
    const tagged = (data: string, ...names: string[]): Data => {
      return { name: 'domain-name', data, 'client-classes': names }
    }
    const made = make([
      tagged('first'),
      tagged('phones', 'phone'),
      tagged('both', 'printer', 'phone'),
      tagged('last'),
      tagged('again', 'phone'),
    ])
    t.strictSame(made.said, ['warning duplicate option-data.3', 'warning duplicate option-data.4'])
    t.strictSame(
      made.level.options.map(({ data }) => data),
      ['phones', 'both', 'last'],
      'the last for all clients, the first for the same classes',
    )
    const masks = made.level.options.map(({ tag }) => tag)
    t.strictSame(masks[0], made.classes.guard(['phone'], [], Site.of(newReport(), ['x'])))
    t.equal(masks[2], undefined)
    const vendor = make([{ code: 1, space: 'vendor-9', data: '00', 'client-classes': ['phone'] }])
    t.not(vendor.level.enterprises[0]!.subOptions[0]!.tag, undefined)
    const sub = make([
      { code: 43 },
      { code: 1, space: VENDOR, data: '00', 'client-classes': ['phone'] },
    ])
    t.strictSame(sub.said, ['warning option-tag option-data.1.client-classes'])
    t.strictSame(hexOf(sub.level, 43), ['010100'])
  },
)
