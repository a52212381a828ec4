// DHCPv4 messages for those who embed the server or test it: built from text and read as text, by
// the codec of lib/wire.

import * as ipv4 from '../address/ipv4.ts'
import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { REASONS4 } from '../catalogue/reasons.ts'
import * as builder from '../wire/v4/builder.ts'
import { decode4, Message4 } from '../wire/v4/reader.ts'

/** Fixed fields of a message (RFC 2131 §2). What is not given is 0 or ''. */
export interface MessageFields4
  extends Omit<
    builder.MessageFields4,
    'ciaddr' | 'yiaddr' | 'siaddr' | 'giaddr' | 'hwAddress' | 'sname' | 'file'
  > {
  /** Addresses as `192.0.2.1`. */
  readonly ciaddr?: string
  readonly yiaddr?: string
  readonly siaddr?: string
  readonly giaddr?: string
  /** chaddr in hex, `02:00:00:00:00:01`; up to 16 octets. */
  readonly hwAddress?: string
  /** At most 64 octets. */
  readonly sname?: string
  /** At most 128 octets. */
  readonly file?: string
}

/**
 * Encodes a message with its options in the given order, END, and zeros up to `sizeMin` bytes.
 * Throws TypeError where an address is none.
 */
export function encodeMessage4(
  fields: MessageFields4,
  options: readonly builder.OptionPair4[],
  sizeMin?: number,
): Uint8Array {
  const { ciaddr, yiaddr, siaddr, giaddr, hwAddress, ...rest } = fields
  const addresses = Object.entries({ ciaddr, yiaddr, siaddr, giaddr }).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, addressFrom(text, name)] as const],
  )
  const hardware = hwAddress === undefined ? {} : { hwAddress: hardwareFrom(hwAddress) }
  return builder.encodeMessage4(
    { ...rest, ...Object.fromEntries(addresses), ...hardware },
    options,
    sizeMin,
  )
}

/**
 * Addresses (`192.0.2.1`) as the value of an option: four octets each. Throws TypeError where one
 * is none.
 */
export function octetsFromIpv4(...addresses: readonly string[]): Octets {
  return ipv4.octetsFromIpv4(...addresses.map((text) => addressFrom(text, 'an address')))
}

/** A message that was read; it stands by itself. */
export class DecodedMessage4 {
  readonly op: number
  readonly htype: number
  readonly hops: number
  readonly xid: number
  readonly secs: number
  /** 0x8000 is the broadcast flag. */
  readonly flags: number
  /** Addresses as `192.0.2.1`; `0.0.0.0` = none. */
  readonly ciaddr: string
  readonly yiaddr: string
  readonly siaddr: string
  readonly giaddr: string
  /** `02:00:00:00:00:01`. */
  readonly hwAddress: string
  /** Option 53, one of MESSAGE_TYPE4; 0 = absent. */
  readonly type: number
  readonly #message: Message4

  constructor(message: Message4) {
    const { op, htype, hops, xid, secs, flags, type } = message
    this.op = op
    this.htype = htype
    this.hops = hops
    this.xid = xid
    this.secs = secs
    this.flags = flags
    this.type = type
    this.ciaddr = ipv4.textFromIpv4(message.ciaddr)
    this.yiaddr = ipv4.textFromIpv4(message.yiaddr)
    this.siaddr = ipv4.textFromIpv4(message.siaddr)
    this.giaddr = ipv4.textFromIpv4(message.giaddr)
    this.hwAddress = hexFromOctets(message.hwAddress, ':')
    this.#message = message
  }

  has(code: number): boolean {
    return this.#message.has(code)
  }

  /** The whole value of an option, its parts joined (RFC 3396); undefined when absent. */
  octets(code: number): Octets | undefined {
    return this.#message.octets(code)
  }

  /** The value of an option of exactly 1, 2 or 4 bytes as a number; undefined when absent. */
  uint(code: number): number | undefined {
    return this.#message.uint(code)
  }

  /**
   * The value of an option that is one or several addresses, as text; [] when absent or something
   * else.
   */
  addresses(code: number): string[] {
    const octets = this.octets(code) ?? ''
    if (octets.length % 4 !== 0) return []
    return Array.from({ length: octets.length / 4 }, (_, index) =>
      [0, 1, 2, 3].map((at) => octets.charCodeAt(4 * index + at)).join('.'),
    )
  }

  /** A sub-option of an option that holds code-length-value triples, such as option 82. */
  subOption(code: number, subCode: number): Octets | undefined {
    return this.#message.subOption(code, subCode)
  }
}

/** Reads a datagram, the counterpart of encodeMessage4. Throws where it is no DHCPv4 message. */
export function decodeMessage4(bytes: Uint8Array): DecodedMessage4 {
  const message = new Message4()
  const reason = decode4(message, bytes, 0, bytes.length, 'usual')
  if (reason !== undefined) throw new Error(`not a DHCPv4 message: ${REASONS4[reason].text}`)
  return new DecodedMessage4(message)
}

function addressFrom(text: string, what: string): ipv4.Ipv4 {
  const address = ipv4.ipv4FromText(text)
  if (address === undefined) throw new TypeError(`${what}: '${text}' is no IPv4 address`)
  return address
}

function hardwareFrom(text: string): Octets {
  const octets = octetsFromHex(text)
  if (octets === undefined) throw new TypeError(`hwAddress: '${text}' is not hex`)
  return octets
}
