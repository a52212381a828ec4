// Merges the options of a level into those of the levels above. Equal merges give the same object,
// so that whoever keeps something encoded for each OptionSet (the engine does) keeps it once.

import { overlaid } from '../plan/option-set.ts'
import type { OptionSet } from '../plan/plan4.ts'
import type { OptionLevel } from './option-entry.ts'

export class OptionMerge {
  readonly #merged = new Map<OptionSet, Map<string, OptionSet>>()

  /** `upper` itself when the level adds nothing. */
  over(upper: OptionSet, level: OptionLevel): OptionSet {
    if (level.size === 0) return upper
    const key = keyOf(level)
    const siblings = this.#merged.get(upper) ?? new Map<string, OptionSet>()
    const known = siblings.get(key)
    if (known !== undefined) return known
    const merged = overlaid(upper, level.values())
    this.#merged.set(upper, siblings.set(key, merged))
    return merged
  }
}

/** Tells levels apart by content, whatever the order of their entries. */
function keyOf(level: OptionLevel): string {
  const parts: string[] = []
  for (const { code, data, alwaysSend, neverSend } of level.values()) {
    parts.push(`${code},${alwaysSend ? 1 : 0}${neverSend ? 1 : 0},${data.length},${data}`)
  }
  return parts.sort().join('')
}
