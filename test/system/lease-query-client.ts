// A client and its relay in one, started in a namespace: gets a lease and prints the address.
//
//   node lease-query-client.ts RELAY SERVER

import { createSocket } from 'node:dgram'
import { ipv4FromText, octetsFromIpv4, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { encodeMessage4, type OptionPair4 } from '../../lib/wire/v4/builder.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'

const [relay = '', server = ''] = process.argv.slice(2)
const { ack, discover, offer, request } = MESSAGE_TYPE4
const AGENT: OptionPair4 = [82, '\x01\x01x\x0c\x02\x00\xff']
const fields = {
  ...{ hwAddress: '\x02\0\0\0\0\x07', xid: 7, hops: 1 },
  giaddr: ipv4FromText(relay)!,
}

const socket = createSocket('udp4')
const send = (type: number, ...options: OptionPair4[]): void => {
  const all: OptionPair4[] = [[53, String.fromCharCode(type)], ...options, AGENT]
  socket.send(encodeMessage4(fields, all), 67, server)
}
socket.on('message', (bytes) => {
  const message = new Message4()
  if (decode4(message, bytes, 0, bytes.length, 'strict') !== undefined) return
  if (message.type === offer)
    send(request, [50, octetsFromIpv4(message.yiaddr)], [54, message.octets(54)!])
  if (message.type !== ack) return
  process.stdout.write(`${textFromIpv4(message.yiaddr)}\n`)
  socket.close()
})
socket.bind(67, relay, () => send(discover))
