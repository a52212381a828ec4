// What a running server remembers of its clients, and what it says of them to who asks.

import t from 'tap'
import { linesOf } from '../../lib/cli/why.ts'
import type { WhyReport } from '../../lib/explain/why4.ts'
import { CLIENTS_MAX, OUTCOMES_MAX } from '../../lib/server/recent.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { ETH0, planWith, SmallWorld } from './small-world.ts'

const DISCOVER = 1
const DECLINE = 4

const CLASSES = { 'client-classes': [{ name: 'staff', test: "option[60].hex == 'staff'" }] }

/** `whio why`, at an hour of the calendar. */
function told(world: SmallWorld, about: string): string[] {
  const report = JSON.parse(JSON.stringify(world.server.why(about))) as WhyReport
  return linesOf(report, (_, text) => text, Date.UTC(2026, 0, 1, 12, 0, 0))
}

t.test('a client that is served', async (t) => {
  const world = SmallWorld.serving()
  world.arrive(DISCOVER, 7)
  world.endBatch()
  world.advance(1000)
  world.request(7, 10)
  world.endBatch()
  world.committed()
  world.advance(2000)
  const words = [
    '02:00:00:00:00:07: served',
    'leases       192.0.2.10 in subnet 1, leased, 598 s left',
    '11:59:56     DISCOVER -> OFFER of 192.0.2.10',
    '             eth0, subnet 192.0.2.0/24 (id 1)',
    '11:59:57     REQUEST -> ACK of 192.0.2.10',
    '             eth0, subnet 192.0.2.0/24 (id 1)',
  ]
  for (const about of ['02:00:00:00:00:07', '02-00-00-00-00-07', '020000000007', '192.0.2.10'])
    t.same(told(world, about), words, about)
})

t.test('a client whose lease is over, and one whose address another card has now', async (t) => {
  const cards = [{ 'hw-address': '02:00:00:00:00:07' }, { 'hw-address': '02:00:00:00:00:08' }]
  const reservations = [{ identifiers: cards, 'ip-address': '192.0.2.10' }]
  const world = SmallWorld.serving(planWith({ reservations }))
  for (const number of [7, 8]) {
    world.arrive(DISCOVER, number)
    world.endBatch()
    world.request(number, 10)
    world.endBatch()
    world.committed()
    t.equal(told(world, `02:00:00:00:00:0${number}`)[0], `02:00:00:00:00:0${number}: served`)
  }
  const gone = '02:00:00:00:00:07: it had 192.0.2.10, which another client has now'
  t.equal(told(world, '02:00:00:00:00:07')[0], gone)
  world.advance(601_000)
  const over = '02:00:00:00:00:08: it had 192.0.2.10, and the lease is over'
  t.equal(told(world, '02:00:00:00:00:08')[0], over)
})

t.test('a client that repeats itself and is not answered, and one that is like it', async (t) => {
  const world = SmallWorld.serving(planWith({ pools: [] }))
  for (let count = 0; count < 20; count++) {
    world.arrive(DISCOVER, 7)
    world.endBatch()
    world.advance(4000)
  }
  t.same(told(world, '02:00:00:00:00:07'), [
    '02:00:00:00:00:07: not answered',
    '  - 192.0.2.0/24 (id 1) has no pool: only clients with a reservation get an address there',
    '  - add a pool, or a reservation for this client',
    '11:59:55     DISCOVER -> silence: no pool of the subnet is for this client, and it has no',
    '             reservation',
    '             eth0, subnet 192.0.2.0/24 (id 1), 20 times since 11:58:39',
  ])
  const other = told(world, '02:00:00:00:00:08')
  t.equal(other[0], 'nothing was heard of 02:00:00:00:00:08')
  const words = other.map((line) => line.trim()).join(' ')
  t.match(words, /20 messages since the start, 0 of them through relays, of 1 clients that are/)
  t.ok(
    other.some((line) => line.includes('heard of 02:00:00:00:00:07, which is written nearly so')),
  )
})

t.test('what would help: a relay in no subnet, an offer in vain, a guard, DECLINE', async (t) => {
  const pools = [{ pool: '192.0.2.10 - 192.0.2.19', 'client-classes': ['staff'] }]
  const world = SmallWorld.serving(planWith({ pools }, CLASSES))
  const relayed = encodeMessage4({ hwAddress: '\x02\x00\x00\x00\x00\x09', giaddr: 0x0a090001 }, [
    [53, '\x01'],
  ])
  world.sink!.onDatagram(ETH0, relayed, 0, relayed.length, 0x0a090001, 67, 0)
  world.arrive(DISCOVER, 7)
  for (let count = 0; count < 4; count++) world.arrive(DISCOVER, 8, { 60: 'staff' })
  world.endBatch()
  const help = (about: string) => world.server.why(about).clients[0]
  t.match(help('02:00:00:00:00:09')?.help, [
    'the relay 10.9.0.1 lies in no subnet, and no relay.ip-addresses names it',
    /"ip-addresses": \["10\.9\.0\.1"\]/,
  ])
  t.same(help('02:00:00:00:00:07')?.help, [
    'the pool 192.0.2.10 - 192.0.2.19 is for class staff; the client is in UNKNOWN',
  ])
  t.match(help('02:00:00:00:00:08'), {
    verdict: 'offered 4 times, and it never asked for the address',
    help: [/tcpdump -ni eth0/],
    outcomes: [{ answer: 'OFFER', times: 4, classes: ['staff', 'UNKNOWN'] }],
  })
  world.arrive(3, 8, { 50: '\xc0\x00\x02\x0a', 60: 'staff' })
  world.endBatch()
  world.committed()
  world.arrive(DECLINE, 8, { 50: '\xc0\x00\x02\x0a', 60: 'staff' })
  world.endBatch()
  t.match(help('02:00:00:00:00:08'), {
    verdict: 'it declined its address',
    help: [/another host uses 192\.0\.2\.10/],
  })
})

t.test('a client that takes the offer of another server', async (t) => {
  const world = SmallWorld.serving()
  world.arrive(DISCOVER, 7)
  world.arrive(3, 7, { 50: '\xc0\x00\x02\x0a', 54: '\xc0\x00\x02\x09' })
  world.endBatch()
  const [client] = world.server.why('02:00:00:00:00:07').clients
  t.match(client, {
    verdict: 'not answered',
    outcomes: [{ answer: 'OFFER' }, { reason: 'not-for-us', address: '192.0.2.9' }],
    help: ['it takes the offer of the server 192.0.2.9: two servers answer on its link'],
  })
})

t.test('addresses that nobody has, and clients by name', async (t) => {
  const reservations = [{ 'hw-address': '02:00:00:00:00:99', 'ip-address': '192.0.2.99' }]
  const world = SmallWorld.serving(planWith({ reservations }))
  world.arrive(DISCOVER, 7, { 12: 'printer' })
  world.arrive(3, 7, { 50: '\xc0\x00\x02\x0a', 54: '\xc0\x00\x02\x01', 12: 'printer' })
  world.endBatch()
  world.committed()
  t.equal(world.server.why('printer').clients[0]?.hwAddress, '02:00:00:00:00:07')
  const heard = (about: string) => world.server.why(about).unheard?.heard.at(-1)
  t.equal(heard('192.0.2.50'), '192.0.2.50 is free in a pool of 192.0.2.0/24 (id 1)')
  t.equal(heard('192.0.2.250'), '192.0.2.250 is in no pool of 192.0.2.0/24 (id 1)')
  t.match(
    heard('192.0.2.99'),
    /is reserved in 192\.0\.2\.0\/24 \(id 1\), and its client has not come/,
  )
  t.equal(heard('10.0.0.1'), '10.0.0.1 lies in no subnet of the file')
})

t.test('a reload numbers classes anew', async (t) => {
  const named = (name: string) =>
    planWith({}, { 'client-classes': [{ name, test: "option[60].hex == 'x'" }] })
  const world = SmallWorld.serving(named('first'))
  world.arrive(DISCOVER, 7, { 60: 'x' })
  world.endBatch()
  const classes = () => world.server.why('02:00:00:00:00:07').clients[0]?.outcomes[0]?.classes
  t.same(classes(), ['first', 'UNKNOWN'])
  world.server.reload(named('second'))
  t.same(classes(), [])
})

t.test('the memory has a size, whoever comes', async (t) => {
  const world = SmallWorld.serving(planWith({ pools: [] }))
  for (let number = 0; number < 2 * CLIENTS_MAX; number++) {
    world.arrive(DISCOVER, number)
    if (number % 100 === 0) world.endBatch()
  }
  const words = world.server.why('192.0.2.1').unheard
  t.ok((words?.remembered ?? 0) <= CLIENTS_MAX)
  t.ok((words?.remembered ?? 0) > CLIENTS_MAX / 2)
  const last = (2 * CLIENTS_MAX - 1).toString(16).padStart(4, '0')
  t.equal(world.server.why(`02000000${last}`).clients.length, 1, 'the last one is known')
  for (let round = 0; round < 3 * OUTCOMES_MAX; round++)
    world.arrive(DISCOVER, 1, { 50: `\xc0\x00\x02${String.fromCharCode(round + 1)}` })
  world.endBatch()
  const outcomes = world.server.why('020000000001').clients[0]?.outcomes ?? []
  t.equal(outcomes.length, OUTCOMES_MAX)
  t.equal(outcomes.at(-1)?.address, `192.0.2.${3 * OUTCOMES_MAX}`)
})
