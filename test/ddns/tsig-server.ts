// A DNS server's side of RFC 8945, written apart from the client's: replies with any signature.

import { createHmac } from 'node:crypto'
import { bytesFromOctets } from '../../lib/bytes/octets.ts'
import type { TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255])
}

function u48(value: number): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(value, 0, 6)
  return bytes
}

function wireName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(`.${label}`, 'latin1'))
  for (const label of labels) label[0] = label.length - 1
  return Buffer.concat([...labels, Buffer.alloc(1)])
}

function algorithmName({ algorithm }: TsigKeyPlan): string {
  return algorithm === 'hmac-md5' ? 'hmac-md5.sig-alg.reg.int' : algorithm
}

/** The MAC in a request: of the only record behind its last section. */
export function macIn(request: Uint8Array, key: TsigKeyPlan): Buffer {
  const owner = wireName(key.name)
  const at = Buffer.from(request).lastIndexOf(Buffer.concat([owner, u16(250)]))
  const sizeAt = at + owner.length + 10 + wireName(algorithmName(key)).length + 8
  const size = (request[sizeAt]! << 8) | request[sizeAt + 1]!
  return Buffer.from(request.subarray(sizeAt + 2, sizeAt + 2 + size))
}

export interface ReplySignature {
  readonly key: TsigKeyPlan
  readonly requestMac: Uint8Array
  readonly time: number
  readonly error?: number
  readonly other?: Uint8Array
  /** Octets of the MAC; all of them by default, 0 = it is not signed. */
  readonly length?: number
  /** §5.3.1: it follows others; what came without a signature since the last one. */
  readonly between?: Uint8Array
}

/** A reply with one more record, which signs it. */
export function signReply(reply: Uint8Array, signature: ReplySignature): Buffer {
  const { between, key, requestMac, time, error = 0, other = new Uint8Array(), length } = signature
  const message = Buffer.from(reply)
  const head = [wireName(algorithmName(key)), u48(time), u16(300)]
  const tail = [u16(error), u16(other.length), other]
  const hmac = createHmac(key.algorithm.replace('hmac-', ''), bytesFromOctets(key.secret))
  const all = [wireName(key.name), u16(255), Buffer.alloc(4), ...head, ...tail]
  const variables = between === undefined ? all : [u48(time), u16(300)]
  const said = [between ?? new Uint8Array(), message]
  const text = Buffer.concat([u16(requestMac.length), requestMac, ...said, ...variables])
  const mac = hmac.update(text).digest().subarray(0, length)
  const data = Buffer.concat([...head, u16(mac.length), mac, message.subarray(0, 2), ...tail])
  message.writeUInt16BE(message.readUInt16BE(10) + 1, 10)
  const owner = Buffer.concat([wireName(key.name), u16(250), u16(255), Buffer.alloc(4)])
  return Buffer.concat([message, owner, u16(data.length), data])
}

/** A reply to a request without records: its header and zone or question with this rcode. */
export function plainReply(request: Uint8Array, rcode: number): Buffer {
  let end = 12
  while (request[end] !== 0) end += 1 + request[end]!
  const reply = Buffer.from(request.subarray(0, end + 5))
  reply[2]! |= 0x80
  reply[3] = rcode
  reply.fill(0, 6, 12)
  return reply
}
