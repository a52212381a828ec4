// The link on loopback: whom it keeps out, and what it says about them.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { GUESTS_MAX } from '../../lib/platform/link-settings.ts'
import { QUIET, Strangers, TOLD_MAX } from '../../lib/platform/link-strangers.ts'
import { LINK_MESSAGE_MAX } from '../../lib/ports/link.ts'
import { frame, openPlace, Raw, upgradeRequest } from './link-world.ts'

/** Where a stranger lives who is no peer. */
const ELSEWHERE = '127.0.0.9'

t.test('asks for the password of the configuration', async (t) => {
  const basicAuth = { user: 'whio', password: 'pässword: with a colon' }
  const host = await openPlace(t, { own: { basicAuth } })
  const { port } = host.link
  const { link, sink } = await openPlace(t, {
    peers: {
      right: { port, basicAuth },
      wrong: { port, basicAuth: { ...basicAuth, password: 'password' } },
      none: { port },
    },
  })
  for (const name of ['wrong', 'none']) {
    link.dial(name)
    const { failure, detail } = await sink.next('dial-failed')
    t.same([failure, detail], ['rejected', 'password refused (401)'])
  }
  t.same(
    host.sink.all('stranger').map(({ why }) => why),
    ['wrong user or password', 'no password'],
  )
  t.equal(host.sink.all('opened').length, 0)
  link.dial('right')
  await host.sink.next('opened')

  for (const header of ['Bearer d2hpbw==', 'Basic', 'Basic ====', 'Basic d2hpbw==']) {
    const raw = new Raw(t, port)
    raw.socket.write(upgradeRequest([`Authorization: ${header}`]))
    t.match(await raw.rest(), /^HTTP\/1\.1 401 /, header)
  }
})

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
