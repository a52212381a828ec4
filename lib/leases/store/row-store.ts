// Rows of 80 bytes in one growable buffer, seen as words, halves of them, doubles and bytes. A row
// is known by its number; what is asked of a row lies close together, and the garbage collector
// sees nothing.

/** Words (4 bytes) in a row. */
export const ROW_WORDS = 20
/** Doubles (8 bytes) in a row. */
export const ROW_DOUBLES = ROW_WORDS / 2
const ROW_BYTES = ROW_WORDS * 4
const ROWS_FIRST = 64

export class RowStore {
  words = new Int32Array(ROWS_FIRST * ROW_WORDS)
  unsigned = new Uint32Array(this.words.buffer)
  halves = new Uint16Array(this.words.buffer)
  doubles = new Float64Array(this.words.buffer)
  bytes = new Uint8Array(this.words.buffer)
  /** Rows that were ever in use: all row numbers are below. */
  #used = 0
  /** Free rows, chained through their first word as row + 1. */
  #free = 0

  /** The first word of a row. */
  at(row: number): number {
    return row * ROW_WORDS
  }

  /** All rows that are or were in use have numbers below. */
  get end(): number {
    return this.#used
  }

  /** A row of zeros. */
  allocate(): number {
    if (this.#free !== 0) {
      const row = this.#free - 1
      this.#free = this.words[this.at(row)]!
      this.words[this.at(row)] = 0
      return row
    }
    if (this.#used * ROW_BYTES === this.bytes.length) this.#grow()
    return this.#used++
  }

  release(row: number): void {
    const at = this.at(row)
    this.words.fill(0, at, at + ROW_WORDS)
    this.words[at] = this.#free
    this.#free = row + 1
  }

  #grow(): void {
    const former = this.words
    this.words = new Int32Array(former.length * 2)
    this.words.set(former)
    this.unsigned = new Uint32Array(this.words.buffer)
    this.halves = new Uint16Array(this.words.buffer)
    this.doubles = new Float64Array(this.words.buffer)
    this.bytes = new Uint8Array(this.words.buffer)
  }
}
