// option-def and option-data of DHCPv6: the bytes that become of a document, and what is said of
// mistakes. What does not differ from DHCPv4 is in options.test.ts and sub-options.test.ts.

import fc from 'fast-check'
import t from 'tap'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { ClassSet } from '../../lib/classify/class-set.ts'
import { valuesOf } from '../../lib/config/plan/option-set.ts'
import { selectionOf6 } from '../../lib/dhcp6/selection6.ts'
import { OptionRegistry } from '../../lib/wire/options/registry.ts'
import { optionsInOctets6 } from '../../lib/wire/v6/octets6.ts'
import { type Data, type Def, hexOf, type Made, make } from './option-lists.ts'

function make6(data: readonly Data[], own: readonly Def[] = []): Made {
  return make(data, own, [], OptionRegistry.standard6)
}

t.test('RFC 9915 §21: codes and lengths of sub-options have two octets', async (t) => {
  const { said, level } = make6(
    [
      { name: 'outer', data: '7' },
      { name: 'inner', space: 'mine', data: '258' },
      { name: 'last', space: 'mine', data: '2001:db8::1' },
    ],
    [
      { name: 'outer', code: 4000, type: 'uint8', encapsulate: 'mine' },
      { name: 'inner', code: 1, type: 'uint16', space: 'mine' },
      { name: 'last', code: 65535, type: 'ipv6-address', space: 'mine' },
    ],
  )
  t.strictSame(said, [])
  const inner = '000100020102'
  const last = 'ffff001020010db8000000000000000000000001'
  t.strictSame(hexOf(level, 4000), [`07${inner}${last}`])
})

t.test('RFC 5908 §4: each time server stands in an option 56 of its own', async (t) => {
  const space = 'v6-ntp-server-suboptions'
  const servers: Data[] = [
    { name: 'ntp-server-address', space, data: '2001:db8::1' },
    { name: 'ntp-server-fqdn', space, data: 'time.example' },
    { name: 'ntp-server-address', space, data: '2001:db8::2' },
  ]
  const first = '0001001020010db8000000000000000000000001'
  const second = '0001001020010db8000000000000000000000002'
  const named = '0003000e0474696d65076578616d706c6500'
  const { said, level } = make6([{ name: 'ntp-server' }, ...servers])
  t.strictSame(said, [])
  t.strictSame(
    level.options[0]!.instances?.map((each) => hexFromOctets(each)),
    [first, second, named],
  )
  const alone = make6([{ name: 'ntp-server' }, servers[0]!])
  t.strictSame(hexOf(alone.level, 56), [first])
  t.equal(alone.level.options[0]!.instances, undefined)
  const bare = make6(servers)
  t.match(bare.words, /ntp-server is added to carry the sub-options/)
  t.equal(bare.level.options[0]!.instances?.length, 3)
})

t.test('RFC 9463: each resolver stands in an option 144 of its own', async (t) => {
  const data = '1, a., 2001:db8::1, alpn=dot | 2, b.'
  const { said, level } = make6([{ name: 'v6-dnr', data }])
  t.strictSame(said, [])
  const one = '0001000301610000' + '1020010db8000000000000000000000001' + '0001000403646f74'
  t.strictSame(
    level.options[0]!.instances?.map((each) => hexFromOctets(each)),
    [one, '00020003016200'],
  )
  t.strictSame(hexOf(level, 144), [`${one}00020003016200`])
})

t.test('RFC 7598: containers are put together from the spaces inside', async (t) => {
  const mape = 's46-cont-mape-options'
  const { said, level } = make6([
    { name: 's46-cont-mape' },
    { name: 's46-rule', space: mape, data: '1, 16, 24, 192.0.2.0, 2001:db8:f000::/36' },
    { name: 's46-rule', space: mape, data: '0, 16, 24, 198.51.100.0, 2001:db8::/32' },
    { name: 's46-br', space: mape, data: '2001:db8::1' },
    { name: 's46-portparams', space: 's46-rule-options', data: '4, 3/4' },
  ])
  t.strictSame(said, [])
  const ports = '005d000404043000'
  const own = `00590015011018c00002002420010db8f0${ports}`
  const other = `00590014001018c63364002020010db8${ports}`
  const relay = '005a001020010db8000000000000000000000001'
  t.strictSame(hexOf(level, 94), [`${own}${other}${relay}`])
  const lw = make6([
    { name: 's46-cont-lw' },
    { name: 's46-br', space: 's46-cont-lw-options', data: '2001:db8::1' },
    { name: 's46-v4v6bind', space: 's46-cont-lw-options', data: '192.0.2.1, 2001:db8:1::/48' },
  ])
  t.strictSame(hexOf(lw.level, 96), [`${relay}005c000bc00002013020010db80001`])
  for (const [space, meant] of [
    ['s46-cont-lw', 's46-cont-lw-options'],
    ['s46-v4v6bind', 's46-v4v6bind-options'],
  ] as const) {
    const wrong = make6([{ name: 's46-br', space, data: '2001:db8::1' }])
    t.strictSame(wrong.said, ['error option-space option-data.0.space'])
    t.match(wrong.words, `what ${space} holds is of space '${meant}'`)
  }
})

t.test('RFC 9915 §21.16, §21.17: options of enterprises', async (t) => {
  const { said, level } = make6([
    { name: 'vendor-class', data: '311, 00084d53465420352e30' },
    { name: 'vendor-opts', data: '2495' },
    { code: 7, space: 'vendor-2495', data: 'cafe', 'csv-format': false, 'always-send': true },
    { name: 'tftp-servers', space: 'vendor-4491', data: '2001:db8::69' },
  ])
  t.strictSame(said, [])
  t.strictSame(
    level.enterprises.map(({ enterprise, carriers, subOptions }) => [
      enterprise,
      carriers.map(({ code, data }) => `${code}=${hexFromOctets(data)}`),
      subOptions.map(({ code, data }) => `${code}=${hexFromOctets(data)}`),
    ]),
    [
      [311, ['16=00084d53465420352e30'], []],
      [2495, ['17='], ['7=cafe']],
      [4491, [], ['32=20010db8000000000000000000000069']],
    ],
  )
  const silent = make6([{ code: 7, space: 'vendor-2495', data: 'cafe' }])
  t.strictSame(silent.said, ['info option-not-asked option-data.0'])
  t.match(silent.words, /it is sent where some level says always-send/)
  const wrong: [name: string, hex: string, words: RegExp][] = [
    ['vendor-class', '00000137', /4 bytes are no legal value of uint32, binary/],
    ['vendor-class', '000001370009aa', /an enterprise number and texts, each behind a length/],
    ['vendor-opts', '000001', /an enterprise number and whole sub-options are needed/],
    ['vendor-opts', '00000137000100', /whole sub-options/],
  ]
  for (const [name, data, words] of wrong) {
    const made = make6([{ name, data, 'csv-format': false }])
    t.strictSame(made.said, ['error option-data option-data.0.data'], data)
    t.match(made.words, words)
  }
})

t.test('what the server sets itself does not come from option-data', async (t) => {
  for (const code of [1, 2, 3, 5, 8, 9, 13, 14, 25, 26, 39, 67]) {
    const { said, level } = make6([{ code, 'never-send': true }])
    t.strictSame(said, ['warning option-owned option-data.0'], `${code}`)
    t.strictSame(level.options, [])
  }
  const { said, words, level } = make6([{ name: 'unicast', data: '2001:db8::1' }])
  t.strictSame(said, ['warning option-owned option-data.0'])
  t.match(words, /messages to an address of the server are not answered/)
  t.strictSame(level.options, [])
})

t.test('mistakes, with their places', async (t) => {
  const rows: [data: Data, said: string, words: RegExp][] = [
    [{ code: 0, data: '' }, 'error option-code option-data.0.code', /1 to 65535/],
    [{ code: 65536, data: '' }, 'error option-code option-data.0.code', /1 to 65535/],
    [
      { code: 65536, space: 'vendor-9', data: '' },
      'error option-code option-data.0.code',
      /0 to 65535/,
    ],
    [
      { name: 'domain-name-servers', data: '2001:db8::1' },
      'error option-unknown option-data.0.name',
      /it is called dns-servers in DHCPv6/,
    ],
    [
      { name: 'routers', data: '2001:db8::1' },
      'error option-unknown option-data.0.name',
      /router advertisements/,
    ],
    [
      { name: 'dns-server', data: '2001:db8::1' },
      'error option-unknown option-data.0.name',
      /did you mean dns-servers\?/,
    ],
    [
      { name: 'dns-servers', data: '192.0.2.1' },
      'error option-data option-data.0.data',
      /'192.0.2.1' is not an IPv6 address/,
    ],
    [
      { name: 'dns-servers', space: 'dhcp4', data: '2001:db8::1' },
      'error option-space option-data.0.space',
      /did you mean dhcp6\?/,
    ],
  ]
  for (const [data, said, words] of rows) {
    const made = make6([data])
    t.strictSame(made.said, [said])
    t.match(made.words, words)
    t.strictSame(made.level.options, [])
  }
})

t.test('option-def: standard options stand, and codes have two octets', async (t) => {
  const fine: Def = { name: 'my', code: 4000, type: 'uint8' }
  const rows: [Partial<Def>, string][] = [
    [{ code: 0 }, 'option-def option-def.0.code'],
    [{ code: 23 }, 'option-standard option-def.0.code'],
    [{ name: 'dns-servers' }, 'option-standard option-def.0.name'],
    [{ code: 32, space: 'vendor-4491' }, 'option-standard option-def.0.code'],
    [{ encapsulate: 'dhcp6' }, 'option-def option-def.0.encapsulate'],
  ]
  for (const [change, said] of rows) {
    const made = make6([], [{ ...fine, ...change }])
    t.strictSame(made.said, [`error ${said}`], JSON.stringify(change))
  }
  const { said, registry } = make6([], [fine, { ...fine, space: 'mine', code: 0 }])
  t.strictSame(said, [])
  t.equal(registry.byCode('dhcp6', 4000)?.name, 'my')
  t.equal(registry.byCode('dhcp6', 4000)?.family, 6)
})

t.test('a value is never longer than an option', async (t) => {
  const long = 'a'.repeat(65_536)
  const { said } = make6([{ name: 'bootfile-url', data: long }])
  t.strictSame(said, ['error too-long option-data.0.data'])
  t.strictSame(make6([{ name: 'bootfile-url', data: long.slice(1) }]).said, [])
})

t.test('whatever a document says of options, replies are whole', async () => {
  const spaces = [
    'dhcp6',
    'v6-ntp-server-suboptions',
    's46-cont-mape-options',
    's46-rule-options',
    'vendor-4491',
    'vendor-9',
    'a',
    'b',
  ]
  const name = fc.constantFrom(
    ...['ntp-server', 'ntp-server-fqdn', 's46-rule', 's46-cont-mape', 'v6-dnr', 'vendor-opts'],
    ...['vendor-class', 'dns-servers', 'domain-search', 'x', 'y', 'z', 'oro', 'unicast'],
  )
  const code = fc.constantFrom(0, 1, 3, 7, 16, 17, 23, 56, 89, 90, 93, 94, 144, 4000, 4001, 65535)
  const type = fc.constantFrom('empty', 'uint16', 'string', 'ipv6-address', 'ipv6-prefix', 'tuple')
  const space = fc.constantFrom(...spaces)
  const definitions = fc.array(
    fc.record(
      { name, code, type, array: fc.boolean(), space, encapsulate: space },
      { requiredKeys: ['name', 'code', 'type'] },
    ),
    { maxLength: 8 },
  )
  const value = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom(
      ...['1', '1, 2', 'a.b', '2001:db8::1', '2001:db8::/32', '9', '311, 0001aa', '3/4'],
      ...['1, 16, 24, 192.0.2.0, 2001:db8::/40', '1, a., 2001:db8::1 | 2, b.', '0000000900010000'],
    ),
  )
  const flags = {
    'csv-format': fc.boolean(),
    'always-send': fc.boolean(),
    'never-send': fc.boolean(),
  }
  const data = fc.array(
    fc.record({ name, code, space, data: value, ...flags }, { requiredKeys: [] }),
    { maxLength: 12 },
  )
  const everything = Array.from({ length: 200 }, (_, at) => String.fromCharCode(0, at)).join('')
  fc.assert(
    fc.property(definitions, data, (own, given) => {
      const { level } = make6(given, own)
      const values = valuesOf([level], new ClassSet(0))
      const { reply, advertise } = selectionOf6(values, everything, new Set([9, 4491, -2]))
      for (const block of [reply, advertise]) {
        const options = optionsInOctets6(octetsFromBytes(block))
        if (options === undefined) return false
        if (options.some(([one], at) => one < (options[at - 1]?.[0] ?? 0))) return false
      }
      return true
    }),
    { numRuns: 400 },
  )
})
