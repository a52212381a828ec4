// A long list that is never written to, in pieces: what an edit makes of it shares all pieces but
// one with it, so that neither a copy nor a comparison goes through all of it.

/** Elements of a piece: half of it to twice of it. */
const PIECE = 512

type Piece<One> = readonly One[]

export class Pieces<One> implements Iterable<One> {
  readonly pieces: readonly Piece<One>[]
  readonly length: number

  private constructor(pieces: readonly Piece<One>[]) {
    this.pieces = pieces
    let length = 0
    for (const piece of pieces) length += piece.length
    this.length = length
  }

  static of<One>(list: readonly One[]): Pieces<One> {
    return new Pieces(cut(list))
  }

  *[Symbol.iterator](): Iterator<One> {
    for (const piece of this.pieces) yield* piece
  }

  /** The elements from `first` on, before `last`. */
  slice(first: number, last: number): One[] {
    const found: One[] = []
    let start = 0
    for (const piece of this.pieces) {
      if (start >= last) break
      if (start + piece.length > first)
        for (const one of piece.slice(Math.max(0, first - start), last - start)) found.push(one)
      start += piece.length
    }
    return found
  }

  /** With `come` in the place of the elements from `first` on, before `last`. */
  spliced(first: number, last: number, come: readonly One[]): Pieces<One> {
    if (first === last && come.length === 0) return this
    let [at, start] = [0, 0]
    // What comes behind the last one is put into the last piece.
    while (at < this.pieces.length - 1 && start + this.pieces[at]!.length <= first)
      start += this.pieces[at++]!.length
    let [end, stop] = [at, start]
    while (end < this.pieces.length && (end === at || stop < last))
      stop += this.pieces[end++]!.length
    const around = this.pieces.slice(at, end).flat()
    const made = [...around.slice(0, first - start), ...come, ...around.slice(last - start)]
    return new Pieces([...this.pieces.slice(0, at), ...cut(made), ...this.pieces.slice(end)])
  }
}

function cut<One>(list: readonly One[]): Piece<One>[] {
  if (list.length === 0) return []
  if (list.length <= 2 * PIECE) return [list]
  const pieces: Piece<One>[] = []
  const size = Math.ceil(list.length / Math.ceil(list.length / PIECE))
  for (let at = 0; at < list.length; at += size) pieces.push(list.slice(at, at + size))
  return pieces
}
