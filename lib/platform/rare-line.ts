// A line that is told at once, and from then on once a minute, with how often it was the case.

const PAUSE_MS = 60_000

export class RareLine {
  #count = 0
  #until = 0

  count(say: (count: number) => void): void {
    this.#count++
    const now = performance.now()
    if (now < this.#until) return
    this.#until = now + PAUSE_MS
    say(this.#count)
    this.#count = 0
  }
}
