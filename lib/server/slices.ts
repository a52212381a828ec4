// Long work that changes nothing, a slice a turn: whoever asks for much waits, and no client does.

import { type Instant, NEVER } from '../time/units.ts'

/** Works under way; whoever comes then is told so. */
export const SLICED_MAX = 32

/** Does one slice, some milliseconds; whether that was the last one. */
export type Slice = () => boolean

interface Work {
  readonly slice: Slice
  readonly broken: () => void
}

export class Slices {
  readonly #works: Work[] = []
  #isEnded = false

  /** `broken`: the server stops before the last slice. False: there are enough already. */
  add(slice: Slice, broken: () => void): boolean {
    if (this.#works.length >= SLICED_MAX || this.#isEnded) return false
    this.#works.push({ slice, broken })
    return true
  }

  /** When there is something to do though nothing comes: at once, or not. */
  get deadline(): Instant {
    return this.#works.length > 0 ? 0 : NEVER
  }

  /** A slice of one of them; they take turns. */
  turn(): void {
    const work = this.#works.shift()
    if (work !== undefined && !work.slice()) this.#works.push(work)
  }

  end(): void {
    this.#isEnded = true
    for (const { broken } of this.#works.splice(0)) broken()
  }
}
