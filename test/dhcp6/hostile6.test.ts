// Messages of nobody who means well: the engine answers or is silent, and never throws.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { writeUint32 } from '../../lib/bytes/cursor.ts'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { OFFERS_MAX } from '../../lib/leases/table/offers.ts'
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
import { documentWith, kindOf, type Reply6, SUBNET, TestServer6 } from './test-server6.ts'

/** What broke servers of DHCPv6: the file that tests it, and words of the test's title. */
const ROWS: readonly (readonly [row: string, file: string, title: string])[] = [
  ['1', 'wire/message6', 'row 1: a datagram shorter than a header'],
  ['2', 'wire/message6', 'row 2: relays in relays up to the limit'],
  ['3', 'wire/message6', 'row 3, row 4: a relay without one whole message of a client in it'],
  ['4', 'dhcp6/gate6', 'types that only servers send, or that nobody serves'],
  ['5', 'dhcp6/hostile6', 'a server that hears itself is silent'],
  ['6', 'wire/writer6', 'no length of an option ever wraps'],
  ['6', 'dhcp6/hostile6', 'an answer that outgrows what is there to write it is none'],
  ['7', 'wire/message6', 'row 7: what is too short for its header counts as absent'],
  ['8', 'wire/message6', 'row 8: what stands before an option that is cut counts'],
  ['9', 'wire/message6', 'row 9: more options, IAs and addresses than any client sends'],
  ['9', 'dhcp6/hostile6', 'a message of more IAs than anybody has'],
  ['10', 'wire/message6', 'row 10: options in options'],
  ['11', 'wire/message6', 'row 11: a number of another length counts as absent'],
  ['12', 'wire/message6', 'row 12: prefixes longer than 128 bits'],
  ['13', 'wire/message6', 'row 13: an ORO is a set of whole codes'],
  ['14', 'wire/message6', 'row 14: what is no DUID is nobody'],
  ['15', 'wire/message6', 'row 15: two identifiers'],
  ['16', 'wire/message6', 'row 16: a name that is none counts as absent'],
  ['16', 'dhcp6/gate6', 'RFC 4704 §4.1: N and S of option 39 exclude each other'],
  ['17', 'wire/message6', 'row 17: items that run past the end of their option'],
  ['18', 'dhcp6/hostile6', 'addresses that nobody can have are hints to nowhere'],
  ['19', 'dhcp6/hostile6', 'a flood of SOLICITs from made-up clients'],
  ['19', 'leases/search-cost', 'one of 2^16 that is full but for one'],
  ['20', 'dhcp6/release6', 'a client has so many bindings of each kind and no more'],
  ['21', 'dhcp6/release6', 'who declines one address after the other gets no new one'],
  ['22', 'dhcp6/release6', 'verify-source: a stranger who knows the DUID ends no lease'],
  ['23', 'dhcp6/registration6', 'a client that registers without end'],
  ['23', 'dhcp6/registration6', 'an address that is reserved, or that a router has'],
  ['24', 'dhcp6/release6', 'a second RELEASE finds nothing'],
  ['25', 'wire/message6', 'row 25: a DHCPv4 message that is shorter than its header'],
  ['27', 'dhcp6/relayed6', 'RFC 6422: relays supply options for clients'],
  ['28', 'dhcp6/hardware6', 'what the client itself says in option 79 is nothing'],
  ['29', 'dhcp6/gate6', 'where it came from and what it was sent to'],
  ['30', 'leases/csv6', 'what makes no sense costs its row, and the others are kept'],
  ['30', 'leases/records6', 'a key that is no prefix is refused'],
]

t.test('every known pattern has its test', async (t) => {
  for (const [row, file, title] of ROWS) {
    const text = readFileSync(join(import.meta.dirname, '..', `${file}.test.ts`), 'utf8')
    t.ok(text.includes(title), `row ${row}: '${title}' in test/${file}.test.ts`)
  }
})

/** Clients that are made up: more than a pool has, and more than there can be offers. */
const FLOODS: readonly (readonly [pool: string, count: number])[] = [
  ['2001:db8:1::10 - 2001:db8:1::ff', 3000],
  ['2001:db8:1::/80', 66_000],
]

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

t.test('a flood of SOLICITs from made-up clients: nothing is stored for them', async (t) => {
  const made = messageBytes(SOLICIT, [[OPTION6.clientId, '\0\x03\0\x01\x06\0\0\0\0\0'], iaNa(1)])
  for (const [pool, count] of FLOODS) {
    const server = new TestServer6(documentWith({ pools: [{ pool }] }))
    const solicit = (number: number) => {
      // Behind the header, the option's and the hardware address's first two octets.
      writeUint32(made, 4 + 4 + 4 + 2, number)
      server.sendBytes(made)
      server.advance(0.0001)
    }
    for (let number = 0; number < count; number++) {
      solicit(number)
      if (number % 1000 !== 500) continue
      const offered = leased(server.reply(SOLICIT, [clientId(number), iaNa(1)]))
      for (let other = 1; other < 100; other++) solicit(count + number + other)
      const asks = [clientId(number), serverId(), iaNa(1, offered)]
      t.equal(leased(server.reply(REQUEST, asks)), offered, `${pool}: what it was offered`)
    }
    t.equal(server.table.size, count / 1000, `${pool}: rows of honest clients only`)
    const { offerCount } = server.table
    t.ok(offerCount <= OFFERS_MAX && offerCount < count, `${pool}: ${offerCount} offers`)
  }
})

/** The only address in an answer. */
function leased({ ias }: Reply6): string {
  return ias[0]?.leases[0]?.split(' ')[0] ?? ''
}
