// Messages of nobody who means well: the engine answers or is silent, and never throws.

import t from 'tap'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import { type OptionPair6, octetsFromOptions6 } from '../../lib/wire/v6/octets6.ts'
import {
  CONFIRM,
  clientId,
  DECLINE,
  type Hop,
  INFORMATION,
  iaNa,
  iaPd,
  ip6,
  messageBytes,
  ON_LINK,
  oro,
  REBIND,
  REGISTER,
  RELEASE,
  RENEW,
  REQUEST,
  SERVER_DUID,
  SOLICIT,
  serverId,
  uint16,
  uint32,
} from './messages6.ts'
import { documentWith, kindOf, SUBNET, TestServer6 } from './test-server6.ts'

/** Everything that the engine knows of is asked for. */
const DOCUMENT: Dhcp6Document = {
  ...documentWith({
    'rapid-commit': true,
    'store-extended-info': true,
    'option-data': [
      { name: 'dns-servers', data: '2001:db8::53' },
      { name: 'vendor-opts', data: '4491' },
      { space: 'vendor-4491', code: 32, 'csv-format': false, data: '00'.repeat(16) },
    ],
    'pd-pools': [
      {
        ...SUBNET['pd-pools']![0]!,
        'excluded-prefix': '2001:db8:8000::',
        'excluded-prefix-len': 64,
      },
    ],
  }),
  'mac-sources': ['client-link-addr-option', 'ipv6-link-local', 'duid', 'remote-id', 'docsis-cmts'],
  'relay-supplied-options': ['65'],
  'ddns-qualifying-suffix': 'example.org',
  'client-classes': [
    { name: 'a', test: "relay6[0].option[18].hex == 'x' or relay6[-1].peeraddr == fe80::1" },
    { name: 'b', test: 'vendor[4491].option[1].exists and vendor-class[311].data[0] == 0x01' },
    { name: 'c', test: "option[39].text == 'x' or option[17].option[1].hex == 0x01" },
    { name: 'VENDOR_CLASS_MSFT 5.0', 'valid-lifetime': 600 },
  ],
}

const ON_LINK_ADDRESS = '2001:db8:1::77'
const HOPS: readonly Hop[] = [
  {
    hopCount: 1,
    link: '2001:db8:1::2',
    options: [
      [18, 'x'],
      [37, '\0\0\0\x09id'],
      [135, uint16(9)],
    ],
  },
  {
    options: [
      [79, '\0\x01\x02\0\x5e\x10\0\x01'],
      [66, octetsFromOptions6([[65, '\x03erp\0']])],
      [43, uint16(37)],
    ],
  },
]
const OPTIONS: readonly OptionPair6[] = [
  clientId(),
  oro(23, 24, 17, 39, 67, 82, 148),
  [OPTION6.elapsedTime, uint16(100)],
  [OPTION6.rapidCommit, ''],
  [OPTION6.vendorClass, uint32(311) + octetsFromOptionsText('MSFT 5.0')],
  [OPTION6.vendorOptions, uint32(4491) + octetsFromOptions6([[1, uint16(32)]])],
  [OPTION6.fqdn, '\x01\x04host\0'],
]
const IAS = [iaNa(1, '2001:db8:1::10'), iaPd(1, '2001:db8:8000::/56', '::/60')]

function octetsFromOptionsText(text: string): string {
  return uint16(text.length) + text
}

const MESSAGES: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['SOLICIT', messageBytes(SOLICIT, [...OPTIONS, ...IAS])],
  ['SOLICIT through relays', messageBytes(SOLICIT, [...OPTIONS, ...IAS], HOPS)],
  ['REQUEST', messageBytes(REQUEST, [...OPTIONS, serverId(), ...IAS])],
  ['RENEW', messageBytes(RENEW, [...OPTIONS, serverId(), ...IAS])],
  ['REBIND', messageBytes(REBIND, [...OPTIONS, ...IAS])],
  ['CONFIRM', messageBytes(CONFIRM, [...OPTIONS, IAS[0]!])],
  ['INFORMATION-REQUEST', messageBytes(INFORMATION, OPTIONS, HOPS)],
  ['RELEASE', messageBytes(RELEASE, [clientId(), serverId(), ...IAS])],
  ['DECLINE', messageBytes(DECLINE, [clientId(), serverId(), ...IAS])],
  [
    'ADDR-REG-INFORM',
    messageBytes(REGISTER, [
      clientId(),
      [OPTION6.iaAddress, ip6(ON_LINK_ADDRESS) + uint32(100) + uint32(200)],
    ]),
  ],
]

const FROM = { ...ON_LINK, address: ip6(ON_LINK_ADDRESS) }

t.test('each byte of each message in turn: 0, 255, one more, one bit of it', async (t) => {
  const server = new TestServer6(DOCUMENT)
  for (const [name, bytes] of MESSAGES) {
    let answered = 0
    for (let at = 0; at < bytes.length; at++)
      for (const value of [0, 255, bytes[at]! + 1, bytes[at]! ^ 0x10]) {
        const damaged = bytes.slice()
        damaged[at] = value
        if (typeof server.sendBytes(damaged, FROM) !== 'string') answered++
      }
    t.ok(answered > 0, `${name}: ${answered} of ${4 * bytes.length} are answered`)
  }
})

t.test('each message cut off at each place', async (t) => {
  const server = new TestServer6(DOCUMENT)
  for (const [name, bytes] of MESSAGES) {
    for (let end = 0; end < bytes.length; end++) server.sendBytes(bytes.slice(0, end), FROM)
    t.not(typeof server.sendBytes(bytes, FROM), 'string', `${name}: whole it is answered`)
  }
})

t.test('a message of more IAs than anybody has', async (t) => {
  const server = new TestServer6(documentWith({ pools: [{ pool: '2001:db8:1::/80' }] }))
  const ias = Array.from({ length: 500 }, (_, index) => iaNa(index))
  const reply = server.reply(REQUEST, [clientId(), serverId(), ...ias])
  t.ok(reply.ias.length <= 32)
  t.ok(reply.ias.filter(({ leases }) => leases.length > 0).length <= 8, 'bindings of one client')
})

t.test('an answer that outgrows what is there to write it is none', async (t) => {
  const hops: Hop[] = [{ link: '2001:db8:1::2', options: [[18, 'x'.repeat(6000)]] }]
  const server = new TestServer6()
  t.equal(server.send(REQUEST, [clientId(), serverId(), iaNa(1)], hops), 'reply-too-long')
  t.equal(server.row('2001:db8:1::10'), undefined, 'and nothing is given')
})

t.test('addresses that nobody can have are hints to nowhere', async (t) => {
  for (const address of ['::', '::1', 'ff02::1', 'fe80::1', '::ffff:192.0.2.1']) {
    const server = new TestServer6()
    const reply = server.reply(REQUEST, [clientId(), serverId(), iaNa(1, address)])
    t.same(reply.ias[0]?.leases, ['2001:db8:1::10 3000/4000'], address)
    const sent = server.send(
      REGISTER,
      [clientId(2), [OPTION6.iaAddress, ip6(address) + uint32(1) + uint32(2)]],
      [],
      { address: ip6(address) },
    )
    t.equal(typeof sent, 'string', `${address} is not registered: ${kindOf(sent)}`)
    t.equal(server.row(address), undefined)
  }
})

t.test('who guesses the DUID of another ends nothing that is not named', async (t) => {
  const server = new TestServer6()
  server.give('2001:db8:1::10', 1)
  server.give('2001:db8:1::11', 2)
  server.advance(100)
  server.reply(RELEASE, [clientId(1), serverId(), iaNa(1, '2001:db8:1::11')])
  server.reply(DECLINE, [clientId(1), serverId(), iaNa(2, '2001:db8:1::10')])
  for (const address of ['2001:db8:1::10', '2001:db8:1::11'])
    t.equal(server.row(address)!.state, LEASE_STATE.assigned)
})

t.test('a server that hears itself is silent', async (t) => {
  const server = new TestServer6()
  const advertise = server.reply(SOLICIT, [clientId(), iaNa(1)])
  t.equal(server.sendBytes(advertise.bytes), 'bad-message-type')
  const inside: Hop[] = [{ options: [] }]
  const relayed = server.reply(SOLICIT, [clientId(), iaNa(1)], inside, { to: ip6('ff05::1:3') })
  t.equal(typeof server.sendBytes(relayed.bytes), 'string')
  t.equal(server.send(SOLICIT, [[1, SERVER_DUID], iaNa(1)]), 'own-duid')
  t.ok(octetsFromBytes(advertise.bytes).includes(SERVER_DUID))
})
