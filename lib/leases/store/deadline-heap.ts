// Rows ordered by a deadline: a heap with four children a node, which is shallow and keeps siblings
// in one cache line. Where each row stands is kept in a word of the row, so any row can be moved or
// removed.

import type { Instant } from '../../time/units.ts'
import type { RowStore } from './row-store.ts'

const CHILDREN = 4
const SIZE_FIRST = 64

export class DeadlineHeap {
  readonly #rows: RowStore
  readonly #placeWord: number
  #keys = new Float64Array(SIZE_FIRST)
  #members = new Int32Array(SIZE_FIRST)
  #size = 0

  /** `placeWord` is the word of a row that belongs to this heap. */
  constructor(rows: RowStore, placeWord: number) {
    this.#rows = rows
    this.#placeWord = placeWord
  }

  get size(): number {
    return this.#size
  }

  /** The earliest deadline, Infinity when empty. */
  get first(): Instant {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#keys[0]!
  }

  /** The row with the earliest deadline; -1 when empty. */
  get firstRow(): number {
    return this.#size === 0 ? -1 : this.#members[0]!
  }

  /** The row at a place of the heap: place 0 is the earliest, the others are roughly in order. */
  rowAt(place: number): number {
    return this.#members[place]!
  }

  add(row: number, deadline: Instant): void {
    if (this.#size === this.#members.length) this.#grow()
    this.#towardsTop(this.#size++, row, deadline)
  }

  /** The deadline of a row of this heap. */
  deadlineOf(row: number): Instant {
    return this.#keys[this.#placeOf(row)]!
  }

  move(row: number, deadline: Instant): void {
    const place = this.#placeOf(row)
    if (deadline < this.#keys[place]!) this.#towardsTop(place, row, deadline)
    else this.#fromTop(place, row, deadline)
  }

  remove(row: number): void {
    const place = this.#placeOf(row)
    const last = --this.#size
    if (place === last) return
    const moved = this.#members[last]!
    const deadline = this.#keys[last]!
    if (place > 0 && deadline < this.#keys[parentOf(place)]!)
      this.#towardsTop(place, moved, deadline)
    else this.#fromTop(place, moved, deadline)
  }

  #placeOf(row: number): number {
    return this.#rows.words[this.#rows.at(row) + this.#placeWord]!
  }

  #put(place: number, row: number, deadline: Instant): void {
    this.#keys[place] = deadline
    this.#members[place] = row
    this.#rows.words[this.#rows.at(row) + this.#placeWord] = place
  }

  /** Puts the row at `place` or nearer to the top. */
  #towardsTop(place: number, row: number, deadline: Instant): void {
    while (place > 0) {
      const parent = parentOf(place)
      if (this.#keys[parent]! <= deadline) break
      this.#put(place, this.#members[parent]!, this.#keys[parent]!)
      place = parent
    }
    this.#put(place, row, deadline)
  }

  /** Puts the row at `place` or farther from the top. */
  #fromTop(place: number, row: number, deadline: Instant): void {
    for (;;) {
      const child = this.#earliestChild(place)
      if (child < 0 || this.#keys[child]! >= deadline) break
      this.#put(place, this.#members[child]!, this.#keys[child]!)
      place = child
    }
    this.#put(place, row, deadline)
  }

  #earliestChild(place: number): number {
    const first = place * CHILDREN + 1
    const last = Math.min(first + CHILDREN, this.#size)
    let earliest = first < last ? first : -1
    for (let child = first + 1; child < last; child++)
      if (this.#keys[child]! < this.#keys[earliest]!) earliest = child
    return earliest
  }

  #grow(): void {
    const keys = new Float64Array(this.#size * 2)
    keys.set(this.#keys)
    this.#keys = keys
    const members = new Int32Array(this.#size * 2)
    members.set(this.#members)
    this.#members = members
  }
}

function parentOf(place: number): number {
  return (place - 1) >>> 2
}
