// Decodes DHCPv6 datagrams (RFC 9915 §8, §9, §21). Anything may arrive here: decoding never throws,
// never recurses, never reads outside the datagram and takes time linear in its size. Whether a
// message makes sense to a server (type, who sent it, what must be in it) is for the engine to say.

import { readUint16 } from '../../bytes/cursor.ts'
import { bytesFromOctets, type Octets } from '../../bytes/octets.ts'
import { NOTHING_SUPPLIED, type Supplied } from '../supplied.ts'
import { MESSAGE_TYPE6, OPTION6 } from './codes.ts'
import { DUID_MAX, DUID_MIN, HEADER_SIZE, RELAY_HEADER_SIZE } from './layout.ts'
import type { DecodeTrouble, Ia6, Query6, Relay6 } from './message.ts'
import { OptionIndex6, type Walk6 } from './option-index.ts'
import { IaPart, Pool, RelayPart } from './parts.ts'
import { RequestedOptions } from './requested-options.ts'

const { clientId: CLIENT_ID, serverId: SERVER_ID, relayMessage: RELAY_MESSAGE } = OPTION6

/** Most relays around a message; RFC 9915 §19.1.2 has relays stop at 8. */
export const RELAYS_MAX = 32
/** Most IAs of a message that are looked at. */
export const IAS_MAX = 32
/** Most addresses and prefixes in all of them. */
export const ENTRIES_MAX = 64

const NONE = -1

/** A decoded message. One object is reused for every datagram: see {@link decode6}. */
export class Message6 implements Query6 {
  type = 0
  xid = 0
  size = 0
  relays: readonly Relay6[] = []
  ias: readonly Ia6[] = []
  /** Whether an option that runs past the end of the message was ignored. */
  isCut = false
  /** Positions of the options. */
  readonly options = new OptionIndex6()
  supplied: readonly Supplied[] = NOTHING_SUPPLIED
  /** The first options of codes before others were supplied. */
  #before: { readonly code: number; readonly first: number }[] = []
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  /** The options of the message itself. */
  #from = 0
  #to = 0
  /** The first option of each code of one octet. */
  readonly #first = new Int16Array(256).fill(NONE)
  readonly #relays = new Pool(() => new RelayPart(this.options))
  readonly #ias = new Pool(() => new IaPart(this.options))
  readonly #requested = new RequestedOptions()
  #isRequestRead = false

  has(code: number): boolean {
    return this.#find(code) !== NONE
  }

  option(code: number): Octets | undefined {
    const option = this.#find(code)
    return option === NONE ? undefined : this.options.octets(option)
  }

  all(code: number): readonly Octets[] {
    const option = this.#find(code)
    if (option === NONE) return []
    if (option >= this.#to) return [this.options.octets(option)]
    return this.options.all(this.#from, this.#to, code)
  }

  get clientId(): Octets {
    return this.option(CLIENT_ID) ?? ''
  }

  get serverId(): Octets {
    return this.option(SERVER_ID) ?? ''
  }

  get elapsed(): number {
    const option = this.#find(OPTION6.elapsedTime)
    return option === NONE ? -1 : readUint16(this.#bytes, this.options.startOf(option))
  }

  isRequested(code: number): boolean {
    if (!this.#isRequestRead) this.#readRequest()
    return this.#requested.has(code)
  }

  copy(): Uint8Array {
    return this.#bytes.slice(this.#start, this.#start + this.size)
  }

  supply(code: number, value: Octets | undefined): void {
    if (code > 255) return
    const option = value === undefined ? NONE : this.options.supply(code, value)
    if (value !== undefined && option === NONE) return
    this.supplied = [...this.supplied, { code, value }]
    this.#before.push({ code, first: this.#first[code]! })
    this.#first[code] = option
    this.#isRequestRead = false
  }

  unsupply(): void {
    for (const { code, first } of this.#before.reverse()) this.#first[code] = first
    this.#before = []
    this.supplied = NOTHING_SUPPLIED
    this.#isRequestRead = false
  }

  /**
   * The codes of the options of the message itself that count, in the order of the wire; behind
   * them those that are supplied.
   */
  codes(): number[] {
    const codes = this.options.codes(this.#from, this.#to)
    if (this.supplied.length === 0) return codes
    const others = new Set(this.supplied.map(({ code }) => code))
    const standing = [...others].filter((code) => this.has(code))
    return [...codes.filter((code) => !others.has(code)), ...standing]
  }

  /** Points at a new datagram and forgets the former one. Only for {@link decode6}. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes
    this.#start = start
    this.size = end - start
    this.type = 0
    this.xid = 0
    this.isCut = false
    this.relays = this.#relays.list(0)
    this.ias = this.#ias.list(0)
    this.#isRequestRead = false
    if (this.supplied.length > 0) this.unsupply()
    const { options } = this
    for (let option = this.#from; option < options.count; option = options.nextOf(option))
      if (options.codeAt(option) < 256) this.#first[options.codeAt(option)] = NONE
    this.#from = 0
    this.#to = 0
    options.reset(bytes)
  }

  /** The next relay, nearer the client than those before. Only for {@link decode6}. */
  addRelay(start: number, from: number): void {
    const count = this.relays.length
    this.#relays.at(count).use(this.#bytes, start, from, this.options.count)
    this.relays = this.#relays.list(count + 1)
  }

  /** What was walked since `from` are the options of the message. Only for {@link decode6}. */
  settle(from: number): void {
    const { options } = this
    this.#from = from
    this.#to = options.count
    let count = 0
    let room = ENTRIES_MAX
    for (let option = from; option < this.#to; option = options.nextOf(option)) {
      const code = options.codeAt(option)
      if (code === 0) continue
      if (code < 256 && this.#first[code] === NONE) this.#first[code] = option
      if ((code !== OPTION6.iaNa && code !== OPTION6.iaPd) || count === IAS_MAX) continue
      const ia = this.#ias.at(count++)
      ia.use(this.#bytes, option, room)
      room -= ia.entries.length
    }
    this.ias = this.#ias.list(count)
  }

  /** Whether the message has two of them. */
  isTwice(code: number): boolean {
    const option = this.#find(code)
    return option !== NONE && this.options.find(this.options.nextOf(option), this.#to, code) >= 0
  }

  /** -1 = absent. */
  lengthOf(code: number): number {
    const option = this.#find(code)
    return option === NONE ? -1 : this.options.lengthOf(option)
  }

  #find(code: number): number {
    return code < 256 ? this.#first[code]! : this.options.find(this.#from, this.#to, code)
  }

  #readRequest(): void {
    this.#isRequestRead = true
    const option = this.#find(OPTION6.optionRequest)
    if (option >= this.#to) {
      const value = bytesFromOctets(this.options.octets(option))
      this.#requested.read(value, 0, value.length)
      return
    }
    const start = option === NONE ? 0 : this.options.startOf(option)
    const length = option === NONE ? 0 : this.options.lengthOf(option)
    this.#requested.read(this.#bytes, start, length)
  }
}

/**
 * Decodes bytes `start` to `end` into `message`, which points into `bytes` from then on: a message
 * of a client, with what relays put around it. Undefined means good.
 */
export function decode6(
  message: Message6,
  bytes: Uint8Array,
  start: number,
  end: number,
): DecodeTrouble | undefined {
  return decode(message, bytes, start, end, MESSAGE_TYPE6.relayForward)
}

/** The same of what a server says, which goes back through relays. */
export function decodeReply6(
  message: Message6,
  bytes: Uint8Array,
  start: number,
  end: number,
): DecodeTrouble | undefined {
  return decode(message, bytes, start, end, MESSAGE_TYPE6.relayReply)
}

function decode(
  message: Message6,
  bytes: Uint8Array,
  start: number,
  end: number,
  relayType: number,
): DecodeTrouble | undefined {
  message.reset(bytes, start, end)
  const { options } = message
  let at = start
  let limit = end
  for (;;) {
    const size = limit - at
    if (size < HEADER_SIZE) return at === start ? 'too-short' : 'bad-relay'
    const type = bytes[at]!
    if (type !== MESSAGE_TYPE6.relayForward && type !== MESSAGE_TYPE6.relayReply) break
    if (type !== relayType || size < RELAY_HEADER_SIZE) return 'bad-relay'
    if (message.relays.length === RELAYS_MAX) return 'too-many-relays'
    const from = options.count
    const walk = options.walk(at + RELAY_HEADER_SIZE, limit)
    if (walk !== 'whole') return walk === 'cut' ? 'bad-relay' : troubleOf(walk)
    const inner = options.find(from, options.count, RELAY_MESSAGE)
    if (inner < 0) return 'bad-relay'
    if (options.find(options.nextOf(inner), options.count, RELAY_MESSAGE) >= 0) return 'bad-relay'
    message.addRelay(at, from)
    at = options.startOf(inner)
    limit = at + options.lengthOf(inner)
  }
  const from = options.count
  const walk = options.walk(at + HEADER_SIZE, limit)
  message.isCut = walk === 'cut'
  if (walk === 'crowded' || walk === 'deep') return troubleOf(walk)
  message.settle(from)
  const trouble = identifierTrouble(message)
  if (trouble !== undefined) return trouble
  message.type = bytes[at]!
  message.xid = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  return undefined
}

function troubleOf(walk: Walk6): DecodeTrouble {
  return walk === 'crowded' ? 'too-long' : 'bad-option'
}

/**
 * A client that cuts its last option short has said all that matters before, unless that is who it
 * is, or whom it means.
 */
function identifierTrouble(message: Message6): DecodeTrouble | undefined {
  const { cutCode } = message.options
  if (message.isCut && (cutCode === CLIENT_ID || cutCode === SERVER_ID)) return 'bad-option'
  if (message.isTwice(CLIENT_ID) || message.isTwice(SERVER_ID)) return 'several-ids'
  const client = message.lengthOf(CLIENT_ID)
  if (client >= 0 && (!isDuidLength(client) || isNobody(message.clientId))) return 'bad-client-id'
  const server = message.lengthOf(SERVER_ID)
  return server < 0 || isDuidLength(server) ? undefined : 'bad-option'
}

function isDuidLength(length: number): boolean {
  return length >= DUID_MIN && length <= DUID_MAX
}

/** What Kea writes where a lease has no DUID. */
function isNobody(duid: Octets): boolean {
  return duid === '\0\0\0'
}
