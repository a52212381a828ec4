// When turns of the loop wait for company, on a clock of the test's own.

import t from 'tap'
import {
  COMPANY,
  DENSE,
  TURN_PACE,
  TURNS_NEAR,
  TURNS_ROW,
  TurnPace,
  WINDOW,
} from '../../lib/platform/datagrams/turn-pace.ts'
import type { Millis } from '../../lib/time/units.ts'

interface Turn {
  after: Millis
  takes?: Millis
  sockets?: number
  /** Datagrams beside the first of each socket. */
  more?: number
}

/** A loop whose turns take as long as the test says, and what it slept in all. */
class Loop {
  now: Millis = 1000
  slept: Millis = 0
  #ends: (() => void)[] = []
  readonly pace = new TurnPace({
    monotonic: () => this.now,
    sleep: (wait) => {
      this.now += wait
      this.slept += wait
    },
    atEndOfTurn: (run) => this.#ends.push(run),
  })

  /** A turn in which so many sockets had datagrams; returns how long the loop slept at its end. */
  turn({ after, takes = 0, sockets = 1, more = 0 }: Turn) {
    const before = this.slept
    this.now += after
    for (let socket = 0; socket < sockets; socket++) {
      this.pace.begin()
      this.now += takes / sockets
    }
    this.pace.found(more)
    for (const end of this.#ends.splice(0)) end()
    return this.slept - before
  }

  /** As under load: a row of near turns. */
  crowd(): void {
    for (let turn = 0; turn < 2 * TURNS_ROW; turn++) this.turn({ after: 0.1 })
  }
}

t.test('a client on its own waits for nobody, however often it asks', (t) => {
  const loop = new Loop()
  for (let exchange = 0; exchange < 20; exchange++) {
    t.equal(loop.turn({ after: 50 }), 0, 'its DISCOVER')
    t.equal(loop.turn({ after: 0.2 }), 0, 'its REQUEST')
  }
  t.end()
})

t.test('in a crowd turns begin a pace apart, whatever each takes', (t) => {
  const loop = new Loop()
  loop.crowd()
  for (const takes of [0.1, 0.5, 1.5]) {
    t.ok(Math.abs(loop.turn({ after: 0, takes }) - (TURN_PACE - takes)) < 1e-9, `${takes} ms`)
  }
  t.end()
})

t.test('turns that take longer than the pace never wait: at full load nothing is lost', (t) => {
  const loop = new Loop()
  loop.crowd()
  for (let turn = 0; turn < 20; turn++) t.equal(loop.turn({ after: 0, takes: TURN_PACE }), 0)
  t.end()
})

t.test('several sockets in one turn are one turn, and wait once', (t) => {
  const loop = new Loop()
  for (let turn = 0; turn < 5; turn++)
    t.equal(loop.turn({ after: TURNS_NEAR, sockets: 2 * TURNS_ROW }), 0, 'a turn is no row')
  loop.crowd()
  t.ok(loop.turn({ after: 0, sockets: 2 * TURNS_ROW }) <= TURN_PACE, 'one wait for all')
  t.end()
})

t.test('after a crowd who comes alone is answered at once again', (t) => {
  const loop = new Loop()
  loop.crowd()
  t.equal(loop.turn({ after: TURNS_NEAR }), 0)
  t.equal(loop.turn({ after: 0.2 }), 0)
  t.end()
})

t.test('where datagrams come densely nobody sleeps: the sockets would overflow', (t) => {
  const loop = new Loop()
  t.ok(sleepAt(loop, DENSE / 2) > 0)
  t.equal(sleepAt(loop, 2 * DENSE), 0)
  t.ok(sleepAt(loop, 0) > 0, 'and again when it is over')
  t.end()
})

t.test('the more datagrams come, the shorter is the pace: company enough for a turn', (t) => {
  for (const rate of [1, 2, 4, 6]) {
    const pace = sleepAt(new Loop(), rate) + 1
    const expected = Math.min(TURN_PACE, COMPANY / rate)
    t.ok(Math.abs(pace - expected) < 0.2 * expected, `${rate} in a millisecond: ${pace} ms`)
  }
  t.end()
})

/** How long a turn sleeps in the end where so many datagrams come in each millisecond. */
function sleepAt(loop: Loop, rate: number): Millis {
  let slept = 0
  let before = loop.now
  for (const end = loop.now + 3 * WINDOW; loop.now < end; ) {
    const came = Math.max(0, Math.round(rate * (loop.now + 0.5 - before)) - 1)
    before = loop.now + 0.5
    slept = loop.turn({ after: 0.5, takes: 0.5, more: came })
  }
  return slept
}
