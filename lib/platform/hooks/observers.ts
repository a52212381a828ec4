// Observers of hooks: what has happened is kept for each until its turn, and told in batches. What
// a hook does not take in time is dropped, the oldest first, and counted.

import type { LoadedHook } from './loaded-hook.ts'
import { inHook } from './stray-errors.ts'

/** Events that wait for one hook. */
export const OBSERVED_MAX = 16_384

/** Of one call. */
const BATCH_MAX = 1024

export class ObserverQueue<Event> {
  readonly #hook: LoadedHook
  readonly #name: 'committed' | 'sent'
  readonly #tell: (events: readonly Event[]) => void | Promise<void>
  #waiting: Event[] = []
  #isTelling = false
  #drained: (() => void)[] = []

  constructor(
    hook: LoadedHook,
    name: 'committed' | 'sent',
    tell: (events: readonly Event[]) => void | Promise<void>,
  ) {
    this.#hook = hook
    this.#name = name
    this.#tell = tell
  }

  add(event: Event): void {
    if (this.#hook.isOff) return
    this.#waiting.push(event)
    // Half a queue at a time: a shift for each event would cost the length of the queue.
    if (this.#waiting.length > OBSERVED_MAX) {
      const kept = this.#waiting.slice(this.#waiting.length - OBSERVED_MAX / 2)
      this.#hook.lose(this.#waiting.length - kept.length)
      this.#waiting = kept
    }
    this.#soon()
  }

  /** Kept until what waits has been told, or failed. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isTelling) this.#drained.push(resolve)
      else resolve()
    })
  }

  /** In a turn of its own: clients do not wait for it. */
  #soon(): void {
    if (this.#isTelling) return
    if (this.#waiting.length === 0) {
      for (const drained of this.#drained.splice(0)) drained()
      return
    }
    this.#isTelling = true
    setImmediate(() => void this.#next())
  }

  async #next(): Promise<void> {
    const events = this.#waiting.splice(0, BATCH_MAX)
    const hook = this.#hook
    try {
      if (!hook.isOff) {
        const told = hook.call(() => this.#tell(Object.freeze(events)))
        if (told !== undefined) await inHook(hook, () => told)
      }
    } catch (error) {
      hook.failed(this.#name, error)
    }
    this.#isTelling = false
    this.#soon()
  }
}
