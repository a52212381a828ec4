// CONFIRM (RFC 9915 §18.3.3): does the client's link have its addresses? And INFORMATION-REQUEST
// (§18.3.6): options for whoever asks.

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { STATUS6 } from '../../lib/wire/v6/codes.ts'
import {
  CONFIRM,
  clientId,
  hex,
  INFORMATION,
  iaNa,
  iaPd,
  ON_LINK,
  oro,
  SOLICIT,
  uint32,
} from './messages6.ts'
import { DOCUMENT6, documentWith, kindOf, statusName, TestServer6 } from './test-server6.ts'

const NETWORK: Dhcp6Document = {
  ...DOCUMENT6,
  subnet6: [],
  'client-classes': [{ name: 'nobody', test: "'a' == 'b'" }],
  'shared-networks': [
    {
      name: 'hall',
      interface: 'eth0',
      subnet6: [
        { id: 1, subnet: '2001:db8:1::/64' },
        { id: 2, subnet: '2001:db8:2::/64', 'client-classes': ['nobody'] },
      ],
    },
  ],
}

const ELSEWHERE = { link: { ...ON_LINK.link, name: 'eth7', addresses: [] } }

interface Row {
  readonly name: string
  readonly document?: Dhcp6Document
  readonly ias: readonly (readonly [number, string])[]
  readonly arrival?: object
  readonly is: string
}

const ROWS: readonly Row[] = [
  { name: 'no IA at all', ias: [], is: 'no-address-named' },
  { name: 'an IA_NA that names nothing', ias: [iaNa(1)], is: 'no-address-named' },
  {
    name: 'a client with a prefix only',
    ias: [iaPd(1, '2001:db8:8000::/56')],
    is: 'no-address-named',
  },
  { name: 'its address is in the subnet', ias: [iaNa(1, '2001:db8:1::10')], is: 'success' },
  { name: 'outside of the pools', ias: [iaNa(1, '2001:db8:1::ffff')], is: 'success' },
  { name: 'of another link', ias: [iaNa(1, '2001:db8:9::10')], is: 'notOnLink' },
  {
    name: 'one of two is of another link',
    ias: [iaNa(1, '2001:db8:1::10', '2001:db8:9::10')],
    is: 'notOnLink',
  },
  {
    name: 'one of two IAs is of another link',
    ias: [iaNa(1, '2001:db8:1::10'), iaNa(2, '2001:db8:9::10')],
    is: 'notOnLink',
  },
  {
    name: 'a prefix beside it is not judged',
    ias: [iaNa(1, '2001:db8:1::10'), iaPd(1, '2001:db9::/56')],
    is: 'success',
  },
  {
    name: 'a subnet beside it on the link, though it is for others',
    document: NETWORK,
    ias: [iaNa(1, '2001:db8:2::10')],
    is: 'success',
  },
  {
    name: 'an unknown link',
    ias: [iaNa(1, '2001:db8:1::10')],
    arrival: ELSEWHERE,
    is: 'no-subnet',
  },
]

t.test('CONFIRM: only the link is judged', async (t) => {
  for (const { name, document, ias, arrival, is } of ROWS) {
    const server = new TestServer6(document)
    const reply = server.send(CONFIRM, [clientId(), ...ias] as never, [], arrival)
    t.equal(typeof reply === 'string' ? reply : statusName(reply.status), is, name)
    if (typeof reply === 'string') continue
    t.same(reply.ias, [], 'the answer has no IAs')
  }
})

t.test('CONFIRM: an address that somebody else has fits the link', async (t) => {
  const server = new TestServer6()
  server.give('2001:db8:1::10', 2)
  const reply = server.reply(CONFIRM, [clientId(), iaNa(1, '2001:db8:1::10')])
  t.equal(reply.status, STATUS6.success)
  t.match(server.outcome, { refusal: '', changes: [] })
})

t.test('CONFIRM in a pair: nothing is denied that the partner may know of', async (t) => {
  let isKnown = false
  const server = new TestServer6(undefined, { isPartnerConfigKnown: () => isKnown })
  const sent = (address: string) => server.send(CONFIRM, [clientId(), iaNa(1, address)])
  t.equal(sent('2001:db8:9::10'), 'link-in-doubt')
  t.equal(kindOf(sent('2001:db8:1::10')), 'reply', 'what fits, fits')
  isKnown = true
  t.equal(kindOf(sent('2001:db8:9::10')), 'reply')
  t.match(server.outcome, { refusal: /not on this link/ })
})

const OPTIONS: Dhcp6Document = documentWith(
  { 'option-data': [{ name: 'dns-servers', data: '2001:db8::53' }] },
  {
    'option-data': [
      { name: 'domain-search', data: 'example.org' },
      { name: 'information-refresh-time', data: '1200' },
      { name: 'preference', data: '7' },
      { name: 'solmax-rt', data: '3600' },
      { name: 'inf-max-rt', data: '7200' },
    ],
  },
)
const ALL = oro(23, 24, 32, 7, 82, 83)

t.test('options: what each message has of what the client asks for', async (t) => {
  const codes = (type: number, ...options: (readonly [number, string])[]) =>
    new TestServer6(OPTIONS).reply(type, options as never).codes
  const NA = iaNa(1, '2001:db8:1::10')
  t.same(codes(SOLICIT, clientId(), NA, ALL), [1, 2, 3, 7, 23, 24, 82], 'ADVERTISE')
  t.same(codes(SOLICIT, clientId(), NA), [1, 2, 3, 7], 'a preference is sent unasked')
  t.same(codes(CONFIRM, clientId(), NA, ALL), [1, 2, 13, 23, 24, 82, 83], 'REPLY')
  t.same(codes(INFORMATION, clientId(), ALL), [1, 2, 23, 24, 32, 82, 83])
  t.same(codes(INFORMATION, ALL), [2, 23, 24, 32, 82, 83], 'a client without a DUID')
  t.same(codes(INFORMATION), [2], 'who asks for nothing')
})

t.test('INFORMATION-REQUEST: global options where no subnet fits', async (t) => {
  const reply = new TestServer6(OPTIONS).reply(INFORMATION, [ALL], [], ELSEWHERE)
  t.same(reply.codes, [2, 24, 32, 82, 83])
  t.equal(reply.message.option(32), uint32(1200))
})

t.test('INFORMATION-REQUEST: options of a reservation, by DUID or hardware address', async (t) => {
  const reservations = [
    {
      duid: '00:03:00:01:02:00:5e:10:00:01',
      'option-data': [{ name: 'dns-servers', data: '2001:db8::1' }],
    },
    {
      'hw-address': '52:54:00:12:34:56',
      'option-data': [{ name: 'dns-servers', data: '2001:db8::2' }],
    },
  ]
  const server = new TestServer6(documentWith({ reservations }))
  const dns = (options: readonly (readonly [number, string])[], arrival = {}) =>
    server.reply(INFORMATION, [...options, oro(23)] as never, [], arrival).message.option(23)
  t.equal(dns([clientId(1)]), hex('20010db8000000000000000000000001'))
  const vm = { address: hex('fe80000000000000' + '505400fffe123456') }
  t.equal(dns([], vm), hex('20010db8000000000000000000000002'))
  t.equal(dns([]), undefined)
})

t.test('INFORMATION-REQUEST stores nothing, in a pair both servers answer', async (t) => {
  const server = new TestServer6().pair(0, { kind: 'none' })
  t.equal(kindOf(server.send(INFORMATION, [])), 'reply')
  t.match(server.outcome, { changes: [], wanted: [] })
})
