// Schedules as in pair-schedules.test.ts: when an address becomes free, by what each server has
// heard of it.

import t from 'tap'
import type { PairLab } from '../../lib/lab/pair.ts'
import { graceOf } from '../../lib/leases/grace.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { playTwice, type Schedule } from './pair-play.ts'
import {
  bind,
  bindAt,
  both,
  FOUR,
  HOUR,
  HOUR_MS,
  OF_S1,
  only,
  plansOf,
  poolOf,
  RENEWER,
  reservedForB,
  S1,
  S2,
  stage,
  wish,
  withOthers,
  X,
  X2,
  Y,
} from './pair-stage.ts'
import { freeHand, rewriteRows, setKeys, type Weakness } from './pair-weakness.ts'

const IDLE = { renews: false }

/** A RELEASE counts for more than any grant, whatever its server knew of them. */
const RELEASES_WIN: Weakness = {
  table: (table, isOn) =>
    rewriteRows(table, (lease) => (isOn() ? { ...lease, change: 1, knew: 1e15 } : lease)),
}

const SCHEDULES: readonly Schedule[] = [
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
    isRapid: true,
    weakness: freeHand(S1),
    play: ({ lab, a, b, weaken, check }) => {
      bindAt(lab, a, S1, X)
      lab.advance(1000)
      lab.cutLink()
      only(lab, a, S2)
      lab.advance(700_000)
      weaken()
      lab.links.setDelay(800, 900)
      only(lab, b, S1)
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
        rewriteRows(table, (lease) => (isOn() ? { ...lease, end: lease.start } : lease))
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
]

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

/** They take them, so that whoever asks S1 gets X or nothing. */
function onlyXIsFree(lab: PairLab): void {
  bindAt(lab, lab.client(2), S1, X2)
  bindAt(lab, lab.client(3), S2, Y)
}
