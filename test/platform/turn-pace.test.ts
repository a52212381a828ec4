// When turns of the loop wait for company, on a clock of the test's own.

import t from 'tap'
import {
  COMPANY,
  DENSE,
  SOURCES_MAX,
  TURN_PACE,
  TURNS_NEAR,
  TURNS_ROW,
  TurnPace,
  WINDOW,
} from '../../lib/platform/datagrams/turn-pace.ts'
import type { Millis } from '../../lib/time/units.ts'

/** A short turn, as of a standby that drops what it hears. */
const TAKES: Millis = 0.2

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
  /** Which sockets were read after a rest. */
  readonly read: number[] = []
  /** Datagrams that a socket finds when it is read, each time. */
  readonly waiting = new Map<number, number>()
  readonly sockets = Array.from({ length: 2 * TURNS_ROW }, (_, socket) => () => {
    this.read.push(socket)
    const count = this.waiting.get(socket) ?? 0
    if (count > 0) this.pace.found(count)
    return count > 0
  })
  /** What happens while the loop sleeps. */
  whileAsleep: () => void = () => {}
  readonly pace = new TurnPace({
    monotonic: () => this.now,
    sleep: (wait) => {
      this.now += wait
      this.slept += wait
      this.whileAsleep()
    },
    atEndOfTurn: (run) => this.#ends.push(run),
  })

  /** A turn in which so many sockets had datagrams; returns how long the loop slept at its end. */
  turn({ after, takes = 0, sockets = 1, more = 0 }: Turn) {
    const before = this.slept
    this.now += after
    for (let socket = 0; socket < sockets; socket++) {
      this.pace.heard(this.sockets[socket]!)
      this.now += takes / sockets
    }
    this.pace.found(more)
    this.end()
    return this.slept - before
  }

  /** The end of a turn that has begun. */
  end(): void {
    for (const end of this.#ends.splice(0)) end()
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
  for (const rate of [1, 2, 4, 6, 12, 20]) {
    const pace = sleepAt(new Loop(), rate) + TAKES
    const expected = Math.min(TURN_PACE, COMPANY / rate)
    t.ok(Math.abs(pace - expected) < 0.2 * expected, `${rate} in a millisecond: ${pace} ms`)
  }
  t.end()
})

t.test('after a rest sockets are read without a word of Node, as long as they have any', (t) => {
  const loop = new Loop()
  loop.turn({ after: 1 })
  t.same(loop.read, [], 'who comes alone is heard by Node')
  loop.crowd()
  loop.read.length = 0
  loop.waiting.set(0, 3)
  loop.turn({ after: 0 })
  t.same(loop.read, [0])
  const before = loop.slept
  loop.end()
  t.same(loop.read, [0, 0], 'what it found is a turn, with a rest at its end')
  t.ok(loop.slept > before)
  loop.waiting.clear()
  loop.end()
  loop.end()
  t.same(loop.read, [0, 0, 0], 'it finds nothing: that was the last one')
  t.end()
})

t.test('few sockets are read so; one that is silent makes room for another', (t) => {
  const loop = new Loop()
  loop.crowd()
  loop.read.length = 0
  for (let socket = 0; socket < loop.sockets.length; socket++) loop.waiting.set(socket, 1)
  loop.turn({ after: 0, sockets: loop.sockets.length })
  t.equal(loop.read.length, SOURCES_MAX)
  loop.waiting.delete(loop.read[0]!)
  loop.turn({ after: 0, sockets: loop.sockets.length })
  loop.read.length = 0
  loop.turn({ after: 0, sockets: loop.sockets.length })
  t.equal(loop.read.length, SOURCES_MAX, 'as many as before')
  t.end()
})

t.test('how far turns are apart is said while there are any', (t) => {
  const loop = new Loop()
  t.equal(loop.pace.apart, 0)
  loop.turn({ after: 1 })
  const asleep: Millis[] = []
  loop.whileAsleep = () => asleep.push(loop.pace.apart)
  loop.crowd()
  t.ok(asleep.length > 0)
  t.ok(
    asleep.every((apart) => apart > 0),
    'also to who wakes it',
  )
  t.equal(loop.pace.apart, 0, 'the crowd is gone: whatever comes next is not kept waiting')
  t.end()
})

t.test('who is woken in its rest sleeps on', (t) => {
  let now = 0
  let ends: (() => void)[] = []
  const pace = new TurnPace({
    monotonic: () => now,
    sleep: (wait) => {
      now += Math.min(wait, 3)
    },
    atEndOfTurn: (run) => ends.push(run),
  })
  for (let turn = 0; turn < 2 * TURNS_ROW; turn++) {
    const began = now
    pace.heard(() => false)
    for (const end of ends.splice(0)) end()
    if (turn > TURNS_ROW) t.equal(now, began + TURN_PACE)
  }
  ends = []
  t.end()
})

/** How long a turn sleeps in the end where so many datagrams come in each millisecond. */
function sleepAt(loop: Loop, rate: number): Millis {
  let slept = 0
  let before = loop.now
  for (const end = loop.now + 3 * WINDOW; loop.now < end; ) {
    const came = Math.max(0, Math.round(rate * (loop.now + 0.1 - before)) - 1)
    before = loop.now + 0.1
    slept = loop.turn({ after: 0.1, takes: TAKES, more: came })
  }
  return slept
}
