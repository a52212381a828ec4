// The link on loopback: what it carries, how it is opened and dialled, how it ends.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { verdictOf } from '../../lib/platform/link/dial.ts'
import { LINK_MESSAGE_MAX } from '../../lib/ports/link.ts'
import { frame, freePort, makePlace, meet, openPlace, Raw, rawServer } from './link-world.ts'

t.test('carries text and bytes in order, both ways', async (t) => {
  const { dialler, host, there, here } = await meet(t)
  t.equal(there.dialled, 'server1')
  t.equal(here.dialled, '')
  t.equal(there.remote, `127.0.0.1:${host.link.port}`)
  t.match(here.remote, /^127\.0\.0\.1:\d+$/)
  t.same([there.certificateNames, here.certificateNames], [undefined, undefined])

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
    noRoute: /^unreachable: (no route leads|its url cannot|its host does)/,
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
  const raw = Object.assign(new Error('connect EINVAL 127.0.0.1:8000 - Local (10.0.0.1:0)'), {
    code: 'EINVAL',
    syscall: 'connect',
  })
  t.match(verdictOf(raw), {
    failure: 'unreachable',
    detail: /^its url cannot be reached .*loopback/,
  })
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

t.test('a long message in thousands of small pieces is taken', async (t) => {
  const { link, sink } = await openPlace(t)
  const raw = await new Raw(t, link.port).upgrade()
  const bytes = frame(0x82, Buffer.alloc(300_000, 5))
  for (let at = 0; at < bytes.length; at += 100) raw.socket.write(bytes.subarray(at, at + 100))
  const { message } = await sink.next('message')
  t.equal(message.length, 300_000)
})
