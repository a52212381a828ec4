// Writes DHCPv6 messages of a server (RFC 9915 §8, §9) in one pass, straight to where they are sent
// from: what relays put around a message goes first, and lengths are filled in at the end. Nothing
// is written beyond the size that is given, and what is longer is no message at all: a reply that
// lacks an option without saying so would be believed.

import type { Prefix6 } from '../../address/prefix6.ts'
import { writeUint16, writeUint32 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { writeOctets } from '../../bytes/octets.ts'
import { type IaKind, MESSAGE_TYPE6, OPTION6, type Status6 } from './codes.ts'
import {
  HEADER_SIZE,
  IA_ADDRESS_SIZE,
  IA_PREFIX_SIZE,
  IA_SIZE,
  LINK_ADDRESS_AT,
  OPTION_HEAD,
  OPTION_LENGTH_MAX,
  PEER_ADDRESS_AT,
  RELAY_HEADER_SIZE,
} from './layout.ts'
import type { Relay6 } from './message.ts'

const { interfaceId, relaySourcePort, relayMessage, echoRequest } = OPTION6

/** One object writes all messages, one after the other. */
export class Writer6 {
  #out: Uint8Array = new Uint8Array(0)
  /** Where the next byte goes. */
  #at = 0
  /** No byte from here on is written. */
  #limit = 0
  #isFull = false
  /** Where the values of the relays' options 9 begin. */
  readonly #insides: number[] = []
  /** Where the value of the IA begins, and that of the address or prefix in it. */
  #ia = 0
  #entry = 0

  /**
   * Begins a message at `at` that has `sizeMax` bytes at most, with all that relays get around it:
   * `relays` are those of the query, in its order. 65,527 bytes are the most that UDP carries.
   */
  begin(
    out: Uint8Array,
    at: number,
    sizeMax: number,
    type: number,
    xid: number,
    relays: readonly Relay6[],
  ): void {
    this.#out = out
    this.#at = at
    this.#limit = Math.min(at + sizeMax, out.length)
    this.#isFull = false
    this.#insides.length = 0
    for (const relay of relays) this.#beginRelay(relay)
    if (!this.#takes(HEADER_SIZE)) return
    out[this.#at] = type
    out[this.#at + 1] = xid >>> 16
    this.#at = writeUint16(out, this.#at + 2, xid & 0xffff)
  }

  option(code: number, value: Octets): void {
    if (!this.#head(code, value.length)) return
    this.#at = writeOctets(value, this.#out, this.#at)
  }

  uint8(code: number, value: number): void {
    if (!this.#head(code, 1)) return
    this.#out[this.#at++] = value
  }

  uint16(code: number, value: number): void {
    if (!this.#head(code, 2)) return
    this.#at = writeUint16(this.#out, this.#at, value)
  }

  uint32(code: number, value: number): void {
    if (!this.#head(code, 4)) return
    this.#at = writeUint32(this.#out, this.#at, value)
  }

  /** Options that were encoded before: option-block.ts. */
  block(bytes: Uint8Array): void {
    if (!this.#takes(bytes.length)) return
    this.#out.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** `text` is ASCII. Stands in the message, or in what was begun last. */
  status(code: Status6, text: string): void {
    if (!this.#head(OPTION6.statusCode, 2 + text.length)) return
    this.#at = writeOctets(text, this.#out, writeUint16(this.#out, this.#at, code))
  }

  /** What follows stands in the IA until {@link endIa}. */
  beginIa(kind: IaKind, iaid: number, t1: number, t2: number): void {
    if (!this.#head(kind, IA_SIZE)) return
    const out = this.#out
    this.#ia = this.#at
    this.#at = writeUint32(out, writeUint32(out, writeUint32(out, this.#at, iaid), t1), t2)
  }

  endIa(): void {
    this.#close(this.#ia)
  }

  /** An address or prefix of the IA that was begun, without options. */
  entry(kind: IaKind, key: Prefix6, preferred: number, valid: number): void {
    this.beginEntry(kind, key, preferred, valid)
  }

  /** The same; what follows stands in it until {@link endEntry}. */
  beginEntry(kind: IaKind, key: Prefix6, preferred: number, valid: number): void {
    if (kind === OPTION6.iaPd) this.#beginPrefix(key, preferred, valid)
    else this.#beginAddress(key, preferred, valid)
  }

  endEntry(): void {
    this.#close(this.#entry)
  }

  /** The position behind the message; -1 = it is longer than it may be. */
  end(): number {
    if (this.#isFull) return -1
    for (const inside of this.#insides) {
      const length = this.#at - inside
      if (length > OPTION_LENGTH_MAX) return -1
      writeUint16(this.#out, inside - 2, length)
    }
    return this.#at
  }

  /**
   * RFC 9915 §19.3: the chain of the query, turned round. What a relay needs to pass the answer on
   * goes back to it (RFC 9915 §21.18, RFC 8357 §5), and what it asks for (RFC 4994).
   */
  #beginRelay(relay: Relay6): void {
    if (!this.#takes(RELAY_HEADER_SIZE)) return
    const out = this.#out
    const at = this.#at
    out[at] = MESSAGE_TYPE6.relayReply
    out[at + 1] = relay.hopCount
    writeOctets(relay.linkAddress, out, at + LINK_ADDRESS_AT)
    writeOctets(relay.peerAddress, out, at + PEER_ADDRESS_AT)
    this.#at = at + RELAY_HEADER_SIZE
    this.#echo(relay, interfaceId)
    this.#echo(relay, relaySourcePort)
    const asked = relay.option(echoRequest)
    if (asked !== undefined) this.#echoAll(relay, asked)
    if (this.#head(relayMessage, 0)) this.#insides.push(this.#at)
  }

  #echo(relay: Relay6, code: number): void {
    const value = relay.option(code)
    if (value !== undefined) this.option(code, value)
  }

  #echoAll(relay: Relay6, asked: Octets): void {
    const done = new Set<number>([interfaceId, relaySourcePort, relayMessage, echoRequest])
    for (let at = 0; at + 2 <= asked.length; at += 2) {
      const code = (asked.charCodeAt(at) << 8) | asked.charCodeAt(at + 1)
      if (done.has(code)) continue
      done.add(code)
      for (const value of relay.all(code)) this.option(code, value)
    }
  }

  #beginAddress(key: Prefix6, preferred: number, valid: number): void {
    if (!this.#head(OPTION6.iaAddress, IA_ADDRESS_SIZE)) return
    const out = this.#out
    this.#entry = this.#at
    const at = writeAddress(key, out, this.#at)
    this.#at = writeUint32(out, writeUint32(out, at, preferred), valid)
  }

  #beginPrefix(key: Prefix6, preferred: number, valid: number): void {
    if (!this.#head(OPTION6.iaPrefix, IA_PREFIX_SIZE)) return
    const out = this.#out
    this.#entry = this.#at
    const at = writeUint32(out, writeUint32(out, this.#at, preferred), valid)
    out[at] = key.charCodeAt(0)
    this.#at = writeAddress(key, out, at + 1)
  }

  /** The length of the option whose value begins at `start` and ends here. */
  #close(start: number): void {
    if (this.#isFull) return
    const length = this.#at - start
    if (length > OPTION_LENGTH_MAX) this.#isFull = true
    else writeUint16(this.#out, start - 2, length)
  }

  /** Code and length of an option whose value has `length` bytes, where all of it has room. */
  #head(code: number, length: number): boolean {
    if (length > OPTION_LENGTH_MAX) this.#isFull = true
    if (!this.#takes(OPTION_HEAD + length)) return false
    this.#at = writeUint16(this.#out, writeUint16(this.#out, this.#at, code), length)
    return true
  }

  #takes(size: number): boolean {
    if (this.#at + size > this.#limit) this.#isFull = true
    return !this.#isFull
  }
}

/** The 16 octets behind the length; returns the position behind them. */
function writeAddress(key: Prefix6, out: Uint8Array, at: number): number {
  for (let index = 1; index <= 16; index++) out[at + index - 1] = key.charCodeAt(index)
  return at + 16
}
