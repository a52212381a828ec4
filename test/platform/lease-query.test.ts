// RFC 6926 over real connections: who may come in, how much, and for how long.

import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { LeaseQueryPlan } from '../../lib/config/plan/lease-query-plan.ts'
import { Frames, framed } from '../../lib/leasequery/frames.ts'
import { openBulkQueries } from '../../lib/platform/lease-query/bulk-door.ts'
import type { BulkQueries } from '../../lib/ports/bulk-queries.ts'
import { LEASE_QUERY4 } from '../../lib/wire/v4/message.ts'
import type { Message4 } from '../../lib/wire/v4/reader.ts'
import { client, hex, ip, type TestServer } from '../dhcp4/test-server.ts'
import { CALENDAR, messagesIn, query, serverWith } from '../leasequery/asking.ts'

const { active: ACTIVE, bulkQuery: BULK, done: DONE } = LEASE_QUERY4
const RELAY = { 82: hex('0c0200ff') }

interface Stage {
  readonly server: TestServer
  readonly door: BulkQueries
  readonly port: number
  readonly log: { id: string; fields: Record<string, unknown> }[]
  /** Slices that are to be done, as the loop of a server does them. */
  readonly slices: (() => boolean)[]
  isServing: boolean
  use(bulk?: Partial<NonNullable<LeaseQueryPlan['bulk']>>, requesters?: string[]): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function stage(t: Test, leases = 3): Promise<Stage> {
  const log: Stage['log'] = []
  const write = (_: string, id: string, __: string, fields: object) =>
    void log.push({ id, fields: fields as Record<string, unknown> })
  const pool = { pool: '192.0.2.10 - 192.0.2.250' }
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [pool] }]
  const server = serverWith({ 'store-extended-info': true, subnet4 })
  for (let number = 0; number < leases; number++)
    server.lease(client(number, { giaddr: ip('192.0.2.1') }), RELAY)
  const door = openBulkQueries({ enabled: () => true, write } as never, 20)
  t.teardown(() => door.close())
  const port = await freePort()
  const made: Stage = {
    ...{ server, door, port, log, slices: [], isServing: true },
    async use(bulk = {}, requesters = ['127.0.0.1']) {
      const usual = { connectionsMax: 3, queriesMax: 2, idle: 60_000, leasesPerFetch: 2 }
      const plan: LeaseQueryPlan = {
        requesters: requesters.map((text) => ({ address: ip(text), length: 32 })),
        bulk: { address: '127.0.0.1', port, ...usual, ...bulk },
      }
      door.use(plan, {
        known: () => {
          const { now, plan, table } = server
          const known = { plan, table, now, wall: CALENDAR + now, isOfPair: false }
          return made.isServing ? known : undefined
        },
        inSlices: (slice) => {
          made.slices.push(slice)
          setImmediate(function turn() {
            if (!slice()) setImmediate(turn)
          })
          return true
        },
      })
      await said(made, 'LEASE_QUERY_OPEN')
    },
  }
  return made
}

async function said({ log }: Stage, id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const line = log.find((one) => one.id === id)
    if (line !== undefined) return line.fields
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function connected(t: Test, { port }: Stage): Promise<Socket> {
  const socket = dial({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** The other end has closed the connection. */
async function gone(socket: Socket): Promise<void> {
  socket.resume()
  if (socket.closed || socket.readableEnded) return
  await new Promise((resolve) => {
    socket.once('end', resolve)
    socket.once('close', resolve)
  })
}

/** All messages up to so many ends of answers. */
async function answers(socket: Socket, ends = 1): Promise<Message4[]> {
  const frames = new Frames()
  const messages: Message4[] = []
  for await (const bytes of socket) {
    frames.add(bytes as Buffer)
    messages.push(...messagesIn(frames))
    if (messages.filter(({ type }) => type === DONE).length >= ends) break
  }
  return messages
}

const asking = (xid: number) => framed(query({ xid }, RELAY, BULK))
const typesOf = (messages: readonly Message4[]) => messages.map(({ type }) => type)

t.test('a requester asks, in pieces, and closes its end: the answer comes whole', async (t) => {
  const world = await stage(t)
  await world.use()
  const socket = await connected(t, world)
  for (const byte of asking(7)) socket.write(new Uint8Array([byte]))
  socket.end()
  const messages = await answers(socket)
  t.strictSame(typesOf(messages), [ACTIVE, ACTIVE, ACTIVE, DONE])
  t.ok(messages.every(({ xid }) => xid === 7))
  t.equal(messages[0]!.uint(54), ip('127.0.0.1'), 'the address that was dialled')
  t.strictSame(await said(world, 'LEASE_QUERY_OPEN'), { address: `127.0.0.1:${world.port}` })
})

t.test(
  'RFC 6926 §8.1: queries of one connection are answered beside each other, a few at a time',
  async (t) => {
    const world = await stage(t)
    await world.use()
    const socket = await connected(t, world)
    const xids = [1, 2, 3, 4, 5, 6, 7]
    socket.write(Buffer.concat(xids.map(asking)))
    const messages = await answers(socket, xids.length)
    t.equal(messages.length, 4 * xids.length)
    for (const xid of xids)
      t.strictSame(typesOf(messages.filter((message) => message.xid === xid)), [
        ACTIVE,
        ACTIVE,
        ACTIVE,
        DONE,
      ])
    const open = new Set<number>()
    let most = 0
    for (const { type, xid } of messages) {
      if (type === DONE) open.delete(xid)
      else open.add(xid)
      most = Math.max(most, open.size)
    }
    t.equal(most, 2, 'max-concurrent-queries')
  },
)

t.test('requesters: who is none is turned away unread', async (t) => {
  const world = await stage(t)
  await world.use({}, ['192.0.2.77'])
  const stranger = await connected(t, world)
  await gone(stranger)
  const refused = await said(world, 'LEASE_QUERY_REFUSED')
  t.match(refused, { from: '127.0.0.1', why: 'it is none of the requesters' })
})

t.test('max-requester-connections: one more is closed, and nobody else', async (t) => {
  const world = await stage(t)
  await world.use({ connectionsMax: 1 })
  const first = await connected(t, world)
  first.write(asking(1))
  first.write(asking(2).subarray(0, 5))
  await once(first, 'data')
  const second = await connected(t, world)
  await gone(second)
  first.write(asking(2).subarray(5))
  t.equal((await answers(first, 1)).at(-1)?.type, DONE)
})

t.test(
  'hostile: rubbish, a length beyond all queries, and half messages end the connection',
  async (t) => {
    const world = await stage(t)
    await world.use({ idle: 150 })
    const rubbish = new Uint8Array(300).fill(0xff)
    for (const bytes of [rubbish, framed(rubbish), framed(query({}, RELAY, 1))]) {
      const socket = await connected(t, world)
      socket.write(bytes)
      await gone(socket)
    }
    t.match(await said(world, 'LEASE_QUERY_REFUSED'), { why: 'what it sent is no query' })
    const half = await connected(t, world)
    // Pieces keep coming, and the message never becomes whole.
    const whole = asking(1)
    let at = 0
    const dripping = setInterval(() => half.write(whole.subarray(at, ++at)), 20)
    t.teardown(() => clearInterval(dripping))
    await gone(half)
    const silent = await connected(t, world)
    await gone(silent)
    t.pass('max-requester-idle-time')
  },
)

t.test('who does not read is sent no more, costs no turn, and is left', async (t) => {
  const world = await stage(t, 200)
  await world.use({ idle: 400, queriesMax: 1, leasesPerFetch: 200 })
  const socket = await connected(t, world)
  socket.pause()
  const all = Buffer.concat(Array.from({ length: 800 }, (_, xid) => asking(xid)))
  socket.write(all)
  const refused = await said(world, 'LEASE_QUERY_REFUSED')
  t.match(refused, { why: 'it does not read its answers' })
  const runs = world.slices.length
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(world.slices.length, runs, 'nothing goes on for it')
  const other = await connected(t, world)
  other.write(asking(9))
  t.equal((await answers(other)).length, 201, 'others are answered')
})

t.test(
  'while the server does not serve, the answer says so (RFC 6926 QueryTerminated)',
  async (t) => {
    const world = await stage(t)
    await world.use()
    world.isServing = false
    const socket = await connected(t, world)
    socket.write(asking(1))
    const [only] = await answers(socket)
    t.equal(only!.type, DONE)
    t.equal(only!.octets(151)!.charCodeAt(0), 2)
  },
)

t.test('a reload: requesters that may not ask any more are left, and the port moves', async (t) => {
  const world = await stage(t)
  await world.use()
  const socket = await connected(t, world)
  socket.write(asking(1))
  await once(socket, 'data')
  await world.use({}, ['192.0.2.77'])
  await gone(socket)
  const port = await freePort()
  await world.use({ port })
  t.strictSame(await said(world, 'LEASE_QUERY_CLOSED'), { address: `127.0.0.1:${world.port}` })
  const there = await connected(t, { ...world, port })
  there.write(asking(1))
  t.equal((await answers(there)).length, 4)
})

t.test('a port that is taken is told once and tried again', async (t) => {
  const world = await stage(t)
  const squatter = createServer().listen(world.port, '127.0.0.1')
  await once(squatter, 'listening')
  const opening = world.use()
  t.match(await said(world, 'LEASE_QUERY_TROUBLE'), { address: `127.0.0.1:${world.port}` })
  squatter.close()
  await opening
  t.equal(world.log.filter(({ id }) => id === 'LEASE_QUERY_TROUBLE').length, 1)
})
