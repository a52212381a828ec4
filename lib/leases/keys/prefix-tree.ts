// Prefixes (address/prefix6.ts) in one path-compressed binary tree, which knows the row of each and
// up to twelve sets of them. What is asked costs as many steps as the tree is deep, about twenty
// for a million prefixes and 136 at worst, however large or full the ranges are that are looked in;
// and what nobody has costs nothing, so that memory follows leases. How a node lies in memory, and
// what bits and spans are, is in prefix-nodes.ts.

import type { Prefix6 } from '../../address/prefix6.ts'
import {
  ANY_SHIFT,
  BIT_SHIFT,
  INNER,
  LEAF,
  LENGTH_SHIFT,
  PrefixNodes,
  ROW,
  SETS,
  SETS_MASK,
  SUMMARY,
  TREE_SETS_MAX,
} from './prefix-nodes.ts'
import { loadKey, octetsOfKey, stepAt } from './prefix-words.ts'

/** The first bit of the address. */
const ADDRESS_AT = 32
/** No two prefixes differ here. */
const SAME = 160
/** No node: where the tree is empty. */
const NONE = 0x7fffffff
/** Inner nodes on a path: 8 bits of length and 128 of address. */
const DEPTH_MAX = 137

export class PrefixTree {
  readonly #nodes = new PrefixNodes()
  #root = NONE
  #sets = 0
  /** The prefix that is looked for. */
  readonly #key = new Int32Array(5)
  /** Inner nodes from the root to the leaf that is nearest to it. */
  readonly #path = new Int32Array(DEPTH_MAX)
  #depth = 0
  #nearest = 0
  /** Where the prefix and the leaf differ first. */
  #differs = 0
  /** What #key to #differs say is right for it: several questions in a row concern one prefix. */
  #sought: Prefix6 = ''
  /** Its leaf has no row and is in no set. It goes when another prefix is asked for. */
  #isIdle = false
  /** An answer that is being made. */
  readonly #answer = new Int32Array(5)

  /** The number of one more set, empty at first. */
  addSet(): number {
    if (this.#sets === TREE_SETS_MAX) throw new RangeError(`a tree has ${TREE_SETS_MAX} sets`)
    return this.#sets++
  }

  /** The row of the prefix, or -1. */
  rowOf(key: Prefix6): number {
    if (!this.#find(key)) return -1
    return this.#nodes.leaves[this.#nearest * LEAF + ROW]! - 1
  }

  /** -1: it has none any more. */
  setRow(key: Prefix6, row: number): void {
    if (!this.#find(key)) this.#insert(key)
    this.#nodes.leaves[this.#nearest * LEAF + ROW] = row + 1
    this.#noteIdle()
  }

  has(set: number, key: Prefix6): boolean {
    return this.#find(key) && (this.#nodes.leaves[this.#nearest * LEAF + SETS]! & (1 << set)) !== 0
  }

  put(set: number, key: Prefix6, isMember: boolean): void {
    if (!this.#find(key)) {
      if (!isMember) return
      this.#insert(key)
    }
    const at = this.#nearest * LEAF + SETS
    const before = this.#nodes.leaves[at]!
    const after = isMember ? before | (1 << set) : before & ~(1 << set)
    if (after === before) return
    this.#nodes.leaves[at] = after
    this.#summarize(this.#depth - 1)
    this.#noteIdle()
  }

  /** Of `count` sets from this one on: bit n of `members` is of the n-th. */
  putAll(first: number, count: number, key: Prefix6, members: number): void {
    if (!this.#find(key)) {
      if (members === 0) return
      this.#insert(key)
    }
    const at = this.#nearest * LEAF + SETS
    const before = this.#nodes.leaves[at]!
    const after = (before & ~(((1 << count) - 1) << first)) | (members << first)
    if (after === before) return
    this.#nodes.leaves[at] = after
    this.#summarize(this.#depth - 1)
    this.#noteIdle()
  }

  /** The lowest member of the set in `from` … `last`, or undefined. */
  nextMember(set: number, from: Prefix6, last: Prefix6): Prefix6 | undefined {
    if (from !== this.#sought) this.#dropIdle()
    if (from > last || this.#root === NONE) return undefined
    const mask = 1 << set
    this.#seek(from)
    if (this.#differs === SAME && (this.#nodes.setsOf(~this.#nearest) & mask) !== 0) return from
    const leaf = this.#leafBehind(mask)
    if (leaf === NONE) return undefined
    const found = this.#keyOf(leaf)
    return found <= last ? found : undefined
  }

  /** The lowest prefix of `from` … `last` that is no member of the set, or undefined. */
  nextOther(set: number, from: Prefix6, last: Prefix6): Prefix6 | undefined {
    const mask = 1 << set
    let candidate = from
    for (;;) {
      if (candidate > last) return undefined
      if (!this.#find(candidate)) return candidate
      if ((this.#nodes.setsOf(~this.#nearest) & mask) === 0) return candidate
      const isSure = this.#passFull(mask)
      candidate = octetsOfKey(this.#answer)
      if (isSure) return candidate <= last ? candidate : undefined
    }
  }

  /** Empties a set. */
  clear(set: number): void {
    this.#dropIdle()
    const left = ~(1 << set)
    this.#eachSummary((any, full) => ((any & left) << ANY_SHIFT) | (full & left))
    const idle: Prefix6[] = []
    for (let leaf = 0; leaf < this.#nodes.leafCount; leaf++) {
      const at = leaf * LEAF + SETS
      if ((this.#nodes.leaves[at]! & (1 << set)) === 0) continue
      this.#nodes.leaves[at]! &= left
      if (
        (this.#nodes.leaves[at]! & SETS_MASK) === 0 &&
        this.#nodes.leaves[leaf * LEAF + ROW] === 0
      )
        idle.push(this.#keyOf(leaf))
    }
    for (const key of idle) if (this.#find(key)) this.#noteIdle()
    this.#dropIdle()
  }

  /** Gives one set the members of another one. */
  assign(set: number, other: number): void {
    this.clear(set)
    const copied = (sets: number) => sets | (((sets >>> other) & 1) << set)
    this.#eachSummary((any, full) => (copied(any) << ANY_SHIFT) | copied(full))
    for (let leaf = 0; leaf < this.#nodes.leafCount; leaf++) {
      const at = leaf * LEAF + SETS
      this.#nodes.leaves[at] =
        (this.#nodes.leaves[at]! & ~SETS_MASK) | copied(this.#nodes.leaves[at]! & SETS_MASK)
    }
  }

  /** Of nodes that are not in use, nobody asks. */
  #eachSummary(next: (any: number, full: number) => number): void {
    for (let at = SUMMARY; at < this.#nodes.innerCount * INNER; at += INNER) {
      const summary = this.#nodes.inner[at]!
      const any = (summary >>> ANY_SHIFT) & SETS_MASK
      this.#nodes.inner[at] = (summary & (0xff << BIT_SHIFT)) | next(any, summary & SETS_MASK)
    }
  }

  // ---- finding

  /** Whether there is a leaf of the prefix: #nearest, then. */
  #find(key: Prefix6): boolean {
    if (key !== this.#sought) this.#dropIdle()
    if (this.#root === NONE) return false
    this.#seek(key)
    return this.#differs === SAME
  }

  #seek(key: Prefix6): void {
    if (key === this.#sought) return
    loadKey(key, this.#key)
    const inner = this.#nodes.inner
    let node = this.#root
    let depth = 0
    while (node >= 0) {
      this.#path[depth++] = node
      node = inner[node * INNER + this.#bitOfKey(inner[node * INNER + SUMMARY]! >>> BIT_SHIFT)]!
    }
    this.#depth = depth
    this.#nearest = ~node
    this.#differs = this.#differenceTo(~node)
    this.#sought = key
  }

  #bitOfKey(bit: number): number {
    return (this.#key[bit >>> 5]! >>> (31 - (bit & 31))) & 1
  }

  /** The first bit in which a leaf differs from the prefix. */
  #differenceTo(leaf: number): number {
    const at = leaf * LEAF
    const length = this.#nodes.leaves[at + SETS]! >>> LENGTH_SHIFT
    if (length !== this.#key[0]!) return Math.clz32(length ^ this.#key[0]!)
    for (let word = 0; word < 4; word++) {
      const difference = this.#nodes.leaves[at + word]! ^ this.#key[word + 1]!
      if (difference !== 0) return 32 * (word + 1) + Math.clz32(difference)
    }
    return SAME
  }

  /** How many inner nodes of the path stand above the bit. */
  #depthAbove(bit: number): number {
    let depth = this.#depth
    while (depth > 0 && this.#nodes.bitOf(this.#path[depth - 1]!) > bit) depth--
    return depth
  }

  /** The lowest leaf behind the prefix that is in a set of the mask, or NONE. */
  #leafBehind(mask: number): number {
    let depth = this.#depth
    if (this.#differs < SAME) {
      depth = this.#depthAbove(this.#differs)
      const subtree = depth < this.#depth ? this.#path[depth]! : ~this.#nearest
      // All of it is behind the prefix, or all before.
      const isBehind = this.#bitOfKey(this.#differs) === 0
      if (isBehind && (this.#nodes.setsOf(subtree) & mask) !== 0)
        return this.#nodes.lowest(subtree, mask)
    }
    for (depth--; depth >= 0; depth--) {
      const node = this.#path[depth]!
      if (this.#bitOfKey(this.#nodes.bitOf(node)) === 1) continue
      const right = this.#nodes.inner[node * INNER + 1]!
      if ((this.#nodes.setsOf(right) & mask) !== 0) return this.#nodes.lowest(right, mask)
    }
    return NONE
  }

  #keyOf(leaf: number): Prefix6 {
    const at = leaf * LEAF
    this.#answer[0] = this.#nodes.leaves[at + SETS]! >>> LENGTH_SHIFT
    for (let word = 0; word < 4; word++) this.#answer[word + 1] = this.#nodes.leaves[at + word]!
    return octetsOfKey(this.#answer)
  }

  // ---- what is full

  /**
   * The prefix is a member: goes past what is full from there on, to #answer. Whether that is
   * certainly no member.
   */
  #passFull(mask: number): boolean {
    // Everything from the prefix to the end of the span of `passed` is full.
    let passed = ~this.#nearest
    for (let depth = this.#depth - 1; depth >= 0; depth--) {
      const node = this.#path[depth]!
      const bit = this.#nodes.bitOf(node)
      if (bit < ADDRESS_AT || this.#nodes.lastBit(passed) !== bit) break
      if (this.#bitOfKey(bit) === 0) {
        const right = this.#nodes.inner[node * INNER + 1]!
        if ((this.#nodes.fullBehind(bit, right) & mask) === 0) {
          this.#answer.set(this.#key)
          stepAt(this.#answer, bit)
          this.#enter(right, bit, mask)
          return true
        }
      }
      passed = node
    }
    this.#answer.set(this.#key)
    stepAt(this.#answer, this.#nodes.lastBit(passed))
    return false
  }

  /**
   * #answer is where one side of the bit begins, which is not full and has this node: moves it to
   * the lowest prefix there that is no member.
   */
  #enter(node: number, bit: number, mask: number): void {
    for (;;) {
      // What is there begins later.
      if (this.#nodes.lastBit(node) !== bit && !this.#beginsAtAnswer(node)) return
      if (node < 0) {
        if ((this.#nodes.setsOf(node) & mask) !== 0) stepAt(this.#answer, this.#nodes.lastBit(node))
        return
      }
      if ((this.#nodes.inner[node * INNER + SUMMARY]! & mask) !== 0)
        return stepAt(this.#answer, this.#nodes.lastBit(node))
      bit = this.#nodes.bitOf(node)
      const left = this.#nodes.inner[node * INNER]!
      const isPast = (this.#nodes.fullBehind(bit, left) & mask) !== 0
      if (isPast) stepAt(this.#answer, bit)
      node = isPast ? this.#nodes.inner[node * INNER + 1]! : left
    }
  }

  /** Whether the lowest prefix below the node is #answer. */
  #beginsAtAnswer(node: number): boolean {
    let below = node
    while (below >= 0) below = this.#nodes.inner[below * INNER]!
    const at = ~below * LEAF
    for (let word = 0; word < 4; word++)
      if (this.#nodes.leaves[at + word] !== this.#answer[word + 1]) return false
    return true
  }

  // ---- what changes

  /** A leaf for the prefix that was not found. */
  #insert(key: Prefix6): void {
    if (this.#root === NONE) loadKey(key, this.#key)
    const leaf = this.#nodes.newLeaf(this.#key)
    this.#sought = key
    if (this.#root === NONE) {
      this.#root = ~leaf
      this.#depth = 0
      this.#nearest = leaf
      this.#differs = SAME
      return
    }
    const bit = this.#differs
    const depth = this.#depthAbove(bit)
    const subtree = depth < this.#depth ? this.#path[depth]! : ~this.#nearest
    const isRight = this.#bitOfKey(bit)
    const node = this.#nodes.newInner()
    this.#nodes.inner[node * INNER + isRight] = ~leaf
    this.#nodes.inner[node * INNER + 1 - isRight] = subtree
    this.#nodes.inner[node * INNER + SUMMARY] = bit << BIT_SHIFT
    this.#hang(depth, node)
    this.#path[depth] = node
    this.#depth = depth + 1
    this.#nearest = leaf
    this.#differs = SAME
    this.#summarize(depth)
  }

  /** Puts a node where the path of the prefix has this depth. */
  #hang(depth: number, node: number): void {
    if (depth === 0) this.#root = node
    else {
      const parent = this.#path[depth - 1]!
      this.#nodes.inner[parent * INNER + this.#bitOfKey(this.#nodes.bitOf(parent))] = node
    }
  }

  /** Nodes of the path from this depth up tell anew what is below them. */
  #summarize(depth: number): void {
    for (; depth >= 0; depth--) {
      const at = this.#path[depth]! * INNER
      const before = this.#nodes.inner[at + SUMMARY]!
      const bit = before >>> BIT_SHIFT
      const left = this.#nodes.inner[at]!
      const right = this.#nodes.inner[at + 1]!
      const any = this.#nodes.setsOf(left) | this.#nodes.setsOf(right)
      const full = this.#nodes.fullBehind(bit, left) & this.#nodes.fullBehind(bit, right)
      const after = (bit << BIT_SHIFT) | (any << ANY_SHIFT) | full
      if (after === before) return
      this.#nodes.inner[at + SUMMARY] = after
    }
  }

  /**
   * What was changed is mostly changed again at once: an offer that becomes a lease, a row that is
   * another client's.
   */
  #noteIdle(): void {
    const at = this.#nearest * LEAF
    this.#isIdle =
      this.#nodes.leaves[at + ROW] === 0 && (this.#nodes.leaves[at + SETS]! & SETS_MASK) === 0
  }

  /** The leaf goes that has no row and is in no set. */
  #dropIdle(): void {
    if (!this.#isIdle) return
    this.#isIdle = false
    this.#sought = ''
    this.#nodes.dropLeaf(this.#nearest)
    if (this.#depth === 0) {
      this.#root = NONE
      return
    }
    const depth = this.#depth - 1
    const parent = this.#path[depth]!
    const isRight = this.#bitOfKey(this.#nodes.bitOf(parent))
    this.#hang(depth, this.#nodes.inner[parent * INNER + 1 - isRight]!)
    this.#nodes.dropInner(parent)
    // Nobody above notices: what had such a leaf was not full, and neither is what is left of it.
  }
}
