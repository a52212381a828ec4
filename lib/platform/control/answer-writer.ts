// Long texts on their way out: a piece at a time, in turns of their own, and no faster than the
// other end reads.

import type { Writable } from 'node:stream'
import type { Slices } from './slices.ts'

/**
 * `done` is called when everything was handed to the stream, and not where that was destroyed;
 * `lost` where a piece could not be made. Nobody must take half an answer for a whole one.
 */
export function writePieces(
  stream: Writable,
  pieces: Iterator<string>,
  slices: Slices,
  done: () => void,
  lost: (hasBegun: boolean) => void = () => stream.destroy(),
): void {
  let hasBegun = false
  const end = (): void => lost(hasBegun)
  const next = (): void => {
    if (stream.destroyed) return
    const { value, done: isEnd } = pieces.next()
    if (isEnd === true) return done()
    hasBegun = true
    if (stream.write(value)) slices.add(next, end)
    else stream.once('drain', () => slices.add(next, end))
  }
  slices.now(next, end)
}
