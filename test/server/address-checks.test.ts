// libdhcp_ping_check: what a client is offered, and when, while addresses are asked for on the
// wire.

import t from 'tap'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { ASKING } from '../../lib/dhcp/asking.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import type { Interface4 } from '../../lib/ports/datagrams4.ts'
import type { Hooks } from '../../lib/ports/hooks.ts'
import type { Probe, ProbeAnswer } from '../../lib/ports/probe.ts'
import { CHECKS_MAX } from '../../lib/server/address-checks.ts'
import { ANSWER_WAIT } from '../../lib/server/waiting-room.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { ETH0, leaseOf, planWith, SmallWorld } from './small-world.ts'

const { discover } = MESSAGE_TYPE4
const HOST = '\x02\xfe\0\0\0\x01'

function ip(last: number): Ipv4 {
  return ipv4FromText(`192.0.2.${last}`)!
}

function hw(number: number): string {
  return `\x02\0\0\0\0${String.fromCharCode(number)}`
}

/** A wire on which the test says who has an address. */
class Wire implements Probe {
  readonly asked: Ipv4[] = []
  /** Hardware addresses of hosts by the last number of their address. */
  readonly hosts = new Map<number, string>()
  isDeaf = false
  index = ETH0.index
  isClosed = false
  #answers: ProbeAnswer[] = []

  ask(address: Ipv4, _through: Interface4): boolean {
    if (this.isDeaf) return false
    this.asked.push(address)
    this.answer(address)
    return true
  }

  answer(address: Ipv4): void {
    const hwAddress = this.hosts.get(address & 255)
    if (hwAddress !== undefined) this.#answers.push({ address, hwAddress, index: this.index })
  }

  answers(): readonly ProbeAnswer[] {
    const answers = this.#answers
    this.#answers = []
    return answers
  }

  close(): void {
    this.isClosed = true
  }
}

function plan(parameters: object = {}, subnet: object = {}): Plan {
  const library = { library: 'libdhcp_ping_check.so', parameters }
  return planWith(subnet, { 'hooks-libraries': [library] })
}

function checking(parameters: object = {}, subnet: object = {}) {
  const wire = new Wire()
  return { wire, world: SmallWorld.serving(plan(parameters, subnet), [], 0, undefined, wire) }
}

function sent(world: SmallWorld): string[] {
  return world.happenings.filter((one) => /^(send|drop)/.test(one))
}

function statistic(world: SmallWorld, name: string): number {
  return world.server.status().statistics[name]!
}

t.test('an OFFER leaves when nobody has answered for its address in time', async (t) => {
  const { wire, world } = checking()
  world.arrive(discover, 1)
  world.endBatch()
  t.same(wire.asked, [ip(10)])
  world.advance(90)
  t.same(sent(world), [], 'not yet')
  world.advance(10)
  t.same(sent(world), ['send OFFER 1'])
  t.same(world.given, [ip(10)])
  t.equal(world.server.tables.v4.size, 0, 'nothing is stored for it')
})

t.test('as often as min-ping-requests, as long as reply-timeout each', async (t) => {
  const { wire, world } = checking({ 'min-ping-requests': 3, 'reply-timeout': 200 })
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(594)
  t.equal(wire.asked.length, 3)
  t.same(sent(world), [])
  world.advance(10)
  t.same(sent(world), ['send OFFER 1'])
  t.equal(wire.asked.length, 3)
})

t.test('an address that is in use is declined and stored, and the next one offered', async (t) => {
  const { wire, world } = checking(
    {},
    { 'user-context': { 'ping-check': { 'reply-timeout': 50 } } },
  )
  wire.hosts.set(10, HOST)
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(60)
  t.same(wire.asked, [ip(10), ip(11)])
  const row = leaseOf(world.commits.at(-1)!.changes[0])
  t.match(row, { address: ip(10), state: LEASE_STATE.declined, subnetId: 1, hwAddress: '' })
  t.equal(row.validLifetime, 86_400)
  world.advance(50)
  t.same(world.given, [ip(11)])
  world.committed()
  t.ok(world.happenings.includes('event occupied'))
  const [line] = world.log.filter(({ id }) => id === 'DHCP4_SERVER_INITIATED_DECLINE')
  t.match(line, {
    level: 'warn',
    fields: { address: '192.0.2.10', hwAddress: '02:fe:00:00:00:01', outOfUse: 86_400 },
  })
  t.equal(statistic(world, 'addresses-found-in-use'), 1)
  world.arrive(discover, 2)
  world.endBatch()
  world.advance(60)
  t.equal(world.given.at(-1), ip(12), 'nobody else is offered it')
})

t.test(
  'three in use in a row are followed by silence, and the client is served later',
  async (t) => {
    const { wire, world } = checking()
    for (const last of [10, 11, 12]) wire.hosts.set(last, HOST)
    world.arrive(discover, 1)
    world.endBatch()
    world.advance(400)
    t.same(sent(world), ['drop addresses-in-use'])
    t.same(wire.asked, [ip(10), ip(11), ip(12)])
    world.arrive(discover, 1)
    world.endBatch()
    world.advance(400)
    t.same(world.given, [ip(14)])
  },
)

t.test('a host beyond a router tells no hardware address', async (t) => {
  const { wire, world } = checking()
  wire.hosts.set(10, '')
  wire.index = 0
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(300)
  world.committed()
  t.same(world.given, [ip(11)])
  const [line] = world.log.filter(({ id }) => id === 'DHCP4_SERVER_INITIATED_DECLINE')
  t.match(line, { fields: { address: '192.0.2.10', hwAddress: '' } })
})

t.test('an answer on another link, or to nobody, says nothing', async (t) => {
  const { wire, world } = checking()
  wire.hosts.set(10, HOST)
  wire.hosts.set(77, HOST)
  wire.index = ETH0.index + 1
  wire.answer(ip(77))
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(100)
  t.same(world.given, [ip(10)])
})

t.test('the client itself may answer for its former address', async (t) => {
  const { wire, world } = checking()
  wire.hosts.set(10, hw(1))
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(100)
  t.same(world.given, [ip(10)])
  t.equal(world.server.tables.v4.size, 0)
})

t.test('while an address is asked for nobody else is offered it, and others go on', async (t) => {
  const { wire, world } = checking(
    {},
    {
      reservations: [{ 'hw-address': '02:00:00:00:00:09', 'ip-address': '192.0.2.9' }],
    },
  )
  world.arrive(discover, 1)
  world.arrive(discover, 2)
  world.arrive(discover, 9)
  world.endBatch()
  t.same(sent(world), ['send OFFER 9'], 'a reserved address is not asked for')
  t.same(wire.asked, [ip(10), ip(11)])
  world.request(9, 9)
  world.endBatch()
  world.committed()
  t.ok(world.happenings.includes('send ACK 9'))
  world.advance(100)
  t.same(sent(world).slice(-2), ['send OFFER 1', 'send OFFER 2'])
})

t.test('a repeated DISCOVER takes the place of the first one and asks nobody again', async (t) => {
  const { wire, world } = checking()
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(50)
  world.arrive(discover, 1)
  world.endBatch()
  t.same(sent(world), ['drop message-repeated'])
  world.advance(50)
  t.same(sent(world), ['drop message-repeated', 'send OFFER 1'])
  t.equal(wire.asked.length, 1)
})

t.test('a client that has a lease, or had it moments ago, is not made to wait', async (t) => {
  const { wire, world } = checking({ 'ping-cltt-secs': 30 })
  world.request(1, 10)
  world.endBatch()
  world.committed()
  world.arrive(discover, 1)
  world.endBatch()
  t.equal(sent(world).at(-1), 'send OFFER 1', 'its lease runs')
  world.advance(14_000)
  world.arrive(MESSAGE_TYPE4.release, 1, { 54: '\xc0\x00\x02\x01' }, ip(10))
  world.endBatch()
  world.committed()
  t.equal(world.server.tables.v4.byAddress(ip(10))?.state, LEASE_STATE.released)
  world.arrive(discover, 1)
  world.endBatch()
  t.equal(sent(world).filter((one) => one === 'send OFFER 1').length, 2, 'released, but recent')
  t.same(wire.asked, [])
  world.advance(30_000)
  world.arrive(discover, 1)
  world.endBatch()
  t.same(wire.asked, [ip(10)], 'its former address, after ping-cltt-secs')
})

t.test(
  'where nothing else is left, those who wait for one address all are offered it',
  async (t) => {
    const pools = [{ pool: '192.0.2.10 - 192.0.2.10' }]
    const { wire, world } = checking({}, { pools })
    world.arrive(discover, 1)
    world.arrive(discover, 2)
    world.endBatch()
    t.equal(wire.asked.length, 1)
    world.advance(100)
    t.same(sent(world), ['send OFFER 1', 'send OFFER 2'], 'the first REQUEST wins, as without')
  },
)

t.test('one of two clients that wait for an address has it: nothing is declined', async (t) => {
  const pools = [{ pool: '192.0.2.10 - 192.0.2.11' }]
  const { wire, world } = checking({}, { pools })
  wire.hosts.set(10, hw(1))
  for (const number of [1, 2, 3]) world.arrive(discover, number)
  world.endBatch()
  world.advance(300)
  t.notOk(world.happenings.includes('event occupied'))
  t.equal(world.server.tables.v4.size, 0)
  t.ok(sent(world).includes('send OFFER 1'))
})

t.test('so many are asked for, and beyond it addresses are offered unasked', async (t) => {
  const { wire, world } = checking(
    {},
    { subnet: '192.0.0.0/20', pools: [{ pool: '192.0.4.0/22' }] },
  )
  for (let number = 1; number <= CHECKS_MAX + 2; number++) world.arrive(discover, number)
  world.endBatch()
  t.equal(wire.asked.length, CHECKS_MAX)
  t.equal(sent(world).length, 2)
  t.equal(statistic(world, 'offers-unchecked'), 2)
  world.advance(100)
  t.equal(sent(world).length, CHECKS_MAX + 2)
})

t.test('who cannot ask offers unasked', async (t) => {
  const { wire, world } = checking()
  wire.isDeaf = true
  world.arrive(discover, 1)
  world.endBatch()
  t.same(sent(world), ['send OFFER 1'])
  const without = SmallWorld.serving(plan())
  without.arrive(discover, 1)
  without.endBatch()
  t.same(sent(without), ['send OFFER 1'])
})

t.test('what the client asked for is judged anew when the answer is there', async (t) => {
  t.test('another plan', async (t) => {
    const { world } = checking()
    world.arrive(discover, 1)
    world.endBatch()
    world.server.reload(planWith({ pools: [{ pool: '192.0.2.77 - 192.0.2.77' }] }))
    world.advance(100)
    t.same(world.given, [ip(77)])
  })

  t.test('somebody got the address meanwhile, and answers', async (t) => {
    const { wire, world } = checking()
    world.arrive(discover, 1)
    world.endBatch()
    world.request(2, 11)
    world.endBatch()
    world.committed()
    world.arrive(discover, 3, { 50: '\xc0\0\x02\x0c' })
    world.endBatch()
    wire.hosts.set(12, hw(4))
    wire.answer(ip(12))
    // The REQUEST names the address that is held for another client.
    world.server.tables.v4.withdrawOffer({ htype: 1, hwAddress: hw(3), clientId: '' }, 1)
    world.request(4, 12)
    world.endBatch()
    world.committed()
    world.advance(300)
    t.equal(world.server.tables.v4.byAddress(ip(12))?.state, LEASE_STATE.assigned, 'not declined')
    t.not(world.given.at(-1), ip(12))
  })

  t.test('a failed journal, a stop', async (t) => {
    const { wire, world } = checking()
    wire.hosts.set(10, HOST)
    world.arrive(discover, 1)
    world.arrive(discover, 2)
    world.request(5, 50)
    world.endBatch()
    world.journalSink!.onFailed('disk full')
    world.advance(100)
    t.equal(
      world.server.tables.v4.byAddress(ip(10)),
      undefined,
      'nothing changes that is not stored',
    )
    t.notMatch(sent(world).join(), 'OFFER')
    const { world: other, wire: closed } = checking()
    other.arrive(discover, 1)
    other.endBatch()
    other.server.stop(() => {})
    t.same(sent(other), ['drop stopping'])
    t.ok(closed.isClosed)
  })
})

t.test('a server that stood still answers nobody late', async (t) => {
  const { wire, world } = checking()
  world.arrive(discover, 1)
  world.endBatch()
  wire.hosts.set(10, HOST)
  wire.answer(ip(10))
  const { fire } = world.wake!
  world.now += 100 + ANSWER_WAIT
  fire()
  t.same(sent(world), ['drop answer-too-late'])
  t.equal(
    world.server.tables.v4.byAddress(ip(10))?.state,
    LEASE_STATE.declined,
    'that it is in use stays',
  )
})

t.test('a hook is asked once about a message that also waits for an address', async (t) => {
  const wire = new Wire()
  let asked = 0
  const hooks: Hooks = {
    points: ASKING.query,
    open: () => {},
    ask: () => {
      asked++
      return 'go-on'
    },
  }
  const world = SmallWorld.serving(plan(), [], 0, hooks, wire)
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(100)
  t.same(sent(world), ['send OFFER 1'])
  t.equal(asked, 1)
})
