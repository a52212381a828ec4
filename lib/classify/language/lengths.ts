// How long the value of a text can be: what tells beforehand that a comparison is never true, or
// that a function always has an answer.

import { type OptionDefinition, TYPE_SIZES } from '../../wire/options/definition.ts'
import { FIELD, type Field } from '../facts.ts'
import type { ConversionName, TextNode } from './tree.ts'

/** The longest value: that of a datagram that is nothing but one option. */
const OPTION_MAX = 65535
/** The longest text of an IPv6 address. */
const ADDRESS_TEXT_MAX = 39
const INTEGER_TEXT_MAX = 11

/** `min`, `min + step` … up to `max`, and 0 where it may be empty. */
export interface Lengths {
  readonly min: number
  readonly max: number
  readonly step: number
  readonly mayBeEmpty: boolean
}

const NONE: Lengths = exactly(0)

const FIELD_LENGTHS: ReadonlyMap<Field, Lengths> = new Map<Field, Lengths>([
  [FIELD['pkt.iface'], upTo(OPTION_MAX)],
  [FIELD['pkt4.mac'], upTo(16)],
  [FIELD['pkt4.sname'], upTo(64)],
  [FIELD['pkt4.file'], upTo(128)],
  // 4 or 16 octets, as the datagram is.
  [FIELD['pkt.src'], { min: 4, max: 16, step: 12, mayBeEmpty: true }],
  [FIELD['pkt.dst'], { min: 4, max: 16, step: 12, mayBeEmpty: true }],
])

export function canBe({ min, max, step, mayBeEmpty }: Lengths, length: number): boolean {
  if (length === 0 && mayBeEmpty) return true
  return length >= min && length <= max && (length - min) % step === 0
}

/** Whether every length is 0 or one of these. */
export function isOnly(lengths: Lengths, allowed: readonly number[]): boolean {
  const { min, max, step } = lengths
  if ((max - min) / step > allowed.length) return false
  for (let length = min; length <= max; length += step)
    if (length !== 0 && !allowed.includes(length)) return false
  return true
}

/**
 * Whether options are as long as their definitions want is for the caller to say: a message may
 * hold others.
 */
export function lengthsOf(node: TextNode, asDefined: boolean): Lengths {
  switch (node.kind) {
    case 'literal':
      return exactly(node.value.length)
    case 'value':
      return asDefined && !node.isText ? definedLengths(node.origin.definition) : upTo(OPTION_MAX)
    case 'field':
      return FIELD_LENGTHS.get(node.field) ?? exactly(4)
    case 'enterprise':
      return orNone(exactly(4))
    case 'relay-address':
      return orNone(exactly(16))
    case 'substring':
      return ofSubstring(lengthsOf(node.of, asDefined), node.start, node.length)
    case 'split':
      return upTo(lengthsOf(node.of, asDefined).max)
    case 'join':
      return ofJoin(node.of.map((part) => lengthsOf(part, asDefined)))
    case 'choice':
      return either(lengthsOf(node.yes, asDefined), lengthsOf(node.no, asDefined))
    case 'hexstring':
      return ofHex(lengthsOf(node.of, asDefined), lengthsOf(node.separator, asDefined))
    case 'conversion':
      return ofConversion(node.name, lengthsOf(node.of, asDefined))
    case 'failing':
      return NONE
  }
}

function exactly(length: number): Lengths {
  return { min: length, max: length, step: 1, mayBeEmpty: length === 0 }
}

function upTo(max: number): Lengths {
  return { min: 0, max, step: 1, mayBeEmpty: true }
}

function orNone(lengths: Lengths): Lengths {
  return { ...lengths, mayBeEmpty: true }
}

function definedLengths(definition: OptionDefinition | undefined): Lengths {
  const size = definition === undefined ? undefined : TYPE_SIZES[definition.type]
  if (size === undefined || definition?.encapsulates !== '') return upTo(OPTION_MAX)
  return { min: size, max: definition.array ? OPTION_MAX : size, step: size, mayBeEmpty: true }
}

function ofSubstring(of: Lengths, start: number, length: number): Lengths {
  const room = start < 0 ? -start : Math.max(0, of.max - start)
  const before = start < 0 ? of.max : start
  return upTo(Math.min(of.max, length < 0 ? Math.min(-length, before) : Math.min(length, room)))
}

function ofJoin(parts: readonly Lengths[]): Lengths {
  const min = parts.reduce((sum, part) => sum + (part.mayBeEmpty ? 0 : part.min), 0)
  const max = parts.reduce((sum, part) => sum + part.max, 0)
  return { min, max, step: 1, mayBeEmpty: min === 0 }
}

function either(a: Lengths, b: Lengths): Lengths {
  const mayBeEmpty = a.mayBeEmpty || b.mayBeEmpty
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), step: 1, mayBeEmpty }
}

function ofHex(of: Lengths, separator: Lengths): Lengths {
  const digits = (length: number, between: number): number =>
    length === 0 ? 0 : length * 2 + (length - 1) * between
  const max = digits(of.max, separator.max)
  if (separator.min !== separator.max || separator.mayBeEmpty !== (separator.min === 0))
    return upTo(max)
  const step = of.step * (2 + separator.max)
  const min = digits(of.min === 0 ? of.step : of.min, separator.max)
  return { min: Math.min(min, max), max, step, mayBeEmpty: of.mayBeEmpty || of.min === 0 }
}

function ofConversion(name: ConversionName, of: Lengths): Lengths {
  if (name === 'lcase' || name === 'ucase') return of
  return upTo(name === 'addrtotext' ? ADDRESS_TEXT_MAX : INTEGER_TEXT_MAX)
}
