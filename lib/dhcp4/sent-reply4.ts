// A reply of DHCPv4 that was sent, as whoever asks where its options come from looks at it.

import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { OptionValue, OptionValues } from '../config/plan/option-set.ts'
import type { SentReply } from '../dhcp/option-origins.ts'
import {
  endOfBlock,
  enterpriseAt,
  hasWholeBlocks,
  subOptionAt,
} from '../wire/options/enterprises.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { codesToSend } from './selection.ts'

const VENDOR_OPTIONS = OPTION4.vendorIdentifyingInformation

/** What is asked of a message. */
export interface Message {
  codes(): readonly number[]
  octets(code: number): Octets | undefined
}

export class SentReply4 implements SentReply {
  readonly left = 'no-room'
  readonly vendorOptions = VENDOR_OPTIONS
  readonly #reply: Message
  readonly #requestList: Octets

  /** `requestList`: option 55 of the query, '' = none. */
  constructor(reply: Message, requestList: Octets) {
    this.#reply = reply
    this.#requestList = requestList
  }

  codes(): readonly number[] {
    return this.#reply.codes()
  }

  wanted(counting: OptionValues): ReadonlySet<number> {
    return codesToSend(counting, this.#requestList)
  }

  optionIn({ code, data }: OptionValue): 'sent' | 'other' | 'none' {
    const sent = this.#reply.octets(code)
    if (sent === data) return 'sent'
    return sent === undefined ? 'none' : 'other'
  }

  hasCarrier({ code, data }: OptionValue, enterprise: number): boolean {
    const sent = this.#reply.octets(code) ?? ''
    return code === VENDOR_OPTIONS
      ? blocksOf(enterprise, sent).length > 0
      : sent.includes(octetsFromUint(enterprise, 4) + data)
  }

  subOptionIn({ code, data }: OptionValue, enterprise: number): 'sent' | 'other' | 'bare' | 'none' {
    const sent = this.#reply.octets(VENDOR_OPTIONS) ?? ''
    const blocks = blocksOf(enterprise, sent)
    for (const at of blocks) {
      const start = subOptionAt(sent, at, code)
      if (start >= 0) return sent.startsWith(data, start) ? 'sent' : 'other'
    }
    return blocks.length > 0 ? 'bare' : 'none'
  }
}

/** Where the blocks of the enterprise begin. */
function blocksOf(enterprise: number, data: Octets): number[] {
  const starts: number[] = []
  if (!hasWholeBlocks(data)) return starts
  for (let at = 0; at < data.length; at = endOfBlock(data, at))
    if (enterpriseAt(data, at) === enterprise) starts.push(at)
  return starts
}
