// Values of columns as they come of both kinds of databases: one says true, the other 1; one has
// maps, the other their text.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
import { textFromIpv6 } from '../../address/ipv6.ts'
import { hexFromOctets, octetsFromBytes } from '../../bytes/octets.ts'
import { isMap, type Members } from '../text/map.ts'

/** A row by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>

export function numberIn(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}

export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : value instanceof Uint8Array ? String(value) : ''
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === '1'
}

export function hexIn(value: unknown): string {
  return value instanceof Uint8Array ? hexFromOctets(octetsFromBytes(value)) : ''
}

export function mapIn(value: unknown): Members | undefined {
  const found = jsonIn(value)
  return isMap(found) ? found : undefined
}

/** Names in a list of JSON; what is no list is one name. */
export function namesIn(value: unknown): readonly string[] {
  const found = jsonIn(value)
  if (Array.isArray(found)) return found.map(String)
  const name = textIn(value)
  return name === '' ? [] : [name]
}

/** Undefined where there is none, or what is there is none. */
export function jsonIn(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) return value
  const text = textIn(value)
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An address of IPv4 is a number or a text; one of IPv6 16 octets or a text. */
export function addressIn(value: unknown): string {
  if (value instanceof Uint8Array)
    return value.length === 16 ? textFromIpv6(octetsFromBytes(value)) : ''
  const text = String(value ?? '').trim()
  if (ipv4FromText(text) !== undefined || text.includes(':')) return text
  const number = text === '' ? undefined : numberIn(text)
  return number === undefined || number < 0 || number > 0xffff_ffff ? text : textFromIpv4(number)
}
