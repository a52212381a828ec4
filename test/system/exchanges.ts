// Run in a namespace: a relay with many clients of its own behind it, which keeps account of every
// ACK. Arguments: own address, server's address. Standard input says
//
//   exchange FIRST COUNT NAME    clients FIRST … FIRST+COUNT-1 each do DISCOVER, REQUEST until they
//                                have an ACK. Without a NAME they say none, else with the number
//   renew FIRST COUNT NAME       the same clients ask for what they have
//   release FIRST COUNT          they give it back, of which nothing is told
//   server ADDRESS               who is asked from now on
//   stop                         nobody asks any more
//
// and standard output tells, a line each: {"ack":"192.0.2.7","hw":"02:57:00:00:00:01","nth":1}, the
// number counting from the start; {"done":FIRST} when all of an exchange have their ACK; "stopped".

import dgram from 'node:dgram'
import { type Ipv4, ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import {
  bytesFromPacket,
  octetsFromUint32,
  type Packet4,
  packetFromBytes,
} from '../../lib/lab/packet4.ts'

const [own = '', ...servers] = process.argv.slice(2)
let [server = ''] = servers
const PORT = 67
const [DISCOVER, OFFER, REQUEST, ACK, RELEASE] = [1, 2, 3, 5, 7] as const
const [NAME, REQUESTED, TYPE, SERVER] = [12, 50, 53, 54] as const

/** Clients that are under way at one time. */
const WINDOW_MAX = 64

/** A message without an answer is sent again. */
const REPEAT_AFTER_MS = 1000

interface Client {
  readonly number: number
  /** What it waits for an answer to. */
  query: Packet4
}

const socket = dgram.createSocket('udp4')
const underWay = new Map<Octets, Client>()
/** What each has. */
const addresses = new Map<Octets, Ipv4>()
let next = 0
let end = 0
let first = 0
let acknowledged = 0
let isRenewal = false
/** What a name begins with, '' = clients say none. */
let name = ''
/** An ACK that comes late is none to what is asked by then. */
let commands = 0

socket.on('message', (bytes) => {
  const reply = packetFromBytes(bytes)
  const client = reply && underWay.get(reply.hwAddress)
  if (reply === undefined || client === undefined || reply.xid !== client.query.xid) return
  const type = reply.options.get(TYPE)?.charCodeAt(0)
  const asked = client.query.options.get(TYPE)?.charCodeAt(0)
  if (type === OFFER && asked === DISCOVER) {
    client.query = message(client.number, REQUEST, [
      [SERVER, reply.options.get(SERVER) ?? ''],
      [REQUESTED, octetsFromUint32(reply.yiaddr)],
    ])
    send(client.query)
  } else if (type === ACK && asked === REQUEST) {
    const hw = hexFromOctets(reply.hwAddress, ':')
    tell({ ack: textFromIpv4(reply.yiaddr), hw, nth: ++acknowledged })
    addresses.set(reply.hwAddress, reply.yiaddr)
    underWay.delete(reply.hwAddress)
    proceed()
  } else if (type !== OFFER && type !== ACK) tell({ refused: type, client: client.number })
})

/** Starts as many clients as may be under way. */
function proceed(): void {
  while (next < end && underWay.size < WINDOW_MAX) {
    const query = isRenewal
      ? message(next, REQUEST, [], addressOf(next))
      : message(next, DISCOVER, [])
    const client = { number: next++, query }
    underWay.set(client.query.hwAddress, client)
    send(client.query)
  }
  if (next === end && underWay.size === 0) tell({ done: first })
}

function hwAddressOf(number: number): Octets {
  return `\x02\x57\x00\x00${String.fromCharCode(number >> 8, number & 255)}`
}

function addressOf(number: number): Ipv4 {
  return addresses.get(hwAddressOf(number))!
}

function message(
  number: number,
  type: number,
  options: readonly [number, Octets][],
  ciaddr: Ipv4 = 0,
): Packet4 {
  const named: [number, Octets][] = name === '' ? [] : [[NAME, `${name}${number}`]]
  return {
    op: 1,
    hops: 1,
    xid: commands * 0x20000 + number * 2 + (type === REQUEST ? 1 : 0),
    secs: 0,
    flags: 0,
    ciaddr,
    yiaddr: 0,
    siaddr: 0,
    giaddr: ipv4FromText(own)!,
    hwAddress: hwAddressOf(number),
    options: new Map([[TYPE, String.fromCharCode(type)], ...options, ...named]),
  }
}

function send(query: Packet4): void {
  // Nobody listens while the server is dead: that is what is tested.
  socket.send(bytesFromPacket(query), PORT, server, () => {})
}

function release(number: number): void {
  const by = octetsFromUint32(ipv4FromText(server)!)
  send(message(number, RELEASE, [[SERVER, by]], addressOf(number)))
}

function tell(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

setInterval(() => {
  for (const client of underWay.values()) send(client.query)
}, REPEAT_AFTER_MS)

let input = ''
process.stdin.on('data', (chunk) => {
  input += chunk
  const lines = input.split('\n')
  input = lines.pop() ?? ''
  for (const line of lines) {
    const [word, from = '0', count = '0', named = ''] = line.split(' ')
    commands++
    underWay.clear()
    isRenewal = word === 'renew'
    name = named
    next = first = Number(from)
    end = first + Number(count)
    if (word === 'exchange' || word === 'renew') proceed()
    else if (word === 'release') for (let one = first; one < end; one++) release(one)
    else if (word === 'server') server = from
    else tell('stopped')
  }
})
socket.on('error', () => {})
socket.bind(PORT, own, () => tell('ready'))
