// Keys in order, in pieces: see pieces.ts. Whether a key is among them, what became of them by an
// edit, and another list with some less and others more.

import type { Pieces } from './pieces.ts'

/** Where the key stands in a sorted list, or is to stand. */
export function placeOf<Key>(keys: readonly Key[], key: Key): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The same in a long list. */
export function placeIn<Key>({ pieces }: Pieces<Key>, key: Key): number {
  let start = 0
  for (const piece of pieces) {
    if (piece.at(-1)! >= key) return start + placeOf(piece, key)
    start += piece.length
  }
  return start
}

/** Those that are not lower. */
export function* keysFrom<Key>({ pieces }: Pieces<Key>, least: Key): Iterable<Key> {
  for (const piece of pieces) {
    if (piece.at(-1)! < least) continue
    for (let at = placeOf(piece, least); at < piece.length; at++) yield piece[at]!
  }
}

export function holds<Key>({ pieces }: Pieces<Key>, key: Key): boolean {
  for (const piece of pieces) if (piece.at(-1)! >= key) return piece[placeOf(piece, key)] === key
  return false
}

/** The same list where the keys are the same. */
export function withKeys<Key>(
  former: Pieces<Key>,
  gone: readonly Key[],
  come: readonly Key[],
): Pieces<Key> {
  if (gone.length === come.length && gone.every((one, index) => one === come[index])) return former
  let keys = former
  for (const one of gone) {
    const at = placeIn(keys, one)
    keys = keys.spliced(at, at + 1, [])
  }
  for (const one of come) {
    const at = placeIn(keys, one)
    keys = keys.spliced(at, at, [one])
  }
  return keys
}

/** Pieces that were looked through, and in which each key stands once, behind a lower one. */
const STRICT = new WeakSet<readonly unknown[]>()

/** Whether each key stands there once, behind a lower one. */
export function isStrict<Key>({ pieces }: Pieces<Key>): boolean {
  return pieces.every((piece, index) => {
    if (index > 0 && pieces[index - 1]!.at(-1)! >= piece[0]!) return false
    if (STRICT.has(piece)) return true
    for (let at = 1; at < piece.length; at++) if (piece[at - 1]! >= piece[at]!) return false
    STRICT.add(piece)
    return true
  })
}

/** Keys that are in one of two strict lists only. What they share in pieces is not looked at. */
export function keysApart<Key>(one: Pieces<Key>, other: Pieces<Key>): readonly Key[] {
  const known = new Set<readonly unknown[]>(one.pieces)
  const shared = new Set(other.pieces.filter((piece) => known.has(piece)))
  const rest = ({ pieces }: Pieces<Key>): Key[] => {
    const keys: Key[] = []
    for (const piece of pieces) if (!shared.has(piece)) for (const key of piece) keys.push(key)
    return keys
  }
  const [mine, theirs] = [rest(one), rest(other)]
  const apart: Key[] = []
  let [at, place] = [0, 0]
  while (at < mine.length && place < theirs.length)
    if (mine[at]! < theirs[place]!) apart.push(mine[at++]!)
    else if (mine[at]! > theirs[place]!) apart.push(theirs[place++]!)
    else {
      at++
      place++
    }
  return [...apart, ...mine.slice(at), ...theirs.slice(place)]
}
