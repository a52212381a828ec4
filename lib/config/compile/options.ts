// option-data of one level -> values as they go on the wire, and the merge of the levels. An entry
// that is wrong is reported and left out; the others of its list are still compiled.

import type { Octets } from '../../bytes/octets.ts'
import type { OptionDefinition, OptionParse } from '../../wire/options/definition.ts'
import { checkOptionData } from '../../wire/options/print.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import { parseOptionHex, parseOptionText } from '../../wire/options/text.ts'
import { defaults4 } from '../keys/defaults4.ts'
import type { OptionDataDocument } from '../keys/document4.ts'
import { NO_OPTIONS, type OptionLevel } from '../plan/option-set.ts'
import { nearest } from '../text/nearest.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import type { OptionEntry } from './option-entry.ts'
import { joinSubOptions } from './option-spaces.ts'
import { OWNED_OPTIONS4 } from './owned-options.ts'

const DEFAULTS = defaults4('optionData', 'space', 'csv-format', 'always-send', 'never-send')

/** What entries mean where they stand. */
export interface OptionTerms {
  readonly registry: OptionRegistry
  /** For the classes that an entry is for. */
  readonly classes: ClassLists
}

/**
 * Compiles the option-data that stands at `site`. Of two entries for one option the last counts, as
 * in Kea.
 */
export function compileOptions(
  documents: readonly OptionDataDocument[] | undefined,
  site: Site,
  terms: OptionTerms,
): OptionLevel {
  if (documents === undefined || documents.length === 0) return NO_OPTIONS
  const entries = new Map<string, OptionEntry>()
  for (const [index, document] of documents.entries()) {
    const at = site.at(index)
    const entry = compileEntry(document, at, terms)
    if (entry === undefined || isOwned(entry)) continue
    const key = `${entry.space}/${entry.code}`
    const former = entries.get(key)
    if (former !== undefined) reportDuplicate(entry, former)
    entries.set(key, entry)
  }
  return joinSubOptions([...entries.values()])
}

function compileEntry(
  document: OptionDataDocument,
  site: Site,
  { registry }: OptionTerms,
): OptionEntry | undefined {
  const space = document.space ?? DEFAULTS.space
  if (!registry.hasSpace(space)) {
    const message = `there is no option space '${space}'`
    const known = [...registry.spaces()].join(', ')
    site.at('space').error('option-space', message, `one of ${known}`)
    return undefined
  }
  const found = identify(document, space, site, registry)
  if (found === undefined) return undefined
  const data = encode(document, found.definition, site)
  if (data === undefined) return undefined
  const alwaysSend = document['always-send'] ?? DEFAULTS['always-send']
  const neverSend = document['never-send'] ?? DEFAULTS['never-send']
  return { ...found, data, alwaysSend, neverSend, tag: undefined, space, site }
}

interface Identity {
  readonly code: number
  readonly definition: OptionDefinition | undefined
}

/** Name and code must mean the same option; a code alone need not be a standard one. */
function identify(
  document: OptionDataDocument,
  space: string,
  site: Site,
  registry: OptionRegistry,
): Identity | undefined {
  const { name, code } = document
  if (code === undefined) return identifyByName(name, space, site, registry)
  const last = space === 'dhcp4' ? 254 : 255
  if (!Number.isInteger(code) || code < 1 || code > last) {
    const message = `${code} is not an option code`
    site.at('code').error('option-code', message, `1 to ${last}`)
    return undefined
  }
  const definition = registry.byCode(space, code)
  const other = name === undefined ? undefined : registry.byName(space, name)
  if (name === undefined || definition?.name === name) return { code, definition }
  if (definition === undefined && other === undefined) return { code, definition }
  const hints: string[] = []
  if (definition !== undefined) hints.push(`code ${code} is ${definition.name}`)
  if (other !== undefined) hints.push(`${name} has code ${other.code}`)
  const message = `name '${name}' and code ${code} are different options`
  site.at('name').error('option-mismatch', message, hints.join(', '))
  return undefined
}

function identifyByName(
  name: string | undefined,
  space: string,
  site: Site,
  registry: OptionRegistry,
): Identity | undefined {
  if (name === undefined) {
    site.error('option-unnamed', 'the option has neither name nor code', 'give one')
    return undefined
  }
  const definition = registry.byName(space, name)
  if (definition !== undefined) return { code: definition.code, definition }
  const message = `'${name}' is not a standard option of space '${space}'`
  site.at('name').error('option-unknown', message, hintOf(name, space, registry))
  return undefined
}

function hintOf(name: string, space: string, registry: OptionRegistry): string {
  const elsewhere = [...registry.spaces()].find((other) => registry.byName(other, name))
  if (elsewhere !== undefined) return `it is in space '${elsewhere}'`
  const known = registry.in(space)
  const guess = nearest(
    name,
    known.map((definition) => definition.name),
  )
  return guess === undefined ? 'give its code' : `did you mean ${guess}? Else give its code`
}

/**
 * The value in bytes. Text by the definition, hexadecimal where there is none or csv-format is off.
 */
function encode(
  document: OptionDataDocument,
  definition: OptionDefinition | undefined,
  site: Site,
): Octets | undefined {
  const { data } = document
  // Kea: a level may forbid an option without knowing its value.
  if (data === undefined && document['never-send'] === true) return ''
  if (definition === undefined && document['csv-format'] === true) {
    const message = 'csv-format needs a definition, and this is no standard option'
    site.at('csv-format').error('option-format', message, 'write the data in hexadecimal')
    return undefined
  }
  const what = definition?.name ?? `option ${document.code}`
  if ((data ?? '').trim() === '' && isList(definition)) {
    const message = `${what} is an empty list and is sent so, as in Kea`
    site.warning('option-empty', message, 'give a value, or set never-send')
    return ''
  }
  const parse = parseValue(definition, document['csv-format'] ?? DEFAULTS['csv-format'], data ?? '')
  const at = data === undefined ? site : site.at('data')
  if ('data' in parse) {
    if (parse.doubt !== undefined) at.warning('option-doubtful', `${what}: ${parse.doubt}`)
    return parse.data
  }
  at.error('option-data', `${what}: ${parse.problem}`)
  return undefined
}

/** Generated documents write `"data": ""` for a list that nobody filled in. */
function isList(definition: OptionDefinition | undefined): boolean {
  return definition?.array === true && definition.type !== 'record'
}

function parseValue(
  definition: OptionDefinition | undefined,
  csv: boolean,
  data: string,
): OptionParse {
  if (definition !== undefined && csv) return parseOptionText(definition, data)
  const parse = parseOptionHex(data)
  if (definition === undefined || 'problem' in parse) return parse
  const problem = checkOptionData(definition, parse.data)
  return problem === undefined ? parse : { problem }
}

function isOwned(entry: OptionEntry): boolean {
  const reason = entry.space === 'dhcp4' ? OWNED_OPTIONS4.get(entry.code) : undefined
  if (reason === undefined) return false
  const what = entry.definition?.name ?? `option ${entry.code}`
  entry.site.warning('option-owned', `${what} is not sent from option-data`, reason)
  return true
}

function reportDuplicate(entry: OptionEntry, former: OptionEntry): void {
  const what = entry.definition?.name ?? `option ${entry.code}`
  const message = `${what} stands in this list a second time, and counts instead of the first`
  const hint = `the first is option-data[${former.site.path.at(-1)}]`
  entry.site.warning('duplicate', message, hint)
}
