// Long texts on their way out: a piece at a time, in turns of their own, and no faster than the
// other end reads.

import type { Writable } from 'node:stream'
import type { Slices } from './slices.ts'

/** `done` is called when everything was handed to the stream, and not where that was destroyed. */
export function writePieces(
  stream: Writable,
  pieces: Iterator<string>,
  slices: Slices,
  done: () => void,
): void {
  const next = (): void => {
    if (stream.destroyed) return
    const { value, done: isEnd } = pieceOf(pieces, stream)
    if (isEnd === true) return done()
    if (stream.write(value)) slices.add(next)
    else stream.once('drain', () => slices.add(next))
  }
  next()
}

/** Where none can be made the stream ends: nobody must take half an answer for a whole one. */
export function pieceOf(pieces: Iterator<string>, stream: Writable): IteratorResult<string> {
  try {
    return pieces.next()
  } catch (error) {
    stream.destroy()
    throw error
  }
}
