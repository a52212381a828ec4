// For the benchmarks of pairs, run in a namespace: a relay with clients behind it that forwards to
// both servers. New clients come and known ones renew at a fixed rate; whoever gets no answer
// repeats its message after 4 s, then 8 s (RFC 2131 §4.1, without the random second). Arguments:
// own address, servers' addresses with commas. Standard input says, a line each:
//
//   rate NEW RENEWALS       so many a second from now on; 0 0 = no more of them
//   renew FIRST COUNT       clients of the database (databases.ts) renew, once each
//   known FIRST COUNT       these renew at the rate, beside those that were new here
//   report                  tells what was since the last report
//
// Standard output: `ready`; `idle` whenever nobody waits any more; a report as a line of JSON, see
// Report.

import dgram from 'node:dgram'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import {
  bytesFromPacket,
  octetsFromUint32,
  type Packet4,
  packetFromBytes,
} from '../../lib/lab/packet4.ts'
import { addressOf, hwAddressOf } from './databases.ts'

/**
 * What a client waited for: an OFFER, the ACK of an address that was offered, the ACK of a renewal.
 */
export type Kind = 'discover' | 'select' | 'renew'

export interface Answered {
  readonly kind: Kind
  /**
   * When the message was sent first, and when it was answered; undefined: not yet. Unix time, ms.
   */
  readonly first: number
  readonly answered: number | undefined
  /** How often it was sent. */
  readonly tries: number
  /** When the client's own timer ran out first; undefined: it did not. */
  readonly repeated: number | undefined
  /** Who answered: index into the servers. */
  readonly server: number
}

export type Report = readonly Answered[]

const PORT = 67
const [DISCOVER, OFFER, REQUEST, ACK, NAK] = [1, 2, 3, 5, 6] as const
const [REQUESTED, TYPE, SERVER] = [50, 53, 54] as const
const FIRST_WAIT = 4000

/** An offer whose server does not answer is forgotten after so many REQUESTs. */
const SELECTS_MAX = 2

/** New clients are numbered from here, those of a database from 0. */
const NEW_FROM = 0x40000000

/** Whoever waits is looked at, and new ones come, every so many milliseconds. */
const TICK = 5

interface Waiting {
  readonly number: number
  readonly kind: Kind
  readonly query: Packet4
  readonly first: number
  repeated: number | undefined
  tries: number
  dueAt: number
}

const [own = '', list = ''] = process.argv.slice(2)
const servers = list.split(',')
const serverAddresses = servers.map((text) => ipv4FromText(text)!)
const giaddr = ipv4FromText(own)!
const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
const waiting = new Map<Octets, Waiting>()
/** Clients that renew, and their addresses. */
const bound: { number: number; address: Ipv4 }[] = []
let report: Answered[] = []
let nextNew = NEW_FROM
let nextBound = 0
let nextXid = 1
let rates = [0, 0]
const owed = [0, 0]
let wasIdle = true

const now = (): number => performance.timeOrigin + performance.now()

function ask(number: number, kind: Kind, address: Ipv4, serverId: Octets): void {
  const type = kind === 'discover' ? DISCOVER : REQUEST
  const options: [number, Octets][] = [[TYPE, String.fromCharCode(type)]]
  if (kind === 'select') options.push([SERVER, serverId], [REQUESTED, octetsFromUint32(address)])
  const hwAddress = hwAddressOf(number)
  const query: Packet4 = {
    op: 1,
    hops: 1,
    xid: nextXid++,
    secs: 0,
    flags: 0,
    ciaddr: kind === 'renew' ? address : 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr,
    hwAddress,
    options: new Map([...options, [61, `\x01${hwAddress}`]]),
  }
  const at = now()
  const one = { number, kind, query, first: at, repeated: undefined, tries: 0, dueAt: 0 }
  waiting.set(hwAddress, one)
  wasIdle = false
  send(one, at)
}

function send(one: Waiting, at: number): void {
  if (one.tries === 1) one.repeated = at
  one.dueAt = at + FIRST_WAIT * 2 ** one.tries++
  one.query.secs = Math.floor((at - one.first) / 1000)
  const bytes = bytesFromPacket(one.query)
  for (const server of servers) socket.send(bytes, PORT, server, () => {})
}

socket.on('message', (bytes, { address }) => {
  const reply = packetFromBytes(bytes)
  const one = reply && waiting.get(reply.hwAddress)
  if (reply === undefined || one === undefined || reply.xid !== one.query.xid) return
  const type = reply.options.get(TYPE)?.charCodeAt(0)
  if (type === NAK) process.stderr.write(`NAK for client ${one.number}\n`)
  if (type !== (one.kind === 'discover' ? OFFER : ACK)) return
  settle(one, servers.indexOf(address))
  if (type === OFFER) ask(one.number, 'select', reply.yiaddr, reply.options.get(SERVER) ?? '')
  else if (one.kind === 'select') bound.push({ number: one.number, address: reply.yiaddr })
})

function settle(one: Waiting, server: number): void {
  waiting.delete(one.query.hwAddress)
  report.push(answeredOf(one, now(), server))
}

function answeredOf(one: Waiting, answered: number | undefined, server: number): Answered {
  const { kind, first, repeated, tries } = one
  return { kind, first, answered, tries, repeated, server }
}

/** Repeats what was not answered in time; who waits for a dead server's ACK begins anew. */
function repeat(at: number): void {
  for (const one of [...waiting.values()]) {
    if (one.dueAt > at) continue
    if (one.kind !== 'select' || one.tries < SELECTS_MAX) send(one, at)
    else {
      report.push(answeredOf(one, undefined, -1))
      ask(one.number, 'discover', 0, '')
    }
  }
}

let lastTick = now()
setInterval(() => {
  const at = now()
  const elapsed = at - lastTick
  lastTick = at
  repeat(at)
  for (const which of [0, 1] as const) owed[which]! += (rates[which]! * elapsed) / 1000
  for (; owed[0]! >= 1; owed[0]!--) ask(nextNew++, 'discover', 0, '')
  for (; owed[1]! >= 1; owed[1]!--) {
    const client = bound[nextBound++ % Math.max(1, bound.length)]
    if (client !== undefined && !waiting.has(hwAddressOf(client.number)))
      ask(client.number, 'renew', client.address, '')
  }
  if (waiting.size === 0 && !wasIdle) {
    wasIdle = true
    process.stdout.write('idle\n')
  }
}, TICK)

let input = ''
process.stdin.on('data', (chunk) => {
  input += chunk
  const lines = input.split('\n')
  input = lines.pop() ?? ''
  for (const line of lines) obey(line.split(' '))
})

function obey([word = '', ...values]: string[]): void {
  const [one = 0, other = 0] = values.map(Number)
  if (word === 'rate') rates = [one, other]
  else if (word === 'renew')
    for (let number = one; number < one + other; number++)
      ask(number, 'renew', addressOf(number), '')
  else if (word === 'known')
    for (let number = one; number < one + other; number++)
      bound.push({ number, address: addressOf(number) })
  else {
    const open = [...waiting.values()].map((each) => answeredOf(each, undefined, -1))
    process.stdout.write(`${JSON.stringify([...report, ...open] satisfies Report)}\n`)
    report = []
  }
}

if (serverAddresses.includes(undefined as never)) throw new Error(`no addresses: ${list}`)
socket.on('error', () => {})
socket.bind(PORT, own, () => process.stdout.write('ready\n'))
