// Option values as people write them in a document, Kea's comma separated text or hexadecimal, to
// the octets that go on the wire. Every refusal says what would be right.

import { octetsFromBytes, octetsFromHex } from '../../bytes/octets.ts'
import { OPTION4 } from '../v4/codes.ts'
import { splitFields, splitFirstFields } from './csv.ts'
import type { OptionDefinition, OptionParse } from './definition.ts'
import { compressDomainNames } from './domain-name.ts'
import type { Field, FieldType } from './field.ts'
import { FIELDS, LONG_TUPLE } from './field.ts'
import { notationOf } from './internal.ts'

/** Most octets of a value that goes out in one piece (RFC 2132 §2). */
const PIECE_MAX = 255

/**
 * Kea's `data` with `csv-format: true`. A comma inside a value is written `\,`; what ends in a text
 * takes the others, too: time zones and root paths are full of commas. What else has too many
 * values loses the last ones, as in Kea.
 */
export function parseOptionText(definition: OptionDefinition, csv: string): OptionParse {
  if (definition.type === 'internal') return parseInternal(definition, csv)
  let texts = splitFields(csv, ',')
  if (definition.type === 'empty')
    return texts.length === 0 ? { data: '' } : { problem: 'this option takes no value' }
  const types = valueTypes(definition)
  const countMax = definition.array ? Number.POSITIVE_INFINITY : types.length
  const surplus = texts.length - countMax
  const isWhole = surplus > 0 && types.at(-1) === 'string'
  if (isWhole) texts = splitFirstFields(csv, types.length)
  else if (surplus > 0) texts = texts.slice(0, countMax)
  if (texts.length < types.length) return { problem: wrongCount(definition, texts.length) }
  let data = ''
  for (const [index, text] of texts.entries()) {
    const field = fieldOf(definition, types[Math.min(index, types.length - 1)]!)
    const octets = field.parse(text)
    if (octets === undefined) return { problem: `'${text}' is not ${field.wanted}` }
    data += octets
  }
  const doubt = isWhole ? COMMAS : surplus > 0 ? leftOut(surplus) : doubtOf(definition, texts)
  if (doubt !== undefined) return { data, doubt }
  if (!isDomainSearch(definition) || data.length <= PIECE_MAX) return { data }
  return { data: compressDomainNames(data) }
}

const COMMAS = 'its commas count as part of the text, where Kea ends it: write \\\\, for each'

function leftOut(surplus: number): string {
  const rest = surplus === 1 ? 'the last value is' : `the last ${surplus} values are`
  return `${rest} left out, as by Kea: there is room for no more`
}

/** Kea knows no quotes here. */
function doubtOf(definition: OptionDefinition, texts: readonly string[]): string | undefined {
  const isQuoted = valueTypes(definition).at(-1) === 'string' && /^(["']).*\1$/s.test(texts.at(-1)!)
  return isQuoted ? 'its quotes are sent as part of the text, as by Kea' : undefined
}

/**
 * RFC 3397 lets pointers shorten the list. Kea writes none, and some old clients read none, so
 * there are only some where the list would not fit into one piece: older clients read no two.
 */
function isDomainSearch({ space, code }: OptionDefinition): boolean {
  return space === 'dhcp4' && code === OPTION4.domainSearch
}

/**
 * Kea's `data` with `csv-format: false`: hexadecimal digits with or without 0x, pairs separated by
 * colons or spaces, or a text in single quotes.
 */
export function parseOptionHex(text: string): OptionParse {
  const trimmed = text.trim()
  const quoted = /^'(.*)'$/s.exec(trimmed)
  if (quoted !== null) return { data: octetsFromBytes(new TextEncoder().encode(quoted[1])) }
  const digits = trimmed.replace(/^0x/i, '')
  const isOdd = digits.length % 2 === 1 && /^[0-9a-f]+$/i.test(digits)
  const data = octetsFromHex(isOdd ? `0${digits}` : digits)
  if (data === undefined)
    return { problem: `'${text}' is neither hexadecimal such as c0000201 nor a text in '…'` }
  return isOdd ? { data, doubt: `a digit is missing, so 0${digits} is sent, as by Kea` } : { data }
}

/** The types of the single values, in order; of an array the last one repeats. */
export function valueTypes(definition: OptionDefinition): readonly FieldType[] {
  const types = definition.type === 'record' ? definition.fields : [definition.type]
  return types.filter((type) => type in FIELDS) as FieldType[]
}

/** How values of this type are written in this option. */
export function fieldOf(definition: OptionDefinition, type: FieldType): Field {
  return type === 'tuple' && hasLongTuples(definition) ? LONG_TUPLE : FIELDS[type]
}

/** All of DHCPv6 count their length in two octets; of DHCPv4 those of RFC 8572 §8.1 do. */
function hasLongTuples({ family, space, code }: OptionDefinition): boolean {
  return family === 6 || (space === 'dhcp4' && code === OPTION4.sztpRedirect)
}

function parseInternal(definition: OptionDefinition, csv: string): OptionParse {
  const problem = 'this option has no text form: give its value in hexadecimal'
  return notationOf(definition)?.parse(csv) ?? { problem }
}

function wrongCount(definition: OptionDefinition, count: number): string {
  const types = valueTypes(definition)
  const wanted = types.join(', ') + (definition.array ? ', …' : '')
  const values = types.length === 1 ? 'one value' : `${types.length} values`
  const least = definition.array ? 'at least ' : ''
  return `${least}${values} (${wanted}) expected, ${count} found`
}
