// The service is switched off and on: who has said so counts, for how long, and for which family.
// In a pair the partner serves meanwhile.

import t from 'tap'
import { createLab, type Lab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { ORIGIN } from '../../lib/server/service-switch.ts'
import { bind, both, FOUR, HOUR, poolOf, stage } from '../sim/pair-stage.ts'
import { onePool, planOfBoth } from '../sim/plans.ts'

const OFF = { startDelayMax: 0, start: false }

function switchesOf(lab: Lab, server = 0) {
  return lab.server(server).server!.switches
}

function dropped(lab: Lab): number {
  return lab.server().server!.status().statistics['pkt4-drop-service-disabled'] ?? 0
}

t.test('whoever is off answers nobody, and serves again when nobody wants it off', async (t) => {
  const plan = onePool('192.0.2.10 - 192.0.2.19', 600)
  const lab = createLab({ plan, clients: [OFF] })
  const switches = switchesOf(lab)
  lab.advance(1000)
  switches.disable(4, ORIGIN.user, undefined)
  switches.disable(4, ORIGIN.remote, undefined)
  lab.client(0).start()
  lab.advance(60_000)
  t.notOk(lab.client(0).isBound)
  t.ok(dropped(lab) > 0)
  t.same(switches.origins(4), [1, 2000])
  t.ok(switches.enable(4, ORIGIN.user))
  t.notOk(switches.enable(4, ORIGIN.local), 'who never said it is not noted')
  lab.advance(60_000)
  t.notOk(lab.client(0).isBound, 'the other one still wants it off')
  switches.enable(4, ORIGIN.remote)
  t.ok(lab.world.advanceUntil(() => lab.client(0).isBound, 120_000))
})

t.test('a period that is over switches it on by itself, each for its origin', async (t) => {
  const lab = createLab({ plan: onePool('192.0.2.10 - 192.0.2.19', 600), clients: [] })
  const switches = switchesOf(lab)
  lab.advance(1000)
  switches.disable(4, ORIGIN.user, 2)
  switches.disable(4, ORIGIN.local, 5)
  lab.advance(1999)
  t.same(switches.origins(4), [1, 1000])
  lab.advance(1)
  t.same(switches.origins(4), [1000])
  switches.disable(4, ORIGIN.local, 60)
  lab.advance(3001)
  t.same(switches.origins(4), [1000], 'a later word replaces the former time')
  lab.advance(60_000)
  t.notOk(switches.isOff(4))
})

t.test('a new configuration keeps what an operator has said, and nothing else', async (t) => {
  const plan = onePool('192.0.2.10 - 192.0.2.19', 600)
  const lab = createLab({ plan, clients: [] })
  lab.advance(1000)
  const switches = switchesOf(lab)
  for (const origin of [1, 1000, 2000, 3000]) switches.disable(4, origin, undefined)
  lab.server().server!.reload(plan)
  t.same(switches.origins(4), [1])
})

t.test('one family may be off while the other is served', async (t) => {
  const plan = planOfBoth(
    { subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }] },
    { subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }] },
  )
  const lab = createLab({ plan, clients: [OFF], clients6: [OFF] })
  lab.advance(1000)
  switchesOf(lab).disable(6, ORIGIN.user, undefined)
  lab.client(0).start()
  lab.client6(0).start()
  lab.advance(60_000)
  t.ok(lab.client(0).isBound)
  t.same(lab.client6(0).addresses, [])
  switchesOf(lab).enable(6, ORIGIN.user)
  t.ok(lab.world.advanceUntil(() => lab.client6(0).addresses.length === 1, 200_000))
})

t.test('in a pair the partner serves the clients of both, until the service is on', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, HOUR)))
  t.ok(lab.reachNormal())
  const [own] = both(lab)
  switchesOf(lab).disable(4, ORIGIN.user, undefined)
  lab.advance(100)
  t.same(lab.states()[1], 'partner-down')
  t.match(lab.server(0).server!.status().ha, { isOff: true, isAway: false })
  t.equal(lab.server(0).server!.status().journalTrouble, '', 'the disk is not to blame')
  t.ok(bind(lab, own, 10_000), 'a client of the server that is off is served by the other')
  const sent = lab.server(0).server!.status().statistics['pkt4-sent']
  t.equal(sent, 0)
  switchesOf(lab).enable(4, ORIGIN.user)
  t.ok(lab.reachNormal())
  own.stop()
  t.same(lab.invariants.violations, [])
})

t.test('a pair of both families goes as one: the partner takes over both', async (t) => {
  const dhcp6 = {
    subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }],
  }
  const lab = createPair({ dhcp6, clients: [OFF, OFF], clients6: [OFF, OFF] })
  t.ok(lab.reachNormal())
  switchesOf(lab).disable(6, ORIGIN.user, undefined)
  lab.advance(100)
  for (const client of [lab.client(0), lab.client(1)]) client.start()
  for (const client of [lab.client6(0), lab.client6(1)]) client.start()
  t.ok(
    lab.world.advanceUntil(
      () => [0, 1].every((at) => lab.client(at).isBound && lab.client6(at).addresses.length === 1),
      10_000,
    ),
  )
  t.equal(lab.server(0).server!.status().statistics['pkt4-sent'], 0)
  t.same(lab.invariants.violations, [])
})

t.test('with no partner there, the other family goes on', async (t) => {
  const dhcp6 = {
    subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }],
  }
  const lab = createPair({ dhcp6, clients: [OFF], clients6: [] })
  t.ok(lab.reachNormal())
  lab.crash(1)
  lab.advance(60_000)
  switchesOf(lab).disable(6, ORIGIN.user, undefined)
  lab.client(0).start()
  t.ok(lab.world.advanceUntil(() => lab.client(0).isBound, 60_000))
  t.same(lab.invariants.violations, [])
})
