// A reply of DHCPv6 that was sent, as whoever asks where its options come from looks at it.

import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { OptionValue, OptionValues } from '../config/plan/option-set.ts'
import type { SentReply } from '../dhcp/option-origins.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Options6 } from '../wire/v6/message.ts'
import { optionAt6 } from '../wire/v6/octets6.ts'
import { codesToSend6, instancesOf } from './selection6.ts'

/** Octets of the number of an enterprise, in front of what is of it. */
const ENTERPRISE_SIZE = 4

export class SentReply6 implements SentReply {
  /** A reply without room for all its options is none. */
  readonly left = 'other-replies'
  readonly vendorOptions = OPTION6.vendorOptions
  readonly #reply: Options6
  readonly #requestList: Octets

  /** `requestList`: option 6 of the query, '' = none. */
  constructor(reply: Options6, requestList: Octets) {
    this.#reply = reply
    this.#requestList = requestList
  }

  codes(): readonly number[] {
    return this.#reply.codes()
  }

  wanted(counting: OptionValues): ReadonlySet<number> {
    return codesToSend6(counting, this.#requestList)
  }

  optionIn(option: OptionValue): 'sent' | 'other' | 'none' {
    const sent = this.#reply.all(option.code)
    if (sent.length === 0) return 'none'
    return instancesOf(option).every((data) => sent.includes(data)) ? 'sent' : 'other'
  }

  hasCarrier({ code, data }: OptionValue, enterprise: number): boolean {
    const start = octetsFromUint(enterprise, ENTERPRISE_SIZE) + data
    return this.#reply.all(code).some((value) => value.startsWith(start))
  }

  subOptionIn({ code, data }: OptionValue, enterprise: number): 'sent' | 'other' | 'bare' | 'none' {
    const number = octetsFromUint(enterprise, ENTERPRISE_SIZE)
    const value = this.#reply.all(OPTION6.vendorOptions).find((one) => one.startsWith(number))
    if (value === undefined) return 'none'
    const at = optionAt6(value, ENTERPRISE_SIZE, code)
    if (at < 0) return 'bare'
    const length = uintFromOctets(value, at - 2, 2)
    return value.slice(at, at + length) === data ? 'sent' : 'other'
  }
}
