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
  readonly #tellMore: (kind: LineKind, suppressed: number) => void

  /** `tellMore` is told how many lines of a kind were suppressed, when their window has ended. */
  constructor(tellMore: (kind: LineKind, suppressed: number) => void) {
    this.#tellMore = tellMore
  }

  /** Whether a line may be written now. */
  admits(kind: LineKind, now: Instant): boolean {
    const window = this.#windows.get(kind)
    if (window !== undefined && now < window.end) return ++window.lines <= LINES_MAX
    if (window !== undefined) this.#close(kind, window)
    this.#windows.set(kind, { end: now + WINDOW, lines: 1 })
    return true
  }

  /** Closes the windows that have ended; called now and then, so that no number is told too late. */
  closeEnded(now: Instant): void {
    for (const [kind, window] of this.#windows) if (now >= window.end) this.#close(kind, window)
  }

  #close(kind: LineKind, window: Window): void {
    this.#windows.delete(kind)
    if (window.lines > LINES_MAX) this.#tellMore(kind, window.lines - LINES_MAX)
  }
}
