// Lists of option-data under definitions, and what becomes of them.

import { hexFromOctets } from '../../lib/bytes/octets.ts'
import { ClassNames } from '../../lib/classify/class-names.ts'
import { ClassLists } from '../../lib/config/compile/class-lists.ts'
import {
  compileClassDefinitions,
  compileRegistry,
} from '../../lib/config/compile/option-definitions.ts'
import { compileOptions } from '../../lib/config/compile/options.ts'
import { Guards } from '../../lib/config/ha/guards.ts'
import type {
  OptionDataDocument,
  OptionDefDocument,
} from '../../lib/config/keys/common-document.ts'
import type { OptionLevel } from '../../lib/config/plan/option-set.ts'
import { newReport, type Report, Site } from '../../lib/config/text/site.ts'
import { OptionRegistry } from '../../lib/wire/options/registry.ts'

export type Def = OptionDefDocument
export type Data = OptionDataDocument

export const VENDOR = 'vendor-encapsulated-options-space'

export function saidIn({ structure, entries }: Report): string[] {
  return [...structure.list, ...entries.list].map(
    ({ severity, code, path }) => `${severity} ${code} ${path.join('.')}`,
  )
}

export function wordsIn({ structure, entries }: Report): string {
  return [...structure.list, ...entries.list]
    .map(({ message, hint }) => `${message} (${hint})`)
    .join('\n')
}

export interface Made {
  readonly level: OptionLevel
  readonly registry: OptionRegistry
  readonly classes: ClassLists
  readonly said: string[]
  readonly words: string
}

/** The options of one level, under definitions of the document and of a class. */
export function make(
  data: readonly Data[],
  own: readonly Def[] = [],
  ofClass: readonly Def[] = [],
  standard = OptionRegistry.standard4,
): Made {
  const report = newReport()
  const at = (step: string) => Site.of(report, [step])
  const classes = new ClassLists(new Guards('none'), new ClassNames())
  const global = compileRegistry(own, standard, at('option-def'))
  const registry = global.with(compileClassDefinitions(ofClass, global, at('class')))
  const level = compileOptions(data, at('option-data'), { registry, classes })
  return { level, registry, classes, said: saidIn(report), words: wordsIn(report) }
}

export function hexOf({ options }: OptionLevel, code: number): string[] {
  return options.filter((option) => option.code === code).map(({ data }) => hexFromOctets(data))
}

/** As far as each vendor is concerned: what stands always in 125, and the sub-options. */
export function vendorsOf({ enterprises }: OptionLevel): unknown[] {
  const shown = (options: OptionLevel['options']) =>
    options.map(({ code, data, alwaysSend }) => [code, hexFromOctets(data), alwaysSend])
  return enterprises.map(({ enterprise, carriers, subOptions }) => [
    enterprise,
    shown(carriers),
    shown(subOptions),
  ])
}
