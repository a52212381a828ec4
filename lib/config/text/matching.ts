// Which elements of a list are which of another: those that call themselves alike, in the same
// order; else those in the middle, between what is alike at both ends.

import { isAlike } from './alike.ts'

export interface Match {
  /** Indexes in the first list and in the second one. */
  readonly kept: readonly (readonly [number, number])[]
  /** Of the first list. */
  readonly removed: readonly number[]
  /** Of the second one, behind which of the first; undefined: at the beginning. */
  readonly added: readonly { readonly behind: number | undefined; readonly index: number }[]
}

/** Undefined where their order is another. */
export function matched(before: readonly unknown[], after: readonly unknown[]): Match | undefined {
  return byName(before, after) ?? byEnds(before, after)
}

/** Members that tell an element from the others of its list. */
const NAMES = ['id', 'name', 'pool', 'prefix', 'hw-address', 'duid', 'client-id'] as const

function nameOf(element: unknown): string | undefined {
  if (typeof element !== 'object' || element === null) return undefined
  const members = element as Record<string, unknown>
  const key = NAMES.find((name) => members[name] !== undefined)
  const space = 'space' in members || 'data' in members ? 'option' : ''
  return key === undefined || space !== '' ? undefined : `${key} ${String(members[key])}`
}

function byName(before: readonly unknown[], after: readonly unknown[]): Match | undefined {
  const places = new Map<string, number>()
  for (const [index, element] of before.entries()) {
    const name = nameOf(element)
    if (name === undefined || places.has(name)) return undefined
    places.set(name, index)
  }
  const kept: [number, number][] = []
  const added: Match['added'][number][] = []
  const seen = new Set<string>()
  let behind: number | undefined
  for (const [index, element] of after.entries()) {
    const name = nameOf(element)
    if (name === undefined || seen.has(name)) return undefined
    seen.add(name)
    const place = places.get(name)
    if (place === undefined) added.push({ behind, index })
    else if (behind !== undefined && place < behind) return undefined
    else {
      kept.push([place, index])
      behind = place
    }
  }
  const removed = [...places].filter(([name]) => !seen.has(name)).map(([, index]) => index)
  return { kept, removed, added }
}

function byEnds(before: readonly unknown[], after: readonly unknown[]): Match {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && isAlike(before[head], after[head])) head++
  let tail = 0
  while (
    tail < shorter - head &&
    isAlike(before[before.length - 1 - tail], after[after.length - 1 - tail])
  )
    tail++
  const [beforeEnd, afterEnd] = [before.length - tail, after.length - tail]
  const pairs = Math.min(beforeEnd, afterEnd) - head
  const kept = Array.from({ length: pairs }, (_, n): [number, number] => [head + n, head + n])
  const from = head + pairs
  const behind = from === 0 ? undefined : from - 1
  return {
    kept,
    removed: range(from, beforeEnd),
    added: range(from, afterEnd).map((index) => ({ behind, index })),
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, n) => from + n)
}
