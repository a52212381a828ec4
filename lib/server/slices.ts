// Long work that changes nothing, a slice a turn: whoever asks for much waits, and no client does.

import { type Instant, NEVER } from '../time/units.ts'

/** Works under way; whoever comes then is told so. */
export const SLICED_MAX = 32

/** Does one slice, some milliseconds; whether that was the last one. */
export type Slice = () => boolean

/** Why there will be no last slice: the server stops, or one met an error of ours. */
export type Lost = 'stopped' | 'failed'

interface Work {
  readonly slice: Slice
  readonly lost: (why: Lost) => void
}

export class Slices {
  readonly #works: Work[] = []
  readonly #onError: (error: unknown) => void
  #isEnded = false

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** `lost` is for who waits for its end, where there is none. False: there are enough. */
  add(slice: Slice, lost: (why: Lost) => void): boolean {
    if (this.#works.length >= SLICED_MAX || this.#isEnded) return false
    this.#works.push({ slice, lost })
    return true
  }

  /** When there is something to do though nothing comes: at once, or not. */
  get deadline(): Instant {
    return this.#works.length > 0 ? 0 : NEVER
  }

  /** A slice of one of them; they take turns. */
  turn(): void {
    const work = this.#works.shift()
    if (work === undefined) return
    try {
      if (!work.slice()) this.#works.push(work)
    } catch (error) {
      this.#onError(error)
      this.#lose(work, 'failed')
    }
  }

  end(): void {
    this.#isEnded = true
    for (const work of this.#works.splice(0)) this.#lose(work, 'stopped')
  }

  #lose({ lost }: Work, why: Lost): void {
    try {
      lost(why)
    } catch (error) {
      this.#onError(error)
    }
  }
}
