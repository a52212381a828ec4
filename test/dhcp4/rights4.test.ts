// What a server of a pair gives, extends, refuses, or leaves to its partner.

import fc from 'fast-check'
import t from 'tap'
import { type Ipv4, textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { Exchange4 } from '../../lib/dhcp4/exchange4.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import { mayHave, mayRefuse, rightsIn, rightTo } from '../../lib/dhcp4/rights-verdict.ts'
import { graceOf, overAt, rowOverAt } from '../../lib/leases/grace.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf, type Keys, keysByCounters, type Side } from '../../lib/leases/rights.ts'
import { RIGHTS } from '../../lib/leases/rights-table.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'
import { Message4 } from '../../lib/wire/v4/reader.ts'
import {
  addressOf,
  client,
  DECLINE,
  DISCOVER,
  DOCUMENT,
  documentWith,
  ip,
  kindOf,
  RELEASE,
  REQUEST,
  type Reply,
  SERVER,
  TestServer,
  type TestSettings,
  uint32,
} from './test-server.ts'

const POOL = Array.from({ length: 10 }, (_, index) => `192.0.2.${10 + index}`)
/** Addresses of the pool whose home is side 0, and side 1. */
const [OURS, THEIRS] = [0, 1].map((side) => POOL.filter((text) => homeOf(ip(text)) === side)) as [
  string[],
  string[],
]
const X = THEIRS[0]!
const Y = OURS[0]!
const HW1 = '02:00:5e:10:00:01'
const reservedForClient1 = (address: string) => ({
  reservations: [{ 'hw-address': HW1, 'ip-address': address }],
})

/** The server of side 0. */
function server0(document: Dhcp4Document = DOCUMENT, settings = {}): TestServer {
  return new TestServer(document, { serverPort: 67, ...settings }).pair(0)
}

/** The fields of a live row of a client, given by the partner. */
function heldBy(server: TestServer, number: number, seconds = 4000): Partial<Lease> {
  const { hwAddress } = client(number)
  return {
    htype: 1,
    hwAddress: hwAddress!,
    state: LEASE_STATE.assigned,
    validLifetime: seconds,
    start: server.now,
    end: server.now + seconds * 1000,
    givenBy: 'partner',
  }
}

function wanted(server: TestServer): string[] {
  const { outcome } = server
  if (!('wanted' in outcome)) return []
  return outcome.wanted.map(({ first, last }) => `${textFromIpv4(first)}-${textFromIpv4(last)}`)
}

t.test('both sides have a part of the pool', async (t) => {
  t.ok(OURS.length >= 2 && THEIRS.length >= 2, `${OURS.length} and ${THEIRS.length}`)
})

// ---- the table

type Kind =
  | 'none'
  | 'free'
  | 'quarantined'
  | 'live'
  | 'ended'
  | 'over'
  | 'released'
  | 'declined'
  | 'declined-over'
const KINDS: readonly Kind[] = [
  'none',
  'free',
  'quarantined',
  'live',
  'ended',
  'over',
  'released',
  'declined',
  'declined-over',
]
const HOLDABLE: readonly Kind[] = ['live', 'ended', 'over', 'released']

function rowOfKind(server: TestServer, kind: Kind, holder: number): Partial<Lease> {
  const live = heldBy(server, holder)
  const ended = { ...live, end: server.now - 1 }
  const long = { ...live, end: server.now - graceOf(4000) }
  const nobody = { htype: 0, hwAddress: '', givenBy: 'us' } as const
  switch (kind) {
    case 'none':
    case 'free':
      return {}
    case 'quarantined':
      return { end: server.now + 1000 }
    case 'live':
      return live
    case 'ended':
      return ended
    case 'over':
      return { ...long, state: LEASE_STATE.expired }
    case 'released':
      return { ...live, end: server.now, state: LEASE_STATE.released }
    case 'declined':
      return { ...live, ...nobody, state: LEASE_STATE.declined }
    case 'declined-over':
      return { ...long, ...nobody, state: LEASE_STATE.declined }
  }
}

/** What rule 3a of lib/ha/README.md says of NEW, RENEW and NAK, in its own terms. */
function rules(kind: Kind, isOwn: boolean, keys: Keys, isDoubtful: boolean) {
  const isQuarantined = kind === 'quarantined' || (kind === 'none' && isDoubtful)
  const isOver = !['live', 'ended', 'declined', 'quarantined'].includes(kind)
  const isOthers = !isOwn && (kind === 'live' || kind === 'ended')
  return {
    isNewAllowed: keys === 2 && isOver && !isQuarantined,
    isRenewAllowed: keys >= 1 && isOwn,
    isNakAllowed: (keys === 2 && !isOwn && !isQuarantined) || (keys >= 1 && isOthers),
  }
}

t.test('the table of rights is that of the rules: keys x row x whose x doubt', async (t) => {
  const seen = new Set<readonly string[]>()
  for (const address of [X, Y])
    for (const keys of [0, 1, 2] as const)
      for (const kind of KINDS)
        for (const isOwn of HOLDABLE.includes(kind) ? [true, false] : [false])
          for (const isDoubtful of [false, true]) {
            const server = new TestServer().pair(0)
            server.pair(0, { doubtUntil: isDoubtful ? server.now + 1000 : 0 })
            const naturalKeys = homeOf(ip(address)) === 0 ? 2 : 0
            if (kind === 'none' && keys !== naturalKeys) continue
            if (kind !== 'none') server.set(address, keys, rowOfKind(server, kind, isOwn ? 1 : 2))
            const settings = { serverPort: 67, isPartnerConfigKnown: () => false }
            const exchange = exchangeOf(server, settings)
            const what = `${keys} keys, ${kind}${isOwn ? ', own' : ''}${isDoubtful ? ', doubt' : ''}`
            const { isNewAllowed, isRenewAllowed, isNakAllowed } = rules(
              kind,
              isOwn,
              keys,
              isDoubtful,
            )
            t.equal(server.keys(address), keys, what)
            t.equal(mayHave(exchange, ASKING, ip(address)), isNewAllowed || isRenewAllowed, what)
            if (isOwn)
              t.equal(rightTo(exchange, ASKING, ip(address)), isRenewAllowed ? 'renew' : 'nothing')
            else t.equal(mayRefuse(exchange, ASKING, ip(address)), isNakAllowed, what)
            seen.add(rightsIn(exchange, ASKING, server.row(address), keys))
          }
  // See hosts4.test.ts.
  seen.add(RIGHTS.ofItsHost)
  for (const [name, line] of Object.entries(RIGHTS)) t.ok(seen.has(line), `${name} is not dead`)
})

t.test('rows of the past are only for who renews, until the quarantine ends', async (t) => {
  for (const kind of ['keys', 'all'] as const) {
    const server = server0()
    server.set(Y, 2, heldBy(server, 1))
    server.advance(1000)
    server.pair(0, { kind, doubtFrom: server.now, doubtUntil: server.now + 3_600_000 })
    const renew = client(1, { ciaddr: ip(Y) })
    t.equal(server.send(REQUEST, client(1), { 50: uint32(ip(Y)) }), 'no-right', 'after a reboot')
    t.equal(server.send(REQUEST, client(2, { ciaddr: ip(Y) })), 'no-right', 'of somebody else')
    t.match(server.send(DISCOVER, client(1)), /no-/, 'who starts anew is not led back to it')
    t.equal(kindOf(server.send(REQUEST, renew)), 'ack')
    t.equal(
      kindOf(server.send(REQUEST, client(1), { 50: uint32(ip(Y)) })),
      'ack',
      'now it is known',
    )
  }
})

t.test('without rights nothing is allowed, with all of them what two keys allow', async (t) => {
  for (const kind of KINDS)
    for (const holder of HOLDABLE.includes(kind) ? [1, 2] : [2]) {
      const server = server0()
      if (kind !== 'none') server.set(Y, 2, rowOfKind(server, kind, holder))
      const exchange = exchangeOf(server)
      const right = rightTo(exchange, ASKING, ip(Y))
      if (kind !== 'none') server.set(Y, 0, rowOfKind(server, kind, holder))
      server.pair(0, { kind: 'all' })
      t.equal(rightTo(exchangeOf(server), ASKING, ip(Y)), right, kind)
      server.pair(0, { kind: 'none' })
      t.equal(rightTo(exchangeOf(server), ASKING, ip(Y)), 'nothing', kind)
    }
})

const CLIENT1 = { htype: 1, hwAddress: client(1).hwAddress!, clientId: '' }
const ASKING = { client: CLIENT1, reservation: undefined }

/** An exchange of client 1. */
function exchangeOf(server: TestServer, settings: TestSettings = { serverPort: 67 }): Exchange4 {
  const none = () => 0
  const all = { ...settings, draw: none, nextChange: none }
  const exchange = new Exchange4(server.plan, server.table, all, new ReplyOptions4(), new Set())
  const { arrival, now } = server
  const asked = {
    query: new Message4(),
    client: CLIENT1,
    owner: 0,
    arrival,
    now,
    heard: undefined,
  }
  exchange.begin(asked, new Uint8Array(0), 0)
  return exchange
}

// ---- new leases

t.test('new clients get addresses whose keys are here, whatever they ask for', async (t) => {
  for (const side of [0, 1] as const) {
    const server = new TestServer().pair(side)
    const own = side === 0 ? OURS : THEIRS
    const foreign = side === 0 ? THEIRS : OURS
    const given = own.map((_, number) => {
      const offer = server.discover(client(number), { 50: uint32(ip(foreign[0]!)) })
      return addressOf(server.select(client(number), offer.address))
    })
    t.same(given.sort(), [...own].sort(), `side ${side}`)
    t.equal(server.send(DISCOVER, client(99)), 'no-own-address')
    t.same(wanted(server), ['192.0.2.10-192.0.2.19'], 'the partner should hand some on')
    t.equal(server.send(REQUEST, client(99)), 'no-own-address', 'nor without an OFFER')
    server.set(foreign[0]!, 2)
    t.equal(server.lease(client(99)), foreign[0], 'handed on')
    t.equal(server.row(foreign[0]!)?.hwAddress, client(99).hwAddress)
    t.equal(server.keys(foreign[0]!), 2, 'the row keeps its counters')
  }
})

t.test('with every right the whole pool is given, with none nothing', async (t) => {
  const server = server0().pair(0, { kind: 'all' })
  const given = POOL.map((_, number) => server.lease(client(number)))
  t.same(given.sort(), POOL)
  t.equal(server.send(DISCOVER, client(99)), 'no-free-address', 'there is nobody to ask')
  t.same(wanted(server), [])
  const idle = server0().pair(0, { kind: 'none' })
  t.equal(idle.send(DISCOVER, client(1)), 'no-free-address')
  for (const state of ['select', 'reboot', 'renew'] as const)
    t.equal(idle[state](client(1), Y), 'no-right')
})

t.test('a database in doubt gives only what the partner has handed on', async (t) => {
  const server = server0()
  server.pair(0, { doubtUntil: server.now + 60_000 })
  t.equal(server.send(DISCOVER, client(1)), 'no-own-address')
  for (const state of ['select', 'reboot', 'renew'] as const)
    t.equal(server[state](client(1), Y), 'no-right', `${state}: the client may well have it`)
  server.set(X, 2)
  t.equal(server.lease(client(1)), X)
  server.advance(61)
  t.ok(OURS.includes(server.lease(client(2))), 'after the longest lifetime the doubt is over')
})

t.test('who took every key while in doubt only extends leases that run', async (t) => {
  const sealed = (fields: (server: TestServer) => Partial<Lease>) => {
    const server = server0()
    server.set(Y, 2, fields(server))
    return server.pair(0, { kind: 'all', doubtUntil: server.now + 60_000 })
  }
  const live = sealed((server) => heldBy(server, 1))
  t.equal(addressOf(live.renew(client(1), Y)), Y)
  t.equal(live.reboot(client(2), Y), 'no-right', 'the lost partner may have given it to this one')
  const ended = (server: TestServer) => ({ ...heldBy(server, 1), start: 0, end: 1 })
  const released = (server: TestServer) => ({
    ...heldBy(server, 1),
    state: LEASE_STATE.released,
    end: server.now,
  })
  for (const fields of [ended, released, () => ({})])
    for (const number of [1, 2]) {
      const server = sealed(fields)
      for (const state of ['select', 'reboot', 'renew'] as const)
        t.type(server[state](client(number), Y), 'string', `${state}, client ${number}`)
      t.type(server.send(DISCOVER, client(number), { 50: uint32(ip(Y)) }), 'string')
    }
})

// ---- silence instead of refusals

t.test('28 nak-from-ignorance: what the partner may have given is not refused', async (t) => {
  for (const authoritative of [false, true])
    for (const state of ['select', 'reboot', 'renew'] as const) {
      const server = server0(documentWith({}, { authoritative }))
      t.equal(server[state](client(1), X), 'no-right', `${state}, never heard of it`)
      t.equal(server.row(X), undefined)
      t.same(wanted(server), [], 'strangers do not make the partner give')
      server.set(X, 1)
      t.equal(server[state](client(1), X), 'no-right', `${state}, one key`)
      server.set(X, 0, heldBy(server, 2))
      t.equal(server[state](client(1), X), 'no-right', `${state}, hearsay of another client`)
      server.set(X, 1, heldBy(server, 2))
      const known = authoritative || state !== 'reboot'
      t.equal(kindOf(server[state](client(1), X)), known ? 'nak' : 'unknown-client', state)
    }
})

t.test('an address of no subnet is refused where the partner has the same ones', async (t) => {
  const document = documentWith({}, { authoritative: true })
  const nowhere = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'].find(
    (text) => homeOf(ip(text)) === 1,
  )!
  for (const known of [true, false]) {
    const server = server0(document, { isPartnerConfigKnown: () => known })
    t.equal(kindOf(server.reboot(client(1), nowhere)), known ? 'nak' : 'no-right')
    t.equal(kindOf(server.select(client(1), nowhere)), known ? 'nak' : 'no-right')
  }
})

t.test('25 offer-then-hand-on: rights count when the REQUEST comes', async (t) => {
  const server = server0()
  const { address } = server.discover(client(1))
  server.set(address, 0)
  t.equal(server.select(client(1), address), 'no-right')
  t.equal(server.row(address)?.state, LEASE_STATE.free)
})

// ---- leases

t.test('one key extends a lease, also after its end or RELEASE', async (t) => {
  for (const state of ['select', 'reboot', 'renew'] as const) {
    const server = server0()
    server.set(X, 1, heldBy(server, 1))
    t.equal(kindOf(server[state](client(1), X)), 'ack', `${state}, live`)
    t.match(server.row(X), { givenBy: 'us', got: 1, gave: 0 })
    server.advance(100_000)
    t.equal(kindOf(server[state](client(1), X)), 'ack', `${state}, ended`)
    server.set(X, 1, { state: LEASE_STATE.released, end: server.now })
    t.equal(kindOf(server[state](client(1), X)), 'ack', `${state}, released`)
    t.equal(server.keys(X), 1)
  }
})

t.test('one key gives nothing to somebody else, however long it has been over', async (t) => {
  for (const row of ['over', 'released'] as const) {
    const server = server0()
    server.set(X, 1, rowOfKind(server, row, 1))
    t.not(server.discover(client(2), { 50: uint32(ip(X)) }).address, X)
    t.equal(server.select(client(2), X), 'no-right')
    t.equal(server.discover(client(1)).address, X, 'its former client is led back to it')
  }
})

t.test('a lease without a key here is not extended; the partner is asked for it', async (t) => {
  const server = server0()
  server.set(X, 0, heldBy(server, 1))
  for (const state of ['select', 'reboot', 'renew'] as const) {
    t.equal(server[state](client(1), X), 'no-right', state)
    t.same(wanted(server), [`${X}-${X}`])
  }
  t.ok(OURS.includes(server.discover(client(1)).address), 'but the client is not left without')
})

t.test("18 nak-lost: a moved address stays its holder's until the end", async (t) => {
  for (const keys of [1, 2] as const) {
    const server = server0()
    const address = server.lease(client(2))
    server.set(address, keys)
    server.reload(documentWith(reservedForClient1(address)))
    server.advance(100)
    t.equal(kindOf(server.renew(client(2), address)), 'nak', 'to extend it no more is allowed')
    t.equal(server.row(address)?.state, LEASE_STATE.assigned)
    const other = server.discover(client(1)).address
    t.not(other, address)
    t.equal(kindOf(server.select(client(1), address)), 'nak')
    server.advance(4000 + 31)
    if (keys === 2) t.equal(server.discover(client(1)).address, address, 'over')
    else t.equal(server.send(DISCOVER, client(1)), 'no-right', 'over, but the partner has a key')
  }
})

t.test('17 shorter-renewal-ack-lost: the former end counts', async (t) => {
  const server = server0()
  server.set(X, 1, heldBy(server, 1))
  const end = server.row(X)!.end
  server.reload({ ...DOCUMENT, 'valid-lifetime': 60 })
  t.equal(kindOf(server.renew(client(1), X)), 'ack')
  t.equal(server.row(X)?.validLifetime, 60)
  t.ok(overAt(server.row(X)!.end, 60) >= overAt(end, 4000))
  server.set(X, 2)
  server.advance(60 + 11)
  t.equal(kindOf(server.select(client(2), X)), 'nak', 'not over for anybody else')
})

t.test('31 infinite leases are never over, whoever gave them', async (t) => {
  const server = server0()
  server.set(X, 2, { ...heldBy(server, 1), validLifetime: INFINITE_LIFETIME, end: NEVER })
  t.equal(kindOf(server.renew(client(1), X)), 'ack', 'with a finite lifetime from now on')
  t.equal(server.row(X)?.end, NEVER, 'what was told before counts')
  server.advance(1e9)
  t.equal(kindOf(server.select(client(2), X)), 'nak')
  const endless = server0({ ...DOCUMENT, 'valid-lifetime': INFINITE_LIFETIME })
  const address = endless.lease(client(1))
  t.equal(endless.row(address)?.end, NEVER)
  endless.advance(1e9)
  t.equal(endless.discover(client(2)).address === address, false)
  t.equal(kindOf(endless.renew(client(1), address)), 'ack')
})

// ---- reservations

t.test('a reservation gives no right', async (t) => {
  t.test('its client waits for the address rather than move twice', async (t) => {
    const server = server0(documentWith(reservedForClient1(X)))
    t.equal(server.send(DISCOVER, client(1)), 'no-right')
    t.same(wanted(server), [`${X}-${X}`], 'the partner is asked')
    t.equal(server.send(DISCOVER, client(1), { 50: uint32(ip(Y)) }), 'no-right')
    for (const state of ['select', 'reboot', 'renew'] as const)
      t.equal(server[state](client(1), X), 'no-right', state)
    t.same(wanted(server), [`${X}-${X}`])
    server.set(X, 2)
    t.equal(server.lease(client(1)), X)
  })
  t.test('its client keeps what it holds until then', async (t) => {
    const server = server0()
    const held = server.lease(client(1))
    server.reload(documentWith(reservedForClient1(X)))
    t.equal(kindOf(server.renew(client(1), held)), 'ack')
    t.equal(kindOf(server.reboot(client(1), held)), 'ack')
    t.equal(server.discover(client(1)).address, held)
    server.set(X, 2)
    t.equal(kindOf(server.renew(client(1), held)), 'nak', 'now it moves')
    t.equal(server.lease(client(1)), X)
  })
  t.test('one key and the row of its client are enough', async (t) => {
    const server = server0(documentWith(reservedForClient1(X)))
    server.set(X, 1, { ...heldBy(server, 1), end: server.now - 1e6, state: LEASE_STATE.expired })
    t.equal(server.lease(client(1)), X)
  })
  for (const keys of [0, 1, 2] as const)
    t.test(
      `declined, so that nobody can give it, ${keys} keys here: another address meanwhile`,
      async (t) => {
        const server = server0(documentWith(reservedForClient1(X)))
        const probation = { state: LEASE_STATE.declined, end: server.now + 3600_000, htype: 0 }
        server.set(X, keys, { ...probation, hwAddress: '', validLifetime: 3600 })
        const meanwhile = server.lease(client(1))
        t.not(meanwhile, X)
        t.equal(kindOf(server.renew(client(1), meanwhile)), 'ack')
        server.now += 3600_000 + graceOf(3600)
        if (keys < 2) t.equal(kindOf(server.renew(client(1), meanwhile)), 'ack')
        if (keys < 2)
          t.same(wanted(server), [`${X}-${X}`], 'its time is over: the partner is asked')
        else
          t.equal(kindOf(server.renew(client(1), meanwhile)), 'nak', 'its time is over: it moves')
      },
    )
  for (const keys of [0, 1, 2] as const)
    t.test(`in use by another client, ${keys} keys here: another address meanwhile`, async (t) => {
      const server = server0(documentWith(reservedForClient1(X)))
      server.set(X, keys, heldBy(server, 2))
      t.equal(kindOf(server.discover(client(1))), 'offer')
      t.not(server.lease(client(1)), X)
    })
  t.test('in doubt, so that nobody can give it: a dynamic address meanwhile', async (t) => {
    const server = server0(documentWith(reservedForClient1(Y)))
    server.pair(0, { doubtUntil: server.now + 60_000 })
    server.set(X, 2)
    t.equal(server.reboot(client(1), Y), 'no-right')
    t.same(wanted(server), [], 'the keys are here')
    t.equal(server.lease(client(1)), X)
    server.advance(61)
    t.equal(kindOf(server.renew(client(1), X)), 'nak')
    t.equal(server.lease(client(1)), Y)
  })
  t.test('known to be in use by another: a dynamic address meanwhile', async (t) => {
    const server = server0(documentWith(reservedForClient1(X)))
    server.set(X, 1, heldBy(server, 2))
    t.ok(OURS.includes(server.lease(client(1))))
  })
})

// ---- RELEASE and DECLINE

t.test('RELEASE and DECLINE count only where the lease was given last', async (t) => {
  const address = { 50: uint32(ip(X)), 54: uint32(SERVER) }
  for (const [type, options] of [
    [RELEASE, { 54: uint32(SERVER) }],
    [DECLINE, address],
  ] as const) {
    const server = server0()
    const ends = () => server.send(type, client(1, { ciaddr: ip(X) }), options)
    server.set(X, 1, heldBy(server, 1))
    server.advance(60)
    const before = server.row(X)
    t.equal(ends(), 'given-by-partner')
    t.same(server.row(X), before, 'it runs out by itself')
    server.renew(client(1), X)
    server.advance(60)
    t.equal(ends(), 'changes', 'after an ACK of ours')
    t.match(server.row(X), { gave: 0, got: 1 })
  }
})

t.test('16 stale RELEASE: an address renewed with one key is never fresh', async (t) => {
  for (const keys of [1, 2] as const) {
    const server = server0()
    const end = server.now - 1e6
    server.set(X, keys, { ...heldBy(server, 1), end, state: LEASE_STATE.expired })
    t.equal(kindOf(server.renew(client(1), X)), 'ack')
    const answer = server.send(RELEASE, client(1, { ciaddr: ip(X) }))
    t.equal(answer, keys === 1 ? 'release-too-soon' : 'changes', `${keys} keys`)
  }
})

// ---- guards

const PEERS = [
  { name: 'server1', url: 'http://192.0.2.1:8000/', role: 'primary' },
  { name: 'server2', url: 'http://192.0.2.2:8000/', role: 'secondary' },
] as const
const PAIR: Partial<Dhcp4Document> = {
  'hooks-libraries': [
    {
      library: '/usr/lib/kea/hooks/libdhcp_ha.so',
      parameters: {
        'high-availability': [
          { 'this-server-name': 'server1', mode: 'load-balancing', peers: PEERS },
        ],
      },
    },
  ],
}
const TWO_POOLS = documentWith(
  {
    pools: [
      { pool: '192.0.2.1 - 192.0.2.50', 'client-classes': ['HA_server1'] },
      { pool: '192.0.2.51 - 192.0.2.100', 'client-classes': ['HA_server2'] },
    ],
  },
  PAIR,
)
const last = (text: string) => Number(text.split('.')[3])

t.test("two guarded pools: each owner's clients have their own, on either server", async (t) => {
  for (const side of [0, 1] as const) {
    const server = new TestServer(TWO_POOLS).pair(side)
    for (const owner of [0, 1]) {
      server.owner = owner
      const isInPool = (text: string) => (last(text) <= 50 ? 0 : 1) === owner
      const given = [1, 2, 3, 4, 5].map((number) => server.lease(client(owner * 100 + number)))
      t.ok(given.every(isInPool), `side ${side}, owner ${owner}: ${given}`)
      t.ok(
        given.every((text) => homeOf(ip(text)) === side),
        'and it has both keys of them',
      )
    }
  }
})

t.test('a lease in a pool that its client may not use is moved, not extended', async (t) => {
  const server = new TestServer(TWO_POOLS).pair(0)
  const address = server.lease(client(1))
  t.equal(kindOf(server.renew(client(1), address)), 'ack')
  server.owner = 1
  t.equal(kindOf(server.renew(client(1), address)), 'nak')
  t.equal(kindOf(server.reboot(client(1), address)), 'nak')
  t.ok(last(server.lease(client(1))) > 50)
  t.equal(server.row(address)?.state, LEASE_STATE.assigned, 'and runs out by itself')
})

t.test('the other server takes over what was given under the same configuration', async (t) => {
  const second = new TestServer(TWO_POOLS).pair(1)
  const taken = '192.0.2.7'
  second.set(taken, 1, heldBy(second, 1))
  t.equal(kindOf(second.renew(client(1), taken)), 'ack', 'owner 0, pool of server1')
})

t.test('a pool that is used up says which ranges are wanted, those of the owner', async (t) => {
  const document = documentWith(
    {
      pools: [
        { pool: '192.0.2.10 - 192.0.2.13', 'client-classes': ['HA_server1'] },
        { pool: '192.0.2.51 - 192.0.2.100', 'client-classes': ['HA_server2'] },
      ],
    },
    PAIR,
  )
  const server = new TestServer(document).pair(0)
  let number = 0
  while (typeof server.send(DISCOVER, client(++number)) !== 'string') server.lease(client(number))
  t.same(wanted(server), ['192.0.2.10-192.0.2.13'])
})

t.test("a guarded subnet serves only its owner's clients", async (t) => {
  const server = new TestServer(documentWith({ 'client-classes': ['HA_server2'] }, PAIR)).pair(0)
  t.equal(server.send(DISCOVER, client(1)), 'no-subnet')
  t.equal(server.renew(client(1), Y), 'no-subnet')
  server.owner = 1
  t.ok(OURS.includes(server.lease(client(1))))
  server.owner = 0
  server.advance(60)
  t.equal(server.send(RELEASE, client(1, { ciaddr: server.row(Y) ? ip(Y) : 0 })), 'changes')
})

// ---- everything together

const MIXED: Dhcp4Document = {
  'valid-lifetime': 600,
  ...PAIR,
  'shared-networks': [
    {
      name: 'floor',
      subnet4: [
        {
          id: 1,
          subnet: '192.0.2.0/24',
          pools: [
            { pool: '192.0.2.10 - 192.0.2.12', 'client-classes': ['HA_server1'] },
            { pool: '192.0.2.13 - 192.0.2.14' },
          ],
          reservations: [{ 'hw-address': HW1, 'ip-address': '192.0.2.13' }],
        },
        {
          id: 2,
          subnet: '198.51.100.0/24',
          pools: [{ pool: '198.51.100.10 - 198.51.100.12' }],
          'client-classes': ['HA_server2', 'HA_server1'],
          reservations: [{ 'hw-address': '02:00:5e:10:00:02', 'ip-address': '198.51.100.200' }],
        },
      ],
    },
  ],
}
const STAGE = [
  ...['10', '11', '12', '13', '14'].map((end) => `192.0.2.${end}`),
  ...['10', '11', '12', '200'].map((end) => `198.51.100.${end}`),
  '203.0.113.7',
]

interface Message {
  readonly what: number
  readonly number: number
  readonly address: number
  readonly owner: number
  readonly pause: number
}
const MESSAGE = fc.record<Message>({
  what: fc.integer({ min: 0, max: 6 }),
  number: fc.integer({ min: 1, max: 4 }),
  address: fc.integer({ min: 0, max: STAGE.length - 1 }),
  owner: fc.integer({ min: 0, max: 1 }),
  pause: fc.constantFrom(0, 0, 1, 30, 700, 5000),
})
const ROW = fc.record({
  address: fc.integer({ min: 0, max: STAGE.length - 2 }),
  kind: fc.constantFrom(...KINDS),
  holder: fc.integer({ min: 1, max: 4 }),
  keys: fc.integer({ min: 0, max: 2 }),
})

t.test('no path gives, offers or refuses what the rules do not allow', async (t) => {
  const world = fc.record({
    side: fc.integer({ min: 0, max: 1 }),
    isDoubtful: fc.boolean(),
    isConfigKnown: fc.boolean(),
    rows: fc.array(ROW, { maxLength: 9 }),
    messages: fc.array(MESSAGE, { minLength: 1, maxLength: 12 }),
  })
  let answers = 0
  fc.assert(
    fc.property(world, ({ side, isDoubtful, isConfigKnown, rows, messages }) => {
      const settings = { serverPort: 67, isPartnerConfigKnown: () => isConfigKnown }
      const server = new TestServer(MIXED, settings).pair(side as Side)
      const doubtUntil = isDoubtful ? server.now + 1_000_000 : 0
      server.pair(side as Side, { doubtUntil })
      for (const { address, kind, holder, keys } of rows)
        if (kind !== 'none')
          server.set(STAGE[address]!, keys as Keys, {
            ...rowOfKind(server, kind, holder),
            subnetId: address < 5 ? 1 : 2,
          })
      for (const message of messages) {
        server.advance(message.pause)
        server.owner = message.owner
        const judged = judge(server, message, doubtUntil, isConfigKnown)
        if (judged !== '') throw new Error(judged)
        answers++
      }
    }),
    { numRuns: 400, seed: 11 },
  )
  t.ok(answers > 1000, `${answers} messages`)
})

/** Sends the message; returns what the answer has wrong, '' for nothing. */
function judge(
  server: TestServer,
  { what, number, address, owner }: Message,
  doubtUntil: number,
  isConfigKnown: boolean,
): string {
  const text = STAGE[address]!
  const before = new Map(STAGE.map((each) => [ip(each), server.row(each)]))
  const who = client(number)
  const reply = say(server, what, number, text)
  const mayGive = (given: Ipv4) => {
    const row = before.get(given)
    const keys = keysByCounters(
      homeOf(given),
      server.table.rights.side,
      row?.gave ?? 0,
      row?.got ?? 0,
    )
    const isHeld = row !== undefined && row.hwAddress === who.hwAddress && row.state !== 1
    const isOver = row === undefined || row.state === 3 || rowOverAt(row) <= server.now
    const isQuarantined = row === undefined && server.now < doubtUntil
    const isNew = keys === 2 && isOver && !isQuarantined
    const isLive = row !== undefined && (row.state === 0 || row.state === 2) && !isOver
    const isNak =
      (keys === 2 && !isHeld && !isQuarantined && (isOver || row?.state !== 4)) ||
      (keys >= 1 && !isHeld && isLive)
    return { isHeld, may: isNew || (keys >= 1 && isHeld), isNak }
  }
  const title = `${kindOf(reply)} to ${what} for ${text} by ${number}, owner ${owner}`
  if (typeof reply === 'string') {
    if (reply !== 'changes') return ''
    const row = before.get(ip(text))
    return row?.givenBy === 'us' && row.hwAddress === who.hwAddress ? '' : title
  }
  const { isHeld, isNak } = mayGive(ip(text))
  if (kindOf(reply) === 'nak') {
    const isNowhere = text === '203.0.113.7' && isConfigKnown
    return isHeld || isNak || isNowhere ? '' : title
  }
  const isGuarded =
    last(addressOf(reply)) < 13 && addressOf(reply).startsWith('192.') && owner === 1
  return mayGive(ip(addressOf(reply))).may && !isGuarded ? '' : `${title}: ${addressOf(reply)}`
}

function say(server: TestServer, what: number, number: number, address: string): Reply | string {
  const who = client(number)
  const asked = { 50: uint32(ip(address)) }
  if (what === 0) return server.send(DISCOVER, who)
  if (what === 1) return server.send(DISCOVER, who, asked)
  if (what === 2) return server.select(who, address)
  if (what === 3) return server.reboot(who, address)
  if (what === 4) return server.renew(who, address)
  if (what === 5) return server.send(RELEASE, { ...who, ciaddr: ip(address) })
  return server.send(DECLINE, who, asked)
}
