// For datagrams.test.ts and datagrams6.test.ts, run in a namespace: a UDP socket on the port given,
// bound to the device where one is named, or one of IPv6 (`udp6` as the third argument). Prints
// what it hears; sends what standard input says, "address port count text", and prints when that
// has left.

import dgram from 'node:dgram'
import { loadLibc, SO_BROADCAST, SO_RCVBUFFORCE } from '../../lib/platform/libc.ts'

const port = Number(process.argv[2])
const device = process.argv[3] ?? ''
const isIpv6 = process.argv[4] === 'udp6'
const socket = dgram.createSocket({ type: isIpv6 ? 'udp6' : 'udp4', recvBufferSize: 8 << 20 })

socket.on('message', (bytes, remote) =>
  console.log(JSON.stringify({ heard: String(bytes), from: remote.address, port: remote.port })),
)
socket.on('listening', () => console.log('"ready"'))
if (isIpv6) socket.bind(port)
else socket.bind({ fd: open() })

/** A client without an address can broadcast only from a socket that is bound to the device. */
function open(): number {
  const libc = loadLibc()
  if (typeof libc === 'string') throw new Error(libc)
  const fd = libc.socket(2, 2, 0)
  const results = [libc.setOption(fd, SO_BROADCAST, 1)]
  // Room for a burst of replies.
  results.push(libc.setOption(fd, SO_RCVBUFFORCE, 8 << 20))
  if (device !== '') results.push(libc.bindToDevice(fd, device))
  results.push(libc.bind4(fd, 0, port))
  if (results.some((result) => result < 0)) throw new Error(`errno ${-Math.min(...results)}`)
  return fd
}

let input = ''
process.stdin.on('data', (chunk) => {
  input += chunk
  const lines = input.split('\n')
  input = lines.pop() ?? ''
  for (const line of lines) {
    const [address = '', targetPort, count, ...words] = line.split(' ')
    const text = words.join(' ')
    let waiting = Number(count)
    const onSent = (error: Error | null): void => {
      waiting--
      if (waiting === 0) console.log(JSON.stringify({ sent: text, error: error?.message }))
    }
    for (let n = waiting; n > 0; n--) socket.send(text, Number(targetPort), address, onSent)
  }
})
