// `whio why` and `whio explain FILE` as a person runs them: a server in a process of its own, and a
// client behind a relay on loopback.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { DaemonStatus } from '../../lib/cli/daemon.ts'
import { encodeMessage4 } from '../../lib/index.ts'
import { configure, folder, start, whio } from './whio.ts'

/** RFC 8357: the answers come to the port of the relay, so that no privilege is needed. */
const RELAYED: [number, string] = [82, '\x13\0']

const SUBNET = {
  id: 1,
  subnet: '198.18.0.0/24',
  relay: { 'ip-addresses': ['127.0.0.1'] },
  pools: [{ pool: '198.18.0.10 - 198.18.0.99' }],
}

async function relayOf(t: Test, file: string) {
  const status = await whio('status', file, '--json')
  const { traffic } = JSON.parse(status.stdout) as DaemonStatus
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return async (hwAddress: string) => {
    const fields = { xid: 7, hops: 1, giaddr: '127.0.0.1', hwAddress }
    const answer = once(socket, 'message')
    socket.send(encodeMessage4(fields, [[53, '\x01'], RELAYED]), traffic[0]!.port, '127.0.0.1')
    await answer
  }
}

t.test('why: a client that was heard, one that was not, and no server', async (t) => {
  const file = configure(folder(t), { subnet4: [SUBNET] })
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const discover = await relayOf(t, file)
  await discover('02:00:00:00:00:01')

  const heard = await whio('why', '02:00:00:00:00:01', '-c', file)
  t.equal(heard.code, 0)
  t.match(heard.stdout.split('\n'), [
    '02:00:00:00:00:01: an address is offered to it',
    /^\d\d:\d\d:\d\d {5}DISCOVER -> OFFER of 198\.18\.0\.10$/,
    '             relay 127.0.0.1, subnet 198.18.0.0/24 (id 1)',
    '',
  ])
  const json = await whio('why', '198.18.0.10', '-c', file, '--json')
  t.match(JSON.parse(json.stdout), {
    about: '198.18.0.10',
    clients: [{ hwAddress: '02:00:00:00:00:01', outcomes: [{ answer: 'OFFER', times: 1 }] }],
  })
  const other = await whio('why', '02:00:00:00:77:01', '-c', file)
  t.equal(other.code, 1)
  t.match(other.stdout, /^nothing was heard of 02:00:00:00:77:01\nheard +served: lo\n/)

  t.match(await whio('why', '-c', file), { code: 2, stderr: /name one client/ })
  daemon.signal('SIGTERM')
  await daemon.ended
  t.match(await whio('why', '02:00:00:00:00:01', '-c', file), {
    code: 1,
    stdout: '',
    stderr: /^whio why: no server runs with /,
  })
})

t.test('explain FILE: a client, a packet, a capture, and the leases of the journal', async (t) => {
  const at = folder(t)
  const file = configure(at, { subnet4: [SUBNET] })
  const client = '02:00:00:00:00:01 relay=127.0.0.1'
  const message = encodeMessage4(
    { xid: 7, hops: 1, giaddr: '127.0.0.1', hwAddress: '02:00:00:00:00:01' },
    [[53, '\x01']],
  )
  const capture = join(at, 'dhcp.pcap')
  writeFileSync(capture, captureOf(message))
  const [text, json, packet, pcap, second, none] = await Promise.all([
    whio('explain', file, '--client', client),
    whio('explain', file, '--client', client, '--json'),
    whio('explain', file, '--packet', Buffer.from(message).toString('hex')),
    whio('explain', file, '--pcap', capture),
    whio('explain', file, '--pcap', capture, '--number', '2'),
    whio('explain', file, '--client', client, '--leases'),
  ])
  t.equal(text.code, 0)
  t.match(text.stdout, /^DISCOVER -> OFFER of 198\.18\.0\.10\n/m)
  t.match(
    text.stdout,
    /^subnet +198\.18\.0\.0\/24 \(id 1\): its relay\.ip-addresses name the relay/m,
  )
  t.notMatch(text.stdout, '\x1b', 'no colours where no terminal is')
  t.match(JSON.parse(json.stdout), { steps: [{ answer: 'OFFER' }, { answer: 'ACK' }] })
  t.match(packet.stdout, /^DISCOVER -> OFFER of 198\.18\.0\.10\n/m)
  t.match(pcap.stdout, /^assumed +message 1 of 1 from clients in /m)
  t.match(pcap.stdout, /^DISCOVER -> OFFER of 198\.18\.0\.10\n/m)
  t.match(second, { code: 1, stderr: /has 1 DHCP message of clients, and no number 2/ })
  t.match(none, { code: 1, stderr: /--leases: .*leases\.sqlite/ })
  const usage = await whio('explain', file, '--client', 'printer')
  t.match(usage, { code: 2, stderr: /--client: 'printer' is no hardware address/ })
  t.match(await whio('explain', file), { code: 1, stderr: /which client\? `whio explain / })

  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const looked = await whio('explain', file, '--client', client, '--leases')
  t.match(looked.stdout, /^leases +0 rows of .*leases\.sqlite$/m)
})

/** What tcpdump writes of one datagram from the relay, on a link without a header. */
function captureOf(payload: Uint8Array): Buffer {
  const udp = 8 + payload.length
  const head = [0xa1b2c3d4, 0x00020004, 0, 0, 65535, 101, 1, 2, 20 + udp, 20 + udp]
  const bytes = Buffer.alloc(4 * head.length + 28)
  for (const [at, value] of head.entries()) bytes.writeUInt32LE(value, 4 * at)
  const ip = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1, 0, 67, 0, 67]
  bytes.set(ip, 4 * head.length)
  bytes.writeUInt16BE(20 + udp, 4 * head.length + 2)
  bytes.writeUInt16BE(udp, 4 * head.length + 24)
  return Buffer.concat([bytes, payload])
}
