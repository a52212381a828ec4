// Option values to text, for listings and logs, and the check of values given in hexadecimal. What
// is printed for a well-formed value can be read again by parseOptionText, control characters
// apart.

import type { Octets } from '../../bytes/octets.ts'
import { hexFromOctets } from '../../bytes/octets.ts'
import { OPTION4 } from '../v4/codes.ts'
import { escapeField } from './csv.ts'
import type { OptionDefinition } from './definition.ts'
import { notationOf } from './internal.ts'
import { OptionRegistry } from './registry.ts'
import { type OptionWidth, subOptions } from './sub-options.ts'
import { fieldOf, valueTypes } from './text.ts'

/**
 * Comma separated text, or `0x…` where the value is not what its definition says or has none. Its
 * sub-options are named as the registry does.
 */
export function printOption(
  definition: OptionDefinition | undefined,
  data: Octets,
  registry?: OptionRegistry,
): string {
  if (definition === undefined) return printHex(data)
  if (definition.type === 'internal') {
    const notation = notationOf(definition)
    return notation?.read(data)?.join(notation.separator) ?? printHex(data)
  }
  const read = readFields(definition, data)
  if (read === undefined) return printHex(data)
  const rest = data.slice(read.end)
  if (rest !== '')
    read.texts.push(
      printSubOptions(definition, rest, registry ?? standardOf(definition)) ?? printHex(rest),
    )
  return read.texts.join(', ')
}

/** Undefined when the octets are a legal value of the option, else a sentence that says why not. */
export function checkOptionData(definition: OptionDefinition, data: Octets): string | undefined {
  if (isOpenEnded(definition) || definition.type === 'binary') return undefined
  if (definition.type === 'internal') {
    const notation = notationOf(definition)
    const isLegal = notation === undefined || notation.read(data) !== undefined
    return isLegal ? undefined : notOfType(definition, data)
  }
  const read = readFields(definition, data)
  if (read === undefined) return notOfType(definition, data)
  const rest = data.slice(read.end)
  if (rest === '') return undefined
  if (definition.encapsulates === '') return notOfType(definition, data)
  const isWhole = subOptions(rest, widthOf(definition)) !== undefined
  return isWhole ? undefined : 'the sub-options are malformed'
}

function standardOf({ family }: OptionDefinition): OptionRegistry {
  return family === 4 ? OptionRegistry.standard4 : OptionRegistry.standard6
}

function widthOf(definition: OptionDefinition): OptionWidth {
  return standardOf(definition).table.traits.width
}

/**
 * Vendor data has any form: option 43 by RFC 2132 §8.4, options 125 and, in DHCPv6, 17 behind their
 * enterprise number.
 */
function isOpenEnded(definition: OptionDefinition): boolean {
  const { space, traits } = standardOf(definition).table
  if (definition.space !== space) return false
  return definition.code === traits.vendorOptions || isVendorInformation(definition)
}

function isVendorInformation({ family, code }: OptionDefinition): boolean {
  return family === 4 && code === OPTION4.vendorInformation
}

function notOfType(definition: OptionDefinition, data: Octets): string {
  const types = definition.type === 'record' ? definition.fields.join(', ') : definition.type
  return `${data.length} bytes are no legal value of ${types}${definition.array ? ', …' : ''}`
}

interface FieldsRead {
  readonly texts: string[]
  readonly end: number
}

/** Reads the values of all fields; what stands behind them is left to the caller. */
function readFields(definition: OptionDefinition, data: Octets): FieldsRead | undefined {
  const types = valueTypes(definition)
  const texts: string[] = []
  let at = 0
  for (let index = 0; index < types.length || (definition.array && at < data.length); index++) {
    if (index < types.length && at >= data.length) return undefined
    const type = types[Math.min(index, types.length - 1)]!
    const read = fieldOf(definition, type).read(data, at)
    if (read === undefined) return undefined
    texts.push(escapeField(read.text))
    at = read.end
  }
  return { texts, end: at }
}

function printSubOptions(
  carrier: OptionDefinition,
  data: Octets,
  registry: OptionRegistry,
): string | undefined {
  const { encapsulates } = carrier
  const options = encapsulates === '' ? undefined : subOptions(data, widthOf(carrier))
  return options
    ?.map(([code, value]) => {
      const definition = registry.byCode(encapsulates, code)
      return `${definition?.name ?? code}=${printOption(definition, value, registry)}`
    })
    .join(', ')
}

function printHex(data: Octets): string {
  return data === '' ? '' : `0x${hexFromOctets(data)}`
}
