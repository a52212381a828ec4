// One job after the other: each says when the next one may begin. The first one waits for `start`.

import { refusedBy } from './results.ts'
import type { ConfigAnswer, ConfigResult } from './running-configuration.ts'

/** Whose turn it is. */
export interface Turn {
  readonly answer: ConfigAnswer
  /** The next one may begin; with an answer where there is one already. */
  readonly over: (answer?: ConfigAnswer, result?: ConfigResult) => void
  /** An error of ours has ended it. */
  readonly lost: (error: unknown) => void
}

/** What is said of an error of ours to who has asked. */
export const FAULT = 'an error of the server, which its log tells'

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

  /** A job that somebody waits for, and is answered whatever comes. */
  answered(answer: ConfigAnswer, job: (turn: Turn) => void): void {
    this.take((next) => {
      const over: Turn['over'] = (asker, result) => {
        try {
          if (result !== undefined) asker?.(result)
        } finally {
          next()
        }
      }
      const lost = (error: unknown): void => {
        this.#onError(error)
        over(answer, refusedBy(FAULT))
      }
      try {
        job({ answer, over, lost })
      } catch (error) {
        lost(error)
      }
    })
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

/** An error of ours in what goes on with a turn ends it, and nobody else. */
export function guarded<Given>(
  work: (given: Given) => void,
  lost: Turn['lost'],
): (given: Given) => void {
  return (given) => {
    try {
      work(given)
    } catch (error) {
      lost(error)
    }
  }
}
