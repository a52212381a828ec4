// Log lines that strangers can cause with one message each, limited: a flood must not fill the disk with
// lines. The first lines of each kind in a window are written, the others counted and told in one line
// when the window has ended.

import type { Instant, Millis } from '../time/units.ts'
import type { Reason4 } from '../wire/reasons.ts'

/** What is limited: a drop by its reason, and NAKs. */
export type LineKind = Reason4 | 'nak'

/** Lines of one kind within a window. */
export const LINES_MAX = 10

export const WINDOW: Millis = 1000

interface Window {
  end: Instant
  lines: number
}

export class DropLog {
  readonly #windows = new Map<LineKind, Window>()

  /**
   * Whether a line may be written now. When a window with suppressed lines has ended, their number is
   * handed to `more` first.
   */
  admits(kind: LineKind, now: Instant, more: (suppressed: number) => void): boolean {
    const window = this.#windows.get(kind)
    if (window === undefined || now >= window.end) {
      if (window !== undefined && window.lines > LINES_MAX) more(window.lines - LINES_MAX)
      this.#windows.set(kind, { end: now + WINDOW, lines: 1 })
      return true
    }
    window.lines++
    return window.lines <= LINES_MAX
  }
}
