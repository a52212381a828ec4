// Captures of tcpdump and Wireshark, frame by frame, and whatever else a file may hold.

import fc from 'fast-check'
import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { textFromIpv6 } from '../../lib/address/ipv6.ts'
import { captured4, captured6 } from '../../lib/wire/pcap.ts'

const IP_SOURCE = [10, 0, 10, 1]
const IP_TARGET = [192, 0, 2, 1]

/** An IPv4 packet with UDP in it. */
function packet(payload: readonly number[], ports = [67, 67], more: { flags?: number } = {}) {
  const udp = 8 + payload.length
  const total = 20 + udp
  return [
    ...[0x45, 0, total >> 8, total & 255, 0, 0, more.flags ?? 0, 0, 64, 17, 0, 0],
    ...IP_SOURCE,
    ...IP_TARGET,
    ...ports.flatMap((port) => [port >> 8, port & 255]),
    ...[udp >> 8, udp & 255, 0, 0],
    ...payload,
  ]
}

const MACS = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1]

function ethernet(inner: readonly number[], tags: readonly number[] = []): number[] {
  return [...MACS, ...tags, 0x08, 0x00, ...inner]
}

type Order = 'big' | 'little'

function uint32(value: number, order: Order): number[] {
  const bytes = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
  return order === 'big' ? bytes : bytes.reverse()
}

/** As tcpdump writes it on a host of this order. */
function classic(
  link: number,
  frames: readonly number[][],
  order: Order = 'little',
  magic = 0xa1b2c3d4,
) {
  const head = [magic, 0x00020004, 0, 0, 65535, link].flatMap((value) => uint32(value, order))
  const records = frames.flatMap((frame) => [
    ...[1, 2, frame.length, frame.length].flatMap((value) => uint32(value, order)),
    ...frame,
  ])
  return Uint8Array.from([...head, ...records])
}

/** As Wireshark writes it. */
function blocks(link: number, frames: readonly number[][], order: Order = 'little') {
  const block = (type: number, body: readonly number[]) => {
    const padded = [...body, ...Array((4 - (body.length % 4)) % 4).fill(0)]
    const length = padded.length + 12
    return [...uint32(type, order), ...uint32(length, order), ...padded, ...uint32(length, order)]
  }
  const linkBytes = order === 'big' ? [0, link, 0, 0] : [link, 0, 0, 0]
  return Uint8Array.from([
    ...block(0x0a0d0d0a, [...uint32(0x1a2b3c4d, order), 0, 0, 0, 0, ...Array(8).fill(255)]),
    ...block(1, [...linkBytes, 0, 0, 0, 0]),
    ...frames.flatMap((frame) =>
      block(6, [
        ...[0, 1, 2, frame.length, frame.length].flatMap((value) => uint32(value, order)),
        ...frame,
      ]),
    ),
  ])
}

function payloads(file: Uint8Array): number[][] | undefined {
  return captured4(file)?.map(({ payload }) => [...payload])
}

t.test('a relayed message, by whatever link and format', async (t) => {
  const frame = ethernet(packet([1, 2, 3]))
  const [found] = captured4(classic(1, [frame])) ?? []
  t.same(found && [...found.payload], [1, 2, 3])
  t.equal(found && textFromIpv4(found.source), '10.0.10.1')
  t.equal(found && textFromIpv4(found.destination), '192.0.2.1')
  t.equal(found?.sourcePort, 67)
  const files: [what: string, file: Uint8Array][] = [
    ['written on a big-endian host', classic(1, [frame], 'big')],
    ['with nanoseconds', classic(1, [frame], 'little', 0xa1b23c4d)],
    ['in a VLAN', classic(1, [ethernet(packet([1, 2, 3]), [0x81, 0, 0, 7])])],
    [
      'in a VLAN of a VLAN',
      classic(1, [ethernet(packet([1, 2, 3]), [0x88, 0xa8, 0, 7, 0x81, 0, 0, 8])]),
    ],
    ['raw IP', classic(101, [packet([1, 2, 3])])],
    ['tcpdump -i any', classic(113, [[...Array(14).fill(0), 0x08, 0x00, ...packet([1, 2, 3])]])],
    [
      'tcpdump -i any, newer',
      classic(276, [[0x08, 0x00, ...Array(18).fill(0), ...packet([1, 2, 3])]]),
    ],
    ['pcapng', blocks(1, [frame])],
    ['pcapng of a big-endian host', blocks(1, [frame], 'big')],
    ['padding of Ethernet behind it', classic(1, [[...frame, 0, 0, 0, 0]])],
  ]
  for (const [what, file] of files) t.same(payloads(file), [[1, 2, 3]], what)
})

t.test('what is no DHCP is passed over', async (t) => {
  const tcp = packet([1])
  tcp[9] = 6
  const others = [
    ethernet(packet([1], [53, 1024])),
    ethernet(packet([1], [67, 68], { flags: 0x20 })),
    ethernet(tcp),
    [...MACS, 0x86, 0xdd, ...packet([1])],
    [],
    ethernet([]),
    MACS,
  ]
  t.same(payloads(classic(1, [...others, ethernet(packet([7], [68, 67]))])), [[7]])
  t.same(payloads(classic(9, [ethernet(packet([1]))])), [], 'a link that is not known')
  t.equal(captured4(Uint8Array.from([1, 2, 3])), undefined)
  t.equal(captured4(new Uint8Array(100)), undefined)
})

t.test('a file that is cut off has what is whole in it', async (t) => {
  for (const write of [classic, blocks]) {
    const file = write(1, [ethernet(packet([1])), ethernet(packet([2]))])
    t.same(payloads(file.slice(0, file.length - 5)), [[1]])
    for (let end = 0; end <= file.length; end++) {
      const found = payloads(file.slice(0, end)) ?? []
      t.ok([0, 1, 2].includes(found.length), `${end} bytes`)
    }
  }
})

t.test('no file throws, or gives more than it holds', async (t) => {
  const frame = fc.uint8Array({ maxLength: 80 }).map((bytes) => [...bytes])
  const whole = fc
    .tuple(
      fc.constantFrom(1, 101, 113, 276),
      fc.array(fc.oneof(frame, fc.constant(ethernet(packet([5]))))),
      fc.boolean(),
    )
    .map(([link, frames, isClassic]) => (isClassic ? classic : blocks)(link, frames))
  const damaged = fc
    .tuple(whole, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 8 }), fc.nat(400))
    .map(([file, changes, cut]) => {
      const bytes = file.slice(0, Math.max(0, file.length - (cut % 40)))
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (file) => {
      const found = captured4(file) ?? []
      const size = found.reduce((sum, { payload }) => sum + payload.length, 0)
      return size <= file.length
    }),
    { numRuns: 3000 },
  )
  t.pass('none did')
})

/** An IPv6 packet with UDP in it, from fe80::2 to ff02::1:2. */
function packet6(payload: readonly number[], ports = [546, 547], next = 17): number[] {
  const udp = 8 + payload.length
  const zeros = (count: number) => Array<number>(count).fill(0)
  return [
    ...[0x60, 0, 0, 0, udp >> 8, udp & 255, next, 1],
    ...[0xfe, 0x80, ...zeros(13), 2],
    ...[0xff, 0x02, ...zeros(11), 1, 0, 2],
    ...ports.flatMap((port) => [port >> 8, port & 255]),
    ...[udp >> 8, udp & 255, 0, 0],
    ...payload,
  ]
}

t.test('DHCPv6: what UDP carries in IPv6, and nothing else', async (t) => {
  const frame = (inner: readonly number[]) => [...MACS, 0x86, 0xdd, ...inner]
  const frames = [
    frame(packet6([1, 0, 0, 7])),
    ethernet(packet([1, 2, 3])),
    frame(packet6([2, 0, 0, 7], [547, 546])),
    frame(packet6([9], [53, 53])),
    frame(packet6([9], [546, 547], 44)),
    frame(packet6([9]).slice(0, 45)),
  ]
  for (const file of [classic(1, frames), blocks(1, frames, 'big')]) {
    const found = captured6(file) ?? []
    t.same(
      found.map(({ payload }) => [...payload]),
      [
        [1, 0, 0, 7],
        [2, 0, 0, 7],
      ],
    )
    t.equal(textFromIpv6(found[0]!.source), 'fe80::2')
    t.equal(captured4(file)?.length, 1)
  }
  t.equal(captured6(classic(101, [packet6([11])]))?.length, 1, 'a link without a header')
  t.equal(captured6(Uint8Array.from([1, 2, 3])), undefined)
})
