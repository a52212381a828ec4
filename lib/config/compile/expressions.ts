// What expressions of a document may name, and how it is told where one is wrong.

import type { Names, Refused } from '../../classify/expression.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { Site } from '../text/site.ts'

/** `classNumber`: undefined for a class that cannot be asked for there. */
export function namesFor(
  registry: OptionRegistry,
  classNumber: (name: string) => number | undefined,
): Names {
  return {
    family: registry.table.traits.family,
    optionByName: (space, name) => registry.byName(space, name),
    optionByCode: (space, code) => registry.byCode(space, code),
    classNumber,
  }
}

export function tellRefused({ problems }: Refused, site: Site): undefined {
  for (const { code, column, message, hint } of problems)
    site.error(code, `column ${column}: ${message}`, hint)
  return undefined
}
