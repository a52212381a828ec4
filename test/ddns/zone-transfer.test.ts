// Zones as they come from a server, and what may come instead.

import fc from 'fast-check'
import t from 'tap'
import { bytesFromOctets } from '../../lib/bytes/octets.ts'
import { RCODE } from '../../lib/ddns/codes.ts'
import { type TransferStep, ZoneTransfer } from '../../lib/ddns/zone-transfer.ts'
import { a, signedTransfer, soa, transferMessage, type WireRecord } from './transfers.ts'
import { signReply } from './tsig-server.ts'

const ZONE = 'lan.test'
const NOW = 1_800_000_000
const KEY = {
  name: 'dhcp.lab.test',
  algorithm: 'hmac-sha256',
  secret: 'a secret of some length',
  digestBits: 0,
} as const

const START = soa(ZONE, 7)
const names = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => a(`pc${from + at}.${ZONE}`, (from + at) % 256))

interface Given {
  readonly transfer: ZoneTransfer
  readonly request: Uint8Array
}

function begun(key: typeof KEY | undefined = undefined): Given {
  const transfer = new ZoneTransfer(ZONE, 4711, key, NOW)
  return { transfer, request: bytesFromOctets(transfer.request) }
}

/** Up to its end, or to that of the messages. */
function taken({ transfer }: Given, messages: readonly Uint8Array[]) {
  const found: string[] = []
  let last: TransferStep | undefined
  for (const message of messages) {
    last = transfer.take(message, NOW)
    if (last.kind === 'records' || last.kind === 'whole')
      found.push(...last.records.map(({ name }) => name))
    if (last.kind !== 'records') break
  }
  return { found, last }
}

/** Without a signature. */
function plain(...pages: readonly (readonly WireRecord[])[]) {
  const given = begun()
  const messages = pages.map((page, at) =>
    transferMessage(given.request, page, { question: at === 0 }),
  )
  return taken(given, messages)
}

t.test('RFC 5936 §2.1: a zone in one message, and in many', async (t) => {
  const wanted = names(5).map(({ name }) => name)
  t.match(plain([START, ...names(5), START]), { found: wanted, last: { kind: 'whole' } })
  const pages = [[START], ...names(5).map((one) => [one]), [START]]
  t.match(plain(...pages), { found: wanted, last: { kind: 'whole' } })
  t.match(plain([START, ...names(5)]), { found: wanted, last: { kind: 'records' } })
})

t.test('a message as long as TCP allows', async (t) => {
  const many = names(1900)
  const { found, last } = plain([START, ...many], [START])
  t.equal(last?.kind, 'whole')
  t.equal(found.length, many.length)
})

t.test('names that are not for us', async (t) => {
  const odd = { name: 'x', type: 1, data: Buffer.alloc(4) }
  const { found, last } = plain([
    START,
    a('pc1.lan.test', 1),
    a('pc1.elsewhere.test', 1),
    a('notlan.test', 1),
    odd,
    { name: `${ZONE}`, type: 2, data: Buffer.from([0]) },
    START,
  ])
  t.equal(last?.kind, 'whole')
  t.same(found, ['pc1.lan.test', 'lan.test'])
})

t.test('a label with a dot is no name of a client', async (t) => {
  const given = begun()
  const message = transferMessage(given.request, [START, a('aXb.lan.test', 1), START])
  message.write('a.b', message.indexOf('aXb'), 'latin1')
  t.match(taken(given, [message]), { found: [], last: { kind: 'whole' } })
})

const HOSTILE: readonly [title: string, pages: readonly (readonly WireRecord[])[], why: RegExp][] =
  [
    ['it begins with something else', [[a('pc.lan.test', 1)]], /does not begin with the SOA/],
    ['it begins with another zone', [[soa('other.test', 1)]], /does not begin with the SOA/],
    ['it ends at another time', [[START, soa(ZONE, 8)]], /SOA of another time/],
    ['it goes on behind its end', [[START, START, a('pc.lan.test', 1)]], /behind its end/],
    ['it has an empty message', [[START], []], /without records/],
    ['its SOA is none', [[{ ...START, data: Buffer.alloc(3) }]], /does not begin with the SOA/],
  ]

for (const [title, pages, why] of HOSTILE)
  t.test(`hostile: ${title}`, async (t) => {
    const { found, last } = plain(...pages)
    t.match(last, { kind: 'bad', why })
    t.same(found, [])
  })

t.test('hostile: it never ends', async (t) => {
  const given = begun()
  const page = transferMessage(given.request, names(1500), { question: false })
  t.equal(given.transfer.take(transferMessage(given.request, [START]), NOW).kind, 'records')
  let count = 0
  for (;;) {
    const step = given.transfer.take(page, NOW)
    count++
    if (step.kind === 'records') continue
    t.match(step, { kind: 'bad', why: 'it has no end' })
    break
  }
  t.ok(count < 3000, `${count} messages`)
})

t.test('answers to something else', async (t) => {
  const { request, transfer } = begun()
  const good = transferMessage(request, [START, START])
  const wrong = (change: (message: Buffer) => void) => {
    const message = Buffer.from(good)
    change(message)
    return new ZoneTransfer(ZONE, 4711, undefined, NOW).take(message, NOW).kind
  }
  const changes = [
    (message: Buffer) => message.writeUInt16BE(4712, 0),
    (message: Buffer) => message.writeUInt8(0x04, 2),
    (message: Buffer) => message.writeUInt8(0xac, 2),
    (message: Buffer) => message.writeUInt8(0x86, 2),
    (message: Buffer) => message.write('x', 13, 'latin1'),
  ]
  for (const change of changes) t.equal(wrong(change), 'bad')
  t.equal(transfer.take(good, NOW).kind, 'whole')
})

t.test('a server that does not hand the zone out', async (t) => {
  const { request, transfer } = begun()
  const refused = transferMessage(request, [], { rcode: RCODE.REFUSED })
  t.match(transfer.take(refused, NOW), { kind: 'refused', rcode: RCODE.REFUSED })
})

const PAGES = [[START, ...names(3)], names(3, 3), names(3, 6), [...names(3, 9), START]]
const ALL = names(12).map(({ name }) => name)

t.test('RFC 8945 §5.3.1: each message is signed with the one before', async (t) => {
  const given = begun(KEY)
  const messages = signedTransfer(given.request, KEY, NOW, PAGES)
  t.match(taken(given, messages), { found: ALL, last: { kind: 'whole' } })
})

t.test('RFC 8945 §5.3.1: some messages are not, and are signed with the next', async (t) => {
  const given = begun(KEY)
  const messages = signedTransfer(given.request, KEY, NOW, PAGES, (at) => at === 0 || at === 3)
  t.match(given.transfer.take(messages[0]!, NOW), { kind: 'records' })
  t.same(given.transfer.take(messages[1]!, NOW), { kind: 'records', records: [] }, 'not believed')
  t.same(given.transfer.take(messages[2]!, NOW), { kind: 'records', records: [] })
  const last = given.transfer.take(messages[3]!, NOW)
  t.equal(last.kind, 'whole')
  t.equal(last.kind === 'whole' && last.records.length, 9)
})

t.test('what is signed wrongly is not believed', async (t) => {
  const bad = (change: (messages: Buffer[], request: Uint8Array) => Buffer[]) => {
    const given = begun(KEY)
    return taken(given, change(signedTransfer(given.request, KEY, NOW, PAGES), given.request))
  }
  const lost = bad(([one, , ...rest]) => [one!, ...rest])
  t.match(lost, { found: ALL.slice(0, 3), last: { kind: 'bad' } }, 'one is missing')
  const swapped = bad(([one, two, three, four]) => [one!, three!, two!, four!])
  t.match(swapped, { found: ALL.slice(0, 3), last: { kind: 'bad' } })
  const forged = bad((messages) => {
    messages[1]![messages[1]!.indexOf('pc3')] = 'q'.charCodeAt(0)
    return messages
  })
  t.match(forged, { found: ALL.slice(0, 3), last: { kind: 'bad' } })
  const unsignedEnd = bad((_messages, request) =>
    signedTransfer(request, KEY, NOW, PAGES, (at) => at < 3),
  )
  t.match(unsignedEnd.last, { kind: 'bad', why: 'its last message is not signed' })
  const unsigned = bad((_messages, request) =>
    signedTransfer(request, KEY, NOW, PAGES, () => false),
  )
  t.match(unsigned, { found: [], last: { kind: 'bad', why: 'it is not signed' } })
  const late = bad((_messages, request) => signedTransfer(request, KEY, NOW - 900, PAGES))
  t.match(late, { found: [], last: { kind: 'bad', why: 'its time is off' } })
})

t.test('RFC 8945 §5.3.1: a hundred messages without a signature are too many', async (t) => {
  const given = begun(KEY)
  const pages = [[START], ...names(120).map((one) => [one]), [START]]
  const messages = signedTransfer(given.request, KEY, NOW, pages, (at) => at === 0 || at === 121)
  t.match(taken(given, messages), { found: [], last: { kind: 'bad', why: 'it is not signed' } })
})

t.test('a server that does not know the key', async (t) => {
  const given = begun(KEY)
  const message = transferMessage(given.request, [], { rcode: RCODE.NOTAUTH })
  const error = { key: KEY, requestMac: new Uint8Array(), time: NOW, length: 0 }
  const reply = signReply(message, { ...error, error: RCODE.BADKEY })
  t.match(given.transfer.take(reply, NOW), { kind: 'refused', rcode: RCODE.BADKEY })
})

t.test('whatever comes, nothing breaks, and nothing unsigned is believed', async (t) => {
  const changes = fc.array(fc.tuple(fc.nat(3), fc.nat(400), fc.nat(255)), { maxLength: 6 })
  const cuts = fc.array(fc.tuple(fc.nat(3), fc.nat(40)), { maxLength: 2 })
  const property = fc.property(changes, cuts, fc.boolean(), (changed, cut, isSigned) => {
    const given = begun(isSigned ? KEY : undefined)
    const messages = isSigned
      ? signedTransfer(given.request, KEY, NOW, PAGES)
      : PAGES.map((page) => transferMessage(given.request, page))
    let isSame = true
    for (const [at, where, value] of changed) {
      const message = messages[at]!
      if (where < message.length && message[where] !== value) isSame = false
      if (where < message.length) message[where] = value
    }
    for (const [at, length] of cut) {
      if (length > 0) isSame = false
      messages[at] = messages[at]!.subarray(0, Math.max(0, messages[at]!.length - length))
    }
    const { found, last } = taken(given, messages)
    if (isSame) return last?.kind === 'whole'
    // The id of the header is not signed, nor is what was changed back.
    return !isSigned || found.every((name) => ALL.includes(name))
  })
  fc.assert(property, { numRuns: 2000, seed: 5936 })
  t.pass()
})
