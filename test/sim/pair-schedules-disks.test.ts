// Schedules as in pair-schedules.test.ts: what a server's disk or clock forgets, and its partner
// remembers.

import t from 'tap'
import type { DiskState } from '../../lib/lab/disk.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { playTwice, type Schedule } from './pair-play.ts'
import {
  bind,
  bindAt,
  FOUR,
  HOUR,
  HOUR_MS,
  OF_S1,
  only,
  poolOf,
  RENEWER,
  S1,
  S2,
  stage,
  withOthers,
  X,
  XS,
  Y,
  Y2,
} from './pair-stage.ts'

const SCHEDULES: readonly Schedule[] = [
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
    // S1's disk forgets what S2 was told, and S1 uses the same numbers again for what S2 then takes
    // as known.
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
    // S2 hands Y on to S1. S1 stands still, a copy of S2's disk from before is put back, and its
    // clients renew until it has counted past what S1 has stored of it. The two meet; in a later
    // cut each gives its Y.
    name: '38 copy-counts-on',
    settings: withOthers(stage(poolOf([X, Y, Y2], HOUR))),
    weakness: { hears: (message) => withoutHistory(message) },
    play: ({ lab, a, b, weaken, check, keyOf }) => {
      const [other, renewing] = [lab.client(2), lab.client(3)]
      bindAt(lab, other, S1, X)
      bindAt(lab, renewing, S2, Y2)
      lab.advance(15_000)
      const copy = lab.server(1).disk.snapshot()
      handOn(lab, keyOf(Y))
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

for (const schedule of SCHEDULES) t.test(schedule.name, async (t) => playTwice(t, schedule))

/**
 * The host dies, and its disk is put back to what it was. Keys are right again when the two have
 * met.
 */
function putBack(lab: PairLab, index: number, copy: DiskState): void {
  const { pair } = lab.invariants
  pair.checksKeys = false
  lab.crash(index)
  lab.server(index).restoreDisk(copy)
  lab.start(index)
  lab.advance(10_000)
}

/** The last free address of S2 goes to S1. */
function handOn(lab: PairLab, key: Key): void {
  const { server, node } = lab.server(0)
  node.run(() => server!.pair!.stock.lacks('C', [{ first: key, last: key }], server!.now()))
  lab.advance(2000)
}

/** It counts its changes on. */
function renewOften(lab: PairLab, client: VirtualClient4, times: number): void {
  for (let time = 0; time < times; time++) {
    client.forget()
    bind(lab, client)
  }
}

/** What versions before said of their databases. */
function withoutHistory(message: string | Uint8Array): string | Uint8Array {
  if (typeof message !== 'string' || !message.startsWith('{"type":"hello"')) return message
  return JSON.stringify({ ...JSON.parse(message), lives: undefined, heard: undefined })
}
