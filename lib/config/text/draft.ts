// A value that is rewritten while the one it was made from stays as it is: what is written to is
// copied first, and so is what leads there; all the rest is shared.

import type { Positions } from './positions.ts'
import type { Path } from './problem.ts'

export type Members = Record<string | number, unknown>

export class Draft {
  readonly #positions: Positions
  /** The maps and lists that this draft has made. */
  readonly #own = new Set<object>()
  #root: unknown

  constructor(root: unknown, positions: Positions) {
    this.#root = root
    this.#positions = positions
  }

  /** The value as it is by now. */
  get root(): unknown {
    return this.#root
  }

  /** What stands at this path of the draft. */
  at(path: Path): unknown {
    let value = this.#root
    for (const step of path) value = (value as Members | undefined)?.[step]
    return value
  }

  /** The map or list at this path of the draft, to be written to; undefined where there is none. */
  own(path: Path): Members | undefined {
    if (!isContainer(this.#root)) return undefined
    if (!this.#own.has(this.#root)) {
      this.#root = this.#copy(this.#root)
      this.#positions.startAt(this.#root)
    }
    let container = this.#root as Members
    for (const step of path) {
      const member = container[step]
      if (!isContainer(member)) return undefined
      if (!this.#own.has(member)) container[step] = this.#copy(member)
      container = container[step] as Members
    }
    return container
  }

  #copy(value: object): object {
    const copy = Array.isArray(value) ? [...value] : { ...value }
    this.#own.add(copy)
    this.#positions.copied(value, copy)
    return copy
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
