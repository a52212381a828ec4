import { createSocket } from 'node:dgram'
import t, { type Test } from 'tap'
import type { NameServerPlan, TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'
import { RCODE } from '../../lib/ddns/codes.ts'
import type { DnsAnswer, DnsRequest } from '../../lib/ddns/message.ts'
import { openResolver } from '../../lib/platform/dns/resolver.ts'
import { begin } from '../ddns/golden.ts'
import { macIn, plainReply, signReply } from '../ddns/tsig-server.ts'
import { loopbackDns } from './dns-server.ts'

/** Longer than any machine stands still. */
const LONG = 60_000
/** Of who is not answered. */
const SHORT = 30
const NOW = 1_800_000_000

const { request } = begin()
const KEY: TsigKeyPlan = {
  name: 'dhcp.lab.test',
  algorithm: 'hmac-sha256',
  secret: 'a secret of some length',
  digestBits: 0,
}

type Ask = (server: NameServerPlan, timeout: number, what?: DnsRequest) => Promise<DnsAnswer>

function resolver(t: Test): Ask {
  const resolver = openResolver(() => NOW * 1000)
  const waiting = new Map<number, (answer: DnsAnswer) => void>()
  let isWithin = false
  resolver.open({
    onDnsAnswer(ticket, answer) {
      t.notOk(isWithin, 'never within the call')
      waiting.get(ticket)!(answer)
      waiting.delete(ticket)
    },
  })
  t.after(() => resolver.close())
  let tickets = 0
  return (server, timeout, what = request) =>
    new Promise((resolve) => {
      waiting.set(++tickets, resolve)
      isWithin = true
      resolver.send(tickets, server, what, timeout)
      isWithin = false
    })
}

/** As often as it takes where this machine stands still just then. */
async function unlessLate(ask: () => Promise<DnsAnswer>): Promise<DnsAnswer> {
  for (;;) {
    const answer = await ask()
    if (answer.kind === 'reply' || answer.trouble !== 'timeout') return answer
  }
}

t.test('each message has an id and a port that nobody can know', async (t) => {
  const server = await loopbackDns(t, ({ message, answer }) => answer(plainReply(message, 0)))
  const ask = resolver(t)
  for (let index = 0; index < 8; index++)
    t.match(await ask(server.plan(), LONG), { kind: 'reply', rcode: 0 })
  t.ok(new Set(server.heard.map(({ port }) => port)).size > 4)
  t.ok(new Set(server.heard.map(({ message }) => message.readUInt16BE())).size > 4)
})

t.test('answers that answer something else are waited through', async (t) => {
  const server = await loopbackDns(t, ({ message, answer }) => {
    const good = plainReply(message, RCODE.YXDOMAIN)
    const wrong = Buffer.from(plainReply(message, 0))
    wrong[0]! ^= 1
    answer(wrong, message, Buffer.from('garbage'), Buffer.alloc(0), good)
  })
  t.match(await resolver(t)(server.plan(), LONG), { kind: 'reply', rcode: RCODE.YXDOMAIN })
  t.equal(server.heard.length, 1)
})

t.test('who is not the server is not heard, though the id is right', async (t) => {
  const stranger = createSocket('udp4')
  t.after(() => stranger.close())
  const server = await loopbackDns(t, ({ message, port, answer }) => {
    stranger.send(plainReply(message, RCODE.REFUSED), port, '127.0.0.1', () =>
      answer(plainReply(message, 0)),
    )
  })
  t.match(await resolver(t)(server.plan(), LONG), { kind: 'reply', rcode: 0 })
})

t.test('a forged answer without a signature changes nothing', async (t) => {
  const server = await loopbackDns(t, ({ message, answer }) => {
    const signature = { key: KEY, requestMac: macIn(message, KEY), time: NOW }
    const forger = { ...signature, key: { ...KEY, secret: 'guessed' } }
    answer(
      plainReply(message, RCODE.REFUSED),
      signReply(plainReply(message, RCODE.NOERROR), forger),
      signReply(plainReply(message, RCODE.NOTAUTH), { ...signature, error: 17, length: 0 }),
      signReply(plainReply(message, RCODE.YXDOMAIN), signature),
    )
  })
  t.match(await resolver(t)(server.plan(KEY), LONG), { kind: 'reply', rcode: RCODE.YXDOMAIN })
  t.equal(server.heard.length, 1)
})

t.test('where only forged ones come, the server is not to be trusted', async (t) => {
  const server = await loopbackDns(t, ({ message, answer }) => answer(plainReply(message, 0)))
  const ask = resolver(t)
  t.same(await unlessLate(() => ask(server.plan(KEY), SHORT)), {
    kind: 'silence',
    trouble: 'untrusted',
    detail: 'NOERROR, but it is not signed',
  })
})

t.test(
  'a server that does not know the key cannot sign that, and is believed in the end',
  async (t) => {
    const server = await loopbackDns(t, ({ message, answer }) => {
      const signature = { key: KEY, requestMac: macIn(message, KEY), time: NOW }
      answer(signReply(plainReply(message, RCODE.NOTAUTH), { ...signature, error: 17, length: 0 }))
    })
    const ask = resolver(t)
    const answer = await unlessLate(() => ask(server.plan(KEY), SHORT))
    t.match(answer, { kind: 'reply', rcode: RCODE.BADKEY })
  },
)

t.test('RFC 8945 §5.2.3: the server’s time is tried once', async (t) => {
  const server = await loopbackDns(t, ({ message, number, answer }) => {
    const signature = { key: KEY, requestMac: macIn(message, KEY) }
    const other = Buffer.alloc(6)
    other.writeUIntBE(NOW + 600, 0, 6)
    const refused = { ...signature, time: NOW, error: RCODE.BADTIME, other }
    if (number === 0) answer(signReply(plainReply(message, RCODE.NOTAUTH), refused))
    else answer(signReply(plainReply(message, 0), { ...signature, time: NOW + 600 }))
  })
  t.match(await resolver(t)(server.plan(KEY), LONG), {
    kind: 'reply',
    rcode: 0,
    clockAhead: 600,
  })
  t.equal(server.heard.length, 2)
})

t.test('nobody listens: that is told at once', async (t) => {
  const server = await loopbackDns(t, () => {})
  const plan = server.plan()
  server.close()
  t.match(await resolver(t)(plan, LONG), { kind: 'silence', trouble: 'refused' })
})

t.test('twice nothing by UDP: then TCP', async (t) => {
  const server = await loopbackDns(t, ({ by, message, answer }) => {
    if (by === 'tcp') answer(plainReply(message, 0))
  })
  const ask = resolver(t)
  t.match(await unlessLate(() => ask(server.plan(), SHORT)), { kind: 'reply', rcode: 0 })
  const ways = server.heard.map(({ by }) => by)
  t.same(ways.slice(-3), ['udp', 'udp', 'tcp'])
})

t.test('no answer whatever the way', async (t) => {
  const server = await loopbackDns(t, () => {})
  t.match(await resolver(t)(server.plan(), SHORT), { kind: 'silence', trouble: 'timeout' })
})

t.test('an answer that did not fit is had by TCP', async (t) => {
  const server = await loopbackDns(t, ({ by, message, answer }) => {
    const reply = plainReply(message, 0)
    if (by === 'udp') reply[2]! |= 2
    answer(reply)
  })
  t.match(await resolver(t)(server.plan(), LONG), { kind: 'reply', rcode: 0 })
  t.same(
    server.heard.map(({ by }) => by),
    ['udp', 'tcp'],
  )
})

t.test('what is too long for a datagram goes by TCP at once', async (t) => {
  const server = await loopbackDns(t, ({ message, answer }) => answer(plainReply(message, 0)))
  const name = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(50)}`
  const reverse = begin({ direction: 'reverse', registration: { fqdn: name } })
  const { request: long } = begin({
    zone: 'd',
    registration: { fqdn: name },
    beside: Array.from({ length: 12 }, () => '\x01\x02\x03\x04'),
  })
  t.match(await resolver(t)(server.plan(), LONG, long), { kind: 'reply', rcode: 0 })
  t.match(await resolver(t)(server.plan(), LONG, reverse.request), { kind: 'reply', rcode: 0 })
  t.same(
    server.heard.map(({ by }) => by),
    ['tcp', 'udp'],
  )
})

t.test('one connection for many messages, answers in any order', async (t) => {
  const held: (() => void)[] = []
  const server = await loopbackDns(t, ({ by, message, answer }) => {
    const reply = plainReply(message, message.length % 16)
    if (by === 'udp') {
      reply[2]! |= 2
      answer(reply)
      return
    }
    held.unshift(() => answer(reply))
    if (held.length === 5) for (const one of held) one()
  })
  const ask = resolver(t)
  const names = ['a', 'bb', 'ccc', 'dddd', 'eeeee']
  const answers = await Promise.all(
    names.map((name) => ask(server.plan(), LONG, { kind: 'query', name, type: 49 })),
  )
  const rcodes = names.map((name) => (12 + name.length + 2 + 4) % 16)
  t.match(
    answers,
    rcodes.map((rcode) => ({ kind: 'reply', rcode })),
  )
  t.same(new Set(server.heard.map(({ connection }) => connection)), new Set([0, 1]))
})

t.test('a connection that ended is made again', async (t) => {
  const server = await loopbackDns(t, ({ by, connection, message, answer, hangUp }) => {
    const reply = plainReply(message, 0)
    if (by === 'udp') reply[2]! |= 2
    if (connection === 1) hangUp()
    else answer(reply)
  })
  t.match(await resolver(t)(server.plan(), LONG), { kind: 'reply', rcode: 0 })
  t.same(
    server.heard.map(({ connection }) => connection),
    [0, 1, 2],
  )
})

t.test('no more than 32 messages are on their way to a server', async (t) => {
  const held: (() => void)[] = []
  let most = 0
  const server = await loopbackDns(t, ({ message, answer }) => {
    held.push(() => answer(plainReply(message, 0)))
    most = Math.max(most, held.length)
    if (held.length === 32 || server.heard.length === 70) for (const one of held.splice(0)) one()
  })
  const ask = resolver(t)
  const answers = await Promise.all(Array.from({ length: 70 }, () => ask(server.plan(), LONG)))
  t.equal(answers.filter(({ kind }) => kind === 'reply').length, 70)
  t.equal(most, 32)
})
