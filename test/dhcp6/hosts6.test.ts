// Who is led back to what: reservations, wishes for a length of prefix (RFC 8168), bindings that a
// host has no more; and what relays say.

import t from 'tap'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import { duidLl } from '../../lib/wire/v6/duid.ts'
import {
  address,
  client,
  documentWith,
  key6,
  LeaseServer6,
  na,
  pd,
  REBIND,
  RELEASE,
  RENEW,
  REQUEST,
  SOLICIT,
  SUBNET,
} from './lease-server6.ts'

const DUID9 = '00:03:00:01:00:00:5e:00:53:09'
const HW9 = '00:00:5e:00:53:09'

t.test('RFC8168: a wish for a length of prefix', async (t) => {
  const pool = (prefix: string, length: number) => ({
    prefix,
    'prefix-len': 44,
    'delegated-len': length,
  })
  const document = documentWith({
    'pd-pools': [
      pool('2001:db8:1000::', 48),
      pool('2001:db8:2000::', 56),
      pool('2001:db8:3000::', 60),
      pool('2001:db8:4000::', 64),
    ],
  })
  for (const [named, told] of [
    ['::/56', '2001:db8:2000::/56'],
    ['::/60', '2001:db8:3000::/60'],
    ['::/57', '2001:db8:2000::/56'],
    ['::/63', '2001:db8:3000::/60'],
    ['::/40', '2001:db8:1000::/48'],
    ['::/0', '2001:db8:1000::/48'],
    ['::/128', '2001:db8:1000::/48'],
    ['2001:db8:4000:7::/64', '2001:db8:4000:7::/64'],
    ['2001:db8:2000:ab00::/64', '2001:db8:2000:ab00::/56'],
    ['2001:db8:1003::/44', '2001:db8:1000::/48'],
  ] as const) {
    const [line] = new LeaseServer6(document).ias(SOLICIT, client(1), [pd(1, named)])
    t.equal(line, `PD 1: ${told} 3000/4000`, named)
  }
  const server = new LeaseServer6(document)
  t.strictSame(server.ias(RENEW, client(1), [pd(1, '::/60')]), [
    'PD 1: 2001:db8:3000::/60 3000/4000',
  ])
  t.strictSame(
    server.ias(RENEW, client(1), [pd(1, '::/56')]),
    ['PD 1: 2001:db8:3000::/60 3000/4000'],
    'who has one keeps it',
  )
})

t.test(
  'each IA of a host gets one of what is reserved for it, and the next ones something free',
  async (t) => {
    const reservation = {
      duid: DUID9,
      'ip-addresses': ['2001:db8:1::a1', '2001:db8:1::a2'],
      prefixes: ['2001:db8:9000::/56', '2001:db8:9000:100::/48'],
    }
    const ias = [na(1), na(2), na(3), pd(1), pd(2), pd(3)]
    const expected = [
      '2001:db8:1::a1',
      '2001:db8:1::a2',
      '2001:db8:1::10',
      '2001:db8:9000::/56',
      '2001:db8:9000::/48',
      '2001:db8:8000::/56',
    ]
    const reservations = [
      { ...reservation, prefixes: ['2001:db8:9000::/56', '2001:db8:9001::/48'] },
    ]
    expected[4] = '2001:db8:9001::/48'
    const server = new LeaseServer6(documentWith({ reservations }))
    t.strictSame(server.lease(client(9), ...ias), expected)
    t.strictSame(
      server.lease(client(9), ...ias.toReversed()),
      expected.toReversed(),
      'each its own',
    )
    t.strictSame(server.lease(client(9), na(2)), ['2001:db8:1::a2'])
  },
)

t.test('a host is found by its hardware address, whatever its DUID', async (t) => {
  const reservations = [{ 'hw-address': HW9, 'ip-addresses': ['2001:db8:1::a1'] }]
  const server = new LeaseServer6(documentWith({ reservations }))
  t.strictSame(server.lease({ ...client(9), duid: client(3).duid }, na()), ['2001:db8:1::a1'])
})

t.test(
  'what is reserved is not blocked by a released or ended row of another binding',
  async (t) => {
    for (const state of [LEASE_STATE.released, LEASE_STATE.expired]) {
      const server = new LeaseServer6()
      server.lease(client(1), na(1, '2001:db8:1::15'))
      server.set('2001:db8:1::15', 2, { state, end: 0 })
      server.advance(60)
      const reservations = [{ duid: DUID9, 'ip-addresses': ['2001:db8:1::15'] }]
      server.reload(documentWith({ reservations }))
      t.strictSame(server.lease(client(9), na()), ['2001:db8:1::15'])
    }
  },
)

t.test(
  'what has ended elsewhere, and rests here yet, goes over without ending again',
  async (t) => {
    const reservations = [{ 'hw-address': HW9, 'ip-addresses': ['2001:db8:1::a1'] }]
    const server = new LeaseServer6(documentWith({ reservations }))
    const firmware = { ...client(9), duid: '\0\x04firmware-of-host' }
    t.strictSame(server.lease(firmware, na(77)), ['2001:db8:1::a1'])
    server.set('2001:db8:1::a1', 2, { state: LEASE_STATE.expired })
    t.strictSame(server.lease(client(9), na(1)), ['2001:db8:1::a1'])
    const { outcome } = server
    const [done] = outcome.kind === 'reply' ? outcome.changes : []
    t.equal(done?.ended, undefined)
  },
)

t.test('the next stage of a boot takes over what is reserved for its host', async (t) => {
  const reservations = [{ 'hw-address': HW9, 'ip-addresses': ['2001:db8:1::a1'] }]
  const server = new LeaseServer6(documentWith({ reservations }))
  const firmware = { ...client(9), duid: '\0\x04firmware-of-host' }
  t.strictSame(server.lease(firmware, na(77)), ['2001:db8:1::a1'])
  t.strictSame(server.lease(client(9), na(1)), ['2001:db8:1::a1'])
  const { outcome } = server
  const [done] = outcome.kind === 'reply' ? outcome.changes : []
  t.match(done?.ended?.clientId, firmware.duid, 'and it is told that the former lease ended')
  t.strictSame(server.ias(RENEW, firmware, [na(77, '2001:db8:1::a1')]), [
    'NA 77: 2001:db8:1::a1 3000/4000',
  ])
  t.strictSame(server.lease(client(9), na(1)), ['2001:db8:1::a1'], 'whoever of the host asks next')
  server.advance(60)
  server.send(RELEASE, client(9), [na(1, '2001:db8:1::a1')])
  t.equal(server.row('2001:db8:1::a1')?.state, 0, 'firmware may use it yet')
})

t.test('of two hosts behind one DUID the second waits until the first is silent', async (t) => {
  const reservations = [{ duid: DUID9, 'ip-addresses': ['2001:db8:1::a1'] }]
  const server = new LeaseServer6(documentWith({ reservations }))
  const second = { ...client(9), mac: client(8).mac }
  t.strictSame(server.lease(client(9), na(1)), ['2001:db8:1::a1'])
  t.strictSame(server.lease(second, na(2)), ['2001:db8:1::10'])
  server.advance(2399)
  t.strictSame(server.ias(SOLICIT, second, [na(3)]), ['NA 3: 2001:db8:1::11 3000/4000'])
  server.advance(1)
  t.strictSame(server.lease(second, na(3)), ['2001:db8:1::a1'])
  t.strictSame(
    server.ias(RENEW, second, [na(2, '2001:db8:1::10')]),
    ['NA 2: 2001:db8:1::10 3000/4000'],
    'who has a lease is not moved to one that another has',
  )
})

t.test('of both IAs of one message none takes from the other', async (t) => {
  const reservations = [{ duid: DUID9, 'ip-addresses': ['2001:db8:1::a1'] }]
  const server = new LeaseServer6(documentWith({ reservations }))
  server.lease(client(9), na(2))
  for (const type of [SOLICIT, REQUEST])
    t.strictSame(server.ias(type, client(9), [na(1), na(2)]), [
      'NA 1: 2001:db8:1::10 3000/4000',
      'NA 2: 2001:db8:1::a1 3000/4000',
    ])
})

t.test('a take-over takes both keys', async (t) => {
  const reservations = [{ 'hw-address': HW9, 'ip-addresses': ['2001:db8:1::a1'] }]
  const server = new LeaseServer6(documentWith({ reservations })).pair(0)
  server.set('2001:db8:1::a1', 2)
  const firmware = { ...client(9), duid: '\0\x04firmware-of-host' }
  t.strictSame(server.lease(firmware, na(77)), ['2001:db8:1::a1'])
  server.set('2001:db8:1::a1', 1)
  server.set('2001:db8:1::10', 2)
  t.strictSame(server.lease(client(9), na(1, '2001:db8:1::10')), ['2001:db8:1::10'])
  server.set('2001:db8:1::a1', 2)
  t.strictSame(server.lease(client(9), na(2)), ['2001:db8:1::a1'])
})

t.test('the partner is asked for its key of what goes over', async (t) => {
  const reservations = [{ 'hw-address': HW9, 'ip-addresses': ['2001:db8:1::a1'] }]
  const settings = { isPartnerSharing: () => true }
  const server = new LeaseServer6(documentWith({ reservations }), settings).pair(0)
  server.set('2001:db8:1::a1', 2)
  server.set('2001:db8:1::10', 2)
  const firmware = { ...client(9), duid: '\0\x04firmware-of-host' }
  server.lease(firmware, na(77))
  server.set('2001:db8:1::a1', 1)
  const elapsed = (time: number) => ({
    options: [[OPTION6.elapsedTime, String.fromCharCode(time >> 8, time & 255)]] as const,
  })
  t.equal(server.send(SOLICIT, client(9), [na(1)], elapsed(0)), 'no-right')
  t.equal(server.outcome.kind === 'drop' && server.outcome.wanted[0]?.first, key6('2001:db8:1::a1'))
  t.strictSame(
    server.ias(SOLICIT, client(9), [na(1, '2001:db8:1::10')], elapsed(500)),
    ['NA 1: 2001:db8:1::10 3000/4000'],
    'who has waited gets another address',
  )
  server.set('2001:db8:1::a1', 2)
  t.strictSame(server.lease(client(9), na(1)), ['2001:db8:1::a1'])
})

t.test('a host with a new IAID gets what it had in the former one', async (t) => {
  const server = new LeaseServer6()
  t.strictSame(server.lease(client(1), na(1, '2001:db8:1::15'), pd(1)), [
    '2001:db8:1::15',
    '2001:db8:8000::/56',
  ])
  t.strictSame(server.lease(client(1), na(2)), ['2001:db8:1::10'], 'not while that runs')
  server.advance(2400)
  t.strictSame(server.lease(client(1), pd(2)), ['2001:db8:8000::/56'], 'but when it is silent')
  t.strictSame(server.lease({ ...client(1), mac: client(5).mac }, na(3)), ['2001:db8:1::11'])
  server.advance(10_000)
  t.strictSame(server.lease(client(1), na(4)), ['2001:db8:1::10'], 'the youngest first')
})

t.test('in a shared network', async (t) => {
  const second = {
    id: 2,
    subnet: '2001:db8:2::/64',
    pools: [{ pool: '2001:db8:2::10/128' }],
    reservations: [{ duid: DUID9, 'ip-addresses': ['2001:db8:2::a1'] }],
  }
  const first = { ...SUBNET, pools: [{ pool: '2001:db8:1::10/128' }] }
  const network = { name: 'floor', subnet6: [first, second] }
  const server = new LeaseServer6({
    ...documentWith({}),
    subnet6: [],
    'shared-networks': [network],
  })
  t.strictSame(server.lease(client(9), na()), ['2001:db8:2::a1'], 'reserved in the second subnet')
  t.strictSame(server.lease(client(1), na()), ['2001:db8:1::10'])
  t.strictSame(server.lease(client(2), na()), ['2001:db8:2::10'], 'the first one is full')
  t.strictSame(server.ias(RENEW, client(2), [na(1, '2001:db8:2::10')]), [
    'NA 1: 2001:db8:2::10 3000/4000',
  ])
  t.strictSame(server.ias(REBIND, client(2), [na(1, '2001:db8:1::77')]), [
    'NA 1: 2001:db8:2::10 3000/4000',
  ])
  t.match(server.ias(SOLICIT, client(3), [na()])[0], 'NoAddrsAvail')
})

t.test('what relays say is kept with each write (store-extended-info)', async (t) => {
  const server = new LeaseServer6(documentWith({}, { 'store-extended-info': true }))
  const near = {
    linkAddress: address('2001:db8:1::1'),
    peerAddress: address('fe80::9'),
    options: [
      [OPTION6.interfaceId, 'port1'],
      [OPTION6.remoteId, '\0\0\0\x09abc'],
    ] as const,
  }
  const far = { hopCount: 1, peerAddress: address('2001:db8:1::1') }
  const relays = [near, far]
  server.send(REQUEST, client(1), [na()], { relays })
  const noted = (key: string) => JSON.parse(server.row(key)?.userContext || '{}')
  t.strictSame(noted('2001:db8:1::10'), {
    ISC: {
      'relay-info': [
        { hop: 1, link: '::', peer: '2001:db8:1::1' },
        {
          hop: 0,
          link: '2001:db8:1::1',
          peer: 'fe80::9',
          options: '0x00120005706F72743100250007000000096162 63'.replace(' ', ''),
          'remote-id': '00000009616263',
        },
      ],
    },
  })
  server.send(RENEW, client(1), [na(1, '2001:db8:1::10')])
  t.ok(noted('2001:db8:1::10').ISC, 'and stays where nothing is said')
  const moved = [{ ...near, peerAddress: address('fe80::a') }]
  server.send(REBIND, client(1), [na(1, '2001:db8:1::10')], { relays: moved })
  t.equal(noted('2001:db8:1::10').ISC['relay-info'][0].peer, 'fe80::a')
})

t.test('RFC4391: a hardware address of 20 octets, or of an odd type, is not kept', async (t) => {
  const server = new LeaseServer6()
  const arrival = { address: address('fe80::2') }
  const infiniband = duidLl(32, 'twenty octets of it.')
  const odd = duidLl(257, '\x02\0\0\0\0\x01')
  for (const [at, duid] of [infiniband, odd].entries()) {
    server.send(REQUEST, { ...client(1), duid }, [na()], { arrival })
    t.match(server.row(`2001:db8:1::1${at}`), { state: 0, hwAddress: '', htype: 0 })
  }
})

t.test(
  'leases-per-ia: one lease of each subnet of the link, what is for the world first',
  async (t) => {
    const local = {
      id: 1,
      subnet: 'fd00:1::/64',
      pools: [{ pool: 'fd00:1::10 - fd00:1::19' }],
      'pd-pools': [{ prefix: 'fd00:8000::', 'prefix-len': 52, 'delegated-len': 56 }],
    }
    const world = { ...SUBNET, id: 2, interface: '' }
    const networkOf = (more: object) => ({
      ...documentWith({}),
      subnet6: [],
      'shared-networks': [{ name: 'link', interface: 'eth0', subnet6: [local, world], ...more }],
    })
    const one = new LeaseServer6(networkOf({}))
    t.strictSame(one.ias(REQUEST, client(1), [na()]), ['NA 1: fd00:1::10 3000/4000'])
    const server = new LeaseServer6(networkOf({ 'leases-per-ia': 'per-subnet' }))
    const told = [
      'NA 1: 2001:db8:1::10 3000/4000, fd00:1::10 3000/4000',
      'PD 1: 2001:db8:8000::/56 3000/4000, fd00:8000::/56 3000/4000',
    ]
    t.strictSame(server.ias(SOLICIT, client(1), [na(), pd()]), told)
    t.strictSame(server.ias(REQUEST, client(1), [na(), pd()]), told)
    t.equal(server.outcome.kind === 'reply' && server.outcome.changes.length, 4)
    t.strictSame(server.ias(RENEW, client(1), [na(1, 'fd00:1::10', '2001:db8:1::77')]), [
      'NA 1: 2001:db8:1::10 3000/4000, fd00:1::10 3000/4000',
    ])
    t.strictSame(server.ias(REBIND, client(1), [na(1, 'fd00:1::11', '2001:db8:1::10')]), [
      'NA 1: 2001:db8:1::10 3000/4000, fd00:1::10 3000/4000, 0/0 fd00:1::11',
    ])
    t.strictSame(server.ias(REQUEST, client(1), [na(1), na(2), na(3)]), [
      'NA 1: 2001:db8:1::10 3000/4000, fd00:1::10 3000/4000',
      'NA 2: 2001:db8:1::11 3000/4000, fd00:1::11 3000/4000',
      'NA 3: 2001:db8:1::12 3000/4000, fd00:1::12 3000/4000',
    ])
    server.reload(
      networkOf({ 'leases-per-ia': 'per-subnet', subnet6: [{ ...local, pools: [] }, world] }),
    )
    t.strictSame(server.ias(RENEW, client(1), [na(1, 'fd00:1::10', '2001:db8:1::10')]), [
      'NA 1: 2001:db8:1::10 3000/4000, 0/0 fd00:1::10',
    ])
  },
)
