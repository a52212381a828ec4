// One job after the other: each says when the next one may begin. The first one waits for `start`.

export class Turns {
  readonly #jobs: ((next: () => void) => void)[] = []
  #isAtWork = true

  start(): void {
    this.#isAtWork = false
    this.#next()
  }

  take(job: (next: () => void) => void): void {
    this.#jobs.push(job)
    this.#next()
  }

  #next(): void {
    if (this.#isAtWork) return
    const job = this.#jobs.shift()
    if (job === undefined) return
    this.#isAtWork = true
    job(() => {
      this.#isAtWork = false
      this.#next()
    })
  }
}
