// Merges the options of a level into those of the levels above. Equal merges give the same object, so
// that whoever keeps something encoded for each OptionSet (the engine does) keeps it once.

import type { OptionSet, OptionValue } from '../plan/plan4.ts'
import type { OptionLevel } from './option-entry.ts'

export const EMPTY_OPTION_SET: OptionSet = { values: new Map() }

export class OptionMerge {
  readonly #merged = new Map<OptionSet, Map<string, OptionSet>>()

  /** `upper` itself when the level adds nothing. A value of the level wins; the flags are sticky. */
  over(upper: OptionSet, level: OptionLevel): OptionSet {
    if (level.size === 0) return upper
    const key = keyOf(level)
    const siblings = this.#merged.get(upper) ?? new Map<string, OptionSet>()
    const known = siblings.get(key)
    if (known !== undefined) return known
    const merged = merge(upper, level)
    this.#merged.set(upper, siblings.set(key, merged))
    return merged
  }
}

function merge(upper: OptionSet, level: OptionLevel): OptionSet {
  const values = new Map<number, OptionValue>(upper.values)
  for (const own of level.values()) {
    const above = values.get(own.code)
    const alwaysSend = own.alwaysSend || (above?.alwaysSend ?? false)
    const neverSend = own.neverSend || (above?.neverSend ?? false)
    const same = alwaysSend === own.alwaysSend && neverSend === own.neverSend
    values.set(own.code, same ? own : { ...own, alwaysSend, neverSend })
  }
  return { values }
}

/** Tells levels apart by content, whatever the order of their entries. */
function keyOf(level: OptionLevel): string {
  const parts: string[] = []
  for (const { code, data, alwaysSend, neverSend } of level.values()) {
    parts.push(`${code},${alwaysSend ? 1 : 0}${neverSend ? 1 : 0},${data.length},${data}`)
  }
  return parts.sort().join('')
}
