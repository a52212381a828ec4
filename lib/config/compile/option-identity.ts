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
    site.at('space').error('option-space', message, hintOfSpace(space, registry))
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

/** What is inside of an option has a space of its own, which is often called like the option. */
function hintOfSpace(space: string, registry: OptionRegistry): string {
  const spaces = [...registry.spaces()]
  for (const other of spaces) {
    const carries = registry.byName(other, space)?.encapsulates ?? ''
    if (carries !== '') return `what ${space} holds is of space '${carries}'`
  }
  const guess = nearest(space, spaces)
  const all = `one of ${spaces.join(', ')}, or one that an option-def names`
  return guess === undefined ? all : `did you mean ${guess}? Else ${all}`
}

/** Options that people know from DHCPv4, and what DHCPv6 has instead. */
const INSTEAD6: ReadonlyMap<string, string> = new Map([
  ['domain-name-servers', 'it is called dns-servers in DHCPv6'],
  ['domain-name', 'DHCPv6 has domain-search only'],
  ['ntp-servers', 'DHCPv6 has ntp-server and, older, sntp-servers'],
  ['routers', 'DHCPv6 has none: routers tell of themselves by router advertisements'],
  ['subnet-mask', 'DHCPv6 has none: routers tell what is on the link by router advertisements'],
  ['v4-captive-portal', 'it is called v6-captive-portal in DHCPv6'],
  ['v4-dnr', 'it is called v6-dnr in DHCPv6'],
  ['boot-file-name', 'it is called bootfile-url in DHCPv6'],
])

/** Fields of the header: they have keys of their own, and people look for them here. */
const FIELDS = ['next-server', 'server-hostname']

function hintOf(name: string, space: string, registry: OptionRegistry): string {
  const instead = registry.table.traits.family === 6 ? INSTEAD6.get(name) : undefined
  if (instead !== undefined) return instead
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
