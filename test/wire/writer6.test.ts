// DHCPv6 as it is written: golden replies byte for byte, what goes back to relays, and the limits
// of size. DUIDs as text and in their layouts.

import fc from 'fast-check'
import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { hexFromOctets, octetsFromHex } from '../../lib/bytes/octets.ts'
import { encodeMessage6, encodeRelayForward, octetsFromCodes } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6, STATUS6 } from '../../lib/wire/v6/codes.ts'
import {
  duidEn,
  duidFromText,
  duidLl,
  duidLlt,
  duidUuid,
  hardwareOfDuid,
  hardwareTypeOfDuid,
  isDuid,
  textFromDuid,
  typeOfDuid,
} from '../../lib/wire/v6/duid.ts'
import type { Relay6 } from '../../lib/wire/v6/message.ts'
import { encodeOption6, optionBlock6 } from '../../lib/wire/v6/option-block.ts'
import { decode6, decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'
import { Writer6 } from '../../lib/wire/v6/writer.ts'
import { goldens6 } from './golden.ts'

const packets = goldens6()

function golden(name: string): Uint8Array {
  return packets.find((packet) => packet.name === name)!.bytes
}

const DUID = octetsFromHex('0003000102005e100001')!
const SERVER = octetsFromHex('0003000102005e1000fe')!
const { iaNa, iaPd } = OPTION6

function key(address: string, length = 128): string {
  return String.fromCharCode(length) + ipv6FromText(address)
}

/** The relays of a query. */
function relaysOf(bytes: Uint8Array): readonly Relay6[] {
  const message = new Message6()
  t.equal(decode6(message, bytes, 0, bytes.length), undefined)
  return message.relays
}

function written(
  write: (writer: Writer6) => void,
  relays: readonly Relay6[] = [],
  { type = 7, xid = 0xc0ffee, sizeMax = 2000 } = {},
): string {
  const out = new Uint8Array(4000).fill(0xee)
  const writer = new Writer6()
  writer.begin(out, 100, sizeMax, type, xid, relays)
  write(writer)
  const end = writer.end()
  const behind = end < 0 ? 100 + sizeMax : end
  t.ok(
    out.subarray(0, 100).every((byte) => byte === 0xee),
    'nothing is written before it',
  )
  t.ok(
    out.subarray(behind).every((byte) => byte === 0xee),
    'nothing is written behind it',
  )
  return end < 0 ? '' : Buffer.from(out.subarray(100, end)).toString('hex')
}

function hexOf(name: string): string {
  return Buffer.from(golden(name)).toString('hex')
}

t.test(
  'a reply with an address, one that ended, a prefix and what is excluded of it',
  async (t) => {
    const block = optionBlock6([
      encodeOption6(56, `\0\x01\0\x10${ipv6FromText('2001:db8:7::7b')}`),
      encodeOption6(56, '\0\x03\0\x11\x03ntp\x03lan\x07example\0'),
      encodeOption6(23, ipv6FromText('2001:db8:7::53')!),
    ])
    const bytes = written((writer) => {
      writer.option(OPTION6.clientId, DUID)
      writer.option(OPTION6.serverId, SERVER)
      writer.beginIa(iaNa, 1, 1500, 2400)
      writer.entry(iaNa, key('2001:db8:7:1::1f4'), 3000, 4000)
      writer.entry(iaNa, key('2001:db8:6:1::1f4'), 0, 0)
      writer.endIa()
      writer.beginIa(iaPd, 1, 1500, 2400)
      writer.beginEntry(iaPd, key('2001:db8:7:4000::', 56), 3000, 4000)
      writer.option(OPTION6.pdExclude, '\x40\x01')
      writer.endEntry()
      writer.endIa()
      writer.block(block)
    })
    t.equal(bytes, hexOf('reply'))
  },
)

t.test('an ADVERTISE whose IA has a status only', async (t) => {
  const search = encodeOption6(24, '\x03lan\x07example\0\x07example\0')
  const addresses = ['2001:db8:7::53', '2001:db8:7::54'].map((text) => ipv6FromText(text)!)
  const servers = encodeOption6(23, addresses.join(''))
  const bytes = written(
    (writer) => {
      writer.option(OPTION6.clientId, octetsFromHex('00020000ab116b1f0c9de2a47735')!)
      writer.option(OPTION6.serverId, SERVER)
      writer.beginIa(iaNa, 0x9f2c3b1d, 1500, 2400)
      writer.entry(iaNa, key('2001:db8:7:1::1f4'), 3000, 4000)
      writer.endIa()
      writer.beginIa(iaPd, 0x9f2c3b1d, 0, 0)
      writer.status(STATUS6.noPrefixAvail, 'no prefix is free')
      writer.endIa()
      writer.uint8(OPTION6.preference, 255)
      writer.block(optionBlock6([search, servers]))
      writer.uint32(OPTION6.solMaxRt, 7200)
      writer.option(OPTION6.addressRegistration, '')
    },
    [],
    { type: MESSAGE_TYPE6.advertise, xid: 0x3fa1b2 },
  )
  t.equal(bytes, hexOf('advertise'))
})

t.test('RFC 9915 §19.3: a reply goes back by the relays that it came through', async (t) => {
  const relays = relaysOf(golden('solicit-relayed'))
  const bytes = written(
    (writer) => {
      writer.option(OPTION6.clientId, DUID)
      writer.option(OPTION6.serverId, SERVER)
      writer.beginIa(iaNa, 1, 1500, 2400)
      writer.entry(iaNa, key('2001:db8:7:1::1f4'), 3000, 4000)
      writer.endIa()
      writer.status(STATUS6.success, 'done')
    },
    relays,
    { xid: 0x7a11ed },
  )
  t.equal(bytes, hexOf('reply-relayed'), 'only interface-id and source port are echoed')
})

t.test('RFC 4994: a relay gets back what it asks for, in front of the message', async (t) => {
  const options = [
    [37, '\0\0\0\x09one'],
    [37, '\0\0\0\x09two'],
    [OPTION6.echoRequest, octetsFromCodes([37, 9, 18, 37, 43, 53, 38])],
    [18, 'eth1'],
    [38, 'line'],
    [79, '\0\x01aaaaaa'],
  ] as const
  const query = encodeMessage6(MESSAGE_TYPE6.informationRequest, 1, [])
  const bytes = Buffer.from(
    written(() => {}, relaysOf(encodeRelayForward(query, { hopCount: 3, options }))),
    'hex',
  )
  const message = new Message6()
  t.equal(decodeReply6(message, bytes, 0, bytes.length), undefined)
  const [relay] = message.relays
  t.same(relay?.codes(), [18, 37, 37, 38, 9])
  t.same([relay?.hopCount, relay?.all(37)], [3, ['\0\0\0\x09one', '\0\0\0\x09two']])
})

t.test('what is longer than it may be is no message, and nothing is written beyond', async (t) => {
  const relays = relaysOf(golden('solicit-relayed'))
  const write = (writer: Writer6) => {
    writer.option(OPTION6.clientId, DUID)
    writer.beginIa(iaPd, 1, 1, 2)
    writer.beginEntry(iaPd, key('2001:db8:7:4000::', 56), 1, 2)
    writer.uint16(OPTION6.elapsedTime, 3)
    writer.endEntry()
    writer.endIa()
    writer.block(optionBlock6([encodeOption6(24, '\0')]))
    writer.status(STATUS6.success, 'done')
  }
  const whole = written(write, relays).length / 2
  t.equal(written(write, relays, { sizeMax: whole }).length / 2, whole)
  for (let sizeMax = 0; sizeMax < whole; sizeMax++)
    if (written(write, relays, { sizeMax }) !== '') t.fail(`${sizeMax} bytes`)
})

t.test('no length of an option ever wraps', async (t) => {
  const out = new Uint8Array(70_000)
  const writer = new Writer6()
  const end = (size: number, relays: readonly Relay6[] = []) => {
    writer.begin(out, 0, out.length, MESSAGE_TYPE6.reply, 1, relays)
    writer.option(200, 'x'.repeat(size))
    return writer.end()
  }
  t.equal(end(65_535), 4 + 4 + 65_535)
  t.equal(end(65_536), -1)
  const query = encodeMessage6(MESSAGE_TYPE6.informationRequest, 1, [])
  const relays = relaysOf(encodeRelayForward(query, {}))
  t.equal(end(65_535 - 8, relays), 38 + 65_535)
  t.equal(end(65_535 - 7, relays), -1)
  writer.begin(out, 0, out.length, MESSAGE_TYPE6.reply, 1, [])
  writer.beginIa(iaNa, 1, 2, 3)
  writer.option(200, 'x'.repeat(65_535))
  writer.endIa()
  t.equal(writer.end(), -1, 'an IA')
})

t.test('whatever relays say, the answer to them can be read', async () => {
  const octets = (minLength: number, maxLength: number) =>
    fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'))
  const option = fc.tuple(fc.constantFrom(18, 37, 38, 43, 53, 79, 135, 1000), octets(0, 20))
  const relay = fc.record({
    hopCount: fc.nat(255),
    linkAddress: octets(16, 16),
    peerAddress: octets(16, 16),
    options: fc.array(option, { maxLength: 8 }),
  })
  const query = encodeMessage6(MESSAGE_TYPE6.informationRequest, 7, [])
  const there = new Message6()
  const back = new Message6()
  const writer = new Writer6()
  const out = new Uint8Array(20_000)
  const pick = ({ hopCount, linkAddress, peerAddress }: Relay6) => [
    hopCount,
    linkAddress,
    peerAddress,
  ]
  fc.assert(
    fc.property(fc.array(relay, { maxLength: 32 }), (relays) => {
      let bytes = query
      for (const fields of relays) bytes = encodeRelayForward(bytes, fields)
      if (decode6(there, bytes, 0, bytes.length) !== undefined) return false
      writer.begin(out, 0, out.length, MESSAGE_TYPE6.reply, 7, there.relays)
      const end = writer.end()
      if (decodeReply6(back, out, 0, end) !== undefined) return false
      return (
        JSON.stringify(back.relays.map(pick)) === JSON.stringify(there.relays.map(pick)) &&
        back.relays.every((one, at) => one.option(18) === there.relays[at]!.option(18))
      )
    }),
    { numRuns: 200 },
  )
})

t.test('RFC 9915 §11: DUIDs in their layouts', async (t) => {
  const mac = octetsFromHex('a65dc7410f05')!
  // What Kea makes of these.
  const made: [string, string][] = [
    [duidLlt(8, 2_518_920_166 + 946_684_800, mac), '00:01:00:08:96:23:ab:e6:a6:5d:c7:41:0f:05'],
    [duidLl(8, mac), '00:03:00:08:a6:5d:c7:41:0f:05'],
    [duidEn(2495, octetsFromHex('87abef7a5bb545')!), '00:02:00:00:09:bf:87:ab:ef:7a:5b:b5:45'],
    [duidUuid('\x07'.repeat(16)), `00:04${':07'.repeat(16)}`],
  ]
  for (const [duid, text] of made) {
    t.equal(textFromDuid(duid), text)
    t.equal(duidFromText(text), duid)
    t.equal(duidFromText(text.replaceAll(':', '').toUpperCase()), duid)
  }
  t.equal(hexFromOctets(duidLlt(1, 946_684_799, '')), '00010001ffffffff', 'before it began')
  t.equal(hexFromOctets(duidLlt(1, 946_684_800 + 2 ** 32 + 5, '')), '0001000100000005')
  t.same(
    made.map(([duid]) => typeOfDuid(duid)),
    [1, 3, 2, 4],
  )
  t.same(
    made.map(([duid]) => hardwareOfDuid(duid)),
    [mac, mac, '', ''],
  )
  t.same(
    made.map(([duid]) => hardwareTypeOfDuid(duid)),
    [8, 8, 0, 0],
  )
  for (const text of ['', '00', '00:03', '00:00:00', 'zz:00:01', `00${':01'.repeat(130)}`])
    t.equal(duidFromText(text), undefined, text)
  t.same([typeOfDuid(''), hardwareOfDuid('\0\x01'), isDuid('\0\0\x01')], [-1, '', true])
})
