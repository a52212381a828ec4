// For the tests of pairs, run in a namespace: a relay with many clients behind it that forwards
// every message to both servers. Arguments: own address, the servers' addresses. Standard input
// says
//
//   go            new clients do DISCOVER, REQUEST, up to CLIENTS_MAX; those that have an address
//                 renew it, in turn
//   settle        nobody begins any more; {"settled":N} when all of the N clients have their answer
//   begin N       so many new clients at once; {"settled":N} when all clients have their answer
//   renew [N]     every client, or the first so many, renew once; {"settled":N} when all have
//
// and standard output tells, a line each,
// {"ack":"10.77.1.7","hw":"02:57:00:00:00:01","from":"10.77.0.1",
// "isNew":true,"at":MS,"waited":MS}; times in milliseconds, `waited` since the exchange began.
// {"refused":TYPE,...} is anything but an OFFER or ACK.

import dgram from 'node:dgram'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import {
  bytesFromPacket,
  octetsFromUint32,
  type Packet4,
  packetFromBytes,
} from '../../lib/lab/packet4.ts'

const [own = '', ...servers] = process.argv.slice(2)
const PORT = 67
const [DISCOVER, OFFER, REQUEST, ACK] = [1, 2, 3, 5] as const
const [REQUESTED, TYPE, SERVER] = [50, 53, 54] as const

/** Clients that are under way at one time. */
const WINDOW_MAX = 32

/**
 * Fewer than half of any pool has addresses, since servers of a pair share them: a pool that is
 * full, or whose end is reserved for others, would leave nobody who goes on.
 */
const CLIENTS_MAX = 24_000

/** Every so often one new client and one renewal begin. */
const BEGIN_EVERY_MS = 8

/** A message without an answer is sent again. */
const REPEAT_AFTER_MS = 500

/** A REQUEST that was sent so often without an answer was to a server that is gone: begin again. */
const REQUESTS_MAX = 2

interface Client {
  readonly number: number
  readonly hwAddress: Octets
  /** 0 = none. */
  address: number
  query: Packet4
  began: number
  sentAt: number
  sent: number
}

const socket = dgram.createSocket('udp4')
const clients: Client[] = []
const underWay = new Map<Octets, Client>()
/** Clients that have to renew, from this one on, up to `renewEnd`. */
let renewNext = 0
let renewEnd = 0
let turn = 0
let mode: 'idle' | 'go' | 'settle' | 'renew' = 'idle'
let xid = 1

socket.on('message', (bytes, { address: from }) => {
  const reply = packetFromBytes(bytes)
  const client = reply && underWay.get(reply.hwAddress)
  if (reply === undefined || client === undefined || reply.xid !== client.query.xid) return
  const type = reply.options.get(TYPE)?.charCodeAt(0)
  const asked = client.query.options.get(TYPE)?.charCodeAt(0)
  if (type === OFFER && asked === DISCOVER)
    ask(client, REQUEST, 0, [
      [SERVER, reply.options.get(SERVER) ?? ''],
      [REQUESTED, octetsFromUint32(reply.yiaddr)],
    ])
  else if (type === ACK && asked === REQUEST) {
    const at = Date.now()
    const isNew = client.address === 0
    client.address = reply.yiaddr
    underWay.delete(client.hwAddress)
    const hw = hexFromOctets(client.hwAddress, ':')
    tell({ ack: textFromIpv4(reply.yiaddr), hw, from, isNew, at, waited: at - client.began })
    proceed()
  } else if (type !== OFFER && type !== ACK) {
    client.address = 0
    underWay.delete(client.hwAddress)
    tell({ refused: type, client: client.number, from })
    proceed()
  }
})

function proceed(): void {
  if (mode === 'renew')
    while (underWay.size < WINDOW_MAX && renewNext < renewEnd) renew(clients[renewNext++]!)
  const isDone = mode === 'settle' || (mode === 'renew' && renewNext === renewEnd)
  if (!isDone || underWay.size > 0) return
  mode = 'idle'
  tell({ settled: clients.length })
}

function addOne(): void {
  const number = clients.length
  const hwAddress = `\x02\x57\x00\x00${String.fromCharCode(number >> 8, number & 255)}`
  const now = Date.now()
  const query = packet(hwAddress, DISCOVER, 0, [])
  const client = { number, hwAddress, address: 0, query, began: now, sentAt: 0, sent: 0 }
  clients.push(client)
  underWay.set(hwAddress, client)
  send(client, now)
}

function renew(client: Client): void {
  if (client.address === 0 || underWay.has(client.hwAddress)) return
  client.began = Date.now()
  underWay.set(client.hwAddress, client)
  // REBINDING: to whoever hears it.
  ask(client, REQUEST, client.address, [])
}

function ask(client: Client, type: number, ciaddr: number, options: [number, Octets][]): void {
  client.query = packet(client.hwAddress, type, ciaddr, options)
  client.sent = 0
  send(client, Date.now())
}

function packet(
  hwAddress: Octets,
  type: number,
  ciaddr: number,
  options: [number, Octets][],
): Packet4 {
  return {
    op: 1,
    hops: 1,
    xid: xid++,
    secs: 0,
    flags: 0,
    ciaddr,
    yiaddr: 0,
    siaddr: 0,
    giaddr: ipv4FromText(own)!,
    hwAddress,
    options: new Map([[TYPE, String.fromCharCode(type)], ...options]),
  }
}

function send(client: Client, now: number): void {
  client.sentAt = now
  client.sent++
  const bytes = bytesFromPacket(client.query)
  // Perhaps nobody listens there: that is what is tested.
  for (const server of servers) socket.send(bytes, PORT, server, () => {})
}

function repeat(client: Client, now: number): void {
  const isSelecting = client.query.options.has(SERVER)
  if (isSelecting && client.sent >= REQUESTS_MAX) ask(client, DISCOVER, 0, [])
  else {
    client.query = { ...client.query, secs: Math.floor((now - client.began) / 1000) }
    send(client, now)
  }
}

function tell(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

setInterval(() => {
  const now = Date.now()
  for (const client of underWay.values())
    if (now - client.sentAt >= REPEAT_AFTER_MS) repeat(client, now)
}, 50)

setInterval(() => {
  if (mode !== 'go' || underWay.size >= WINDOW_MAX) return
  if (clients.length < CLIENTS_MAX) addOne()
  // A prime, so that each has its turn however many there are.
  turn = (turn + 7919) % clients.length
  renew(clients[turn]!)
}, BEGIN_EVERY_MS)

function obey(line: string): void {
  const [word, count] = line.split(' ')
  if (word === 'begin') for (let nth = 0; nth < Number(count); nth++) addOne()
  if (word === 'renew') {
    renewNext = 0
    renewEnd = Math.min(Number(count ?? clients.length), clients.length)
  }
  mode = word === 'begin' ? 'settle' : (word as typeof mode)
  proceed()
}

let input = ''
process.stdin.on('data', (chunk) => {
  input += chunk
  const lines = input.split('\n')
  input = lines.pop() ?? ''
  for (const line of lines) obey(line)
})
socket.on('error', () => {})
socket.bind(PORT, own, () => tell('ready'))
