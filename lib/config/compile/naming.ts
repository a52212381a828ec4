// What holds of names of clients beside what places say: whether anybody learns them, and what
// libdhcp_ddns_tuning does to them.

import { compileText } from '../../classify/compile.ts'
import type { Text } from '../../classify/expression.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { GlobalDocument } from '../keys/common-document.ts'
import { CONTEXTS4, LIBRARIES4 } from '../keys/library-rows.ts'
import type { NameTuning } from '../plan/name-tuning.ts'
import { type NamesPlan, registersNames } from '../plan/names-plan.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import { namesFor, tellRefused } from './expressions.ts'
import { checkedMap, findLibrary, parameterOf } from './library.ts'

const NAME = 'libdhcp_ddns_tuning'
const CONTEXT = 'ddns-tuning'
const EXPRESSION = 'hostname-expr'
const SKIP = 'SKIP_DDNS'

export interface Naming {
  readonly registers: boolean
  readonly keepsName: boolean
  readonly zones: ReadonlySet<string>
}

export function namingOf(plan: NamesPlan, version: 4 | 6): Naming {
  return {
    registers: registersNames(plan, version),
    keepsName: plan.keepsName,
    zones: new Set(plan.forward.map(({ name }) => name)),
  }
}

export function isSameNaming(one: Naming, other: Naming): boolean {
  const { keepsName, registers, zones } = one
  const isLike = keepsName === other.keepsName && registers === other.registers
  return isLike && [...zones].join(' ') === [...other.zones].join(' ')
}

/** The library of a family, which is named. */
export interface Tuner {
  readonly global: NameTuning
  /** Of a subnet, which says it in its user-context. */
  of(context: Readonly<Record<string, unknown>> | undefined, site: Site): NameTuning
}

interface Terms {
  readonly registry: OptionRegistry
  readonly classes: ClassLists
}

/** Undefined: the document does not name it. `site` is that of the global level. */
export function compileTuner(
  document: GlobalDocument,
  { registry, classes }: Terms,
  site: Site,
): Tuner | undefined {
  const level = LIBRARIES4[NAME]
  const library = findLibrary(document, NAME, level, site)
  if (library === undefined) return undefined
  const names = namesFor(registry, (name) => classes.names.mention(name))
  const expressionOf = (text: string, at: Site): Text | undefined => {
    if (text === '') return undefined
    const compiled = compileText(text, names)
    return 'problems' in compiled ? tellRefused(compiled, at) : compiled.value
  }
  const text = parameterOf<string>(library.parameters, level, EXPRESSION)
  const skipClass = classes.names.mention(SKIP)
  const expression = expressionOf(text, library.site.at(EXPRESSION))
  const global: NameTuning = { expression, skipClass }
  return {
    global,
    of(context, at) {
      if (context?.[CONTEXT] === undefined) return global
      const where = at.at('user-context').at(CONTEXT)
      const own = checkedMap(context[CONTEXT], CONTEXTS4[CONTEXT], where)
      const said = own[EXPRESSION]
      if (typeof said !== 'string') return global
      return { expression: expressionOf(said, where.at(EXPRESSION)), skipClass }
    },
  }
}
