// The parameters of libdhcp_flex_id: an expression by which clients are known to reservations, and
// which may take the place of their client identifiers.

import { compileText } from '../../classify/compile.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { GlobalDocument } from '../keys/common-document.ts'
import { FLEX_ID6, LIBRARIES4 } from '../keys/library-rows.ts'
import type { Level } from '../keys/row.ts'
import type { FlexIdPlan } from '../plan/flex-id-plan.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import { namesFor, tellRefused } from './expressions.ts'
import { findLibrary, parameterOf } from './library.ts'

const NAME = 'libdhcp_flex_id'
const LEVELS: Readonly<Record<4 | 6, Level>> = { 4: LIBRARIES4[NAME], 6: FLEX_ID6 }
const EXPRESSION = 'identifier-expression'

/** What the expression may name. */
interface Terms {
  readonly registry: OptionRegistry
  readonly classes: ClassLists
}

/** Undefined: nothing computes one. `site` is that of the global level. */
export function compileFlexId(
  document: GlobalDocument,
  { registry, classes }: Terms,
  site: Site,
): FlexIdPlan | undefined {
  const level = LEVELS[registry.table.traits.family]
  const library = findLibrary(document, NAME, level, site)
  if (library === undefined) return undefined
  const text = parameterOf<string>(library.parameters, level, EXPRESSION)
  if (text === '') {
    library.site.warning('flex-id', 'nothing is computed', `it needs an ${EXPRESSION}`)
    return undefined
  }
  const names = namesFor(registry, (name) => classes.names.mention(name))
  const compiled = compileText(text, names)
  if ('problems' in compiled) return tellRefused(compiled, library.site.at(EXPRESSION))
  return {
    value: compiled.value,
    text,
    replacesClientId: parameterOf(library.parameters, level, 'replace-client-id'),
    ignoresIaid: parameterOf(library.parameters, level, 'ignore-iaid'),
    isDuid: parameterOf(library.parameters, level, 'cid-as-rfc4361-duid'),
  }
}
