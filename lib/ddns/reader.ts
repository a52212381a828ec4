// Answers of DNS servers (RFC 1035 §4). What comes may be anything: whatever is not a whole message
// is undefined, and each octet is looked at a bounded number of times.

import { readUint16, readUint32 } from '../bytes/cursor.ts'
import { type Octets, octetsFromBytes } from '../bytes/octets.ts'
import { nameInLabels } from '../names/labels.ts'
import { lowerCase } from '../names/names.ts'
import { RR_TYPE } from './codes.ts'
import type { DnsRecord } from './message.ts'

const HEADER = 12
/** Type, class, TTL and length of a record. */
const RECORD_HEAD = 10
const LABEL_MAX = 63
/** RFC 1035 §2.3.4, with length octets and the root. */
const NAME_MAX = 255
/** A name has 127 labels at most, and who compresses well needs one pointer. */
const POINTERS_MAX = 32
/** Of a message. What is asked here is answered with a few. */
const RECORDS_MAX = 100
/** Of one that is full of the shortest ones. */
const TRANSFER_RECORDS_MAX = 6000

export interface ReadRecord extends DnsRecord {
  /** Where it stands in the message, and where its data does. */
  readonly start: number
  readonly dataStart: number
}

export interface ReadMessage {
  readonly id: number
  readonly isReply: boolean
  readonly opcode: number
  readonly isTruncated: boolean
  readonly rcode: number
  readonly question: { readonly name: Octets; readonly type: number } | undefined
  readonly answers: readonly ReadRecord[]
  readonly authority: readonly ReadRecord[]
  readonly additional: readonly ReadRecord[]
}

class Malformed extends Error {}

/**
 * `isTransfer`: it may be long, and names with a dot within a label, which a zone may have, keep
 * their lengths: they are no names of clients.
 */
export function readMessage(bytes: Uint8Array, isTransfer = false): ReadMessage | undefined {
  if (bytes.length < HEADER) return undefined
  try {
    return new Reader(bytes, isTransfer).message()
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return undefined
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #isTransfer: boolean
  #at = HEADER
  #records = 0

  constructor(bytes: Uint8Array, isTransfer: boolean) {
    this.#bytes = bytes
    this.#isTransfer = isTransfer
  }

  message(): ReadMessage {
    const bytes = this.#bytes
    const flags = readUint16(bytes, 2)
    const question = this.#question(readUint16(bytes, 4))
    const message = {
      id: readUint16(bytes, 0),
      isReply: (flags & 0x8000) !== 0,
      opcode: (flags >> 11) & 15,
      isTruncated: (flags & 0x0200) !== 0,
      rcode: flags & 15,
      question,
      answers: this.#section(readUint16(bytes, 6)),
      authority: this.#section(readUint16(bytes, 8)),
      additional: this.#section(readUint16(bytes, 10)),
    }
    if (this.#at !== bytes.length) throw new Malformed()
    return message
  }

  #question(count: number): ReadMessage['question'] {
    if (count === 0) return undefined
    if (count > 1) throw new Malformed()
    const name = nameOf(this.#labels())
    this.#need(4)
    const type = readUint16(this.#bytes, this.#at)
    this.#at += 4
    return { name, type }
  }

  #section(count: number): ReadRecord[] {
    this.#records += count
    const max = this.#isTransfer ? TRANSFER_RECORDS_MAX : RECORDS_MAX
    if (this.#records > max) throw new Malformed()
    const records: ReadRecord[] = []
    for (let index = 0; index < count; index++) records.push(this.#record())
    return records
  }

  #record(): ReadRecord {
    const start = this.#at
    const labels = this.#labels()
    const name = this.#isTransfer ? (nameInData(labels) ?? labels) : nameOf(labels)
    this.#need(RECORD_HEAD)
    const bytes = this.#bytes
    const type = readUint16(bytes, this.#at)
    const dnsClass = readUint16(bytes, this.#at + 2)
    const ttl = readUint32(bytes, this.#at + 4)
    const length = readUint16(bytes, this.#at + 8)
    this.#at += RECORD_HEAD
    this.#need(length)
    const dataStart = this.#at
    const data = this.#data(type, length)
    this.#at = dataStart + length
    return { name, type, dnsClass, ttl, data, start, dataStart }
  }

  /** As it stands there, a name without its pointers. */
  #data(type: number, length: number): Octets {
    const isName = type === RR_TYPE.cname || type === RR_TYPE.ptr
    if (!isName || length === 0) return octetsFromBytes(this.#bytes, this.#at, this.#at + length)
    const end = this.#at + length
    const labels = this.#labels()
    if (this.#at !== end) throw new Malformed()
    return labels
  }

  #need(octets: number): void {
    if (this.#at + octets > this.#bytes.length) throw new Malformed()
  }

  /**
   * A name with the lengths of its labels, in lower case. A pointer must lead to before the part
   * that it ends, so reading ends.
   */
  #labels(): Octets {
    const bytes = this.#bytes
    let [at, pointers, earliest, end] = [this.#at, 0, this.#at, -1]
    let labels = ''
    for (;;) {
      if (at >= bytes.length) throw new Malformed()
      const length = bytes[at]!
      if (length >= 0xc0) {
        if (at + 1 >= bytes.length || ++pointers > POINTERS_MAX) throw new Malformed()
        if (end < 0) end = at + 2
        at = readUint16(bytes, at) & 0x3fff
        if (at >= earliest || at < HEADER) throw new Malformed()
        earliest = at
        continue
      }
      const next = at + 1 + length
      if (length > LABEL_MAX || next > bytes.length) throw new Malformed()
      labels += octetsFromBytes(bytes, at, next)
      if (labels.length > NAME_MAX) throw new Malformed()
      at = next
      if (length === 0) break
    }
    this.#at = end < 0 ? at : end
    // Lengths of labels are below 64, where capital letters begin.
    return lowerCase(labels)
  }
}

/** Labels joined by dots, of which the names here have none within a label. */
function nameOf(labels: Octets): Octets {
  const name = nameInLabels(labels, 0)
  if (name === undefined) throw new Malformed()
  return name.name
}

/** The name that the data of a CNAME or PTR is; undefined where it has a dot within a label. */
export function nameInData(data: Octets): Octets | undefined {
  return nameInLabels(data, 0)?.name
}
