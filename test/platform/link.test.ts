// The link on loopback: what it carries, whom it keeps out, how it ends, and what it says about it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectSecurely } from 'node:tls'
import t, { type Test } from 'tap'
import type { HaTls } from '../../lib/config/ha-plan.ts'
import { endpointText, plainAddress } from '../../lib/platform/link-address.ts'
import { namesOf } from '../../lib/platform/link-certificate.ts'
import { verdictOf } from '../../lib/platform/link-dial.ts'
import { GUESTS_MAX } from '../../lib/platform/link-settings.ts'
import { QUIET, Strangers, TOLD_MAX } from '../../lib/platform/link-strangers.ts'
import { LINK_MESSAGE_MAX } from '../../lib/ports/link.ts'
import {
  frame,
  freePort,
  type LinkWish,
  makeCertificates,
  makePlace,
  meet,
  openPlace,
  openssl,
  Raw,
  rawServer,
  tlsOf,
  upgradeRequest,
} from './link-world.ts'

/** Where a stranger lives who is no peer. */
const ELSEWHERE = '127.0.0.9'

t.test('carries text and bytes in order, both ways', async (t) => {
  const { dialler, host, there, here } = await meet(t)
  t.equal(there.dialled, 'server1')
  t.equal(here.dialled, '')
  t.equal(there.remote, `127.0.0.1:${host.link.port}`)
  t.match(here.remote, /^127\.0\.0\.1:\d+$/)
  t.same([there.certificateNames, here.certificateNames], [[], []])

  const sent = ['', 'Kia ora – ē', new Uint8Array(0), new Uint8Array(LINK_MESSAGE_MAX).fill(7)]
  for (let n = 0; n < 500; n++) sent.push(n % 2 === 0 ? `text ${n}` : Uint8Array.of(n, n >> 8))
  for (const message of sent) there.send(message)
  for (const message of sent) here.send(message)
  const seen = (message: string | Uint8Array) =>
    typeof message === 'string' ? message : `bytes ${Buffer.from(message).toString('latin1')}`
  for (const { sink } of [dialler, host]) {
    await sink.until(() => sink.all('message').length === sent.length)
    const messages = sink.all('message').map(({ message }) => message)
    t.ok(messages.map(seen).join() === sent.map(seen).join(), 'what was sent')
    t.equal(Object.getPrototypeOf(messages[2]), Uint8Array.prototype, 'not a Buffer')
  }
})

t.test('what is sent at once when it opens arrives', async (t) => {
  const host = makePlace(t)
  host.sink.hooks.onLinkOpened = (connection) => connection.send('from here')
  host.link.open(host.sink)
  await host.sink.next('listener')
  const dialler = makePlace(t, { peers: { server1: { port: host.link.port } } })
  dialler.sink.hooks.onLinkOpened = (connection) => connection.send('from there')
  dialler.link.open(dialler.sink)
  dialler.link.dial('server1')
  t.equal((await host.sink.next('message')).message, 'from there')
  t.equal((await dialler.sink.next('message')).message, 'from here')
})

t.test('speaks IPv6', async (t) => {
  const { here, there, host } = await meet(t, { own: { host: '::1' } }, { own: { host: '::1' } })
  t.equal(there.remote, `[::1]:${host.link.port}`)
  t.match(here.remote, /^\[::1\]:\d+$/)
  there.send('x')
  t.equal((await host.sink.next('message')).message, 'x')
})

t.test('a closed connection says and hears nothing more', async (t) => {
  const { dialler, host, there, here } = await meet(t)
  const order: string[] = []
  host.sink.hooks.onLinkMessage = (connection) => {
    connection.send('last words')
    connection.close('enough')
    connection.close('enough again')
    connection.send('too late')
    order.push('close() returned')
  }
  host.sink.hooks.onLinkClosed = () => order.push('onLinkClosed')
  for (const n of [1, 2, 3]) there.send(`message ${n}`)
  t.equal((await host.sink.next('closed')).reason, 'enough')
  t.equal((await dialler.sink.next('closed')).reason, 'the other end closed it: enough')
  t.same(order, ['close() returned', 'onLinkClosed'], 'never from inside the call')
  t.same(
    dialler.sink.all('message').map(({ message }) => message),
    ['last words'],
  )
  t.equal(host.sink.all('message').length, 1)
  t.equal(here.buffered, 0)
  there.send('nobody hears')
  there.close('twice')

  dialler.link.dial('server1')
  await host.sink.next('opened')
  t.equal(host.sink.all('closed').length, 1)
  t.equal(dialler.sink.all('closed').length, 1)
})

t.test('closing the link lets the last message out, frees the port and is silent', async (t) => {
  const { dialler, host, here } = await meet(t)
  const { port } = host.link
  here.send('leaving')
  const before = host.sink.events.length
  await host.close()
  t.equal((await dialler.sink.next('message')).message, 'leaving')
  t.equal((await dialler.sink.next('closed')).reason, 'the other end closed it: the server stops')

  // A restart on the same port, at once.
  const again = await openPlace(t, { own: { port } })
  t.equal(again.link.port, port)
  dialler.link.dial('server1')
  await again.sink.next('opened')
  t.equal(host.sink.events.length, before)
})

t.test('can be closed in every state', async (t) => {
  await makePlace(t).close()
  const opening = makePlace(t)
  opening.link.open(opening.sink)
  await opening.close()
  const listening = makePlace(t)
  listening.link.open(listening.sink)
  await new Promise((resolve) => setTimeout(resolve, 0))
  await listening.close()
  t.same([...opening.sink.events, ...listening.sink.all('dial-failed')], [])

  const silent = await rawServer(t, () => {})
  const dialling = await openPlace(t, { peers: { server1: { port: silent } } })
  dialling.link.dial('server1')
  await dialling.close()
  t.same(dialling.sink.all('dial-failed'), [])

  const port = await freePort()
  const taken = await openPlace(t, { own: { port } })
  const waiting = makePlace(t, { own: { port } })
  waiting.link.open(waiting.sink)
  await waiting.sink.next('listener')
  await waiting.close()
  await taken.close()
})

t.test('a partner that is killed is gone at once', async (t) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'link-partner.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  const { link, sink } = await openPlace(t, { peers: { server1: { port } } })
  link.dial('server1')
  const { connection } = await sink.next('opened')
  connection.send('are you there?')
  t.equal((await sink.next('message')).message, 'are you there?')
  child.kill('SIGKILL')
  t.match((await sink.next('closed')).reason, /^the connection broke/)
  link.dial('server1')
  t.equal((await sink.next('dial-failed')).failure, 'refused', 'although the listener goes last')
})

t.test('tells how much the kernel has not taken', async (t) => {
  const { link, sink } = await openPlace(t)
  const raw = await new Raw(t, link.port).upgrade()
  const { connection } = await sink.next('opened')
  t.equal(connection.buffered, 0)
  raw.socket.pause()
  for (let n = 0; n < 32; n++) connection.send(new Uint8Array(LINK_MESSAGE_MAX))
  t.ok(connection.buffered >= 16 * LINK_MESSAGE_MAX)
  t.throws(() => connection.send(new Uint8Array(LINK_MESSAGE_MAX + 1)), /too long/)
  connection.close('enough')
  t.equal((await sink.next('closed')).reason, 'enough')
})

t.test('a listener that cannot open says why and goes on trying', async (t) => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { link, sink } = makePlace(t, { own: { port }, patience: { listenRetry: 20 } })
  link.open(sink)
  const taken = `TCP port ${port} of 127.0.0.1 is taken by another program`
  t.equal((await sink.next('listener')).trouble, taken)
  t.equal(link.port, 0)
  other.close()
  t.equal((await sink.next('listener')).trouble, '')
  t.equal(link.port, port)
  t.equal(sink.all('listener').length, 2, 'once for each change')

  const absent = makePlace(t, { own: { host: '192.0.2.250' } })
  absent.link.open(absent.sink)
  const { trouble } = await absent.sink.next('listener')
  t.equal(trouble, 'this host does not have the address 192.0.2.250 at present')
})

t.test('an attempt to dial ends with what it means', async (t) => {
  const http = (answer: string) =>
    rawServer(t, (socket) => socket.once('data', () => socket.end(answer)))
  const body = '{ "result": 400 }'
  const peers = {
    nobody: { port: await freePort() },
    slamming: { port: await rawServer(t, (socket) => socket.resetAndDestroy()) },
    hangingUp: { port: await rawServer(t, (socket) => socket.end()) },
    noRoute: { host: '255.255.255.255', port: 1 },
    kea: {
      port: await http(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
    },
    elsewhere: { port: await http('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n') },
    garbage: { port: await http('SSH-2.0-Whio\r\n') },
    impostor: {
      port: await http(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n',
      ),
    },
  }
  const { link, sink } = await openPlace(t, { peers, patience: { dial: 60_000 } })
  for (const name of Object.keys(peers)) link.dial(name)
  await sink.until(() => sink.all('dial-failed').length === Object.keys(peers).length)
  const verdicts = Object.fromEntries(
    sink.all('dial-failed').map(({ peer, failure, detail }) => [peer, `${failure}: ${detail}`]),
  )
  t.match(verdicts, {
    nobody: 'refused: nobody listens there',
    slamming: 'unreachable: it ends the connection without an answer',
    hangingUp: 'unreachable: it ends the connection without an answer',
    noRoute: /^unreachable: connect E/,
    kea: 'rejected: answers like Kea: HTTP 400 Bad Request',
    elsewhere: 'rejected: HTTP 302 Found',
    garbage: /^rejected: Parse Error/,
    impostor: /^rejected: Invalid Sec-WebSocket-Accept/,
  })
  t.throws(() => link.dial('stranger'), /cannot be dialled/)
  t.throws(() => link.dial('self'), /cannot be dialled/)
})

t.test('a reset by a process that is just going is looked at again', async (t) => {
  const going = createServer((socket) => {
    socket.on('error', () => {})
    going.close()
    socket.resetAndDestroy()
  })
  going.listen(0, '127.0.0.1')
  await once(going, 'listening')
  const { port } = going.address() as AddressInfo
  const { link, sink } = await openPlace(t, { peers: { server1: { port } } })
  link.dial('server1')
  t.equal((await sink.next('dial-failed')).failure, 'refused')
})

t.test('errors of an attempt are sorted by what they prove', async (t) => {
  const verdict = (code: string, syscall?: string) =>
    verdictOf(Object.assign(new Error('why'), { code, ...(syscall && { syscall }) })).failure
  t.equal(verdict('ECONNREFUSED', 'connect'), 'refused')
  for (const code of ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EACCES', 'EMFILE'])
    t.equal(verdict(code, 'connect'), 'unreachable', code)
  t.equal(verdict('ECONNRESET'), 'unreachable')
  t.equal(verdict('EPROTO', 'write'), 'rejected')
  t.equal(verdict('CERT_HAS_EXPIRED'), 'rejected')
  const alert = new Error(
    'write EPROTO 40F:error:0A000418:SSL routines:ssl3_read:alert unknown ca:x.c:',
  )
  t.same(verdictOf(Object.assign(alert, { code: 'EPROTO', syscall: 'write' })), {
    failure: 'rejected',
    detail: 'TLS: alert unknown ca',
  })
})

t.test('one attempt at a time to each peer', async (t) => {
  let accepted = 0
  const port = await rawServer(t, () => accepted++)
  const { link, sink } = await openPlace(t, {
    peers: { server1: { port } },
    patience: { dial: 200 },
  })
  for (let n = 0; n < 5; n++) link.dial('server1')
  const { failure, detail } = await sink.next('dial-failed')
  t.equal(failure, 'unreachable')
  t.equal(detail, 'it accepts connections but gives no answer within 0.2 s')
  t.equal(accepted, 1)
  link.dial('server1')
  await sink.next('dial-failed')
  t.equal(accepted, 2)
})

t.test('dials from its own address where it has it', async (t) => {
  const { here } = await meet(t, {}, { own: { host: '127.0.0.2' } })
  t.match(here.remote, /^127\.0\.0\.2:/)

  const host = await openPlace(t)
  const away = makePlace(t, {
    own: { host: '192.0.2.250' },
    peers: { server1: { port: host.link.port } },
  })
  away.link.open(away.sink)
  away.link.dial('server1')
  t.match((await host.sink.next('opened')).connection.remote, /^127\.0\.0\.1:/)
  await away.sink.next('opened')
})

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
  for (let n = 0; n < 5; n++) t.equal((await answerTo(post))[0], 'HTTP/1.1 426 Upgrade Required')
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

t.test('a long message in thousands of small pieces is taken', async (t) => {
  const { link, sink } = await openPlace(t)
  const raw = await new Raw(t, link.port).upgrade()
  const bytes = frame(0x82, Buffer.alloc(300_000, 5))
  for (let at = 0; at < bytes.length; at += 100) raw.socket.write(bytes.subarray(at, at + 100))
  const { message } = await sink.next('message')
  t.equal(message.length, 300_000)
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

t.test('names and addresses', async (t) => {
  const CN = 'server1'
  const subject = { CN } as Parameters<typeof namesOf>[0]
  t.same(namesOf(subject, ''), ['server1'])
  t.same(namesOf(undefined, ''), [])
  t.same(
    namesOf(
      subject,
      'DNS:server1, DNS:dhcp1.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, URI:urn:x, email:a@b',
    ),
    ['server1', 'dhcp1.example', '192.0.2.1', '2001:db8::1'],
  )
  t.same(namesOf(subject, 'DNS:"evil, DNS:server2", DNS:x'), ['server1', 'evil, DNS:server2', 'x'])
  t.same(namesOf(subject, 'URI:"http://x/, DNS:server2"'), ['server1'])
  t.same(namesOf({ CN: ['a', 'b'] } as unknown as typeof subject, ''), ['a', 'b'])
  t.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(plainAddress('2001:DB8::0:1'), '2001:db8::1')
  t.equal(endpointText('2001:db8::1', 1), '[2001:db8::1]:1')
})

t.test('TLS', async (t) => {
  const good = t.testdir()
  const folder = join(good, 'pair')
  const other = join(good, 'other')
  const tls = (name: string, from = folder) => tlsOf(from, name)

  t.test('the example makes certificates, and leaves good ones alone', async (t) => {
    const made = makeCertificates(folder, 'server1=127.0.0.1', 'server2=::1')
    t.equal(made.match(/: made/g)?.length, 3)
    const again = makeCertificates(folder, 'server1=127.0.0.1', 'server2=::1')
    t.equal(again.match(/: still good/g)?.length, 2)
    t.notMatch(again, /made/)
    makeCertificates(other, 'server2=127.0.0.1')
    t.throws(() => makeCertificates(folder, 'no address'))
  })

  t.test('both ends prove themselves', async (t) => {
    const { dialler, host, here, there } = await meet(
      t,
      { own: { tls: tls('server1') } },
      { own: { tls: tls('server2') } },
    )
    t.same(there.certificateNames, ['server1', '127.0.0.1'])
    // The dialler presents the certificate of the entry that it dials, as Kea does.
    t.same(here.certificateNames, ['server1', '127.0.0.1'])
    const big = 'x'.repeat(LINK_MESSAGE_MAX)
    there.send(big)
    here.send(big)
    t.ok((await host.sink.next('message')).message === big)
    t.ok((await dialler.sink.next('message')).message === big)
    there.close('enough')
    t.equal((await host.sink.next('closed')).reason, 'the other end closed it: enough')
  })

  /** What becomes of a dial with these files to a server with those. */
  const attempt = async (t: Test, own: LinkWish, present: HaTls | undefined) => {
    const host = await openPlace(t, own)
    const { port } = host.link
    const dialler = await openPlace(t, { peers: { server1: { port, tls: present } } })
    dialler.link.dial('server1')
    await dialler.sink.until(() => dialler.sink.events.length > 1)
    const [failed] = dialler.sink.all('dial-failed')
    const [opened] = dialler.sink.all('opened')
    return {
      verdict: opened === undefined ? `${failed?.failure}: ${failed?.detail}` : 'opened',
      names: host.sink.all('opened')[0]?.connection.certificateNames,
      why: host.sink.all('stranger').map(({ why }) => why),
    }
  }
  const own = (changes: Partial<LinkWish> = {}): LinkWish => ({
    own: { tls: tls('server1') },
    ...changes,
  })

  t.test('whoever does not is turned away, and both ends say why', async (t) => {
    const stranger = { ...tls('server2', other), trustAnchor: tls('server1').trustAnchor }
    t.same(await attempt(t, own(), stranger), {
      verdict: 'rejected: HTTP 403 certificate is not accepted: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      names: undefined,
      why: ['certificate is not accepted: UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    })
    const plain = await attempt(t, own(), undefined)
    t.match(plain.verdict, /^(rejected|unreachable): /)
    t.same(plain.why, ['speaks HTTP without TLS'])
    const deceived = await attempt(t, own(), tls('server2', other))
    t.match(deceived.verdict, /^rejected: .*(certificate|signature)/)
    t.match((await attempt(t, {}, tls('server2'))).verdict, /^rejected: TLS: /)
    const missing = { ...tls('server2'), keyFile: join(folder, 'absent.key') }
    t.match((await attempt(t, own(), missing)).verdict, /^unreachable: ENOENT.*absent\.key/)
  })

  t.test('an expired certificate', async (t) => {
    const expired = { ...tls('server2'), certFile: join(folder, 'expired.crt') }
    const request = join(folder, 'expired.csr')
    openssl('req', '-new', '-key', expired.keyFile, '-subj', '/CN=server2', '-out', request)
    const signing = [
      '-CA',
      expired.trustAnchor,
      '-CAkey',
      join(folder, 'ca.key'),
      '-set_serial',
      '7',
    ]
    openssl('x509', '-req', '-in', request, ...signing, '-days', '-1', '-out', expired.certFile)
    t.same(await attempt(t, own(), expired), {
      verdict: 'rejected: HTTP 403 certificate has expired',
      names: undefined,
      why: ['certificate has expired'],
    })
    const { verdict } = await attempt(t, { own: { tls: expired } }, tls('server1'))
    t.equal(verdict, 'rejected: certificate has expired')
  })

  t.test('no certificate at all', async (t) => {
    for (const [requireClientCerts, status] of [
      [true, '403 no certificate'],
      [false, '101 Switching Protocols'],
    ] as const) {
      const { link, sink } = await openPlace(t, own({ requireClientCerts }))
      const answer = await secureAnswer(t, link.port, tls('server1').trustAnchor)
      t.match(answer, `HTTP/1.1 ${status}\r\n`)
      if (!requireClientCerts) t.same((await sink.next('opened')).connection.certificateNames, [])
    }
  })

  t.test('without require-client-certs a stranger has no name', async (t) => {
    const stranger = { ...tls('server2', other), trustAnchor: tls('server1').trustAnchor }
    const { verdict, names } = await attempt(t, own({ requireClientCerts: false }), stranger)
    t.equal(verdict, 'opened')
    t.same(names, [])
  })

  t.test('a trust anchor may be a folder', async (t) => {
    const anchors = join(good, 'anchors')
    mkdirSync(anchors)
    copyFileSync(tls('server1').trustAnchor, join(anchors, 'one.pem'))
    copyFileSync(tls('server2', other).trustAnchor, join(anchors, 'two.pem'))
    copyFileSync(tls('server1').trustAnchor, join(anchors, 'one-again.0'))
    writeFileSync(join(anchors, 'README'), 'not a certificate')
    const both = { ...tls('server1'), trustAnchor: anchors }
    const stranger = { ...tls('server2', other), trustAnchor: anchors }
    t.equal((await attempt(t, { own: { tls: both } }, stranger)).verdict, 'opened')
    for (const [name, trustAnchor] of [
      ['holds no certificate', join(anchors, 'README')],
      ['holds a broken certificate', join(anchors, 'broken')],
    ] as const) {
      writeFileSync(
        join(anchors, 'broken'),
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      )
      const place = makePlace(t, { own: { tls: { ...both, trustAnchor } } })
      place.link.open(place.sink)
      t.match((await place.sink.next('listener')).trouble, name)
    }
  })

  t.test('renewed files are used, broken ones are told and change nothing', async (t) => {
    const renewing = join(good, 'renewing')
    makeCertificates(renewing, 'server1=127.0.0.1')
    const files = tlsOf(renewing, 'server1')
    const host = await openPlace(t, { own: { tls: files }, patience: { files: 0 } })
    const dialler = await openPlace(t, {
      peers: { server1: { port: host.link.port, tls: files } },
      patience: { files: 0 },
    })
    const meetAgain = async () => {
      dialler.link.dial('server1')
      const { connection } = await dialler.sink.next('opened')
      return connection.certificateNames
    }
    t.same(await meetAgain(), ['server1', '127.0.0.1'])

    // The certificate is here, its key not yet.
    openssl(
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-out',
      files.keyFile,
    )
    t.same(await meetAgain(), ['server1', '127.0.0.1'])
    t.same(await meetAgain(), ['server1', '127.0.0.1'])
    for (const { lines } of [host, dialler]) {
      t.same(
        lines.map(({ id }) => id),
        ['HA_LINK_TLS_KEPT'],
        'said once',
      )
      t.match(lines[0]?.fields.trouble, 'cannot be used together')
    }

    makeCertificates(renewing, 'server1=127.0.0.5')
    t.same(await meetAgain(), ['server1', '127.0.0.5'])
    for (const { lines } of [host, dialler]) t.equal(lines.at(-1)?.id, 'HA_LINK_TLS_RENEWED')

    // Away and back again, unchanged.
    renameSync(files.keyFile, `${files.keyFile}.away`)
    t.same(await meetAgain(), ['server1', '127.0.0.5'])
    renameSync(`${files.keyFile}.away`, files.keyFile)
    t.same(await meetAgain(), ['server1', '127.0.0.5'])
    for (const { lines } of [host, dialler])
      t.same(
        lines.map(({ id }) => id.slice('HA_LINK_TLS_'.length)),
        ['KEPT', 'RENEWED', 'KEPT', 'RENEWED'],
      )
  })

  t.test('a listener without its files waits for them', async (t) => {
    const late = join(good, 'late')
    const place = makePlace(t, {
      own: { tls: tlsOf(late, 'server1') },
      patience: { listenRetry: 20 },
    })
    place.link.open(place.sink)
    t.match((await place.sink.next('listener')).trouble, /ENOENT/)
    makeCertificates(late, 'server1=127.0.0.1')
    await place.sink.until(() => place.sink.all('listener').at(-1)?.trouble === '')
  })
})

/** What a TLS client without a certificate is answered. */
async function secureAnswer(t: Test, port: number, trustAnchor: string): Promise<string> {
  const socket = connectSecurely({
    host: '127.0.0.1',
    port,
    ca: readFileSync(trustAnchor),
    checkServerIdentity: () => undefined,
  })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.write(upgradeRequest())
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.toString('latin1')
}

function untilClosed(connections: readonly Raw[], count: number): Promise<void> {
  return new Promise((resolve) => {
    let closed = connections.filter(({ closed }) => closed).length
    if (closed >= count) resolve()
    for (const { socket } of connections.filter(({ closed }) => !closed))
      socket.once('close', () => ++closed === count && resolve())
  })
}
