// The value of an entry of option-data as it goes on the wire.

import type { OptionDefinition, OptionParse } from '../../wire/options/definition.ts'
import type { OptionTable } from '../../wire/options/option-table.ts'
import { checkOptionData } from '../../wire/options/print.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import { parseOptionHex, parseOptionText } from '../../wire/options/text.ts'
import type { OptionDataDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { OptionValue } from '../plan/option-set.ts'
import type { Site } from '../text/site.ts'
import type { Identity } from './option-identity.ts'

const DEFAULTS = defaultsOf('optionData', 'csv-format')

/** A value on the wire. */
export type Encoded = Pick<OptionValue, 'data' | 'instances'>

/**
 * Text by the definition, hexadecimal where there is none or csv-format is off. Undefined: it is
 * neither, which is told.
 */
export function encode(
  document: OptionDataDocument,
  { code, definition }: Identity,
  { table }: OptionRegistry,
  site: Site,
): Encoded | undefined {
  const { data } = document
  // Kea: a level may forbid an option without knowing its value.
  if (data === undefined && document['never-send'] === true) return NOTHING
  if (definition === undefined && document['csv-format'] === true) {
    const message = 'csv-format needs a definition, and nothing defines this option'
    const hint = 'write the data in hexadecimal, or add an option-def'
    site.at('csv-format').error('option-format', message, hint)
    return undefined
  }
  const what = definition?.name ?? `option ${code}`
  if ((data ?? '').trim() === '' && isList(definition)) {
    const message = `${what} is an empty list and is sent so, as in Kea`
    site.warning('option-empty', message, 'give a value, or set never-send')
    return NOTHING
  }
  const parse = parseValue(definition, document['csv-format'], data ?? '', table)
  const at = data === undefined ? site : site.at('data')
  if ('data' in parse) {
    if (parse.doubt !== undefined) at.warning('option-doubtful', `${what}: ${parse.doubt}`)
    const { data: octets, instances } = parse
    return instances === undefined ? { data: octets } : { data: octets, instances }
  }
  at.error('option-data', `${what}: ${parse.problem}`, hintOf(definition))
  return undefined
}

const NOTHING: Encoded = { data: '' }

function hintOf(definition: OptionDefinition | undefined): string {
  if (definition === undefined) return 'an option-def with its type lets the value be text'
  if (definition.type !== 'empty' || definition.encapsulates === '') return ''
  const inside = `what it holds is written as options of space '${definition.encapsulates}'`
  return `${inside}, or as a whole in hexadecimal with csv-format false`
}

/** Generated documents write `"data": ""` for a list that nobody filled in. */
function isList(definition: OptionDefinition | undefined): boolean {
  return definition?.array === true && definition.type !== 'record'
}

function parseValue(
  definition: OptionDefinition | undefined,
  csv: boolean | undefined,
  data: string,
  table: OptionTable,
): OptionParse {
  return definition === undefined || isHex(definition, csv, data, table)
    ? parseHex(definition, data)
    : parseOptionText(definition, data)
}

/**
 * Whether the data is hexadecimal. Of an option that Kea does not know it takes hexadecimal only,
 * so what is a legal value in it counts so here, too.
 */
export function isHex(
  definition: OptionDefinition | undefined,
  csv: boolean | undefined,
  data: string,
  table: OptionTable,
): boolean {
  if (definition === undefined || csv === false) return true
  if (csv === undefined && table.isBeyondKea(definition) && 'data' in parseHex(definition, data))
    return true
  return !(csv ?? DEFAULTS['csv-format'])
}

function parseHex(definition: OptionDefinition | undefined, data: string): OptionParse {
  const parse = parseOptionHex(data)
  if (definition === undefined || 'problem' in parse) return parse
  const problem = checkOptionData(definition, parse.data)
  return problem === undefined ? parse : { problem }
}
