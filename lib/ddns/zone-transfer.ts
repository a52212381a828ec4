// All records of a zone (RFC 5936), message by message as they come over a connection. What comes
// may be anything: of what is not certainly the server's nothing is handed on, what has no end is
// ended, and names of other zones are left out.

import type { Octets } from '../bytes/octets.ts'
import { octetsFromBytes } from '../bytes/octets.ts'
import type { TsigKeyPlan } from '../config/plan/names-plan.ts'
import type { Seconds } from '../time/units.ts'
import { DNS_CLASS, OPCODE, RCODE, RR_TYPE, rcodeName } from './codes.ts'
import { type Question, questionOf } from './judge.ts'
import type { DnsRecord } from './message.ts'
import { type ReadMessage, readMessage } from './reader.ts'
import { macOfMessage, type Verification, verify, verifyNext } from './tsig.ts'
import { isIn } from './zones.ts'

/** Of a zone. No network has so many addresses in one. */
const RECORDS_MAX = 4_000_000
const MESSAGES_MAX = 1_000_000
/** RFC 8945 §5.3.1: messages without a signature, one after the other. */
const UNSIGNED_MAX = 99
/** Behind it in the data of a SOA stand five numbers, of which the first is the serial. */
const SOA_NUMBERS = 20

/**
 * records  they are of the zone, and there are more
 * whole    these are the last ones
 * refused  the server does not hand the zone out
 * bad      nothing more is to be expected, and what came is no whole zone
 */
export type TransferStep =
  | { readonly kind: 'records' | 'whole'; readonly records: readonly DnsRecord[] }
  | { readonly kind: 'refused'; readonly rcode: number }
  | { readonly kind: 'bad'; readonly why: string }

export class ZoneTransfer {
  readonly #zone: Octets
  readonly #key: TsigKeyPlan | undefined
  readonly #question: Question
  /** Of the last message that had one: that of the request at first. */
  #mac: Octets
  /** What came without a signature since. */
  #between: Octets = ''
  #unsigned = 0
  /** Records of it, which nobody may believe yet. */
  #held: DnsRecord[] = []
  #messages = 0
  #records = 0
  /** Of the SOA that it began with; '' = it has not begun. */
  #serial: Octets = ''
  #isEnded = false

  /** `now`: seconds since 1970. */
  constructor(zone: Octets, id: number, key: TsigKeyPlan | undefined, now: Seconds) {
    this.#zone = zone
    this.#key = key
    this.#question = questionOf({ kind: 'query', name: zone, type: RR_TYPE.axfr }, id, key, now, 0)
    this.#mac = this.#question.signature?.mac ?? ''
  }

  /** To be sent. */
  get request(): Octets {
    return this.#question.message
  }

  /** What the next message says; after one that is the last there is nothing to take. */
  take(bytes: Uint8Array, now: Seconds): TransferStep {
    const message = readMessage(bytes, true)
    if (message === undefined) return bad('it is malformed')
    if (!this.#isReply(message)) return bad('it answers something else')
    if (++this.#messages > MESSAGES_MAX) return bad('it has no end')
    const signed = this.#verified(bytes, message, now)
    if (signed !== undefined && signed.kind !== 'good') return refusalOf(signed, message)
    const { answers, isTruncated, rcode } = message
    if (rcode !== RCODE.NOERROR) return { kind: 'refused', rcode }
    if (isTruncated || answers.length === 0) return bad('it has a message without records')
    const trouble = this.#gather(answers)
    if (trouble !== '') return bad(trouble)
    const isBelieved = this.#key === undefined || signed !== undefined
    if (this.#isEnded && !isBelieved) return bad('its last message is not signed')
    const records = isBelieved ? this.#held.splice(0) : []
    return { kind: this.#isEnded ? 'whole' : 'records', records }
  }

  #isReply({ id, isReply, opcode, question }: ReadMessage): boolean {
    if (id !== this.#question.id || !isReply || opcode !== OPCODE.query) return false
    if (question === undefined) return true
    return question.name === this.#zone && question.type === RR_TYPE.axfr
  }

  /** Undefined: nothing is signed, or not this one of several. */
  #verified(bytes: Uint8Array, message: ReadMessage, now: Seconds): Verification | undefined {
    const key = this.#key
    if (key === undefined) return undefined
    const mac = macOfMessage(message)
    const isFirst = this.#messages === 1
    if (mac === undefined && !isFirst) return this.#unsignedOne(bytes)
    const verification = isFirst
      ? verify(bytes, message, key, this.#mac, now)
      : verifyNext(bytes, message, key, this.#mac, this.#between, now)
    this.#mac = mac ?? ''
    this.#between = ''
    this.#unsigned = 0
    return verification
  }

  #unsignedOne(bytes: Uint8Array): Verification | undefined {
    if (++this.#unsigned > UNSIGNED_MAX) return { kind: 'bad', why: 'it is not signed' }
    this.#between += octetsFromBytes(bytes)
    return undefined
  }

  /** '' = they are as they should be. */
  #gather(records: readonly DnsRecord[]): string {
    this.#records += records.length
    if (this.#records > RECORDS_MAX) return 'it has no end'
    for (const record of records) {
      const { data, dnsClass, name, type } = record
      if (this.#isEnded) return 'it goes on behind its end'
      const isSoa = type === RR_TYPE.soa && name === this.#zone
      if (this.#serial === '') {
        if (!isSoa || data.length < SOA_NUMBERS) return 'it does not begin with the SOA of the zone'
        this.#serial = serialOf(data)
      } else if (isSoa) {
        if (serialOf(data) !== this.#serial) return 'it ends with the SOA of another time'
        this.#isEnded = true
      } else if (dnsClass === DNS_CLASS.internet && isIn(name, this.#zone)) this.#held.push(record)
    }
    return ''
  }
}

function serialOf(soa: Octets): Octets {
  return soa.slice(-SOA_NUMBERS, 4 - SOA_NUMBERS)
}

function bad(why: string): TransferStep {
  return { kind: 'bad', why }
}

function refusalOf(verification: Verification, { rcode }: ReadMessage): TransferStep {
  switch (verification.kind) {
    case 'unsigned':
      return { kind: 'refused', rcode: verification.error }
    case 'ahead':
      return { kind: 'refused', rcode: RCODE.BADTIME }
    default:
      return bad(rcode === 0 ? whyOf(verification) : `${rcodeName(rcode)}, ${whyOf(verification)}`)
  }
}

function whyOf(verification: Verification): string {
  return verification.kind === 'bad' ? verification.why : ''
}
