// From option-def and option-data of a document to the bytes of a reply: the configurations that
// people write for phones, access points, boot loaders and cable modems.

import t from 'tap'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import type {
  OptionDataDocument,
  OptionDefDocument,
} from '../../lib/config/keys/common-document.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { block } from '../../lib/wire/options/enterprises.ts'
import { client, documentWith, hex, type Options, requestList, TestServer } from './test-server.ts'

type Def = OptionDefDocument
type Data = OptionDataDocument

const VENDOR = 'vendor-encapsulated-options-space'

interface Row {
  readonly title: string
  readonly defines?: readonly Def[]
  readonly global?: readonly Data[]
  readonly subnet?: readonly Data[]
  /** Of the OFFER to who asks for the option; undefined = it is not in it. */
  readonly gets: string | undefined
  readonly says?: Options
}

function serverOf({ defines, global, subnet }: Row): TestServer {
  const document: Partial<Dhcp4Document> = {
    'option-def': defines ?? [],
    'option-data': global ?? [],
  }
  return new TestServer(documentWith({ 'option-data': subnet ?? [] }, document))
}

/** What the OFFER has of the option. */
function offered(row: Row, code: number): string | undefined {
  const query = { ...requestList(code), ...row.says }
  const data = serverOf(row).discover(client(1), query).message.octets(code)
  return data === undefined ? undefined : hexFromOctets(data)
}

t.test('option-data: a value as it is written, and as it is sent', async (t) => {
  const own = (type: string, more: Partial<Def> = {}): Def[] => [
    { name: 'my', code: 222, type, ...more },
  ]
  const rows: [code: number, row: Row][] = [
    [
      6,
      {
        title: 'empty pieces vanish',
        global: [{ name: 'domain-name-servers', data: '1.1.1.1,,2.2.2.2,' }],
        gets: '0101010102020202',
      },
    ],
    [6, { title: 'an empty list', global: [{ name: 'domain-name-servers', data: '' }], gets: '' }],
    [
      222,
      { title: 'an undefined code, globally', global: [{ code: 222, data: '0102' }], gets: '0102' },
    ],
    [
      222,
      {
        title: 'an undefined code, in a subnet',
        subnet: [{ code: 222, data: '0102' }],
        gets: '0102',
      },
    ],
    [
      222,
      {
        title: 'plain digits',
        defines: own('binary'),
        global: [{ name: 'my', data: 'ab cd' }],
        gets: 'abcd',
      },
    ],
    [
      222,
      {
        title: 'a port set',
        defines: own('psid'),
        global: [{ name: 'my', data: '3/4' }],
        gets: '043000',
      },
    ],
    [
      222,
      {
        title: 'a definition counts in subnets',
        defines: own('tuple'),
        subnet: [{ name: 'my', data: 'abc' }],
        gets: '03616263',
      },
    ],
    [222, { title: 'a flag', defines: own('empty'), subnet: [{ name: 'my' }], gets: '' }],
    [
      222,
      {
        title: 'of two in one list the last',
        global: [
          { code: 222, data: '01' },
          { code: 222, data: '02' },
        ],
        gets: '02',
      },
    ],
    [
      249,
      {
        title: 'routes of Windows',
        global: [{ code: 249, data: '0.0.0.0/0 - 192.0.2.1' }],
        gets: '00c0000201',
      },
    ],
    [
      121,
      {
        title: 'routes',
        global: [{ name: 'classless-static-route', data: '10.0.0.0/8 - 192.0.2.1' }],
        gets: '080ac0000201',
      },
    ],
    [
      108,
      {
        title: 'IPv6 only',
        global: [{ name: 'v6-only-preferred', data: '1800' }],
        gets: '00000708',
      },
    ],
    [
      114,
      {
        title: 'a captive portal',
        global: [{ name: 'v4-captive-portal', data: 'https://a' }],
        gets: '68747470733a2f2f61',
      },
    ],
    [
      116,
      {
        title: 'no addresses of its own',
        global: [{ name: 'auto-config', data: '0' }],
        gets: '00',
      },
    ],
    [
      143,
      {
        title: 'a bootstrap server',
        global: [{ name: 'v4-sztp-redirect', data: 'https://a' }],
        gets: '000968747470733a2f2f61',
      },
    ],
    [
      209,
      {
        title: 'PXELINUX, defined as in Kea',
        defines: [{ name: 'conf', code: 209, type: 'string' }],
        global: [{ name: 'conf', data: 'a.cfg' }],
        gets: '612e636667',
      },
    ],
    [
      211,
      { title: 'PXELINUX, not defined', global: [{ code: 211, data: '1800' }], gets: '00000708' },
    ],
    [
      160,
      {
        title: 'a phone',
        defines: [{ name: 'polycom', code: 160, type: 'string' }],
        global: [{ name: 'polycom', data: 'http://p' }],
        gets: '687474703a2f2f70',
      },
    ],
  ]
  for (const [code, row] of rows) t.equal(offered(row, code), row.gets, row.title)
})

t.test('RFC 3396: a long value goes out in pieces', async (t) => {
  const row: Row = { title: '', global: [{ code: 222, data: 'ab'.repeat(300) }], gets: undefined }
  const { bytes, message } = serverOf(row).discover(client(1), {
    ...requestList(222),
    57: '\x05\xdc',
  })
  t.equal(message.octets(222)!.length, 300)
  const text = hexFromOctets(String.fromCharCode(...bytes))
  t.match(text, `deff${'ab'.repeat(255)}de2d${'ab'.repeat(45)}`)
})

t.test('option 43: container and sub-options of one list', async (t) => {
  const defines: Def[] = [
    { name: 'one', code: 1, space: VENDOR, type: 'uint8' },
    { name: 'list', code: 241, space: VENDOR, type: 'ipv4-address', array: true },
  ]
  const carrier: Data = { name: 'vendor-encapsulated-options' }
  const one: Data = { name: 'one', space: VENDOR, data: '7' }
  const list: Data = { name: 'list', space: VENDOR, data: '10.0.0.1, 10.0.0.2' }
  const raw: Data = { code: 43, 'csv-format': false, data: '0104C0000201' }
  const rows: Row[] = [
    {
      title: 'all in one list',
      defines,
      global: [list, carrier, one],
      gets: '010107f1080a0000010a000002',
    },
    {
      title: 'container in the subnet, values above',
      defines,
      global: [one],
      subnet: [carrier],
      gets: '',
    },
    { title: 'values without a container', defines, global: [one], gets: '010107' },
    {
      title: 'values of the subnet hide those above',
      defines,
      global: [carrier, one],
      subnet: [list],
      gets: 'f1080a0000010a000002',
    },
    { title: 'raw bytes', global: [raw], gets: '0104c0000201' },
    {
      title: 'a definition of the document',
      defines: [{ name: 'v', code: 43, type: 'binary' }],
      global: [{ name: 'v', data: '0104C0000201' }],
      gets: '0104c0000201',
    },
    {
      title: 'a record with sub-options behind it',
      defines: [
        {
          name: 'v',
          code: 43,
          type: 'record',
          'record-types': 'uint8, uint16',
          encapsulate: 'mine',
        },
        { name: 'sub', code: 9, space: 'mine', type: 'boolean' },
      ],
      global: [
        { code: 43, data: '1, 2' },
        { name: 'sub', space: 'mine', data: 'true' },
      ],
      gets: '010002090101',
    },
    { title: 'forbidden', global: [{ code: 43, 'never-send': true }, raw], gets: undefined },
  ]
  for (const row of rows) t.equal(offered(row, 43), row.gets, row.title)
})

t.test('option 43: by the vendor that the client names', async (t) => {
  const test = (name: string) => `substring(option[60].hex,0,4) == '${name}'`
  const carrier: Data = { name: 'vendor', code: 43 }
  const server = new TestServer(
    documentWith(
      {},
      {
        'option-def': [
          { name: 'inform', code: 241, space: 'ubnt', type: 'ipv4-address', array: true },
          { name: 'mode', code: 1, space: VENDOR, type: 'uint8' },
        ],
        'client-classes': [
          {
            name: 'radios',
            test: test('ubnt'),
            'option-def': [{ name: 'vendor', code: 43, type: 'empty', encapsulate: 'ubnt' }],
            'option-data': [carrier, { name: 'inform', space: 'ubnt', data: '10.0.0.1, 10.0.0.2' }],
          },
          {
            name: 'phones',
            test: test('phon'),
            'option-def': [{ name: 'vendor', code: 43, type: 'binary' }],
            'option-data': [{ ...carrier, data: '0104C0000201' }],
          },
          {
            name: 'others',
            test: test('othe'),
            'option-data': [
              { name: 'vendor-encapsulated-options' },
              { name: 'mode', space: VENDOR, data: '7' },
            ],
          },
        ],
      },
    ),
  )
  const rows: [vendor: string, gets: string | undefined][] = [
    ['ubnt', 'f1080a0000010a000002'],
    ['phone', '0104c0000201'],
    ['other', '010107'],
    ['none', undefined],
  ]
  for (const [vendor, gets] of rows) {
    const { message } = server.discover(client(1), { ...requestList(43), 60: vendor })
    const data = message.octets(43)
    t.equal(data && hexFromOctets(data), gets, vendor)
  }
})

t.test(
  'client-classes of an entry: who is in the class gets it, the others the last one',
  async (t) => {
    const server = new TestServer(
      documentWith(
        {
          'option-data': [
            { name: 'tftp-server-name', data: 'phones', 'client-classes': ['phones'] },
            { name: 'tftp-server-name', data: 'all' },
          ],
        },
        { 'client-classes': [{ name: 'phones', test: "option[60].text == 'phone'" }] },
      ),
    )
    const asks = requestList(66)
    t.equal(server.discover(client(1), { ...asks, 60: 'phone' }).message.octets(66), 'phones')
    t.equal(server.discover(client(2), asks).message.octets(66), 'all')
  },
)

t.test('options of options, as deep as they go', async (t) => {
  const defines: Def[] = [
    { name: 'box', code: 230, type: 'empty', encapsulate: 'outer' },
    { name: 'inner', code: 5, space: 'outer', type: 'uint8', encapsulate: 'inner' },
    { name: 'value', code: 9, space: 'inner', type: 'string' },
    { name: 'other', code: 2, space: 'inner', type: 'empty' },
  ]
  const global: Data[] = [
    { name: 'value', space: 'inner', data: 'abc' },
    { name: 'box' },
    { name: 'inner', space: 'outer', data: '1' },
    { name: 'other', space: 'inner' },
  ]
  t.equal(offered({ title: '', defines, global, gets: '' }, 230), '05080102000903616263')
})

t.test('RFC 3925: option 125 by the vendor that the client names', async (t) => {
  const defines: Def[] = [{ name: 'cookie', code: 1, space: 'vendor-3561', type: 'string' }]
  const cookie: Data = { name: 'cookie', space: 'vendor-3561', data: 'abc' }
  const always: Data = { ...cookie, 'always-send': true }
  const carrier: Data = { name: 'vivso-suboptions', data: '3561' }
  const is3561 = { 124: block(3561, '\x01a') }
  const rows: Row[] = [
    { title: 'unasked', defines, global: [always], says: is3561, gets: '00000de9050103616263' },
    {
      title: 'without always-send nobody gets it',
      defines,
      global: [cookie],
      says: is3561,
      gets: undefined,
    },
    {
      title: 'another vendor',
      defines,
      global: [always],
      says: { 124: block(9, '') },
      gets: undefined,
    },
    { title: 'configured by itself, empty', global: [carrier], gets: '00000de900' },
    {
      title: 'configured, with what is always sent',
      defines,
      global: [carrier, always],
      gets: '00000de9050103616263',
    },
    {
      title: 'cable modems ask for theirs',
      global: [{ name: 'tftp-servers', space: 'vendor-4491', data: '192.0.2.1' }],
      says: { 125: block(4491, '\x01\x01\x02') },
      gets: '0000118b060204c0000201',
    },
    {
      title: 'raw',
      global: [{ code: 125, 'csv-format': false, data: '00000de9050103616263' }],
      gets: '00000de9050103616263',
    },
  ]
  for (const row of rows) t.equal(offered(row, 125), row.gets, row.title)
  const vendorClass: Row = {
    title: '',
    global: [{ name: 'vivco-suboptions', data: '4491, 03616263' }],
    gets: '',
  }
  t.equal(offered(vendorClass, 124), '0000118b03616263')
})

t.test('option 122: provisioning of cable telephones', async (t) => {
  const space = 'cablelabs-client-conf'
  const global: Data[] = [
    { name: 'cablelabs-client-conf' },
    { name: 'tsp-primary-server', space, data: '192.0.2.1' },
    { name: 'tsp-realm', space, data: 'A.example' },
  ]
  const gets = `0104c0000201060b${hexFromOctets('\x01a\x07example\0')}`
  t.equal(offered({ title: '', global, gets }, 122), gets)
  t.equal(hex(gets).length, 19)
})
