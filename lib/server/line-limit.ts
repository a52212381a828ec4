// Log lines that others can cause, with a message, a connection or a row each, limited: a flood
// must not fill the disk with lines. The first lines of each kind in a window are written, the
// others counted and told in one line when the window has ended.

import type { Instant, Millis } from '../time/units.ts'

/** Lines of most kinds within a window. */
export const LINES_MAX = 10

export interface Limits {
  /** Lines of one kind within a window. */
  readonly lines: number
  readonly window: Millis
  /** Kinds whose windows are open at once; the oldest one is closed for another. */
  readonly kinds: number
}

interface Window {
  end: Instant
  lines: number
}

type TellMore<Kind> = (kind: Kind, suppressed: number, now: Instant) => void

export class LineLimit<Kind extends string> {
  readonly #limits: Limits
  readonly #windows = new Map<Kind, Window>()
  readonly #tellMore: TellMore<Kind>

  /** `tellMore` is told how many lines of a kind were suppressed, when their window has ended. */
  constructor(limits: Limits, tellMore: TellMore<Kind>) {
    this.#limits = limits
    this.#tellMore = tellMore
  }

  /** Whether a line may be written now. */
  admits(kind: Kind, now: Instant): boolean {
    const { lines, window: duration, kinds } = this.#limits
    const window = this.#windows.get(kind)
    if (window !== undefined && now < window.end) return ++window.lines <= lines
    if (window !== undefined) this.#close(kind, window, now)
    else if (this.#windows.size >= kinds) this.#closeOldest(now)
    this.#windows.set(kind, { end: now + duration, lines: 1 })
    return true
  }

  /**
   * Closes the windows that have ended; called now and then, so that no number is told too late.
   */
  closeEnded(now: Instant): void {
    for (const [kind, window] of this.#windows)
      if (now >= window.end) this.#close(kind, window, now)
  }

  /** Closes all windows: what comes is told anew. */
  closeAll(now: Instant): void {
    for (const [kind, window] of this.#windows) this.#close(kind, window, now)
  }

  #closeOldest(now: Instant): void {
    for (const [kind, window] of this.#windows) return this.#close(kind, window, now)
  }

  #close(kind: Kind, window: Window, now: Instant): void {
    this.#windows.delete(kind)
    const suppressed = window.lines - this.#limits.lines
    if (suppressed > 0) this.#tellMore(kind, suppressed, now)
  }
}
