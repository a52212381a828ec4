// Many things in order, a few at a time, so that clients are answered between them: small parts
// are sorted, then two and two are merged.

import { slices } from './sink.ts'

const PART = 2000

export async function sorted<T>(all: readonly T[], by: (one: T) => string): Promise<readonly T[]> {
  let parts: (readonly T[])[] = []
  for (let at = 0; at < all.length; at += PART) {
    const part = all.slice(at, at + PART)
    parts.push(part.sort((one, other) => (by(one) < by(other) ? -1 : by(one) > by(other) ? 1 : 0)))
    await new Promise((resolve) => setImmediate(resolve))
  }
  while (parts.length > 1) {
    const merged: (readonly T[])[] = []
    for (let at = 0; at < parts.length; at += 2) {
      const both: T[] = []
      await slices(inOrder(parts[at]!, parts[at + 1] ?? [], by), (one) => both.push(one))
      merged.push(both)
    }
    parts = merged
  }
  return parts[0] ?? []
}

function* inOrder<T>(one: readonly T[], other: readonly T[], by: (of: T) => string): Iterable<T> {
  let [here, there] = [0, 0]
  while (here < one.length || there < other.length) {
    const isHere =
      there === other.length || (here < one.length && by(one[here]!) <= by(other[there]!))
    yield isHere ? one[here++]! : other[there++]!
  }
}
