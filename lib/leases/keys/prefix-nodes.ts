// The nodes of a tree of prefixes (prefix-tree.ts), in arrays of numbers that grow by doubling: the
// garbage collector sees nothing. Inner nodes have numbers, leaves the complement of theirs.
//
//   inner node   left, right, summary       the bit at which its two children differ, the sets that
//                                           have a member below (`any`), the sets that have every
//                                           prefix of the length that can stand below (`full`)
//   leaf         address (4 words), length and sets, row
//
// Bits are counted over the words of a prefix: the length (0-31), then the address (32-159). What
// stands below an inner node agrees in all bits before its own: its *span* is whatever does.

/** Sets that a tree has room for: their bits, twice, and the number of a bit fill a word. */
export const TREE_SETS_MAX = 12
export const SETS_MASK = (1 << TREE_SETS_MAX) - 1

/** Words of an inner node, and where they stand; the summary: bit, any, full. */
export const INNER = 3
export const SUMMARY = 2
export const BIT_SHIFT = 24
export const ANY_SHIFT = TREE_SETS_MAX

/** Words of a leaf: four of the address, then these. */
export const LEAF = 6
export const SETS = 4
export const ROW = 5
export const LENGTH_SHIFT = 24

const FIRST = 64

export class PrefixNodes {
  inner = new Int32Array(FIRST * INNER)
  leaves = new Int32Array(FIRST * LEAF)
  /** Nodes that are or were in use have numbers below. */
  innerCount = 0
  leafCount = 0
  /** Nodes that went, to be used again, chained by their first word as number + 1. */
  #innerFree = 0
  #leafFree = 0

  /** A leaf for a prefix in words (prefix-words.ts), in no set and without a row. */
  newLeaf(key: Int32Array): number {
    let leaf = this.#leafFree - 1
    if (leaf >= 0) this.#leafFree = this.leaves[leaf * LEAF]!
    else {
      leaf = this.leafCount++
      if (leaf * LEAF === this.leaves.length) this.leaves = doubled(this.leaves)
    }
    const at = leaf * LEAF
    for (let word = 0; word < 4; word++) this.leaves[at + word] = key[word + 1]!
    this.leaves[at + SETS] = key[0]! << LENGTH_SHIFT
    this.leaves[at + ROW] = 0
    return leaf
  }

  newInner(): number {
    const free = this.#innerFree - 1
    if (free >= 0) {
      this.#innerFree = this.inner[free * INNER]!
      return free
    }
    if (this.innerCount * INNER === this.inner.length) this.inner = doubled(this.inner)
    return this.innerCount++
  }

  dropLeaf(leaf: number): void {
    this.leaves[leaf * LEAF] = this.#leafFree
    this.#leafFree = leaf + 1
  }

  dropInner(inner: number): void {
    this.inner[inner * INNER] = this.#innerFree
    this.#innerFree = inner + 1
  }

  bitOf(inner: number): number {
    return this.inner[inner * INNER + SUMMARY]! >>> BIT_SHIFT
  }

  /** Sets that have a member there: of a leaf, those that it is in. */
  setsOf(node: number): number {
    if (node < 0) return this.leaves[~node * LEAF + SETS]! & SETS_MASK
    return (this.inner[node * INNER + SUMMARY]! >>> ANY_SHIFT) & SETS_MASK
  }

  /** The lowest leaf below the node that is in a set of the mask, of which there is one. */
  lowest(node: number, mask: number): number {
    while (node >= 0) {
      const left = this.inner[node * INNER]!
      node = (this.setsOf(left) & mask) !== 0 ? left : this.inner[node * INNER + 1]!
    }
    return ~node
  }

  /** The last bit that two prefixes with this node's span may differ in. */
  lastBit(node: number): number {
    if (node >= 0) return this.bitOf(node) - 1
    return 31 + (this.leaves[~node * LEAF + SETS]! >>> LENGTH_SHIFT)
  }

  /** Sets that have everything behind one side of the bit, where the node stands. */
  fullBehind(bit: number, node: number): number {
    if (this.lastBit(node) !== bit) return 0
    return node < 0 ? this.setsOf(node) : this.inner[node * INNER + SUMMARY]! & SETS_MASK
  }
}

function doubled(words: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(words.length * 2)
  grown.set(words)
  return grown
}
