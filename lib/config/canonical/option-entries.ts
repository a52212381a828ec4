// Entries of option-data as Kea shows them: which option it is, in which notation, and what is said
// of sending it. What cannot be resolved is shown as it was written.

import { hexFromOctets } from '../../bytes/octets.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import { parseOptionHex } from '../../wire/options/text.ts'
import { isHex } from '../compile/option-encode.ts'
import { identify } from '../compile/option-identity.ts'
import type { OptionDataDocument } from '../keys/common-document.ts'
import type { Members } from '../text/map.ts'
import { newReport, Site } from '../text/site.ts'
import { filled } from './level.ts'
import { type Draft, isEmptyList, mapsOf } from './members.ts'

/** What is wrong with an entry was said when it was compiled. */
const UNHEARD = Site.of(newReport(), ['option-data'])

export function shownOptions(value: unknown, registry: OptionRegistry): readonly Draft[] {
  return mapsOf(value).map((entry) => shownOption(entry, registry))
}

function shownOption(entry: Members, registry: OptionRegistry): Draft {
  const { table } = registry
  const shown = filled(table.traits.family === 6 ? 'optionData6' : 'optionData', entry)
  const document = entry as OptionDataDocument
  const identity = identify(document, String(shown.space), registry, UNHEARD)
  if (isEmptyList(shown['client-classes'])) delete shown['client-classes']
  if (identity === undefined) return shown
  const { code, definition } = identity
  const { data = '', 'csv-format': csv } = document
  const isInHex = isHex(definition, csv, data, table)
  shown.code = code
  if (definition !== undefined) shown.name = definition.name
  shown['csv-format'] = !isInHex
  if (document.data !== undefined && isInHex) shown.data = inHex(data)
  return shown
}

function inHex(text: string): string {
  const parse = parseOptionHex(text)
  return 'data' in parse ? hexFromOctets(parse.data).toUpperCase() : text
}
