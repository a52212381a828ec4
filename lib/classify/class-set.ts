// Classes of clients as bits. Every class that something of the configuration names has a number,
// which is its bit; a client is in a set of classes, in the order in which they were assigned to
// it, and what is for some clients only has a mask.

/**
 * Classes of a pair: HA_ and the name of a server, for the clients of that server. Their numbers
 * are the first: 0 = of the primary, 1 = of the secondary.
 */
export const HA_CLASSES = 2

/** Classes that Kea knows by themselves, and those that have an effect of their own. */
export const CLASS = {
  /** Every client. */
  all: 2,
  /** Who has a reservation, and who has none. */
  known: 3,
  unknown: 4,
  /** Who speaks BOOTP. */
  bootp: 5,
  /** Whose messages are not answered, or not taken up. */
  drop: 6,
  reject: 7,
  /** Whose names are not registered. */
  skipDdns: 8,
} as const

/** Numbers below this one are of the classes above. */
export const FIXED_CLASSES = 9

const WORD = 32

/** The classes that a client is in; one object serves for one client after the other. */
export class ClassSet {
  readonly words: Int32Array
  /** Their numbers, `count` of them, as they were assigned: of two the first has precedence. */
  readonly order: Int32Array
  count = 0

  /** `size`: how many classes there are. */
  constructor(size: number) {
    this.words = new Int32Array(Math.ceil(size / WORD))
    this.order = new Int32Array(size)
  }

  /** Of a class that the client is in already nothing changes, its place in the order neither. */
  add(number: number): this {
    const word = number >>> 5
    const bit = 1 << (number & 31)
    if ((this.words[word]! & bit) === 0) {
      this.words[word]! |= bit
      this.order[this.count++] = number
    }
    return this
  }

  has(number: number): boolean {
    const word = number >>> 5
    return word < this.words.length && ((this.words[word]! >>> (number & 31)) & 1) === 1
  }

  /** Takes away the classes of the mask; the others keep their order. */
  remove(mask: Int32Array): void {
    const { words, order } = this
    let kept = 0
    for (let at = 0; at < this.count; at++) {
      const number = order[at]!
      const word = number >>> 5
      if (word >= mask.length || ((mask[word]! >>> (number & 31)) & 1) === 0) order[kept++] = number
    }
    this.count = kept
    const length = Math.min(words.length, mask.length)
    for (let word = 0; word < length; word++) words[word]! &= ~mask[word]!
  }

  clear(): void {
    const { words, order, count } = this
    for (let at = 0; at < count; at++) words[order[at]! >>> 5] = 0
    this.count = 0
  }
}

/** Classes of which a client must be in one; undefined: it need not be in any. */
export type ClassMask = Int32Array | undefined

export function maskOf(numbers: readonly number[]): Int32Array {
  const set = new ClassSet(numbers.reduce((most, number) => Math.max(most, number), 0) + 1)
  for (const number of numbers) set.add(number)
  return set.words
}

/** The numbers that a mask names, lowest first. */
export function numbersOf(mask: Int32Array): number[] {
  const numbers: number[] = []
  for (let number = 0; number < mask.length * WORD; number++)
    if (((mask[number >>> 5]! >>> (number & 31)) & 1) === 1) numbers.push(number)
  return numbers
}

export function admits(mask: ClassMask, { words }: ClassSet): boolean {
  if (mask === undefined) return true
  const length = Math.min(mask.length, words.length)
  for (let word = 0; word < length; word++) if ((mask[word]! & words[word]!) !== 0) return true
  return false
}

/** Whether the mask names classes of a pair only, of which each client is in one. */
export function isOfPair(mask: ClassMask): boolean {
  if (mask === undefined) return true
  return mask.every((word, at) => (at === 0 ? word & ~OF_PAIR : word) === 0)
}

const OF_PAIR = (1 << HA_CLASSES) - 1

// Of two masks that both must admit, the classes that both name are those whose clients surely get
// through. Of a client that is in one class of each nothing is known: whether there is one depends
// on what clients send. Among the classes of a pair there is none, so that there the answer is
// exact.

/** The classes that both name: whoever is in one is admitted by both. */
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

/** Whether both name a class, so that its clients are admitted by both. */
export function canMeet(a: ClassMask, b: ClassMask): boolean {
  const both = inBoth(a, b)
  return both === undefined || both.some((word) => word !== 0)
}

/** Whether the first mask names every class that the second one does: it admits all its clients. */
export function covers(a: ClassMask, b: ClassMask): boolean {
  if (a === undefined) return true
  return b?.every((word, at) => (word & ~(a[at] ?? 0)) === 0) ?? false
}
