// Merges the options of a level into those of the levels above. Equal merges give the same object,
// so that whoever keeps something encoded for each OptionSet (the engine does) keeps it once.

import {
  type OptionLevel,
  type OptionScope,
  type OptionSet,
  type OptionValue,
  overlaid,
  saysNothing,
} from '../plan/option-set.ts'

export class OptionMerge {
  readonly #merged = new Map<OptionSet, Map<string, OptionSet>>()

  /** `upper` itself when the level adds nothing. */
  over(upper: OptionSet, scope: OptionScope, level: OptionLevel): OptionSet {
    if (saysNothing(level)) return upper
    const key = `${scope}/${keyOf(level)}`
    const siblings = this.#merged.get(upper) ?? new Map<string, OptionSet>()
    const known = siblings.get(key)
    if (known !== undefined) return known
    const merged = overlaid(upper, scope, level)
    this.#merged.set(upper, siblings.set(key, merged))
    return merged
  }
}

/** Tells levels apart by content, whatever the order of their codes. */
function keyOf({ options, enterprises }: OptionLevel): string {
  const parts = [keyOfEntries(options)]
  const sorted = enterprises.toSorted((a, b) => a.enterprise - b.enterprise)
  for (const { enterprise, carriers, subOptions } of sorted)
    parts.push(`${enterprise}`, keyOfEntries(carriers), keyOfEntries(subOptions))
  return parts.join('/')
}

/** Entries of one code stay in their order, which means something. */
function keyOfEntries(entries: readonly OptionValue[]): string {
  let key = ''
  for (const { code, data, instances, alwaysSend, neverSend, tag } of entries.toSorted(
    (a, b) => a.code - b.code,
  )) {
    const flags = `${alwaysSend ? 1 : 0}${neverSend ? 1 : 0}`
    const lengths = instances?.map(({ length }) => length).join('.') ?? data.length
    key += `${code},${flags},${tag?.join('.') ?? ''},${lengths},${data}`
  }
  return key
}
