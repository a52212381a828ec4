// `whio explain FILE` about clients of DHCPv6.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { messageBytes, SOLICIT } from '../dhcp6/messages6.ts'
import { folder, whio } from './whio.ts'

const DHCP6 = {
  'valid-lifetime': 4000,
  'preferred-lifetime': 3000,
  subnet6: [
    {
      id: 1,
      subnet: '2001:db8:1::/64',
      interface: 'eth0',
      pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::19' }],
    },
  ],
}
const DHCP4 = {
  'valid-lifetime': 4000,
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }],
}

t.test('a client, a packet, a capture, and the leases of the journal', async (t) => {
  const at = folder(t)
  const write = (name: string, content: object): string => {
    const path = join(at, name)
    writeFileSync(path, JSON.stringify(content))
    return path
  }
  const database = { type: 'memfile', name: join(at, 'none', 'leases.sqlite') }
  const six = write('six.json', { Dhcp6: { ...DHCP6, 'lease-database': database } })
  const both = write('both.json', { Dhcp4: DHCP4, Dhcp6: DHCP6 })
  const four = write('four.json', { Dhcp4: DHCP4 })
  const message = messageBytes(SOLICIT, [
    [1, '\0\x04ab'],
    [3, '\0\0\0\x01'.padEnd(12, '\0')],
  ])
  const capture = join(at, 'dhcp6.pcap')
  writeFileSync(capture, captureOf(message))
  const client = 'duid=00:04:01:02'
  const [text, mac, json, packet, pcap, other, none, unserved] = await Promise.all([
    whio('explain', six, '--client', client),
    whio('explain', both, '--client', '02:00:00:00:00:01'),
    whio('explain', both, '--client', client, '--json'),
    whio('explain', both, '--packet', Buffer.from(message).toString('hex')),
    whio('explain', both, '--pcap', capture),
    whio('explain', six, '--pcap', capture, '--number', '2'),
    whio('explain', six, '--client', client, '--leases'),
    whio('explain', four, '--client', client),
  ])
  const offers = /^IA_NA 1 .*\n +2001:db8:1::10, preferred 3000 s, valid 4000 s: free, of the pool/m
  t.match(text, { code: 0, stdout: offers })
  t.match(text.stdout, /^REQUEST -> REPLY$/m)
  t.match(mac.stdout, /^DISCOVER -> OFFER of 192\.0\.2\.10$/m, 'a hardware address is of DHCPv4')
  t.match(JSON.parse(json.stdout), { steps: [{ answer: 'ADVERTISE' }, { answer: 'REPLY' }] })
  t.match(packet.stdout, offers)
  t.match(pcap.stdout, offers)
  t.match(pcap.stdout, /message 1 of 1 from clients in /)
  t.match(other, { code: 1, stderr: /has 1 DHCP message of clients, and no number 2/ })
  t.match(none, { code: 1, stderr: /--leases: there is no journal at .*leases\.sqlite \(yet\)/ })
  t.match(unserved, { code: 2, stderr: /'duid' is no option and none of mac/ })
})

/** What tcpdump writes of one datagram to all servers, on a link without a header. */
function captureOf(payload: Uint8Array): Buffer {
  const udp = 8 + payload.length
  const head = [0xa1b2c3d4, 0x00020004, 0, 0, 65535, 101, 1, 2, 40 + udp, 40 + udp]
  const bytes = Buffer.alloc(4 * head.length + 48)
  for (const [at, value] of head.entries()) bytes.writeUInt32LE(value, 4 * at)
  const ip = 4 * head.length
  bytes.set([0x60, 0, 0, 0, 0, udp, 17, 1, 0xfe, 0x80], ip)
  bytes[ip + 23] = 2
  bytes.set([0xff, 2], ip + 24)
  bytes.set([1, 0, 2], ip + 37)
  bytes.set([2, 34, 2, 35, 0, udp], ip + 40)
  return Buffer.concat([bytes, payload])
}
