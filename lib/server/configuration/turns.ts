// One job after the other: each says when the next one may begin. The first one waits for `start`.

export class Turns {
  readonly #jobs: ((next: () => void) => void)[] = []
  readonly #onError: (error: unknown) => void
  #isAtWork = true

  /** An error of ours ends a job, and not those behind it. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

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
    let isOver = false
    const next = (): void => {
      if (isOver) return
      isOver = true
      this.#isAtWork = false
      this.#next()
    }
    try {
      job(next)
    } catch (error) {
      this.#onError(error)
      next()
    }
  }
}
