// A requester of leases, started in a namespace: asks by UDP (RFC 4388) and in bulk over TCP (RFC
// 6926) and prints what it is told, a line a message.
//
//   node lease-query-asker.ts OWN SERVER udp ADDRESS…
//   node lease-query-asker.ts OWN SERVER tcp RELAY-ID

import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets, octetsFromHex } from '../../lib/bytes/octets.ts'
import { Frames, framed } from '../../lib/leasequery/frames.ts'
import { encodeMessage4, type OptionPair4 } from '../../lib/wire/v4/builder.ts'
import { LEASE_QUERY4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'

const [own = '', server = '', way, ...asked] = process.argv.slice(2)
const giaddr = ipv4FromText(own)!
const { query, bulkQuery, done } = LEASE_QUERY4

function told(bytes: Uint8Array): number {
  const message = new Message4()
  const wrong = decode4(message, bytes, 0, bytes.length, 'strict')
  if (wrong !== undefined) throw new Error(wrong)
  const { ciaddr, hwAddress, type } = message
  const kind = Object.entries(LEASE_QUERY4).find(([, number]) => number === type)![0]
  const relay = hexFromOctets(message.octets(82) ?? '')
  const words = [kind, textFromIpv4(ciaddr), hexFromOctets(hwAddress, ':'), relay]
  process.stdout.write(`${words.filter((word) => word !== '').join(' ')}\n`)
  return type
}

function typed(type: number, ...options: OptionPair4[]): OptionPair4[] {
  return [[53, String.fromCharCode(type)], ...options]
}

if (way === 'udp') {
  const socket = createSocket('udp4')
  let answers = 0
  socket.on('message', (bytes) => {
    told(bytes)
    if (++answers === asked.length) socket.close()
    else ask()
  })
  const ask = (): void => {
    const ciaddr = ipv4FromText(asked[answers]!)!
    const fields = { htype: 0, giaddr, ciaddr, xid: answers + 1 }
    socket.send(encodeMessage4(fields, typed(query)), 67, server)
  }
  socket.bind(67, own, ask)
} else {
  const relay = octetsFromHex(asked[0]!)!
  const option: OptionPair4 = [82, `\x0c${String.fromCharCode(relay.length)}${relay}`]
  const frames = new Frames()
  const socket = connect({ host: server, port: 67, localAddress: own }, () => {
    socket.write(framed(encodeMessage4({ htype: 0, xid: 7 }, typed(bulkQuery, option), 0)))
  })
  socket.on('error', ({ message }) => process.stdout.write(`${message}\n`))
  socket.on('close', () => process.stdout.write('closed\n'))
  socket.on('data', (bytes) => {
    frames.add(bytes)
    for (let one = frames.next(); one !== undefined; one = frames.next())
      if (one === 'too-long' || told(one) === done) socket.end()
  })
}
