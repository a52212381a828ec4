// The memory of outcomes on the path of packets. In a process of its own: what it is given has one
// kind of numbers only, as in a server.

import t from 'tap'
import type { ReplyOutcome4 } from '../../lib/dhcp4/outcome4.ts'
import { RecentOutcomes } from '../../lib/server/recent.ts'
import { SERVED_MAX } from '../../lib/server/served-limit.ts'
import { bytesPerStep } from '../bench/allocations.ts'
import { client, documentWith, TestServer } from '../dhcp4/test-server.ts'

const CLASSES = { 'client-classes': [{ name: 'staff', test: "option[60].hex == 'staff'" }] }

t.test('to note an outcome of a client that is known allocates nothing', async (t) => {
  const recent = new RecentOutcomes(1)
  const server = new TestServer(documentWith({}, CLASSES))
  const steps = Array.from({ length: 16 }, (_, number) => {
    const { message } = server.discover(client(number), { 60: 'staff' })
    return { outcome: server.outcome as ReplyOutcome4, query: message }
  })
  const { trace } = server.engine
  const step = (round: number) => {
    const { outcome, query } = steps[round & 15]!
    if (round % 3 === 0) recent.dropped('no-free-address', query, 'eth0', trace, round)
    else recent.noted(outcome, query, trace, round)
  }
  for (let round = 0; round < 100; round++) step(round)
  t.equal(recent.size, 16)
  // On a busy machine the compiler may need several goes.
  let bytes = bytesPerStep(step)
  for (let go = 0; bytes >= 1 && go < 5; go++) bytes = Math.min(bytes, bytesPerStep(step))
  t.ok(bytes < 1, `${bytes} bytes`)
})

t.test('of many answers in a moment few are noted, of those who were not served all', async (t) => {
  const recent = new RecentOutcomes(1)
  const server = new TestServer(documentWith({}, CLASSES))
  const { trace } = server.engine
  const noteMany = (first: number, now: number) => {
    for (let number = first; number < first + 2 * SERVED_MAX; number++) {
      const { message } = server.discover(client(number))
      recent.noted(server.outcome as ReplyOutcome4, message, trace, now)
    }
  }
  noteMany(0, 1000)
  t.equal(recent.size, SERVED_MAX)
  const unserved = server.discover(client(9999)).message
  recent.dropped('no-free-address', unserved, 'eth0', trace, 1000)
  t.equal(recent.size, SERVED_MAX + 1)
  noteMany(1000, 1100)
  t.equal(recent.size, 2 * SERVED_MAX + 1, 'the next moment is noted again')
})
