// The DHCPv4 codec: golden packets, damaged packets, hostile packets, the reply writer, and two
// witnesses that know nothing of Whio.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protocol from 'dhcp/lib/protocol.js'
import fc from 'fast-check'
import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import type { OptionParsing4 } from '../../lib/wire/v4/message.ts'
import { EMPTY_BLOCK4, encodeOption4, optionBlock4 } from '../../lib/wire/v4/option-block.ts'
import { OptionHead4 } from '../../lib/wire/v4/option-head.ts'
import { OPTION_PARTS_MAX } from '../../lib/wire/v4/option-index.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import type { ReplyFields4 } from '../../lib/wire/v4/writer.ts'
import { replySizeMax, writeReply4 } from '../../lib/wire/v4/writer.ts'
import { describe4 } from './describe4.ts'
import { goldens, list } from './golden.ts'

const PARSINGS: readonly OptionParsing4[] = ['strict', 'usual', 'lenient']

const packets = goldens()

function golden(name: string): Uint8Array {
  return packets.find((packet) => packet.name === name)!.bytes
}

function decoded(bytes: Uint8Array, parsing: OptionParsing4 = 'strict'): Message4 {
  const message = new Message4()
  const refused = decode4(message, bytes, 0, bytes.length, parsing)
  if (refused !== undefined) throw new Error(`refused: ${refused}`)
  return message
}

/** Reads everything a message offers; what must never throw. */
function readAll(message: Message4): number {
  let sum = message.hwAddress.length + describe4(message).length
  for (const code of message.codes()) {
    sum += message.octets(code)!.length + (message.uint(code) ?? 0)
    sum += message.subOption(code, 1)?.length ?? 0
  }
  return sum
}

t.test('golden packets read as their listing says', async (t) => {
  t.ok(packets.length >= 28)
  for (const packet of packets) t.equal(list(packet.bytes), packet.listing, packet.name)
})

t.test('golden packets read the same after they are encoded again', async (t) => {
  for (const { name, bytes, listing } of packets.filter(({ name }) => !/hostile/.test(name))) {
    const message = decoded(bytes)
    const fields = { ...message, hwAddress: message.hwAddress }
    const options = message
      .codes()
      .filter((code) => code !== 52)
      .map((code) => [code, message.octets(code)!] as const)
    const names = { sname: message.serverName(), file: message.bootFile() }
    const again = encodeMessage4({ ...fields, ...names }, options, bytes.length)
    t.equal(list(again), listing.replace(/^option 52.*\n/m, ''), name)
    // Split, overloaded, padded in between or without END: other bytes for the same message.
    const other = ['ack-overload', 'ack-routes', 'bootp'].includes(name)
    t.equal(Buffer.compare(again, bytes) === 0, !other, `${name}, byte for byte`)
  }
})

t.test('every truncation is read within its bounds', async (t) => {
  for (const { name, bytes } of packets) {
    const inside = new Uint8Array(bytes.length + 64).fill(53)
    let differing = 0
    for (let length = 0; length < bytes.length; length++) {
      inside.fill(53).set(bytes.subarray(0, length), 32)
      if (list(inside, 32, 32 + length) !== list(bytes.slice(0, length))) differing++
    }
    t.equal(differing, 0, name)
    t.match(list(bytes.slice(0, 239)), 'refused too-short')
  }
})

t.test('every single-byte corruption is survived', async (t) => {
  const message = new Message4()
  let accepted = 0
  for (const { bytes } of packets) {
    const damaged = bytes.slice()
    for (let at = 0; at < bytes.length; at++) {
      for (let value = 0; value < 256; value++) {
        damaged[at] = value
        if (decode4(message, damaged, 0, damaged.length, 'strict') === undefined) accepted++
        if (value % 51 === at % 51) readAll(message)
      }
      damaged[at] = bytes[at]!
    }
  }
  t.ok(accepted > 100_000)
})

t.test('a refused message has no options left from the one before', async (t) => {
  const message = new Message4()
  t.equal(decode4(message, golden('discover-udhcpc'), 0, 300, 'strict'), undefined)
  t.equal(decode4(message, new Uint8Array(10), 0, 10, 'strict'), 'too-short')
  t.equal(message.has(53), false)
  t.equal(message.octets(61), undefined)
  t.equal(message.hwAddress, '')
  t.equal(message.type, 0)
})

t.test('a message has only its own values, not those of the one before', async (t) => {
  const message = new Message4()
  for (const letter of ['a', 'b']) {
    const bytes = encodeMessage4({ hwAddress: letter.repeat(6) }, [[12, letter.repeat(9)]])
    decode4(message, bytes, 0, bytes.length, 'strict')
    t.equal(message.octets(12), letter.repeat(9))
    t.equal(message.octets(12), letter.repeat(9), 'also when asked again')
    t.equal(message.hwAddress, letter.repeat(6))
  }
})

t.test('hostile packets', async (t) => {
  t.test(
    'CVE-2019-6472: a client identifier of 4096 bytes is read whole or not at all',
    async (t) => {
      const long = decoded(encodeMessage4({}, [[61, 'x'.repeat(4096)]]))
      t.equal(long.octets(61)?.length, 4096)
      for (const length of [0, 1]) {
        t.equal(decoded(encodeMessage4({}, [[61, 'x'.repeat(length)]])).has(61), false)
        t.equal(decoded(encodeMessage4({}, [[61, 'x'.repeat(length)]])).octets(61), undefined)
      }
    },
  )

  t.test('CVE-2019-6473: malformed names are shown as bytes', async (t) => {
    t.match(list(golden('hostile-names')), /option 81 fqdn: 0x0000003f616263\n/)
    t.match(list(golden('hostile-names')), /option 119 domain-search: 0xc000\n/)
  })

  t.test('CVE-2019-6474: neither hardware address nor client identifier', async (t) => {
    const message = decoded(golden('hostile-no-identity'))
    t.equal(message.hwAddress, '')
    t.equal(message.has(61), false)
  })

  t.test('CVE-2018-5733: 300 000 messages that fail half-way leave no memory behind', async (t) => {
    const message = new Message4()
    const bytes = golden('hostile-runs-past-end')
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < 300_000; round++)
      decode4(message, bytes, 0, bytes.length, round % 2 === 0 ? 'lenient' : 'usual')
    t.ok(process.memoryUsage().heapUsed - before < 32e6)
  })

  t.test(
    'CVE-2012-3571, CVE-2010-2156: client identifiers of length 0 and 1 are ignored',
    async (t) => {
      for (const name of ['hostile-client-id-empty', 'hostile-client-id-one']) {
        t.same(decoded(golden(name)).codes(), [53, 12], name)
        t.same(decoded(golden(name), 'lenient').codes(), [53, 12], name)
      }
    },
  )

  t.test('CVE-2012-3570: a truncated DUID is opaque', async (t) => {
    t.equal(decoded(golden('hostile-duid-truncated')).octets(61), '\xff\0\0')
  })

  t.test('CVE-2011-2748: BOOTP without option 53 has type 0', async (t) => {
    t.equal(decoded(golden('bootp')).type, 0)
    t.equal(decoded(golden('hostile-garbage')).type, 0)
    t.same(decoded(golden('hostile-garbage')).codes(), [])
  })

  t.test('CVE-2017-10986: walks that do not advance end', async (t) => {
    t.same(decoded(golden('hostile-overload-loop')).codes(), [53, 52])
    const empty = encodeMessage4({}, [
      [53, '\x01'],
      [82, '\x01\0'.repeat(120)],
    ])
    t.equal(decoded(empty).subOption(82, 2), undefined)
    t.equal(decoded(empty).subOption(82, 1), '')
    const pads = encodeMessage4({}, [], 65507).fill(0, 240)
    t.same(decoded(pads).codes(), [])
  })

  t.test('more options than the limit are refused', async (t) => {
    const bytes = encodeMessage4({}, new Array(OPTION_PARTS_MAX + 1).fill([200, '']))
    const message = new Message4()
    t.equal(decode4(message, bytes, 0, bytes.length, 'strict'), 'bad-option')
    t.equal(decode4(message, bytes, 0, bytes.length, 'lenient'), undefined)
    t.equal(decode4(message, bytes, 0, bytes.length - 3, 'strict'), undefined)
  })

  t.test(
    'KCL 2508: a scalar of the wrong length is refused, or ignored where lenient',
    async (t) => {
      const message = new Message4()
      const lengths: [number, number][] = [
        [1, 4],
        [50, 4],
        [51, 4],
        [52, 1],
        [53, 1],
        [54, 4],
        [57, 2],
        [58, 4],
        [59, 4],
      ]
      for (const [code, length] of lengths)
        for (const wrong of [length - 1, length + 1, 0]) {
          const bytes = encodeMessage4({}, [
            [code, '\x01'.repeat(wrong)],
            [12, 'a'],
          ])
          t.equal(
            decode4(message, bytes, 0, bytes.length, 'strict'),
            'bad-option',
            `${code} ${wrong}`,
          )
          t.equal(decode4(message, bytes, 0, bytes.length, 'lenient'), undefined)
          t.same(message.codes(), [12])
        }
    },
  )

  t.test('random bytes behind a good header never throw', async () => {
    const message = new Message4()
    const header = golden('discover-udhcpc').slice(0, 240)
    const bytes = fc.uint8Array({ maxLength: 400 })
    fc.assert(
      fc.property(bytes, fc.constantFrom(...PARSINGS), (tail, parsing) => {
        const packet = Buffer.concat([header, tail])
        decode4(message, packet, 0, packet.length, parsing)
        readAll(message)
      }),
      { numRuns: 500 },
    )
  })
})

t.test('RFC 3396: a value over 255 bytes is split and joined again', async (t) => {
  for (const length of [0, 1, 254, 255, 256, 510, 511, 1000]) {
    const value = Array.from({ length }, (_, index) => String.fromCharCode(index & 255)).join('')
    const bytes = encodeMessage4({}, [
      [53, '\x01'],
      [43, value],
      [12, 'a'],
    ])
    t.equal(decoded(bytes).octets(43), value)
    t.same(decoded(bytes).codes(), [53, 43, 12])
  }
})

t.test('RFC 3396 §5: parts in options, file and sname are joined in this order', async (t) => {
  const bytes = encodeMessage4({ file: '\x2b\x01b\xff', sname: '\x2b\x01c\xff' }, [
    [43, 'a'],
    [52, '\x03'],
  ])
  t.equal(decoded(bytes).octets(43), 'abc')
  t.equal(decoded(bytes).serverName(), '')
  t.equal(decoded(bytes).bootFile(), '')
})

t.test('numbers are read across parts', async (t) => {
  t.equal(
    decoded(
      encodeMessage4({}, [
        [91, '\x01\x02'],
        [91, '\x03\x04'],
      ]),
    ).uint(91),
    0x01020304,
  )
  t.equal(decoded(encodeMessage4({}, [[200, 'abc']])).uint(200), undefined)
  t.equal(decoded(encodeMessage4({}, [[51, '\xff\xff\xff\xff']])).uint(51), 0xffffffff)
})

t.test('any message that is built is read back', async () => {
  const octets = (maxLength: number) =>
    fc.uint8Array({ maxLength }).map((bytes) => octetsFromBytes(bytes))
  const u32 = fc.nat(0xffffffff)
  const fields = fc.record({
    op: fc.nat(255),
    htype: fc.nat(255),
    hops: fc.nat(255),
    xid: u32,
    secs: fc.nat(0xffff),
    flags: fc.nat(0xffff),
    ciaddr: u32,
    yiaddr: u32,
    siaddr: u32,
    giaddr: u32,
    hwAddress: octets(16),
  })
  const options = fc.uniqueArray(fc.tuple(fc.integer({ min: 128, max: 254 }), octets(600)), {
    selector: ([code]) => code,
    maxLength: 8,
  })
  fc.assert(
    fc.property(fields, options, (given, pairs) => {
      const message = decoded(
        encodeMessage4(
          given,
          pairs.filter(([code]) => code < 151 || code > 157),
        ),
      )
      const { hwAddress, ...numbers } = given
      for (const [name, value] of Object.entries(numbers))
        if (message[name as keyof typeof numbers] !== value) return false
      return (
        message.hwAddress === hwAddress &&
        pairs.every(([code, data]) => (code >= 151 && code <= 157) || message.octets(code) === data)
      )
    }),
    { numRuns: 300 },
  )
})

const FIELDS: ReplyFields4 = {
  htype: 1,
  xid: 0xdeadbeef,
  flags: 0x8000,
  ciaddr: 0,
  yiaddr: 0xc0000264,
  siaddr: 0,
  giaddr: 0,
  hwAddress: '\x02\0\x5e\x10\0\x01',
  sname: '',
  file: '',
  overloads: true,
}

function head(type: number): OptionHead4 {
  const options = new OptionHead4()
  options.uint8(53, type)
  options.uint32(54, 0xc0000201)
  return options
}

/** Writes at an offset of a dirty buffer and cuts the reply out. */
function written(...[fields, options, block, agent, sizeMax]: WriteArguments): Uint8Array {
  const out = new Uint8Array(2048).fill(0xaa)
  const end = writeReply4(out, 100, fields, options, block, agent, sizeMax)
  if (out[99] !== 0xaa || out.subarray(Math.max(end, 100 + sizeMax)).some((byte) => byte !== 0xaa))
    throw new Error('bytes outside of the reply were written')
  return out.slice(100, end)
}
type WriteArguments = [
  ReplyFields4,
  OptionHead4,
  ReturnType<typeof optionBlock4>,
  Octets | undefined,
  number,
]

t.test('a reply without options has 300 bytes and ends in zeros', async (t) => {
  const reply = written(FIELDS, head(6), EMPTY_BLOCK4, undefined, 548)
  t.equal(reply.length, 300)
  const message = decoded(reply)
  t.same(message.codes(), [53, 54])
  t.equal(message.op, 2)
  t.equal(message.xid, 0xdeadbeef)
  t.equal(message.flags, 0x8000)
  t.equal(message.yiaddr, 0xc0000264)
  t.equal(message.hwAddress, FIELDS.hwAddress)
  t.ok(reply.subarray(250).every((byte) => byte === 0))
})

t.test('a reply carries head, block and option 82 in this order', async (t) => {
  const block = optionBlock4([
    encodeOption4(3, '\xc0\0\x02\x01'),
    encodeOption4(1, '\xff\xff\xff\0'),
  ])
  const names = { ...FIELDS, sname: 'boot.example.org', file: 'a.efi' }
  const message = decoded(written(names, head(5), block, '\x01\x04eth0', 548))
  t.same(message.codes(), [53, 54, 3, 1, 82])
  t.equal(message.subOption(82, 1), 'eth0')
  t.equal(message.serverName(), 'boot.example.org')
  t.equal(message.bootFile(), 'a.efi')
})

t.test('RFC 2131 §4.1: what does not fit goes to file, then sname, then nowhere', async (t) => {
  const sizes = [200, 100, 60, 120, 24]
  const block = optionBlock4(
    sizes.map((size, index) => encodeOption4(200 + index, 'x'.repeat(size))),
  )
  const message = decoded(written(FIELDS, head(5), block, '\x01\x04eth0', 548))
  t.equal(message.overload, 3)
  t.same(message.codes(), [53, 54, 200, 202, 52, 82, 201, 204])
  for (const [index, size] of sizes.entries())
    if (index !== 3) t.equal(message.octets(200 + index)?.length, size)
})

t.test('RFC 3396 §5: the parts of a long option may lie in several fields, in order', async (t) => {
  const value = `${'a'.repeat(255)}${'b'.repeat(45)}`
  const block = optionBlock4([encodeOption4(121, value), encodeOption4(200, 'x'.repeat(20))])
  const split = decoded(written(FIELDS, head(5), block, undefined, 548))
  t.equal(split.overload, 1)
  t.equal(split.octets(121), value)
  t.equal(split.octets(200), 'x'.repeat(20), 'with room for others beside them')
  const named = decoded(
    written({ ...FIELDS, file: 'f', sname: 's' }, head(5), block, undefined, 548),
  )
  t.notOk(named.has(121), 'never a part of it alone')
  t.ok(named.has(200))
})

t.test('fields in use are not overloaded', async (t) => {
  const block = optionBlock4([
    encodeOption4(200, 'x'.repeat(250)),
    encodeOption4(201, 'y'.repeat(60)),
  ])
  const named = decoded(written({ ...FIELDS, file: 'a.efi' }, head(5), block, undefined, 548))
  t.equal(named.overload, 2)
  t.equal(named.bootFile(), 'a.efi')
  t.equal(named.octets(201)?.length, 60)
  const both = { ...FIELDS, file: 'a.efi', sname: 'b' }
  t.same(decoded(written(both, head(5), block, undefined, 548)).codes(), [53, 54, 200])
})

t.test(
  'RFC 3046 §2.2: option 82 is the last, never overloaded, left out where it cannot fit',
  async (t) => {
    const block = optionBlock4([encodeOption4(200, 'x'.repeat(250))])
    const fits = decoded(written(FIELDS, head(5), block, 'r'.repeat(250), 548))
    t.equal(fits.octets(82)?.length, 250)
    t.equal(fits.has(200), false)
    const toobig = decoded(written(FIELDS, head(5), block, 'r'.repeat(400), 548))
    t.equal(toobig.has(82), false)
    t.equal(toobig.octets(200)?.length, 250)
  },
)

t.test('RFC 2132 §9.10: the maximum size counts the headers and is at least 576', async (t) => {
  t.equal(replySizeMax(undefined), 548)
  t.equal(replySizeMax(0), 548)
  t.equal(replySizeMax(576), 548)
  t.equal(replySizeMax(577), 549)
  t.equal(replySizeMax(1500), 1472)
  t.equal(replySizeMax(65535), 1472)
})

t.test(
  'an option that is supplied counts in place of its own, until it is taken back',
  async (t) => {
    const [code, number] = [12, 57]
    const bytes = encodeMessage4({}, [
      [53, '\x01'],
      [code, 'pc'],
      [number, '\x05\xdc'],
    ])
    const message = decoded(bytes)
    message.supply(code, 'other')
    message.supply(number, '\x02\x40')
    t.same([message.octets(code), message.uint(number)], ['other', 576])
    message.supply(code, undefined)
    message.supply(60, 'phone')
    t.same([message.has(code), message.octets(60)], [false, 'phone'])
    t.same(message.codes(), [53, number, 60])
    t.same(message.copy(), bytes, 'it is what it came as')
    message.unsupply()
    t.same([message.octets(code), message.uint(number), message.has(60)], ['pc', 1500, false])
    t.same([message.codes(), message.supplied], [[53, code, number], []])
    message.supply(code, 'again')
    decode4(message, bytes, 0, bytes.length, 'strict')
    t.same([message.octets(code), message.supplied], ['pc', []])
    const full = decoded(encodeMessage4({}, new Array(OPTION_PARTS_MAX).fill([200, ''])))
    full.supply(code, 'x')
    t.same([full.has(code), full.supplied], [false, []], 'there is no room')
  },
)

t.test('a reply never exceeds its limit, and what it holds is whole', async () => {
  const data = fc.nat(300).map((length) => 'd'.repeat(length))
  const block = fc.uniqueArray(fc.tuple(fc.integer({ min: 160, max: 254 }), data), {
    selector: ([code]) => code,
    maxLength: 12,
  })
  const names = fc.tuple(fc.constantFrom('', 'sname'), fc.constantFrom('', 'file'))
  fc.assert(
    fc.property(
      data,
      block,
      names,
      fc.option(data, { nil: undefined }),
      fc.integer({ min: 548, max: 1472 }),
      (clientId, pairs, [sname, file], agent, sizeMax) => {
        const options = head(5)
        options.octets(61, `\x01${clientId}`)
        const encoded = optionBlock4(pairs.map(([code, value]) => encodeOption4(code, value)))
        const reply = written({ ...FIELDS, sname, file }, options, encoded, agent, sizeMax)
        if (reply.length > sizeMax) return false
        const message = decoded(reply)
        const given = new Map<number, Octets>(pairs)
        given.set(82, agent ?? '').set(61, `\x01${clientId}`)
        const codes = message.codes().filter((code) => ![52, 53, 54].includes(code))
        const size = 240 + 9 + encoded.bytes.length + 3 + 310 + 310
        return (
          message.type === 5 &&
          message.serverName() === sname &&
          message.bootFile() === file &&
          codes.every(
            (code) => (code === 61 && clientId === '') || message.octets(code) === given.get(code),
          ) &&
          (size > sizeMax || codes.length >= pairs.length)
        )
      },
    ),
    { numRuns: 300 },
  )
})

t.test('witness: the npm package dhcp reads what Whio writes', async (t) => {
  const block = optionBlock4([
    encodeOption4(1, '\xff\xff\xff\0'),
    encodeOption4(3, '\xc0\0\x02\x01\xc0\0\x02\x02'),
    encodeOption4(15, 'example.org'),
    encodeOption4(26, '\x05\xdc'),
  ])
  const reply = written({ ...FIELDS, sname: 'boot', file: 'a.efi' }, head(5), block, undefined, 548)
  const parsed = protocol.parse(Buffer.from(reply))
  t.match(parsed, {
    op: 2,
    htype: 1,
    hlen: 6,
    xid: 0xdeadbeef,
    flags: 0x8000,
    yiaddr: '192.0.2.100',
    chaddr: '02-00-5E-10-00-01',
    sname: 'boot',
    file: 'a.efi',
    magicCookie: 0x63825363,
    options: {
      1: '255.255.255.0',
      3: ['192.0.2.1', '192.0.2.2'],
      15: 'example.org',
      26: 1500,
      53: 5,
      54: '192.0.2.1',
    },
  })
  t.equal(Object.keys(parsed.options).length, 6)
})

t.test('witness: Whio reads what the npm package dhcp writes', async (t) => {
  const { _data: bytes, _w: end } = protocol.format({
    op: 1,
    htype: 1,
    hlen: 6,
    hops: 3,
    xid: 0x80000001,
    secs: 77,
    flags: 0x8000,
    ciaddr: '10.0.0.1',
    yiaddr: '10.0.0.2',
    siaddr: '10.0.0.3',
    giaddr: '10.0.0.4',
    chaddr: '02-00-5E-10-00-01',
    sname: 'server',
    file: 'file',
    options: { 12: 'kettle', 50: '192.0.2.9', 51: 86400, 53: 3, 55: [1, 3, 6], 57: 1500 },
  })
  const message = new Message4()
  t.equal(decode4(message, bytes, 0, end, 'strict'), undefined)
  t.match(message, { op: 1, htype: 1, hops: 3, xid: 0x80000001, secs: 77, flags: 0x8000, type: 3 })
  t.same([message.ciaddr, message.yiaddr, message.siaddr, message.giaddr].map(textFromIpv4), [
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.3',
    '10.0.0.4',
  ])
  t.equal(hexFromOctets(message.hwAddress, '-'), '02-00-5e-10-00-01')
  t.same([message.serverName(), message.bootFile()], ['server', 'file'])
  t.same(message.codes(), [12, 50, 51, 53, 55, 57])
  t.same(
    [message.octets(12), message.uint(50), message.uint(51), message.octets(55), message.uint(57)],
    ['kettle', 0xc0000209, 86400, '\x01\x03\x06', 1500],
  )
})

const tshark = spawnSync('tshark', ['--version']).status === 0
const skipTshark = tshark || process.env.CI === 'true' ? false : 'tshark is not installed'

t.test('witness: tshark reads the golden packets alike', { skip: skipTshark }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'whio-pcap-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const large = optionBlock4([200, 201, 202].map((code) => encodeOption4(code, 'x'.repeat(110))))
  const crowded = written(FIELDS, head(5), large, '\x01\x04eth0', 548)
  t.equal(decoded(crowded).overload, 1)
  const sound: { name: string; bytes: Uint8Array }[] = [
    ...packets.filter(({ name }) => !/hostile|bootp/.test(name)),
    { name: 'crowded reply', bytes: crowded },
  ]
  writeFileSync(join(folder, 'packets.pcap'), pcap(sound.map(({ bytes }) => bytes)))
  const names = [
    'dhcp.id',
    'dhcp.hw.mac_addr',
    'dhcp.ip.your',
    'dhcp.ip.relay',
    'dhcp.option.dhcp',
    'dhcp.option.type',
    'dhcp.option.ip_address_lease_time',
    'dhcp.option.requested_ip_address',
    '_ws.malformed',
  ]
  const run = spawnSync(
    'tshark',
    [
      '-n',
      '-r',
      join(folder, 'packets.pcap'),
      '-T',
      'fields',
      ...names.flatMap((name) => ['-e', name]),
    ],
    { encoding: 'utf8' },
  )
  const lines = run.stdout.split('\n').slice(0, -1)
  t.equal(lines.length, sound.length, run.stderr)
  for (const [index, { name, bytes }] of sound.entries()) {
    const [xid, mac, yiaddr, giaddr, type, codes, leaseTime, requested, malformed] =
      lines[index]!.split('\t')
    const message = decoded(bytes)
    t.equal(Number(xid), message.xid, name)
    t.equal(mac?.split(',')[0], hexFromOctets(message.hwAddress, ':'))
    t.equal(yiaddr, textFromIpv4(message.yiaddr))
    t.equal(giaddr, textFromIpv4(message.giaddr))
    t.equal(Number(type), message.type)
    t.equal(leaseTime, message.has(51) ? String(message.uint(51)) : '')
    t.equal(requested, message.has(50) ? textFromIpv4(message.uint(50)!) : '')
    t.equal(malformed, '')
    const order = [...new Set(codes!.split(',').map(Number))].filter(
      (code) => code !== 0 && code !== 255,
    )
    const byNumber = (one: number, other: number) => one - other
    t.same(order.sort(byNumber), message.codes().sort(byNumber))
  }
})

/** A capture of UDP datagrams from port 68 to port 67 in raw IPv4 (link type 228). */
function pcap(datagrams: readonly Uint8Array[]): Buffer {
  const file = Buffer.alloc(24)
  file.writeUInt32LE(0xa1b2c3d4, 0)
  file.writeUInt16LE(2, 4)
  file.writeUInt16LE(4, 6)
  file.writeUInt32LE(65535, 16)
  file.writeUInt32LE(228, 20)
  const parts: Uint8Array[] = [file]
  for (const datagram of datagrams) {
    const size = 28 + datagram.length
    const record = Buffer.alloc(16)
    record.writeUInt32LE(size, 8)
    record.writeUInt32LE(size, 12)
    const headers = Buffer.alloc(28)
    headers[0] = 0x45
    headers.writeUInt16BE(size, 2)
    headers[8] = 64
    headers[9] = 17
    headers.writeUInt32BE(0xffffffff, 16)
    headers.writeUInt16BE(68, 20)
    headers.writeUInt16BE(67, 22)
    headers.writeUInt16BE(8 + datagram.length, 24)
    parts.push(record, headers, datagram)
  }
  return Buffer.concat(parts)
}
