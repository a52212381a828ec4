// Run in a namespace: clients of every temper behind a relay that forwards to both servers. They
// are machines of lib/lab/client4.ts on real sockets and timers. On the way some datagrams are
// lost, and some come once more, late. Arguments: own address, servers' addresses with commas,
// number of clients, seed, first and last address that the servers give whatever their
// configuration, a file for what happens to the clients. Standard input says, a line each:
//
//   go                 the clients live: they ask, renew, reboot, forget, decline, give back, are
//                      switched off
//   calm               all are switched on anew, and then they only ask and renew
//   restored ADDRESS   an older copy of the database of a server was put back
//   tell               prints a Report
//
// Standard output: `ready`, and a Report as a line of JSON each time.

import dgram from 'node:dgram'
import { createWriteStream } from 'node:fs'
import { type Ipv4, ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets, type Octets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import { Client4 } from '../../lib/lab/client4.ts'
import type {
  Client4Action,
  Client4State,
  ClientLease4,
  UnboundReason,
} from '../../lib/lab/client4-settings.ts'
import { relayedToClient, relayedToServers } from '../../lib/lab/relay4.ts'
import { Judge } from './judge.ts'

export interface Holding {
  readonly hw: string
  readonly address: string
  /** Address of the server that gave or renewed it last. */
  readonly server: string
  /** Milliseconds for which the client may use it yet. */
  readonly left: number
  /** False: the database of that server is an older copy by now, which need not know of it. */
  readonly isKnown: boolean
}

export interface Report {
  readonly violations: readonly string[]
  readonly acks: number
  readonly holdings: readonly Holding[]
  /** Clients that were acknowledged something since `calm`. */
  readonly served: number
}

const PORT = 67

/** How long a datagram may be under way (lib/ha/README.md, what is assumed). */
const DATAGRAM_LIFE = 9000

const [own = '', list = '', count = '0', seed = '0', first = '', last = '', file = ''] =
  process.argv.slice(2)
const servers = list.split(',')
const relay = { address: ipv4FromText(own)!, servers: [] }
const draw = chance(Number(seed), 'chaos-clients')
const [from, to] = [ipv4FromText(first)!, ipv4FromText(last)!]
const judge = new Judge((address) => address >= from && address <= to)
const history = createWriteStream(file)
const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
const clients = Array.from({ length: Number(count) }, (_, index) => newClient(index + 1))
const byHwAddress = new Map(clients.map((client) => [client.hwAddress, client]))
let lives = false

interface Member {
  readonly hwAddress: Octets
  readonly hw: string
  readonly machine: Client4
  timer: NodeJS.Timeout | undefined
}

function newClient(number: number): Member {
  const hwAddress = `\x02\x00\x00\x00${String.fromCharCode(number >> 8, number & 255)}`
  const machine = new Client4(
    {
      hwAddress,
      clientId: draw(2) === 0 ? `\x01${hwAddress}` : '',
      probes: draw(4) === 0,
      renews: draw(8) !== 0,
      trustsMemory: draw(3) === 0,
      hostname: `chaos-${number}`,
      startDelayMax: 3000,
      backoffMin: 1000,
      backoffMax: 4000,
      renewPauseMin: 1000,
    },
    draw,
  )
  return { hwAddress, hw: hexFromOctets(hwAddress, ':'), machine, timer: undefined }
}

function perform(client: Member, actions: readonly Client4Action[]): void {
  const now = performance.now()
  for (const action of actions) {
    if (action.kind === 'send') send(action.bytes, action.destination)
    else if (action.kind === 'probe')
      setTimeout(
        () => perform(client, client.machine.onProbed(happens(draw, 0.05), performance.now())),
        50,
      )
    else if (action.kind === 'unbound') lose(client, action.address, action.why)
    else grant(client, action.lease, now)
  }
  clearTimeout(client.timer)
  const wait = client.machine.deadline - now
  if (wait === Number.POSITIVE_INFINITY) return
  client.timer = setTimeout(
    () => perform(client, client.machine.onDeadline(performance.now())),
    Math.min(Math.max(0, wait), 0x7fffffff),
  )
}

function grant({ hw }: Member, { address, serverId, until }: ClientLease4, now: number): void {
  judge.granted(hw, address, serverId, until, now)
  note(hw, `has ${textFromIpv4(address)} by ${textFromIpv4(serverId)} for ${until - now} ms`)
}

function lose({ hw }: Member, address: Ipv4, why: UnboundReason): void {
  judge.left(hw, address)
  note(hw, `leaves ${textFromIpv4(address)}: ${why}`)
}

/** With the time of the servers' logs. */
function note(hw: string, text: string): void {
  history.write(`${Date.now()} ${hw} ${text}\n`)
}

/** To the server that it is for, or to both. */
function send(message: Uint8Array, destination: Ipv4): void {
  const query = relayedToServers(message, relay)
  if (query === undefined) return
  const text = textFromIpv4(destination)
  for (const server of servers.includes(text) ? [text] : servers) carry(query, server)
}

function carry(query: Uint8Array, server: string): void {
  // Whoever it is for may be dead, and then nobody hears it.
  const arrive = () => socket.send(query, PORT, server, () => {})
  if (!lives || !happens(draw, 0.02)) arrive()
  if (lives && happens(draw, 0.02)) setTimeout(arrive, between(draw, 0, DATAGRAM_LIFE))
}

socket.on('message', (bytes, { address: sender }) => {
  const reply = relayedToClient(bytes, relay)
  if (reply === undefined) return
  const client = byHwAddress.get(octetsFromBytes(reply.bytes, 28, 34))
  if (client === undefined || client.machine.state === 'off') return
  const now = performance.now()
  const { state } = client.machine
  const actions = client.machine.onMessage(reply.bytes, 0, reply.bytes.length, now)
  if (KEEPING.includes(state)) refuse(client, actions, sender, now)
  perform(client, actions)
})

/** In these a NAK is about the lease that the client has. */
const KEEPING: readonly Client4State[] = ['renewing', 'rebinding', 'rebooting']

function refuse(
  { hw }: Member,
  actions: readonly Client4Action[],
  server: string,
  now: number,
): void {
  for (const action of actions)
    if (action.kind === 'unbound' && action.why === 'nak') {
      judge.refused(hw, action.address, ipv4FromText(server)!, now)
      note(hw, `is refused ${textFromIpv4(action.address)} by ${server}`)
    }
}

/** What people do to their machines. */
const WHIMS: Readonly<Record<string, (client: Member) => void>> = {
  reboot: (client) => switchOff(client, 2000),
  'switch-off': (client) => switchOff(client, 60_000),
  forget: (client) => {
    perform(client, client.machine.forget())
    perform(client, client.machine.start(performance.now()))
  },
  release: (client) => {
    perform(client, client.machine.release(performance.now()))
    switchOn(client, draw(2) === 0 ? 500 : 20_000)
  },
  decline: (client) => {
    if (happens(draw, 0.3)) perform(client, client.machine.decline(performance.now()))
  },
}

function whim(): void {
  setTimeout(whim, between(draw, 0, 200))
  if (lives) WHIMS[oneOf(draw, Object.keys(WHIMS))]!(oneOf(draw, clients))
}

function switchOff(client: Member, durationMax: number): void {
  client.machine.stop()
  perform(client, [])
  switchOn(client, between(draw, 0, durationMax))
}

function switchOn(client: Member, after: number): void {
  setTimeout(() => {
    if (client.machine.state === 'off') perform(client, client.machine.start(performance.now()))
  }, after)
}

function report(): Report {
  const holdings = judge.holders(performance.now()).map(([address, right]) => ({
    hw: right.client,
    address: textFromIpv4(address),
    server: textFromIpv4(right.server),
    left: Math.round(right.until - performance.now()),
    isKnown: right.isKnown,
  }))
  const { violations, acks, servedCount: served } = judge
  return { violations, acks, holdings, served }
}

const WORDS: Readonly<Record<string, (word: string) => void>> = {
  go: () => {
    lives = true
    for (const client of clients) switchOn(client, 0)
  },
  calm: () => {
    lives = false
    judge.callTheRoll()
    for (const client of clients) switchOff(client, 3000)
  },
  restored: (server) => judge.restored(ipv4FromText(server)!),
  tell: () => process.stdout.write(`${JSON.stringify(report())}\n`),
}

let input = ''
process.stdin.on('data', (chunk) => {
  input += chunk
  const lines = input.split('\n')
  input = lines.pop() ?? ''
  for (const line of lines) {
    const [word = '', more = ''] = line.split(' ')
    WORDS[word]?.(more)
  }
})
socket.on('error', () => {})
socket.bind(PORT, own, () => {
  process.stdout.write('ready\n')
  whim()
})
