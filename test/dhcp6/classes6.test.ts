// Classes of clients of DHCPv6, as more becomes known of a client; and the options that they and
// several pools give.

import t from 'tap'
import type { ClassDocument6, Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { OPTION6, STATUS6 } from '../../lib/wire/v6/codes.ts'
import { type OptionPair6, octetsFromOptions6 } from '../../lib/wire/v6/octets6.ts'
import {
  clientId,
  type Hop,
  INFORMATION,
  iaNa,
  iaPd,
  ip6,
  oro,
  REQUEST,
  SOLICIT,
  serverId,
  uint16,
  uint32,
} from './messages6.ts'
import { DOCUMENT6, documentWith, kindOf, leasesOf, SUBNET, TestServer6 } from './test-server6.ts'

const HOPS: readonly Hop[] = [
  { hopCount: 1, link: '2001:db8:1::2', peer: 'fe80::b', options: [[18, 'outer']] },
  {
    link: '::',
    peer: 'fe80::a',
    options: [
      [18, 'inner'],
      [37, `${uint32(9)}line 7`],
    ],
  },
]
const text = (value: string) => uint16(value.length) + value
const VENDOR: readonly OptionPair6[] = [
  [OPTION6.vendorClass, uint32(311) + text('MSFT 5.0') + text('second')],
  [OPTION6.vendorOptions, uint32(4491) + octetsFromOptions6([[2, 'ECM']])],
  [OPTION6.userClass, text('lab')],
]

/** What an expression says of one message. */
const TESTS: readonly (readonly [test: string, isTrue: boolean])[] = [
  ['pkt6.msgtype == 1', true],
  ['pkt6.transid == 0x00616263', true],
  ["pkt.iface == 'eth0'", true],
  ['pkt.src == 2001:db8:ffff::9', true],
  ['pkt.dst == ff02::1:2', true],
  ['option[15].hex == 0x00036c6162', true],
  ['substring(option[1].hex, 0, 2) == 0x0003', true],
  ['option[25].exists', false],
  ['option[3].option[5].exists', true],
  ['substring(option[3].option[5].hex, 0, 16) == 2001:db8:1::7', true],
  ['option[3].option[5].option[13].exists', false],
  ['option[ia-na].option[iaaddr].exists', true],
  ["relay6[0].option[18].hex == 'outer'", true],
  ["relay6[1].option[18].hex == 'inner'", true],
  ["relay6[-1].option[18].hex == 'inner'", true],
  ['relay6[2].option[18].exists', false],
  ['relay6[0].linkaddr == 2001:db8:1::2', true],
  ['relay6[-1].peeraddr == fe80::a', true],
  ["substring(relay6[-1].option[37].hex, 4, all) == 'line 7'", true],
  ['vendor[4491].exists', true],
  ['vendor[9].exists', false],
  ['vendor[*].exists', true],
  ['vendor.enterprise == 4491', true],
  ["vendor[4491].option[2].hex == 'ECM'", true],
  ['vendor[4491].option[3].exists', false],
  ['vendor-class.enterprise == 311', true],
  ["vendor-class[311].data == 'MSFT 5.0'", true],
  ["vendor-class[311].data[1] == 'second'", true],
  ['vendor-class[4491].exists', false],
  ["member('VENDOR_CLASS_MSFT 5.0')", true],
  ["member('VENDOR_CLASS_second')", false],
  ["member('ALL')", true],
]

/** Names of the classes that the client was in at the end, of those of the document. */
function classesOf(server: TestServer6): string[] {
  const { classes, plan } = server.engine.trace
  return plan.classes.definitions
    .filter(({ number }) => classes.has(number))
    .map(({ name }) => name)
}

const withClasses = (classes: readonly ClassDocument6[], more: Partial<Dhcp6Document> = {}) =>
  documentWith({}, { 'client-classes': classes, ...more })

t.test('what expressions may ask of a message', async (t) => {
  const classes = TESTS.map(([test], index) => ({ name: `test-${index}`, test }))
  const server = new TestServer6(withClasses(classes))
  const from = { address: ip6('2001:db8:ffff::9') }
  server.reply(SOLICIT, [clientId(), iaNa(1, '2001:db8:1::7'), ...VENDOR], HOPS, from)
  const members = classesOf(server)
  for (const [index, [test, isTrue]] of TESTS.entries())
    t.equal(members.includes(`test-${index}`), isTrue, test)
})

t.test('VENDOR_CLASS_: of a cable modem what DOCSIS calls it, wherever that stands', async (t) => {
  const names = ['docsis3.0', 'eRouter1.0', 'first']
  const classes = names.map((name) => ({ name: `VENDOR_CLASS_${name}` }))
  const of = (...texts: string[]) => {
    const server = new TestServer6(withClasses(classes))
    const value = uint32(4491) + texts.map(text).join('')
    server.reply(SOLICIT, [clientId(), iaNa(1), [OPTION6.vendorClass, value]])
    return classesOf(server)
  }
  t.same(of('first', 'docsis3.0'), ['VENDOR_CLASS_docsis3.0'])
  t.same(of('first', 'eRouter1.0'), ['VENDOR_CLASS_eRouter1.0'])
  t.same(of('first', 'second'), ['VENDOR_CLASS_first'])
  t.same(of(), [])
})

t.test('KNOWN, UNKNOWN, and classes of a reservation', async (t) => {
  const document = documentWith(
    { reservations: [{ duid: '00:03:00:01:02:00:5e:10:00:01', 'client-classes': ['staff'] }] },
    {
      'client-classes': [
        { name: 'staff' },
        { name: 'guest', test: "member('UNKNOWN')" },
        { name: 'regular', test: "member('KNOWN') and member('staff')" },
      ],
    },
  )
  const server = new TestServer6(document)
  server.reply(SOLICIT, [clientId(1), iaNa(1)])
  t.same(classesOf(server), ['staff', 'regular'])
  server.reply(SOLICIT, [clientId(2), iaNa(1)])
  t.same(classesOf(server), ['guest'])
})

t.test('early global reservations steer the choice of the subnet', async (t) => {
  const pool = (net: number) => [{ pool: `2001:db8:${net}::10 - 2001:db8:${net}::19` }]
  const document: Dhcp6Document = {
    ...DOCUMENT6,
    'early-global-reservations-lookup': true,
    'client-classes': [{ name: 'staff' }],
    reservations: [{ duid: '00:03:00:01:02:00:5e:10:00:01', 'client-classes': ['staff'] }],
    subnet6: [
      {
        id: 1,
        subnet: '2001:db8:1::/64',
        interface: 'eth0',
        pools: pool(1),
        'client-classes': ['staff'],
      },
      { id: 2, subnet: '2001:db8:2::/64', interface: 'eth0', pools: pool(2) },
    ],
  }
  const offered = (number: number) =>
    leasesOf(new TestServer6(document).reply(SOLICIT, [clientId(number), iaNa(1)]))
  t.same(offered(1), ['2001:db8:1::10 3000/4000'])
  t.same(offered(2), ['2001:db8:2::10 3000/4000'])
})

t.test('DROP after the reservation is looked up', async (t) => {
  const reservations = [{ duid: '00:03:00:01:02:00:5e:10:00:01', 'client-classes': ['DROP'] }]
  const server = new TestServer6(
    documentWith({ reservations }, { 'client-classes': [{ name: 'DROP' }] }),
  )
  t.equal(server.send(SOLICIT, [clientId(1), iaNa(1)]), 'dropped-by-class')
  t.equal(server.send(INFORMATION, [clientId(1)]), 'dropped-by-class')
  t.equal(kindOf(server.send(SOLICIT, [clientId(2), iaNa(1)])), 'advertise')
})

t.test('REJECT: an answer without leases; options are given', async (t) => {
  const server = new TestServer6(withClasses([{ name: 'REJECT', test: 'option[15].exists' }]))
  const user: OptionPair6 = [OPTION6.userClass, text('lab')]
  const offer = server.reply(SOLICIT, [clientId(), iaNa(1), iaPd(1), user])
  t.same(
    offer.ias.map(({ status, leases }) => [status, leases.length]),
    [
      ['noAddrsAvail', 0],
      ['noPrefixAvail', 0],
    ],
  )
  t.equal(kindOf(server.send(INFORMATION, [user])), 'reply')
})

t.test('the guards of pools and pd-pools', async (t) => {
  const document = documentWith(
    {
      pools: [
        { pool: '2001:db8:1::10 - 2001:db8:1::19', 'client-classes': ['lab'] },
        { pool: '2001:db8:1::20 - 2001:db8:1::29' },
      ],
      'pd-pools': [{ ...SUBNET['pd-pools']![0]!, 'client-classes': ['lab'] }],
    },
    { 'client-classes': [{ name: 'lab', test: 'option[15].exists' }] },
  )
  const server = new TestServer6(document)
  const lab = server.reply(SOLICIT, [clientId(1), iaNa(1), iaPd(1), [15, text('lab')]])
  t.same(leasesOf(lab), ['2001:db8:1::10 3000/4000', '2001:db8:8000::/56 3000/4000'])
  const other = server.reply(SOLICIT, [clientId(2), iaNa(1), iaPd(1)])
  t.same(leasesOf(other), ['2001:db8:1::20 3000/4000'])
})

const dns = (address: string) => ({ name: 'dns-servers', data: address })
const search = (name: string) => ({ name: 'domain-search', data: name })
const DNS_CODE = 23

t.test(
  'options: of the pool of addresses and the pool of prefixes, the first lease first',
  async (t) => {
    const document = documentWith({
      'option-data': [dns('2001:db8::1'), search('subnet.example')],
      pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::19', 'option-data': [dns('2001:db8::2')] }],
      'pd-pools': [
        {
          ...SUBNET['pd-pools']![0]!,
          'option-data': [dns('2001:db8::3'), search('pd.example')],
        },
      ],
    })
    const server = new TestServer6(document)
    const asked = (number: number, ...ias: OptionPair6[]) =>
      server.reply(SOLICIT, [clientId(number), ...ias, oro(23, 24)]).message
    const both = asked(1, iaNa(1), iaPd(1))
    t.equal(both.option(DNS_CODE), ip6('2001:db8::2'))
    t.equal(both.option(24), '\x02pd\x07example\0')
    const turned = asked(2, iaPd(1), iaNa(1))
    t.equal(turned.option(DNS_CODE), ip6('2001:db8::3'), 'in the order of the IAs')
    const addresses = asked(3, iaNa(1))
    t.equal(addresses.option(24), '\x06subnet\x07example\0')
    t.equal(asked(4).option(DNS_CODE), ip6('2001:db8::1'), 'without leases those of the subnet')
  },
)

t.test('options of classes; additional classes of the pool that the lease is of', async (t) => {
  const document = documentWith(
    {
      pools: [
        {
          pool: '2001:db8:1::10 - 2001:db8:1::19',
          'evaluate-additional-classes': ['late'],
        },
      ],
    },
    {
      'client-classes': [
        { name: 'early', test: 'option[15].exists', 'option-data': [search('early.example')] },
        {
          name: 'late',
          'only-in-additional-list': true,
          test: 'option[1].exists',
          'option-data': [dns('2001:db8::7')],
        },
      ],
    },
  )
  const server = new TestServer6(document)
  const reply = server.reply(SOLICIT, [clientId(), iaNa(1), oro(23, 24), [15, text('x')]])
  t.same(reply.codes, [1, 2, 3, 23, 24])
  t.equal(reply.message.option(DNS_CODE), ip6('2001:db8::7'))
  const prefix = server.reply(SOLICIT, [clientId(), iaPd(1), oro(23, 24)])
  t.same(prefix.codes, [1, 2, 25], 'the pool of addresses gives nothing')
})

t.test(
  'the order of options: identifiers, IAs as they were asked for, all others by code',
  async (t) => {
    const document = documentWith({
      'rapid-commit': true,
      'option-data': [
        dns('2001:db8::1'),
        search('example.org'),
        { name: 'new-posix-timezone', data: 'EST5EDT' },
        { name: 'bootfile-url', data: 'http://boot' },
      ],
    })
    const reply = new TestServer6(document).reply(SOLICIT, [
      oro(148, 59, 41, 39, 24, 23),
      [OPTION6.fqdn, '\x01\x04host\x07example\0'],
      [OPTION6.rapidCommit, ''],
      iaPd(2),
      iaNa(1),
      clientId(),
    ])
    t.same(reply.codes, [1, 2, 25, 3, 14, 23, 24, 39, 41, 59, 148])
  },
)

t.test('a pair: HA_ classes are those of the server whose client it is', async (t) => {
  const server = new TestServer6()
  server.owner = 1
  server.reply(REQUEST, [clientId(), serverId(), iaNa(1)])
  t.ok(server.engine.trace.classes.has(1))
  t.notOk(server.engine.trace.classes.has(0))
  t.equal(server.outcome.kind === 'reply' ? server.outcome.ias[0]?.status : -1, STATUS6.success)
})
