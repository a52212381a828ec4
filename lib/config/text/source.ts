// Where a character of the text came from. The text that is parsed may be several files spliced
// together by `<?include?>`; segments map an offset in it back to a file, line and column.

import type { Place } from './problem.ts'

interface Segment {
  /** First offset of the segment in the joined text. */
  readonly start: number
  readonly file: number
  /** The offset in the file that `start` stands for. */
  readonly offset: number
}

interface SourceFile {
  readonly name: string
  readonly text: string
  /** Offsets at which the lines start, made when the first place is asked for. */
  lines: readonly number[] | undefined
}

export class SourceMap {
  readonly #files: SourceFile[] = []
  readonly #segments: Segment[] = []

  /** Adds a file and returns its number. */
  addFile(name: string, text: string): number {
    return this.#files.push({ name, text, lines: undefined }) - 1
  }

  /**
   * From `start` of the joined text on, characters come from `offset` of the file. In order of
   * start.
   */
  addSegment(start: number, file: number, offset: number): void {
    this.#segments.push({ start, file, offset })
  }

  /** The place of an offset of the joined text. */
  place(offset: number): Place {
    const segment = this.#segments[lastNotAbove(this.#segments.length, offset, this.#startOf)]!
    return this.placeIn(segment.file, segment.offset + offset - segment.start)
  }

  /** The file of an offset of the joined text, and the offset there. */
  origin(offset: number): { readonly file: string; readonly offset: number } {
    const segment = this.#segments[lastNotAbove(this.#segments.length, offset, this.#startOf)]!
    return {
      file: this.#files[segment.file]!.name,
      offset: segment.offset + offset - segment.start,
    }
  }

  /** The place of an offset of one file. */
  placeIn(number: number, offset: number): Place {
    const file = this.#files[number]!
    file.lines ??= lineStarts(file.text)
    const { lines } = file
    const line = lastNotAbove(lines.length, offset, (index) => lines[index]!)
    return { file: file.name, line: line + 1, column: offset - lines[line]! + 1 }
  }

  readonly #startOf = (index: number): number => this.#segments[index]!.start
}

/** Index of the last of `count` ascending starts that is not above the offset; 0 where all are. */
function lastNotAbove(count: number, offset: number, start: (index: number) => number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (start(middle) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
