// Lists of classes where they stand: guards, of which a client must be in one class to be served
// from a pool, a subnet or a shared network, and classes that are assigned or tested there.

import type { ClassNames } from '../../classify/class-names.ts'
import { type ClassMask, maskOf } from '../../classify/class-set.ts'
import type { Guards } from '../ha/guards.ts'
import type { Site } from '../text/site.ts'

/** Whom every list admits that names it. */
export const EVERYBODY = 'ALL'
const OF_PAIR = 'HA_'

export class ClassLists {
  readonly names: ClassNames
  /** Some list names a class that is not of a pair, so that clients must be classified. */
  isAsked = false
  readonly #guards: Guards

  constructor(guards: Guards, names: ClassNames) {
    this.#guards = guards
    this.names = names
  }

  /** The guard of these classes, which stand at `site`; `uppers` are those of the levels above. */
  guard(
    classes: readonly string[] | undefined,
    uppers: readonly ClassMask[],
    site: Site,
  ): ClassMask {
    if (classes === undefined || classes.length === 0) return undefined
    if (classes.includes(EVERYBODY)) return undefined
    const numbers: number[] = []
    for (const [index, name] of classes.entries()) {
      if (name.startsWith(OF_PAIR) && !this.#guards.accepts(name, site.at(index))) continue
      numbers.push(this.#numberOf(name))
    }
    const guard = maskOf(numbers)
    this.#guards.warnOfContradiction(guard, uppers, site)
    return guard
  }

  /** The numbers of these classes, each once. */
  numbers(classes: readonly string[] | undefined): readonly number[] {
    if (classes === undefined || classes.length === 0) return NONE
    return [...new Set(classes.map((name) => this.#numberOf(name)))]
  }

  #numberOf(name: string): number {
    if (!name.startsWith(OF_PAIR) && name !== EVERYBODY) this.isAsked = true
    return this.names.mention(name)
  }
}

const NONE: readonly number[] = []
