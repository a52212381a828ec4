import { decode } from 'dns-packet'
import t from 'tap'
import { bytesFromOctets, hexFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import type { TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'
import type { DnsRecord, DnsRequest } from '../../lib/ddns/message.ts'
import { readMessage } from '../../lib/ddns/reader.ts'
import { sign, verify } from '../../lib/ddns/tsig.ts'
import { encodeRequest } from '../../lib/ddns/writer.ts'
import {
  after,
  begin,
  bytes,
  DUAL,
  fromBase64,
  hex,
  type OrderOptions,
  OTHER,
  PC1,
  type REGISTRATION,
  V6_20,
} from './golden.ts'

function encoded(request: DnsRequest, id: number): string {
  return hexFromOctets(encodeRequest(request, id))
}

/** A record as a line: `pc1.open.test 255 255 0 c000020a`. */
function line({ name, type, dnsClass, ttl, data }: DnsRecord): string {
  return `${name} ${type} ${dnsClass} ${ttl} ${hexFromOctets(data)}`.trimEnd()
}

/** Prerequisites, then updates. */
function linesIn(text: string): { prerequisites: string[]; updates: string[] } {
  const message = readMessage(bytes(text))!
  return {
    prerequisites: message.answers.map(line),
    updates: message.authority.map(line),
  }
}

const DUAL4: Partial<typeof REGISTRATION> = { fqdn: 'dual.open.test', dhcid: DUAL }
const DUAL6 = { ...DUAL4, address: V6_20 }

t.test('RFC 2136: a name that nobody has is registered in one message (G1)', async (t) => {
  const expected =
    '8bbd28000001000100020000046f70656e0474657374000006000103706331c00c00ff00fe000000000000' +
    'c01b00010001000004b00004c000020ac01b00310001000004b00023' +
    hexFromOctets(PC1)
  const transaction = begin()
  t.equal(encoded(transaction.request, 0x8bbd), expected)
  t.same(after(transaction, 'NOERROR'), { kind: 'done' })
})

const PTR_ADD = // G2
  '945e28000001000000040000013201300331393207696e2d6164647204617270610000060001023130c00c' +
  '000c00ff000000000000c026003100ff000000000000' +
  'c026000c0001000004b0000f03706331046f70656e047465737400c02600310001000004b00023' +
  hexFromOctets(PC1)

t.test('the address leads to the name, once it is no alias (G2)', async (t) => {
  const { request } = begin({ direction: 'reverse' })
  const ours = linesIn(encoded(request, 0x945e))
  t.same(ours.updates, linesIn(PTR_ADD).updates)
  t.same(ours.prerequisites, ['10.2.0.192.in-addr.arpa 5 254 0'])
})

t.test('a client that has the name gets its new address under it (G3)', async (t) => {
  const transaction = begin({ registration: { address: hex('c000020b') } })
  t.equal(after(transaction, 'YXDOMAIN'), undefined)
  t.equal(
    encoded(transaction.request, 0xc7a3),
    'c7a328000001000200020000046f70656e0474657374000006000103706331c00c00ff00ff000000000000' +
      `c01b00310001000000000023${hexFromOctets(PC1)}` +
      'c01b000100ff000000000000c01b00010001000004b00004c000020b',
  )
})

t.test('answers of BIND: the name is used, and by another (G3, G4)', async (t) => {
  for (const [answer, rcode] of [
    ['6411a8080001000000000000046f70656e04746573740000060001', 8],
    ['6411a8060001000000000000046f70656e04746573740000060001', 6],
  ] as const) {
    const message = readMessage(bytes(answer))!
    t.match(message, { id: 0x6411, isReply: true, opcode: 5, rcode, isTruncated: false })
    t.same(message.question, { name: 'open.test', type: 6 })
  }
})

t.test('a client that leaves takes its address, then what is left of its name (G5)', async (t) => {
  const transaction = begin({ action: 'remove', registration: { address: hex('c000020b') } })
  t.equal(
    encoded(transaction.request, 0x15b4),
    '15b428000001000100010000046f70656e0474657374000006000103706331c00c0031000100000000' +
      `0023${hexFromOctets(PC1)}c01b000100fe000000000004c000020b`,
  )
  t.equal(after(transaction, 'NOERROR'), undefined)
  const kea = linesIn(
    'dc2a28000001000300010000046f70656e0474657374000006000103706331c00c0031000100000000' +
      `0023${hexFromOctets(PC1)}c01b000100fe000000000000c01b001c00fe000000000000` +
      'c01b00ff00ff000000000000',
  )
  const ours = linesIn(encoded(transaction.request, 1))
  t.same(ours.prerequisites, kea.prerequisites)
  t.same(kea.updates, ['pc1.open.test 255 255 0'], 'Kea takes whatever else is there')
  t.same(ours.updates, ['pc1.open.test 49 255 0'], 'of the client only the DHCID is left')
})

t.test('the name of an address goes if it is still this one (G5)', async (t) => {
  const kea = linesIn(
    '907928000001000100010000013201300331393207696e2d6164647204617270610000060001023131c00c' +
      '000c000100000000000f03706331046f70656e047465737400c02600ff00ff000000000000',
  )
  const options: OrderOptions = {
    action: 'remove',
    direction: 'reverse',
    registration: { address: hex('c000020b') },
  }
  const ours = linesIn(encoded(begin(options).request, 1))
  t.same(ours.prerequisites, kea.prerequisites)
  t.same(ours.updates, ['11.2.0.192.in-addr.arpa 12 255 0', '11.2.0.192.in-addr.arpa 49 255 0'])
})

t.test('DHCPv6 joins a name of DHCPv4 with the same DUID (G6)', async (t) => {
  const transaction = begin({ registration: DUAL6 })
  after(transaction, 'YXDOMAIN')
  t.equal(
    encoded(transaction.request, 0xa5cb),
    'a5cb28000001000200020000046f70656e04746573740000060001046475616cc00c00ff00ff' +
      `000000000000c01b00310001000000000023${hexFromOctets(DUAL)}` +
      'c01b001c00ff000000000000c01b001c0001000004b00010' +
      '20010db8000100000000000000000020',
  )
  const reverse = begin({ direction: 'reverse', registration: DUAL6 }).request
  const [first] = linesIn(encoded(reverse, 1)).updates
  t.equal(first, `0.2.${'0.'.repeat(18)}1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa 12 255 0`)
})

t.test('no-check-with-dhcid takes the name over, unless it is an alias (G7)', async (t) => {
  const registration: Partial<typeof REGISTRATION> = {
    mode: 'no-check-with-dhcid',
    fqdn: 'dual.open.test',
    dhcid: OTHER,
    address: hex('c0000215'),
  }
  const kea = linesIn(
    'accc28000001000000040000046f70656e04746573740000060001046475616cc00c000100ff000000000000' +
      'c01b003100ff000000000000c01b00010001000004b00004c0000215' +
      `c01b00310001000004b00023${hexFromOctets(OTHER)}`,
  )
  const ours = linesIn(encoded(begin({ registration }).request, 1))
  t.same(ours.updates, kea.updates)
  t.same(ours.prerequisites, ['dual.open.test 5 254 0'], 'beside one nothing would be added')
  const remove = begin({ action: 'remove', registration }).request
  t.equal(
    encoded(remove, 0xaa86),
    'aa8628000001000000020000046f70656e04746573740000060001046475616cc00c000100ff000000000000' +
      'c01b003100ff000000000000',
  )
})

const KEY: TsigKeyPlan = {
  name: 'whio-dhcp',
  algorithm: 'hmac-sha256',
  secret: fromBase64('V2hpby10ZXN0LWtleS1mb3ItRE5TLXVwZGF0ZXMtMDE='),
  digestBits: 0,
}
const TIME = 1_795_943_428
const SIGNED =
  '22e028000001000100020001036c61620474657374000006000103706339c00c00ff00fe000000000000' +
  'c01a00010001000004b00004c0000209c01a00310001000004b00023' +
  '000001a2cec29d78dbc1a8f10d3add31b1a557af4a1485786ebd5ec0cab82613a55101' +
  '097768696f2d646863700000fa00ff00000000003d0b686d61632d7368613235360000006b0bec04012c0020' +
  'cd5b5a6521ad30a0e7a6558ab4a9ab2e8be630761fb312aa94c1faec3cfe397f22e900000000'
const SIGNED_REPLY =
  '22e0a8000001000000000001036c616204746573740000060001' +
  '097768696f2d646863700000fa00ff00000000003d0b686d61632d7368613235360000006b0bec04012c0020' +
  '57e09059616d7f53a521e88ecb1be4606430716c58ab87b1b4913e4b1a5f54b822e000000000'

function signedRequest(): { message: Octets; mac: Octets } {
  const dhcid = hex('000001a2cec29d78dbc1a8f10d3add31b1a557af4a1485786ebd5ec0cab82613a55101')
  const registration = { fqdn: 'pc9.lab.test', address: hex('c0000209'), dhcid }
  const { request } = begin({ zone: 'lab.test', registration })
  // Kea signs with one id and sends with another, which then differs from that in the signature.
  const { message, mac } = sign(encodeRequest(request, 0x22e9), KEY, TIME)
  return { message: hex('22e0') + message.slice(2), mac }
}

t.test('RFC 8945: a message is signed, octet by octet (G8)', async (t) => {
  t.equal(hexFromOctets(signedRequest().message), SIGNED)
})

t.test('RFC 8945 §5.3: the answer of BIND is signed with the request (G8)', async (t) => {
  const { mac } = signedRequest()
  const answer = bytes(SIGNED_REPLY)
  const check = (octets: Uint8Array, now = TIME, key = KEY, request = mac) =>
    verify(octets, readMessage(octets)!, key, request, now)
  t.same(check(answer), { kind: 'good', error: 0 })
  t.same(check(answer, TIME + 300), { kind: 'good', error: 0 }, 'as late as it may be')
  t.match(check(answer, TIME + 301), { kind: 'bad', why: /time/ })
  t.match(check(answer, TIME - 301), { kind: 'bad', why: /time/ })
  t.match(check(answer, TIME, KEY, `${mac.slice(0, -1)}x`), { kind: 'bad', why: /wrong/ })
  t.match(check(answer, TIME, { ...KEY, secret: 'another' }), { kind: 'bad', why: /wrong/ })
  t.match(check(answer, TIME, { ...KEY, name: 'whio' }), { kind: 'bad', why: /another key/ })
  const md5 = { ...KEY, algorithm: 'hmac-md5' } as const
  t.match(check(answer, TIME, md5), { kind: 'bad', why: /another key/ })
})

t.test('of a signed answer no octet can be changed', async (t) => {
  const { mac } = signedRequest()
  for (let at = 0; at < SIGNED_REPLY.length / 2; at++) {
    const answer = bytes(SIGNED_REPLY)
    answer[at]! ^= 1
    const message = readMessage(answer)
    if (message === undefined) continue
    const verification = verify(answer, message, KEY, mac, TIME)
    // The header's id is not signed, but the one in the signature: the first is compared before.
    if (at > 1) t.equal(verification.kind, 'bad', `octet ${at}`)
    else t.equal(verification.kind, 'good', `octet ${at}`)
  }
})

t.test('check-exists-with-dhcid takes names that have a DHCID (G9)', async (t) => {
  const registration: Partial<typeof REGISTRATION> = { mode: 'check-exists-with-dhcid' }
  const transaction = begin({ registration })
  after(transaction, 'YXDOMAIN')
  t.same(linesIn(encoded(transaction.request, 1)), {
    prerequisites: ['pc1.open.test 49 255 0'],
    updates: [
      'pc1.open.test 1 255 0',
      'pc1.open.test 49 255 0',
      'pc1.open.test 1 1 1200 c000020a',
      `pc1.open.test 49 1 1200 ${hexFromOctets(PC1)}`,
    ],
  })
  const remove = begin({ action: 'remove', registration })
  t.same(linesIn(encoded(remove.request, 1)), {
    prerequisites: ['pc1.open.test 49 255 0'],
    updates: ['pc1.open.test 1 254 0 c000020a'],
  })
  after(remove, 'NOERROR')
  t.same(linesIn(encoded(remove.request, 1)), {
    prerequisites: ['pc1.open.test 1 254 0', 'pc1.open.test 28 254 0'],
    updates: ['pc1.open.test 49 255 0'],
  })
})

t.test('no-check-without-dhcid writes an address and nothing else (G9)', async (t) => {
  const registration: Partial<typeof REGISTRATION> = { mode: 'no-check-without-dhcid' }
  t.same(linesIn(encoded(begin({ registration }).request, 1)).updates, [
    'pc1.open.test 1 255 0',
    'pc1.open.test 1 1 1200 c000020a',
  ])
  const remove = begin({ action: 'remove', registration }).request
  t.same(linesIn(encoded(remove, 1)), { prerequisites: [], updates: ['pc1.open.test 1 255 0'] })
})

t.test('dns-packet reads what is written, signed or not', async (t) => {
  // Of a record of A or PTR without data it reads beyond its end: those it is not shown.
  const plain = decode(Buffer.from(bytesFromOctets(encodeRequest(begin().request, 7))))
  t.match(plain, {
    id: 7,
    opcode: 'UPDATE',
    flag_qr: false,
    questions: [{ name: 'open.test', type: 'SOA', class: 'IN' }],
    answers: [{ name: 'pc1.open.test', type: 'ANY', class: 'UNKNOWN_254', ttl: 0 }],
    authorities: [
      { name: 'pc1.open.test', type: 'A', class: 'IN', ttl: 1200, data: '192.0.2.10' },
      { name: 'pc1.open.test', type: 'DHCID', class: 'IN', ttl: 1200 },
    ],
  })
  const signed = decode(Buffer.from(bytesFromOctets(signedRequest().message)))
  t.match(signed.additionals, [{ name: 'whio-dhcp', type: 'TSIG', class: 'ANY', ttl: 0 }])
  const query = encodeRequest({ kind: 'query', name: 'a-b.open.test', type: 49 }, 9)
  t.match(decode(Buffer.from(bytesFromOctets(query))), {
    opcode: 'QUERY',
    flag_rd: true,
    questions: [{ name: 'a-b.open.test', type: 'DHCID' }],
  })
})
