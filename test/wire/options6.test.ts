// The table of DHCPv6 options, and their values: text to octets and back.

import fc from 'fast-check'
import t from 'tap'
import { hexFromOctets, octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { OptionDefinition } from '../../lib/wire/options/definition.ts'
import { OPTIONS6 } from '../../lib/wire/options/options6.ts'
import { checkOptionData, printOption } from '../../lib/wire/options/print.ts'
import { OptionRegistry } from '../../lib/wire/options/registry.ts'
import { parseOptionText, valueTypes } from '../../lib/wire/options/text.ts'

function option(name: string, space = 'dhcp6'): OptionDefinition {
  return OPTIONS6.byName(space, name)!
}

function encoded(definition: OptionDefinition, text: string): string {
  const result = parseOptionText(definition, text)
  return 'problem' in result ? result.problem : hexFromOctets(result.data)
}

t.test('the table is without contradiction', async (t) => {
  t.equal(OPTIONS6.spaces.get('dhcp6')?.length, 76)
  for (const [space, rows] of OPTIONS6.spaces) {
    t.equal(new Set(rows.map(({ code }) => code)).size, rows.length, `${space}: codes are unique`)
    t.equal(new Set(rows.map(({ name }) => name)).size, rows.length, `${space}: names are unique`)
    for (const row of rows) {
      t.equal(OPTIONS6.byCode(space, row.code), row)
      t.equal(OPTIONS6.byName(space, row.name), row)
      t.ok(row.family === 6 && row.space === space)
      t.ok(row.encapsulates === '' || OPTIONS6.spaces.has(row.encapsulates), row.name)
      t.not(row.encapsulates, row.space, 'what holds itself has no end')
    }
  }
  const numbers = OPTIONS6.spaces.get('dhcp6')!.map(({ code }) => code)
  for (const unassigned of [10, 35, 112]) t.notOk(numbers.includes(unassigned))
})

t.test('what a document may define is what Kea does not know', async (t) => {
  for (const code of [49, 50, 86, 104, 145, 65535])
    t.equal(OPTIONS6.isDefinable('dhcp6', code), true)
  for (const code of [1, 17, 23, 94, 144]) t.equal(OPTIONS6.isDefinable('dhcp6', code), false)
  t.equal(OPTIONS6.isDefinable('vendor-4491', 32), false)
  t.equal(OPTIONS6.isDefinable('vendor-4491', 43), true)
  t.equal(OPTIONS6.isDefinable('anywhere', 1), true)
})

/** Name, text, octets; the text as it is printed where that is another one. */
const VALUES: readonly (readonly [name: string, text: string, hex: string, printed?: string])[] = [
  ['dns-servers', '2001:db8::53', '20010db8000000000000000000000053'],
  [
    'dns-servers',
    '2001:db8::1, 2001:DB8:0::2',
    '20010db8000000000000000000000001 20010db8000000000000000000000002',
    '2001:db8::1, 2001:db8::2',
  ],
  [
    'domain-search',
    'Example.org, a.example',
    '076578616d706c65036f726700 0161076578616d706c6500',
    'example.org., a.example.',
  ],
  ['preference', '255', 'ff'],
  ['information-refresh-time', '86400', '00015180'],
  ['new-posix-timezone', 'EST5EDT4\\,M3.2.0/02:00', '455354354544543 42c4d332e322e302f30323a3030'],
  ['bootfile-url', 'http://[2001:db8::1]/x', '687474703a2f2f5b323030313a6462383a3a315d2f78'],
  ['bootfile-param', 'root=/dev/nfs, quiet', '000d 726f6f743d2f6465762f6e6673 0005 7175696574'],
  ['client-arch-type', '7, 16', '0007 0010'],
  ['nii', '1, 3, 16', '01 03 10'],
  ['aftr-name', 'aftr.example.org', '0461667472076578616d706c65036f726700', 'aftr.example.org.'],
  ['solmax-rt', '86400', '00015180'],
  ['pd-exclude', '2001:db8:0:4000::/62', '3e 20010db800004000'],
  ['v6-sztp-redirect', 'https://sztp.example', '0014 68747470733a2f2f737a74702e6578616d706c65'],
  [
    'rdnss-selection',
    '2001:db8::1, 3, example.org, a.example',
    '20010db8000000000000000000000001 03 076578616d706c65036f726700 0161076578616d706c6500',
    '2001:db8::1, 3, example.org., a.example.',
  ],
  ['vendor-class', '311, 00084d53465420352e30', '00000137 00084d53465420352e30'],
  ['addr-reg-enable', '', ''],
]

t.test('values of each type stand in the document as Kea writes them', async (t) => {
  for (const [name, text, hex, printed = text] of VALUES) {
    const definition = option(name)
    const octets = octetsFromHex(hex.replaceAll(' ', ''))!
    t.equal(encoded(definition, text), hexFromOctets(octets), name)
    t.equal(checkOptionData(definition, octets), undefined, name)
    t.equal(printOption(definition, octets), printed, name)
  }
})

t.test('RFC 7598: parts of the softwire containers', async (t) => {
  const rows: [space: string, name: string, text: string, hex: string][] = [
    [
      's46-cont-mape-options',
      's46-rule',
      '1, 16, 24, 192.0.2.0, 2001:db8::/40',
      '01 10 18 c0000200 28 20010db800',
    ],
    ['s46-cont-mape-options', 's46-br', '2001:db8::1', '20010db8000000000000000000000001'],
    ['s46-cont-mapt-options', 's46-dmr', '64:ff9b::/96', '60 0064ff9b0000000000000000'],
    [
      's46-cont-lw-options',
      's46-v4v6bind',
      '192.0.2.1, 2001:db8:1::/48',
      'c0000201 30 20010db80001',
    ],
    ['s46-rule-options', 's46-portparams', '6, 3/4', '06 04 3000'],
  ]
  for (const [space, name, text, hex] of rows) {
    const definition = option(name, space)
    const octets = octetsFromHex(hex.replaceAll(' ', ''))!
    t.equal(encoded(definition, text), hexFromOctets(octets), name)
    t.equal(printOption(definition, octets), text, name)
  }
})

t.test('RFC 9463: an instance of option 144 holds one resolver', async (t) => {
  const definition = option('v6-dnr')
  const one = '100, dot1.example.org., 2001:db8::1 2001:db8::2, alpn=dot\\,doq port=8530'
  const name = '04646f7431076578616d706c65036f726700'
  const hex =
    `0064 0012 ${name} 0020 20010db8000000000000000000000001 20010db8000000000000000000000002` +
    ' 0001 0008 03646f7403646f71 0003 0002 2152'
  const octets = octetsFromHex(hex.replaceAll(' ', ''))!
  t.equal(encoded(definition, one), hexFromOctets(octets))
  t.equal(printOption(definition, octets), one)
  t.equal(encoded(definition, '2, a.'), '0002 0003 016100'.replaceAll(' ', ''))
  const two = parseOptionText(definition, `${one} | 2, a.`)
  t.match(two, { instances: [octets, octetsFromHex('00020003016100')!] })
  for (const wrong of ['1, a., ff02::1', '1, a., ::1', '1, a., 192.0.2.1', '1', '65536, a.'])
    t.match(encoded(definition, wrong), /is not a resolver such as 2, resolver.example., 2001:db8/)
  for (const cut of [
    '0064',
    '00640012',
    `00640002016100`,
    `0064000301610000`,
    '006400030161000010',
  ])
    t.match(checkOptionData(definition, octetsFromHex(cut)!), / no legal value of internal/, cut)
})

t.test('sub-options have codes and lengths of two octets', async (t) => {
  const registry = OptionRegistry.standard6
  const server = '0001001020010db8000000000000000000000123'
  const named = '0003000d 076578616d706c65036f726700'.replaceAll(' ', '')
  const data = octetsFromHex(server + named)!
  const ntp = option('ntp-server')
  t.equal(
    printOption(ntp, data, registry),
    'ntp-server-address=2001:db8::123, ntp-server-fqdn=example.org.',
  )
  t.equal(checkOptionData(ntp, data), undefined)
  for (const size of [1, 3, 19, 22])
    t.equal(checkOptionData(ntp, data.slice(0, size)), 'the sub-options are malformed')
  const rule = octetsFromHex(
    '01 10 18 c0000200 28 20010db800 005d 0004 06043000'.replaceAll(' ', ''),
  )!
  const printed = '1, 16, 24, 192.0.2.0, 2001:db8::/40, s46-portparams=6\\, 3/4'
  t.equal(
    printOption(option('s46-rule', 's46-cont-mape-options'), rule, registry),
    printed.replace('\\', ''),
  )
})

t.test(
  'any octets are printed and checked without harm, and legal ones are read again',
  async () => {
    // No blanks (values are trimmed) and no lead bytes of the blanks outside of ASCII.
    const left = [9, 10, 11, 12, 13, 32, 0xc2, 0xe1, 0xe2, 0xe3, 0xef]
    const octets = fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => octetsFromBytes(bytes.filter((byte) => !left.includes(byte))))
    for (const definition of [...OPTIONS6.spaces.values()].flat())
      fc.assert(
        fc.property(octets, (data) => {
          const printed = printOption(definition, data)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal.
          if (/[\0-\x1f\x7f]/.test(printed)) return false
          const isLegal = checkOptionData(definition, data) === undefined
          // No text says no bytes, and sub-options are written as entries of their own.
          if (!isLegal || data === '' || definition.type === 'empty') return true
          if (definition.encapsulates !== '' || definition.code === 17) return true
          const again = parseOptionText(definition, printed)
          // Domain names that are written are lower case, as Kea's.
          const isName = definition.type === 'fqdn' || definition.fields.includes('fqdn')
          const shown = (text: string) => (isName ? text.toLowerCase() : text)
          return 'data' in again && shown(printOption(definition, again.data)) === shown(printed)
        }),
        { numRuns: 60 },
      )
  },
)

/** What a text of each type is printed as. */
const SAMPLES: Readonly<Record<string, string>> = {
  binary: '00ff',
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
  for (const definition of [...OPTIONS6.spaces.values()].flat()) {
    const types = valueTypes(definition)
    const texts = types.map((type) => SAMPLES[type]!)
    if (definition.array) texts.push(SAMPLES[types.at(-1)!]!)
    const csv = definition.name === 'v6-dnr' ? '1, a.' : texts.join(', ')
    const parsed = parseOptionText(definition, csv)
    if ('problem' in parsed) throw new Error(`${definition.name}: ${parsed.problem}`)
    t.equal(printOption(definition, parsed.data), csv, definition.name)
    t.equal(checkOptionData(definition, parsed.data), undefined, definition.name)
  }
})
