// Histories of something that comes back: the link, to servers that had given everything there is;
// an old disk; a host whose disk has forgotten the last moments. The first two broke the server of
// a pair once. S1 and S2 are server1 and server2, X is at home at S1, Y at S2.

import t, { type Test } from 'tap'
import { loseDatabase } from '../../lib/ha/pair-steps.ts'
import type { DiskState } from '../../lib/lab/disk.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import type { OperatorOrders } from '../../lib/server/pair/orders.ts'
import {
  bind,
  bindAt,
  both,
  HOUR,
  hardwareAddress,
  OF_S1,
  only,
  plansOf,
  poolOf,
  RENEWER,
  S1,
  S2,
  stage,
  X,
  X2,
  Y,
  Y2,
} from './pair-stage.ts'
import { type Weakness, weakPorts } from './pair-weakness.ts'

// With when-silent "available" both give everything in a cut: S1 gives Y, which is at home at S2,
// to A. The link heals: S2 knows of A before it gives Y to somebody else, A goes on at S1, and
// nothing is left over in the end.
t.test('what was given without keys is known to whoever has them, after the cut', async (t) => {
  const settings = stage(poolOf([Y], 600), { renewPauseMin: 5000 }, {})
  const whio = { ha: { 'when-silent': 'available' } } as const
  const plans = pairPlans(pairConfig({ dhcp4: poolOf([Y], 600), whio }))
  const lab = createPair({ ...settings, plans })
  t.ok(lab.reachNormal())
  const [a, b] = both(lab)
  lab.cutLink()
  lab.advance(20_000)
  t.ok(bindAt(lab, a, S1, Y), 'S1 gives all there is')
  lab.advance(1000)
  lab.healLink()
  t.ok(lab.reachNormal())
  lab.advance(2000)
  only(lab, b, S2)
  b.start()
  lab.advance(2 * HOUR * 1000)
  t.notOk(b.isBound, 'nobody else gets it')
  t.equal(a.ipv4, Y, 'A renews at S1')
  a.stop()
  lab.advance(HOUR * 1000)
  t.equal(b.ipv4, Y, 'it is free again when A has gone')
  t.same(lab.invariants.violations, [])
  t.same(lab.invariants.pair.differences(), [])
})

// S2 has a RELEASE of A on its disk, and knew many changes of S1 then. S1's old disk is put back,
// S1 meets S2, and is restarted before it changes anything. What it gives now has a higher number
// than what S2 knew.
t.test('an old disk never counts again what its partner has seen', async (t) => {
  const lab = createPair(
    stage(poolOf([X, X2, Y, Y2], 60), RENEWER, {
      hwAddress: hardwareAddress(1, 1),
    }),
  )
  t.ok(lab.reachNormal())
  const [a] = both(lab)
  const copy = lab.server(0).disk.snapshot()
  bindAt(lab, a, S1, X)
  lab.advance(600_000)
  lab.cutLink()
  only(lab, a, S2)
  lab.advance(100_000)
  t.equal(a.ipv4, X)
  a.release()
  lab.advance(1000)
  const { state, knew } = lab.server(1).disk.durableRow(X)!
  t.equal(state, LEASE_STATE.released)
  t.ok(knew > 10)
  lab.invariants.pair.checksKeys = false
  lab.invariants.pair.mayConflict.add('an old disk')
  lab.crash(0)
  lab.server(0).restoreDisk(copy)
  lab.healLink()
  lab.start(0)
  t.ok(lab.reachNormal())
  lab.advance(1000)
  lab.restart(0)
  t.ok(lab.reachNormal())
  lab.invariants.pair.checksKeys = true
  lab.invariants.pair.mayConflict.clear()
  t.ok(bindAt(lab, a, S1, X, 100_000))
  t.ok(lab.server(0).disk.durableRow(a.ipv4)!.change > knew)
  t.equal(lab.server(1).disk.durableRow(a.ipv4)?.state, LEASE_STATE.assigned)
  t.same(lab.invariants.violations, [])
})

function say(lab: PairLab, server: number, word: keyof OperatorOrders): boolean {
  let isAllowed: boolean | undefined
  lab.server(server).server!.pairing.orders![word](({ allowed }) => (isAllowed = allowed))
  lab.world.advanceUntil(() => isAllowed !== undefined, 5000)
  return isAllowed === true
}

/** The next meeting is that of a server with every right and one that must not serve before. */
function expectOldDisk({ invariants: { pair } }: PairLab): void {
  pair.checksKeys = false
  pair.mayConflict.add('an old disk')
}

/** Nobody gets Y, which is the only address, while its client has it. */
function givesYToNobodyElse(t: Test, lab: PairLab, holder: VirtualClient4): void {
  t.ok(lab.reachNormal(60_000))
  lab.advance(1000)
  const [other] = both(lab)
  for (const server of [S1, S2]) t.notOk(bindAt(lab, other, server, Y), `nobody else at ${server}`)
  only(lab, holder, S2)
  lab.advance(2 * HOUR * 1000)
  t.equal(holder.ipv4, Y, 'its client renews it')
  t.same(lab.invariants.violations, [])
}

// B releases Y at S2 and gets it again, of which S1 hears. S1 is given everything; then S2 comes
// back with its disk of before, on which the former lease has just been released.
for (const word of ['confirmPartnerOff', 'startMaintenance'] as const)
  t.test(`an old disk ends no lease that began later: ${word}`, async (t) => {
    const lab = createPair(stage(poolOf([Y], HOUR), {}, RENEWER))
    t.ok(lab.reachNormal())
    const [, b] = both(lab)
    t.ok(bindAt(lab, b, S2, Y))
    lab.advance(30_000)
    b.release()
    lab.advance(5000)
    const copy = lab.server(1).disk.snapshot()
    t.ok(bindAt(lab, b, S2, Y))
    lab.advance(2000)
    only(lab, b, 'nobody')
    expectOldDisk(lab)
    if (word === 'startMaintenance') t.ok(say(lab, 0, word))
    lab.advance(5000)
    lab.crash(1)
    lab.advance(12_000)
    if (word === 'confirmPartnerOff') t.ok(say(lab, 0, word))
    t.equal(lab.server(0).disk.pair?.rights, 'sole')
    lab.server(1).restoreDisk(copy)
    lab.start(1)
    givesYToNobodyElse(t, lab, b)
  })

// S2 has a new disk and is told to serve alone. S1, which was down, knows of B only by what the
// former disk of S2 has told it.
t.test('a new disk hears of the leases of the one before, too', async (t) => {
  const lab = createPair(stage(poolOf([Y], HOUR), {}, RENEWER))
  t.ok(lab.reachNormal())
  const [, b] = both(lab)
  t.ok(bindAt(lab, b, S2, Y))
  lab.advance(2000)
  t.equal(lab.server(0).disk.durableRow(Y)?.change, 0, 'no change of S1')
  only(lab, b, 'nobody')
  expectOldDisk(lab)
  lab.crash(1)
  lab.crash(0)
  lab.server(1).replaceDisk()
  lab.start(1)
  lab.advance(5000)
  t.ok(say(lab, 1, 'serveAlone'))
  lab.start(0)
  givesYToNobodyElse(t, lab, b)
})

/** What the journal makes of a crash of the host where `durability` is below full. */
const NOTICED: Weakness = {
  info: (info) => ({ ...info, pair: info.pair && loseDatabase(info.pair), lostUnder: 'normal' }),
}

/**
 * A pair whose disks hold what they acknowledged a minute later. `crashes` lets the hosts of these
 * servers crash.
 */
function forgetfulPair(isNoticed: boolean) {
  let hasCrashed = false
  const lab = createPair({
    ...stage(poolOf([X, X2, Y, Y2], HOUR), RENEWER, OF_S1),
    disk: { syncDelay: 60_000 },
    ports: weakPorts(NOTICED, () => hasCrashed && isNoticed, [])!,
  })
  const crash = (...servers: number[]) => {
    for (const server of servers) lab.crash(server)
    lab.healLink()
    hasCrashed = true
    for (const server of servers) lab.start(server)
  }
  lab.reachNormal()
  return { lab, crash }
}

/** That their disks forget what was acknowledged is a violation of its own. */
const givenTwice = (lab: PairLab) =>
  lab.invariants.violations.filter((one) => one.includes('is valid for'))

// Rule 9b: S1 gives X to A in a cut, its host crashes, and nobody knows of that lease any more.
for (const isNoticed of [true, false])
  t.test(`a crash of the host that is ${isNoticed ? '' : 'not '}noticed`, async (t) => {
    const { lab, crash } = forgetfulPair(isNoticed)
    lab.advance(100_000)
    const [a, b] = both(lab)
    lab.cutLink()
    t.ok(bindAt(lab, a, S1, X))
    crash(0)
    t.ok(lab.reachNormal())
    only(lab, a, 'nobody')
    bindAt(lab, b, S1, X, 600_000)
    t.equal(b.ipv4 === X, !isNoticed)
    t.equal(givenTwice(lab).length > 0, !isNoticed)
  })

// The power of both hosts fails. Whoever has a lease keeps it, nobody else gets one before those
// are over that may have been forgotten.
t.test('a crash of both hosts', async (t) => {
  const { lab, crash } = forgetfulPair(true)
  const [a, b] = both(lab)
  t.ok(bindAt(lab, a, S1, X))
  lab.advance(100_000)
  crash(0, 1)
  t.ok(lab.reachNormal())
  b.start()
  lab.advance(HOUR * 1000)
  t.equal(a.ipv4, X)
  t.notOk(b.isBound)
  lab.advance(600_000)
  t.ok(b.isBound)
  t.same(givenTwice(lab), [])
})

/** The disk of a server dies in a cut, while its client is silent; two minutes after the return. */
function comesBackEmpty(lab: PairLab, index: number, client: VirtualClient4): boolean {
  lab.crash(index)
  only(lab, client, 'nobody')
  lab.server(index).replaceDisk()
  lab.healLink()
  lab.start(index)
  const isNormal = lab.reachNormal()
  lab.advance(120_000)
  return isNormal
}

// In a cut S2 is told to give leases of an hour, and again of a minute; then its disk dies with the
// only word of it.
t.test(
  'lifetimes that were longer for a while in a cut are not forgotten with a disk',
  async (t) => {
    const minute = plansOf(poolOf([X, Y], 60))
    const hour = plansOf(poolOf([X, Y], HOUR))
    const lab = createPair(stage(poolOf([X, Y], 60), { hwAddress: hardwareAddress(1, 1) }, RENEWER))
    t.ok(lab.reachNormal())
    lab.advance(5000)
    const [a, b] = both(lab)
    lab.cutLink()
    lab.advance(5000)
    lab.server(1).reload(hour[1]!)
    t.ok(bindAt(lab, b, S2, Y))
    t.equal(b.lease?.lifetime, 60, 'S1 knows of no longer one')
    t.equal(lab.server(1).log.lines.filter(({ id }) => id === 'HA_LIFETIME_WAITS').length, 1)
    lab.server(1).reload(minute[1]!)
    t.ok(comesBackEmpty(lab, 1, b))
    t.ok(bindAt(lab, a, S2, Y), 'it is given again when the quarantine is over')
    t.same(lab.invariants.violations, [])
  },
)

t.test('a longer lifetime counts as soon as both have stored it', async (t) => {
  const hour = plansOf(poolOf([X, Y], HOUR))
  const lab = createPair(stage(poolOf([X, Y], 60), RENEWER, RENEWER))
  t.ok(lab.reachNormal())
  lab.advance(5000)
  const [a, b] = both(lab)
  const lifetimeOf = (client: VirtualClient4) => {
    client.forget()
    t.ok(bind(lab, client))
    return client.lease!.lifetime
  }
  lab.server(1).reload(hour[1]!)
  lab.advance(2000)
  t.equal(lifetimeOf(b), HOUR, 'a reload of one')
  t.equal(lifetimeOf(a), 60)
  lab.cutLink()
  lab.server(0).reload(hour[0]!)
  lab.advance(5000)
  t.equal(lifetimeOf(a), HOUR, 'in a cut what the other has heard of before')
  for (const index of [0, 1]) {
    lab.crash(index)
    lab.start(index)
  }
  lab.advance(10_000)
  t.equal(lifetimeOf(a), HOUR, 'and after a start')
  t.same(lab.invariants.violations, [])
})

// A partner of a version before acknowledges rows and says nothing of lifetimes. In a cut S1 is
// told to give leases of an hour, and again of a minute; then its disk dies with the only word of
// it.
t.test('what a partner does not tell of lifetimes is what both knew when they met', async (t) => {
  const [minute] = plansOf(poolOf([X, Y], 60))
  const [hour] = plansOf(poolOf([X, Y], HOUR))
  const silent: Weakness = {
    servers: [S1],
    hears: (message) =>
      typeof message === 'string' ? message.replace(/,"longest":\d+/, '') : message,
  }
  const lab = createPair({
    ...stage(poolOf([X, Y], 60), {}, { hwAddress: hardwareAddress(0, 1) }),
    ports: weakPorts(silent, () => true, [])!,
  })
  t.ok(lab.reachNormal())
  lab.advance(5000)
  t.equal(lab.server(0).disk.pair?.toldLifetime, 0)
  lab.cutLink()
  lab.advance(5000)
  const [a, b] = both(lab)
  lab.server(0).reload(hour!)
  t.ok(bindAt(lab, a, S1, X))
  t.equal(a.lease?.lifetime, 60)
  lab.server(0).reload(minute!)
  lab.crash(0)
  only(lab, a, 'nobody')
  lab.server(0).replaceDisk()
  lab.healLink()
  lab.start(0)
  t.ok(lab.reachNormal())
  lab.advance(120_000)
  t.ok(bindAt(lab, b, S1, X))
  t.same(lab.invariants.violations, [])
})

// Both remember leases of an hour, of which none is left, and are told so in a cut. Then S1 is told
// to give some again, and its disk dies with the only word of it.
t.test('what both have forgotten of lifetimes is not taken as known to the other', async (t) => {
  const minute = plansOf(poolOf([X, Y], 60))
  const hour = plansOf(poolOf([X, Y], HOUR))
  const lab = createPair(stage(poolOf([X, Y], HOUR), RENEWER, { hwAddress: hardwareAddress(0, 1) }))
  t.ok(lab.reachNormal())
  lab.advance(5000)
  for (const [index, plan] of minute.entries()) lab.server(index).reload(plan)
  lab.cutLink()
  lab.advance(5000)
  t.ok(say(lab, 0, 'forgetLifetime') && say(lab, 1, 'forgetLifetime'))
  lab.advance(1000)
  const [a, b] = both(lab)
  lab.server(0).reload(hour[0]!)
  t.ok(bindAt(lab, a, S1, X))
  t.equal(a.lease?.lifetime, 60, 'S2 has forgotten that there was a longer one')
  lab.server(0).reload(minute[0]!)
  t.ok(comesBackEmpty(lab, 0, a))
  t.ok(bindAt(lab, b, S1, X), 'it is given again when the quarantine is over')
  t.same(lab.invariants.violations, [])
})

/** The file of a pair of server1 and another one. */
function fileWith(secondary: number) {
  const peers = [1, secondary].map((number) => ({
    name: `server${number}`,
    url: `http://192.0.2.${number}:8000/`,
    role: number === 1 ? ('primary' as const) : ('secondary' as const),
  }))
  return pairPlans(pairConfig({ dhcp4: poolOf([X, Y], 60), ha: { peers } }))
}

// S2 is given up, and S3 takes its place in the file of S1; but S2 runs on with the old file.
t.test(
  'who was replaced under another name gives nothing any more as soon as it dials',
  async (t) => {
    const [old, next] = [fileWith(2), fileWith(3)]
    const settings = stage(poolOf([X, Y], 60), { hwAddress: hardwareAddress(1, 1) }, {})
    const lab = createPair({ ...settings, plans: [...old, next[1]!] })
    lab.crash(2)
    t.ok(lab.reachNormal())
    lab.advance(5000)
    lab.invariants.pair.checksKeys = false
    lab.invariants.pair.mayConflict.add('an old disk')
    lab.crash(0)
    lab.start(0, next[0])
    lab.start(2)
    t.ok(lab.world.advanceUntil(() => lab.states()[2] === 'load-balancing', 30_000))
    lab.advance(200_000)
    t.equal(lab.server(1).server!.pair!.record.rights, 'none')
    const [a, b] = both(lab)
    t.ok(bindAt(lab, a, 'server3', Y))
    t.notOk(bindAt(lab, b, S2, Y))
    t.same(lab.invariants.violations, [])
  },
)

// Both are told to give leases of an hour, and again of a minute. Then both disks are put back to
// copies from before that: no record knows how long a lease may run that both have lost, but both
// hosts have noted it.
for (const isNoted of [true, false])
  t.test(
    `two old copies of a time with shorter leases, on hosts that ${isNoted ? 'have' : 'have not'} noted it`,
    async (t) => {
      const minute = plansOf(poolOf([X, Y], 60))
      const hour = plansOf(poolOf([X, Y], HOUR))
      const lab = createPair(stage(poolOf([X, Y], 60), RENEWER, OF_S1))
      t.ok(lab.reachNormal())
      lab.advance(20_000)
      const [a, b] = both(lab)
      const copies = [0, 1].map((index) => lab.server(index).disk.snapshot())
      for (const index of [0, 1]) lab.server(index).reload(hour[index]!)
      lab.advance(5000)
      t.ok(bindAt(lab, a, S1, X))
      t.equal(a.lease?.lifetime, HOUR)
      for (const index of [0, 1]) lab.server(index).reload(minute[index]!)
      lab.advance(5000)
      only(lab, a, 'nobody')
      lab.invariants.pair.checksKeys = false
      lab.invariants.pair.mayConflict.add('old copies')
      for (const index of [0, 1]) lab.crash(index)
      for (const index of [0, 1]) lab.server(index).restoreDisk(copies[index]!, isNoted)
      for (const index of [0, 1]) lab.server(index).start(minute[index]!, !isNoted)
      t.ok(lab.reachNormal())
      b.start()
      lab.advance(300_000)
      t.equal(b.ipv4 === X, !isNoted)
      t.equal(givenTwice(lab).length > 0, !isNoted)
      lab.advance(2 * HOUR * 1000)
      t.ok(b.isBound, 'when the longest lease is over')
    },
  )

// Both disks are put back to copies from when A had X, which B has by now. Then that of S2 once
// more, and its clock has stood still meanwhile: its rows look younger than they are.
t.test('what an old disk says of the past stays of the past', async (t) => {
  const lab = createPair(
    stage(poolOf([X], HOUR), RENEWER, { ...RENEWER, hwAddress: hardwareAddress(0, 1) }),
  )
  t.ok(lab.reachNormal())
  const [a, b] = both(lab)
  t.ok(bindAt(lab, a, S1, X))
  lab.advance(5000)
  const copies = [0, 1].map((index) => lab.server(index).disk.snapshot())
  a.release()
  lab.advance(20_000)
  t.ok(bindAt(lab, b, S1, X, 100_000))
  only(lab, b, 'nobody')
  lab.invariants.pair.checksKeys = false
  lab.invariants.pair.mayConflict.add('old copies')
  const putBack = (index: number, copy: DiskState) => {
    lab.server(index).restoreDisk(copy)
    lab.server(index).start(undefined, true)
  }
  for (const index of [0, 1]) lab.crash(index)
  for (const index of [0, 1]) putBack(index, copies[index]!)
  t.ok(lab.reachNormal())
  lab.advance(5000)
  const later = lab.server(1).disk.snapshot()
  lab.crash(1)
  lab.advance(300_000)
  putBack(1, later)
  t.ok(lab.reachNormal())
  only(lab, a, S1)
  a.start()
  lab.advance(600_000)
  t.notOk(a.isBound)
  t.same(lab.invariants.violations, [])
})
