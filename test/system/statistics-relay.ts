// For kea-statistics.test.ts, run in a namespace: a relay that sends one message of each kind that
// a statistic is moved by, and waits for the answers that are due. Arguments: own address, that of
// the server.

import dgram from 'node:dgram'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import { type Octets, octetsFromHex } from '../../lib/bytes/octets.ts'
import {
  bytesFromPacket,
  octetsFromUint32,
  type Packet4,
  packetFromBytes,
} from '../../lib/lab/packet4.ts'

const [own = '', server = ''] = process.argv.slice(2)
const [DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM] = [1, 2, 3, 4, 5, 6, 7, 8]
const socket = dgram.createSocket('udp4')

interface Fields {
  readonly ciaddr?: Ipv4
  readonly requested?: Ipv4
  readonly namesServer?: boolean
}

function send(client: number, type: number, fields: Fields = {}): void {
  const { ciaddr = 0, requested = 0, namesServer = false } = fields
  const options: [number, Octets][] = [[53, String.fromCharCode(type)]]
  if (requested !== 0) options.push([50, octetsFromUint32(requested)])
  if (namesServer) options.push([54, octetsFromUint32(ipv4FromText(server)!)])
  const packet: Packet4 = {
    ...{ op: 1, hops: 1, xid: client * 16 + type, secs: 0, flags: 0, ciaddr, yiaddr: 0 },
    ...{ siaddr: 0, giaddr: ipv4FromText(own)!, options: new Map(options) },
    hwAddress: octetsFromHex(`02:57:00:00:00:0${client}`)!,
  }
  socket.send(bytesFromPacket(packet), 67, server)
}

/** The answer of this type; the message is sent again where it does not come. */
function answered(client: number, type: number, due: number, fields: Fields = {}): Promise<Ipv4> {
  return new Promise((resolve) => {
    const take = (bytes: Buffer): void => {
      const reply = packetFromBytes(bytes)
      if (reply?.xid !== client * 16 + type) return
      if (reply.options.get(53)?.charCodeAt(0) !== due) return
      socket.off('message', take)
      resolve(reply.yiaddr)
    }
    socket.on('message', take)
    send(client, type, fields)
  })
}

async function leased(client: number): Promise<Ipv4> {
  const requested = await answered(client, DISCOVER!, OFFER!)
  return answered(client, REQUEST!, ACK!, { requested, namesServer: true })
}

async function story(): Promise<void> {
  const [first, second] = [await leased(1), await leased(2)]
  await leased(3)
  await answered(3, REQUEST!, ACK!, { requested: 0, ciaddr: await leased(3) })
  await answered(4, REQUEST!, NAK!, { requested: first, namesServer: true })
  send(1, RELEASE!, { ciaddr: first, namesServer: true })
  send(2, DECLINE!, { requested: second, namesServer: true })
  // Without the cookie of DHCP.
  socket.send(new Uint8Array(300).fill(1, 0, 3), 67, server)
  // The answer goes to a host that is not there.
  send(5, INFORM!, { ciaddr: ipv4FromText('192.0.2.77')! })
  // Whatever was sent before is worked through by then.
  await leased(6)
  process.stdout.write('told\n')
}

socket.bind(67, own, () => void story())
