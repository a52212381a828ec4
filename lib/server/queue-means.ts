// How many replies waited for the disk together, in the mean: what Kea tells of its queue of
// packets.

/** Of the last so many replies. */
const OVER = [10, 100, 1000] as const

export class QueueMeans {
  #means: readonly number[] = OVER.map(() => 0)

  /** So many replies have waited together. */
  note(length: number): void {
    if (length === 0) return
    this.#means = this.#means.map((mean, at) => {
      const kept = Math.exp(-length / OVER[at]!)
      return mean * kept + length * (1 - kept)
    })
  }

  /** Over the last 10, 100 and 1000 replies; 0 before there were any. */
  get means(): readonly number[] {
    return this.#means
  }
}
