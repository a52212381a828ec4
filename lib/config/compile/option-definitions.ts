// option-def -> definitions: what Kea refuses is refused, with its place; the definition is left
// out, and the others are still compiled.

import type { OptionDefinition, OptionType } from '../../wire/options/definition.ts'
import type { OptionTable } from '../../wire/options/option-table.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { OptionDefDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { Site } from '../text/site.ts'
import { NESTING_MAX, tooDeep } from './nesting.ts'
import { faultOf, type Sketch } from './option-rules.ts'

const DEFAULTS = defaultsOf('optionDef', 'array', 'record-types', 'encapsulate')

const NONE: readonly OptionDefinition[] = []

/** The options of a document, over the standard ones. */
export function compileRegistry(
  documents: readonly OptionDefDocument[] | undefined,
  standard: OptionRegistry,
  site: Site,
): OptionRegistry {
  return standard.with(new Definitions(standard).compile(documents, site))
}

/** What a class says of options 43 and 224 to 254, to lay over the registry of the document. */
export function compileClassDefinitions(
  documents: readonly OptionDefDocument[] | undefined,
  registry: OptionRegistry,
  site: Site,
): readonly OptionDefinition[] {
  return new Definitions(registry, isForClass).compile(documents, site)
}

function isForClass({ space = 'dhcp4', code }: OptionDefDocument): boolean {
  return space === 'dhcp4' && (code === 43 || (code >= 224 && code <= 254))
}

interface Placed {
  readonly definition: OptionDefinition
  readonly site: Site
}

class Definitions {
  readonly #upper: OptionRegistry
  readonly #standard: OptionTable
  readonly #isAllowed: ((document: OptionDefDocument) => boolean) | undefined
  /** Places in the list, by code and by name within their space. */
  readonly #codes = new Map<string, number>()
  readonly #names = new Map<string, number>()

  constructor(upper: OptionRegistry, isAllowed?: (document: OptionDefDocument) => boolean) {
    this.#upper = upper
    this.#standard = upper.table
    this.#isAllowed = isAllowed
  }

  compile(
    documents: readonly OptionDefDocument[] | undefined,
    site: Site,
  ): readonly OptionDefinition[] {
    if (documents === undefined || documents.length === 0) return NONE
    const placed: Placed[] = []
    for (const [index, document] of documents.entries()) {
      const at = site.at(index)
      const definition = this.#define(document, at)
      if (definition === undefined || this.#isTaken(definition, index, at)) continue
      placed.push({ definition, site: at })
    }
    return this.#withoutEndless(placed)
  }

  #define(document: OptionDefDocument, site: Site): OptionDefinition | undefined {
    if (this.#isAllowed?.(document) === false) {
      const hint = 'others are defined for all clients, in Dhcp4.option-def'
      const message = 'a class defines only options 43 and 224 to 254 of space dhcp4'
      site.at('code').error('option-def-class', message, hint)
      return undefined
    }
    const { space: messageSpace, traits } = this.#standard
    const sketch = sketchOf(document, messageSpace)
    const fault = faultOf(sketch)
    if (fault !== undefined) {
      site.at(fault.key).error('option-def', fault.message, fault.hint)
      return undefined
    }
    const { name, code, space, array, encapsulates } = sketch
    const type = sketch.type as OptionType
    const fields = sketch.fields as OptionType[]
    const { family } = traits
    return { family, space, code, name, type, array, fields, encapsulates, rfc: '' }
  }

  #isTaken({ space, code, name }: OptionDefinition, index: number, site: Site): boolean {
    const standard = this.#standard
    if (!standard.isDefinable(space, code)) {
      const what = standard.byCode(space, code)!.name
      const message = `option ${code} of space '${space}' is standard (${what}) and cannot be defined`
      site.at('code').error('option-standard', message, 'leave the definition out')
      return true
    }
    const namesake = standard.byName(space, name)
    if (namesake !== undefined && !standard.isDefinable(space, namesake.code)) {
      const message = `'${name}' is the name of the standard option ${namesake.code}`
      site.at('name').error('option-standard', message, 'give the option another name')
      return true
    }
    return (
      isDuplicate(this.#codes, `${space}/${code}`, `code ${code}`, index, site.at('code')) ||
      isDuplicate(this.#names, `${space}/${name}`, `name '${name}'`, index, site.at('name'))
    )
  }

  #withoutEndless(placed: readonly Placed[]): readonly OptionDefinition[] {
    const own = placed.map(({ definition }) => definition)
    const endless = tooDeep(own, allOf(this.#upper))
    for (const { definition, site } of placed) {
      if (!endless.has(definition)) continue
      const { encapsulates } = definition
      const message = `sub-options of '${encapsulates}' nest in a circle, or in too many levels`
      const hint = `no space may come to carry itself; at most ${NESTING_MAX} levels`
      site.at('encapsulate').error('option-def-nesting', message, hint)
    }
    return own.filter((definition) => !endless.has(definition))
  }
}

function sketchOf(document: OptionDefDocument, messageSpace: string): Sketch {
  const records = document['record-types'] ?? DEFAULTS['record-types']
  return {
    name: document.name,
    code: document.code,
    space: document.space ?? messageSpace,
    type: document.type,
    array: document.array ?? DEFAULTS.array,
    fields: records.trim() === '' ? [] : records.split(',').map((type) => type.trim()),
    encapsulates: document.encapsulate ?? DEFAULTS.encapsulate,
  }
}

function isDuplicate(
  places: Map<string, number>,
  key: string,
  what: string,
  index: number,
  site: Site,
): boolean {
  const former = places.get(key)
  if (former === undefined) {
    places.set(key, index)
    return false
  }
  const message = `an option with ${what} already exists in space '${key.split('/')[0]}'`
  site.error('duplicate', message, `it is option-def[${former}]`)
  return true
}

function allOf(registry: OptionRegistry): OptionDefinition[] {
  return [...registry.spaces()].flatMap((space) => registry.in(space))
}
