// ACK, NAK or silence: the tables of lib/dhcp4/request-table.ts and unserved.ts, line by line.

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { ANSWERS, type Standing } from '../../lib/dhcp4/request-table.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import {
  client,
  DECLINE,
  DISCOVER,
  documentWith,
  ip,
  kindOf,
  NAK,
  REQUEST,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const A = '192.0.2.10'
const B = '192.0.2.11'
const HW9 = '02:00:5e:10:00:09'
const reservedFor9 = (address: string) => ({
  reservations: [{ 'hw-address': HW9, 'ip-address': address }],
})
const reservedFor1 = (address: string) => ({
  reservations: [{ 'hw-address': '02:00:5e:10:00:01', 'ip-address': address }],
})
const OTHER = { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.10/32' }] }

type State = 'select' | 'reboot' | 'renew'

/**
 * What the REQUEST of client 9 is answered: SELECTING, INIT-REBOOT, RENEWING. ?: silence, NAK if
 * authoritative.
 */
type Answers = readonly [select: string, reboot: string, renew: string]

interface Case {
  readonly title: string
  readonly standing: Standing
  readonly answers: Answers
  /** Returns the address. */
  readonly prepare: (server: TestServer) => string
  readonly subnet?: Record<string, unknown>
  /** The same, after a reload. */
  readonly reloaded?: Record<string, unknown>
}

const CASES: readonly Case[] = [
  {
    title: 'its own',
    standing: 'own',
    answers: ['ack', 'ack', 'ack'],
    prepare: (server) => server.lease(client(9)),
  },
  {
    title: 'its own, and ended',
    standing: 'own',
    answers: ['ack', 'ack', 'ack'],
    prepare(server) {
      const address = server.lease(client(9))
      server.advance(10_000)
      return address
    },
  },
  {
    title: 'its own, and another one reserved for it since',
    standing: 'moved',
    answers: ['nak', 'nak', 'nak'],
    prepare: (server) => server.lease(client(9)),
    reloaded: reservedFor9(B),
  },
  {
    title: 'its own, and reserved for another client since',
    standing: 'moved',
    answers: ['nak', 'nak', 'nak'],
    prepare: (server) => server.lease(client(9)),
    reloaded: reservedFor1(A),
  },
  {
    title: 'its own, and in no pool since',
    standing: 'moved',
    answers: ['nak', 'nak', 'nak'],
    prepare: (server) => server.lease(client(9)),
    reloaded: { pools: [{ pool: '192.0.2.100/32' }] },
  },
  {
    title: 'its own on another link',
    standing: 'ownElsewhere',
    answers: ['nak', 'nak', 'nak'],
    prepare: (server) => {
      server.lease(client(9, { giaddr: ip('198.51.100.1') }))
      return '198.51.100.10'
    },
  },
  {
    title: "another client's",
    standing: 'inUse',
    answers: ['nak', '?', 'nak'],
    prepare: (server) => server.lease(client(1)),
  },
  {
    title: 'declined',
    standing: 'inUse',
    answers: ['nak', '?', 'nak'],
    prepare(server) {
      const address = server.lease(client(1))
      server.send(DECLINE, client(1), { 50: uint32(ip(address)), 54: uint32(SERVER) })
      return address
    },
  },
  {
    title: 'on another link of this server',
    standing: 'elsewhere',
    answers: ['nak', '?', '?'],
    prepare: () => '198.51.100.10',
  },
  {
    title: 'on a link unheard of',
    standing: 'elsewhere',
    answers: ['nak', '?', '?'],
    prepare: () => '203.0.113.10',
  },
  {
    title: 'in no pool',
    standing: 'unpooled',
    answers: ['nak', '?', '?'],
    prepare: () => '192.0.2.200',
  },
  {
    title: 'reserved for another client',
    standing: 'withheld',
    answers: ['nak', '?', 'nak'],
    prepare: () => '192.0.2.200',
    subnet: reservedFor1('192.0.2.200'),
  },
  {
    title: 'in a pool, reserved for another client',
    standing: 'withheld',
    answers: ['nak', '?', 'nak'],
    prepare: () => B,
    subnet: reservedFor1(B),
  },
  {
    title: 'reserved for it',
    standing: 'reserved',
    answers: ['ack', 'ack', 'ack'],
    prepare: () => '192.0.2.200',
    subnet: reservedFor9('192.0.2.200'),
  },
  {
    title: 'free, and another one is reserved for it',
    standing: 'awaited',
    answers: ['nak', '?', 'nak'],
    prepare: () => A,
    subnet: reservedFor9('192.0.2.200'),
  },
  {
    title: 'free, and the one reserved for it is in use by somebody else',
    standing: 'free',
    answers: ['ack', '?', 'ack'],
    prepare(server) {
      server.select(client(1), '192.0.2.19')
      return A
    },
    reloaded: reservedFor9('192.0.2.19'),
  },
  {
    title: 'offered to it, and another one reserved for it since',
    standing: 'promised',
    answers: ['ack', 'ack', 'nak'],
    prepare: (server) => server.discover(client(9)).address,
    reloaded: reservedFor9(B),
  },
  {
    title: 'offered to it, and reserved for another client since',
    standing: 'promised',
    answers: ['ack', 'ack', 'nak'],
    prepare: (server) => server.discover(client(9)).address,
    reloaded: reservedFor1(A),
  },
  {
    title: 'offered to another client',
    standing: 'offered',
    answers: ['nak', '?', '?'],
    prepare: (server) => server.discover(client(1)).address,
  },
  {
    title: 'free, while it has another one',
    standing: 'another',
    answers: ['ack', 'nak', 'nak'],
    prepare(server) {
      server.lease(client(9))
      return B
    },
  },
  {
    title: 'free',
    standing: 'free',
    answers: ['ack', '?', 'ack'],
    prepare: () => B,
  },
  {
    title: 'free, and its former one was another',
    standing: 'free',
    answers: ['ack', 'nak', 'ack'],
    prepare(server) {
      server.lease(client(9))
      server.advance(10_000)
      return B
    },
  },
]

const STATES: readonly State[] = ['select', 'reboot', 'renew']

t.test('REQUEST: what the address is to the client x state x authoritative', async (t) => {
  for (const { title, answers, prepare, subnet, reloaded } of CASES)
    for (const [index, state] of STATES.entries())
      for (const authoritative of [false, true]) {
        const document = (own: Record<string, unknown>): Dhcp4Document => {
          const base = documentWith(own, { authoritative })
          return { ...base, subnet4: [...base.subnet4!, OTHER] }
        }
        const server = new TestServer(document(subnet ?? {}))
        const address = prepare(server)
        if (reloaded !== undefined) server.reload(document(reloaded))
        // On the link of the first subnet: an address of the other one does not lead there.
        const on = { link: server.arrival.link, address: 0 }
        const ciaddr = state === 'renew' ? ip(address) : 0
        const options = {
          ...(state === 'renew' ? {} : { 50: uint32(ip(address)) }),
          ...(state === 'select' ? { 54: uint32(SERVER) } : {}),
        }
        const reply = server.send(REQUEST, { ...client(9), ciaddr }, options, on)
        const expected =
          answers[index] === '?' ? (authoritative ? 'nak' : 'unknown-client') : answers[index]
        t.equal(
          kindOf(reply),
          expected,
          `${title}: ${state}${authoritative ? ', authoritative' : ''}`,
        )
      }
  t.same(new Set(CASES.map(({ standing }) => standing)), new Set(Object.keys(ANSWERS)))
})

t.test('a client with a reservation is not given another address first', async (t) => {
  const server = new TestServer(documentWith(reservedFor9('192.0.2.200')))
  t.equal(kindOf(server.select(client(9), A)), 'nak')
  t.equal(server.row(A), undefined)
  t.equal(server.lease(client(9)), '192.0.2.200')
})

t.test('a REQUEST without an address where none is left', async (t) => {
  for (const authoritative of [false, true]) {
    const server = new TestServer(documentWith({ pools: [{ pool: `${A}/32` }] }, { authoritative }))
    server.lease(client(1))
    const bare = server.send(REQUEST, client(9))
    t.equal(kindOf(bare), authoritative ? 'nak' : 'no-free-address')
    t.equal(kindOf(server.send(REQUEST, client(9), { 54: uint32(SERVER) })), 'nak', 'who names us')
    t.equal(kindOf(server.send(REQUEST, client(9), { 54: uint32(0) })), kindOf(bare), 'or nobody')
    t.equal(server.send(DISCOVER, client(9)), 'no-free-address')
  }
  const half = new TestServer().pair(0)
  let number = 100
  while (typeof half.send(DISCOVER, client(number)) !== 'string') half.lease(client(number++))
  t.equal(
    half.send(REQUEST, client(9), { 54: uint32(SERVER) }),
    'no-own-address',
    'the partner may',
  )
})

// ---- where no subnet fits

const BARE = { name: 'eth9', addresses: [{ address: ip('203.0.113.1'), length: 24 }] }
const NOWHERE = '203.0.113.77'

/** The way of the message: fields, and how it arrived. */
const WAYS = {
  relay: [{ giaddr: ip('203.0.113.9') }, { address: ip('203.0.113.9') }],
  unicast: [{}, { address: ip('10.9.9.9') }],
  broadcast: [{}, { address: 0 }],
} as const

/** SELECTING, INIT-REBOOT, RENEWING, without an address, without one but with our name. */
const UNSERVED: readonly [keyof typeof WAYS, authoritative: boolean, readonly string[]][] = [
  ['relay', false, ['nak', 'no-subnet', 'no-subnet', 'no-subnet', 'nak']],
  ['relay', true, ['nak', 'nak', 'nak', 'nak', 'nak']],
  ['unicast', false, ['nak', 'no-subnet', 'no-subnet', 'no-subnet', 'nak']],
  ['unicast', true, ['nak', 'nak', 'nak', 'nak', 'nak']],
  ['broadcast', false, ['nak', 'no-subnet', 'no-subnet', 'no-subnet', 'nak']],
  ['broadcast', true, ['nak', 'no-subnet', 'no-subnet', 'no-subnet', 'nak']],
]

/** The five REQUESTs of UNSERVED. */
function requests(server: TestServer, way: keyof typeof WAYS, text: string): readonly string[] {
  const [fields, arrival] = WAYS[way]
  const [asked, us] = [{ 50: uint32(ip(text)) }, { 54: uint32(ip('203.0.113.1')) }]
  const send = (ciaddr: number, options: Record<number, string>) =>
    server.send(REQUEST, { ...client(9), ...fields, ciaddr }, options, { link: BARE, ...arrival })
  const replies = [send(0, { ...asked, ...us }), send(0, asked), send(ip(text), {}), send(0, {})]
  return [...replies, send(0, us)].map(kindOf)
}

t.test('a REQUEST from where no subnet fits', async (t) => {
  for (const [way, authoritative, answers] of UNSERVED) {
    const title = `${way}${authoritative ? ', authoritative' : ''}`
    const server = () => new TestServer(documentWith({}, { authoritative }))
    t.same(requests(server(), way, NOWHERE), answers, title)
    t.same(
      server().send(DISCOVER, { ...client(9), ...WAYS[way][0] }, {}, { link: BARE }),
      'no-subnet',
    )
  }
})

t.test('the NAK where no subnet fits says so, and names this server', async (t) => {
  const server = new TestServer()
  const nak = server.reply(
    REQUEST,
    client(9, { giaddr: ip('203.0.113.9') }),
    { 50: uint32(ip(NOWHERE)), 54: uint32(ip('203.0.113.1')) },
    { link: BARE, address: ip('203.0.113.9') },
  )
  t.equal(nak.type, NAK)
  t.equal(nak.message.octets(56), 'this network is not served here')
  t.equal(nak.message.octets(54), uint32(ip('203.0.113.1')))
})

t.test('who renews in a subnet that is configured no more is told so at once', async (t) => {
  const server = new TestServer()
  t.equal(server.lease(client(9)), A)
  server.reload({ subnet4: [OTHER] })
  const renew = (number: number) =>
    server.send(REQUEST, client(number, { ciaddr: ip(A) }), {}, { link: BARE, address: ip(A) })
  t.equal(kindOf(renew(9)), 'nak')
  t.equal(renew(8), 'no-subnet', 'but not who has no lease of this server')
  t.equal(server.row(A)?.state, LEASE_STATE.assigned, 'and its lease runs out by itself')
})

t.test('of a pair: nothing is refused that the partner may know', async (t) => {
  const foreign = Array.from({ length: 50 }, (_, n) => `203.0.113.${n + 100}`).find(
    (text) => homeOf(ip(text)) === 1,
  )!
  for (const isKnown of [true, false]) {
    const document = documentWith({}, { authoritative: true })
    const server = new TestServer(document, { serverPort: 67, isPartnerConfigKnown: () => isKnown })
    server.pair(0)
    const [selecting, reboot, renewing] = requests(server, 'relay', foreign)
    const expected = isKnown ? 'nak' : 'no-right'
    t.same([selecting, reboot, renewing], [expected, expected, expected], `known: ${isKnown}`)
    const theirs = Array.from({ length: 10 }, (_, n) => `192.0.2.${10 + n}`).find(
      (text) => homeOf(ip(text)) === 1,
    )!
    t.same(
      requests(server, 'relay', theirs).slice(0, 3),
      ['no-right', 'no-right', 'no-right'],
      'an address here',
    )
  }
})
