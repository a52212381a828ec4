// Named schedules of a pair: histories, each of which breaks one rule of safety if that rule is left out. Each
// runs twice (pair-play.ts), with the product as it is and with the rule taken away from outside, where it must be
// found. S1 and S2 are server1 and server2, A and B clients; X is at home at S1, Y at S2. "Cut" is the
// link between the servers only. The first step of each is a pair that works. Some are elsewhere: stale-over (26),
// keyless-row-overwrites (27) and one-way-cut (29) without their rules in pair-rules-off.test.ts; double-process (31)
// is about a file lock, in the test of the journal.

import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { HaRole } from '../../lib/config/ha-plan.ts'
import type { DiskState } from '../../lib/lab/disk.ts'
import type { LabClientSettings } from '../../lib/lab/lab.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { graceOf } from '../../lib/leases/grace.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { type Check, playTwice, type Schedule } from './pair-play.ts'
import {
  bind,
  bindAt,
  both,
  FOUR,
  HOUR,
  HOUR_MS,
  hardwareAddress,
  only,
  plansOf,
  poolOf,
  S1,
  S2,
  stage,
  wish,
  X,
  X2,
  XS,
  Y,
  Y2,
} from './pair-stage.ts'
import {
  freeHand,
  type Heard,
  recordOf,
  rewriteRows,
  setKeys,
  type Weakness,
  weakPorts,
} from './pair-weakness.ts'

/** Enough for both servers, so that neither asks the other for more. */
const GUARDED_MIDDLE = X + 45
const RENEWER = { renewPauseMin: 5000 }
const IDLE = { renews: false }
const OF_S1 = { hwAddress: hardwareAddress(0, 1) }

/** A RELEASE counts for more than any grant, whatever its server knew of them. */
const RELEASES_WIN: Weakness = {
  table: (table, isOn) =>
    rewriteRows(table, (lease) => (isOn() ? { ...lease, change: 1, knew: 1e15 } : lease)),
}

const SCHEDULES: readonly Schedule[] = [
  {
    // A wants X of S2, which cannot ask S1 for it, again and again.
    name: '1 tentative-row-becomes-existing',
    settings: stage(poolOf(FOUR, HOUR), { hwAddress: hardwareAddress(1) }),
    weakness: freeHand(S2),
    play: ({ lab, a, b, weaken, check }) => {
      lab.cutLink()
      weaken()
      only(lab, a, S2)
      wish(a, X)
      a.start()
      lab.advance(30_000)
      check(a.ipv4 !== X, 'A does not get X from S2')
      bindAt(lab, b, S1, X)
      check(b.ipv4 === X, 'B gets X from S1')
      lab.advance(60_000)
    },
  },
  {
    // S2 gives its Y while cut off, and dies; then S1 finds that nobody listens there any more.
    name: '2 gone-after-cut',
    settings: stage(poolOf(FOUR, HOUR)),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      lab.cutLink()
      bindAt(lab, a, S2, Y)
      check(a.ipv4 === Y, 'A gets Y from S2')
      lab.kill(1)
      lab.healLink()
      lab.advance(10_000)
      check(lab.states()[0] === 'partner-down', 'S1 takes over')
      weaken()
      bindAt(lab, b, S1, Y)
      check(b.ipv4 !== Y, 'B does not get Y')
    },
  },
  {
    // S1 alone gives X and goes down; then S2 comes up alone.
    name: '3 stale-survivor',
    settings: stage(poolOf(FOUR, HOUR)),
    weakness: freeHand(S2),
    play: ({ lab, a, b, weaken, check }) => {
      lab.stop(1)
      lab.advance(5000)
      bindAt(lab, a, S1, X)
      check(a.ipv4 === X, 'A gets X from S1 alone')
      lab.stop(0)
      lab.advance(5000)
      weaken()
      lab.start(1)
      lab.advance(10_000)
      check(lab.states()[1] === 'partner-down', 'S2 serves alone')
      bindAt(lab, b, S2, X)
      check(b.isBound && b.ipv4 !== X, 'B gets what S2 has')
    },
  },
  {
    // S2 crashes, S1 gives all there is; S2 comes back behind a broken link.
    name: '4 restart-into-partition',
    settings: stage(poolOf(FOUR, HOUR)),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      lab.crash(1)
      lab.advance(10_000)
      weaken()
      bindAt(lab, a, S1, Y)
      check(a.ipv4 !== Y, 'S1 does not give what S2 has')
      lab.cutLink()
      lab.start(1)
      lab.advance(10_000)
      bindAt(lab, b, S2, Y)
      check(b.ipv4 === Y, 'B gets Y from S2')
    },
  },
  {
    // Both connections break, both dials are refused by firewalls; both servers live.
    name: '5 refusal-is-a-lie',
    settings: stage(poolOf(FOUR, HOUR)),
    weakness: freeHand(S2),
    play: ({ lab, a, b, weaken, check }) => {
      lab.links.reject(S1)
      lab.links.reject(S2)
      lab.links.reset(S1, S2)
      lab.advance(5000)
      check(lab.states().join() === 'partner-down,partner-down', 'both take over')
      weaken()
      bindAt(lab, a, S1, X)
      check(a.ipv4 === X, 'A gets X')
      bindAt(lab, b, S2, X)
      check(b.ipv4 !== X, 'B does not get X')
    },
  },
  {
    // S2 stops in good order and says so, is back at once, but the link is not.
    name: '6 left-then-restart-cut',
    settings: stage(poolOf(FOUR, HOUR)),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      lab.stop(1)
      lab.advance(2000)
      check(lab.states()[0] === 'partner-down', 'S1 serves all at once')
      weaken()
      lab.cutLink()
      lab.start(1)
      bindAt(lab, a, S1, Y)
      check(a.ipv4 !== Y, 'a stop moves no keys')
      bindAt(lab, b, S2, Y)
      check(b.ipv4 === Y, 'B gets Y from S2')
    },
  },
  {
    // A renews at S2 in a cut until long after what S1 knows has ended.
    name: '7 renewal-crosses-expiry',
    settings: stage(poolOf(FOUR, 600), RENEWER),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      lab.advance(1000)
      lab.cutLink()
      only(lab, a, S2)
      lab.advance(700_000)
      check(a.ipv4 === X, 'S2 renews with one key')
      weaken()
      bindAt(lab, b, S1, X)
      check(b.ipv4 !== X, 'S1 does not give X with one key')
    },
  },
  {
    // The link is back, but what S2 knows is still under way when B asks S1.
    name: '8 home-expires-before-catching-up',
    settings: stage(poolOf(FOUR, 600), RENEWER, OF_S1),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      lab.advance(1000)
      lab.cutLink()
      only(lab, a, S2)
      lab.advance(700_000)
      weaken()
      lab.links.setDelay(800, 900)
      wish(b, X)
      b.start()
      lab.healLink()
      lab.advance(60_000)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
      check(lab.isNormal, 'the pair works again')
    },
  },
  {
    // S1 stands still for an hour; old messages of S2 wait for it.
    name: '9 wake-with-buffered-frames',
    settings: stage(poolOf(FOUR, 600), RENEWER, OF_S1),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      lab.pause(0)
      only(lab, a, S2)
      only(lab, b, S1)
      lab.advance(HOUR_MS)
      wish(b, X)
      b.start()
      lab.advance(100)
      weaken()
      lab.resume(0)
      lab.advance(20_000)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
    },
  },
  {
    // In a cut, A gives X back at S1 and gets it again from S2.
    name: '10 release-here-renew-there',
    settings: stage(poolOf(FOUR, HOUR)),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      releasedHereRenewedThere(lab)
      check(a.ipv4 === X, 'A has X again, from S2')
      weaken()
      bindAt(lab, b, S1, X)
      check(b.ipv4 !== X, 'S1 does not give X with one key')
    },
  },
  {
    // The frame with X for A reaches S2; its acknowledgement does not come back.
    name: '11 given-back-but-already-sent',
    settings: stage(poolOf(FOUR, 600), RENEWER),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      only(lab, a, S1)
      lab.cutLink('forth', 1)
      wish(a, X)
      bind(lab, a)
      lab.cutLink()
      only(lab, a, S2)
      lab.advance(700_000)
      check(a.ipv4 === X, 'S2 renews')
      weaken()
      bindAt(lab, b, S1, X)
      check(b.ipv4 !== X, 'a key counts as given before it is sent')
    },
  },
  {
    // S1 says to S2 what its disk then forgets, and comes back behind a broken link.
    name: '12 lost-tail-known-to-partner',
    settings: stage(poolOf(FOUR, HOUR)),
    // The disk says "durable" long before it is.
    weakness: {},
    spoil: (lab) => (lab.server(0).disk.behaviour.syncDelay = 60_000),
    play: ({ lab, a, b, weaken, check }) => {
      weaken()
      bindAt(lab, a, S1, X)
      check(a.ipv4 === X, 'A gets X')
      lab.crash(0)
      lab.cutLink()
      lab.server(0).disk.behaviour.syncDelay = 0
      lab.start(0)
      lab.advance(10_000)
      bindAt(lab, b, S1, X)
      check(b.ipv4 !== X, 'B does not get X')
    },
  },
  {
    // S1's disk forgets what S2 was told, and S1 uses the same numbers again for what S2 then takes as known.
    name: '13 reused-change-numbers',
    settings: stage(poolOf(XS, HOUR)),
    weakness: {
      // Nobody notices that S1's clock has gone back.
      hears: (message) =>
        typeof message === 'string'
          ? message.replace(/"(appliedClock|clock)":\d+/g, '"$1":0')
          : message,
    },
    spoil: (lab) => (lab.server(0).disk.behaviour.syncDelay = 60_000),
    play: ({ lab, a, b, weaken, check }) => {
      weaken()
      bindAt(lab, a, S1, X)
      lab.crash(0)
      lab.server(0).disk.behaviour.syncDelay = 0
      lab.cutLink()
      lab.start(0)
      lab.advance(10_000)
      bindAt(lab, b, S1, X)
      check(b.isBound && b.ipv4 !== X, 'B gets another one')
      lab.healLink()
      check(lab.reachNormal(), 'the pair works again')
      lab.advance(5000)
      lab.invariants.violations.push(...lab.invariants.pair.differences())
    },
    found: /server2|is valid for/,
  },
  {
    // In a cut A renews at S1 and gives X back there, then gets it from S2; then the link heals.
    name: '14 merge-by-version',
    settings: withOthers(stage(poolOf([X, X2, Y], HOUR), {}, OF_S1)),
    weakness: RELEASES_WIN,
    play: ({ lab, a, b, weaken, check }) => {
      onlyXIsFree(lab)
      bindAt(lab, a, S1, X)
      lab.advance(20_000)
      lab.cutLink()
      for (let round = 0; round < 4; round++) {
        a.stop()
        bind(lab, a)
        lab.advance(20_000)
      }
      a.release()
      lab.advance(1000)
      only(lab, a, S2)
      bind(lab, a)
      check(a.ipv4 === X, 'A has X again, from S2')
      weaken()
      lab.healLink()
      check(lab.reachNormal(), 'the pair works again')
      lab.advance(5000)
      bindAt(lab, b, S1, X)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
    },
  },
  {
    // A's RELEASE reaches S1 once more after A has X again from S2, before S1 has heard of that.
    name: '15 stale-release-from-socket',
    settings: stage(poolOf(FOUR, HOUR), {}, OF_S1),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      lab.advance(30_000)
      lab.pause(0)
      a.release()
      lab.advance(10_000)
      only(lab, a, S2)
      bind(lab, a)
      check(a.ipv4 === X, 'A has X again, from S2')
      lab.advance(10_000)
      lab.cutLink()
      lab.resume(0)
      lab.advance(30_000)
      check(lab.server(0).disk.durableRow(X)?.state === LEASE_STATE.assigned, 'it is not believed')
      // A copy, older than any datagram: now S1 believes it.
      lab.network.heal('A', S1)
      a.repeatRelease()
      lab.advance(1000)
      check(lab.server(0).disk.durableRow(X)?.state === LEASE_STATE.released, 'X is released at S1')
      weaken()
      bindAt(lab, b, S1, X)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
      lab.healLink()
      check(lab.reachNormal(), 'the pair works again')
      lab.advance(60_000)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
    },
  },
  {
    // As 10, and then the link heals: S2 must not take the RELEASE over its own later grant.
    name: '16 partner-accepts-stale-release',
    settings: withOthers(stage(poolOf([X, X2, Y], HOUR), {}, OF_S1)),
    weakness: RELEASES_WIN,
    play: ({ lab, a, b, weaken, check }) => {
      onlyXIsFree(lab)
      releasedHereRenewedThere(lab)
      check(a.ipv4 === X, 'A has X again, from S2')
      weaken()
      lab.healLink()
      check(lab.reachNormal(), 'the pair works again')
      lab.advance(20_000)
      bindAt(lab, b, S1, X)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
    },
  },
  {
    // The lifetime is lowered on both; the ACK that says so never reaches A.
    name: '17 shorter-renewal-ack-lost',
    settings: stage(poolOf(FOUR, HOUR), RENEWER, OF_S1),
    weakness: {
      table: (table, isOn) => {
        setKeys(table, isOn, () => 2)
        rewriteRows(table, (lease) =>
          isOn() ? { ...lease, end: lease.start + lease.validLifetime * 1000 } : lease,
        )
      },
    },
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      for (const [index, plan] of plansOf(poolOf(FOUR, 60)).entries()) lab.reload(plan, index)
      lab.network.cut(S1, 'A')
      lab.advance(0.51 * HOUR_MS)
      lab.network.cut('A', S1)
      weaken()
      lab.advance(90_000)
      bindAt(lab, b, S1, X, 600_000)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
    },
  },
  {
    // A's address is reserved for B by a reload; the NAK to A's renewal is lost.
    name: '18 nak-lost',
    settings: stage(poolOf([X, X2, Y], HOUR), RENEWER),
    weakness: {
      table: (table, isOn) => {
        setKeys(table, isOn, () => 2)
        rewriteRows(table, (lease) =>
          isOn() && lease.address === X ? { ...lease, end: lease.start } : lease,
        )
      },
    },
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      check(a.ipv4 === X, 'A has X')
      for (const [index, plan] of plansOf(reservedForB([X, X2, Y])).entries())
        lab.reload(plan, index)
      lab.network.cut(S1, 'A')
      lab.advance(0.51 * HOUR_MS)
      weaken()
      // With one key each, S1 must have them both before it may give X at all.
      lab.stop(1)
      b.start()
      lab.advance(0.3 * HOUR_MS)
      check(b.ipv4 !== X, 'B gets X only after A')
    },
    found: /is valid for|keys at/,
  },
  {
    // In a cut, S1 alone gets a configuration in which X is reserved for B.
    name: '19 reload-on-one-side',
    settings: stage(poolOf([X, X2, Y], HOUR), RENEWER),
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      lab.cutLink()
      bindAt(lab, a, S2, Y)
      check(a.ipv4 === Y, 'A gets Y from S2')
      weaken()
      lab.reload(plansOf(reservedForB([Y, X], Y))[0]!, 0)
      bindAt(lab, b, S1, Y)
      check(b.ipv4 !== Y, 'being reserved gives no right')
    },
  },
  {
    // The configuration was copied with its names: both believe to be the primary, server1.
    name: '20 both-are-primary',
    settings: { ...stage(poolOf([X], HOUR)), plans: bothPrimary() },
    weakness: {
      info: (info) => ({ ...info, pair: recordOf(0, { rights: 'sole' }) }),
    },
    startsApart: true,
    play: ({ lab, weaken, check }) => {
      weaken()
      servesNobody(lab, check)
    },
  },
  {
    // Two new databases, and a link that has never worked.
    name: '21 first-start-cut',
    settings: stage(poolOf([X], HOUR)),
    weakness: {
      info: (info) => ({ ...info, pair: recordOf(0, { rights: 'sole' }) }),
    },
    startsApart: true,
    play: ({ lab, weaken, check }) => {
      lab.cutLink()
      weaken()
      servesNobody(lab, check)
      lab.healLink()
      check(lab.reachNormal(40_000), 'they serve once they have met')
    },
  },
  {
    // S1 gives X while cut off, and its disk dies. S2 never knew.
    name: '22 new-disk',
    settings: stage(poolOf(FOUR, HOUR), RENEWER, OF_S1),
    weakness: {
      table: (table, isOn) => {
        const { setRights } = table
        table.setRights = (rights) =>
          setRights.call(table, isOn() ? { ...rights, doubtUntil: 0 } : rights)
      },
    },
    play: ({ lab, a, b, weaken, check }) => {
      lab.cutLink()
      bindAt(lab, a, S1, X)
      check(a.ipv4 === X, 'A gets X from S1')
      lab.crash(0)
      lab.replaceDisk(0)
      lab.healLink()
      weaken()
      lab.start(0)
      check(lab.reachNormal(), 'the pair works again')
      only(lab, a, 'nobody')
      bindAt(lab, b, S1, X, 600_000)
      check(b.ipv4 !== X, 'X is in quarantine')
    },
  },
  {
    // S1 comes back a day ahead by its calendar, while S2 is away.
    name: '23 wall-jump-at-restart',
    settings: stage(poolOf(FOUR, HOUR)),
    weakness: {
      servers: [S1],
      info: (info, own) => ({ ...info, stamp: own.clock.wall() - 1767225600000 }),
    },
    play: ({ lab, a, b, weaken, check }) => {
      lab.stop(1)
      lab.advance(5000)
      bindAt(lab, a, S1, X)
      lab.crash(0)
      lab.server(0).node.skew += 24 * HOUR_MS
      weaken()
      lab.start(0)
      lab.advance(10_000)
      bindAt(lab, b, S1, X, 600_000)
      check(a.ipv4 === X && b.ipv4 !== X, 'only A has X')
    },
  },
  {
    // The servers' clocks are fast and A's is slow, within what clocks may be.
    name: '24 fast-clock',
    settings: {
      ...withOthers(
        stage(poolOf([X, X2, Y], 2 * HOUR), { ...IDLE, node: { drift: -0.0024 } }, OF_S1),
      ),
      nodes: [{ drift: 0.0024 }, { drift: 0.0024 }],
    },
    weakness: {
      table: (table, isOn) => {
        setKeys(table, isOn, () => 2)
        rewriteRows(table, (lease) =>
          isOn() ? { ...lease, end: lease.end - graceOf(lease.validLifetime) } : lease,
        )
      },
    },
    play: ({ lab, a, b, weaken, check }) => {
      onlyXIsFree(lab)
      lab.stop(1)
      lab.advance(5000)
      bindAt(lab, a, S1, X)
      lab.advance(2 * HOUR_MS - 25_000)
      weaken()
      bindAt(lab, b, S1, X, 40_000)
      check(b.ipv4 !== X, 'nobody gets X before A has lost it')
    },
  },
  {
    // X is offered to A; A's REQUEST comes when X has been handed on and given to B.
    name: '25 offer-then-hand-on',
    settings: withMore(stage(poolOf(XS, HOUR))),
    weakness: {
      servers: [S1],
      table: (table, isOn) => {
        setKeys(table, isOn, () => 2)
        rewriteRows(table, (lease) => (isOn() ? undefined : lease))
      },
    },
    play: ({ lab, a, weaken, check }) => {
      only(lab, a, S1)
      a.start()
      lab.world.advanceUntil(() => a.state === 'selecting', 1000)
      lab.network.cut('A', S1)
      lab.advance(1000)
      check(a.state === 'requesting', 'A has an offer')
      const offered = a.machine.offered
      lab.advance(32_000)
      for (let count = 2; count < lab.clients.length; count++)
        bindAt(lab, lab.client(count), S2, offered)
      const holder = lab.clients.find((client) => client.ipv4 === offered)
      check(holder !== undefined, 'S1 has handed on the address that was offered to A')
      weaken()
      lab.network.heal('A', S1)
      lab.advance(30_000)
      check(!a.isBound, 'A does not get X')
    },
  },
  {
    // In a cut S2 gives its Y to A; A reboots and asks S1 whether Y is still its own.
    name: '28 nak-from-ignorance',
    settings: stage(poolOf([X, Y], HOUR, { authoritative: true })),
    weakness: freeHand(S1),
    play: ({ lab, a, weaken, check }) => {
      lab.cutLink()
      bindAt(lab, a, S2, Y)
      check(a.ipv4 === Y, 'A has Y')
      a.onAction((_, action) => {
        if (action.kind === 'unbound' && action.why === 'nak')
          lab.invariants.violations.push('A was refused from ignorance')
      })
      lab.advance(10_000)
      weaken()
      a.stop()
      only(lab, a, S1)
      a.start()
      lab.advance(3000)
    },
    found: /from ignorance/,
  },
  {
    // A pool for each server's clients. S1's host dies: S2 must have addresses for S1's clients.
    name: '30 guarded-pools-starve',
    settings: stage(guardedPools(), { hwAddress: hardwareAddress(0) }),
    weakness: {
      servers: [S2],
      table: (table, isOn) => setKeys(table, isOn, (address) => (address < GUARDED_MIDDLE ? 0 : 2)),
    },
    play: ({ lab, a, weaken }) => {
      weaken()
      lab.crash(0)
      lab.advance(10_000)
      bind(lab, a, 120_000)
      if (!a.isBound) lab.invariants.violations.push('A gets no address for two minutes')
    },
    found: /gets no address/,
  },
  {
    // A lease for ever survives resync, a crash, and a renewal at the other server.
    name: '31 infinite-lease',
    settings: stage(poolOf(FOUR, 0xffffffff), {}, OF_S1),
    weakness: {
      table: (table, isOn) => {
        rewriteRows(table, (lease) =>
          isOn() && !Number.isFinite(lease.end) ? { ...lease, end: lease.start } : lease,
        )
        setKeys(table, isOn, () => 2)
      },
    },
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      lab.cutLink()
      only(lab, a, S2)
      a.stop()
      bind(lab, a)
      lab.crash(0)
      lab.healLink()
      lab.start(0)
      check(lab.reachNormal(), 'the pair works again')
      weaken()
      lab.advance(30 * 60_000)
      bindAt(lab, b, S1, X)
      check(b.ipv4 !== X, 'B does not get X')
      check(a.remaining === Number.POSITIVE_INFINITY, 'A has X for ever')
      check(lab.server(0).disk.durableRow(X)?.end === Number.POSITIVE_INFINITY, 'S1 knows')
      check(lab.server(1).disk.durableRow(X)?.end === Number.POSITIVE_INFINITY, 'S2 knows')
    },
  },
  {
    // S2 hands Y on to S1. S1 stands still, a copy of S2's disk from before is put back, and its clients renew until
    // it has counted past what S1 has stored of it. The two meet; in a later cut each gives its Y.
    name: '32 copy-counts-on',
    settings: withOthers(stage(poolOf([X, Y, Y2], HOUR))),
    weakness: { hears: (message) => withoutHistory(message) },
    play: ({ lab, a, b, weaken, check }) => {
      const [other, renewing] = [lab.client(2), lab.client(3)]
      bindAt(lab, other, S1, X)
      bindAt(lab, renewing, S2, Y2)
      lab.advance(15_000)
      const copy = lab.server(1).disk.snapshot()
      handOnY(lab)
      check(lab.server(0).disk.durableRow(Y)?.got === 2, 'S2 hands Y on')
      weaken()
      lab.pause(0)
      putBack(lab, 1, copy)
      renewOften(lab, renewing, 40)
      check(lab.server(1).disk.pair?.rights === 'shared', 'S2 serves as it did')
      lab.resume(0)
      check(lab.reachNormal(), 'the pair works again')
      lab.advance(2000)
      lab.invariants.pair.checksKeys = true
      lab.cutLink()
      bindAt(lab, a, S1, Y)
      check(a.ipv4 === Y, 'A gets Y from S1')
      bindAt(lab, b, S2, Y)
      check(b.ipv4 !== Y, 'B does not get it from S2')
    },
  },
]

// Two copies of everything reach both servers, a third one too; the client's choice (option 54) counts.
t.test('31 three-relays', async (t) => {
  const relay = { 'ip-addresses': ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }
  const pool = poolOf([X, X2, Y, Y2], HOUR)
  const dhcp4 = { ...pool, subnet4: [{ ...pool.subnet4![0]!, relay }] }
  const lab = createPair(stage(dhcp4, RENEWER, RENEWER))
  t.ok(lab.reachNormal())
  const [a, b] = both(lab)
  t.ok(bind(lab, a) && bind(lab, b))
  t.not(a.lease!.serverId, b.lease!.serverId, 'each is answered by its own server')
  lab.advance(2 * HOUR_MS)
  lab.kill(0)
  lab.advance(2 * HOUR_MS)
  t.ok(a.isBound && b.isBound)
  lab.start(0)
  t.ok(lab.reachNormal())
  lab.invariants.pair.markQuiet()
  lab.advance(HOUR_MS)
  t.same(lab.invariants.pair.differences(), [])
  t.same(lab.invariants.violations, [])
})

// S2 hears S1, S1 hears nothing. Nobody waits for acknowledgements that cannot come, once that shows; and S1,
// which hears nothing, ends a link that S2 would believe in. Both rules do the same: pair-rules-off.test.ts takes both.
t.test('29 one-way-cut', async (t) => {
  for (const from of [0, 1]) {
    const lab = createPair(stage(poolOf([X, X2, Y, Y2], HOUR)))
    t.ok(lab.reachNormal())
    lab.cutLink('forth', from)
    lab.advance(6000)
    t.same(lab.states(), ['partner-down', 'partner-down'])
    const [a, b] = both(lab)
    for (const [client, server, address] of [
      [a, S1, X],
      [b, S2, Y],
    ] as const) {
      const began = lab.now
      t.ok(bindAt(lab, client, server, address))
      t.ok(lab.now - began < 1000, `served within ${Math.round(lab.now - began)} ms`)
    }
    t.same(lab.invariants.violations, [])
  }
})

// S1 has given everything to S2 and got it back; then "over" reaches S2 once more, and the link is cut. With its
// number made a new one, S2 would take it for true and return everything at once, cut or not.
t.test('26 stale-over', async (t) => {
  const tape: Heard[] = []
  const ports = weakPorts({}, () => false, tape)!
  const lab = createPair({ ...stage(poolOf(FOUR, HOUR)), ports })
  t.ok(lab.reachNormal())
  t.ok(isAllowed(lab, 'start'), 'S1 hands over')
  lab.advance(5000)
  t.equal(lab.server(1).disk.pair?.rights, 'sole')
  t.ok(isAllowed(lab, 'cancel'), 'and takes its service up again')
  t.ok(lab.reachNormal())
  const overs = tape.filter(({ message }) => /"type":"over"/.test(`${message}`))
  t.ok(overs.length > 0, 'S1 has said so')
  overs.at(-1)!.again()
  lab.cutLink()
  lab.advance(6000)
  t.equal(lab.server(1).disk.pair?.rights, 'shared')
  const [a, b] = both(lab)
  t.ok(bindAt(lab, a, S1, X))
  t.ok(bindAt(lab, b, S2, X))
  t.equal(a.ipv4, X)
  t.not(b.ipv4, X)
  t.same(lab.invariants.violations, [])
})

// One hands over and stops; the other one is asked to hand over too, and refuses.
t.test('26 both-hand-over', async (t) => {
  const lab = createPair(stage(poolOf([X, Y], HOUR)))
  t.ok(lab.reachNormal())
  t.ok(isAllowed(lab, 'start'))
  lab.advance(5000)
  let isAllowedToo = true
  lab.server(0).server!.pair!.handOver.start(({ allowed }) => (isAllowedToo = allowed))
  lab.advance(5000)
  t.notOk(isAllowedToo)
  const [a] = both(lab)
  t.ok(bind(lab, a), 'somebody serves')
  t.ok(isAllowed(lab, 'cancel'))
  t.ok(lab.reachNormal())
  t.same(lab.invariants.violations, [])
})

for (const schedule of SCHEDULES) t.test(schedule.name, async (t) => playTwice(t, schedule))

/** A is bound to X by S1 in contact; in a cut it releases X at S1 and gets it again from S2. */
function releasedHereRenewedThere(lab: PairLab): void {
  const [a] = both(lab)
  bindAt(lab, a, S1, X)
  lab.advance(30_000)
  lab.cutLink()
  lab.advance(5000)
  a.release()
  lab.advance(1000)
  only(lab, a, S2)
  bind(lab, a)
}

/** The partner of server2 is asked to hand over, or to come back; whether it is allowed. */
function isAllowed(lab: PairLab, step: 'start' | 'cancel'): boolean {
  let isAllowed = false
  lab.server(1).server!.pair!.handOver[step](({ allowed }) => (isAllowed = allowed))
  lab.advance(1000)
  return isAllowed
}

/** The host dies, and its disk is put back to what it was. Keys are right again when the two have met. */
function putBack(lab: PairLab, index: number, copy: DiskState): void {
  const { pair } = lab.invariants
  pair.checksKeys = false
  lab.crash(index)
  lab.server(index).restoreDisk(copy)
  lab.start(index)
  lab.advance(10_000)
}

/** The last free address of S2 goes to S1. */
function handOnY(lab: PairLab): void {
  const { server, node } = lab.server(0)
  node.run(() => server!.pair!.stock.lacks('C', [{ first: Y, last: Y }], server!.now()))
  lab.advance(2000)
}

/** It counts its changes on. */
function renewOften(lab: PairLab, client: VirtualClient4, times: number): void {
  for (let time = 0; time < times; time++) {
    client.stop()
    bind(lab, client)
  }
}

/** What versions before said of their databases. */
function withoutHistory(message: string | Uint8Array): string | Uint8Array {
  if (typeof message !== 'string' || !message.startsWith('{"type":"hello"')) return message
  return JSON.stringify({ ...JSON.parse(message), lives: undefined, heard: undefined })
}

/** Two more clients, for X2 and Y. */
function withOthers(settings: PairSettings): PairSettings {
  const others = ([0, 1] as const).map((owner) => ({
    name: `other${owner}`,
    hwAddress: hardwareAddress(owner, 5),
    startDelayMax: 0,
    start: false,
  }))
  return { ...settings, clients: [...(settings.clients as LabClientSettings[]), ...others] }
}

/** They take them, so that whoever asks S1 gets X or nothing. */
function onlyXIsFree(lab: PairLab): void {
  bindAt(lab, lab.client(2), S1, X2)
  bindAt(lab, lab.client(3), S2, Y)
}

/** More clients, as many as there are addresses, answered by server2. */
function withMore(settings: PairSettings): PairSettings {
  const more = XS.map((_, index) => ({
    name: `C${index}`,
    hwAddress: hardwareAddress(1, index + 1),
    startDelayMax: 0,
    start: false,
  }))
  return { ...settings, clients: [...(settings.clients as LabClientSettings[]), ...more] }
}

function reservedForB(addresses: readonly number[], address = X) {
  const hwAddress = [...hardwareAddress(1)].map((octet) =>
    octet.charCodeAt(0).toString(16).padStart(2, '0'),
  )
  const reservations = [{ 'hw-address': hwAddress.join(':'), 'ip-address': textFromIpv4(address) }]
  const dhcp4 = poolOf(addresses, HOUR)
  return { ...dhcp4, subnet4: [{ ...dhcp4.subnet4![0]!, reservations }] }
}

/** Two configurations in which the server itself is always server1. */
function bothPrimary() {
  const peerOf = (host: number, name: string, role: HaRole) => ({
    name,
    role,
    url: `http://192.0.2.${host}:8000/`,
  })
  const copied = (self: number, other: number) =>
    pairPlans(
      pairConfig({
        dhcp4: poolOf([X], HOUR),
        ha: { peers: [peerOf(self, S1, 'primary'), peerOf(other, S2, 'secondary')] },
      }),
    )[0]!
  return [copied(1, 2), copied(2, 1)]
}

function servesNobody(lab: PairLab, check: Check): void {
  const [a, b] = both(lab)
  bindAt(lab, a, lab.server(0).name, X, 30_000)
  bindAt(lab, b, lab.server(1).name, X, 30_000)
  check(!a.isBound && !b.isBound, 'who never met its partner serves nobody')
}

function guardedPools() {
  const range = (first: number, last: number) => `${textFromIpv4(first)} - ${textFromIpv4(last)}`
  return poolOf([], HOUR, {
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        pools: [
          { pool: range(X, GUARDED_MIDDLE - 1), 'client-classes': ['HA_server1'] },
          { pool: range(GUARDED_MIDDLE, X + 80), 'client-classes': ['HA_server2'] },
        ],
      },
    ],
  })
}
