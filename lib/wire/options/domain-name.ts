// Domain names between text and the labels of DNS (RFC 1035 §3.1), as options 81, 119, 137 and
// others hold them. Names are written without compression; RFC 1035 §4.1.4 pointers are understood
// when reading, within the value of one option (RFC 3397 §2).

import type { Octets } from '../../bytes/octets.ts'

const LABEL_MAX = 63
/** RFC 1035 §2.3.4, with length octets and the root. */
const NAME_MAX = 255

/**
 * Labels of a name, with or without its last dot; `\.` and `\DDD` stand for single characters as in
 * zone files. Undefined when a label is empty or longer than 63, the name longer than 255 octets,
 * or a character is not ASCII.
 */
export function domainNameFromText(text: string): Octets | undefined {
  if (text === '.') return '\0'
  let name = ''
  let label = ''
  for (let at = 0; at < text.length; at++) {
    let character = text[at]!
    if (character === '.') {
      if (label === '' || label.length > LABEL_MAX) return undefined
      name += String.fromCharCode(label.length) + label
      label = ''
      continue
    }
    if (character === '\\') {
      const escaped = /^\\(\d{3}|\D)/.exec(text.slice(at, at + 4))?.[1]
      if (escaped === undefined || Number(escaped) > 255) return undefined
      character = escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped
      at += escaped.length
    } else if (character <= ' ' || character > '~') return undefined
    label += character
  }
  if (label.length > LABEL_MAX) return undefined
  if (label !== '') name += String.fromCharCode(label.length) + label
  name += '\0'
  return name.length === 1 || name.length > NAME_MAX ? undefined : name
}

const POINTER_MAX = 0x3fff

/**
 * Names one behind the other, without pointers, with a pointer for every end of a name that stood
 * there before (RFC 1035 §4.1.4).
 */
export function compressDomainNames(names: Octets): Octets {
  const places = new Map<Octets, number>()
  let short = ''
  for (let at = 0; at < names.length; ) {
    const end = readDomainName(names, at)!.end
    for (; at < end; at += names.charCodeAt(at) + 1) {
      const rest = names.slice(at, end)
      const place = places.get(rest)
      if (rest === '\0') short += rest
      else if (place === undefined) {
        if (short.length <= POINTER_MAX) places.set(rest, short.length)
        short += names.slice(at, at + names.charCodeAt(at) + 1)
      } else {
        short += String.fromCharCode(0xc0 | (place >> 8), place & 255)
        at = end
        break
      }
    }
  }
  return short
}

export interface DomainNameRead {
  /** With its last dot; `.` is the root. */
  readonly text: string
  /** Position behind the name. */
  readonly end: number
}

/**
 * The name at position `at` of an option value, or undefined when it is malformed. A pointer must
 * lead to an earlier position than the last one, so reading ends.
 */
export function readDomainName(data: Octets, at: number): DomainNameRead | undefined {
  let text = ''
  let size = 1
  let end = -1
  let earliest = at
  for (let position = at; position < data.length; ) {
    const length = data.charCodeAt(position)
    if (length === 0) return { text: text || '.', end: end < 0 ? position + 1 : end }
    if (length >= 0xc0) {
      if (position + 1 >= data.length) return undefined
      if (end < 0) end = position + 2
      position = ((length & 0x3f) << 8) | data.charCodeAt(position + 1)
      if (position >= earliest) return undefined
      earliest = position
      continue
    }
    size += length + 1
    const next = position + 1 + length
    if (length > LABEL_MAX || size > NAME_MAX || next > data.length) return undefined
    text += `${printLabel(data.slice(position + 1, next))}.`
    position = next
  }
  return undefined
}

function printLabel(label: Octets): string {
  return label.replace(/[^!-~]|[.\\]/g, (character) =>
    character === '.' || character === '\\'
      ? `\\${character}`
      : `\\${String(character.charCodeAt(0)).padStart(3, '0')}`,
  )
}
