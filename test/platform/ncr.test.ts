// Requests to Kea's updater: what stands in them, and what is known of one that was sent.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import type { D2Plan } from '../../lib/config/plan/names-plan.ts'
import { openUpdater } from '../../lib/platform/dns/ncr.ts'
import { requestBytes } from '../../lib/platform/dns/ncr-text.ts'
import type { UpdaterRequest } from '../../lib/ports/updater.ts'
import { PC1, REGISTRATION, V6_20 } from '../ddns/golden.ts'

const EXPIRES = Date.UTC(2026, 10, 29, 12)
const REQUEST: UpdaterRequest = { ...REGISTRATION, action: 'add', expires: EXPIRES }

function textOf(request: Partial<UpdaterRequest> = {}): string {
  const bytes = Buffer.from(requestBytes({ ...REQUEST, ...request }))
  t.equal(bytes.readUInt16BE(), bytes.length - 2)
  return bytes.toString('latin1', 2)
}

t.test('members for all versions of Kea, in its order', async (t) => {
  t.equal(
    textOf(),
    '{"change-type":0,"forward-change":true,"reverse-change":true,"fqdn":"pc1.open.test.",' +
      '"ip-address":"192.0.2.10","dhcid":"000101CABAF68A311B4935C8DA074CBBEF85413918AC949F821D1F6E' +
      'B3C18A5BB52BCA","lease-expires-on":"20261129120000","lease-length":1200,' +
      '"use-conflict-resolution":true,"conflict-resolution-mode":"check-with-dhcid"}',
  )
  t.equal(PC1, octetsFromHex(JSON.parse(textOf()).dhcid), 'the DHCID is that of the golden vector')
})

const CHANGES: readonly [title: string, request: Partial<UpdaterRequest>, members: object][] = [
  ['a removal', { action: 'remove' }, { 'change-type': 1 }],
  ['one direction', { forward: false }, { 'forward-change': false, 'reverse-change': true }],
  ['IPv6', { address: V6_20 }, { 'ip-address': '2001:db8:1::20' }],
  [
    'a lease that never ends: the last day with 14 digits',
    { expires: Number.POSITIVE_INFINITY },
    { 'lease-expires-on': '99991231000000' },
  ],
  [
    'a mode that checks only that somebody is known is none of old',
    { mode: 'check-exists-with-dhcid' },
    { 'use-conflict-resolution': false, 'conflict-resolution-mode': 'check-exists-with-dhcid' },
  ],
  [
    'nor is one that does not check',
    { mode: 'no-check-without-dhcid' },
    { 'use-conflict-resolution': false, 'conflict-resolution-mode': 'no-check-without-dhcid' },
  ],
  [
    'a name is written as in a zone',
    { fqdn: 'a b;"\\\xc3\xa9.test' },
    { fqdn: 'a\\032b\\;\\"\\\\\\195\\169.test.' },
  ],
]

for (const [title, request, members] of CHANGES)
  t.test(title, async (t) => {
    t.match(JSON.parse(textOf(request)), members)
  })

interface Scene {
  readonly to: (port: number) => D2Plan
  readonly send: (to: D2Plan) => Promise<string>
}

function scene(t: Test): Scene {
  const updater = openUpdater()
  const waiting = new Map<number, (trouble: string) => void>()
  updater.open({
    onRequestSent(ticket, trouble) {
      waiting.get(ticket)!(trouble)
      t.ok(waiting.delete(ticket), 'once')
    },
  })
  t.after(() => updater.close())
  let tickets = 0
  return {
    to: (port) => ({ address: '127.0.0.1', port, fromAddress: '', fromPort: 0 }),
    send: (to) =>
      new Promise((resolve) => {
        waiting.set(++tickets, resolve)
        updater.send(tickets, to, REQUEST)
      }),
  }
}

/** Where nobody listens. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

async function listening(t: Test, port = 0): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return socket
}

t.test('what somebody listens for counts as taken, and comes whole', async (t) => {
  const { send, to } = scene(t)
  const d2 = await listening(t)
  const heard: string[] = []
  const whole = new Promise<void>((resolve) => {
    d2.on('message', (bytes) => {
      if (heard.push(bytes.toString('latin1', 2)) === 100) resolve()
    })
  })
  const all = Array.from({ length: 100 }, () => send(to(d2.address().port)))
  t.same(new Set(await Promise.all(all)), new Set(['']))
  await whole
  t.same(new Set(heard), new Set([textOf()]))
})

t.test('nobody listens: it was not taken, and the next one is when somebody does', async (t) => {
  const { send, to } = scene(t)
  const port = await freePort()
  t.equal(await send(to(port)), 'nobody listens there')
  t.equal(await send(to(port)), 'nobody listens there')
  const again = await listening(t, port)
  const came = once(again, 'message')
  t.equal(await send(to(port)), '')
  t.match(String((await came)[0]), /pc1\.open\.test/)
})

t.test('an address that this host does not have is a trouble, not the end', async (t) => {
  const { send, to } = scene(t)
  const d2 = await listening(t)
  const good = to(d2.address().port)
  t.match(await send({ ...good, fromAddress: '192.0.2.77' }), /EADDRNOTAVAIL/)
  t.equal(await send(good), '')
})
