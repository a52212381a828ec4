// The campaign against the codec of DHCPv6 alone: whatever arrives is read as a plain reader reads
// it, within its bounds, and what goes back through its relays can be read by them.

import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { decode6, decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'
import { linesOfMessage6 } from '../../lib/wire/v6/text.ts'
import { Writer6 } from '../../lib/wire/v6/writer.ts'
import { Generator6 } from './generator6.ts'
import { plainReading, readingOf } from './plain6.ts'
import { Violation } from './violation.ts'

const MARGIN = 96
const REPLY_MAX = 4096

export interface Codec6Tally {
  /** How often each trouble was found, '' = none. */
  readonly readings: Record<string, number>
  relayed: number
  /** With the packet in hexadecimal. */
  failure?: string
}

/** Changes a packet, or a reply, behind the back of the judge: the campaign is tested with it. */
export interface Codec6Spoil {
  readonly packet?: (bytes: Uint8Array, start: number, end: number) => unknown
  readonly reply?: (bytes: Uint8Array, start: number, end: number) => unknown
}

/** Any number of packets from one seed, until one is read as it must not be. */
export function fuzzCodec6(seed: number, packets: number, spoil: Codec6Spoil = {}): Codec6Tally {
  const addresses = ['2001:db8:1::5', '2001:db8:1::10', '2001:db8:8000::', 'fe80::5']
  const generator = new Generator6(
    seed,
    'codec',
    addresses.map((text) => ipv6FromText(text)!),
  )
  const judge = new Codec6Judge(spoil)
  for (let number = 0; number < packets; number++) {
    const bytes = generator.next()
    try {
      judge.judge(bytes)
    } catch (error) {
      const text = error instanceof Violation ? error.message : String((error as Error).stack)
      return { ...judge.tally, failure: `${text}\n${Buffer.from(bytes).toString('hex')}` }
    }
  }
  return judge.tally
}

class Codec6Judge {
  readonly tally: Codec6Tally = { readings: {}, relayed: 0 }
  readonly #message = new Message6()
  readonly #back = new Message6()
  readonly #memory = new Uint8Array(16_384)
  readonly #out = new Uint8Array(REPLY_MAX + 2 * MARGIN)
  readonly #writer = new Writer6()
  readonly #spoil: Codec6Spoil

  constructor(spoil: Codec6Spoil) {
    this.#spoil = spoil
  }

  judge(bytes: Uint8Array): void {
    const { readings } = this.tally
    const memory = this.#memory
    const end = MARGIN + bytes.length
    memory.fill(bytes.length & 255, 0, end + MARGIN)
    memory.set(bytes, MARGIN)
    this.#spoil.packet?.(memory, MARGIN, end)
    const trouble = decode6(this.#message, memory, MARGIN, end)
    readings[trouble ?? ''] = (readings[trouble ?? ''] ?? 0) + 1
    const reading = trouble ?? readingOf(this.#message)
    const plain = plainReading(bytes)
    if (reading !== plain) throw new Violation(`read as\n${reading}\nplainly it is\n${plain}`)
    if (trouble !== undefined) return
    linesOfMessage6(this.#message)
    this.#judgeBack()
  }

  /** An answer goes back through the relays of the message. */
  #judgeBack(): void {
    const { relays, xid } = this.#message
    const out = this.#out.fill(0xee)
    this.#writer.begin(out, MARGIN, REPLY_MAX, MESSAGE_TYPE6.reply, xid, relays)
    this.#writer.option(2, 'abc')
    const end = this.#writer.end()
    if (end >= 0) this.#spoil.reply?.(out, MARGIN, end)
    const behind = end < 0 ? MARGIN + REPLY_MAX : end
    const isUntouched = (byte: number) => byte === 0xee
    if (!out.subarray(0, MARGIN).every(isUntouched) || !out.subarray(behind).every(isUntouched))
      throw new Violation('something was written outside of the reply')
    if (end < 0) return
    const back = this.#back
    const trouble = decodeReply6(back, out, MARGIN, end)
    if (trouble !== undefined) throw new Violation(`the reply does not decode: ${trouble}`)
    if (back.xid !== xid || back.relays.length !== relays.length)
      throw new Violation('the reply is not that of the query')
    if (relays.length > 0) this.tally.relayed++
    for (const [index, relay] of relays.entries()) {
      const own = back.relays[index]!
      if (own.hopCount !== relay.hopCount || own.peerAddress !== relay.peerAddress)
        throw new Violation(`relay ${index} is another`)
      if (own.option(18) !== relay.option(18) || own.option(135) !== relay.option(135))
        throw new Violation(`relay ${index} does not get back what it sent`)
      if (own.codes().at(-1) !== 9) throw new Violation('the message does not stand last')
    }
  }
}
