// Which option an entry of option-data means.

import type { OptionDefinition } from '../../wire/options/definition.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import { valueMax } from '../../wire/options/sub-options.ts'
import type { OptionDataDocument } from '../keys/common-document.ts'
import { nearest } from '../text/nearest.ts'
import type { Site } from '../text/site.ts'

export interface Identity {
  readonly code: number
  readonly definition: OptionDefinition | undefined
}

/** Name and code must mean the same option; a code alone need not be defined. */
export function identify(
  document: OptionDataDocument,
  space: string,
  registry: OptionRegistry,
  site: Site,
): Identity | undefined {
  if (!registry.hasSpace(space)) {
    const message = `there is no option space '${space}'`
    const hint = `one of ${[...registry.spaces()].join(', ')}, or one that an option-def names`
    site.at('space').error('option-space', message, hint)
    return undefined
  }
  const { name, code } = document
  if (code === undefined) return identifyByName(name, space, registry, site)
  const [first, last] = codesIn(space, registry)
  if (!Number.isInteger(code) || code < first || code > last) {
    const message = `${code} is not an option code`
    site.at('code').error('option-code', message, `${first} to ${last}`)
    return undefined
  }
  const definition = registry.byCode(space, code)
  const other = name === undefined ? undefined : registry.byName(space, name)
  if (name === undefined || definition?.name === name || other?.code === code)
    return { code, definition }
  if (definition === undefined && other === undefined) return { code, definition }
  const hints: string[] = []
  if (definition !== undefined) hints.push(`code ${code} is ${definition.name}`)
  if (other !== undefined) hints.push(`${name} has code ${other.code}`)
  const message = `name '${name}' and code ${code} are different options`
  site.at('name').error('option-mismatch', message, hints.join(', '))
  return undefined
}

function codesIn(space: string, { table }: OptionRegistry): readonly [number, number] {
  const { first, last, width } = table.traits
  return space === table.space ? [first, last] : [0, valueMax(width)]
}

function identifyByName(
  name: string | undefined,
  space: string,
  registry: OptionRegistry,
  site: Site,
): Identity | undefined {
  if (name === undefined) {
    site.error('option-unnamed', 'the option has neither name nor code', 'give one')
    return undefined
  }
  const definition = registry.byName(space, name)
  if (definition !== undefined) return { code: definition.code, definition }
  const message = `no option of space '${space}' is called '${name}'`
  site.at('name').error('option-unknown', message, hintOf(name, space, registry))
  return undefined
}

/** Fields of the header: they have keys of their own, and people look for them here. */
const FIELDS = ['next-server', 'server-hostname']

function hintOf(name: string, space: string, registry: OptionRegistry): string {
  if (FIELDS.includes(name)) return 'it is no option, but a key that stands beside option-data'
  const elsewhere = [...registry.spaces()].find((other) => registry.byName(other, name))
  if (elsewhere !== undefined) return `it is in space '${elsewhere}'`
  const guess = nearest(
    name,
    registry.in(space).map((definition) => definition.name),
  )
  const otherwise = 'give its code, or define it in option-def'
  return guess === undefined ? otherwise : `did you mean ${guess}? Else ${otherwise}`
}
