// The clients of the campus, all behind relays whose addresses this host has: what perfdhcp cannot
// do. Asks for so many exchanges a second, evenly, whether they are answered or not.
//
//   node test/bench/campus-load.ts SERVER RATE SECONDS FIRST
//
// Client FIRST comes first, then the others in order. Prints one line of JSON, a `CampusLoad`.

import { createSocket } from 'node:dgram'
import { ipv4FromText, octetsFromIpv4, readIpv4, writeIpv4 } from '../../lib/address/ipv4.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { CLIENTS, campusClient } from './campus-file.ts'

export interface CampusLoad {
  readonly discovers: number
  readonly offers: number
  readonly acks: number
  readonly naks: number
}

const PORT = 67
/** After the last DISCOVER. */
const WAIT_MS = 1000
const XID_AT = 4
/** Of option 50, the second of a REQUEST. */
const REQUESTED_AT = 240 + 3 + 2

const [server = '', rate = '0', seconds = '0', first = '0'] = process.argv.slice(2)
const perMs = Number(rate) / 1000
const lengthMs = Number(seconds) * 1000
const serverId = octetsFromIpv4(ipv4FromText(server) ?? 0)

const done = { discovers: 0, offers: 0, acks: 0, naks: 0 }
const discovers: Uint8Array[] = []
const requests: Uint8Array[] = []
for (let client = 0; client < CLIENTS; client++) {
  const { hwAddress, giaddr, options } = campusClient(client)
  const fields = { hwAddress, giaddr, xid: client, hops: 1 }
  discovers.push(encodeMessage4(fields, [[53, '\x01'], ...options]))
  const asked = [[50, '\0\0\0\0'] as const, [54, serverId] as const]
  requests.push(encodeMessage4(fields, [[53, '\x03'], ...asked, ...options]))
}

const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20, sendBufferSize: 8 << 20 })
let began = 0

socket.on('message', (reply) => {
  const client = readIpv4(reply, XID_AT)
  const type = reply[242]
  if (client >= CLIENTS) return
  if (type === 2) {
    done.offers++
    const request = requests[client]!
    writeIpv4(request, REQUESTED_AT, readIpv4(reply, 16))
    socket.send(request, PORT, server)
  } else if (type === 5) done.acks++
  else if (type === 6) done.naks++
})

/** Sends what is due by now, and lets answers in at least every 64 of them. */
function turn(): void {
  const now = performance.now() - began
  const due = Math.floor(Math.min(now, lengthMs) * perMs)
  for (let sent = 0; done.discovers < due && sent < 64; sent++) {
    const discover = discovers[(Number(first) + done.discovers) % CLIENTS]!
    socket.send(discover, PORT, server)
    done.discovers++
  }
  if (now < lengthMs) setImmediate(turn)
  else
    setTimeout(() => {
      console.log(JSON.stringify(done satisfies CampusLoad))
      process.exit()
    }, WAIT_MS)
}

socket.bind(PORT, () => {
  began = performance.now()
  turn()
})
