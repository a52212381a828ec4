// Long work that changes nothing, a slice a turn: whoever asks for much waits, and no client does.

import { type Instant, NEVER } from '../time/units.ts'

/** Works under way; whoever comes then is told so. */
export const SLICED_MAX = 32

/** Does one slice, some milliseconds; whether that was the last one. */
export type Slice = () => boolean

export class Slices {
  readonly #works: Slice[] = []

  /** False: there are enough already. */
  add(slice: Slice): boolean {
    if (this.#works.length >= SLICED_MAX) return false
    this.#works.push(slice)
    return true
  }

  /** When there is something to do though nothing comes: at once, or not. */
  get deadline(): Instant {
    return this.#works.length > 0 ? 0 : NEVER
  }

  /** A slice of one of them; they take turns. */
  turn(): void {
    const slice = this.#works.shift()
    if (slice !== undefined && !slice()) this.#works.push(slice)
  }
}
