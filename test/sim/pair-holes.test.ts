// Histories that broke the server of a pair once: not a rule of safety that was missing, but two
// rooms whose proofs did not meet. S1 and S2 are server1 and server2, X is at home at S1, Y at S2.

import t from 'tap'
import { type Ipv4, ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import {
  bind,
  bindAt,
  both,
  FOUR,
  HOUR,
  hardwareAddress,
  plansOf,
  poolOf,
  S1,
  S2,
  stage,
  X,
  Y,
} from './pair-stage.ts'

const OF_S2 = { hwAddress: hardwareAddress(1) }
const TOO = { hwAddress: hardwareAddress(1, 1) }

// S2 returns everything to S1 while its disk is slow. A lease that is granted meanwhile must not
// reach S1 before it is on the disk of S2: S2 may die, and give the address to another client when
// it is back.
t.test('a refill has no rows that are not durable', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const lab = createPair({ ...stage(poolOf(FOUR, HOUR), OF_S2, TOO), seed })
    t.ok(lab.reachNormal())
    t.ok(order(lab, 1, 'start'))
    lab.advance(5000)
    t.equal(lab.server(1).disk.pair?.rights, 'sole')
    Object.assign(lab.server(1).disk.behaviour, { commitMin: 3000, commitMax: 3000 })
    order(lab, 1, 'cancel', 100)
    lab.world.advanceUntil(() => lab.server(1).server?.pair?.record.rights === 'shared', 20_000)
    lab.advance(500)
    const [a, b] = both(lab)
    bindAt(lab, a, S2, Y, 100)
    lab.world.advanceUntil(() => lab.server(1).disk.pair?.rights === 'shared', 20_000)
    lab.advance(1000)
    lab.kill(1)
    lab.cutLink()
    Object.assign(lab.server(1).disk.behaviour, { commitMin: 0.2, commitMax: 1 })
    lab.start(1)
    lab.advance(10_000)
    bindAt(lab, a, S1, Y, 30_000)
    bindAt(lab, b, S2, Y, 30_000)
    lab.advance(60_000)
    t.same(lab.invariants.violations, [], `seed ${seed}`)
  }
})

/** An operator's word to a server about maintenance of its partner; whether it is allowed. */
function order(lab: PairLab, server: number, step: 'start' | 'cancel', wait = 1000): boolean {
  let isAllowed = false
  lab.server(server).server!.pair!.handOver[step](({ allowed }) => (isAllowed = allowed))
  lab.advance(wait)
  return isAllowed
}

// In a cut, A gives X back at S1 and gets it again from S2. The link heals, and S2 is told to hand
// over while it still has much to say: it must be heard out before S1's rows replace its own.
t.test('who hands over has been heard out', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, HOUR), {}, TOO))
  t.ok(lab.reachNormal())
  const [a, b] = both(lab)
  bindAt(lab, a, S1, X)
  lab.advance(30_000)
  lab.cutLink()
  lab.advance(5000)
  a.release()
  lab.advance(1000)
  bindAt(lab, a, S2, X)
  t.equal(a.ipv4, X)
  for (const [server, count] of [2200, 8000].entries()) fillBefore(lab, server, X, count)
  lab.links.setDelay(200, 200)
  lab.healLink()
  lab.world.advanceUntil(() => lab.server(0).server!.pair!.sessions.withPartner !== undefined, 9000)
  order(lab, 0, 'start', 5000)
  lab.world.advanceUntil(() => lab.server(0).disk.pair?.rights === 'sole', 60_000)
  t.equal(lab.server(0).disk.pair?.rights, 'sole')
  bindAt(lab, b, S1, X, 20_000)
  t.same(lab.invariants.violations, [])
})

/**
 * Rows that a server has changed before it changed the row of `last`, and that its partner has not
 * heard of.
 */
function fillBefore(lab: PairLab, server: number, last: Ipv4, count: number): void {
  lab.kill(server)
  const { disk } = lab.server(server)
  const state = disk.snapshot()
  const row = state.rows.get(last)!
  let { change } = state
  for (let address = ipv4FromText(`10.${server}.0.1`)!; count > 0; address++) {
    if (homeOf(address) !== server) continue
    count--
    const keys = { gave: 0, got: 0 }
    state.rows.set(address, { ...row, ...keys, address, hwAddress: `${address}`, change: ++change })
  }
  state.rows.set(last, { ...row, change: ++change })
  disk.restore({ ...state, change })
  lab.start(server)
}

// In a cut S2 gets a configuration with longer leases, gives Y for long, and loses its disk. S1 has
// never heard of such leases: the quarantine is as long as those that S2 may have given.
t.test('a new disk counts with the lifetimes of its own configuration', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, 600), {}, TOO))
  t.ok(lab.reachNormal())
  lab.cutLink()
  lab.server(1).reload(plansOf(poolOf(FOUR, 8 * HOUR))[1]!)
  const [a, b] = both(lab)
  bindAt(lab, a, S2, Y)
  t.equal(a.ipv4, Y)
  lab.crash(1)
  lab.server(1).disk.replace()
  lab.healLink()
  lab.start(1)
  t.ok(lab.reachNormal())
  lab.advance(HOUR * 1000)
  bindAt(lab, b, S2, Y, 60_000)
  t.not(b.ipv4, Y)
  t.same(lab.invariants.violations, [])
})

// The disk of S2 neither stores nor fails for a minute. Its clients cannot wait: S2 leaves them to
// S1 meanwhile.
t.test('a disk that hangs keeps nobody waiting', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, HOUR), {}, TOO))
  t.ok(lab.reachNormal())
  lab.advance(2000)
  Object.assign(lab.server(1).disk.behaviour, { commitMin: 60_000, commitMax: 60_000 })
  lab.advance(20_000)
  for (const client of both(lab)) client.start()
  lab.advance(5000)
  for (const client of both(lab)) t.ok(client.isBound, client.name)
  Object.assign(lab.server(1).disk.behaviour, { commitMin: 0.2, commitMax: 1 })
  t.ok(lab.reachNormal(90_000))
  t.same(lab.invariants.violations, [])
})

// The only pool of S1's clients is one address, which is reserved for a client of S2. A asks S1 for
// it all the time, in vain; that must not keep S1 from handing it on to S2, where its owner waits.
t.test('who cannot have a reserved address does not keep it from its owner', async (t) => {
  const one = textFromIpv4(X)
  const [range, rest] = [`${one} - ${one}`, `${textFromIpv4(Y)} - ${textFromIpv4(Y)}`]
  const dhcp4 = {
    'valid-lifetime': HOUR,
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        pools: [
          { pool: range, 'client-classes': ['HA_server1'] },
          { pool: rest, 'client-classes': ['HA_server2'] },
        ],
        reservations: [{ 'hw-address': hardwareAddress(1), 'ip-address': one }],
      },
    ],
  }
  const lab = createPair(stage(dhcp4, { backoffMax: 4000 }, { backoffMax: 4000 }))
  t.ok(lab.reachNormal())
  const [a, b] = both(lab)
  a.start()
  lab.advance(30_000)
  t.notOk(a.isBound)
  t.ok(bind(lab, b), 'its owner gets it')
  t.equal(b.ipv4, X)
  t.same(lab.invariants.violations, [])
})

// In a cut S1 gives X to A and dies. A is gone when its lease ends; an operator says that S1 is
// off, and S2 gives X to B. S1 comes back, reaches S2 before any client, and has slept all the
// time: by its clock A still has X.
t.test('what slept is no match for what was given by an operator’s word', async (t) => {
  const off = { renews: false, trustsMemory: true }
  const lab = createPair(stage(poolOf(FOUR, 600), off, TOO))
  t.ok(lab.reachNormal())
  const [a, b] = both(lab)
  lab.cutLink()
  bindAt(lab, a, S1, X)
  t.equal(a.ipv4, X)
  lab.crash(0)
  lab.healLink()
  a.stop()
  lab.advance(630_000)
  t.equal(a.ipv4, 0)
  lab.invariants.pair.checksKeys = false
  lab.invariants.pair.mayConflict.add('an old disk')
  let isAllowed = false
  lab.server(1).server!.pair!.orders.confirmPartnerOff(({ allowed }) => (isAllowed = allowed))
  lab.advance(1000)
  t.ok(isAllowed)
  bindAt(lab, b, S2, X)
  t.equal(b.ipv4, X)
  lab.network.unplug(S1)
  lab.start(0)
  t.ok(lab.reachNormal())
  lab.network.plug(S1)
  a.start()
  lab.advance(60_000)
  t.equal(b.ipv4, X)
  t.not(a.ipv4, X)
  t.same(lab.invariants.violations, [])
  lab.invariants.pair.markQuiet()
  lab.advance(400_000)
  t.equal(b.ipv4, X, 'B goes on')
  t.same(lab.invariants.pair.differences(), [])
})

// max-ack-delay says for how long a client may wait, also for the disks. No time at all is none to
// store in.
t.test('clients that may not wait are served all the same, by a pair', async (t) => {
  const lab = createPair({ clients: 4, ha: { 'max-ack-delay': 0 } })
  t.ok(lab.reachNormal())
  lab.advance(30_000)
  t.ok(lab.isNormal)
  t.equal(lab.clients.filter((client) => client.isBound).length, 4)
  t.ok(lab.invariants.pair.counters.both >= 4, 'acknowledged by both')
  t.same(lab.invariants.violations, [])
})
