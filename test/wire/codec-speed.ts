// Cost of the codec in nanoseconds a call: `node test/wire/codec-speed.ts`. No test: it measures
// the machine as much as the code. Best of several rounds, after warming up.

import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { encodeOption4, optionBlock4 } from '../../lib/wire/v4/option-block.ts'
import { OptionHead4 } from '../../lib/wire/v4/option-head.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { writeReply4 } from '../../lib/wire/v4/writer.ts'

const CALLS = 100_000
const ROUNDS = 8

const clientId = '\xff\x01\x02\x03\x04\0\x01\0\x01abcdefghij'
const hwAddress = '\x02\0\x5e\x10\0\x01'
const query = encodeMessage4({ xid: 0x12345678, flags: 0x8000, hwAddress }, [
  [53, '\x01'],
  [61, clientId],
  [50, '\xc0\0\x02\x05'],
  [57, '\x05\xdc'],
  [55, '\x01\x03\x06\x0f\x1c\x2a'],
  [60, 'udhcp 1.36.1'],
  [12, 'kettle'],
])
const block = optionBlock4([
  encodeOption4(1, '\xff\xff\xff\0'),
  encodeOption4(3, '\xc0\0\x02\x01'),
  encodeOption4(6, '\xc0\0\x02\x02\xc0\0\x02\x03'),
  encodeOption4(15, 'example.org'),
])
const large = optionBlock4([200, 201, 202, 203].map((code) => encodeOption4(code, 'x'.repeat(90))))

const message = new Message4()
const head = new OptionHead4()
const out = new Uint8Array(2048)
const fields = {
  htype: 1,
  xid: 1,
  flags: 0,
  ciaddr: 0,
  yiaddr: 0xc0000205,
  siaddr: 0,
  giaddr: 0,
  hwAddress,
  sname: '',
  file: '',
  overloads: true,
}

function decode(): number {
  decode4(message, query, 0, query.length, 'strict')
  return message.type
}

function decodeAndRead(): number {
  decode4(message, query, 0, query.length, 'strict')
  return (
    message.hwAddress.length +
    message.octets(61)!.length +
    message.octets(55)!.length +
    message.uint(50)!
  )
}

function reply(options: typeof block): number {
  head.clear()
  head.uint8(53, 5)
  head.uint32(54, 0xc0000201)
  head.uint32(51, 3600)
  head.uint32(58, 1800)
  head.uint32(59, 3150)
  head.octets(61, clientId)
  return writeReply4(out, 0, fields, head, options, undefined, 548)
}

function measure(name: string, run: () => number): void {
  let best = Number.POSITIVE_INFINITY
  let sum = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint()
    for (let call = 0; call < CALLS; call++) sum += run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / CALLS)
  }
  if (sum <= 0) throw new Error('nothing was done')
  console.log(`${name.padEnd(48)} ${best.toFixed(0)} ns`)
}

measure('decode4', decode)
measure('decode4, hardware address and three options read', decodeAndRead)
measure('head and writeReply4', () => reply(block))
measure('head and writeReply4, overloaded', () => reply(large))
