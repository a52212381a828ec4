// The table of standard options and the text of their values.

import fc from 'fast-check'
import t from 'tap'
import type { Octets } from '../../lib/bytes/octets.ts'
import { hexFromOctets, octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { OptionDefinition, OptionType } from '../../lib/wire/options/definition.ts'
import { domainNameFromText, readDomainName } from '../../lib/wire/options/domain-name.ts'
import { FIELDS } from '../../lib/wire/options/field.ts'
import { fixedLength4, OPTIONS4 } from '../../lib/wire/options/options4.ts'
import { checkOptionData, printOption } from '../../lib/wire/options/print.ts'
import { parseOptionHex, parseOptionText, valueTypes } from '../../lib/wire/options/text.ts'

const definitions = [...OPTIONS4.spaces.values()].flat()

function option(name: string, space = 'dhcp4'): OptionDefinition {
  return OPTIONS4.byName(space, name)!
}

function parsed(definition: OptionDefinition, csv: string): Octets {
  const result = parseOptionText(definition, csv)
  if ('problem' in result) throw new Error(`${definition.name} '${csv}': ${result.problem}`)
  return result.data
}

function problem(definition: OptionDefinition, csv: string): string {
  const result = parseOptionText(definition, csv)
  return 'problem' in result ? result.problem : `accepted as ${hexFromOctets(result.data)}`
}

/** A definition of any shape, as `option-def` of a document makes them. */
function custom(type: OptionType, array = false, fields: OptionType[] = []): OptionDefinition {
  return {
    family: 4,
    space: 'dhcp4',
    code: 224,
    name: 'custom',
    type,
    array,
    fields,
    encapsulates: '',
    rfc: '',
  }
}

t.test('the table is total and without contradiction', async (t) => {
  t.equal(OPTIONS4.spaces.get('dhcp4')?.length, 135)
  t.equal(OPTIONS4.spaces.get('dhcp-agent-options-space')?.length, 20)
  t.equal(OPTIONS4.spaces.get('cablelabs-client-conf')?.length, 9)
  for (const [space, rows] of OPTIONS4.spaces) {
    t.equal(new Set(rows.map(({ code }) => code)).size, rows.length, `${space}: codes are unique`)
    t.equal(new Set(rows.map(({ name }) => name)).size, rows.length, `${space}: names are unique`)
    for (const row of rows) {
      t.equal(OPTIONS4.byCode(space, row.code), row)
      t.equal(OPTIONS4.byName(space, row.name), row)
    }
  }
  for (const { space, code, name, type, fields, encapsulates, array, rfc } of definitions) {
    const sound =
      /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) &&
      code > 0 &&
      code < 255 &&
      rfc !== '' &&
      (type === 'record') === fields.length > 1 &&
      [type, ...fields].every(
        (one) => one in FIELDS || ['empty', 'internal', 'record'].includes(one),
      ) &&
      (encapsulates === '' || OPTIONS4.spaces.has(encapsulates)) &&
      !(array && ['empty', 'internal', 'string', 'binary'].includes(type))
    t.ok(sound, `${space} ${code} ${name}`)
  }
})

t.test('rows say what their RFC says', async (t) => {
  const rows: [number, string, string, boolean, string][] = [
    [1, 'subnet-mask', 'ipv4-address', false, 'RFC 2132'],
    [2, 'time-offset', 'int32', false, 'RFC 2132'],
    [3, 'routers', 'ipv4-address', true, 'RFC 2132'],
    [43, 'vendor-encapsulated-options', 'empty', false, 'RFC 2132'],
    [55, 'dhcp-parameter-request-list', 'uint8', true, 'RFC 2132'],
    [61, 'dhcp-client-identifier', 'binary', false, 'RFC 2132'],
    [81, 'fqdn', 'record', false, 'RFC 4702'],
    [82, 'dhcp-agent-options', 'empty', false, 'RFC 3046'],
    [108, 'v6-only-preferred', 'uint32', false, 'RFC 8925'],
    [114, 'v4-captive-portal', 'string', false, 'RFC 8910'],
    [119, 'domain-search', 'fqdn', true, 'RFC 3397'],
    [121, 'classless-static-route', 'internal', false, 'RFC 3442'],
    [212, 'option-6rd', 'record', true, 'RFC 5969'],
  ]
  for (const [code, name, type, array, rfc] of rows)
    t.match(OPTIONS4.byCode('dhcp4', code), { name, type, array, rfc })
  t.same(OPTIONS4.byName('dhcp4', 'option-6rd')?.fields, [
    'uint8',
    'uint8',
    'ipv6-address',
    'ipv4-address',
  ])
  t.equal(OPTIONS4.byCode('dhcp4', 80), undefined)
  t.equal(OPTIONS4.byName('dhcp4', 'no-such-option'), undefined)
  t.equal(OPTIONS4.byCode('vendor-4491', 2)?.name, 'tftp-servers')
  t.equal(OPTIONS4.byCode('dhcp-agent-options-space', 5)?.name, 'link-selection')
})

t.test('lengths that cannot vary', async (t) => {
  const lengths: [number, number][] = [
    [1, 4],
    [2, 4],
    [3, 0],
    [12, 0],
    [13, 2],
    [19, 1],
    [50, 4],
    [53, 1],
    [55, 0],
    [57, 2],
    [82, 0],
    [125, 0],
    [200, 0],
  ]
  for (const [code, length] of lengths) t.equal(fixedLength4(code), length, String(code))
})

/** Kea's notation and the octets it stands for, written by hand. */
const VALUES: [name: string, csv: string, hex: string, printed?: string][] = [
  ['subnet-mask', '255.255.255.0', 'ffffff00'],
  ['time-offset', '-25200', 'ffff9d90'],
  ['routers', '192.0.2.1,192.0.2.2', 'c0000201c0000202', '192.0.2.1, 192.0.2.2'],
  ['routers', ' 192.0.2.1 ,,', 'c0000201', '192.0.2.1'],
  ['host-name', 'kettle', '6b6574746c65'],
  ['domain-name', 'köln.example', '6bc3b66c6e2e6578616d706c65'],
  ['pcode', 'EST5EDT4\\,M3.2.0/02:00', '45535435454454342c4d332e322e302f30323a3030'],
  ['root-path', 'a\\b', '615c62', 'a\\\\b'],
  ['root-path', 'a\\\\b', '615c62', 'a\\\\b'],
  ['boot-size', '0x1f', '001f', '31'],
  ['ip-forwarding', 'TRUE', '01', 'true'],
  ['ip-forwarding', '0', '00', 'false'],
  ['dhcp-lease-time', '4294967295', 'ffffffff'],
  ['path-mtu-plateau-table', '68, 296', '00440128'],
  ['dhcp-client-identifier', '01:02:00:5e:10:00:01', '0102005e100001', '0102005e100001'],
  ['user-class', '1A BB AD', '1abbad', '1abbad'],
  ['slp-directory-agent', 'true, 192.0.2.59, 192.0.2.60', '01c000023bc000023c'],
  ['slp-service-scope', 'false, scope', '0073636f7065'],
  ['fqdn', '5, 0, 0, laptop.example.', '050000066c6170746f70076578616d706c6500'],
  ['client-ndi', '1, 3, 16', '010310'],
  ['uuid-guid', '0, 1A BB', '001abb', '0, 1abb'],
  ['name-service-search', '6, 41', '00060029'],
  [
    'domain-search',
    'example.com, a.example.org',
    '076578616d706c6503636f6d000161076578616d706c65036f726700',
    'example.com., a.example.org.',
  ],
  [
    'classless-static-route',
    '10.229.0.128/25 - 10.229.0.1, 0.0.0.0/0 - 10.0.0.1',
    '190ae500800ae50001000a000001',
  ],
  ['classless-static-route', '10.1.2.3/16-192.0.2.1', '100a01c0000201', '10.1.0.0/16 - 192.0.2.1'],
  ['vivco-suboptions', '4491, 0fba', '0000118b0fba'],
  ['vivso-suboptions', '4491', '0000118b'],
  ['v4-sztp-redirect', 'https://a, b', '000968747470733a2f2f61000162'],
  [
    'rdnss-selection',
    '1, 192.0.2.70, 192.0.2.71, a.b',
    '01c0000246c00002470161016200',
    '1, 192.0.2.70, 192.0.2.71, a.b.',
  ],
  ['v4-portparams', '2, 3/4', '02043000'],
  [
    'option-6rd',
    '24, 96, 2001:db8::f001, 192.0.2.72, 192.0.2.73',
    '186020010db800000000000000000000f001c0000248c0000249',
  ],
  ['v4-dnr', '3, a.', '0006000303016100'],
  [
    'v4-dnr',
    '2, a., 10.0.5.6 10.0.5.7, port=8530 alpn=dot\\,doq',
    '0021000203016100080a0005060a0005070001000803646f7403646f71000300022152',
    '2, a., 10.0.5.6 10.0.5.7, alpn=dot\\,doq port=8530',
  ],
]

t.test('values in Kea’s notation', async (t) => {
  for (const [name, csv, hex, printed] of VALUES) {
    const definition = option(name)
    const data = parsed(definition, csv)
    t.equal(hexFromOctets(data), hex, `${name} ${csv}`)
    t.equal(printOption(definition, data), printed ?? csv)
    t.equal(checkOptionData(definition, data), undefined)
    t.equal(parsed(definition, printOption(definition, data)), data)
  }
})

/** One text of each type. */
const SAMPLES: Record<string, string> = {
  binary: '00ff',
  boolean: 'true',
  int8: '-128',
  int16: '-32768',
  int32: '-2147483648',
  uint8: '255',
  uint16: '65535',
  uint32: '4294967295',
  'ipv4-address': '192.0.2.1',
  'ipv6-address': '2001:db8::1',
  'ipv6-prefix': '2001:db8::/33',
  psid: '5/3',
  string: 'text',
  tuple: 'tuple',
  fqdn: 'www.example.org.',
}

t.test('every option goes from text to octets and back', async (t) => {
  for (const definition of definitions) {
    const types = valueTypes(definition)
    const texts = types.map((type) => SAMPLES[type]!)
    if (definition.array) texts.push(SAMPLES[types.at(-1)!]!)
    const csv =
      definition.code === 121 || definition.code === 249
        ? '10.0.0.0/8 - 192.0.2.1'
        : definition.name === 'v4-dnr'
          ? '1, a.'
          : texts.join(', ')
    const data = parsed(definition, csv)
    t.equal(printOption(definition, data), csv, definition.name)
    t.equal(checkOptionData(definition, data), undefined)
  }
})

t.test(
  'every type goes from text to octets and back, alone, in arrays and in records',
  async (t) => {
    for (const [type, text] of Object.entries(SAMPLES) as [OptionType, string][]) {
      const alone = custom(type)
      t.equal(printOption(alone, parsed(alone, text)), text, type)
      const record = custom('record', false, ['uint8', type])
      t.equal(printOption(record, parsed(record, `7, ${text}`)), `7, ${text}`)
      if (type === 'string' || type === 'binary') continue
      const array = custom(type, true)
      t.equal(printOption(array, parsed(array, `${text},${text}`)), `${text}, ${text}`)
      const tail = custom('record', true, ['uint8', type])
      t.equal(printOption(tail, parsed(tail, `7,${text},${text}`)), `7, ${text}, ${text}`)
    }
  },
)

t.test('texts that are no value are refused with what would be right', async (t) => {
  const wrong: [OptionDefinition, string, RegExp][] = [
    [option('subnet-mask'), '255.255.255', /'255.255.255' is not an IPv4 address/],
    [option('routers'), '', /at least one value \(ipv4-address, …\) expected, 0 found/],
    [option('routers'), '192.0.2.1, router', /'router' is not an IPv4 address/],
    [option('default-ip-ttl'), '256', /'256' is not a number from 0 to 255/],
    [option('default-ip-ttl'), '-1', /from 0 to 255/],
    [option('default-ip-ttl'), '1.5', /from 0 to 255/],
    [option('default-ip-ttl'), '0x100', /from 0 to 255/],
    [option('dhcp-lease-time'), '4294967296', /from 0 to 4294967295/],
    [option('time-offset'), '2147483648', /from -2147483648 to 2147483647/],
    [option('ip-forwarding'), 'yes', /'yes' is not true or false/],
    [option('ip-forwarding'), '2', /true or false/],
    [option('host-name'), '', /one value \(string\) expected, 0 found/],
    [option('dhcp-client-identifier'), '0g', /hexadecimal/],
    [option('domain-search'), 'a..b', /'a..b' is not a domain name/],
    [option('domain-search'), `${'a'.repeat(64)}.b`, /domain name/],
    [option('v4-lost'), `${'a.'.repeat(128)}`, /domain name/],
    [option('client-ndi'), '1, 3', /3 values \(uint8, uint8, uint8\) expected, 2 found/],
    [option('classless-static-route'), '10.0.0.0/8', /is not a route such as/],
    [option('classless-static-route'), '10.0.0.0/33 - 10.0.0.1', /is not a route/],
    [option('classless-static-route'), '', /at least one route/],
    [option('v4-dnr'), '1', /is not a resolver such as/],
    [option('v4-dnr'), '1, a., 10.0.0.1, ipv4hint=10.0.0.1', /is not a resolver/],
    [option('v4-dnr'), '1, a., 10.0.0.1, port=1 port=2', /is not a resolver/],
    [option('dhcp-agent-options'), 'x', /takes no value/],
    [custom('psid'), '8/3', /port set/],
    [custom('psid'), '1/17', /port set/],
    [custom('ipv6-prefix'), '2001:db8::/129', /IPv6 prefix/],
    [custom('ipv6-address'), '192.0.2.1', /IPv6 address/],
    [custom('tuple'), 'x'.repeat(256), /1 to 255 bytes/],
    [custom('internal'), 'x', /hexadecimal/],
  ]
  for (const [definition, csv, expected] of wrong)
    t.match(problem(definition, csv), expected, `${definition.name} '${csv}'`)
})

t.test('what has no room is left out, as by Kea, and told', async (t) => {
  const rows: [
    definition: OptionDefinition,
    csv: string,
    hex: string,
    doubt: RegExp | undefined,
  ][] = [
    [option('subnet-mask'), '255.0.0.0, 255.255.0.0', 'ff000000', /the last value is left out/],
    [option('v4-lost'), 'a.org, b.org, c.org', '0161036f726700', /the last 2 values are left out/],
    [option('client-ndi'), '1, 2, 3, 4', '010203', /the last value is left out/],
    [custom('record', false, ['uint8', 'binary']), '1, ab, cd', '01ab', /left out/],
    [option('domain-name'), '"a.org"', '22612e6f726722', /its quotes are sent/],
    [option('domain-name'), "it's 'a'", '6974277320276127', undefined],
    [option('ntp-servers'), '192.0.2.1,,192.0.2.2,', 'c0000201c0000202', undefined],
  ]
  for (const [definition, csv, hex, doubt] of rows) {
    const result = parseOptionText(definition, csv)
    t.match(result, { data: octetsFromHex(hex) }, csv)
    const said = 'doubt' in result ? result.doubt : undefined
    if (doubt === undefined) t.equal(said, undefined, csv)
    else t.match(said, doubt, csv)
  }
})

t.test('Kea lowers the letters of domain names, but not those of texts', async (t) => {
  t.equal(parsed(option('domain-search'), 'WWW.Example'), '\x03www\x07example\0')
  t.equal(parsed(option('domain-name'), 'Example'), 'Example')
})

t.test('RFC 3397: pointers only where a search list would not fit into one option', async (t) => {
  const search = option('domain-search')
  const plain = Array.from({ length: 8 }, (_, index) => `${'n'.repeat(17)}${index}.example.org`)
  const short = parsed(search, plain.slice(0, 7).join(', '))
  t.equal(short.length, 7 * 32, 'no pointer: it fits')
  const list = [...plain, 'example.org', plain[0]!, 'other.org']
  const long = parsed(search, list.join(', '))
  t.equal(long.length, 32 + 7 * 21 + 2 + 2 + 8)
  t.equal(printOption(search, long), list.map((name) => `${name}.`).join(', '))
  const others = parsed(option('bcms-controller-names'), list.join(', '))
  t.equal(others.length, 9 * 32 + 13 + 11, 'others are written out')
})

t.test('options that Kea does not know have the names of the registry', async (t) => {
  const routes = parsed(option('ms-classless-static-route'), '10.0.0.0/8 - 192.0.2.1')
  t.equal(hexFromOctets(routes), '080ac0000201')
  t.equal(printOption(option('ms-classless-static-route'), routes), '10.0.0.0/8 - 192.0.2.1')
  t.equal(parsed(option('mud-url-v4'), 'https://a'), 'https://a')
  t.equal(fixedLength4(211), 0, 'another meaning of the code is none of our business')
  for (const code of [43, 209, 224, 249, 254, 80, 175])
    t.equal(OPTIONS4.isDefinable('dhcp4', code), true, String(code))
  for (const code of [1, 6, 82, 125, 212])
    t.equal(OPTIONS4.isDefinable('dhcp4', code), false, String(code))
  t.equal(OPTIONS4.isDefinable('dhcp-agent-options-space', 1), false)
  t.equal(OPTIONS4.isDefinable('anywhere', 1), true)
})

t.test('hexadecimal as Kea reads it', async (t) => {
  const texts: [string, string][] = [
    ['C0 00 03 01', 'c0000301'],
    ['ab:cd:ef', 'abcdef'],
    ['0xabcdef', 'abcdef'],
    ['abcdef', 'abcdef'],
    ['a:b', '0a0b'],
    ["'text'", '74657874'],
    ['', ''],
  ]
  for (const [text, hex] of texts) t.same(parseOptionHex(text), { data: octetsFromHex(hex) }, text)
  for (const text of ['0xg', 'a b:c:', "'text"])
    t.match(parseOptionHex(text), { problem: /neither/ }, text)
  t.equal(
    'data' in parseOptionHex('ab'.repeat(4096)),
    true,
    'CVE-2021-25217: a literal over 1024 octets',
  )
})

t.test('values given in hexadecimal are checked', async (t) => {
  const check = (name: string, hex: string) => checkOptionData(option(name), octetsFromHex(hex)!)
  for (const hex of ['', 'ff', 'ffffff', 'ffffff0000'])
    t.match(
      check('subnet-mask', hex),
      /no legal value of ipv4-address/,
      'CVE-2026-44815: a mask has four bytes',
    )
  t.match(check('routers', 'c000020101'), /5 bytes are no legal value of ipv4-address, …/)
  t.match(check('routers', ''), /no legal value/)
  t.match(check('client-ndi', '0103'), /uint8, uint8, uint8/)
  t.match(check('client-ndi', '01031000'), /no legal value/)
  t.match(check('ip-forwarding', '02'), /boolean/)
  t.match(check('domain-search', '03616263'), /fqdn/)
  t.match(check('classless-static-route', '210a0000010a0000010a000001'), /no legal value/)
  t.match(check('classless-static-route', ''), /no legal value/)
  t.match(check('dhcp-agent-options', '0104ab'), /sub-options are malformed/)
  t.match(check('v4-portparams', '0204ffff'), /no legal value/)
  t.equal(check('dhcp-agent-options', '0104abcdef01'), undefined)
  t.equal(check('dhcp-client-identifier', ''), undefined, 'Kea takes no bytes for bytes')
  t.equal(check('domain-search', '03616263000178c000'), undefined)
  t.equal(check('vendor-encapsulated-options', 'ffab'), undefined)
  t.equal(check('vivso-suboptions', '0000118b0401020304'), undefined)
})

t.test('domain names', async (t) => {
  t.equal(domainNameFromText('a.b'), '\x01a\x01b\0')
  t.equal(domainNameFromText('a.b.'), '\x01a\x01b\0')
  t.equal(domainNameFromText('.'), '\0')
  t.equal(domainNameFromText('a\\.b\\032\\\\'), '\x05a.b \\\0')
  for (const text of [
    '',
    '.a',
    'a..b',
    'ä.b',
    'a b',
    'a\\',
    'a\\25',
    'a\\256',
    `${'a'.repeat(63)}.`.repeat(4),
  ])
    t.equal(domainNameFromText(text), undefined, text)
  t.same(readDomainName('\x01a\xc0\0', 2), undefined, 'a pointer to what is being read would loop')
  t.same(readDomainName('\xc0\0', 0), undefined)
  t.same(readDomainName('\x01b\0\x01a\xc0\0', 3), { text: 'a.b.', end: 7 })
  t.same(readDomainName('\x05a.b \\\0', 0), { text: 'a\\.b\\032\\\\.', end: 7 })
  t.same(readDomainName('\0', 0), { text: '.', end: 1 })
  t.same(readDomainName('\x40a', 0), undefined)
  t.same(readDomainName(`${'\x01a'.repeat(128)}\0`, 0), undefined)
})

t.test(
  'any octets are printed and checked without harm, and legal ones are read again',
  async () => {
    // No blanks (values are trimmed) and no lead bytes of the blanks outside of ASCII.
    const octets = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) =>
        octetsFromBytes(
          bytes.filter(
            (byte) => ![9, 10, 11, 12, 13, 32, 0xc2, 0xe1, 0xe2, 0xe3, 0xef].includes(byte),
          ),
        ),
      )
    for (const definition of definitions)
      fc.assert(
        fc.property(octets, (data) => {
          const printed = printOption(definition, data)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal.
          if (/[\0-\x1f\x7f]/.test(printed)) return false
          if (checkOptionData(definition, data) !== undefined || definition.type === 'empty')
            return true
          // No text says no bytes.
          if (definition.code === 125 || data === '') return true
          const again = parseOptionText(definition, printed)
          // Domain names that are written are lower case, as Kea's.
          const isName = definition.type === 'fqdn' || definition.fields.includes('fqdn')
          const shown = (text: string) => (isName ? text.toLowerCase() : text)
          return 'data' in again && shown(printOption(definition, again.data)) === shown(printed)
        }),
        { numRuns: 40 },
      )
  },
)
