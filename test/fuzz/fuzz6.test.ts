// A slice of the campaign against DHCPv6 (`npm run fuzz -- --v6` is the whole).

import t from 'tap'
import type { Lab } from '../../lib/lab/lab.ts'
import { type Codec6Spoil, fuzzCodec6 } from './codec6.ts'
import { fuzzServer6 } from './server6.ts'

const PACKETS = 8000

t.test('packets are read as a plain reader reads them, and answered through relays', async (t) => {
  const { failure, readings, relayed } = fuzzCodec6(1, PACKETS)
  t.equal(failure, undefined)
  t.same(Object.keys(readings).sort(), [
    '',
    'bad-client-id',
    'bad-option',
    'bad-relay',
    'several-ids',
    'too-many-relays',
    'too-short',
  ])
  t.ok(readings['']! > PACKETS / 2)
  t.ok(relayed > PACKETS / 20)
})

t.test('a seed is a history: it comes out the same each time', async (t) => {
  t.same(fuzzCodec6(9, 500), fuzzCodec6(9, 500))
  t.notSame(fuzzCodec6(9, 500), fuzzCodec6(10, 500))
})

t.test('the campaign would notice', async (t) => {
  const flip = (bytes: Uint8Array, at: number) => bytes.fill(bytes[at]! ^ 1, at, at + 1)
  const spoils: Record<string, Codec6Spoil> = {
    'plainly it is': { packet: (bytes, _start, end) => flip(bytes, end - 1) },
    'outside of the reply': { reply: (bytes, _start, end) => flip(bytes, end) },
    'not that of the query': { reply: (bytes, _start, end) => flip(bytes, end - 8) },
    'is another': { reply: (bytes, start) => bytes[start] === 13 && flip(bytes, start + 20) },
  }
  for (const [words, spoil] of Object.entries(spoils))
    t.match(fuzzCodec6(1, 2000, spoil).failure, words)
})

t.test('a whole server: nothing fails inside, nothing is promised to two', async (t) => {
  const { failure, replies, dropped, rows } = fuzzServer6(1, 4000)
  t.equal(failure, undefined)
  t.ok(replies[2]! > 200, 'ADVERTISE')
  t.ok(replies[7]! > 500, 'REPLY')
  t.ok(rows > 20)
  t.ok(Object.keys(dropped).length > 10)
})

t.test('the campaign against a server would notice', async (t) => {
  const table = (methods: object) => (lab: Lab) =>
    void Object.assign(lab.server().server!.tables.v6, methods)
  const spoils: Record<string, (lab: Lab) => unknown> = {
    'is promised to two|inside': table({ isOver: () => true, byClient: () => undefined }),
    inside: table({ findFree: undefined }),
    'but there is no row': (lab) => Object.assign(lab.server().disk.behaviour, { syncDelay: 5000 }),
  }
  for (const [words, spoil] of Object.entries(spoils))
    t.match(fuzzServer6(1, 3000, spoil).failure, new RegExp(words), words)
})
