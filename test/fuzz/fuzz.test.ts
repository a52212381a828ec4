// A slice of the fuzz campaign (`npm run fuzz` is the whole), and floods: whatever strangers send,
// memory has named bounds, work comes in bounded steps, and an honest client gets its lease.

import t, { type Test } from 'tap'
import type { Reason4 } from '../../lib/catalogue/reasons.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { octetsFromUint32 } from '../../lib/lab/packet4.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { OFFERS_MAX } from '../../lib/leases/table/offers.ts'
import { PARKED_MAX } from '../../lib/server/delivery.ts'
import { LINES_MAX } from '../../lib/server/line-limit.ts'
import { planOf } from '../sim/plans.ts'
import { fuzz, memoryInUse } from './campaign.ts'
import { FloodWorld, Template } from './flood-world.ts'
import { FuzzWorld, type SpoilReply } from './fuzz-world.ts'
import { Generator } from './generator.ts'
import { FUZZ_PLANS } from './plans.ts'

const PACKETS = 6000
const FLOOD = 200_000
const MEBI = 2 ** 20

/** What a stranger can bring about with the plans of the campaign. */
const REASONS: readonly Reason4[] = [
  'too-short',
  'bad-op',
  'bad-cookie',
  'bad-hlen',
  'bad-option',
  'no-message-type',
  'bad-message-type',
  'too-many-hops',
  'no-subnet',
  'not-for-us',
  'no-client-identity',
  'no-free-address',
  'no-pool',
  'unknown-client',
  'not-owner',
  'no-address-named',
  'already-ended',
  'journal-failed',
]

t.test('a slice of the campaign breaks no promise and reaches every answer', async (t) => {
  const replies = new Set<number>()
  const reasons = new Set<string>()
  for (const plan of FUZZ_PLANS) {
    const { tally, failure } = fuzz(plan, 1, PACKETS)
    t.equal(failure, undefined, `${plan.name}: ${failure?.text} ${failure?.packets.join('\n')}`)
    tally.replies.forEach((_count, type) => void replies.add(type))
    for (const reason of Object.keys(tally.dropped)) reasons.add(reason)
  }
  t.same([...replies].sort(), [2, 5, 6])
  t.same(
    REASONS.filter((reason) => !reasons.has(reason)),
    [],
  )
})

t.test('a seed is a history: it comes out the same each time', async (t) => {
  const [plan] = FUZZ_PLANS
  t.same(fuzz(plan!, 9, 1000).tally, fuzz(plan!, 9, 1000).tally)
  t.notSame(fuzz(plan!, 9, 1000).tally, fuzz(plan!, 10, 1000).tally)
})

t.test('the campaign would notice', async (t) => {
  const [plan] = FUZZ_PLANS
  const play = (spoil: (world: FuzzWorld) => void, spoilReply?: SpoilReply): (() => void) => {
    const generator = new Generator(1, plan!)
    const world = new FuzzWorld(plan!, (reply, bytes) => generator.hear(reply, bytes), spoilReply)
    spoil(world)
    return () => {
      for (let number = 0; number < 5000; number++) world.take(generator.next())
    }
  }
  const nothing = (): void => {}
  t.doesNotThrow(play(nothing))
  const replies: Record<string, SpoilReply> = {
    'answers no open packet': (bytes, start) => bytes.fill(0xff, start + 4, start + 8),
    'giaddr is not that of the query': (bytes, start) => bytes.fill(10, start + 24, start + 28),
    'chaddr is not': (bytes, start) => bytes.fill(0x99, start + 28, start + 44),
    'garbage behind END': (bytes, _start, end) => bytes.fill(9, end - 1, end),
    'server identifier': (bytes, start) => bytes.fill(9, start + 245, start + 249),
    'is not durable|to another client': (bytes, start) => bytes.fill(9, start + 16, start + 20),
  }
  for (const [words, spoil] of Object.entries(replies))
    t.throws(play(nothing, spoil), { message: new RegExp(words) }, words)
  const tables: Record<string, Partial<LeaseTable>> = {
    'the engine threw': { findFree: undefined as never },
    'the engine threw: LifecycleError': { isOver: () => true },
    'taken from another client': { byAddress: () => undefined },
    'rows of': { walk: () => leaseTable4().walk('leases') },
  }
  for (const [words, methods] of Object.entries(tables))
    t.throws(
      play(({ server }) => void Object.assign(server.tables.v4, methods)),
      { message: new RegExp(words) },
      words,
    )
})

t.test('field 6b row 23: a flood of DISCOVERs from made-up clients', async (t) => {
  for (const pool of ['192.0.2.10 - 192.0.2.200', '10.0.0.0 - 10.63.255.255']) {
    const world = new FloodWorld(onePoolOf(pool))
    const discover = new Template(1)
    let memory = 0
    for (let number = 0; number < FLOOD; number++) {
      world.take(discover.from(number).bytes)
      if (number % 64 === 63) world.turn()
      // Offers are as many as they can be by now: from here on memory has its size.
      if (number === FLOOD / 2) memory = memoryInUse()
      if (number % 20_000 === 10_000) served(t, world, number, discover)
    }
    t.ok(
      world.server.tables.v4.offerCount <= OFFERS_MAX,
      `${pool}: ${world.server.tables.v4.offerCount}`,
    )
    t.equal(world.server.tables.v4.size, 10, `${pool}: rows of honest clients only`)
    const growth = memoryInUse() - memory
    t.ok(growth < 4 * MEBI, `${pool}: memory grew by ${growth}`)
  }
})

t.test('a flood of REQUESTs', async (t) => {
  t.test('for whatever address: rows end at the pool, lines at their limit', async (t) => {
    const world = new FloodWorld(onePoolOf('192.0.2.10 - 192.0.2.200', { authoritative: true }))
    const request = new Template(3, [50, '\xc0\0\x02\x0a'], [54, '\xc0\0\x02\x01'])
    let memory = 0
    for (let number = 0; number < FLOOD; number++) {
      world.take(request.from(number).requests(0xc0000200 + (number % 256)).bytes)
      if (number % 64 === 63) world.turn()
      if (number === FLOOD / 2) memory = memoryInUse()
    }
    t.equal(world.server.tables.v4.size, 191)
    t.equal(world.replies[5], 191)
    t.equal(world.replies[6], FLOOD - 191)
    const seconds = world.now / 1000
    t.ok(world.lines.DHCP4_LEASE_NAK! <= LINES_MAX * (seconds + 1), 'NAKs are told in a few lines')
    const growth = memoryInUse() - memory
    t.ok(growth < 4 * MEBI, `memory grew by ${growth}`)
  })

  t.test('while the disk hangs: what waits is bounded, and goes when it comes back', async (t) => {
    const world = new FloodWorld(onePoolOf('10.0.0.0 - 10.63.255.255'))
    const request = new Template(3, [50, '\x0a\0\0\0'], [54, '\xc0\0\x02\x01'])
    world.commits = false
    const before = memoryInUse()
    for (let number = 0; number < FLOOD; number++) {
      world.take(request.from(number).requests(0x0a000001 + number).bytes)
      if (number % 256 === 255) world.turn(0)
    }
    const { parked, statistics } = world.server.status()
    t.equal(parked, PARKED_MAX)
    t.equal(statistics['pkt4-drop-overload'], FLOOD - PARKED_MAX)
    const growth = memoryInUse() - before
    t.ok(growth < 48 * MEBI, `${PARKED_MAX} replies and leases in ${growth} bytes`)
    world.commits = true
    for (let turn = 0; turn < 4; turn++) world.turn()
    t.equal(world.server.status().parked, 0)
    t.equal(world.replies[5], PARKED_MAX)
  })
})

t.test('leases that all end at once are taken in bounded steps', async (t) => {
  const world = new FloodWorld(onePoolOf('10.0.0.0 - 10.0.255.255', { 'valid-lifetime': 60 }))
  const request = new Template(3, [50, '\x0a\0\0\0'], [54, '\xc0\0\x02\x01'])
  const clients = 20_000
  for (let number = 0; number < clients; number++) {
    world.take(request.from(number).requests(0x0a000001 + number).bytes)
    if (number % 64 === 63) world.turn()
  }
  world.turn()
  t.equal(world.replies[5], clients)
  world.batchMax = 0
  world.wakes = 0
  world.turn(120_000)
  const { subnets } = world.server.status()
  t.match(subnets, [{ assigned: 0, ended: clients }])
  t.ok(world.batchMax <= 1000, `${world.batchMax} changes in the largest step`)
  t.ok(world.wakes < 120 * 10, `woken ${world.wakes} times in two minutes`)
})

t.test('the same malformed message again and again leaves nothing behind', async (t) => {
  const names = '\x0b\xff\x40\xc0\x03\xc1\xff\x80\x41'
  const messages: Record<string, Uint8Array> = {
    'field 6b row 7: an option that runs past the end': truncated(new Template(1, [61, 'abcdef'])),
    'field 6b row 9: labels of 64 to 255 in option 81': new Template(1, [81, `\x05\0\0${names}`])
      .bytes,
    'field 6b row 9: pointers in option 81': new Template(3, [81, '\x04\0\0\xc0\x03\xc0\0']).bytes,
    'an overload of overloads': new Template(1, [52, '\x03'], [52, '\x03']).bytes,
    'an unknown type': new Template(200).bytes,
  }
  for (const [what, bytes] of Object.entries(messages)) {
    const world = new FloodWorld(onePoolOf('192.0.2.10 - 192.0.2.200'))
    const take = (count: number): void => {
      for (let number = 0; number < count; number++) {
        world.take(bytes)
        if (number % 64 === 63) world.turn()
      }
    }
    take(20_000)
    const before = memoryInUse()
    take(FLOOD / 4)
    const growth = memoryInUse() - before
    t.ok(growth < MEBI, `${what}: memory grew by ${growth}`)
  }
})

/**
 * An honest client gets its address though a thousand made-up ones pass between OFFER and REQUEST.
 */
function served(t: Test, world: FloodWorld, number: number, discover: Template): void {
  const hwAddress = `\x02\0${octetsFromUint32(number)}`
  const offer = world.ask(hwAddress, 1)
  for (let other = 0; other < 1000; other++) {
    world.take(discover.from(FLOOD + number + other).bytes)
    if (other % 64 === 63) world.turn()
  }
  const ack = world.select(hwAddress, offer?.address ?? 0)
  t.same(ack, { type: 5, address: offer?.address }, `client ${number}`)
}

/** The message up to the middle of its last option. */
function truncated({ bytes }: Template): Uint8Array {
  return bytes.slice(0, 240 + 3 + 2 + 3)
}

/** A subnet for the clients on eth0, whatever its addresses are. */
function onePoolOf(pool: string, more: Partial<Dhcp4Document> = {}): Plan {
  const subnet = pool.startsWith('10.') ? '10.0.0.0/8' : '192.0.2.0/24'
  return planOf({
    'valid-lifetime': 600,
    ...more,
    subnet4: [{ id: 1, subnet, interface: 'eth0', pools: [{ pool }] }],
  })
}
