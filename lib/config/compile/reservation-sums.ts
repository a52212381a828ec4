// What the whole plan must know of the reservations of a list, kept beside it: a list that was
// edited passes on what the edit leaves as it was.

import { withKeys } from '../../leases/store/key-list.ts'
import { Pieces } from '../../leases/store/pieces.ts'
import type { KeysOf } from '../plan/reservation-index.ts'
import type { Steps } from '../plan/steps.ts'

/** A reservation, as far as sums go. */
interface SummedHost {
  readonly identifiers: readonly unknown[]
  readonly classes: readonly number[]
}

type Some<One> = readonly (One | undefined)[]

export interface ReservationSums<One, Key> {
  /** What is reserved, lowest first; twice where two may share one. */
  readonly keys: Pieces<Key>
  /** Those with several identifiers. */
  readonly several: readonly One[]
  /** Those with something in which hosts may be named. */
  readonly telling: readonly One[]
  /** Those that give classes. */
  readonly classed: readonly One[]
}

/** What the families differ by. */
export interface SumForm<One, Key> {
  readonly keysOf: KeysOf<One, Key>
  /** In a new array, lowest first. */
  sorted(keys: readonly Key[]): Key[]
  isTelling(reservation: One): boolean
}

export const NO_SUMS: ReservationSums<never, never> = {
  keys: Pieces.of<never>([]),
  several: [],
  telling: [],
  classed: [],
}

/** The same a little at a time: to put the keys of a long list in order takes a while. */
export function* sumsSoon<One extends SummedHost, Key>(
  reservations: Some<One>,
  form: SumForm<One, Key>,
): Steps<ReservationSums<One, Key>> {
  if (reservations.length <= RUN) return sumsOf(reservations, form)
  const runs: ReservationSums<One, Key>[] = []
  for (let at = 0; at < reservations.length; at += RUN) {
    runs.push(sumsOf(reservations.slice(at, at + RUN), form))
    yield
  }
  return {
    keys: Pieces.of(yield* mergedRuns(runs.map(({ keys }) => [...keys]))),
    several: runs.flatMap(({ several }) => several),
    telling: runs.flatMap(({ telling }) => telling),
    classed: runs.flatMap(({ classed }) => classed),
  }
}

/** Elements of a step. */
const RUN = 1000

/** Sorted lists become one. */
function* mergedRuns<Key>(runs: readonly (readonly Key[])[]): Steps<readonly Key[]> {
  let rest = runs
  while (rest.length > 1) {
    const next: (readonly Key[])[] = []
    for (let at = 0; at < rest.length; at += 2) {
      next.push(yield* mergedPair(rest[at]!, rest[at + 1] ?? []))
      yield
    }
    rest = next
  }
  return rest[0] ?? []
}

function* mergedPair<Key>(one: readonly Key[], other: readonly Key[]): Steps<readonly Key[]> {
  if (one.length === 0 || other.length === 0 || one.at(-1)! <= other[0]!) return [...one, ...other]
  const merged: Key[] = []
  let [at, place] = [0, 0]
  while (at < one.length || place < other.length) {
    const isFirst = place >= other.length || (at < one.length && one[at]! <= other[place]!)
    merged.push(isFirst ? one[at++]! : other[place++]!)
    if (merged.length % (10 * RUN) === 0) yield
  }
  return merged
}

export function sumsOf<One extends SummedHost, Key>(
  reservations: Some<One>,
  form: SumForm<One, Key>,
): ReservationSums<One, Key> {
  const keys: Key[] = []
  const several: One[] = []
  const telling: One[] = []
  const classed: One[] = []
  for (const one of reservations) {
    if (one === undefined) continue
    for (const key of form.keysOf(one)) keys.push(key)
    if (one.identifiers.length > 1) several.push(one)
    if (form.isTelling(one)) telling.push(one)
    if (one.classes.length > 0) classed.push(one)
  }
  return { keys: Pieces.of(form.sorted(keys)), several, telling, classed }
}

/** With some reservations less and others more. */
export function editedSums<One extends SummedHost, Key>(
  former: ReservationSums<One, Key>,
  gone: Some<One>,
  come: Some<One>,
  form: SumForm<One, Key>,
): ReservationSums<One, Key> {
  const [less, more] = [sumsOf(gone, form), sumsOf(come, form)]
  return {
    keys: withKeys(former.keys, [...less.keys], [...more.keys]),
    several: editedList(former.several, less.several, more.several),
    telling: editedList(former.telling, less.telling, more.telling),
    classed: editedList(former.classed, less.classed, more.classed),
  }
}

function editedList<One>(
  former: readonly One[],
  gone: readonly One[],
  come: readonly One[],
): readonly One[] {
  if (gone.length + come.length === 0) return former
  const left = gone.length === 0 ? former : former.filter((one) => !gone.includes(one))
  return [...left, ...come]
}
