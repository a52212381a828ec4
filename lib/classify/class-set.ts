// Classes of clients as bits. Every class that something of the configuration names has a number,
// which is its bit; a client is in a set of classes, and what is for some clients only has a mask.

/**
 * Classes of a pair: HA_ and the name of a server, for the clients of that server. Their numbers
 * are the first: 0 = of the primary, 1 = of the secondary.
 */
export const HA_CLASSES = 2

const WORD = 32

/** The classes that a client is in; one object serves for one client after the other. */
export class ClassSet {
  readonly words: Int32Array

  /** `count`: how many classes there are. */
  constructor(count: number) {
    this.words = new Int32Array(Math.ceil(count / WORD))
  }

  add(number: number): this {
    this.words[number >>> 5]! |= 1 << (number & 31)
    return this
  }

  has(number: number): boolean {
    const word = number >>> 5
    return word < this.words.length && ((this.words[word]! >>> (number & 31)) & 1) === 1
  }

  clear(): void {
    // Not fill(): the call costs more than the few words.
    for (let word = 0; word < this.words.length; word++) this.words[word] = 0
  }
}

/** Classes of which a client must be in one; undefined: it need not be in any. */
export type ClassMask = Int32Array | undefined

export function maskOf(numbers: readonly number[]): Int32Array {
  const set = new ClassSet(Math.max(0, ...numbers) + 1)
  for (const number of numbers) set.add(number)
  return set.words
}

export function admits(mask: ClassMask, { words }: ClassSet): boolean {
  if (mask === undefined) return true
  const length = Math.min(mask.length, words.length)
  for (let word = 0; word < length; word++) if ((mask[word]! & words[word]!) !== 0) return true
  return false
}

// Of two masks that both must admit, only the classes that both name are looked at: that is exact
// while no client is in two of the classes, which is so for those of a pair.

/** The classes that both name. */
export function inBoth(a: ClassMask, b: ClassMask): ClassMask {
  if (a === undefined) return b
  return b === undefined ? a : a.map((word, at) => word & (b[at] ?? 0))
}

/** The classes that one of the two names. */
export function inEither(a: ClassMask, b: ClassMask): ClassMask {
  if (a === undefined || b === undefined) return undefined
  const [long, short] = a.length < b.length ? [b, a] : [a, b]
  return long.map((word, at) => word | (short[at] ?? 0))
}

/** Whether a client that is in one class only can be admitted by both. */
export function canMeet(a: ClassMask, b: ClassMask): boolean {
  const both = inBoth(a, b)
  return both === undefined || both.some((word) => word !== 0)
}

/** Whether the first mask names every class that the second one does. */
export function covers(a: ClassMask, b: ClassMask): boolean {
  if (a === undefined) return true
  return b?.every((word, at) => (word & ~(a[at] ?? 0)) === 0) ?? false
}
