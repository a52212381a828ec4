// What an operator does to leases of a server on its own: as certain as an ACK, and no address for
// two clients.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { TURN_MAX } from '../../lib/server/amend/amender.ts'
import { add, del, Order, stated, update } from './amending.ts'
import { leaseOf, SmallWorld } from './small-world.ts'

const A = '02:00:00:00:00:0a'
const B = '02:00:00:00:00:0b'
const at = (last: number) => ipv4FromText(`192.0.2.${last}`)!

t.test('a lease that is added is answered when it is on the disk, and not before', async (t) => {
  const world = SmallWorld.serving()
  const order = add(world.server, at(50), A)
  world.advance(5)
  t.equal(world.commits.length, 1)
  t.equal(order.said, undefined)
  world.committed()
  t.equal(order.said, 'added')
  t.match(leaseOf(world.commits[0]!.changes[0]), { address: at(50), validLifetime: 3600 })
  t.ok(world.happenings.includes('event added'))
  t.ok(world.log.some(({ id }) => id === 'DHCP4_LEASE_ADDED'))
})

t.test('its client renews it, and nobody else gets it', async (t) => {
  const world = SmallWorld.serving()
  add(world.server, at(50), '02:00:00:00:00:01')
  world.advance(5)
  world.committed()
  world.request(2, 50)
  world.endBatch()
  t.equal(world.last, 'send NAK 2')
  world.request(1, 50)
  world.endBatch()
  world.committed()
  t.ok(world.happenings.includes('send ACK 1'))
})

t.test('a second one for the address is refused, whoever it is for', async (t) => {
  const world = SmallWorld.serving()
  add(world.server, at(50), A)
  for (const client of [A, B])
    t.equal(add(world.server, at(50), client).said, 'exists: there is a lease already')
})

t.test('a lease that is valid stays its client’s, whatever an update says', async (t) => {
  const world = SmallWorld.serving()
  add(world.server, at(50), A)
  world.advance(5)
  world.committed()
  t.match(update(world.server, at(50), B).said, /^conflict: another client/)
  const expired = { state: LEASE_STATE.expired }
  t.match(update(world.server, at(50), A, expired).said, /^conflict: it is valid/)
  t.match(world.server.tables.v4.byAddress(at(50)), { state: LEASE_STATE.assigned })

  world.advance(3600 * 1000 + 10_000 + 18_000)
  world.committed()
  const order = update(world.server, at(50), B)
  for (let turn = 0; turn < 3 && order.said === undefined; turn++) world.committed()
  t.equal(order.said, 'changed', 'when it is over and its grace, it may be anybody’s')
})

t.test('an update does not end a lease sooner than its client was told', async (t) => {
  const world = SmallWorld.serving()
  add(world.server, at(50), A)
  const { end } = world.server.tables.v4.byAddress(at(50))!
  update(world.server, at(50), A, { validLifetime: 60, hostname: 'shorter' })
  const row = world.server.tables.v4.byAddress(at(50))!
  t.match(row, { validLifetime: 60, hostname: 'shorter' })
  t.ok(row.end >= end)
  update(world.server, at(50), A, { end: end + 50_000 })
  t.equal(world.server.tables.v4.byAddress(at(50))!.end, end + 50_000)
})

t.test('a lease that is deleted is shown no more, and its address is free', async (t) => {
  const world = SmallWorld.serving()
  const { tables } = world.server
  add(world.server, at(50), A)
  t.equal(tables.v4.counts(1).assigned, 1)
  const order = del(world.server, at(50))
  world.advance(5)
  world.committed()
  t.equal(order.said, 'deleted')
  t.match(tables.v4.counts(1), { assigned: 0, released: 0 })
  t.equal(tables.size, 0)
  t.same(tables.v4.walk('leases').next(9), [])
  t.equal(del(world.server, at(50)).said, 'missing: there is no lease')
  t.equal(update(world.server, at(50), A).said, 'missing: there is no lease')
  world.request(2, 50)
  world.endBatch()
  world.committed()
  t.ok(world.happenings.includes('send ACK 2'))
})

t.test('whose lease was deleted gets its address back while nobody else has it', async (t) => {
  const world = SmallWorld.serving()
  add(world.server, at(50), '02:00:00:00:00:01')
  del(world.server, at(50))
  world.advance(5)
  world.committed()
  world.arrive(1, 1)
  world.endBatch()
  t.equal(world.given.at(-1), at(50))
})

t.test('what was declined is free by deletion alone', async (t) => {
  const world = SmallWorld.serving()
  add(world.server, at(50), A, { state: LEASE_STATE.declined, validLifetime: 86_400 })
  t.match(world.server.tables.v4.byAddress(at(50)), {
    state: LEASE_STATE.declined,
    hwAddress: '',
  })
  t.match(update(world.server, at(50), A).said, /^conflict: it is declined/)
  del(world.server, at(50))
  const order = add(world.server, at(50), A)
  world.advance(5)
  world.committed()
  t.equal(order.said, 'added')
})

t.test('the address of a server is nobody’s', async (t) => {
  const world = SmallWorld.serving()
  world.arrive(1, 1)
  t.match(add(world.server, at(1), A).said, /^conflict: it is the address of a server/)
})

t.test('who gives many is answered for each, a few a turn', async (t) => {
  const world = SmallWorld.serving()
  const count = 3 * TURN_MAX + 5
  const leases = Array.from({ length: count }, (_, index) => ({
    kind: 'add' as const,
    lease: stated(at(0) + 256 + index, A, { subnetId: 2 }),
  }))
  const order = new Order(world.server, ...leases, leases[0]!)
  t.equal(world.server.tables.v4.size, TURN_MAX)
  world.request(2, 50)
  world.endBatch()
  for (let turn = 0; turn < 9 && order.said === undefined; turn++) world.committed()
  t.equal(world.server.tables.v4.size, count + 1)
  const { amended = [] } = order
  t.equal(amended.filter(({ what }) => what === 'added').length, count)
  t.equal(amended.at(-1)?.what, 'exists')
})

t.test('while the journal does not store, nothing is taken', async (t) => {
  const world = SmallWorld.serving()
  const order = add(world.server, at(50), A)
  world.advance(5)
  t.equal(order.said, undefined)
  world.journalSink!.onFailed('the disk is full')
  t.match(order.said, /^failed: the journal does not store \(the disk is full\): it is stored/)
  const later = add(world.server, at(51), B)
  t.match(later.said, /^failed: the journal does not store \(the disk is full\)$/)
  t.equal(world.server.tables.v4.byAddress(at(51)), undefined)
  world.advance(2000)
  world.committed()
  t.match(world.commits.at(-1)!.changes, [{ lease: { address: at(50) } }], 'as it was said')
})

t.test('what was told to have failed is not done when the journal stores again', async (t) => {
  const world = SmallWorld.serving()
  const count = TURN_MAX + 5
  const leases = Array.from({ length: count }, (_, index) => ({
    kind: 'add' as const,
    lease: stated(at(0) + 256 + index, A, { subnetId: 2 }),
  }))
  const order = new Order(world.server, ...leases)
  world.journalSink!.onFailed('the disk is full')
  const { amended = [] } = order
  t.equal(amended.length, count)
  t.ok(amended.every(({ what }) => what === 'failed'))
  for (let turn = 0; turn < 5; turn++) {
    world.advance(2000)
    if (world.happenings.at(-1)?.startsWith('commit')) world.committed()
  }
  t.equal(world.server.state, 'serving')
  t.equal(world.server.tables.v4.size, TURN_MAX, 'only what it was said to keep')
})

t.test('who has a long list made when the server stops is told', async (t) => {
  const world = SmallWorld.serving()
  let isOver = false
  let slices = 0
  t.ok(
    world.server.inSlices(
      () => {
        slices++
        return false
      },
      (why) => (isOver = why === 'stopped'),
    ),
  )
  t.notOk(isOver)
  world.server.stop(() => {})
  t.ok(isOver)
  const had = slices
  world.advance(100)
  t.equal(slices, had)
  t.notOk(
    world.server.inSlices(
      () => true,
      () => t.fail('it was never taken'),
    ),
  )
})

t.test('an error in long work is told to who waits for it, and costs nobody else', async (t) => {
  const world = SmallWorld.serving()
  const told: string[] = []
  const slices = [0, 0]
  world.server.inSlices(
    () => {
      if (++slices[0]! === 2) throw new Error('a row that nobody understands')
      return false
    },
    (why) => told.push(why),
  )
  world.server.inSlices(
    () => ++slices[1]! === 5,
    () => t.fail('that went well'),
  )
  world.advance(100)
  t.same(told, ['failed'])
  t.same(slices, [2, 5])
  t.match(
    world.log.filter(({ id }) => id === 'INTERNAL_ERROR'),
    [{ fields: { error: /a row that nobody understands/ } }],
  )
  t.equal(world.server.state, 'serving')
})

t.test('an error of who is told an answer costs nobody else his', async (t) => {
  const world = SmallWorld.serving()
  world.server.amend([{ kind: 'add', lease: stated(at(60), B) }], () => {
    throw new Error('no words for it')
  })
  const order = add(world.server, at(61), A)
  while (order.said === undefined) {
    world.advance(5)
    world.committed()
  }
  t.equal(order.said, 'added')
  t.match(
    world.log.filter(({ id }) => id === 'INTERNAL_ERROR'),
    [{ fields: { error: /no words for it/ } }],
  )
})

t.test('who waits when the server stops is told', async (t) => {
  const world = SmallWorld.serving()
  const order = add(world.server, at(50), A)
  world.server.stop(() => {})
  t.equal(order.said, undefined, 'it is at the disk')
  world.committed()
  t.equal(order.said, 'added')
  t.match(add(world.server, at(51), A).said, /^failed: the server is starting or stopping/)
})
