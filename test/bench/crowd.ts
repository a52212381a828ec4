// A crowd of clients behind one relay, all of whom ask within a second: after a power cut. Each
// goes from DISCOVER to ACK, and begins anew after 4 s, as RFC 2131 wants, when no answer came.
//
//   node test/bench/crowd.ts CLIENTS RELAY SERVER
//
// Prints one line of JSON, a `Crowd`, when all are answered or 10 s have passed.

import { createSocket } from 'node:dgram'
import { type Ipv4, ipv4FromText, octetsFromIpv4, readIpv4 } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'

export interface Crowd {
  /** When each answered client had its ACK, milliseconds since the first one asked, in order. */
  readonly answered: readonly number[]
}

const PORT = 67
const ASK_WITHIN_MS = 1000
const RETRY_MS = 4000
const GIVE_UP_MS = 10_000
const TURN_MS = 2

const [count, relayText = '', server = ''] = process.argv.slice(2)
const clients = Number(count)
const relay = ipv4FromText(relayText) ?? 0
const serverId = octetsFromIpv4(ipv4FromText(server) ?? 0)

const answered: number[] = []
const isDone = new Uint8Array(clients)
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
let began = 0
/** Who has asked so far in this round, and since when it goes on. */
let asked = 0
let round = 0

socket.on('message', (reply) => {
  const client = readIpv4(reply, 4)
  if (client >= clients) return
  const type = reply[242]
  if (type === 2) send(client, 3, readIpv4(reply, 16))
  if (type !== 5 || isDone[client] === 1) return
  isDone[client] = 1
  answered.push(Math.round((performance.now() - began) * 100) / 100)
  if (answered.length === clients) end()
})

socket.bind(PORT, relayText, () => {
  began = performance.now()
  setInterval(turn, TURN_MS)
})

/** Those whose time has come ask. */
function turn(): void {
  const now = performance.now() - began
  if (now >= GIVE_UP_MS) return end()
  if (now >= (round + 1) * RETRY_MS) {
    round++
    asked = 0
  }
  const due = Math.min(clients, ((now - round * RETRY_MS) / ASK_WITHIN_MS) * clients)
  for (; asked < due; asked++) if (isDone[asked] === 0) send(asked, 1, 0)
}

function send(client: number, type: number, address: Ipv4): void {
  const hwAddress = `\x02\x77\x68${octetsFromIpv4(client).slice(1)}`
  const more: [number, Octets][] =
    address === 0
      ? []
      : [
          [50, octetsFromIpv4(address)],
          [54, serverId],
        ]
  const options: [number, Octets][] = [[53, String.fromCharCode(type)], ...more]
  const fields = { hwAddress, giaddr: relay, xid: client, hops: 1 }
  socket.send(encodeMessage4(fields, options), PORT, server)
}

function end(): void {
  console.log(JSON.stringify({ answered } satisfies Crowd))
  process.exit()
}
