// DHCPv6 as it is read: golden packets, damaged packets, hostile packets row by row, and a witness
// that knows nothing of Whio.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { textFromIpv6 } from '../../lib/address/ipv6.ts'
import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { hexFromOctets, octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import {
  encodeMessage6,
  encodeRelayForward,
  iaEntry6,
  iaOption6,
  octetsFromCodes,
} from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { DecodeTrouble } from '../../lib/wire/v6/message.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import {
  decode6,
  decodeReply6,
  ENTRIES_MAX,
  IAS_MAX,
  Message6,
  RELAYS_MAX,
} from '../../lib/wire/v6/reader.ts'
import { linesOfMessage6 } from '../../lib/wire/v6/text.ts'
import { goldens6, list6 } from './golden.ts'

const packets = goldens6()

const { solicit, renew } = MESSAGE_TYPE6
const DUID = octetsFromHex('0003000102005e100001')!
const CLIENT_ID: OptionPair6 = [OPTION6.clientId, DUID]

function golden(name: string): Uint8Array {
  return packets.find((packet) => packet.name === name)!.bytes
}

/** As a server reads it. */
function decoded(bytes: Uint8Array): Message6 {
  const message = new Message6()
  const refused = decode6(message, bytes, 0, bytes.length)
  if (refused !== undefined) throw new Error(`refused: ${refused}`)
  return message
}

function refused(bytes: Uint8Array): DecodeTrouble | undefined {
  return decode6(new Message6(), bytes, 0, bytes.length)
}

function withOptions(...options: readonly OptionPair6[]): Message6 {
  return decoded(encodeMessage6(solicit, 0x616263, options))
}

/** Reads everything a message offers; what must never throw. */
function readAll(message: Message6): number {
  let sum = linesOfMessage6(message).length + message.clientId.length + message.serverId.length
  sum += message.elapsed
  for (const code of message.codes()) sum += message.option(code)!.length + message.all(code).length
  for (let code = 0; code < 200; code++) sum += message.isRequested(code) ? 1 : 0
  for (const ia of message.ias) {
    sum += ia.iaid + ia.t1 + ia.t2 + (ia.option(OPTION6.statusCode)?.length ?? 0)
    for (const entry of ia.entries) sum += entry.key.length + entry.preferred + entry.valid
  }
  for (const relay of message.relays) {
    sum += relay.hopCount + relay.linkAddress.length + relay.peerAddress.length
    sum += relay.option(OPTION6.interfaceId)?.length ?? 0
  }
  return sum
}

function keysOf(message: Message6): string[] {
  return message.ias.flatMap(({ entries }) => entries.map(({ key }) => hexFromOctets(key)))
}

t.test('golden packets read as their listing says', async (t) => {
  t.ok(packets.length >= 48)
  for (const packet of packets) t.equal(list6(packet.bytes), packet.listing, packet.name)
})

t.test('every truncation is read within its bounds', async (t) => {
  for (const { name, bytes } of packets) {
    const inside = new Uint8Array(bytes.length + 64)
    let differing = 0
    for (let length = 0; length < bytes.length; length++) {
      inside.fill(53).set(bytes.subarray(0, length), 32)
      if (list6(inside, 32, 32 + length) !== list6(bytes.slice(0, length))) differing++
    }
    t.equal(differing, 0, name)
    t.match(list6(bytes.slice(0, 3)), 'refused too-short')
  }
})

t.test('every single-byte corruption is survived', async (t) => {
  const message = new Message6()
  let accepted = 0
  for (const { bytes } of packets) {
    const damaged = bytes.slice()
    for (let at = 0; at < bytes.length; at++) {
      for (let value = 0; value < 256; value++) {
        damaged[at] = value
        if (decode6(message, damaged, 0, damaged.length) === undefined) accepted++
        if (value % 51 === at % 51) readAll(message)
      }
      damaged[at] = bytes[at]!
    }
  }
  t.ok(accepted > 100_000)
})

t.test('a refused message has nothing left of the one before', async (t) => {
  const message = new Message6()
  const good = golden('solicit-relayed')
  t.equal(decode6(message, good, 0, good.length), undefined)
  t.equal(decode6(message, new Uint8Array(3), 0, 3), 'too-short')
  t.same([message.type, message.xid, message.elapsed], [0, 0, -1])
  t.same([message.clientId, message.option(OPTION6.optionRequest)], ['', undefined])
  t.same([message.relays, message.ias, message.codes()], [[], [], []])
  t.equal(message.isRequested(23), false)
})

t.test('a message has only its own values, not those of the one before', async (t) => {
  const message = new Message6()
  for (const letter of ['a', 'b']) {
    const key = `\x80${letter.repeat(16)}`
    const ia = iaOption6(OPTION6.iaNa, 1, [iaEntry6(OPTION6.iaNa, key)])
    const inner = encodeMessage6(renew, 1, [[OPTION6.clientId, letter.repeat(9)], ia])
    const bytes = encodeRelayForward(inner, { linkAddress: letter.repeat(16) })
    t.equal(decode6(message, bytes, 0, bytes.length), undefined)
    t.same([message.clientId, message.clientId], [letter.repeat(9), letter.repeat(9)])
    t.equal(message.ias[0]?.entries[0]?.key, key)
    t.equal(message.relays[0]?.linkAddress, letter.repeat(16))
  }
})

t.test('an option that is supplied counts in place of its own, in one message', async (t) => {
  const message = new Message6()
  const bytes = golden('renew')
  decode6(message, bytes, 0, bytes.length)
  message.supply(OPTION6.clientId, 'somebody')
  message.supply(OPTION6.userClass, 'x')
  t.same([message.clientId, message.all(OPTION6.clientId)], ['somebody', ['somebody']])
  t.ok(message.has(OPTION6.userClass))
  t.same(
    message.codes().filter((code) => code === OPTION6.clientId),
    [OPTION6.clientId],
  )
  const asked = message.isRequested(23)
  message.supply(OPTION6.optionRequest, '\0\x17\x01\0')
  t.same(
    [23, 24, 256].map((code) => message.isRequested(code)),
    [true, false, true],
  )
  message.supply(OPTION6.optionRequest, undefined)
  t.same([message.isRequested(23), message.has(OPTION6.optionRequest)], [false, false])
  message.supply(OPTION6.clientId, undefined)
  t.same([message.clientId, message.all(OPTION6.clientId)], ['', []])
  t.notOk(message.codes().includes(OPTION6.clientId))
  message.unsupply()
  t.same([message.clientId, message.has(OPTION6.userClass)], [DUID, false], 'as it came')
  t.equal(message.isRequested(23), asked)
  message.supply(OPTION6.clientId, 'somebody')
  decode6(message, bytes, 0, bytes.length)
  t.same([message.clientId, message.has(OPTION6.userClass)], [DUID, false])
})

t.test('RFC 9915 §9: the relay nearest this server is the first one', async (t) => {
  const message = decoded(golden('solicit-relayed'))
  t.same(
    message.relays.map(({ hopCount }) => hopCount),
    [1, 0],
  )
  t.equal(textFromIpv6(message.relays[0]!.linkAddress), '2001:db8:7::1')
  t.equal(message.relays[1]!.option(OPTION6.interfaceId), 'ge-0/0/7.100')
  t.equal(message.relays[0]!.has(OPTION6.interfaceId), false)
  t.same(message.relays[1]!.all(OPTION6.subscriberId), ['line 4711'])
  t.equal(message.xid, 0x7a11ed)
})

t.test('a reply is read on its way back, and not by a server', async (t) => {
  const bytes = golden('reply-relayed')
  const message = new Message6()
  t.equal(decode6(message, bytes, 0, bytes.length), 'bad-relay')
  t.equal(decodeReply6(message, bytes, 0, bytes.length), undefined)
  t.same([message.type, message.relays.length], [MESSAGE_TYPE6.reply, 2])
  const forward = golden('solicit-relayed')
  t.equal(decodeReply6(message, forward, 0, forward.length), 'bad-relay')
})

t.test('hostile input', async (t) => {
  t.test('row 1: a datagram shorter than a header', async (t) => {
    for (let size = 0; size < 4; size++) t.equal(refused(new Uint8Array(size)), 'too-short')
  })

  t.test('row 2: relays in relays up to the limit, and until the datagram is full', async (t) => {
    let bytes = encodeMessage6(solicit, 1, [CLIENT_ID])
    for (let depth = 1; depth <= RELAYS_MAX; depth++) {
      bytes = encodeRelayForward(bytes, { hopCount: depth })
      t.equal(decoded(bytes).relays.length, depth)
    }
    t.equal(refused(encodeRelayForward(bytes, {})), 'too-many-relays')
    while (bytes.length < 65_000) bytes = encodeRelayForward(bytes, {})
    t.equal(refused(bytes), 'too-many-relays')
  })

  t.test('row 3, row 4: a relay without one whole message of a client in it', async (t) => {
    for (const name of ['short', 'empty', 'none', 'two', 'cut', 'reply'])
      t.equal(refused(golden(`hostile-relay-${name}`)), 'bad-relay', name)
    t.equal(refused(golden('hostile-reply-relayed')), 'bad-relay')
  })

  t.test('row 7: what is too short for its header counts as absent', async (t) => {
    t.same(
      decoded(golden('hostile-ia-short')).ias.map(({ iaid }) => iaid),
      [2],
    )
    const short: [number, number][] = [
      [OPTION6.statusCode, 1],
      [OPTION6.fqdn, 0],
      [OPTION6.vendorOptions, 3],
      [OPTION6.vendorClass, 3],
      [OPTION6.remoteId, 3],
      [OPTION6.interfaceId, 0],
    ]
    for (const [code, length] of short) {
      const message = withOptions(CLIENT_ID, [code, '\0'.repeat(length)], [code + 1000, 'a'])
      t.same(message.codes(), [OPTION6.clientId, code + 1000], `option ${code}`)
      t.equal(message.has(code), false)
    }
  })

  t.test('row 8: what stands before an option that is cut counts, but not an IA', async (t) => {
    const cut = decoded(golden('hostile-cut'))
    t.same([cut.isCut, cut.codes(), cut.ias.length], [true, [1, 3], 1])
    t.ok(decoded(golden('hostile-cut-head')).isCut)
    t.equal(refused(golden('hostile-cut-client-id')), 'bad-option')
    const server = encodeMessage6(renew, 1, [CLIENT_ID, [OPTION6.serverId, DUID]])
    t.equal(refused(server.slice(0, -1)), 'bad-option')
    const ias = decoded(golden('hostile-ia-cut')).ias
    t.same(
      ias.map(({ iaid, entries }) => [iaid, entries.length]),
      [[2, 1]],
    )
  })

  t.test('row 9: more options, IAs and addresses than any client sends', async (t) => {
    const empty = (count: number) =>
      encodeMessage6(solicit, 1, [CLIENT_ID, ...new Array(count).fill([200, ''] as const)])
    t.equal(refused(empty(4095)), undefined)
    t.equal(refused(empty(4096)), 'too-long')
    t.equal(refused(empty(16_370)), 'too-long')
    t.equal(refused(encodeRelayForward(empty(4095), {})), 'too-long')

    const ias = Array.from({ length: 3000 }, (_, iaid) => iaOption6(OPTION6.iaNa, iaid))
    const many = withOptions(CLIENT_ID, ...ias)
    t.equal(many.ias.length, IAS_MAX)
    t.equal(many.ias.at(-1)?.iaid, IAS_MAX - 1)
    const entry = iaEntry6(OPTION6.iaNa, `\x80${'a'.repeat(16)}`)
    const named = (iaid: number) => iaOption6(OPTION6.iaNa, iaid, new Array(40).fill(entry))
    const counts = withOptions(CLIENT_ID, named(1), named(2), named(3)).ias
    t.same(
      counts.map(({ entries }) => entries.length),
      [40, ENTRIES_MAX - 40, 0],
    )
    t.equal(withOptions(CLIENT_ID, named(1)).ias[0]?.entries.length, 40, 'and as before after it')
  })

  t.test('row 10: options in options', async (t) => {
    const nested = (code: number, head: Octets, depth: number): OptionPair6 => {
      let option: OptionPair6 = [code, head]
      for (let count = 1; count < depth; count++) {
        const [, value] = option
        option = [code, head + octetsFromUint(code, 2) + octetsFromUint(value.length, 2) + value]
      }
      return option
    }
    const heads: [number, Octets][] = [
      [OPTION6.iaNa, '\0'.repeat(12)],
      [OPTION6.clientData, '\0\xc8\0\0'],
    ]
    for (const [code, head] of heads) {
      const deep = (depth: number) => encodeMessage6(solicit, 1, [nested(code, head, depth)])
      t.equal(refused(deep(10)), undefined, `option ${code}`)
      t.equal(refused(deep(12)), 'bad-option')
      t.equal(refused(deep(2000)), 'bad-option')
    }
  })

  t.test('row 11: a number of another length counts as absent', async (t) => {
    t.same(decoded(golden('hostile-scalars')).codes(), [OPTION6.clientId, OPTION6.rapidCommit])
    t.equal(decoded(golden('hostile-scalars')).elapsed, -1)
    for (const [code, length] of [
      [OPTION6.preference, 1],
      [OPTION6.elapsedTime, 2],
      [OPTION6.reconfigureMessage, 1],
      [OPTION6.informationRefreshTime, 4],
      [OPTION6.relaySourcePort, 2],
    ] as const) {
      for (const wrong of [0, length - 1, length + 1])
        t.equal(withOptions([code, '\0'.repeat(wrong)]).has(code), false, `option ${code}`)
      t.ok(withOptions([code, '\0'.repeat(length)]).has(code))
    }
  })

  t.test('row 12: prefixes longer than 128 bits, and bits behind the length', async (t) => {
    const keys = keysOf(decoded(golden('hostile-entries')))
    t.same(keys, [
      '8020010db8000700010000000000000006',
      '3920010db8000740800000000000000000',
      '0000000000000000000000000000000000',
    ])
    for (let length = 0; length <= 255; length++) {
      const value = `${'\0'.repeat(8)}${String.fromCharCode(length)}${'\xff'.repeat(16)}`
      const [ia] = withOptions(iaOption6(OPTION6.iaPd, 1, [[OPTION6.iaPrefix, value]])).ias
      const bits = [...(ia?.entries[0]?.key.slice(1) ?? '')]
        .map((octet) => octet.charCodeAt(0).toString(2).padStart(8, '0'))
        .join('')
      const wanted = length > 128 ? '' : '1'.repeat(length).padEnd(128, '0')
      t.equal(bits, wanted, `/${length}`)
    }
  })

  t.test('row 13: an ORO is a set of whole codes', async (t) => {
    const odd = decoded(golden('hostile-oro-odd'))
    t.same([odd.isRequested(23), odd.isRequested(0x1700), odd.isRequested(0)], [true, false, false])
    const all = Array.from({ length: 32_000 }, (_, index) => (index * 3) % 65_536)
    const codes = new Set(all)
    const message = new Message6()
    const bytes = encodeMessage6(solicit, 1, [[OPTION6.optionRequest, octetsFromCodes(all)]])
    t.equal(decode6(message, bytes, 0, bytes.length), undefined)
    let wrong = 0
    for (let code = 0; code < 65_536; code++)
      if (message.isRequested(code) !== codes.has(code)) wrong++
    t.equal(wrong, 0)
    t.equal(message.isRequested(65_536), false)
    const next = golden('renew')
    decode6(message, next, 0, next.length)
    let left = 0
    for (let code = 0; code < 65_536; code++) if (message.isRequested(code)) left++
    t.equal(left, 2, 'the next message asks for its own only')
  })

  t.test('row 14: what is no DUID is nobody', async (t) => {
    for (const name of ['empty', 'two', 'zero', 'long'])
      t.equal(refused(golden(`hostile-client-id-${name}`)), 'bad-client-id', name)
    for (const length of [3, 130]) t.ok(withOptions([OPTION6.clientId, '\x02'.repeat(length)]))
    const server = (length: number) =>
      encodeMessage6(renew, 1, [CLIENT_ID, [OPTION6.serverId, 'x'.repeat(length)]])
    t.same(
      [0, 2, 3, 130, 131].map((length) => refused(server(length))),
      ['bad-option', 'bad-option', undefined, undefined, 'bad-option'],
    )
  })

  t.test('row 15: two identifiers', async (t) => {
    t.equal(refused(golden('hostile-ids-two')), 'several-ids')
    t.equal(refused(golden('hostile-server-ids-two')), 'several-ids')
  })

  t.test('row 16: a name that is none counts as absent', async (t) => {
    t.equal(decoded(golden('hostile-fqdn')).has(OPTION6.fqdn), false)
    const names: [Octets, boolean][] = [
      ['', true],
      ['\x06kettle', true],
      ['\x06kettle\x03lan\0', true],
      ['\0', true],
      ['\0\0', false],
      ['\x06kettle\0x', false],
      ['\x06kettle\xc0\x01', false],
      [`\x40${'a'.repeat(64)}\0`, false],
      [`${`\x3f${'a'.repeat(63)}`.repeat(3)}\x3d${'a'.repeat(61)}\0`, true],
      [`${`\x3f${'a'.repeat(63)}`.repeat(4)}\0`, false],
    ]
    for (const [name, isLegal] of names)
      t.equal(withOptions([OPTION6.fqdn, `\x01${name}`]).has(OPTION6.fqdn), isLegal, name)
  })

  t.test('row 17: items that run past the end of their option', async (t) => {
    t.same(decoded(golden('hostile-items')).codes(), [OPTION6.clientId])
    const whole = decoded(golden('request-odhcp6c'))
    t.equal(whole.option(OPTION6.userClass), '\0\x06router\0\x03lab')
  })

  t.test('row 25: a DHCPv4 message that is shorter than its header', async (t) => {
    t.equal(decoded(golden('hostile-dhcpv4-short')).has(OPTION6.dhcpv4Message), false)
    t.ok(decoded(golden('dhcpv4-query')).has(OPTION6.dhcpv4Message))
  })

  t.test('an IA_TA is passed over', async (t) => {
    const { ias } = decoded(golden('hostile-ia-ta'))
    t.same(
      ias.map(({ kind, iaid }) => [kind, iaid]),
      [[3, 1]],
    )
  })

  t.test('of an option that comes again the first one counts, and nothing is joined', async (t) => {
    const message = withOptions(CLIENT_ID, [18, 'one'], [18, 'two'], [1800, 'a'], [1800, 'b'])
    t.same([message.option(18), message.all(18)], ['one', ['one', 'two']])
    t.same([message.option(1800), message.all(1800)], ['a', ['a', 'b']])
    t.same([message.all(19), message.all(1900)], [[], []])
    const first = withOptions([OPTION6.preference, 'too long'], [OPTION6.preference, '\x05'])
    t.equal(first.option(OPTION6.preference), '\x05', 'one that is malformed does not')
  })

  t.test('a message read a million times leaves no memory behind', async (t) => {
    const message = new Message6()
    const hostile = packets.map(({ bytes }) => bytes)
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < 20_000; round++)
      for (const bytes of hostile) decode6(message, bytes, 0, bytes.length)
    t.ok(process.memoryUsage().heapUsed - before < 32e6)
  })

  t.test('random bytes behind a good header never throw', async () => {
    const message = new Message6()
    const header = golden('rebind-several').slice(0, 40)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
        const packet = Buffer.concat([header, tail])
        decode6(message, packet, 0, packet.length)
        readAll(message)
      }),
      { numRuns: 500 },
    )
  })
})

t.test('any message that is built is read back', async () => {
  const octets = (minLength: number, maxLength: number) =>
    fc.uint8Array({ minLength, maxLength }).map((bytes) => octetsFromBytes(bytes))
  const uint32 = fc.nat(0xffff_ffff)
  const entry = fc.record({ address: octets(16, 16), preferred: uint32, valid: uint32 })
  const ia = fc.record({
    isNa: fc.boolean(),
    iaid: uint32,
    t1: uint32,
    t2: uint32,
    entries: fc.array(entry, { maxLength: 3 }),
  })
  const relay = fc.record({
    hopCount: fc.nat(255),
    linkAddress: octets(16, 16),
    peerAddress: octets(16, 16),
    interfaceId: octets(1, 40),
  })
  const made = fc.record({
    type: fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    xid: fc.nat(0xff_ffff),
    duid: octets(4, 130),
    ias: fc.array(ia, { maxLength: 4 }),
    relays: fc.array(relay, { maxLength: 4 }),
    others: fc.array(fc.tuple(fc.integer({ min: 200, max: 65_535 }), octets(0, 300)), {
      maxLength: 6,
    }),
  })
  const message = new Message6()
  fc.assert(
    fc.property(made, ({ type, xid, duid, ias, relays, others }) => {
      const iaOptions = ias.map(({ isNa, iaid, t1, t2, entries }) => {
        const kind = isNa ? OPTION6.iaNa : OPTION6.iaPd
        const inside = entries.map(({ address, preferred, valid }) =>
          iaEntry6(kind, `\x80${address}`, preferred, valid),
        )
        return iaOption6(kind, iaid, inside, { t1, t2 })
      })
      let bytes = encodeMessage6(type, xid, [[OPTION6.clientId, duid], ...iaOptions, ...others])
      for (const { interfaceId, ...fields } of relays.toReversed())
        bytes = encodeRelayForward(bytes, {
          ...fields,
          options: [[OPTION6.interfaceId, interfaceId]],
        })
      if (decode6(message, bytes, 0, bytes.length) !== undefined) return false
      const back = {
        type: message.type,
        xid: message.xid,
        duid: message.clientId,
        ias: message.ias.map(({ kind, iaid, t1, t2, entries }) => ({
          isNa: kind === OPTION6.iaNa,
          iaid,
          t1,
          t2,
          entries: entries.map(({ key, preferred, valid }) => ({
            address: key.slice(1),
            preferred,
            valid,
          })),
        })),
        relays: message.relays.map((part) => ({
          hopCount: part.hopCount,
          linkAddress: part.linkAddress,
          peerAddress: part.peerAddress,
          interfaceId: part.option(OPTION6.interfaceId),
        })),
        others: message
          .codes()
          .filter((code) => code >= 200)
          .map((code) => [code, message.option(code)!.length]),
      }
      const first = (code: number) => others.find(([other]) => other === code)![1].length
      const wanted = {
        type,
        xid,
        duid,
        ias,
        relays,
        others: others.map(([code]) => [code, first(code)]),
      }
      return JSON.stringify(back) === JSON.stringify(wanted)
    }),
    { numRuns: 300 },
  )
})

const tshark = spawnSync('tshark', ['--version']).status === 0
const skipTshark = tshark || process.env.CI === 'true' ? false : 'tshark is not installed'

t.test('witness: tshark reads the golden packets alike', { skip: skipTshark }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'whio-pcap-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  // What is in a DHCPv4 message is shown with the rest, and of the prefix length tshark knows less.
  const sound = packets.filter(({ name }) => !/hostile|dhcpv4/.test(name))
  writeFileSync(join(folder, 'packets.pcap'), pcap6(sound.map(({ bytes }) => bytes)))
  const names = [
    'dhcpv6.msgtype',
    'dhcpv6.xid',
    'dhcpv6.linkaddr',
    'dhcpv6.peeraddr',
    'dhcpv6.iaid',
    'dhcpv6.iaaddr.ip',
    'dhcpv6.iaprefix.pref_addr',
    'dhcpv6.iaprefix.pref_len',
    'dhcpv6.elapsed_time',
    '_ws.malformed',
  ]
  const fields = names.flatMap((name) => ['-e', name])
  const run = spawnSync(
    'tshark',
    ['-n', '-r', join(folder, 'packets.pcap'), '-T', 'fields', ...fields],
    { encoding: 'utf8' },
  )
  const lines = run.stdout.split('\n').slice(0, -1)
  t.equal(lines.length, sound.length, run.stderr)
  const message = new Message6()
  for (const [index, { name, bytes }] of sound.entries()) {
    const isBack = bytes[0] === MESSAGE_TYPE6.relayReply
    t.equal((isBack ? decodeReply6 : decode6)(message, bytes, 0, bytes.length), undefined, name)
    const [types, xid, links, peers, iaids, addresses, prefixes, lengths, elapsed, malformed] =
      lines[index]!.split('\t')
    const { relays, ias } = message
    const outer = isBack ? MESSAGE_TYPE6.relayReply : MESSAGE_TYPE6.relayForward
    t.equal(types, [...relays.map(() => outer), message.type].join(','), name)
    t.equal(Number(xid), message.xid)
    t.equal(links, relays.map(({ linkAddress }) => textFromIpv6(linkAddress)).join(','))
    t.equal(peers, relays.map(({ peerAddress }) => textFromIpv6(peerAddress)).join(','))
    t.equal(iaids, ias.map(({ iaid }) => hexFromOctets(octetsFromUint(iaid, 4))).join(','))
    const keys = (kind: number) =>
      ias.filter((ia) => ia.kind === kind).flatMap(({ entries }) => entries.map(({ key }) => key))
    const top = message.all(OPTION6.iaAddress).map((value) => `\x80${value.slice(0, 16)}`)
    const texts = (list: readonly Octets[]) =>
      list.map((key) => textFromIpv6(key.slice(1))).join(',')
    t.equal(addresses, texts([...keys(OPTION6.iaNa), ...top]))
    t.equal(prefixes, texts(keys(OPTION6.iaPd)))
    t.equal(
      lengths,
      keys(OPTION6.iaPd)
        .map((key) => key.charCodeAt(0))
        .join(','),
    )
    t.equal(elapsed, message.elapsed < 0 ? '' : String(message.elapsed * 10))
    t.equal(malformed, '')
  }
})

/** A capture of UDP datagrams from port 546 to port 547 in raw IPv6 (link type 229). */
function pcap6(datagrams: readonly Uint8Array[]): Buffer {
  const file = Buffer.alloc(24)
  file.writeUInt32LE(0xa1b2c3d4, 0)
  file.writeUInt16LE(2, 4)
  file.writeUInt16LE(4, 6)
  file.writeUInt32LE(65535, 16)
  file.writeUInt32LE(229, 20)
  const parts: Uint8Array[] = [file]
  for (const datagram of datagrams) {
    const size = 48 + datagram.length
    const record = Buffer.alloc(16)
    record.writeUInt32LE(size, 8)
    record.writeUInt32LE(size, 12)
    const headers = Buffer.alloc(48)
    headers[0] = 0x60
    headers.writeUInt16BE(8 + datagram.length, 4)
    headers[6] = 17
    headers[7] = 64
    headers.set([0xfe, 0x80], 8)
    headers[23] = 1
    headers.set([0xff, 0x02], 24)
    headers.set([1, 0, 2], 37)
    headers.writeUInt16BE(546, 40)
    headers.writeUInt16BE(547, 42)
    headers.writeUInt16BE(8 + datagram.length, 44)
    parts.push(record, headers, datagram)
  }
  return Buffer.concat(parts)
}
