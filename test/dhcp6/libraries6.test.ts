// What Kea's libraries do in DHCPv6: options computed from the query, rates of messages, clients
// known by an expression; and what a document gives in bytes.

import t from 'tap'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { duidOf } from '../../lib/leases/binding.ts'
import {
  clientId,
  duid,
  type Hop,
  INFORMATION,
  iaNa,
  iaPd,
  oro,
  RELEASE,
  REQUEST,
  SOLICIT,
  serverId,
} from './messages6.ts'
import { DOCUMENT6, type Reply6, SUBNET, TestServer6 } from './test-server6.ts'

function library(name: string, parameters: Record<string, unknown> = {}): Dhcp6Document {
  return { 'hooks-libraries': [{ library: `/opt/libdhcp_${name}.so`, parameters }] }
}

/** `code=hex` of all options of a reply but identifiers and IAs. */
function said({ codes, message }: Reply6): string[] {
  const own = [...new Set(codes)].filter((code) => ![1, 2, 3, 25].includes(code))
  return own.flatMap((code) => message.all(code).map((data) => `${code}=${hexFromOctets(data)}`))
}

const DNS = { name: 'dns-servers', data: '2001:db8::53' }
const DNS_HEX = '20010db8000000000000000000000053'

t.test('libdhcp_flex_option: options of a reply are added, replaced and taken out', async (t) => {
  const rows: [title: string, options: object[], gets: string[]][] = [
    ['nothing is said', [], [`23=${DNS_HEX}`]],
    ['added', [{ code: 59, add: "'http'" }], [`23=${DNS_HEX}`, '59=68747470']],
    ['not added, since it is there', [{ code: 23, add: "'http'" }], [`23=${DNS_HEX}`]],
    ['replaced', [{ code: 23, supersede: '2001:db8::9' }], [`23=20010db8${'0'.repeat(23)}9`]],
    ['an empty value does nothing', [{ code: 23, supersede: 'option[99].hex' }], [`23=${DNS_HEX}`]],
    ['taken out', [{ name: 'dns-servers', remove: 'option[1].exists' }], []],
    [
      'as text',
      [{ name: 'bootfile-param', add: "'a,b'", 'csv-format': true }],
      [`23=${DNS_HEX}`, '60=000161000162'],
    ],
    [
      'a sub-option, in an option that is made for it',
      [{ code: 94, 'sub-options': [{ code: 90, add: '2001:db8::1' }] }],
      [`23=${DNS_HEX}`, `94=005a001020010db8${'0'.repeat(23)}1`],
    ],
    [
      'a sub-option of an enterprise (vendor-opts)',
      [{ code: 17, 'sub-options': [{ code: 9, space: 'vendor-25506', add: "'x'" }] }],
      ['17=000063a20009000178', `23=${DNS_HEX}`],
    ],
    [
      'beside another enterprise, each in an instance of its own',
      [
        {
          code: 17,
          'sub-options': [
            { code: 9, space: 'vendor-25506', add: "'x'" },
            { code: 9, space: 'vendor-311', add: "'y'" },
            { code: 9, space: 'vendor-25506', remove: 'option[1].exists' },
          ],
        },
      ],
      ['17=000001370009000179', `23=${DNS_HEX}`],
    ],
    [
      'what has no value leaves what follows undone',
      [
        { code: 59, add: "'http'" },
        { code: 60, add: "addrtotext('a')" },
        { code: 61, add: "'x'" },
      ],
      [`23=${DNS_HEX}`, '59=68747470'],
    ],
    ['of another class', [{ code: 59, add: "'x'", 'client-class': 'none' }], [`23=${DNS_HEX}`]],
  ]
  for (const [title, options, gets] of rows) {
    const flex = options.length === 0 ? {} : library('flex_option', { options })
    const server = new TestServer6({ ...DOCUMENT6, ...flex, 'option-data': [DNS] })
    const reply = server.reply(SOLICIT, [clientId(), iaNa(1), oro(23)])
    t.strictSame(said(reply), gets, title)
    t.equal(reply.ias[0]?.leases.length, 1, title)
  }
})

t.test('libdhcp_flex_option: behind relays, and in answers without leases', async (t) => {
  const options = [{ code: 59, add: 'relay6[0].option[18].hex' }]
  const server = new TestServer6({ ...DOCUMENT6, ...library('flex_option', { options }) })
  const hop: Hop = { link: '2001:db8:1::1', options: [[18, 'port7']] }
  t.match(said(server.reply(INFORMATION, [clientId(), oro(23)], [hop])), ['59=706f727437'])
  t.strictSame(said(server.reply(INFORMATION, [clientId(), oro(23)])), [])
})

t.test(
  'libdhcp_limits: of a class and of a subnet so many messages are taken in a time',
  async (t) => {
    const limits = (rate: string) => ({ 'user-context': { limits: { 'rate-limit': rate } } })
    const ofSubnet = new TestServer6({
      ...DOCUMENT6,
      ...library('limits'),
      subnet6: [{ ...SUBNET, ...limits('2 packets per second') }],
    })
    const ask = (server: TestServer6, type: number) => {
      const ids = type === SOLICIT ? [clientId()] : [clientId(), serverId()]
      const reply = server.send(type, [...ids, iaNa(1, '2001:db8:1::10')])
      return typeof reply === 'string' ? reply : 'answered'
    }
    t.strictSame(
      [SOLICIT, REQUEST, SOLICIT, RELEASE].map((type) => ask(ofSubnet, type)),
      ['answered', 'answered', 'rate-limit', 'answered'],
      'what ends leases is always taken',
    )
    ofSubnet.now += 1001
    t.equal(ask(ofSubnet, SOLICIT), 'answered')
    const ofClass = new TestServer6({
      ...DOCUMENT6,
      ...library('limits'),
      'client-classes': [
        { name: 'ones', test: 'pkt6.msgtype == 1', ...limits('1 packet per minute') },
      ],
    })
    t.strictSame(
      [SOLICIT, SOLICIT, REQUEST].map((type) => ask(ofClass, type)),
      ['answered', 'rate-limit', 'answered'],
    )
  },
)

t.test('libdhcp_flex_id: a client is known by what its relay says', async (t) => {
  const server = new TestServer6({
    ...DOCUMENT6,
    ...library('flex_id', { 'identifier-expression': 'relay6[0].option[18].hex' }),
    'host-reservation-identifiers': ['flex-id', 'duid'],
    subnet6: [
      {
        ...SUBNET,
        reservations: [
          {
            'flex-id': "'port7'",
            'ip-addresses': ['2001:db8:1::99'],
            prefixes: ['2001:db8:9000::/48'],
            'option-data': [DNS],
          },
        ],
      },
    ],
  })
  const hop = (port: string): Hop => ({ link: '2001:db8:1::1', options: [[18, port]] })
  const ask = (port: string) =>
    server.reply(SOLICIT, [clientId(), iaNa(1), iaPd(1), oro(23)], [hop(port)])
  t.match(ask('port7').ias, [
    { leases: ['2001:db8:1::99 3000/4000'] },
    { leases: ['2001:db8:9000::/48 3000/4000'] },
  ])
  t.notMatch(ask('port8').ias, [{ leases: ['2001:db8:1::99 3000/4000'] }])
})

t.test('libdhcp_flex_id: replace-client-id, leases are of the port of the relay', async (t) => {
  const words = { 'identifier-expression': 'relay6[0].option[18].hex', 'replace-client-id': true }
  const hop = (port: string): Hop => ({ link: '2001:db8:1::1', options: [[18, port]] })
  for (const ignores of [false, true]) {
    const flex = library('flex_id', { ...words, 'ignore-iaid': ignores })
    const server = new TestServer6({ ...DOCUMENT6, ...flex })
    const get = (number: number, iaid: number, port: string) => {
      const options = [clientId(number), serverId(), iaNa(iaid), iaPd(iaid)]
      const reply = server.reply(REQUEST, options, [hop(port)])
      t.equal(reply.message.clientId, duid(number), 'it gets its own back')
      t.same([...new Set(reply.ias.map((ia) => ia.iaid))], [iaid])
      return reply.ias.flatMap(({ leases }) => leases)
    }
    const first = get(1, 1, 'port7')
    t.strictSame(get(2, 1, 'port7'), first, 'another device there has the same')
    t.notSame(get(2, 1, 'port8'), first)
    t.equal(`${get(3, 9, 'port7')}` === `${first}`, ignores, 'whatever its IAID')
    const [row] = [...server.table.walk('leases').next(1)]
    t.equal(duidOf(row!), '\0\0port7')
    const named = [clientId(4), serverId(), iaNa(1, '2001:db8:1::10')]
    server.advance(20)
    server.reply(RELEASE, named, [hop('port8')])
    t.equal(server.table.byAddress(row!.address)?.state, 0, 'nobody else gives it back')
  }
  t.comment('two IAs of a kind are told apart')
  const flex = library('flex_id', { ...words, 'ignore-iaid': true })
  const server = new TestServer6({ ...DOCUMENT6, ...flex })
  const both = server.reply(REQUEST, [clientId(), serverId(), iaNa(1), iaNa(2)], [hop('p')])
  t.equal(new Set(both.ias.flatMap(({ leases }) => leases)).size, 2)
})

t.test('options of a document in bytes: servers, resolvers, softwires, enterprises', async (t) => {
  const ntp = 'v6-ntp-server-suboptions'
  const lw = 's46-cont-lw-options'
  const server = new TestServer6({
    ...DOCUMENT6,
    'option-data': [
      { name: 'ntp-server' },
      { name: 'ntp-server-address', space: ntp, data: '2001:db8::1' },
      { name: 'ntp-server-fqdn', space: ntp, data: 'a.b' },
      { name: 'v6-dnr', data: '1, a., 2001:db8::1, alpn=dot | 2, b.' },
      { name: 's46-cont-lw' },
      { name: 's46-br', space: lw, data: '2001:db8::1' },
      { name: 's46-v4v6bind', space: lw, data: '192.0.2.1, 2001:db8:1::/48' },
      { name: 's46-portparams', space: 's46-v4v6bind-options', data: '0, 3/4' },
      { name: 'v6-captive-portal', data: 'https://p.example' },
      { code: 2, space: 'vendor-3561', data: 'acs', 'csv-format': true },
    ],
    'option-def': [{ name: 'url', code: 2, space: 'vendor-3561', type: 'string' }],
  })
  const one = '20010db8000000000000000000000001'
  const reply = server.reply(SOLICIT, [clientId(), iaPd(1), oro(56, 96, 103, 144)])
  t.strictSame(said(reply), [
    `56=00010010${one}`,
    '56=000300050161016200',
    `96=005a0010${one}005c0013c00002013020010db80001005d000400043000`,
    '103=68747470733a2f2f702e6578616d706c65',
    `144=000100030161000010${one}0001000403646f74`,
    '144=00020003016200',
  ])
})

t.test('what a client without leases asks for: reservations and the global level', async (t) => {
  const server = new TestServer6({
    ...DOCUMENT6,
    'option-data': [DNS, { name: 'information-refresh-time', data: '3600' }],
    subnet6: [
      {
        ...SUBNET,
        reservations: [
          {
            duid: '00:03:00:01:02:00:5e:10:00:01',
            'option-data': [{ name: 'domain-search', data: 'a.b' }],
          },
        ],
      },
    ],
  })
  t.strictSame(said(server.reply(INFORMATION, [clientId(1), oro(23, 24, 32)])), [
    `23=${DNS_HEX}`,
    '24=0161016200',
    '32=00000e10',
  ])
  t.strictSame(said(server.reply(INFORMATION, [oro(23, 24, 32)])), [`23=${DNS_HEX}`, '32=00000e10'])
})
