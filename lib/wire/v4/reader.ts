// Decodes DHCPv4 datagrams (RFC 2131 §2, option overload §4.1, long options RFC 3396). Anything may
// arrive here: decoding never throws, never reads outside the datagram and takes time linear in its
// size. Whether a message makes sense to a server (op, message type) is for the engine to say.

import type { Ipv4 } from '../../address/ipv4.ts'
import { readIpv4 } from '../../address/ipv4.ts'
import { readUint16, readUint32 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import type { Reason4 } from '../../catalogue/reasons.ts'
import { fixedLength4 } from '../options/options4.ts'
import { NOTHING_SUPPLIED, type Supplied } from '../supplied.ts'
import { OPTION4 } from './codes.ts'
import {
  CHADDR_AT,
  COOKIE_AT,
  FILE_AT,
  FILE_SIZE,
  HEADER_SIZE,
  HW_ADDRESS_MAX,
  MAGIC_COOKIE,
  SNAME_AT,
  SNAME_SIZE,
} from './layout.ts'
import type { OptionParsing4, Query4 } from './message.ts'
import { OptionIndex4, type Walk4 } from './option-index.ts'

const { overload: OVERLOAD, clientIdentifier: CLIENT_ID } = OPTION4

/** RFC 2132 §9.14: a shorter client identifier tells nobody apart, so it counts as absent. */
const CLIENT_ID_MIN = 2

/** Bits of option 52: which fields hold options instead of names. */
const OVERLOAD_FILE = 1
const OVERLOAD_SNAME = 2

const SUB_OPTIONS_KEPT = 8

/** A decoded message. One object is reused for every datagram: see {@link decode4}. */
export class Message4 implements Query4 {
  op = 0
  htype = 0
  hops = 0
  xid = 0
  secs = 0
  flags = 0
  ciaddr: Ipv4 = 0
  yiaddr: Ipv4 = 0
  siaddr: Ipv4 = 0
  giaddr: Ipv4 = 0
  type = 0
  size = 0
  /** Length of the hardware address as the header says it, 0 to 255. */
  hlen = 0
  /** Value of option 52: 0 none, 1 file, 2 sname, 3 both hold options. */
  overload = 0
  /** Whether an option that runs past the end of its field was ignored. */
  isCut = false
  /** Positions of the options. */
  readonly options = new OptionIndex4()
  supplied: readonly Supplied[] = NOTHING_SUPPLIED
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  #hwAddress: Octets | undefined
  /** Sub-options that were asked for, since several steps ask for the same: code, value. */
  readonly #subKeys = new Int32Array(SUB_OPTIONS_KEPT)
  readonly #subValues: Octets[] = new Array<Octets>(SUB_OPTIONS_KEPT).fill('')
  #subCount = 0

  get hwAddress(): Octets {
    if (this.#hwAddress !== undefined) return this.#hwAddress
    const start = this.#start + CHADDR_AT
    const length = this.size < HEADER_SIZE ? 0 : Math.min(this.hlen, HW_ADDRESS_MAX)
    this.#hwAddress = octetsFromBytes(this.#bytes, start, start + length)
    return this.#hwAddress
  }

  get packedSize(): number {
    return COOKIE_AT + this.options.packedSize
  }

  has(code: number): boolean {
    return this.options.has(code)
  }

  octets(code: number): Octets | undefined {
    return this.options.octets(code)
  }

  uint(code: number): number | undefined {
    return this.options.uint(code)
  }

  supply(code: number, value: Octets | undefined): void {
    this.#subCount = 0
    if (this.options.supply(code, value)) this.supplied = [...this.supplied, { code, value }]
  }

  unsupply(): void {
    this.#subCount = 0
    this.supplied = NOTHING_SUPPLIED
    this.options.unsupply()
  }

  subOption(code: number, subCode: number): Octets | undefined {
    const value = this.options.octets(code)
    if (value === undefined) return undefined
    const key = (code << 8) | subCode
    for (let at = 0; at < this.#subCount; at++)
      if (this.#subKeys[at] === key) return this.#subValues[at]
    const found = subOptionIn(value, subCode)
    if (found !== undefined && this.#subCount < SUB_OPTIONS_KEPT) {
      this.#subKeys[this.#subCount] = key
      this.#subValues[this.#subCount++] = found
    }
    return found
  }

  /** The codes of all options in the order of the wire, each once. */
  codes(): number[] {
    const codes: number[] = []
    for (let part = 0; part < this.options.parts; part++) {
      const code = this.options.codeAt(part)
      if (code !== 0) codes.push(code)
    }
    return codes
  }

  copy(): Uint8Array {
    return this.#bytes.slice(this.#start, this.#start + this.size)
  }

  /** The field sname up to its first NUL; '' when it holds options. */
  serverName(): Octets {
    return this.overload & OVERLOAD_SNAME ? '' : this.#text(SNAME_AT, SNAME_SIZE)
  }

  /** The field file up to its first NUL; '' when it holds options. */
  bootFile(): Octets {
    return this.overload & OVERLOAD_FILE ? '' : this.#text(FILE_AT, FILE_SIZE)
  }

  /** Points at a new datagram and forgets the former one. Only for {@link decode4}. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes
    this.#start = start
    this.#hwAddress = undefined
    this.size = end - start
    this.xid = 0
    this.giaddr = 0
    this.type = 0
    this.overload = 0
    this.isCut = false
    this.#subCount = 0
    this.supplied = NOTHING_SUPPLIED
    this.options.reset(bytes)
  }

  #text(offset: number, size: number): Octets {
    if (this.size < HEADER_SIZE) return ''
    const start = this.#start + offset
    let end = start
    while (end < start + size && this.#bytes[end] !== 0) end++
    return octetsFromBytes(this.#bytes, start, end)
  }
}

function subOptionIn(value: Octets, subCode: number): Octets | undefined {
  let at = 0
  while (at + 2 <= value.length) {
    const end = at + 2 + value.charCodeAt(at + 1)
    if (end > value.length) return undefined
    if (value.charCodeAt(at) === subCode) return value.slice(at + 2, end)
    at = end
  }
  return undefined
}

/**
 * Decodes bytes `start` to `end` into `message`, which points into `bytes` from then on. Undefined
 * means good. Where an option is malformed beyond what `parsing` ignores, the answer is
 * 'bad-option'.
 */
export function decode4(
  message: Message4,
  bytes: Uint8Array,
  start: number,
  end: number,
  parsing: OptionParsing4,
): Reason4 | undefined {
  message.reset(bytes, start, end)
  if (end - start < HEADER_SIZE) return 'too-short'
  readHeader(message, bytes, start)
  if (readUint32(bytes, start + COOKIE_AT) !== MAGIC_COOKIE) return 'bad-cookie'
  if (message.hlen > HW_ADDRESS_MAX) return 'bad-hlen'
  const options = message.options
  const walk = options.walk(start + HEADER_SIZE, end)
  if (!isWalkGood(message, walk, parsing)) return 'bad-option'
  if (options.has(OVERLOAD) && !readOverload(message, start, parsing)) return 'bad-option'
  if (!checkLengths(options, parsing === 'lenient')) return 'bad-option'
  if (options.has(CLIENT_ID) && options.lengthOf(CLIENT_ID) < CLIENT_ID_MIN)
    options.ignore(CLIENT_ID)
  message.type = options.uint(OPTION4.messageType) ?? 0
  return undefined
}

/**
 * A client that cuts its last option short, or pads with rubbish, has said all that matters before.
 */
function isWalkGood(message: Message4, walk: Walk4, parsing: OptionParsing4): boolean {
  if (walk === 'whole') return true
  if (walk === 'crowded') return parsing === 'lenient'
  message.isCut = true
  return parsing !== 'strict'
}

function readHeader(message: Message4, bytes: Uint8Array, start: number): void {
  message.op = bytes[start]!
  message.htype = bytes[start + 1]!
  message.hlen = bytes[start + 2]!
  message.hops = bytes[start + 3]!
  message.xid = readUint32(bytes, start + 4)
  message.secs = readUint16(bytes, start + 8)
  message.flags = readUint16(bytes, start + 10)
  message.ciaddr = readIpv4(bytes, start + 12)
  message.yiaddr = readIpv4(bytes, start + 16)
  message.siaddr = readIpv4(bytes, start + 20)
  message.giaddr = readIpv4(bytes, start + 24)
}

/**
 * RFC 2131 §4.1: options in file come before those in sname. An option 52 inside of them has no
 * meaning, so no field is walked twice.
 */
function readOverload(message: Message4, start: number, parsing: OptionParsing4): boolean {
  const { options } = message
  const overload = options.lengthOf(OVERLOAD) === 1 ? options.uint(OVERLOAD)! : 0
  if (overload < 1 || overload > 3) {
    options.ignore(OVERLOAD)
    return parsing === 'lenient'
  }
  message.overload = overload
  const file = start + FILE_AT
  const sname = start + SNAME_AT
  let walk: Walk4 = 'whole'
  if (overload & OVERLOAD_FILE) walk = options.walk(file, file + FILE_SIZE, OVERLOAD)
  if (!isWalkGood(message, walk, parsing)) return false
  if (overload & OVERLOAD_SNAME) walk = options.walk(sname, sname + SNAME_SIZE, OVERLOAD)
  return isWalkGood(message, walk, parsing)
}

/** Whether every option of a fixed length has it. Lenient: one that has not is ignored. */
function checkLengths(options: OptionIndex4, lenient: boolean): boolean {
  for (let part = 0; part < options.parts; part++) {
    const code = options.codeAt(part)
    const length = fixedLength4(code)
    if (length === 0 || options.lengthOf(code) === length) continue
    if (!lenient) return false
    options.ignore(code)
  }
  return true
}
