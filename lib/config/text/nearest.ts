// The known word that a misspelt one was meant to be.

/**
 * The word with the fewest slips (letters left out, added, changed or swapped), undefined where
 * none is near.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const plain = normal(word)
  let best: string | undefined
  let fewest = Math.min(3, Math.floor(plain.length / 3)) + 1
  for (const candidate of known) {
    const other = normal(candidate)
    const slips = isShortened(plain, other) ? 0.5 : distance(plain, other, fewest)
    if (slips >= fewest) continue
    fewest = slips
    best = candidate
  }
  return best
}

function normal(word: string): string {
  return word.toLowerCase().replaceAll('_', '-')
}

function isShortened(word: string, known: string): boolean {
  return word.length >= 5 && word.length < known.length && known.startsWith(word)
}

/** Optimal string alignment distance; `limit` where it is not less. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  let leastBefore = 0
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, before[j - 2]! + 1)
      current.push(cost)
      least = Math.min(least, cost)
    }
    // It never gets less again: a swap reaches two rows back, and counts.
    if (least >= limit && leastBefore + 1 >= limit) return limit
    leastBefore = least
    before = previous
    previous = current
  }
  return Math.min(previous[b.length]!, limit)
}
