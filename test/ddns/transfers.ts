// A DNS server's side of zone transfers (RFC 5936), written apart from the client's: messages with
// any records, signed or not.

import type { TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'
import { macIn, signReply } from './tsig-server.ts'

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255])
}

/** `pc.lan`; '' is the root. */
export function wireName(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.')
  const wired = labels.map((label) => Buffer.from(`.${label}`, 'latin1'))
  for (const label of wired) label[0] = label.length - 1
  return Buffer.concat([...wired, Buffer.alloc(1)])
}

export interface WireRecord {
  readonly name: string
  readonly type: number
  readonly data: Uint8Array
}

export function soa(zone: string, serial: number): WireRecord {
  const numbers = Buffer.alloc(20)
  numbers.writeUInt32BE(serial)
  return { name: zone, type: 6, data: Buffer.concat([wireName('ns'), wireName('h'), numbers]) }
}

export function a(name: string, last: number): WireRecord {
  return { name, type: 1, data: Buffer.from([192, 0, 2, last]) }
}

function wired({ data, name, type }: WireRecord): Buffer {
  const head = [wireName(name), u16(type), u16(1), Buffer.from([0, 0, 4, 176]), u16(data.length)]
  return Buffer.concat([...head, data])
}

/** An answer to the request; `question`: with its question. */
export function transferMessage(
  request: Uint8Array,
  records: readonly WireRecord[],
  { question = true, rcode = 0 } = {},
): Buffer {
  let end = 12
  while (request[end] !== 0) end += 1 + request[end]!
  const asked = question ? request.subarray(12, end + 5) : new Uint8Array()
  const head = Buffer.alloc(12)
  head.set(request.subarray(0, 2))
  head.set([0x84, rcode], 2)
  head.writeUInt16BE(question ? 1 : 0, 4)
  head.writeUInt16BE(records.length, 6)
  return Buffer.concat([head, asked, ...records.map(wired)])
}

/**
 * Messages with these records, signed one after the other; `signs`: which ones are.
 */
export function signedTransfer(
  request: Uint8Array,
  key: TsigKeyPlan,
  time: number,
  pages: readonly (readonly WireRecord[])[],
  signs: (at: number) => boolean = () => true,
): Buffer[] {
  let mac: Uint8Array = macIn(request, key)
  let between: Buffer = Buffer.alloc(0)
  return pages.map((records, at) => {
    const message = transferMessage(request, records, { question: at === 0 })
    if (!signs(at)) {
      between = Buffer.concat([between, message])
      return message
    }
    const signature = { key, requestMac: mac, time, ...(at > 0 && { between }) }
    const signed = signReply(message, signature)
    mac = macIn(signed, key)
    between = Buffer.alloc(0)
    return signed
  })
}
