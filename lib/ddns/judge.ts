// Whether a datagram is the answer to what was asked. Anybody may send one that looks like it: what
// is not certainly the server's changes nothing, and the answer is still waited for.

import type { Octets } from '../bytes/octets.ts'
import type { TsigKeyPlan } from '../config/plan/names-plan.ts'

import type { Seconds } from '../time/units.ts'
import { OPCODE, RCODE, RR_TYPE, rcodeName } from './codes.ts'
import type { DnsReply, DnsRequest } from './message.ts'
import { type ReadMessage, readMessage } from './reader.ts'
import { type Signed, sign, verify } from './tsig.ts'
import { encodeRequest } from './writer.ts'

/** A request on its way. */
export interface Question {
  readonly id: number
  readonly request: DnsRequest
  readonly message: Octets
  /** Undefined: it is not signed. */
  readonly signature: Signature | undefined
}

interface Signature {
  readonly key: TsigKeyPlan
  readonly mac: Octets
  /** What is added to this host's clock, since the server's is so far ahead. */
  readonly clockAhead: Seconds
}

/** `now`: seconds since 1970 by this host's clock. */
export function questionOf(
  request: DnsRequest,
  id: number,
  key: TsigKeyPlan | undefined,
  now: Seconds,
  clockAhead: Seconds,
): Question {
  const plain = encodeRequest(request, id)
  if (key === undefined) return { id, request, message: plain, signature: undefined }
  const { message, mac }: Signed = sign(plain, key, now + clockAhead)
  return { id, request, message, signature: { key, mac, clockAhead } }
}

/**
 * answer     it is
 * doubtful   it is, if none comes that is signed
 * truncated  it did not fit, and is to be had by TCP
 * clock      the server's is so far ahead that it takes no signature of this host's time
 * nothing    it is none
 */
export type Judgement =
  | { readonly kind: 'answer' | 'doubtful'; readonly reply: DnsReply }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'clock'; readonly ahead: Seconds }
  | { readonly kind: 'nothing'; readonly why: string }

export function judge(question: Question, bytes: Uint8Array, now: Seconds): Judgement {
  const message = readMessage(bytes)
  if (message === undefined) return nothing('it is malformed')
  const { signature } = question
  if (!isReplyTo(question, message)) return nothing('it answers something else')
  if (message.isTruncated) return { kind: 'truncated' }
  if (signature === undefined) return { kind: 'answer', reply: replyOf(message, 0, 0) }
  const { key, mac, clockAhead } = signature
  const verification = verify(bytes, message, key, mac, now + clockAhead)
  switch (verification.kind) {
    case 'bad':
      return nothing(`${rcodeName(message.rcode)}, but ${verification.why}`)
    case 'good':
      return { kind: 'answer', reply: replyOf(message, verification.error, clockAhead) }
    case 'unsigned':
      return { kind: 'doubtful', reply: replyOf(message, verification.error, 0) }
    case 'ahead': {
      const ahead = verification.seconds + clockAhead
      // The server's time was tried already, or it is ours.
      if (clockAhead !== 0 || ahead === 0)
        return { kind: 'answer', reply: replyOf(message, RCODE.BADTIME, ahead) }
      return { kind: 'clock', ahead }
    }
  }
}

function nothing(why: string): Judgement {
  return { kind: 'nothing', why }
}

/** A server that cannot read a request may leave out what it was about. */
function isReplyTo({ id, request }: Question, message: ReadMessage): boolean {
  const opcode = request.kind === 'update' ? OPCODE.update : OPCODE.query
  if (message.id !== id || !message.isReply || message.opcode !== opcode) return false
  if (message.question === undefined) return message.rcode !== RCODE.NOERROR
  const { name, type } = message.question
  return request.kind === 'update'
    ? name === request.zone && type === RR_TYPE.soa
    : name === request.name && type === request.type
}

function replyOf(message: ReadMessage, error: number, clockAhead: Seconds): DnsReply {
  const { rcode, answers, authority } = message
  return { kind: 'reply', rcode: error === 0 ? rcode : error, answers, authority, clockAhead }
}
