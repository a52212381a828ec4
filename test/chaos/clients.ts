// Run in a namespace: clients of every temper behind a relay that forwards to both servers. They are machines of
// lib/lab/client4.ts on real sockets and timers. Arguments: own address, servers' addresses with commas, number of
// clients, seed. Standard input says, a line each:
//
//   go        the clients live: they ask, renew, reboot, forget, decline, give back, are switched off
//   calm      they only ask and renew; those that are off are switched on
//   tell      prints a Report
//
// Standard output: `ready`, and a Report as a line of JSON each time.

import dgram from 'node:dgram'
import { type Ipv4, ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets, type Octets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import { Client4 } from '../../lib/lab/client4.ts'
import type { Client4Action } from '../../lib/lab/client4-settings.ts'
import { relayedToClient, relayedToServers } from '../../lib/lab/relay4.ts'
import { Judge } from './judge.ts'

export interface Holding {
  readonly hw: string
  readonly address: string
  /** Address of the server that gave or renewed it last. */
  readonly server: string
  /** Milliseconds for which the client may use it yet. */
  readonly left: number
}

export interface Report {
  readonly violations: readonly string[]
  readonly acks: number
  readonly holdings: readonly Holding[]
  /** Clients that want an address and have none. */
  readonly without: number
}

const PORT = 67

const [own = '', list = '', count = '0', seed = '0'] = process.argv.slice(2)
const servers = list.split(',')
const relay = { address: ipv4FromText(own)!, servers: [] }
const draw = chance(Number(seed), 'chaos-clients')
const judge = new Judge()
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
    else if (action.kind === 'unbound') judge.left(client.hw, action.address)
    else judge.granted(client.hw, action.lease.address, action.lease.until, now)
  }
  clearTimeout(client.timer)
  const wait = client.machine.deadline - now
  if (wait === Number.POSITIVE_INFINITY) return
  client.timer = setTimeout(
    () => perform(client, client.machine.onDeadline(performance.now())),
    Math.min(Math.max(0, wait), 0x7fffffff),
  )
}

/** To the server that it is for, or to both. */
function send(message: Uint8Array, destination: Ipv4): void {
  const query = relayedToServers(message, relay)
  if (query === undefined) return
  const text = textFromIpv4(destination)
  // Whoever it is for may be dead, and then nobody hears it.
  for (const server of servers.includes(text) ? [text] : servers)
    socket.send(query, PORT, server, () => {})
}

socket.on('message', (bytes) => {
  const reply = relayedToClient(bytes, relay)
  if (reply === undefined) return
  const client = byHwAddress.get(octetsFromBytes(reply.bytes, 28, 34))
  if (client === undefined || client.machine.state === 'off') return
  const now = performance.now()
  perform(client, client.machine.onMessage(reply.bytes, 0, reply.bytes.length, now))
})

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
  setTimeout(whim, between(draw, 0, 600))
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
  const now = performance.now()
  const serverOf = new Map(clients.map(({ hw, machine }) => [hw, machine.lease?.serverId ?? 0]))
  const holdings = judge.holders(now).map(([hw, address, left]) => ({
    hw,
    address: textFromIpv4(address),
    server: textFromIpv4(serverOf.get(hw)!),
    left,
  }))
  const without = clients.filter(
    ({ machine }) => machine.state !== 'off' && machine.holds(now) === 0,
  ).length
  return { violations: judge.violations, acks: judge.acks, holdings, without }
}

const WORDS: Readonly<Record<string, () => void>> = {
  go: () => {
    lives = true
    for (const client of clients) switchOn(client, 0)
  },
  calm: () => {
    lives = false
    for (const client of clients) switchOn(client, 0)
  },
  tell: () => process.stdout.write(`${JSON.stringify(report())}\n`),
}

let input = ''
process.stdin.on('data', (chunk) => {
  input += chunk
  const lines = input.split('\n')
  input = lines.pop() ?? ''
  for (const line of lines) WORDS[line]?.()
})
socket.on('error', () => {})
socket.bind(PORT, own, () => {
  process.stdout.write('ready\n')
  whim()
})
