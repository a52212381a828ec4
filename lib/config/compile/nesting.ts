// How deep sub-options may lie in sub-options. Spaces that carry each other have no end, and
// nobody needs many levels: whatever nests is bounded here, once for all that encode or print.

import type { OptionDefinition } from '../../wire/options/definition.ts'

export const NESTING_MAX = 8

/** Of `own`, the definitions that carry each other's space in a circle, or too many levels. */
export function tooDeep(
  own: readonly OptionDefinition[],
  others: readonly OptionDefinition[],
): ReadonlySet<OptionDefinition> {
  const circles = carriersIn(
    own,
    others,
    (above, below) => above > NESTING_MAX && below > NESTING_MAX,
  )
  const rest = own.filter((definition) => !circles.has(definition))
  const long = carriersIn(rest, others, (above, below) => above + 1 + below > NESTING_MAX)
  return new Set([...circles, ...long])
}

/** Those of `own` with so many levels above and below them; NESTING_MAX + 1 stands for all more. */
function carriersIn(
  own: readonly OptionDefinition[],
  others: readonly OptionDefinition[],
  isWanted: (above: number, below: number) => boolean,
): Set<OptionDefinition> {
  const carriers = [...own, ...others].filter(({ encapsulates }) => encapsulates !== '')
  const below = levels(carriers.map(({ space, encapsulates }) => [space, encapsulates]))
  const above = levels(carriers.map(({ space, encapsulates }) => [encapsulates, space]))
  return new Set(
    own.filter(
      ({ space, encapsulates }) =>
        encapsulates !== '' && isWanted(above.get(space) ?? 0, below.get(encapsulates) ?? 0),
    ),
  )
}

/** By space, the length of the longest way that starts there, up to NESTING_MAX + 1. */
function levels(ways: readonly (readonly [from: string, to: string])[]): Map<string, number> {
  const longest = new Map<string, number>()
  let ends = new Set(ways.map(([, to]) => to))
  for (let length = 1; length <= NESTING_MAX + 1 && ends.size > 0; length++) {
    const starts = ways.filter(([, to]) => ends.has(to)).map(([from]) => from)
    for (const start of starts) longest.set(start, length)
    ends = new Set(starts)
  }
  return longest
}
