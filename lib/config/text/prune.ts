// Takes parts out of a document that cannot be used, so that what is left can be judged further.

import type { Draft, Members } from './draft.ts'
import type { Positions } from './positions.ts'
import type { Path } from './problem.ts'

/**
 * Removes the members and elements at these paths, all of them paths of the draft as it is now.
 * Returns the maps that lost a member.
 */
export function prune(draft: Draft, paths: readonly Path[], positions: Positions): Set<object> {
  const damaged = new Set<object>()
  const fromLists = new Map<unknown[], Set<number>>()
  for (const path of paths) {
    const parent: Members | unknown[] | undefined = draft.own(path.slice(0, -1))
    const step = path.at(-1)
    if (Array.isArray(parent)) {
      const indexes = fromLists.get(parent) ?? new Set()
      fromLists.set(parent, indexes.add(Number(step)))
    } else if (parent !== undefined && step !== undefined) {
      delete parent[step]
      damaged.add(parent)
    }
  }
  for (const [list, indexes] of fromLists) removeElements(list, indexes, positions)
  return damaged
}

function removeElements(list: unknown[], indexes: ReadonlySet<number>, positions: Positions): void {
  positions.removed(list, indexes)
  let kept = 0
  for (let i = 0; i < list.length; i++) {
    if (!indexes.has(i)) list[kept++] = list[i]
  }
  list.length = kept
}
