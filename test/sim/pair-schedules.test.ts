// Named schedules of a pair: histories, each of which breaks one rule of safety if that rule is
// left out. Each runs twice (pair-play.ts), with the product as it is and with the rule taken away
// from outside, where it must be found. S1 and S2 are server1 and server2, A and B clients; X is at
// home at S1, Y at S2. "Cut" is the link between the servers only. The first step of each is a pair
// that works.
//
// Here: who may give an address, in cuts, deaths and hand-overs. Beside it: what is known of an
// address (pair-schedules-rows.test.ts), and what a disk or a clock forgets
// (pair-schedules-disks.test.ts). stale-over (26), keyless-row-overwrites (27) and one-way-cut (29)
// are without their rules in pair-rules-off.test.ts; double-process (31) is about a file lock, in
// the test of the journal.

import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { HaRole } from '../../lib/config/plan/ha-plan.ts'
import type { LabClientSettings } from '../../lib/lab/lab.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
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
  RENEWER,
  reservedForB,
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
import { freeHand, type Heard, recordOf, rewriteRows, setKeys, weakPorts } from './pair-weakness.ts'

/** Enough for both servers, so that neither asks the other for more. */
const GUARDED_MIDDLE = X + 45

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
    only4: 'what a pair is plays no part in what it gives',
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
    // X is offered to A; A's REQUEST comes when X has been handed on and given to B.
    name: '25 offer-then-hand-on',
    only4: 'a client of DHCPv6 whose address is gone is offered another in the same exchange',
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
    only4: 'DHCPv6 has no NAK: CONFIRM is about the link alone',
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
    only4: 'its pools are ranges',
    settings: stage(guardedPools(), { hwAddress: hardwareAddress(0) }),
    weakness: {
      servers: [S2],
      table: (table, isOn) =>
        setKeys(table, isOn, (address) => ((address as number) < GUARDED_MIDDLE ? 0 : 2)),
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
]

for (const schedule of SCHEDULES) t.test(schedule.name, async (t) => playTwice(t, schedule))

// Two copies of everything reach both servers, a third one too; the client's choice (option 54)
// counts.
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

// S2 hears S1, S1 hears nothing. Nobody waits for acknowledgements that cannot come, once that
// shows; and S1, which hears nothing, ends a link that S2 would believe in. Both rules do the same:
// pair-rules-off.test.ts takes both.
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

// S1 has given everything to S2 and got it back; then "over" reaches S2 once more, and the link is
// cut. With its number made a new one, S2 would take it for true and return everything at once, cut
// or not.
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

/** The partner of server2 is asked to hand over, or to come back; whether it is allowed. */
function isAllowed(lab: PairLab, step: 'start' | 'cancel'): boolean {
  let isAllowed = false
  lab.server(1).server!.pair!.handOver[step](({ allowed }) => (isAllowed = allowed))
  lab.advance(1000)
  return isAllowed
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
