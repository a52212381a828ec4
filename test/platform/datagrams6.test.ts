// The parts of the sockets of DHCPv6 that need no network. What needs devices of its own stands in
// test/system/datagrams6.test.ts.

import t from 'tap'
import { type Ipv6, ipv6FromText } from '../../lib/address/ipv6.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { FRAME_HEADER6, writeFrameHeader6 } from '../../lib/platform/datagrams/frame6.ts'
import { wantedInterfaces6 } from '../../lib/platform/datagrams/selection6.ts'
import { undeliveredIn6 } from '../../lib/platform/datagrams/undeliverable6.ts'
import { type Device6, devices6, rowsOfTable } from '../../lib/platform/devices6.ts'
import { Interfaces } from '../../lib/platform/interfaces.ts'
import { ipv6FromNode, nodeFromIpv6 } from '../../lib/platform/node-address.ts'

const ip = (text: string): Ipv6 => ipv6FromText(text)!

t.test('addresses as Node tells them', async (t) => {
  const texts = ['::', '::1', 'fe80::1', '2001:db8::', '2001:db8:1:2:3:4:5:6', '1::2:0:0:3']
  for (const text of [...texts, 'ff02::1:2', '::192.0.2.1', 'fe80::dead:beef']) {
    t.equal(ipv6FromNode(text), ip(text), text)
    t.equal(ipv6FromNode(`${text}%eth0.7`), ip(text), `${text} with its zone`)
  }
  t.equal(ipv6FromNode('1:2:3:4:5:6:7:8:9'), '', 'what is none')
  t.equal(nodeFromIpv6(ip('fe80::1'), 'eth0'), 'fe80::1%eth0')
  t.equal(nodeFromIpv6(ip('2001:db8::1'), ''), '2001:db8::1')
})

t.test('the table of addresses of the kernel', async (t) => {
  const rows = rowsOfTable(
    [
      '00000000000000000000000000000001 01 80 10 80       lo',
      'fe80000000000000001122fffe334455 02 40 20 80    lo.7',
      'fe800000000000000000000000000001 02 40 20 c0  whio-a',
      'fe800000000000000000000000000002 02 40 20 c8  whio-b',
      'fe800000000000000000000000000003 02 40 20 c4  whio-c',
      '20010db8000000000000000000000001 02 40 00 80  whio-d',
      '',
    ].join('\n'),
  )
  t.match(rows[1], { device: 'lo.7', length: 64, flags: 0x80 })
  // Without the C library, and of devices that are not there: nothing says that they are down.
  const devices = devices6(new Interfaces(undefined), rows)
  const troubleOf = (name: string) => devices.get(name)?.trouble
  t.match(devices.get('lo'), { loopback: true, linkLocal: '', trouble: '' })
  t.match(devices.get('lo.7'), { linkLocal: ip('fe80::11:22ff:fe33:4455'), trouble: '' })
  t.match(troubleOf('whio-a'), /still being checked/)
  t.match(troubleOf('whio-b'), /another host/)
  t.equal(devices.get('whio-c')?.linkLocal, ip('fe80::3'), 'an optimistic one is used at once')
  t.match(troubleOf('whio-d'), /no IPv6 link-local/)
  t.match(devices.get('whio-d')?.addresses, [{ address: ip('2001:db8::1'), length: 64 }])
})

t.test('interfaces that are asked for', async (t) => {
  const device = (name: string, more: Partial<Device6> = {}): [string, Device6] => [
    name,
    {
      ...{ name, index: 1, loopback: false, multicast: true },
      ...{ linkLocal: ip('fe80::1'), trouble: '', addresses: [], ...more },
    },
  ]
  const devices = new Map([
    device('lo', { loopback: true }),
    device('eth0'),
    device('sit0', { multicast: false }),
    device('eth1'),
  ])
  const names = (all: boolean, ...named: string[]) =>
    wantedInterfaces6({ all, named: named.map((name) => ({ name, addresses: [] })) }, devices).map(
      ({ name }) => name,
    )
  t.same(names(true), ['eth0', 'eth1'], '* is every link with multicast')
  t.same(names(true, 'eth1', 'lo', 'gone'), ['eth1', 'lo', 'gone', 'eth0'])
  t.same(names(false, 'sit0'), ['sit0'], 'by name any')
})

t.test('headers of a packet that leaves by another interface', async (t) => {
  const payload = octetsFromHex('0102030405')!
  const bytes = new Uint8Array(FRAME_HEADER6 + payload.length)
  bytes.set(Buffer.from(payload, 'latin1'), FRAME_HEADER6)
  const [source, target] = [ip('2001:db8::1'), ip('2001:db8::2')]
  writeFrameHeader6(bytes, 0, payload.length, source, 547, target, 547)
  const header = Buffer.from(bytes).toString('hex')
  t.equal(header.slice(0, 16), '60000000000d1140')
  t.equal(header.slice(16, 80), `${'20010db8'}${'0'.repeat(23)}1${'20010db8'}${'0'.repeat(23)}2`)
  // RFC 8200 §8.1 by hand: addresses, protocol and length, then header and payload.
  const words = [0x2001, 0x0db8, 1, 0x2001, 0x0db8, 2, 17, 13, 547, 547, 13, 0x0102, 0x0304, 0x0500]
  let sum = words.reduce((all, word) => all + word, 0)
  sum = (sum & 0xffff) + (sum >>> 16)
  t.equal(header.slice(80, 96), `02230223000d${(~sum & 0xffff).toString(16).padStart(4, '0')}`)
})

t.test('what ICMPv6 says of a reply', async (t) => {
  const message = (type: number, code: number, port: number): Uint8Array => {
    const bytes = new Uint8Array(8 + FRAME_HEADER6)
    writeFrameHeader6(bytes, 8, 0, ip('2001:db8::1'), 547, ip('2001:db8::9'), port)
    bytes[0] = type
    bytes[1] = code
    return bytes
  }
  const told = { source: ip('2001:db8::1'), sourcePort: 547, target: ip('2001:db8::9') }
  t.match(undeliveredIn6(message(1, 3, 547)), { ...told, why: 'the host does not answer' })
  t.match(undeliveredIn6(message(1, 4, 547)), { why: 'nobody listens on the port' })
  t.match(undeliveredIn6(message(1, 99, 547)), { why: /code 99/ })
  t.equal(undeliveredIn6(message(1, 4, 546)), undefined, 'a client that is gone is no trouble')
  t.equal(undeliveredIn6(message(3, 0, 547)), undefined, 'another message')
  for (let length = 0; length < 8 + FRAME_HEADER6; length++)
    t.equal(undeliveredIn6(message(1, 3, 547).subarray(0, length)), undefined, `${length} bytes`)
})
