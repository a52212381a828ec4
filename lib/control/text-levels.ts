// What of the text of a configuration is kept from one version to the next: texts of maps, as long
// as they and what the levels above say beside their lists are the same.

import type { Members } from '../config/text/map.ts'

/** The text of a map without its lists, cut where they stand in it. */
export interface Cut {
  readonly clear: readonly string[]
  readonly hidden: readonly string[]
  readonly sum: string
}

/** The global level, or a shared network: what it says counts for all in it. */
export class TextLevel {
  readonly above: TextLevel | undefined
  readonly key: string
  /** What it says, but for its lists. */
  readonly says: Members
  readonly #cuts = new WeakMap<Members, Cut>()

  constructor(above: TextLevel | undefined, key: string, says: Members) {
    this.above = above
    this.key = key
    this.says = says
  }

  /** The text of what stands in it, or of itself. */
  get(of: Members, make: () => Cut): Cut {
    let cut = this.#cuts.get(of)
    if (cut === undefined) {
      cut = make()
      this.#cuts.set(of, cut)
    }
    return cut
  }
}

export class TextLevels {
  #levels = new Map<string, TextLevel>()
  /** Of the text before this one. */
  #former = new Map<string, TextLevel>()

  /** That of this map: the former one where nothing but its lists is another. */
  of(map: Members, lists: readonly string[], above: TextLevel | undefined): TextLevel {
    const key = above === undefined ? '' : `${above.key}/${String(map.name)}`
    const entries = Object.entries(map).filter(([name]) => !lists.includes(name))
    if (above === undefined) {
      this.#former = this.#levels
      this.#levels = new Map()
    }
    const former = this.#former.get(key)
    const isSame = former !== undefined && former.above === above && isAlike(former.says, entries)
    const level = isSame ? former : new TextLevel(above, key, Object.fromEntries(entries))
    this.#levels.set(key, level)
    return level
  }
}

function isAlike(says: Members, entries: readonly (readonly [string, unknown])[]): boolean {
  return (
    entries.length === Object.keys(says).length &&
    entries.every(([key, value]) => says[key] === value)
  )
}
