// A zone comes over a real connection: in pieces, a few records a turn, or not at all.

import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { NameServerPlan } from '../../lib/config/plan/names-plan.ts'
import { openResolver } from '../../lib/platform/dns/resolver.ts'
import type { TransferEnd } from '../../lib/ports/resolver.ts'
import { a, signedTransfer, soa, transferMessage } from '../ddns/transfers.ts'

const ZONE = 'lan.test'
const NOW = 1_800_000_000
const START = soa(ZONE, 7)
const KEY = { name: 'k', algorithm: 'hmac-sha256', secret: 'secret', digestBits: 0 } as const

const names = (count: number) =>
  Array.from({ length: count }, (_, at) => a(`pc${at}.${ZONE}`, at % 256))

function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message])
}

/** A server that answers a request as it is told to. */
async function dns(
  t: Test,
  answer: (socket: Socket, request: Buffer) => void,
): Promise<NameServerPlan> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let received = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return
      const request = received.subarray(2)
      received = Buffer.alloc(0)
      answer(socket, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { address: '127.0.0.1', port: (server.address() as { port: number }).port, key: undefined }
}

interface Came {
  readonly end: TransferEnd
  readonly names: string[]
  /** The most records of one turn. */
  readonly slice: number
}

async function transfer(t: Test, server: NameServerPlan): Promise<Came> {
  const resolver = openResolver(() => NOW * 1000)
  resolver.open({ onDnsAnswer: () => {} })
  t.after(() => resolver.close())
  const names: string[] = []
  let slice = 0
  const end = await new Promise<TransferEnd>((resolve) => {
    resolver.transfer(server, ZONE, {
      onRecords(records) {
        slice = Math.max(slice, records.length)
        names.push(...records.map(({ name }) => name))
      },
      onEnd: resolve,
    })
  })
  return { end, names, slice }
}

t.test('a zone of many messages, a few records a turn', async (t) => {
  const all = names(3000)
  const server = await dns(t, (socket, request) => {
    const pages = [[START, ...all.slice(0, 1500)], all.slice(1500), [START]]
    for (const page of pages) socket.write(framed(transferMessage(request, page)))
  })
  const came = await transfer(t, server)
  t.same(came.end, { kind: 'whole' })
  t.same(
    came.names,
    all.map(({ name }) => name),
  )
  t.ok(came.slice <= 256, `${came.slice} in a turn`)
})

t.test('signed, and cut into small pieces', async (t) => {
  const server = await dns(t, (socket, request) => {
    const pages = [[START, ...names(20)], names(20), [START]]
    const bytes = Buffer.concat(signedTransfer(request, KEY, NOW, pages).map(framed))
    for (let at = 0; at < bytes.length; at += 7) socket.write(bytes.subarray(at, at + 7))
  })
  const came = await transfer(t, { ...server, key: KEY })
  t.same(came.end, { kind: 'whole' })
  t.equal(came.names.length, 40)
})

t.test('the last message and the end of the connection come together', async (t) => {
  const server = await dns(t, (socket, request) =>
    socket.end(framed(transferMessage(request, [START, ...names(600), START]))),
  )
  const came = await transfer(t, server)
  t.same(came.end, { kind: 'whole' })
  t.equal(came.names.length, 600)
})

t.test('a server that hangs up in the middle', async (t) => {
  const server = await dns(t, (socket, request) =>
    socket.end(framed(transferMessage(request, [START, ...names(10)]))),
  )
  t.match((await transfer(t, server)).end, { kind: 'failed', why: /closed the connection/ })
})

t.test('garbage', async (t) => {
  const server = await dns(t, (socket) => socket.write(framed(Buffer.from('no message'))))
  t.match((await transfer(t, server)).end, { kind: 'failed', why: 'it is malformed' })
})

t.test('a server that refuses', async (t) => {
  const server = await dns(t, (socket, request) =>
    socket.write(framed(transferMessage(request, [], { rcode: 5 }))),
  )
  t.same((await transfer(t, server)).end, { kind: 'refused', rcode: 5 })
})

t.test('nobody listens', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const { end } = await transfer(t, { address: '127.0.0.1', port, key: undefined })
  t.match(end, { kind: 'failed', why: /refused/ })
})

t.test('nothing is heard of one that was closed', async (t) => {
  const asked: Socket[] = []
  const server = await dns(t, (socket) => asked.push(socket))
  const resolver = openResolver(() => NOW * 1000)
  resolver.open({ onDnsAnswer: () => {} })
  const fail = () => t.fail('it was closed')
  const one = resolver.transfer(server, ZONE, { onRecords: fail, onEnd: fail })
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  const ended = new Promise((resolve) => asked[0]!.once('close', resolve))
  one.close()
  await ended
  resolver.close()
  t.pass()
})
