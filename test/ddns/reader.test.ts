import { decode } from 'dns-packet'
import t from 'tap'
import { nameInData, readMessage } from '../../lib/ddns/reader.ts'
import { fuzzAnswers, NOT_THERE } from './answer-fuzz.ts'
import { bytes } from './golden.ts'

t.test('messages that somebody else reads, too', async (t) => {
  const seed = NOT_THERE
  const ours = readMessage(seed)!
  const theirs = decode(Buffer.from(seed))
  t.equal(theirs.questions?.[0]?.name, 'pc1.open.test')
  t.same(ours.question, { name: 'pc1.open.test', type: 6 })
  t.equal(theirs.authorities?.[0]?.name, 'open.test')
  t.match(ours.authority, [{ name: 'open.test', type: 6, ttl: 60 }])
})

t.test('names in capitals are read as others are', async (t) => {
  const message = Buffer.from(NOT_THERE)
  message.write('PC1', 13, 'latin1')
  t.equal(readMessage(message)?.question?.name, 'pc1.open.test')
})

t.test('a name within data is written out', async (t) => {
  // CNAME of 1.test: 1.x.test, by a pointer to the name before.
  const text =
    '0001850000010001000000000131047465737400000500010131' +
    'c00e00050001000000000006013101' +
    '78c00e'
  const message = readMessage(bytes(text))!
  t.equal(nameInData(message.answers[0]!.data), '1.x.test')
  t.equal(message.answers[0]!.name, '1.test')
})

t.test('RFC 1035 §4.1.4: pointers that lead nowhere, or in a circle', async (t) => {
  const head = '000185000001000000000000'
  const questions = {
    'to itself': 'c00c',
    forward: 'c010',
    'into the header': 'c000',
    'beyond the end': 'ffff',
    'half a pointer': 'c0',
    'a label beyond the end': '0561',
    'a reserved length': '4061',
    'a dot in a label': '03612e6200',
  }
  for (const [what, name] of Object.entries(questions))
    t.equal(readMessage(bytes(`${head}${name}00060001`)), undefined, what)
  t.equal(readMessage(bytes(`${head}016100`)), undefined, 'no type')
  t.ok(readMessage(bytes(`${head}01610000060001`)), 'as it should be')
  t.equal(readMessage(bytes(`${head}0161000006000100`)), undefined, 'something behind the end')
  const long = `${'3f'.padEnd(128, '61')}`.repeat(4)
  t.equal(readMessage(bytes(`${head}${long}0000060001`)), undefined, 'a name of 257 octets')
})

t.test('what takes long to read is no answer', async (t) => {
  const chain = (pointers: number): Uint8Array => {
    // The root in an additional record's data, then pointers, each to the one before.
    const links = Array.from({ length: pointers }, (_, index) =>
      (0xc000 | (23 + 2 * Math.max(0, index - 1) + (index > 0 ? 1 : 0))).toString(16),
    )
    const data = `00${links.join('')}`
    const length = (data.length / 2).toString(16).padStart(4, '0')
    const last = (0xc000 | (23 + 2 * pointers - 1)).toString(16)
    return bytes(
      `000185000000000000000002${'00'}00010001${'00000000'}${length}${data}` +
        `${last}00010001000000000000`,
    )
  }
  t.ok(readMessage(chain(31)))
  t.equal(readMessage(chain(32)), undefined, 'a name of 33 pointers')

  const record = '00000100010000000000' + '00'
  const many = (count: number): Uint8Array =>
    bytes(`00018500000000000000${count.toString(16).padStart(4, '0')}${record.repeat(count)}`)
  t.ok(readMessage(many(100)))
  t.equal(readMessage(many(101)), undefined, 'more records than any answer has')
})

t.test('anything may come: it is read, or it is none', async () => fuzzAnswers(300, 1))
