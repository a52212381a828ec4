// The types of which option values are made, one row a type: how text becomes octets and how octets
// at some position become text. The notation is Kea's.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
import { ipv6FromText, textFromIpv6 } from '../../address/ipv6.ts'
import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import {
  bytesFromOctets,
  hexFromOctets,
  octetsFromBytes,
  octetsFromHex,
} from '../../bytes/octets.ts'
import type { OptionType } from './definition.ts'
import { domainNameFromText, readDomainName } from './domain-name.ts'

/** The types that can stand for one value. */
export type FieldType = Exclude<OptionType, 'empty' | 'internal' | 'record'>

export interface FieldRead {
  readonly text: string
  /** Position behind the value. */
  readonly end: number
}

export interface Field {
  /** What a legal text is, to complete the sentence "this is not …". */
  readonly wanted: string
  /** Undefined when the text is none of this type. */
  parse(text: string): Octets | undefined
  /** Undefined when no value of this type stands there. */
  read(data: Octets, at: number): FieldRead | undefined
}

export const FIELDS: Record<FieldType, Field> = {
  binary: {
    wanted: 'a string of hexadecimal digits',
    parse: (text) => octetsFromHex(text.replace(/^0x/i, '')),
    read: (data, at) => ({ text: hexFromOctets(data.slice(at)), end: data.length }),
  },
  boolean: { wanted: 'true or false', parse: parseBoolean, read: readBoolean },
  int8: integer(1, true),
  int16: integer(2, true),
  int32: integer(4, true),
  uint8: integer(1, false),
  uint16: integer(2, false),
  uint32: integer(4, false),
  'ipv4-address': { wanted: 'an IPv4 address', parse: parseIpv4, read: readIpv4Text },
  'ipv6-address': {
    wanted: 'an IPv6 address',
    parse: ipv6FromText,
    read: (data, at) => fixed(data, at, 16, textFromIpv6),
  },
  'ipv6-prefix': {
    wanted: 'an IPv6 prefix such as 2001:db8::/32',
    parse: parsePrefix,
    read: readPrefix,
  },
  psid: {
    wanted: 'a port set such as 3/4 (value/length, length at most 16)',
    parse: parsePsid,
    read: readPsid,
  },
  string: {
    wanted: 'a text',
    parse: (text) => (text === '' ? undefined : octetsFromBytes(new TextEncoder().encode(text))),
    read: (data, at) => ({ text: printText(data.slice(at)), end: data.length }),
  },
  tuple: tuple(1),
  fqdn: { wanted: 'a domain name', parse: parseDomainName, read: readDomainName },
}

/** With a length of two octets. */
export const LONG_TUPLE: Field = tuple(2)

/** Kea lowers the letters of a name. */
function parseDomainName(text: string): Octets | undefined {
  return domainNameFromText(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
}

/** Text for people: UTF-8 where it is, and `\xNN` for what would disturb a terminal or a log. */
export function printText(data: Octets): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesFromOctets(data))
  if (!/[\p{C}\p{Zl}\p{Zp}\ufffd]/u.test(text)) return text
  return data.replace(/[^ -~]/g, (character) => `\\x${hexFromOctets(character)}`)
}

function fixed(
  data: Octets,
  at: number,
  size: number,
  print: (octets: Octets) => string,
): FieldRead | undefined {
  const end = at + size
  return end > data.length ? undefined : { text: print(data.slice(at, end)), end }
}

function integer(size: number, signed: boolean): Field {
  const span = 2 ** (8 * size)
  const min = signed ? -span / 2 : 0
  const max = min + span - 1
  return {
    wanted: `a number from ${min} to ${max}`,
    parse(text) {
      if (!/^([+-]?\d+|0x[0-9a-f]+)$/i.test(text)) return undefined
      const value = Number(text)
      return value < min || value > max ? undefined : octetsFromUint((value + span) % span, size)
    },
    read: (data, at) =>
      fixed(data, at, size, (octets) => {
        const value = uintFromOctets(octets, 0, size)
        return String(value > max ? value - span : value)
      }),
  }
}

function parseBoolean(text: string): Octets | undefined {
  if (/^(true|1)$/i.test(text)) return '\x01'
  return /^(false|0)$/i.test(text) ? '\0' : undefined
}

function readBoolean(data: Octets, at: number): FieldRead | undefined {
  const value = data.charCodeAt(at)
  return value <= 1 ? { text: value === 1 ? 'true' : 'false', end: at + 1 } : undefined
}

function parseIpv4(text: string): Octets | undefined {
  const address = ipv4FromText(text)
  return address === undefined ? undefined : octetsFromUint(address, 4)
}

function readIpv4Text(data: Octets, at: number): FieldRead | undefined {
  return fixed(data, at, 4, (octets) => textFromIpv4(uintFromOctets(octets, 0, 4)))
}

/** Length in one octet, then as many octets as it needs, bits behind the length cleared. */
function parsePrefix(text: string): Octets | undefined {
  const match = /^([^/\s]+)\s*\/\s*(\d{1,3})$/.exec(text)
  const address = ipv6FromText(match?.[1] ?? '')
  const length = Number(match?.[2])
  if (address === undefined || length > 128) return undefined
  return String.fromCharCode(length) + significantOctets(address, length)
}

function readPrefix(data: Octets, at: number): FieldRead | undefined {
  const length = data.charCodeAt(at)
  const end = at + 1 + Math.ceil(length / 8)
  if (!(length <= 128 && end <= data.length)) return undefined
  const address = significantOctets(data.slice(at + 1, end), length).padEnd(16, '\0')
  return { text: `${textFromIpv6(address)}/${length}`, end }
}

function significantOctets(address: Octets, length: number): Octets {
  const whole = address.slice(0, length >> 3)
  const bits = length & 7
  if (bits === 0) return whole
  return whole + String.fromCharCode(address.charCodeAt(length >> 3) & (0xff00 >> bits) & 255)
}

/** RFC 7618 §4: length in one octet, value in the topmost bits of two. */
function parsePsid(text: string): Octets | undefined {
  const match = /^(\d{1,5})\s*\/\s*(\d{1,2})$/.exec(text)
  const value = Number(match?.[1])
  const length = Number(match?.[2])
  if (!(length <= 16 && value < 2 ** length)) return undefined
  return String.fromCharCode(length) + octetsFromUint(value * 2 ** (16 - length), 2)
}

function readPsid(data: Octets, at: number): FieldRead | undefined {
  if (at + 3 > data.length) return undefined
  const length = data.charCodeAt(at)
  const value = uintFromOctets(data, at + 1, 2) / 2 ** (16 - length)
  if (length > 16 || !Number.isInteger(value)) return undefined
  return { text: `${value}/${length}`, end: at + 3 }
}

function tuple(lengthSize: number): Field {
  return {
    wanted: `a text of 1 to ${256 ** lengthSize - 1} bytes`,
    parse(text) {
      const data = octetsFromBytes(new TextEncoder().encode(text))
      if (data === '' || data.length >= 256 ** lengthSize) return undefined
      return octetsFromUint(data.length, lengthSize) + data
    },
    read(data, at) {
      const start = at + lengthSize
      if (start > data.length) return undefined
      const size = uintFromOctets(data, at, lengthSize)
      return size === 0 ? undefined : fixed(data, start, size, printText)
    },
  }
}
