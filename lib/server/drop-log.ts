// Log lines of dropped messages, limited: a flood must not fill the disk with lines. The first lines of
// each reason in a window are written, the others counted and told in one line when the window ends.

import type { Instant, Millis } from '../time/units.ts'
import type { Reason4 } from '../wire/reasons.ts'

/** Lines of one reason within a window. */
export const LINES_MAX = 10

export const WINDOW: Millis = 1000

interface Window {
  end: Instant
  lines: number
}

export class DropLog {
  readonly #windows = new Map<Reason4, Window>()

  /**
   * Whether a line may be written now. When a window with suppressed lines has ended, their number is
   * handed to `more` first.
   */
  admits(reason: Reason4, now: Instant, more: (suppressed: number) => void): boolean {
    const window = this.#windows.get(reason)
    if (window === undefined || now >= window.end) {
      if (window !== undefined && window.lines > LINES_MAX) more(window.lines - LINES_MAX)
      this.#windows.set(reason, { end: now + WINDOW, lines: 1 })
      return true
    }
    window.lines++
    return window.lines <= LINES_MAX
  }
}
