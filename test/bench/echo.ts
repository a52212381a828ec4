// The limit of the sockets: answers every DISCOVER with an OFFER and every REQUEST with an ACK by
// patching bytes. No leases, no checks, no disk. What a server adds is measured against this.
//
//   node test/bench/echo.ts plain|whio ADDRESS DEVICE
//
// `plain` is node:dgram as everybody uses it, bound to ADDRESS port 67; `whio` is openDatagrams4 on
// DEVICE. Prints "ready"; for each line on standard input one JSON line: packets in and out since
// the line before, and the CPU time of this process meanwhile.

import dgram from 'node:dgram'
import { ipv4FromText, writeIpv4 } from '../../lib/address/ipv4.ts'
import { openDatagrams4 } from '../../lib/platform/datagrams/datagrams4.ts'
import type { Reply4 } from '../../lib/ports/datagrams4.ts'

const SERVER_PORT = 67
const REPLY_SIZE = 300
const [mode, address = '', device = ''] = process.argv.slice(2)

/** What a reply has behind the cookie: 53, 54 (server identifier), 51, 1, 255. */
const OPTIONS = Buffer.from([
  ...[53, 1, 0, 54, 4, 0, 0, 0, 0, 51, 4, 0, 0, 0x0f, 0xa0, 1, 4, 255, 0, 0, 0, 255],
])
writeIpv4(OPTIONS, 5, ipv4FromText(address) ?? 0)

/** Writes the reply to a query at `at`; 0 when it is nothing to answer. */
function answer(bytes: Uint8Array, start: number, end: number, out: Buffer, at: number): number {
  const type = messageType(bytes, start + 240, end)
  if (type !== 1 && type !== 3) return 0
  for (let n = 0; n < 240; n++) out[at + n] = bytes[start + n]!
  out[at] = 2
  // yiaddr: 10/8 and three bytes that differ from client to client.
  out[at + 16] = 10
  for (let n = 1; n < 4; n++) out[at + 16 + n] = bytes[start + 30 + n]!
  out.set(OPTIONS, at + 240)
  out[at + 242] = type === 1 ? 2 : 5
  return REPLY_SIZE
}

function messageType(bytes: Uint8Array, options: number, end: number): number {
  for (let at = options; at + 2 < end && bytes[at] !== 255; )
    if (bytes[at] === 53) return bytes[at + 2]!
    else at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1]!
  return 0
}

let packets = 0

function servePlain(): void {
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
  socket.on('message', (bytes, remote) => {
    const out = Buffer.alloc(REPLY_SIZE)
    packets++
    if (answer(bytes, 0, bytes.length, out, 0) === 0) return
    packets++
    socket.send(out, remote.port, remote.address)
  })
  socket.bind(SERVER_PORT, address, () => console.log('ready'))
}

function serveWhio(): void {
  const interfaces = { all: false, named: [{ name: device, address: undefined }] }
  const datagrams = openDatagrams4({ interfaces, serverPort: SERVER_PORT })
  const replies: Reply4[] = []
  const out = Buffer.alloc(1024 * REPLY_SIZE)
  datagrams.open({
    onDatagram(through, bytes, start, end, from, port) {
      const at = replies.length * REPLY_SIZE
      packets++
      if (answer(bytes, start, end, out, at) === 0) return
      packets++
      const place = { bytes: out, start: at, end: at + REPLY_SIZE }
      const source = through.addresses[0]!.address
      replies.push({ through, ...place, address: from, port, hwAddress: '', source, lastHop: 0 })
    },
    onOversized: () => {},
    onUndelivered: () => {},
    onAddresses() {},
    onBatchEnd() {
      datagrams.send(replies)
      replies.length = 0
    },
    onInterface: (status) => console.log(status.serving ? 'ready' : status.trouble),
  })
}

if (mode === 'plain') servePlain()
else if (mode === 'whio') serveWhio()
else console.error('usage: echo.ts plain|whio ADDRESS DEVICE')

let before = process.cpuUsage()
process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ packets, userMicros: user, systemMicros: system }))
  before = process.cpuUsage()
  packets = 0
})
