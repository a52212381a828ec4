// Reservations that list several identifiers of one host, such as both cards of a laptop: the
// address goes over when another of them asks, and to nobody else before every lease of it is over.

import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document, ReservationDocument } from '../../lib/config/keys/document4.ts'
import type { Outcome4 } from '../../lib/dhcp4/outcome4.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import {
  addressOf,
  client,
  DISCOVER,
  documentWith,
  hex,
  ip,
  kindOf,
  RELEASE,
  REQUEST,
  SERVER,
  TestServer,
  type TestSettings,
  uint32,
} from './test-server.ts'

const X = '192.0.2.15'
const [WIRE, WIFI, OTHER] = [client(1), client(2), client(3)]
const WIRE_MAC = '02:00:5e:10:00:01'
const WIFI_MAC = '02:00:5e:10:00:02'
const LAPTOP: ReservationDocument = {
  identifiers: [{ 'hw-address': WIRE_MAC }, { 'hw-address': WIFI_MAC }],
  'ip-address': X,
  hostname: 'laptop',
}
const LIFETIME = 4000

function documentOf(...reservations: ReservationDocument[]): Dhcp4Document {
  return documentWith({ reservations })
}

function serverOf(settings: Partial<TestSettings> = {}, ...reservations: ReservationDocument[]) {
  const list = reservations.length === 0 ? [LAPTOP] : reservations
  return new TestServer(documentOf(...list), { serverPort: 67, ...settings })
}

/** Whom the row of the address names, by the last octet of its hardware address. */
function holderOf(server: TestServer, address = X): number | undefined {
  const row = server.row(address)
  return row?.state === LEASE_STATE.assigned ? row.hwAddress.charCodeAt(5) : undefined
}

function endedOf(outcome: Outcome4): string | undefined {
  if (outcome.kind !== 'reply' || outcome.ended === undefined) return undefined
  return textFromIpv4(outcome.ended.address)
}

function wantedOf(outcome: Outcome4): string[] {
  if (outcome.kind !== 'reply' && outcome.kind !== 'drop') return []
  return outcome.wanted.map(({ first }) => textFromIpv4(first))
}

t.test('identifiers: the address goes over at the REQUEST, not at the DISCOVER', async (t) => {
  const server = serverOf()
  t.equal(server.lease(WIRE), X)
  server.advance(100)
  t.equal(server.discover(WIFI).address, X, 'it is offered')
  t.equal(endedOf(server.outcome), undefined)
  t.equal(holderOf(server), 1, 'and is yet the holder’s')
  const ack = server.select(WIFI, X)
  t.equal(kindOf(ack), 'ack')
  t.equal(endedOf(server.outcome), X, 'the former lease ends')
  t.equal(server.outcome.kind === 'reply' && server.outcome.action, 'granted')
  t.equal(holderOf(server), 2)
  t.equal(server.row(X)?.hostname, 'laptop')
})

t.test(
  'identifiers: a lease that has ended elsewhere, and rests here yet, ends no more',
  async (t) => {
    const server = serverOf()
    server.lease(WIRE)
    server.set(X, 2, { ...server.row(X)!, state: LEASE_STATE.expired })
    t.equal(kindOf(server.reboot(WIFI, X)), 'ack')
    t.equal(endedOf(server.outcome), undefined, 'it was told when it ended')
    t.equal(holderOf(server), 2)
    server.advance(LIFETIME - 1)
    t.not(server.lease(OTHER), X)
  },
)

t.test('identifiers: each of them gets it in every state of a REQUEST', async (t) => {
  const states: [string, (server: TestServer) => ReturnType<TestServer['select']>][] = [
    ['SELECTING', (server) => server.select(WIRE, X)],
    ['INIT-REBOOT', (server) => server.reboot(WIRE, X)],
    ['RENEWING', (server) => server.renew(WIRE, X)],
    ['without an address', (server) => server.send(REQUEST, WIRE)],
  ]
  for (const [state, ask] of states) {
    const server = serverOf()
    server.lease(WIRE)
    server.advance(100)
    server.lease(WIFI)
    server.advance(100)
    const reply = ask(server)
    t.equal(kindOf(reply), 'ack', state)
    t.equal(addressOf(reply), X, state)
    t.equal(holderOf(server), 1, state)
    t.equal(endedOf(server.outcome), X, state)
  }
})

t.test('identifiers: who holds it renews, and nothing ends', async (t) => {
  const server = serverOf()
  server.lease(WIRE)
  server.advance(100)
  t.equal(kindOf(server.renew(WIRE, X)), 'ack')
  t.equal(server.outcome.kind === 'reply' && server.outcome.action, 'renewed')
  t.equal(endedOf(server.outcome), undefined)
})

t.test('identifiers: one with another address keeps it while the other one is up', async (t) => {
  const server = serverOf({}, { 'hw-address': WIRE_MAC, 'ip-address': X })
  server.lease(WIRE)
  const other = server.lease(WIFI)
  t.not(other, X)
  server.reload(documentOf(LAPTOP))
  server.advance(100)
  t.equal(kindOf(server.renew(WIFI, other)), 'ack')
  t.equal(holderOf(server), 1)
  t.equal(server.lease(WIFI), X, 'who begins anew gets that of its host')
  t.equal(kindOf(server.renew(WIRE, X)), 'ack')
  server.advance(LIFETIME * 1.1)
  server.lease(WIFI)
  t.equal(holderOf(server), 2)
})

t.test('identifiers: hardware addresses, client identifiers and DUIDs of one host', async (t) => {
  const server = serverOf(
    {},
    {
      identifiers: [
        { 'hw-address': WIRE_MAC },
        { 'client-id': '01:0a:0b' },
        { duid: '00:03:00:01' },
      ],
      'ip-address': X,
    },
  )
  const clients: [string, ReturnType<typeof client>, Record<number, string>][] = [
    ['by hardware address', WIRE, {}],
    ['by client identifier', WIFI, { 61: hex('010a0b') }],
    ['by DUID', OTHER, { 61: hex('ff0000000100030001') }],
    ['by hardware address, and another client identifier', WIRE, { 61: hex('0177') }],
    ['by hardware address again', WIRE, {}],
  ]
  for (const [how, who, options] of clients) {
    server.advance(20)
    t.equal(server.lease(who, options), X, how)
  }
})

t.test(
  'a single identifier takes nothing over: who has another one is somebody else',
  async (t) => {
    const server = serverOf({}, { 'hw-address': WIRE_MAC, 'ip-address': X })
    t.equal(server.lease(WIRE, { 61: hex('0101') }), X)
    t.not(server.lease(WIRE, { 61: hex('0102') }), X)
  },
)

t.test('identifiers: strangers get it after every lease of it is over', async (t) => {
  const server = serverOf()
  server.lease(WIRE)
  const wireEnds = server.row(X)!.end
  server.advance(1000)
  server.lease(WIFI)
  server.advance(100)
  const release = server.send(RELEASE, { ...WIFI, ciaddr: ip(X) }, { 54: uint32(SERVER) })
  t.equal(release, 'kept-for-host', 'the card on the wire may have it yet')
  t.ok(server.row(X)!.end >= wireEnds)
  t.equal(holderOf(server), 2)
  server.reload(documentOf())
  const offered = new Set<string>()
  for (let number = 10; number < 30; number++) {
    const offer = server.send(DISCOVER, client(number), { 50: uint32(ip(X)) })
    offered.add(addressOf(offer))
  }
  t.notOk(offered.has(X))
  t.not(kindOf(server.reboot(OTHER, X)), 'ack')
  server.advance(2 * LIFETIME)
  t.equal(addressOf(server.send(DISCOVER, OTHER, { 50: uint32(ip(X)) })), X, 'then it is anyone’s')
})

t.test('identifiers: who is no identifier any more may have it yet', async (t) => {
  const server = serverOf()
  server.lease(WIRE)
  server.advance(100)
  server.lease(WIFI)
  // The card on the wire is replaced by another one.
  const identifiers = [{ 'hw-address': '02:00:5e:10:00:03' }, { 'hw-address': WIFI_MAC }]
  server.reload(documentOf({ ...LAPTOP, identifiers }))
  server.advance(100)
  t.not(server.lease(OTHER), X, 'the card that was replaced has it by its lease')
  server.advance(LIFETIME / 2)
  t.equal(kindOf(server.renew(WIFI, X)), 'ack')
  server.advance(LIFETIME / 2)
  t.equal(server.lease(OTHER), X, 'that is over now')
})

t.test('identifiers: a RELEASE counts where nobody else had the address', async (t) => {
  const server = serverOf()
  server.lease(WIRE)
  server.advance(100)
  const release = server.send(RELEASE, { ...WIRE, ciaddr: ip(X) }, { 54: uint32(SERVER) })
  t.equal(release, 'changes')
  t.equal(server.row(X)?.state, LEASE_STATE.released)
  t.equal(server.lease(WIFI), X)
  t.equal(endedOf(server.outcome), undefined)
})

t.test('identifiers: a shorter lease keeps the end of the one that it follows', async (t) => {
  const server = serverOf()
  server.lease(WIRE)
  const { end } = server.row(X)!
  server.reload({ ...documentOf(LAPTOP), 'valid-lifetime': 60 })
  server.advance(100)
  server.lease(WIFI)
  t.equal(server.row(X)!.validLifetime, 60)
  t.ok(server.row(X)!.end >= end)
})

t.test('identifiers: an old RELEASE or DECLINE of who had it before ends nothing', async (t) => {
  const server = serverOf()
  server.lease(WIRE)
  server.advance(100)
  server.lease(WIFI)
  t.equal(server.send(RELEASE, { ...WIRE, ciaddr: ip(X) }, { 54: uint32(SERVER) }), 'not-owner')
  t.equal(holderOf(server), 2)
})

t.test('rule 1a: an address goes over with both keys only', async (t) => {
  const rows: [keys: 0 | 1 | 2, sharing: boolean, offered: string, wanted: string[]][] = [
    [2, true, X, []],
    [2, false, X, []],
    [1, true, X, [X]],
    [0, true, X, [X]],
    [1, false, 'another', []],
    [0, false, 'another', []],
  ]
  for (const [keys, isSharing, offered, wanted] of rows) {
    const server = serverOf({ isPartnerSharing: () => isSharing }).pair(0)
    const { hwAddress } = WIRE
    const { now } = server
    const times = { validLifetime: LIFETIME, start: now, end: now + LIFETIME * 1000 }
    const held = { htype: 1, hwAddress: hwAddress!, state: LEASE_STATE.assigned, ...times }
    server.set(X, keys, { ...held, givenBy: 'partner' })
    const what = `${keys} keys, ${isSharing ? 'connected' : 'cut off'}`
    const offer = server.send(DISCOVER, WIFI)
    t.equal(addressOf(offer) === X ? X : 'another', offered, what)
    t.same(wantedOf(server.outcome), wanted, what)
    const reply = server.select(WIFI, X)
    if (keys === 2) {
      t.equal(kindOf(reply), 'ack', what)
      t.equal(holderOf(server), 2)
    } else {
      t.not(kindOf(reply), 'ack', what)
      t.equal(holderOf(server), 1, 'the row stays as it is')
      if (isSharing) {
        t.equal(reply, 'no-right', 'silence: the key may be on its way')
        t.same(wantedOf(server.outcome), [X], what)
      }
    }
  }
})

t.test('rule 9f: in doubt nothing goes over', async (t) => {
  const server = serverOf().pair(0, { kind: 'all', doubtUntil: 10_000_000_000 })
  const { now } = server
  const times = { validLifetime: LIFETIME, start: now, end: now + LIFETIME * 1000 }
  const held = { htype: 1, hwAddress: WIRE.hwAddress!, state: LEASE_STATE.assigned, ...times }
  server.set(X, 2, held)
  t.not(addressOf(server.send(DISCOVER, WIFI)), X)
  t.not(kindOf(server.select(WIFI, X)), 'ack')
  t.equal(holderOf(server), 1)
})
