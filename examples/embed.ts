// A DHCP server inside your own program or test suite: on a free port of loopback, without
// privileges, leases in memory. Loopback has no broadcast, so the client comes through a relay
// agent: a socket that names itself in giaddr.
//
//   node examples/embed.ts

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  createServer,
  decodeMessage4,
  encodeMessage4,
  MESSAGE_TYPE4,
  type OptionPair4,
  octetsFromIpv4,
} from 'whio'

const LOOPBACK = '127.0.0.1'

const server = createServer(
  {
    Dhcp4: {
      'interfaces-config': { interfaces: [`lo/${LOOPBACK}`] },
      'valid-lifetime': 3600,
      subnet4: [
        {
          id: 1,
          subnet: '192.0.2.0/24',
          relay: { 'ip-addresses': [LOOPBACK] },
          pools: [{ pool: '192.0.2.10 - 192.0.2.99' }],
          'option-data': [{ name: 'routers', data: '192.0.2.1' }],
        },
      ],
    },
  },
  { port: 0 },
)
server.on('lease', ({ action, lease }) =>
  console.log(`${action}: ${lease.address} to ${lease.hwAddress}`),
)
await server.start()
const [served] = server.ports()

const relay = createSocket('udp4').bind(0, LOOPBACK)
await once(relay, 'listening')
const offer = await ask(MESSAGE_TYPE4.discover, [])
const ack = await ask(MESSAGE_TYPE4.request, [
  [54, offer.octets(54)!], // the server that offered
  [50, octetsFromIpv4(offer.yiaddr)], // what it offered
])
console.log(`acknowledged: ${ack.yiaddr} for ${ack.uint(51)} s`)
console.log(`router: ${ack.addresses(3)[0]}`)
relay.close()
await server.stop()

/** Sends a message through the relay and gives the answer. */
async function ask(type: number, options: readonly OptionPair4[]) {
  const query = encodeMessage4(
    {
      xid: 7,
      hops: 1,
      giaddr: LOOPBACK,
      hwAddress: '02:00:00:00:00:01',
    },
    [
      [53, String.fromCharCode(type)],
      ...options,
      [55, '\x01\x03'], // subnet mask and router, please
      [82, '\x13\x00'], // RFC 8357: answer to the port this comes from
    ],
  )
  relay.send(query, served!.port, LOOPBACK)
  const [bytes] = (await once(relay, 'message')) as [Uint8Array]
  return decodeMessage4(bytes)
}
