// Options and fields that clients get by their classes, from the document to the bytes.

import t, { type Test } from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { block } from '../../lib/wire/options/enterprises.ts'
import {
  client,
  documentWith,
  hex,
  INFORM,
  ip,
  NAK,
  type Options,
  REQUEST,
  type Reply,
  requestList,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const HW1 = '02:00:5e:10:00:01'
const opt = (name: string, data: string, more = {}) => ({ name, data, ...more })
const ntp = (data: string, more = {}) => opt('ntp-servers', data, more)
const www = (data: string, more = {}) => opt('www-server', data, more)
const smtp = (data: string, more = {}) => opt('smtp-server', data, more)
const sometimes = (name: string, prefix: string, more = {}) => ({
  name,
  test: `substring(option[60].hex,0,${prefix.length}) == '${prefix}'`,
  ...more,
})
const whole = (classes: readonly object[], subnet: object = {}, global: object = {}) =>
  documentWith(
    subnet as Record<string, unknown>,
    {
      'client-classes': classes,
      ...global,
    } as Partial<Dhcp4Document>,
  )

/** The value of an address option as text, undefined where it is absent. */
function addressIn({ message }: Reply, code: number): string | undefined {
  const octets = message.octets(code)
  return octets && [...octets].map((octet) => octet.charCodeAt(0)).join('.')
}

interface Row {
  readonly title: string
  readonly document: Dhcp4Document
  /** Options of the DISCOVER. */
  readonly says?: Options
  /** Address options of the OFFER. */
  readonly gets: Readonly<Record<number, string | undefined>>
}

function check(t: Test, rows: readonly Row[]): void {
  for (const { title, document, says = {}, gets } of rows) {
    const offer = new TestServer(document).discover(client(1), says)
    for (const [code, value] of Object.entries(gets))
      t.equal(addressIn(offer, Number(code)), value, `${title}: option ${code}`)
  }
}

const ALWAYS = { 'always-send': true }
const NEVER = { 'never-send': true }

t.test('two classes, a subnet and the global level each say something', async (t) => {
  const c1 = { name: 'c1', test: 'option[60].exists', 'option-data': [ntp('192.0.2.101')] }
  const c2 = {
    name: 'c2',
    test: 'option[60].exists',
    'option-data': [ntp('192.0.2.102'), smtp('192.0.2.102')],
  }
  const document = whole(
    [
      { ...c1, 'boot-file-name': 'c1' },
      { ...c2, 'next-server': '192.0.2.99' },
    ],
    {
      'option-data': [smtp('192.0.2.107')],
      'boot-file-name': 'sub',
      'server-hostname': 'subhost',
    },
    { 'option-data': [ntp('192.0.2.108')] },
  )
  const offer = new TestServer(document).discover(client(1), { 60: 'x', ...requestList(42, 69) })
  t.equal(addressIn(offer, 42), '192.0.2.101')
  t.equal(addressIn(offer, 69), '192.0.2.107')
  const text = Buffer.from(offer.bytes).toString('latin1')
  t.equal(text.slice(108, 236).replace(/\0+$/, ''), 'c1', 'file')
  t.equal(text.slice(44, 108).replace(/\0+$/, ''), 'subhost', 'sname')
  t.equal(offer.message.siaddr, ip('192.0.2.99'), 'siaddr')
})

t.test(
  'the boot file of a class: the field goes before the subnet, option 67 behind it',
  async (t) => {
    const boot = {
      'boot-file-name': 'class.efi',
      'option-data': [opt('boot-file-name', 'class67')],
    }
    const own = {
      'boot-file-name': 'subnet.efi',
      'option-data': [opt('boot-file-name', 'subnet67')],
    }
    const document = whole([sometimes('pxe', 'PXEClient', boot)], own)
    const says = { 60: 'PXEClient:Arch:00007', ...requestList(67) }
    const offer = new TestServer(document).discover(client(1), says)
    t.equal(offer.message.octets(67), 'subnet67')
    t.match(Buffer.from(offer.bytes.subarray(108, 236)).toString('latin1'), /^class\.efi\0/)
  },
)

t.test('the order of classes: ALL, reservation, first pass, KNOWN', async (t) => {
  const own = (name: string, data: string, test?: string) => ({
    name,
    ...(test === undefined ? {} : { test }),
    'option-data': [ntp(data)],
  })
  const sent = own('sent', '192.0.2.11', 'option[60].exists')
  const known = own('KNOWN', '192.0.2.12')
  const all = own('ALL', '192.0.2.13')
  const reserved = own('r1', '192.0.2.14')
  const host = { 'hw-address': HW1, 'client-classes': ['r1'] }
  const bare = { reservations: [{ 'hw-address': HW1 }] }
  const says = { 60: 'x', ...requestList(42) }
  check(t, [
    { title: 'first pass', document: whole([known, sent], bare), says, gets: { 42: '192.0.2.11' } },
    {
      title: 'KNOWN',
      document: whole([known, sent], bare),
      says: requestList(42),
      gets: { 42: '192.0.2.12' },
    },
    { title: 'ALL', document: whole([sent, known, all], bare), says, gets: { 42: '192.0.2.13' } },
    {
      title: 'class of the reservation',
      document: whole([sent, known, reserved], { reservations: [host] }),
      says,
      gets: { 42: '192.0.2.14' },
    },
    {
      title: 'the reservation itself',
      document: whole([sent, known, reserved], {
        reservations: [{ ...host, 'option-data': [ntp('192.0.2.15')] }],
      }),
      says,
      gets: { 42: '192.0.2.15' },
    },
  ])
})

t.test('always-send and never-send of a class', async (t) => {
  const subnet = { 'option-data': [ntp('192.0.2.1')] }
  const says = { 60: 'x' }
  const one = (...options: object[]) => [
    { name: 'c', test: 'option[60].exists', 'option-data': options },
  ]
  check(t, [
    {
      title: "the subnet's value goes out unasked",
      document: whole(one(ntp('192.0.2.2', ALWAYS)), subnet),
      says,
      gets: { 42: '192.0.2.1' },
    },
    {
      title: 'not to clients of other classes',
      document: whole(one(ntp('192.0.2.2', ALWAYS)), subnet),
      gets: { 42: undefined },
    },
    {
      title: 'never-send wins over the subnet',
      document: whole(one({ name: 'ntp-servers', ...NEVER }), {
        'option-data': [ntp('192.0.2.1', ALWAYS)],
      }),
      says: { ...says, ...requestList(42) },
      gets: { 42: undefined },
    },
    {
      title: 'routers with never-send are not sent, not even empty',
      document: whole(one({ name: 'routers', ...NEVER })),
      says: { ...says, ...requestList(3) },
      gets: { 3: undefined },
    },
  ])
})

t.test('option-data with client-classes', async (t) => {
  const classes = [sometimes('phones', 'Phone'), { name: 'KNOWN' }]
  const tagged = [
    ntp('192.0.2.1'),
    ntp('192.0.2.2', { 'client-classes': ['phones'] }),
    ntp('192.0.2.3', { 'client-classes': ['phones', 'KNOWN'] }),
  ]
  const document = whole(classes, { 'option-data': tagged })
  const says = requestList(42)
  check(t, [
    { title: 'others', document, says, gets: { 42: '192.0.2.1' } },
    { title: 'phones', document, says: { ...says, 60: 'Phone 7' }, gets: { 42: '192.0.2.2' } },
    {
      title: 'KNOWN',
      document: whole(classes, { 'option-data': tagged, reservations: [{ 'hw-address': HW1 }] }),
      says,
      gets: { 42: '192.0.2.3' },
    },
    {
      title: 'none is for the client: the global level',
      document: whole(
        classes,
        { 'option-data': [www('192.0.2.4', { 'client-classes': ['phones'] })] },
        { 'option-data': [www('192.0.2.5')] },
      ),
      says: requestList(72),
      gets: { 72: '192.0.2.5' },
    },
  ])
})

t.test('INFORM and NAK by class', async (t) => {
  const own = [ntp('192.0.2.1'), opt('dhcp-server-identifier', '192.0.2.77')]
  const document = whole([sometimes('c', 'x', { 'option-data': own })])
  const server = new TestServer(document)
  const inform = server.reply(INFORM, client(1, { ciaddr: ip('192.0.2.80') }), {
    60: 'x',
    ...requestList(42),
  })
  t.equal(addressIn(inform, 42), '192.0.2.1')
  t.equal(inform.message.uint(54), ip('192.0.2.77'))
  const nak = server.reply(REQUEST, client(1), {
    60: 'x',
    50: 'xxxx',
    54: uint32(ip('192.0.2.77')),
  })
  t.equal(nak.type, NAK)
  t.equal(nak.message.uint(54), ip('192.0.2.77'), 'the server that the client chose')
  t.same(nak.codes, [53, 54, 56])
  const other = server.reply(REQUEST, client(2), { 50: 'xxxx', 54: uint32(SERVER) })
  t.equal(other.message.uint(54), SERVER)
})

t.test('option 43', async (t) => {
  const def = (name: string, code: number, space: string, type: string, more = {}) => ({
    name,
    code,
    space,
    type,
    ...more,
  })
  const says = (vendor: string) => ({ 60: vendor, ...requestList(43) })
  t.test('RFC 2132 §8.4: one vendor for all', async (t) => {
    const space = 'vendor-encapsulated-options-space'
    const document = whole(
      [],
      {},
      {
        'option-def': [def('controller', 1, space, 'ipv4-address'), def('mode', 2, space, 'uint8')],
        'option-data': [
          { name: 'vendor-encapsulated-options' },
          { ...opt('controller', '192.0.2.9'), space },
          { ...opt('mode', '7'), space },
        ],
      },
    )
    const offer = new TestServer(document).discover(client(1), says('any'))
    t.equal(offer.message.octets(43), hex('0104c0000209020107'))
  })
  t.test('of each vendor its own, by class', async (t) => {
    const vendor = (name: string, prefix: string, space: string, data: object[]) =>
      sometimes(name, prefix, {
        'option-def': [
          def('vendor-encapsulated-options', 43, 'dhcp4', 'empty', { encapsulate: space }),
        ],
        'option-data': [{ name: 'vendor-encapsulated-options' }, ...data],
      })
    const ubnt = vendor('ubnt', 'ubnt', 'ubnt', [
      { name: 'controllers', space: 'ubnt', data: '10.0.0.1, 10.0.0.2' },
    ])
    const cisco = vendor('cisco', 'Cisco AP', 'cisco', [
      { name: 'wlcs', space: 'cisco', data: '10.0.0.3' },
    ])
    const document = whole(
      [ubnt, cisco],
      {},
      {
        'option-def': [
          def('controllers', 241, 'ubnt', 'ipv4-address', { array: true }),
          def('wlcs', 241, 'cisco', 'ipv4-address', { array: true }),
        ],
      },
    )
    const server = new TestServer(document)
    const of = (vendor: string) => server.discover(client(1), says(vendor)).message.octets(43)
    t.equal(of('ubnt'), hex('f1080a0000010a000002'))
    t.equal(of('Cisco AP c1140'), hex('f1040a000003'))
    t.equal(of('others'), undefined)
  })
  t.test('raw bytes, in a class and elsewhere', async (t) => {
    const raw = { code: 43, 'csv-format': false, data: '0104C0000201' }
    const binary = def('vendor-encapsulated-options', 43, 'dhcp4', 'binary')
    const document = whole(
      [
        sometimes('own', 'own', {
          'option-def': [binary],
          'option-data': [{ code: 43, data: '01020304' }],
        }),
      ],
      {},
      { 'option-data': [raw] },
    )
    const server = new TestServer(document)
    const of = (vendor: string) => server.discover(client(1), says(vendor)).message.octets(43)
    t.equal(of('own'), hex('01020304'))
    t.equal(of('others'), hex('0104c0000201'))
  })
})

t.test('RFC 3925: options 124 and 125 of the document', async (t) => {
  const def = { name: 'foo', code: 1, space: 'vendor-3561', type: 'string' }
  const sub = (more = {}) => ({ ...opt('foo', 'bar'), space: 'vendor-3561', ...more })
  const carrier = opt('vivso-suboptions', '3561')
  const given = (...options: object[]) =>
    new TestServer(whole([], {}, { 'option-def': [def], 'option-data': options }))
  const names = { 125: block(3561, '\x01\x01x') }
  t.test('sub-options with always-send go to who names the enterprise', async (t) => {
    const { message } = given(sub(ALWAYS)).discover(client(1), names)
    t.equal(message.octets(125), block(3561, '\x01\x03bar'))
    t.notOk(given(sub(ALWAYS)).discover(client(1), requestList(125)).message.has(125))
  })
  t.test('without always-send nothing is sent', async (t) => {
    t.notOk(
      given(sub())
        .discover(client(1), { ...names, ...requestList(125) })
        .message.has(125),
    )
  })
  t.test('a configured option 125 goes out to who asks for it, be it empty', async (t) => {
    const { message } = given(carrier).discover(client(1), requestList(125))
    t.equal(message.octets(125), hex('00000de900'))
  })
  t.test('option 124', async (t) => {
    const vivco = { ...opt('vivco-suboptions', '4491, 03616263') }
    const { message } = given(vivco).discover(client(1), requestList(124))
    t.equal(message.octets(124), hex('0000118b03616263'))
  })
})
