// Programs that are started when leases change: so many at a time, the others in a queue. When that
// is full, what comes is given up and counted, since a server must not wait for what watches it.

import { type Log, tell } from '../ports/log.ts'
import { RareLine } from './rare-line.ts'
import { startProgram } from './start-program.ts'

/** Programs that run at a time. */
export const RUNNING_MAX = 8

export const QUEUE_MAX = 1024

type Environment = Readonly<Record<string, string>>
type Start = readonly [program: string, argument: string, environment: Environment]

export class Scripts {
  readonly #log: Log
  readonly #queue: Start[] = []
  readonly #failures: RareLine
  readonly #drops: RareLine
  #running = 0
  #isClosed = false

  constructor(log: Log) {
    this.#log = log
    this.#failures = new RareLine()
    this.#drops = new RareLine()
  }

  run(program: string, argument: string, environment: Environment): void {
    if (this.#isClosed) return
    if (this.#running < RUNNING_MAX) this.#start([program, argument, environment])
    else if (this.#queue.length < QUEUE_MAX) this.#queue.push([program, argument, environment])
    else
      this.#drops.count((count) =>
        tell(this.#log, 'RUN_SCRIPT_DROPPED', { script: program, count }),
      )
  }

  /** What runs goes on. */
  close(): void {
    this.#isClosed = true
    this.#queue.length = 0
  }

  #start([program, argument, environment]: Start): void {
    this.#running++
    const end = (why: string): void => {
      if (why !== '')
        this.#failures.count((count) =>
          tell(this.#log, 'RUN_SCRIPT_FAILED', { script: program, point: argument, why, count }),
        )
      this.#running--
      const next = this.#queue.shift()
      if (next !== undefined) this.#start(next)
    }
    startProgram(program, [argument], { env: environment, stdio: 'ignore' }, end)?.unref()
  }
}
