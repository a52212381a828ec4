// A set of small numbers (0 … capacity - 1) as a bitmap with summaries, so that the next member or
// the next gap is found in a few steps however full or empty the set is.
//
//   bits      one bit a number                        the lowest level of both searches
//   any       one bit for each word below that is not 0        leads to the next member
//   full      one bit for each word below that is all ones     leads to the next gap

export class BitTree {
  readonly #bits: Int32Array
  /** The bits and the levels above them, lowest first. */
  readonly #any: Int32Array[]
  readonly #full: Int32Array[]

  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#bits = new Int32Array(Math.ceil(capacity / 32))
    this.#any = [this.#bits]
    this.#full = [this.#bits]
    let words = this.#bits.length
    while (words > 1) {
      words = Math.ceil(words / 32)
      this.#any.push(new Int32Array(words))
      this.#full.push(new Int32Array(words))
    }
  }

  /** Another set of the same members. */
  copy(): BitTree {
    const copied = new BitTree(this.#capacity)
    for (let level = 0; level < this.#any.length; level++) {
      copied.#any[level]!.set(this.#any[level]!)
      copied.#full[level]!.set(this.#full[level]!)
    }
    return copied
  }

  get isEmpty(): boolean {
    return this.#any.at(-1)![0] === 0
  }

  /** Exact when the capacity is a power of 32, which is where it is asked. */
  get isFull(): boolean {
    return this.#full.at(-1)![0] === -1
  }

  has(member: number): boolean {
    return ((this.#bits[member >>> 5]! >>> (member & 31)) & 1) === 1
  }

  add(member: number): void {
    const word = member >>> 5
    const before = this.#bits[word]!
    const now = before | (1 << (member & 31))
    this.#bits[word] = now
    if (before === 0) raise(this.#any, word, 0)
    if (now === -1) raise(this.#full, word, -1)
  }

  delete(member: number): void {
    const word = member >>> 5
    const before = this.#bits[word]!
    const now = before & ~(1 << (member & 31))
    this.#bits[word] = now
    if (before === -1) lower(this.#full, word, -1)
    if (now === 0) lower(this.#any, word, 0)
  }

  /** The smallest member that is at least `from`, or -1. */
  nextSet(from: number): number {
    return next(this.#any, 0, from)
  }

  /** The smallest number at least `from` that is no member, or -1. */
  nextClear(from: number): number {
    const found = next(this.#full, -1, from)
    return found < this.#capacity ? found : -1
  }
}

/**
 * Sets the summary bit of a word and goes on upwards while that completes the word above: for
 * `full` (goal -1) when it became all ones, for `any` (goal 0) when it was nothing before.
 */
function raise(levels: readonly Int32Array[], child: number, goal: 0 | -1): void {
  for (let level = 1; level < levels.length; level++) {
    const words = levels[level]!
    const word = child >>> 5
    const before = words[word]!
    const now = before | (1 << (child & 31))
    words[word] = now
    if (goal === 0 ? before !== 0 : now !== -1) return
    child = word
  }
}

/** Takes the summary bit of a word back, and those above while they no longer hold. */
function lower(levels: readonly Int32Array[], child: number, goal: 0 | -1): void {
  for (let level = 1; level < levels.length; level++) {
    const words = levels[level]!
    const word = child >>> 5
    const before = words[word]!
    const now = before & ~(1 << (child & 31))
    words[word] = now
    if (goal === 0 ? now !== 0 : before !== -1) return
    child = word
  }
}

/** Climbs until a word holds a candidate at or behind `at`, then descends to the first below it. */
function next(levels: readonly Int32Array[], invert: 0 | -1, at: number): number {
  let level = 0
  let found = 0
  while (found === 0) {
    const words = levels[level]
    if (words === undefined || at >>> 5 >= words.length) return -1
    found = (words[at >>> 5]! ^ invert) & (-1 << (at & 31))
    if (found === 0) {
      at = (at >>> 5) + 1
      level++
    }
  }
  at = (at & ~31) + lowestBit(found)
  while (level > 0) at = at * 32 + lowestBit(levels[--level]![at]! ^ invert)
  return at
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
