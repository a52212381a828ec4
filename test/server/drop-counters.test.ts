// Messages that are not answered: which of Kea's statistics each of them counts in.

import t from 'tap'
import { bytesFromOctets } from '../../lib/bytes/octets.ts'
import {
  DROP_COUNTERS,
  DROP_COUNTERS4,
  DROP_COUNTERS6,
  type DropCounter,
  dropsByCounter,
} from '../../lib/catalogue/drop-counters.ts'
import { REASONS4 } from '../../lib/catalogue/reasons.ts'
import { REASONS6 } from '../../lib/catalogue/reasons6.ts'
import { PARKED_MAX } from '../../lib/server/delivery.ts'
import { ORIGIN } from '../../lib/server/service-switch.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import { ip6, messageBytes } from '../dhcp6/messages6.ts'
import { ETH0, planWith, SmallWorld } from './small-world.ts'
import { DUID, ETH6, GROUP, planWith6, SmallWorld6 } from './small-world6.ts'

t.test('each reason has its place, and receive-drop has all that Kea counts', async (t) => {
  t.same(Object.keys(DROP_COUNTERS4).sort(), Object.keys(REASONS4).sort())
  t.same(Object.keys(DROP_COUNTERS6).sort(), Object.keys(REASONS6).sort())
  for (const counters of [DROP_COUNTERS4, DROP_COUNTERS6]) {
    const each = Object.fromEntries(Object.keys(counters).map((reason) => [reason, 1]))
    const sums = dropsByCounter(each, counters as Record<string, DropCounter | undefined>)
    t.same(Object.keys(sums), [...DROP_COUNTERS])
    const counted = Object.values(counters).filter((counter) => counter !== undefined)
    t.equal(sums['receive-drop'], counted.length)
    for (const name of DROP_COUNTERS)
      if (name !== 'receive-drop')
        t.equal(sums[name], counted.filter((counter) => counter === name).length, name)
  }
})

/** What moved of the drops and of what was received by type. */
function moved(statistics: Readonly<Record<string, number>>): string[] {
  return Object.entries(statistics)
    .filter(([name, count]) => count > 0 && /^pkt[46]-/.test(name) && !/-drop-/.test(name))
    .map(([name]) => name.slice(5))
    .filter((name) => !['received', 'unanswered', 'sent'].includes(name))
    .sort()
}

const DISCOVER = 1
const REQUEST = 3
const OFFER = 2
const DECLINE = 4
const RELEASE = 7

const V4: readonly (readonly [string, (world: SmallWorld) => void, string[]])[] = [
  [
    'three octets',
    (world) => world.sink!.onDatagram(ETH0, new Uint8Array(3), 0, 3, 0, 68, 0),
    ['parse-failed', 'receive-drop'],
  ],
  [
    'a datagram that is too long',
    (world) => world.sink!.onOversized(ETH0, 0),
    ['parse-failed', 'receive-drop'],
  ],
  [
    'no message type',
    (world) => world.arrive(0, 1),
    [...['receive-drop', 'rfc-violation', 'unknown-received']],
  ],
  [
    'an OFFER',
    (world) => world.arrive(OFFER, 1),
    [...['offer-received', 'receive-drop', 'rfc-violation']],
  ],
  [
    'a type that nobody knows',
    (world) => world.arrive(77, 1),
    [...['receive-drop', 'rfc-violation', 'unknown-received']],
  ],
  [
    'a RELEASE to another server',
    (world) => world.arrive(RELEASE, 1, { 54: '\xc6\x33\x64\x01' }, 0xc000020a),
    ['not-for-us', 'receive-drop', 'release-received'],
  ],
  [
    'a DECLINE of nothing',
    (world) => world.arrive(DECLINE, 1),
    [...['decline-received', 'receive-drop', 'rfc-violation']],
  ],
  [
    'a RELEASE of what it does not have: worked at, and nothing to say',
    (world) => world.arrive(RELEASE, 1, {}, 0xc000020a),
    ['release-received'],
  ],
  [
    'while the service is switched off',
    (world) => {
      world.server.switches.disable(4, ORIGIN.user, undefined)
      world.arrive(DISCOVER, 1)
    },
    ['discover-received', 'receive-drop', 'service-disabled'],
  ],
]

t.test('pkt4-…: by what came', async (t) => {
  for (const [what, send, names] of V4) {
    const world = SmallWorld.serving()
    send(world)
    world.endBatch()
    t.same(moved(world.server.status().statistics), names, what)
  }
})

t.test(
  'pkt4-admin-filtered, pkt4-limit-exceeded, pkt4-queue-full, processing-failed',
  async (t) => {
    const classes = { 'client-classes': [{ name: 'DROP', test: 'pkt4.mac == 0x020000000001' }] }
    const filtered = SmallWorld.serving(planWith({}, classes))
    filtered.arrive(DISCOVER, 1)
    t.same(moved(filtered.server.status().statistics), [
      ...['admin-filtered', 'discover-received', 'receive-drop'],
    ])
    const limits = {
      'hooks-libraries': [{ library: '/usr/lib/libdhcp_limits.so' }],
    }
    const limited = SmallWorld.serving(
      planWith({ 'user-context': { limits: { 'rate-limit': '1 packet per minute' } } }, limits),
    )
    for (const number of [1, 2]) limited.arrive(DISCOVER, number)
    t.same(moved(limited.server.status().statistics), [
      ...['discover-received', 'limit-exceeded', 'receive-drop'],
    ])
    const failing = SmallWorld.serving()
    failing.request(1, 10)
    failing.endBatch()
    failing.journalSink!.onFailed('disk full')
    failing.arrive(DISCOVER, 2)
    t.same(moved(failing.server.status().statistics), [
      ...['discover-received', 'processing-failed', 'receive-drop', 'request-received'],
    ])
  },
)

t.test('pkt4-queue-full: as many replies wait for the disk as may', async (t) => {
  const pools = [{ pool: '10.0.0.0/16' }]
  const world = SmallWorld.serving(
    planWith({ subnet: '10.0.0.0/16', interface: 'eth0', pools }, { authoritative: true }),
  )
  const parked = () => world.server.status().parked
  for (let number = 1; number <= PARKED_MAX + 1; number++) {
    const address = `\x0a\0${String.fromCharCode(number >> 8, number & 255)}`
    world.arrive(REQUEST, number, { 50: address, 54: '\xc0\x00\x02\x01' })
  }
  t.equal(parked(), PARKED_MAX)
  t.match(world.server.status().statistics, { 'pkt4-queue-full': 1, 'pkt4-receive-drop': 1 })
})

const { advertise, decline, reply, request, solicit } = MESSAGE_TYPE6

function raw6(world: SmallWorld6, bytes: Uint8Array): void {
  world.sink!.onDatagram(ETH6, bytes, 0, bytes.length, ip6('fe80::9'), 546, GROUP)
}

const V6: readonly (readonly [string, (world: SmallWorld6) => void, string[]])[] = [
  [
    'three octets',
    (world) => raw6(world, bytesFromOctets('\x01\0\0')),
    [...['parse-failed', 'receive-drop']],
  ],
  [
    'an ADVERTISE: dropped, and Kea says no more',
    (world) => world.ask(advertise, 1),
    [...['advertise-received', 'receive-drop']],
  ],
  ['a type that nobody knows', (world) => world.ask(200, 1), ['receive-drop', 'unknown-received']],
  [
    'a SOLICIT without a client-id',
    (world) => raw6(world, messageBytes(solicit, [])),
    [...['receive-drop', 'rfc-violation', 'solicit-received']],
  ],
  [
    'a REQUEST that names no server',
    (world) => world.ask(request, 1),
    [...['receive-drop', 'request-received', 'rfc-violation']],
  ],
  [
    'a DECLINE for another server',
    (world) => world.ask(decline, 1, `${DUID.slice(0, -1)}\x09`),
    [...['decline-received', 'not-for-us', 'receive-drop']],
  ],
  ['a REPLY', (world) => world.ask(reply, 1), ['receive-drop', 'reply-received']],
  [
    'a message that too many relays passed on, which is answered',
    (world) => {
      const hops = [{ hopCount: 9, link: '2001:db8:1::1' }]
      const client = [OPTION6.clientId, '\0\x03\0\x01\x02\0\0\0\x01\x01'] as const
      raw6(world, messageBytes(MESSAGE_TYPE6.informationRequest, [client], hops))
    },
    ['infrequest-received', 'many-hops', 'reply-sent'],
  ],
]

t.test('pkt6-…: by what came', async (t) => {
  for (const [what, send, names] of V6) {
    const world = new SmallWorld6(planWith6())
    send(world)
    world.endBatch()
    t.same(moved(world.server.status().statistics), names, what)
  }
})

t.test('relays that pass a message on too often are told of once an hour', async (t) => {
  const world = new SmallWorld6(planWith6())
  const hops = [{ hopCount: 9, link: '2001:db8:1::1' }]
  const client = [OPTION6.clientId, '\0\x03\0\x01\x02\0\0\0\x01\x01'] as const
  const told = () => world.log.filter((line) => line.includes('DHCP6_RELAY_MANY_HOPS')).length
  for (let time = 0; time < 3; time++)
    raw6(world, messageBytes(MESSAGE_TYPE6.informationRequest, [client], hops))
  t.equal(told(), 1)
  t.equal(world.statistic('pkt6-many-hops'), 3)
  world.pass(3_700_000)
  raw6(world, messageBytes(MESSAGE_TYPE6.informationRequest, [client], hops))
  t.equal(told(), 2)
})
