// RFC 7396: a value of which a patch says only what differs. Nothing is written to: what the patch
// does not touch is shared.

import { isMap } from '../../config/text/map.ts'

export function mergePatched(value: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const merged: Record<string, unknown> = isMap(value) ? { ...value } : {}
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete merged[key]
    else merged[key] = mergePatched(merged[key], change)
  }
  return merged
}

/** Maps and lists that are looked at, and differences that are told, at most. */
const LOOKED_MAX = 100_000
const TOLD_MAX = 200

export interface Differences {
  /** JSON pointers (RFC 6901). */
  readonly changes: readonly string[]
  /** There may be more of them. */
  readonly isCut: boolean
}

/** Where two values differ; what they share is not looked at. */
export function differences(one: unknown, other: unknown): Differences {
  const changes: string[] = []
  let looked = 0
  const look = (a: unknown, b: unknown, at: string): void => {
    if (a === b || changes.length >= TOLD_MAX || looked >= LOOKED_MAX) return
    looked++
    const areLists = Array.isArray(a) && Array.isArray(b)
    if (!areLists && !(isMap(a) && isMap(b))) {
      changes.push(at)
      return
    }
    const [before, after] = [a as Members, b as Members]
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      look(before[key], after[key], `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  }
  look(one, other, '')
  return { changes, isCut: changes.length >= TOLD_MAX || looked >= LOOKED_MAX }
}

type Members = Readonly<Record<string, unknown>>
