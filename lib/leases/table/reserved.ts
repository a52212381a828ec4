// What is reserved for somebody: a long list, and a few others beside it. Of a list in order that
// was edited nothing but the pieces that are new is gone through.

import type { Key } from '../keys/key.ts'
import type { KeySet, KeySpace } from '../keys/key-space.ts'
import { holds, isStrict, keysApart } from '../store/key-list.ts'
import { Pieces } from '../store/pieces.ts'

interface Lists<A extends Key> {
  readonly addresses: Pieces<A>
  readonly isStrict: boolean
  readonly beside: ReadonlySet<A>
}

export class Reserved<A extends Key> {
  #members: KeySet<A>
  /** To be filled anew. */
  #spare: KeySet<A>
  #lists: Lists<A> = { addresses: Pieces.of<A>([]), isStrict: true, beside: new Set() }

  constructor(space: KeySpace<A>) {
    this.#members = space.set()
    this.#spare = space.set()
  }

  has(address: A): boolean {
    return this.#members.has(address)
  }

  /** Tells each address that becomes reserved, or ceases to be, when all of them have. */
  become(
    addresses: readonly A[] | Pieces<A>,
    beside: readonly A[],
    tell: (address: A) => void,
  ): void {
    const list = addresses instanceof Pieces ? addresses : Pieces.of(addresses)
    const former = this.#lists
    const lists = { addresses: list, isStrict: isStrict(list), beside: new Set(beside) }
    this.#lists = lists
    if (!former.isStrict || !lists.isStrict) return this.#becomeAnew(former, lists, tell)
    const apart = keysApart(former.addresses, list)
    const changed: A[] = []
    for (const address of new Set([...apart, ...former.beside, ...beside])) {
      const isMember = lists.beside.has(address) || holds(list, address)
      if (isMember === this.#members.has(address)) continue
      this.#members.set(address, isMember)
      changed.push(address)
    }
    for (const address of changed) tell(address)
  }

  #becomeAnew(former: Lists<A>, lists: Lists<A>, tell: (address: A) => void): void {
    const before = this.#members
    this.#members = this.#spare
    this.#spare = before
    this.#members.clear()
    for (const address of keysOf(lists)) this.#members.add(address)
    for (const address of keysOf(former)) if (!this.#members.has(address)) tell(address)
    for (const address of keysOf(lists)) if (!before.has(address)) tell(address)
  }
}

function* keysOf<A extends Key>({ addresses, beside }: Lists<A>): Iterable<A> {
  yield* addresses
  yield* beside
}
