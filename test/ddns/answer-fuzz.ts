// Anything that may come from a DNS server, or from who is not it.

import fc from 'fast-check'
import { bytesFromOctets } from '../../lib/bytes/octets.ts'
import { judge, questionOf } from '../../lib/ddns/judge.ts'
import { readMessage } from '../../lib/ddns/reader.ts'
import { begin, bytes } from './golden.ts'
import { plainReply, signReply } from './tsig-server.ts'

const KEY = { name: 'k', algorithm: 'hmac-sha256', secret: 'secret', digestBits: 0 } as const
const PLAIN = questionOf(begin().request, 1, undefined, 0, 0)
const SIGNED = questionOf(begin().request, 1, KEY, 0, 0)

/** Of a question for the SOA of pc1.open.test: that of the zone, its names compressed. */
export const NOT_THERE = bytes(
  [
    '000185030001000000010000',
    '03706331046f70656e04746573740000060001',
    'c010000600010000003c001d',
    '026e73c0100168c01000000001',
    '00000e1000000258000151800000003c',
  ].join(''),
)

/** Replies, and what is nearly one. */
const SEEDS: readonly Uint8Array[] = [
  plainReply(bytesFromOctets(PLAIN.message), 6),
  signReply(plainReply(bytesFromOctets(PLAIN.message), 0), {
    key: KEY,
    requestMac: new Uint8Array(32),
    time: 0,
  }),
  bytesFromOctets(SIGNED.message),
  NOT_THERE,
]

const MUTATED = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 8 }),
    fc.nat(300),
    fc.uint8Array({ maxLength: 20 }),
  )
  .map(([seed, changes, cut, more]) => {
    const message = Buffer.concat([seed.subarray(0, Math.max(0, seed.length - (cut % 40))), more])
    for (const [at, value] of changes) if (at < message.length) message[at] = value
    return message
  })

/** So many messages are read, or are none, and nothing that is not signed is believed. */
export function fuzzAnswers(messages: number, seed: number): void {
  const property = fc.property(fc.oneof(MUTATED, fc.uint8Array({ maxLength: 200 })), (message) => {
    if (judge(SIGNED, message, 0).kind === 'answer') throw new Error('nobody has the key')
    judge(PLAIN, message, 0)
    const read = readMessage(message)
    if (read === undefined) return
    for (const { start, dataStart, data } of [...read.answers, ...read.additional])
      if (start >= message.length || dataStart > message.length || data.length > 65_535)
        throw new Error('beyond the message')
  })
  fc.assert(property, { numRuns: messages, seed })
}
