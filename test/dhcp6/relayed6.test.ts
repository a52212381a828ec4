// Answers through relays: what each hop gets back, where they go, what relays supply for clients.

import t from 'tap'
import { textFromIpv6 } from '../../lib/address/ipv6.ts'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { type OptionPair6, octetsFromOptions6 } from '../../lib/wire/v6/octets6.ts'
import { linesOfMessage6 } from '../../lib/wire/v6/text.ts'
import {
  clientId,
  type Hop,
  hex,
  INFORMATION,
  iaNa,
  ip6,
  oro,
  RELEASE,
  SOLICIT,
  serverId,
  uint16,
} from './messages6.ts'
import { documentWith, type Reply6, TestServer6 } from './test-server6.ts'

const FROM_RELAY = { address: ip6('2001:db8:ffff::9'), port: 547, to: ip6('2001:db8:1::1') }
const LINK = '2001:db8:1::2'

t.test('RFC 9915 §19.3: the chain of the query, turned round', async (t) => {
  const hops: Hop[] = [
    {
      hopCount: 1,
      link: '::',
      peer: 'fe80::a',
      options: [
        [18, 'outer'],
        [37, '\0\0\0\x09remote'],
        [38, 'subscriber'],
        [135, uint16(0)],
      ],
    },
    {
      link: LINK,
      peer: 'fe80::5eff:fe10:1',
      options: [
        [79, '\0\x01\x02\0\x5e\x10\0\x01'],
        [18, 'inner'],
      ],
    },
  ]
  const reply = new TestServer6().reply(SOLICIT, [clientId(), iaNa(7)], hops, FROM_RELAY)
  t.same(linesOfMessage6(reply.message), [
    'relay 0: hop count 1, link ::, peer fe80::a',
    '  option 18 interface-id: 6f75746572',
    '  option 135 relay-source-port: 0',
    'relay 1: hop count 0, link 2001:db8:1::2, peer fe80::5eff:fe10:1',
    '  option 18 interface-id: 696e6e6572',
    'message 2 advertise',
    'xid 0x616263',
    'option 1 clientid: 000300010200' + '5e100001',
    'option 2 serverid: 000300010200' + '5e10ff01',
    'option 3 ia-na: iaid 7, t1 1500, t2 2400',
    '  option 5 iaaddr: 2001:db8:1::10, preferred 3000, valid 4000',
  ])
})

t.test('byte by byte', async (t) => {
  const hops: Hop[] = [{ link: LINK, peer: 'fe80::1', options: [[18, 'p']] }]
  const reply = new TestServer6().reply(SOLICIT, [clientId(), iaNa(7)], hops, FROM_RELAY)
  t.equal(
    hexFromOctets(octetsFromBytes(reply.bytes)),
    [
      '0d00', // RELAY-REPL, hop count
      '20010db8000100000000000000000002',
      'fe800000000000000000000000000001',
      '0012000170', // interface-id
      '0009004c', // relay message
      '02616263', // ADVERTISE
      '0001000a000300010200' + '5e100001',
      '0002000a000300010200' + '5e10ff01',
      '00030028000000070000' + '05dc00000960',
      '0005001820010db80001' + '00000000000000000010' + '00000bb800000fa0',
    ].join(''),
  )
})

t.test('RFC 4994: a relay gets back the options that it asks for, each of them once', async (t) => {
  const options: OptionPair6[] = [
    [43, uint16(37) + uint16(18) + uint16(38) + uint16(37)],
    [37, '\0\0\0\x09remote'],
    [18, 'port'],
  ]
  const reply = new TestServer6().reply(INFORMATION, [], [{ link: LINK, options }], FROM_RELAY)
  t.same(reply.message.relays[0]?.codes(), [18, 37, 9])
})

const DESTINATIONS: readonly {
  readonly name: string
  readonly hops?: readonly Hop[]
  readonly arrival: object
  readonly is: string
}[] = [
  {
    name: 'a client: back to where it sent from, port 546',
    arrival: {},
    is: 'fe80::5eff:fe10:1 546 from any',
  },
  {
    name: 'a client that sends from another port',
    arrival: { port: 50_000 },
    is: 'fe80::5eff:fe10:1 546 from any',
  },
  {
    name: 'a relay: port 547, from the address that it asked',
    hops: [{ link: LINK }],
    arrival: FROM_RELAY,
    is: '2001:db8:ffff::9 547 from 2001:db8:1::1',
  },
  {
    name: 'a relay that asks a group',
    hops: [{ link: LINK }],
    arrival: { ...FROM_RELAY, to: ip6('ff05::1:3') },
    is: '2001:db8:ffff::9 547 from any',
  },
  {
    name: 'a relay with another source port, which it does not speak of',
    hops: [{ link: LINK }],
    arrival: { ...FROM_RELAY, port: 1547 },
    is: '2001:db8:ffff::9 547 from 2001:db8:1::1',
  },
  {
    name: 'RFC 8357: it does in option 135',
    hops: [{ link: LINK, options: [[135, uint16(0)]] }],
    arrival: { ...FROM_RELAY, port: 1547 },
    is: '2001:db8:ffff::9 1547 from 2001:db8:1::1',
  },
  {
    name: 'RFC 8357: what an inner relay says of its port is for the outer one',
    hops: [{ hopCount: 1, link: LINK }, { options: [[135, uint16(0)]] }],
    arrival: { ...FROM_RELAY, port: 1547 },
    is: '2001:db8:ffff::9 547 from 2001:db8:1::1',
  },
]

t.test('where answers go', async (t) => {
  for (const { name, hops, arrival, is } of DESTINATIONS) {
    const server = new TestServer6()
    const { destination } = server.reply(SOLICIT, [clientId(), iaNa(1)], hops, arrival)
    const source = destination.source === '' ? 'any' : textFromIpv6(destination.source)
    t.equal(`${textFromIpv6(destination.address)} ${destination.port} from ${source}`, is, name)
  }
})

t.test('RFC 6422: relays supply options for clients', async (t) => {
  const rsoo = (...options: OptionPair6[]): OptionPair6 => [66, octetsFromOptions6(options)]
  const document = documentWith(
    { 'option-data': [{ name: 'dns-servers', data: '2001:db8::53' }] },
    { 'relay-supplied-options': ['65', '23', '24'] },
  )
  const asked = (hops: Hop[], ...codes: number[]): Reply6 =>
    new TestServer6(document).reply(
      SOLICIT,
      [clientId(), iaNa(1), oro(...codes)],
      hops.map((hop) => ({ link: LINK, ...hop })),
      FROM_RELAY,
    )
  const name = '\x03erp\x07example\0'
  const dns = hex('20010db8000000000000000000000001')
  const one = asked([{ options: [rsoo([65, name], [23, dns], [31, dns])] }], 23)
  t.same(one.codes, [1, 2, 3, 23, 65], 'those that are allowed, in their order')
  t.equal(one.message.option(23), hex('20010db8000000000000000000000053'), 'the own one wins')
  const supplied = asked([{ options: [rsoo([23, dns])] }])
  t.equal(supplied.message.option(23), dns, 'where the server says nothing the relay is heard')
  const both = asked([
    { hopCount: 1, options: [rsoo([65, '\x05outer\0'], [24, '\x05outer\0'])] },
    { options: [rsoo([65, '\x05inner\0'])] },
  ])
  t.equal(both.message.option(65), '\x05inner\0', 'the relay nearest the client goes first')
  t.equal(both.message.option(24), '\x05outer\0')
  const hostile = asked([{ options: [rsoo([1, 'no'], [3, 'no'], [66, name], [65, name])] }])
  t.same(hostile.codes, [1, 2, 3, 65], 'identifiers and IAs are never supplied')
  const served = new TestServer6(document)
  const hops: Hop[] = [{ link: LINK, options: [rsoo([65, name])] }]
  const released = served.reply(RELEASE, [clientId(), serverId(), iaNa(1)], hops, FROM_RELAY)
  t.same(released.codes, [1, 2, 3, 13], 'who ends leases gets no options')
  const direct = new TestServer6(document).reply(SOLICIT, [clientId(), iaNa(1), rsoo([65, name])])
  t.same(direct.codes, [1, 2, 3], 'no client supplies options for itself')
})
