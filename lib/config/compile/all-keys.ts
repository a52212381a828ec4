// What all lists of reservations reserve together. Where the lists are those of the document before
// but for a few, what these have less and more is all that is looked at.

import { holds, isStrict, keysApart, withKeys } from '../../leases/store/key-list.ts'
import { Pieces } from '../../leases/store/pieces.ts'
import { STEP_ELEMENTS, type Steps } from '../plan/steps.ts'
import type { ReservationSums, SumForm } from './reservation-sums.ts'

type Lists<Key> = readonly Pick<ReservationSums<unknown, Key>, 'keys'>[]

interface Sum<Key> {
  readonly lists: Lists<Key>
  readonly keys: Pieces<Key>
}

/** With more lists that are others, or keys in them, all is put together anew. */
const LISTS_MAX = 16
const KEYS_MAX = 500

export class AllKeys<Key> {
  readonly #sorted: SumForm<never, Key>['sorted']
  #former: Sum<Key> | undefined

  constructor({ sorted }: Pick<SumForm<never, Key>, 'sorted'>) {
    this.#sorted = sorted
  }

  /** The keys of all lists, each once, lowest first. */
  *of(lists: Lists<Key>): Steps<Pieces<Key>> {
    const keys = this.#edited(lists) ?? (yield* this.#anew(lists))
    // A key of two lists would not be gone with one of them.
    const isShared = lists.reduce((sum, list) => sum + list.keys.length, 0) !== keys.length
    this.#former = isShared ? undefined : { lists, keys }
    return keys
  }

  #edited(lists: Lists<Key>): Pieces<Key> | undefined {
    if (this.#former === undefined) return undefined
    const { keys, lists: former } = this.#former
    const shorter = Math.min(former.length, lists.length)
    let first = 0
    while (first < shorter && former[first]!.keys === lists[first]!.keys) first++
    let same = 0
    while (same < shorter - first && former.at(-1 - same)!.keys === lists.at(-1 - same)!.keys)
      same++
    const old = former.slice(first, former.length - same)
    const now = lists.slice(first, lists.length - same)
    if (Math.max(old.length, now.length) > LISTS_MAX) return undefined
    const [gone, come] = apart(old, now)
    if (gone.length + come.length > KEYS_MAX) return undefined
    const left = withKeys(keys, gone, [])
    return come.some((key) => holds(left, key)) ? undefined : withKeys(left, [], come)
  }

  *#anew(lists: Lists<Key>): Steps<Pieces<Key>> {
    const some = lists.filter(({ keys }) => keys.length > 0)
    const all = some.length === 1 ? some[0]!.keys : Pieces.of(yield* this.#inOrder(some))
    return isStrict(all) ? all : Pieces.of(eachOnce([...all]))
  }

  /** Each list is sorted, and those of subnets mostly stand in the order of their addresses. */
  *#inOrder(lists: Lists<Key>): Steps<readonly Key[]> {
    const all: Key[] = []
    let isSorted = true
    for (const [index, { keys }] of lists.entries()) {
      if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
      for (const piece of keys.pieces) {
        isSorted &&= all.length === 0 || all[all.length - 1]! <= piece[0]!
        for (const key of piece) all.push(key)
      }
    }
    return isSorted ? all : this.#sorted(all)
  }
}

/** Less and more of them. */
function apart<Key>(old: Lists<Key>, now: Lists<Key>): [readonly Key[], readonly Key[]] {
  const [before, after] = [old, now].map((lists) => lists.flatMap(({ keys }) => keys))
  if (
    before!.length === 1 &&
    after!.length === 1 &&
    isStrict(before![0]!) &&
    isStrict(after![0]!)
  ) {
    const keys = keysApart(before![0]!, after![0]!)
    const isGone = (key: Key) => holds(before![0]!, key)
    return [keys.filter(isGone), keys.filter((key) => !isGone(key))]
  }
  const [less, more] = [before!, after!].map((lists) => new Set(lists.flatMap((keys) => [...keys])))
  return [[...less!].filter((key) => !more!.has(key)), [...more!].filter((key) => !less!.has(key))]
}

function eachOnce<Key>(keys: readonly Key[]): readonly Key[] {
  return keys.filter((key, at) => key !== keys[at - 1])
}
