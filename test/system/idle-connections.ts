// For the tests of pairs, run in a namespace: strangers at the url of a server. Arguments: address,
// port, how many connections, what each does. Whatever the server ends begins anew, so that there
// are always as many. Standard output tells {"began":N}, how many have begun so far, every 100 ms.
//
//   idle     connects, and says nothing
//   request  asks for a WebSocket, and says nothing more
//   tls      shakes hands, and says nothing more
//   drip     asks for a WebSocket, a byte every 100 ms

import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

const [host = '', port = '', count = '', kind = 'idle'] = process.argv.slice(2)

const REQUEST = [
  'GET / HTTP/1.1',
  `Host: ${host}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: whio.1',
  '\r\n',
].join('\r\n')

let live = 0
let began = 0
const dripping = new Map<Socket, number>()

function begin(): void {
  live++
  began++
  const socket = connect({ host, port: Number(port) })
  socket.on('error', () => {})
  socket.on('data', () => {})
  socket.on('close', () => {
    live--
    dripping.delete(socket)
  })
  if (kind === 'request') socket.write(REQUEST)
  if (kind === 'drip') dripping.set(socket, 0)
  if (kind === 'tls') tlsConnect({ socket, rejectUnauthorized: false }).on('error', () => {})
}

setInterval(() => {
  while (live < Number(count)) begin()
  for (const [socket, at] of dripping) {
    socket.write(REQUEST.charAt(at))
    dripping.set(socket, at + 1)
  }
  process.stdout.write(`${JSON.stringify({ began })}\n`)
}, 100)
