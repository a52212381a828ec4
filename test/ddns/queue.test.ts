// What is sent to which DNS server and when: order, limits, servers that are away or refuse.

import t from 'tap'
import { BOTH, FORWARD, REVERSE } from '../../lib/ddns/name-record.ts'
import { IN_FLIGHT_MAX } from '../../lib/ddns/name-server.ts'
import {
  BLOCKED_WAIT,
  FIRST_SERVER_WAIT,
  type Flight,
  type Line,
  UpdateQueue,
} from '../../lib/ddns/queue.ts'
import { type Instant, NEVER } from '../../lib/time/units.ts'

const TEN_MINUTES: Instant = 600_000
/** The middle of the spread. */
const draw = (bound: number) => bound >> 1
const SENT = { kind: 'done', wasSent: true } as const
const SILENT = { kind: 'silent', trouble: 'timeout' } as const
const BLOCKED = { kind: 'blocked', refusal: 'REFUSED' } as const

function queueOf(zones: Record<string, string[]>, rate = 200) {
  const queue = new UpdateQueue(draw, 1000, rate)
  const lines = queue.use(
    Object.entries(zones).map(([name, servers]) => ({ name, servers })),
    0,
  )
  const add = (action: 'add' | 'remove', fqdn: string, key: number, more = {}) =>
    queue.add({ action, fqdn, key, dhcid: '', bits: FORWARD, ...more }, lines[0]!, 0)
  /** All that may be sent now. */
  const sent = (now: number) => {
    const flights: Flight[] = []
    for (let one = queue.next(now); one !== undefined; one = queue.next(now)) flights.push(one)
    return flights
  }
  return { queue, lines, add, sent }
}

function words(flights: readonly Flight[]): string[] {
  return flights.map(({ job, server }) => `${job.action} ${job.fqdn}@${job.key} to ${server}`)
}

t.test('jobs leave in the order in which they came, 32 to a server at a time', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] })
  for (let key = 0; key < IN_FLIGHT_MAX + 8; key++) add('add', `pc${key}.lan`, key)
  const first = sent(0)
  t.equal(first.length, IN_FLIGHT_MAX)
  t.equal(first[0]?.job.key, 0)
  t.equal(queue.deadline(0), NEVER, 'the rest waits for answers, not for time')
  queue.finish(first[0]!, SENT, 1)
  t.same(words(sent(1)), [`add pc${IN_FLIGHT_MAX}.lan@${IN_FLIGHT_MAX} to 0`])
  t.equal(queue.waiting, 7)
})

t.test('a name has one job in flight, and so has an address', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] })
  add('add', 'pc.lan', 1)
  add('add', 'pc.lan', 2)
  add('add', 'other.lan', 1, { bits: REVERSE })
  const [one, ...rest] = sent(0)
  t.same(words([one!, ...rest]), ['add pc.lan@1 to 0'])
  queue.finish(one!, SENT, 1)
  t.same(words(sent(1)), ['add pc.lan@2 to 0', 'add other.lan@1 to 0'])
})

t.test('a name is removed before it is added, whichever came first', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] })
  add('add', 'pc.lan', 2)
  add('remove', 'pc.lan', 1)
  const [one, ...none] = sent(0)
  t.same(words([one!, ...none]), ['remove pc.lan@1 to 0'])
  queue.finish(one!, SILENT, 1)
  t.same(words(sent(1)), [], 'nothing is sent to a server that is away')
  const [again] = sent(2000)
  t.same(words([again!]), ['remove pc.lan@1 to 0'])
  queue.finish(again!, SENT, 2000)
  t.same(words(sent(2000)), ['add pc.lan@2 to 0'])
})

t.test('a server that is away is tried by one job at a time, at growing distances', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] })
  for (let key = 0; key < 3; key++) add('add', `pc${key}.lan`, key)
  for (const flight of sent(0)) queue.finish(flight, SILENT, 0)
  t.equal(queue.deadline(0), 1000, 'those that were on their way are one failure')
  const waits: number[] = []
  let now = 1000
  for (let round = 0; round < 8; round++) {
    const flights = sent(now)
    t.equal(flights.length, 1)
    t.equal(flights[0]?.job.key, 0, 'the oldest keeps its place')
    queue.finish(flights[0]!, SILENT, now)
    waits.push(queue.deadline(now) - now)
    now = queue.deadline(now)
  }
  t.same(waits, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

t.test('a server that is back gets what has waited no faster than its rate', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] }, 10)
  for (let key = 0; key < 30; key++) add('add', `pc${key}.lan`, key)
  for (const flight of sent(0)) queue.finish(flight, SILENT, 0)
  const [probe] = sent(1000)
  queue.finish(probe!, SENT, 1000)
  let now = 1000
  let count = 1
  for (; queue.waiting > 0; now = queue.deadline(now))
    for (const flight of sent(now)) {
      queue.finish(flight, SENT, now)
      count++
    }
  t.equal(count, 30)
  t.ok(now >= 1000 + 28 * 100, `${now}`)
  add('add', 'late1.lan', 90)
  add('add', 'late2.lan', 91)
  t.equal(sent(now).length, 2, 'it has caught up: no rate any more')
})

t.test('where a server is away the next one of the zone is asked', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a', 'b'] })
  add('add', 'pc1.lan', 1)
  const [first] = sent(0)
  t.equal(first?.server, 0)
  queue.finish(first!, SILENT, 0)
  const [second] = sent(0)
  t.equal(second?.server, 1)
  queue.finish(second!, SENT, 0)
  add('add', 'pc2.lan', 2)
  const [third] = sent(10)
  t.equal(third?.server, 1, 'it stays there')
  queue.finish(third!, SENT, 10)
  add('add', 'pc3.lan', 3)
  t.equal(sent(FIRST_SERVER_WAIT)[0]?.server, 0, 'and tries the first again after a minute')
})

t.test('a zone that a server refuses waits for ten minutes; others go on', async (t) => {
  const { queue, lines, add, sent } = queueOf({ lan: ['a'], wan: ['a'] })
  add('add', 'pc1.lan', 1)
  queue.finish(sent(0)[0]!, BLOCKED, 0)
  queue.add({ action: 'add', fqdn: 'x.wan', key: 2, dhcid: '', bits: FORWARD }, lines[1]!, 0)
  t.same(words(sent(1)), ['add x.wan@2 to 0'])
  t.equal(queue.deadline(1), BLOCKED_WAIT)
  t.equal(lines[0]?.servers[0]?.refusal, 'REFUSED')
  queue.retry(2)
  t.same(words(sent(2)), ['add pc1.lan@1 to 0'], 'an operator has mended it')
})

t.test('what was void costs a server nothing and proves nothing of it', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] })
  add('add', 'pc1.lan', 1)
  add('add', 'pc2.lan', 2)
  for (const flight of sent(0)) queue.finish(flight, SILENT, 0)
  const [probe] = sent(1000)
  queue.finish(probe!, { kind: 'done', wasSent: false }, 1000)
  const next = sent(1000)
  t.equal(next.length, 1, 'still a try')
  t.equal(next[0]?.isTry, true)
})

t.test('new zones: what waits is forgotten, what is in flight ends', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] })
  add('remove', 'pc1.lan', 1)
  add('add', 'pc1.lan', 2)
  const [flight] = sent(0)
  const [line] = queue.use([{ name: 'lan', servers: ['a'] }], 1)
  t.equal(queue.waiting, 0)
  queue.add({ action: 'add', fqdn: 'pc1.lan', key: 2, dhcid: '', bits: BOTH }, line as Line, 1)
  t.same(words(sent(1)), [], 'its name is in flight yet')
  queue.finish(flight!, SILENT, 2)
  t.same(words(sent(5000)), ['add pc1.lan@2 to 0'])
  t.equal(queue.waiting, 0)
})

t.test('one name that is refused holds up no others', async (t) => {
  const { queue, lines, add, sent } = queueOf({ lan: ['a'] })
  add('add', 'bad.lan', 1)
  queue.finish(sent(0)[0]!, BLOCKED, 0)
  add('add', 'pc2.lan', 2)
  t.same(words(sent(1)), [], 'nobody knows yet that it is the name')
  const [bad, good] = sent(TEN_MINUTES)
  t.same(words([bad!, good!]), ['add bad.lan@1 to 0', 'add pc2.lan@2 to 0'])
  queue.finish(bad!, BLOCKED, TEN_MINUTES)
  queue.finish(good!, SENT, TEN_MINUTES)
  const [again] = sent(TEN_MINUTES)
  t.same(words([again!]), ['add bad.lan@1 to 0'], 'the zone is taken, so it is tried once more')
  queue.finish(again!, BLOCKED, TEN_MINUTES)
  t.equal(lines[0]?.servers[0]?.refusal, 'REFUSED')

  let now = TEN_MINUTES
  for (let key = 3; key < 10; key++) {
    add('add', `pc${key}.lan`, key)
    now += TEN_MINUTES / 10
    const flights = sent(now)
    t.same(words(flights), [`add pc${key}.lan@${key} to 0`])
    queue.finish(flights[0]!, SENT, now)
  }
  t.equal(queue.waiting, 1)
  t.equal(queue.deadline(now), 2 * TEN_MINUTES)
  t.same(words(sent(2 * TEN_MINUTES)), ['add bad.lan@1 to 0'], 'it is not forgotten')
})

t.test('names that are refused one after the other: it is the zone', async (t) => {
  const { queue, add, sent } = queueOf({ lan: ['a'] })
  add('add', 'pc0.lan', 100)
  queue.finish(sent(0)[0]!, SENT, 0)
  for (let key = 0; key < 100; key++) add('add', `pc${key}.lan`, key)
  let count = 0
  for (let now = 1; now < 1000; now++)
    for (const flight of sent(now)) {
      queue.finish(flight, BLOCKED, now)
      count++
    }
  t.ok(count <= IN_FLIGHT_MAX + 8, `${count} were tried`)
  t.equal(queue.waiting, 100)
  queue.retry(2000)
  t.equal(sent(2000).length, IN_FLIGHT_MAX, 'an operator has mended it')
})
