// What the log says of subnets that give or lose too many addresses: once, however often it
// happens.

import t from 'tap'
import { iaOption6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import { planWith, SmallWorld } from './small-world.ts'
import { DUID, planWith6, SmallWorld6 } from './small-world6.ts'

const DECLINE = 4
const SERVER = { 54: '\xc0\x00\x02\x01' }

function stored(world: SmallWorld): void {
  world.endBatch()
  world.committed()
}

t.test('a tenth of a subnet declined is told once an hour', async (t) => {
  const world = SmallWorld.serving(planWith({ pools: [{ pool: '192.0.2.10-192.0.2.49' }] }))
  const told = () => world.log.filter(({ id }) => id === 'DHCP4_DECLINED_MANY')
  const declineOf = (number: number) => {
    const address = `\xc0\x00\x02${String.fromCharCode(9 + number)}`
    world.request(number, 9 + number)
    stored(world)
    world.arrive(DECLINE, number, { ...SERVER, 50: address })
    stored(world)
  }
  for (const number of [1, 2, 3]) declineOf(number)
  t.same(told(), [])
  for (const number of [4, 5, 6]) declineOf(number)
  t.match(told(), [{ level: 'warn', fields: { declined: 4, addresses: 40 } }])
  t.equal(told()[0]!.fields.subnet, '192.0.2.0/24')
})

t.test('a flood of new clients is told once an hour, a slow stream is not', async (t) => {
  const floods = (world: SmallWorld) => world.log.filter(({ id }) => id === 'DHCP4_LEASE_FLOOD')
  const join = (world: SmallWorld, pause: number) => {
    for (let number = 1; number <= 150; number++) {
      world.request(number, 9 + number)
      stored(world)
      world.advance(pause)
    }
  }
  const flooded = SmallWorld.serving()
  join(flooded, 10)
  t.match(floods(flooded), [{ fields: { subnet: '192.0.2.0/24', leases: 100, seconds: 60 } }])
  t.equal(floods(flooded).length, 1)
  const calm = SmallWorld.serving(planWith({}, { 'valid-lifetime': 86_400 }))
  join(calm, 800)
  t.same(floods(calm), [])
})

t.test('a client of DHCPv6 that asks for ever new identity associations', async (t) => {
  const pools = [{ pool: '2001:db8:1::1000 - 2001:db8:1::ffff' }]
  const world = new SmallWorld6(planWith6({ pools }))
  for (let iaid = 1; iaid <= 130; iaid++) {
    world.ask(MESSAGE_TYPE6.request, 1 + (iaid % 100), DUID, [iaOption6(OPTION6.iaNa, iaid)])
    world.pass(10)
  }
  t.equal(world.log.filter((id) => id === 'DHCP6_LEASE_FLOOD').length, 0, 'a tenth of a large pool')
  const small = new SmallWorld6(planWith6({ pools: [{ pool: '2001:db8:1::1000/120' }] }))
  for (let iaid = 1; iaid <= 130; iaid++) {
    small.ask(MESSAGE_TYPE6.request, 1 + (iaid % 100), DUID, [iaOption6(OPTION6.iaNa, iaid)])
    small.pass(10)
  }
  t.equal(small.log.filter((id) => id === 'DHCP6_LEASE_FLOOD').length, 1)
})
