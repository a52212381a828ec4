import t from 'tap'
import { bytesFromOctets } from '../../lib/bytes/octets.ts'
import type { TsigAlgorithm, TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'
import { RCODE } from '../../lib/ddns/codes.ts'
import { type Judgement, judge, type Question, questionOf } from '../../lib/ddns/judge.ts'
import { begin } from './golden.ts'
import { macIn, plainReply, type ReplySignature, signReply } from './tsig-server.ts'

const NOW = 1_800_000_000
const { request } = begin()

const LENGTHS: Readonly<Record<TsigAlgorithm, number>> = {
  'hmac-md5': 16,
  'hmac-sha1': 20,
  'hmac-sha224': 28,
  'hmac-sha256': 32,
  'hmac-sha384': 48,
  'hmac-sha512': 64,
}

function keyOf(algorithm: TsigAlgorithm, digestBits = 0): TsigKeyPlan {
  return { name: 'dhcp.lab.test', algorithm, secret: 'a secret of some length', digestBits }
}

const KEY = keyOf('hmac-sha256')

function asked(key: TsigKeyPlan | undefined = KEY, clockAhead = 0): Question {
  return questionOf(request, 4711, key, NOW, clockAhead)
}

/** What a reply means that is signed so. */
function judged(rcode: number, signature: Partial<ReplySignature> = {}, key = KEY): Judgement {
  const question = asked(key)
  const bytes = bytesFromOctets(question.message)
  const requestMac = macIn(bytes, key)
  const reply = plainReply(bytes, rcode)
  return judge(question, signReply(reply, { key, requestMac, time: NOW, ...signature }), NOW)
}

for (const algorithm of Object.keys(LENGTHS) as TsigAlgorithm[])
  t.test(`RFC 8945 §6: ${algorithm}`, async (t) => {
    const key = keyOf(algorithm)
    const mac = macIn(bytesFromOctets(asked(key).message), key)
    t.equal(mac.length, LENGTHS[algorithm])
    t.match(judged(0, {}, key), { kind: 'answer', reply: { rcode: 0 } })
    const half = keyOf(algorithm, Math.max(80, LENGTHS[algorithm] * 4))
    const cut = macIn(bytesFromOctets(asked(half).message), half)
    t.equal(cut.length, half.digestBits / 8)
    t.same(cut, mac.subarray(0, cut.length), 'the left part')
    t.match(judged(0, { length: cut.length }, half), { kind: 'answer' })
    t.match(judged(0, {}, half), { kind: 'answer' }, 'a server may say more than it must')
    t.match(judged(0, { length: cut.length - 1 }, half), { kind: 'nothing', why: /too short/ })
    t.match(judged(0, { length: LENGTHS[algorithm] - 1 }, key), { kind: 'nothing' })
  })

t.test('RFC 8945 §5.3.2: a key or signature that the server does not know', async (t) => {
  for (const error of [RCODE.BADKEY, RCODE.BADSIG]) {
    const judgement = judged(RCODE.NOTAUTH, { error, length: 0 })
    t.match(judgement, { kind: 'doubtful', reply: { rcode: error } }, 'it cannot sign that')
    t.match(judged(RCODE.NOERROR, { error, length: 0 }), { kind: 'nothing' })
  }
  for (const error of [0, RCODE.BADTIME, RCODE.BADTRUNC])
    t.match(judged(RCODE.NOTAUTH, { error, length: 0 }), { kind: 'nothing' }, `error ${error}`)
})

t.test('RFC 8945 §5.2.3: the clocks differ', async (t) => {
  const other = Buffer.alloc(6)
  other.writeUIntBE(NOW + 601, 0, 6)
  const badTime = { error: RCODE.BADTIME, other }
  t.same(judged(RCODE.NOTAUTH, badTime), { kind: 'clock', ahead: 601 })

  // With the server's time it is taken, and the reply is judged by that.
  const question = asked(KEY, 601)
  const bytes = bytesFromOctets(question.message)
  const signature = { key: KEY, requestMac: macIn(bytes, KEY) }
  const good = signReply(plainReply(bytes, 0), { ...signature, time: NOW + 601 })
  t.match(judge(question, good, NOW), { kind: 'answer', reply: { rcode: 0, clockAhead: 601 } })

  other.writeUIntBE(NOW + 1300, 0, 6)
  const again = { ...signature, time: NOW + 601, ...badTime }
  const refused = signReply(plainReply(bytes, RCODE.NOTAUTH), again)
  t.match(
    judge(question, refused, NOW),
    { kind: 'answer', reply: { rcode: RCODE.BADTIME, clockAhead: 1300 } },
    'once only',
  )
})

t.test('an answer that only says that the time is off, in no other time, is no loop', async (t) => {
  const other = Buffer.alloc(6)
  other.writeUIntBE(NOW, 0, 6)
  const judgement = judged(RCODE.NOTAUTH, { error: RCODE.BADTIME, other })
  t.match(judgement, { kind: 'answer', reply: { rcode: RCODE.BADTIME } })
})

t.test('RFC 8945 §5.2.2.1: a signature that is too short for the server', async (t) => {
  const judgement = judged(RCODE.NOTAUTH, { error: RCODE.BADTRUNC })
  t.match(judgement, { kind: 'answer', reply: { rcode: RCODE.BADTRUNC } })
})

t.test('what is not signed is nobody’s word, where the request was', async (t) => {
  const question = asked()
  const reply = plainReply(bytesFromOctets(question.message), RCODE.REFUSED)
  t.match(judge(question, reply, NOW), { kind: 'nothing', why: 'REFUSED, but it is not signed' })
})

t.test('who does not sign takes what answers its request, and nothing else', async (t) => {
  const question = questionOf(request, 4711, undefined, NOW, 0)
  const bytes = bytesFromOctets(question.message)
  const good = plainReply(bytes, RCODE.YXDOMAIN)
  t.match(judge(question, good, NOW), { kind: 'answer', reply: { rcode: RCODE.YXDOMAIN } })
  const changed = (at: number, bits: number): Judgement => {
    const reply = Buffer.from(good)
    reply[at]! ^= bits
    return judge(question, reply, NOW)
  }
  t.match(changed(1, 1), { kind: 'nothing' }, 'another id')
  t.match(changed(2, 0x80), { kind: 'nothing' }, 'a request')
  t.match(changed(2, 0x28), { kind: 'nothing' }, 'another opcode')
  t.match(changed(13, 1), { kind: 'nothing' }, 'another zone')
  t.match(changed(2, 0x02), { kind: 'truncated' })
  t.match(judge(question, bytes, NOW), { kind: 'nothing' }, 'the request itself')

  const bare = (rcode: number): Judgement => {
    const reply = Buffer.from(good.subarray(0, 12))
    reply.fill(0, 4)
    reply[3] = rcode
    return judge(question, reply, NOW)
  }
  t.match(bare(RCODE.FORMERR), { kind: 'answer' }, 'a server that could not read it')
  t.match(bare(RCODE.NOERROR), { kind: 'nothing' })
})
