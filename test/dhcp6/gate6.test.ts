// What is no message for this server: RFC 9915 §16, row by row.

import t from 'tap'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import {
  CONFIRM,
  clientId,
  DECLINE,
  hex,
  INFORMATION,
  iaNa,
  iaPd,
  ip6,
  PARTNER_DUID,
  REBIND,
  REGISTER,
  RELEASE,
  RENEW,
  REPLY,
  REQUEST,
  SERVER_DUID,
  SOLICIT,
  serverId,
} from './messages6.ts'
import { documentWith, kindOf, leasesOf, TestServer6 } from './test-server6.ts'

const NA = iaNa(1, '2001:db8:1::10')
const SERVER_ID = serverId()

/** What each type is answered with these options: client, server, IA. */
const BY_TYPE: readonly (readonly [string, number, Record<string, string>])[] = [
  [
    'SOLICIT',
    SOLICIT,
    { full: 'advertise', noClient: 'no-client-id', server: 'server-id-forbidden' },
  ],
  ['REQUEST', REQUEST, { full: 'no-server-id', noClient: 'no-client-id', server: 'reply' }],
  ['CONFIRM', CONFIRM, { full: 'reply', noClient: 'no-client-id', server: 'server-id-forbidden' }],
  ['RENEW', RENEW, { full: 'no-server-id', noClient: 'no-client-id', server: 'reply' }],
  ['REBIND', REBIND, { full: 'reply', noClient: 'no-client-id', server: 'server-id-forbidden' }],
  ['RELEASE', RELEASE, { full: 'no-server-id', noClient: 'no-client-id', server: 'reply' }],
  ['DECLINE', DECLINE, { full: 'no-server-id', noClient: 'no-client-id', server: 'reply' }],
  [
    'INFORMATION-REQUEST',
    INFORMATION,
    { full: 'lease-forbidden', noClient: 'lease-forbidden', server: 'lease-forbidden' },
  ],
  [
    'ADDR-REG-INFORM',
    REGISTER,
    { full: 'lease-forbidden', noClient: 'no-client-id', server: 'server-id-forbidden' },
  ],
]

t.test('RFC 9915 §16: identifiers and IAs by message type', async (t) => {
  for (const [name, type, { full, noClient, server }] of BY_TYPE) {
    const sent = (...options: OptionPair6[]) => kindOf(new TestServer6().send(type, options))
    t.equal(sent(clientId(), NA), full, `${name} with a client-id and an IA`)
    t.equal(sent(NA), noClient, `${name} without a client-id`)
    t.equal(sent(clientId(), SERVER_ID, NA), server, `${name} that names this server`)
    t.equal(
      sent(clientId(), serverId(PARTNER_DUID), NA),
      'not-for-us',
      `${name} that names another server, whether it may name one or not`,
    )
  }
})

t.test('INFORMATION-REQUEST needs nobody in particular', async (t) => {
  const sent = (...options: OptionPair6[]) => kindOf(new TestServer6().send(INFORMATION, options))
  t.equal(sent(), 'reply')
  t.equal(sent(clientId()), 'reply')
  t.equal(sent(clientId(), SERVER_ID), 'reply', 'it may answer a RECONFIGURE of this server')
  t.equal(sent(iaPd(1)), 'lease-forbidden', '§16.12')
  t.equal(sent([OPTION6.iaTa, '\0\0\0\x01']), 'lease-forbidden')
})

t.test(
  'compatibility.lenient-option-parsing: what a broken client sends is looked over',
  async (t) => {
    const document = documentWith({}, { compatibility: { 'lenient-option-parsing': true } })
    const sent = (type: number, ...options: OptionPair6[]) =>
      kindOf(new TestServer6(document).send(type, options))
    t.equal(sent(INFORMATION, NA), 'reply')
    t.equal(sent(REGISTER, clientId(), NA), 'lease-forbidden', 'not where RFC 9686 says discard')
    t.equal(sent(SOLICIT, clientId(), NA, [OPTION6.fqdn, '\x05\x04host']), 'advertise')
  },
)

t.test('RFC 4704 §4.1: N and S of option 39 exclude each other', async (t) => {
  for (const [flags, is] of [
    ['\x05', 'bad-fqdn'],
    ['\xf5', 'bad-fqdn'],
    ['\x04', 'advertise'],
    ['\x01', 'advertise'],
    ['\xf1', 'advertise'],
  ] as const) {
    const sent = new TestServer6().send(SOLICIT, [
      clientId(),
      NA,
      [OPTION6.fqdn, `${flags}\x04host`],
    ])
    t.equal(kindOf(sent), is, `flags ${flags.charCodeAt(0)}`)
  }
  const released = new TestServer6().send(RELEASE, [
    clientId(),
    SERVER_ID,
    NA,
    [OPTION6.fqdn, '\x05\x04host'],
  ])
  t.equal(kindOf(released), 'reply', 'not looked at where it means nothing')
})

t.test('a DUID that is none', async (t) => {
  const sent = (duid: string) => kindOf(new TestServer6().send(SOLICIT, [[1, duid], NA]))
  t.equal(sent(''), 'bad-client-id')
  t.equal(sent('\0\x01'), 'bad-client-id')
  t.equal(sent('\0\0\0'), 'bad-client-id', "Kea's word for nobody")
  t.equal(sent('\0\x04\x01'), 'advertise')
  t.equal(sent(`\0\x04${'x'.repeat(128)}`), 'advertise')
  t.equal(sent(`\0\x04${'x'.repeat(129)}`), 'bad-client-id')
  t.equal(sent(SERVER_DUID), 'own-duid', 'a machine that was cloned from the server')
})

t.test('where it came from and what it was sent to', async (t) => {
  const send = (arrival: object, hops: object[] = []) =>
    kindOf(new TestServer6().send(SOLICIT, [clientId(), NA], hops, arrival))
  const server = ip6('2001:db8:1::1')
  const hop = { link: '2001:db8:1::2' }
  t.equal(send({ to: server }), 'sent-to-one', '§16: a client asks all servers')
  t.equal(send({ to: server, address: ip6('2001:db8:1::2') }, [hop]), 'advertise', 'a relay may')
  t.equal(send({ to: '' }), 'sent-to-one')
  t.equal(send({ to: ip6('ff05::1:3') }), 'advertise')
  t.equal(send({ port: 0 }), 'bad-source')
  t.equal(send({ address: ip6('::') }), 'bad-source')
  t.equal(send({ address: ip6('ff02::1') }), 'bad-source')
})

t.test('a host whose own client asks the server on it', async (t) => {
  const send = (address: string, hops: object[] = []) =>
    kindOf(new TestServer6().send(SOLICIT, [clientId(), NA], hops, { address: ip6(address) }))
  for (const own of ['fe80::ff:fe00:1', '2001:db8:1::1']) {
    t.equal(send(own), 'own-address', own)
    t.equal(send(own, [{ link: '2001:db8:1::2' }]), 'advertise', `${own}: a relay on the host may`)
  }
  t.equal(send('fe80::ff:fe00:2'), 'advertise')
  const link = {
    name: 'lo',
    index: 1,
    linkLocal: '',
    addresses: [{ address: ip6('::1'), length: 128 }],
  }
  const onLoopback = { link, address: ip6('::1') }
  const document = documentWith({ interface: 'lo' })
  const sent = new TestServer6(document).send(SOLICIT, [clientId(), NA], [], onLoopback)
  t.equal(kindOf(sent), 'advertise', 'on loopback all have one address')
})

t.test('types that only servers send, or that nobody serves', async (t) => {
  for (const type of [0, 2, REPLY, 10, 14, 15, 19, 21, 23, 24, 35, 37, 255])
    t.equal(kindOf(new TestServer6().send(type, [clientId()])), 'bad-message-type', `type ${type}`)
})

t.test(
  "a partner's DUID is answered as the client named it, while the partner is gone",
  async (t) => {
    const accepted = (duid: string) => duid === PARTNER_DUID
    const server = new TestServer6(undefined, { serverIds: { own: SERVER_DUID, accepted } })
    const named = [clientId(), serverId(PARTNER_DUID), NA] as const
    for (const type of [REQUEST, RENEW, RELEASE, DECLINE])
      t.equal(server.reply(type, named).message.serverId, PARTNER_DUID, `type ${type}`)
    t.equal(server.reply(SOLICIT, [clientId(2), iaNa(1)]).message.serverId, SERVER_DUID, 'new ones')
    t.equal(server.send(REBIND, named), 'server-id-forbidden')
    t.equal(server.send(INFORMATION, [serverId(PARTNER_DUID)]), 'not-for-us')
    t.equal(server.send(REQUEST, [clientId(), serverId(hex('00:04:01')), NA]), 'not-for-us')
  },
)

t.test(
  'a client that takes the offer of another server frees what it was offered here',
  async (t) => {
    const pools = [{ pool: '2001:db8:1::10 - 2001:db8:1::11' }]
    const server = new TestServer6(documentWith({ pools }))
    const offered = (number: number) => leasesOf(server.send(SOLICIT, [clientId(number), iaNa(1)]))
    t.same(offered(1), ['2001:db8:1::10 3000/4000'])
    t.same(offered(2), ['2001:db8:1::11 3000/4000'])
    t.equal(server.send(REQUEST, [clientId(2), serverId(PARTNER_DUID), iaNa(1)]), 'not-for-us')
    t.same(offered(3), ['2001:db8:1::11 3000/4000'], 'and not what the first one waits for')
    t.equal(server.send(RENEW, [clientId(3), serverId(PARTNER_DUID), iaNa(1)]), 'not-for-us')
    t.same(offered(4), ['2001:db8:1::10 3000/4000'], 'a RENEW says nothing of offers')
  },
)

t.test('in which order: who names another server is no fault of the message', async (t) => {
  const broken = [serverId(PARTNER_DUID), NA] as const
  const server = new TestServer6()
  t.equal(server.send(SOLICIT, broken, [], { to: ip6('2001:db8:1::1') }), 'not-for-us')
  t.equal(server.send(SOLICIT, [NA], [], { to: ip6('2001:db8:1::1') }), 'sent-to-one')
})

t.test('the class DROP', async (t) => {
  const classes = [{ name: 'DROP', test: 'substring(option[1].hex, 0, 2) == 0x0003' }]
  const server = new TestServer6(documentWith({}, { 'client-classes': classes }))
  t.equal(server.send(SOLICIT, [clientId(), NA]), 'dropped-by-class')
  t.equal(kindOf(server.send(SOLICIT, [[1, hex('00:04:0a')], NA])), 'advertise')
})
