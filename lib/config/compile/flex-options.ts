// The parameters of libdhcp_flex_option: what is done to options of a reply when it is finished.

import type { Octets } from '../../bytes/octets.ts'
import { compileTest, compileText } from '../../classify/compile.ts'
import { enterpriseOf, type OptionRegistry } from '../../wire/options/registry.ts'
import { parseOptionText } from '../../wire/options/text.ts'
import { OPTION6 } from '../../wire/v6/codes.ts'
import type { GlobalDocument } from '../keys/common-document.ts'
import { FLEX_LEVELS, LIBRARIES4 } from '../keys/library-rows.ts'
import type { FlexAction, FlexDeed, FlexSub } from '../plan/flex-plan.ts'
import type { Site } from '../text/site.ts'
import { namesFor, tellRefused } from './expressions.ts'
import { type Checked, checkedMap, findLibrary, parameterOf } from './library.ts'
import { type Identity, identify } from './option-identity.ts'
import { OWNED_OPTIONS6 } from './owned-options.ts'

const NAME = 'libdhcp_flex_option'

/** What expressions and guards may name. */
export interface FlexTerms {
  readonly registry: OptionRegistry
  readonly mention: (className: string) => number
}

/**
 * In the order in which they are done: by code, options before their sub-options, else as they
 * stand. `site` is that of the global level.
 */
export function compileFlexOptions(
  document: GlobalDocument,
  terms: FlexTerms,
  site: Site,
): readonly FlexAction[] {
  const library = findLibrary(document, NAME, LIBRARIES4[NAME], site)
  if (library === undefined) return []
  const at = library.site.at('options')
  const given = (library.parameters.options ?? []) as readonly unknown[]
  const actions = given.flatMap((one, index) => compileOption(one, terms, at.at(index)))
  return actions.sort((a, b) => a.code - b.code || subCode(a) - subCode(b))
}

function subCode({ sub }: FlexAction): number {
  return sub === undefined ? -1 : sub.code
}

function compileOption(given: unknown, terms: FlexTerms, site: Site): FlexAction[] {
  const { table } = terms.registry
  const level = FLEX_LEVELS[table.traits.family].option
  const map = checkedMap(given, level, site)
  const space = parameterOf<string>(map, level, 'space')
  const identity = identify(map, space, terms.registry, site)
  if (identity === undefined) return []
  const { code } = identity
  if (table.traits.family === 6 && !isChangeable6(code)) {
    const message = `option ${code} of DHCPv6 cannot be changed`
    site.error('flex-option', message, OWNED_OPTIONS6.get(code) ?? '')
    return []
  }
  const guard = guardOf(map, terms)
  const subOptions = map['sub-options'] as readonly unknown[] | undefined
  if (subOptions === undefined) {
    const deed = compileDeed(map, identity, terms, site)
    return deed === undefined ? [] : [{ code, sub: undefined, deed, guard }]
  }
  if (code === table.traits.vendorClass) {
    const message = `option ${code} holds no sub-options`
    site.at('sub-options').error('flex-option', message, 'the whole option can be computed')
    return []
  }
  const inner = identity.definition?.encapsulates ?? ''
  return subOptions.flatMap((one, index) =>
    compileSubOption(one, { code, inner, guard }, terms, site.at('sub-options').at(index)),
  )
}

/** What the protocol is made of stays; the name of the client is the operator's. */
function isChangeable6(code: number): boolean {
  return code === OPTION6.fqdn || !OWNED_OPTIONS6.has(code)
}

function compileSubOption(
  given: unknown,
  { code, inner, guard }: { code: number; inner: string; guard: number | undefined },
  terms: FlexTerms,
  site: Site,
): FlexAction[] {
  const level = FLEX_LEVELS[terms.registry.table.traits.family].subOption
  const map = checkedMap(given, level, site)
  const space = (map.space as string | undefined) ?? inner
  const isShared = code === terms.registry.table.traits.vendorOptions
  const enterprise = isShared ? enterpriseOf(space) : -1
  if (isShared && enterprise < 0) {
    const hint = 'such as "space": "vendor-4491"'
    site.error('flex-option', `option ${code} holds sub-options of enterprises`, hint)
    return []
  }
  const identity = space === '' ? bareCode(map, site) : identify(map, space, terms.registry, site)
  if (identity === undefined) return []
  const deed = compileDeed(map, identity, terms, site)
  if (deed === undefined) return []
  const sub: FlexSub = {
    code: identity.code,
    enterprise,
    addsContainer: parameterOf(map, level, 'container-add'),
    removesContainer: parameterOf(map, level, 'container-remove'),
  }
  return [{ code, sub, deed, guard: guardOf(map, terms) ?? guard }]
}

/** Where no space tells names. */
function bareCode(map: Checked, site: Site): Identity | undefined {
  if (typeof map.code === 'number') return { code: map.code, definition: undefined }
  site.error('flex-option', 'the sub-option has no code', 'give its code, or its space and name')
  return undefined
}

function guardOf(map: Checked, { mention }: FlexTerms): number | undefined {
  const name = map['client-class'] as string | undefined
  return name === undefined || name === '' ? undefined : mention(name)
}

const DEEDS = ['add', 'supersede', 'remove'] as const

function compileDeed(
  map: Checked,
  { definition }: Identity,
  { mention, registry }: FlexTerms,
  site: Site,
): FlexDeed | undefined {
  const [kind, other] = DEEDS.filter((deed) => map[deed] !== undefined)
  if (kind === undefined || other !== undefined) {
    const message = kind === undefined ? 'nothing is said to be done' : `${kind} and ${other}`
    site.error('flex-option', message, 'one of add, supersede, remove')
    return undefined
  }
  const text = map[kind] as string
  const names = namesFor(registry, mention)
  if (kind === 'remove') {
    const compiled = compileTest(text, names)
    if ('test' in compiled) return { kind, test: compiled.test }
    return tellRefused(compiled, site.at(kind))
  }
  const compiled = compileText(text, names)
  if ('problems' in compiled) return tellRefused(compiled, site.at(kind))
  const { value } = compiled
  const level = FLEX_LEVELS[registry.table.traits.family].option
  if (!parameterOf<boolean>(map, level, 'csv-format'))
    return { kind, value, encode: (octets) => octets }
  if (definition === undefined) {
    const message = 'csv-format needs a definition, and nothing defines this option'
    site.at('csv-format').error('option-format', message, 'add an option-def')
    return undefined
  }
  const encode = (octets: Octets) => {
    const parse = parseOptionText(definition, octets)
    return 'data' in parse && parse.instances === undefined ? parse.data : undefined
  }
  return { kind, value, encode }
}
