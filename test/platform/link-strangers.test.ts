// The link on loopback: whom it keeps out, and what it says about them.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { GUESTS_MAX } from '../../lib/platform/link/settings.ts'
import { QUIET, Strangers, TOLD_MAX } from '../../lib/platform/link/strangers.ts'
import { LINK_MESSAGE_MAX } from '../../lib/ports/link.ts'
import { frame, openPlace, Raw, upgradeRequest } from './link-world.ts'

const { Receiver } = createRequire(import.meta.url)('ws')

/** Where a stranger lives who is no peer. */
const ELSEWHERE = '127.0.0.9'

t.test('strangers get a short answer, and are told of sparingly', async (t) => {
  const { link, sink } = await openPlace(t)
  const answerTo = async (bytes: string) => {
    const raw = new Raw(t, link.port)
    raw.socket.write(bytes, 'latin1')
    return (await raw.rest()).split('\r\n')
  }
  const asked = '{ "command": "ha-heartbeat", "service": [ "dhcp4" ] }'
  const post = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${asked.length}\r\n\r\n${asked}`
  for (let n = 0; n < 5; n++) {
    const lines = await answerTo(post)
    t.equal(lines[0], 'HTTP/1.1 426 Upgrade Required')
    const [{ result, text }] = JSON.parse(lines.at(-1)!)
    t.match([result, text], [1, /Whio.*whio\.1/], 'in a form that Kea understands')
  }
  const answer = await answerTo('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  t.ok(answer.includes('Connection: close'))
  t.match(answer.at(-1), 'whio.1')
  const bare = upgradeRequest().replace(/Sec-WebSocket-Protocol.*\r\n/, '')
  t.equal((await answerTo(bare))[0], 'HTTP/1.1 400 Subprotocol whio.1 Required')
  const foreign = upgradeRequest().replace('whio.1', 'whio.2, mqtt')
  t.equal((await answerTo(foreign))[0], 'HTTP/1.1 400 Subprotocol whio.1 Required')
  const keyless = upgradeRequest().replace(/Sec-WebSocket-Key.*\r\n/, '')
  t.match((await answerTo(keyless))[0], /^HTTP\/1\.1 400 Missing or invalid Sec-WebSocket-Key/)
  const h2c = upgradeRequest().replace('Upgrade: websocket', 'Upgrade: h2c')
  t.equal((await answerTo(h2c))[0], 'HTTP/1.1 426 Upgrade Required')
  t.equal(
    (await answerTo('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'))[0],
    'HTTP/1.1 400 Bad Request',
  )
  t.equal(
    (await answerTo(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`))[0],
    'HTTP/1.1 400 Bad Request',
  )
  t.same(
    sink.all('stranger').map(({ why }) => why),
    [
      'speaks HTTP but asks for no WebSocket, as Kea or a browser does',
      'asks for a WebSocket without the subprotocol whio.1',
      'Missing or invalid Sec-WebSocket-Key header',
      'does not speak HTTP',
    ],
  )
  t.match(sink.all('stranger')[0]!.remote, /^127\.0\.0\.1:\d+$/)
  t.equal(sink.all('opened').length, 0)
})

t.test('the same is told once a minute, and not of everybody', async (t) => {
  let now = 0
  const told: string[] = []
  const strangers = new Strangers(
    (remote, why) => told.push(`${remote} ${why}`),
    () => now,
  )
  strangers.turnedAway('192.0.2.1:1', 'garbage')
  strangers.turnedAway('192.0.2.1:2', 'garbage')
  strangers.turnedAway('192.0.2.1:3', 'password')
  strangers.turnedAway('[2001:db8::1]:3', 'garbage')
  t.same(told, ['192.0.2.1:1 garbage', '192.0.2.1:3 password', '[2001:db8::1]:3 garbage'])
  now = QUIET
  strangers.turnedAway('192.0.2.1:4', 'garbage')
  t.equal(told.at(-1), '192.0.2.1:4 garbage')
  for (let n = 0; n < 1000; n++) strangers.turnedAway(`10.0.${n >> 8}.${n & 255}:1`, 'garbage')
  t.equal(told.length, 3 + TOLD_MAX)
  now = 2 * QUIET
  strangers.turnedAway('10.9.9.9:1', 'garbage')
  t.equal(told.length, 4 + TOLD_MAX)
})

t.test('messages that no partner sends end the connection', async (t) => {
  const TEXT = 0x01
  const BINARY = 0x02
  const LAST = 0x80
  const giant = Buffer.alloc(LINK_MESSAGE_MAX)
  const bad: Record<string, { bytes: Buffer; reason: RegExp }> = {
    oversized: {
      bytes: frame(LAST | BINARY, Buffer.alloc(0), LINK_MESSAGE_MAX + 1),
      reason: /Max payload size exceeded/,
    },
    absurd: { bytes: frame(LAST | BINARY, giant, 2 ** 53), reason: /payload length/ },
    fragmented: {
      bytes: Buffer.concat([frame(TEXT, Buffer.from('a')), frame(LAST, Buffer.from('b'))]),
      reason: /Too many message fragments/,
    },
    'fragmented giant': {
      bytes: Buffer.concat([frame(BINARY, giant), frame(0, giant), frame(LAST, giant)]),
      reason: /Max payload size exceeded/,
    },
    'no UTF-8': {
      bytes: frame(LAST | TEXT, Buffer.from([0xc3, 0x28])),
      reason: /invalid UTF-8/,
    },
    'an opcode nobody knows': { bytes: frame(LAST | 0x0b, Buffer.alloc(0)), reason: /opcode/ },
    compressed: { bytes: frame(LAST | 0x40 | TEXT, Buffer.from('x')), reason: /RSV1/ },
    unmasked: { bytes: Buffer.from([LAST | TEXT, 1, 0x61]), reason: /MASK must be set/ },
    garbage: { bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n'), reason: /Invalid WebSocket frame/ },
  }
  const { link, sink } = await openPlace(t, { patience: { close: 50 } })
  for (const [name, { bytes, reason }] of Object.entries(bad)) {
    const raw = await new Raw(t, link.port).upgrade([
      'Sec-WebSocket-Extensions: permessage-deflate',
    ])
    t.notMatch(raw.text, /deflate/)
    raw.socket.write(bytes)
    t.match((await sink.next('closed')).reason, reason, name)
    await raw.rest()
  }
  t.same(sink.all('message'), [])

  const raw = await new Raw(t, link.port).upgrade()
  raw.socket.write(frame(LAST | TEXT, Buffer.from('good')))
  t.equal((await sink.next('message')).message, 'good')
})

t.test('whoever is not confirmed in time is ended', async (t) => {
  const { link, sink } = await openPlace(t, { patience: { confirm: 100 } })
  const silent = new Raw(t, link.port)
  await silent.rest()
  t.match((await sink.next('stranger')).why, /in time$/)
  await new Raw(t, link.port).upgrade()
  const idle = (await sink.next('opened')).connection
  const { connection, reason } = await sink.next('closed')
  t.equal(connection, idle)
  t.match(reason, /in time$/)

  sink.hooks.onLinkOpened = (connection) => connection.confirm()
  const good = await new Raw(t, link.port).upgrade()
  await new Raw(t, link.port).rest()
  t.notOk(good.closed, 'the confirmed one outlives a later one that says nothing')
})

t.test('a request must come in time', async (t) => {
  const { link, sink } = await openPlace(t, { patience: { request: 50 } })
  const slow = new Raw(t, link.port)
  slow.socket.write('GET / HTTP/1.1\r\nX: ')
  await slow.rest()
  t.equal((await sink.next('stranger')).why, 'connected but asked for nothing in time')
})

t.test('300 idle connections do not keep a partner out, nor end a confirmed one', async (t) => {
  const host = await openPlace(t)
  host.sink.hooks.onLinkOpened = (connection) => connection.confirm()
  const { port } = host.link
  const peers = { server1: { port } }
  const first = await openPlace(t, { peers })
  first.link.dial('server1')
  await host.sink.next('opened')

  const idle = Array.from({ length: 300 }, () => new Raw(t, port, ELSEWHERE))
  const over = idle.length + 1 - GUESTS_MAX
  await untilClosed(idle, over)
  const second = await openPlace(t, { peers })
  second.link.dial('server1')
  const { connection } = await second.sink.next('opened')
  connection.send('here I am')
  t.equal((await host.sink.next('message')).message, 'here I am')
  t.equal(first.sink.all('closed').length, 0)
  t.equal(host.sink.all('stranger').length, 1)
})

t.test('upgraded strangers go before the partner that has not said its name yet', async (t) => {
  const host = await openPlace(t, { peers: { server2: { host: '127.0.0.2' } } })
  const { port } = host.link
  const partner = new Raw(t, port, '127.0.0.2')
  await partner.upgrade()
  const strangers: Raw[] = []
  for (let n = 0; n < GUESTS_MAX + 5; n++)
    strangers.push(await new Raw(t, port, ELSEWHERE).upgrade())
  await untilClosed(strangers, 6)
  t.equal(host.sink.all('closed').length, 6)
  t.notOk(partner.closed)
})

t.test('10,000 connections one after the other leave nothing behind', async (t) => {
  const { link, sink } = await openPlace(t)
  const open: Socket[] = []
  t.teardown(() => open.map((socket) => socket.destroy()))
  for (let n = 0; n < 10_000; n++) {
    const socket = connect({ host: '127.0.0.1', port: link.port })
    socket.on('error', () => {})
    open.push(socket)
    await once(socket, 'connect')
    if (open.length > 200) open.shift()!.destroy()
  }
  const partner = await openPlace(t, { peers: { server1: { port: link.port } } })
  partner.link.dial('server1')
  await sink.next('opened')
  t.equal(sink.all('stranger').length, 1)
})

t.test('more partners than there is room for', async (t) => {
  const host = await openPlace(t)
  host.sink.hooks.onLinkOpened = (connection) => connection.confirm()
  const guests: Raw[] = []
  for (let n = 0; n < GUESTS_MAX; n++) guests.push(await new Raw(t, host.link.port).upgrade())
  const late = new Raw(t, host.link.port)
  t.equal(await late.rest(), '')
  t.equal(guests.filter(({ closed }) => closed).length, 0)
})

function untilClosed(connections: readonly Raw[], count: number): Promise<void> {
  return new Promise((resolve) => {
    let closed = connections.filter(({ closed }) => closed).length
    if (closed >= count) resolve()
    for (const { socket } of connections.filter(({ closed }) => !closed))
      socket.once('close', () => ++closed === count && resolve())
  })
}

t.test(
  'of many requests in one piece the first is answered, the others are not read',
  async (t) => {
    const { link, sink } = await openPlace(t, { patience: { close: 50 } })
    for (const request of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'GET / HTTP/1.0\r\n\r\n']) {
      const raw = new Raw(t, link.port)
      raw.socket.write(request.repeat(3000))
      t.equal((await raw.rest()).match(/HTTP\/1\.1 426/g)?.length, 1)
    }
    t.equal(sink.all('stranger').length, 1)
  },
)

t.test('one frame a turn of the event loop, however many come at once', async (t) => {
  const { link, sink } = await openPlace(t)
  const turns = countTurns(t)
  const heard: number[] = []
  sink.hooks.onLinkMessage = () => heard.push(turns())
  const raw = await new Raw(t, link.port).upgrade()
  raw.socket.write(Buffer.concat(Array<Buffer>(2000).fill(EMPTY)))
  await sink.until(() => heard.length === 2000)
  t.equal(new Set(heard).size, 2000)
})

t.test('what comes behind a refusal is thrown away', async (t) => {
  const { link, sink } = await openPlace(t, { patience: { close: 50 } })
  sink.hooks.onLinkMessage = (connection) => connection.close('no hello')
  const frames = countFrames(t)
  const raw = await new Raw(t, link.port).upgrade()
  const many = 500_000
  raw.socket.write(Buffer.concat(Array<Buffer>(many).fill(EMPTY)))
  await raw.rest()
  t.match(raw.text, 'no hello')
  t.equal(sink.all('message').length, 1)
  t.ok(frames() <= PIECE / EMPTY.length, `${frames()} frames of ${many} were looked at`)
})

t.test('pings and pongs end the connection', async (t) => {
  const { link, sink } = await openPlace(t, { patience: { close: 50 } })
  for (const [opcode, name] of [
    [0x89, 'ping'],
    [0x8a, 'pong'],
  ] as const) {
    const raw = await new Raw(t, link.port).upgrade()
    const one = Buffer.from([opcode, 0x80, 0, 0, 0, 0])
    raw.socket.write(Buffer.concat(Array<Buffer>(5000).fill(one)))
    t.match((await sink.next('closed')).reason, `a ${name}, which no server`)
    // No answers: who asks and does not read would fill the memory.
    t.notOk((await raw.rest()).includes('\x8a\x00\x8a\x00'))
  }
})

/** An empty message, masked. */
const EMPTY = Buffer.from([0x82, 0x80, 0, 0, 0, 0])

/** The most that the kernel hands over at once. */
const PIECE = 65_536

/** Turns of the event loop so far. */
function countTurns(t: Test): () => number {
  let turns = 0
  let next = setImmediate(function again() {
    turns++
    next = setImmediate(again)
  })
  t.teardown(() => clearImmediate(next))
  return () => turns
}

/** Frames whose head the WebSocket has read so far. */
function countFrames(t: Test): () => number {
  const { prototype } = Receiver
  const { getInfo } = prototype
  let frames = 0
  prototype.getInfo = function (this: unknown, done: unknown) {
    frames++
    return getInfo.call(this, done)
  }
  t.teardown(() => {
    prototype.getInfo = getInfo
  })
  return () => frames
}
