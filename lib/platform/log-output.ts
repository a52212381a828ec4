// One place that log lines go to. It never throws and never blocks the server: lines are written in
// the background, and what cannot be written (disk full, reader gone, no such folder) is counted.
// A file that cannot be opened or written is tried again with the lines that follow.

import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { pino } from 'pino'

/** Bytes held for an output that is slow or failing; lines beyond are dropped and counted. */
const HELD_MAX = 1_048_576

/** How long a file that could not be opened is left alone. */
const RETRY_MS = 5000

/** How long closing waits for a reader that does not read. */
const CLOSE_MS = 1000

const STDOUT = 1
const STDERR = 2

type Destination = ReturnType<typeof pino.destination>

export class LogOutput {
  /** `stdout`, `stderr` or the path of a file. */
  readonly target: string
  /** The last failure in words, '' while all is well. */
  trouble = ''
  /** Lines that were given up. */
  dropped = 0
  readonly #format: ((line: string) => string) | undefined
  #destination: Destination | undefined
  #openedAt = Number.NEGATIVE_INFINITY
  #closing = false

  /** `format` rewrites a JSON line for people. */
  constructor(target: string, format?: (line: string) => string) {
    this.target = target
    this.#format = format
    this.#open()
  }

  /** Called by pino with one JSON line, newline included. */
  write(line: string): void {
    if (this.#destination === undefined && !this.#closing) this.#openAgain()
    if (this.#destination === undefined) {
      this.dropped++
      return
    }
    try {
      this.#destination.write(this.#format === undefined ? line : this.#format(line))
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Called by pino after a fatal line, since the process may be about to end. */
  flushSync(): void {
    try {
      this.#destination?.flushSync()
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Goes on in a new file of the same name, after the old one was moved away. */
  reopen(): void {
    if (this.#descriptor() !== undefined || this.#closing) return
    const former = this.#destination
    this.#destination = undefined
    this.#open()
    // Rather the old file than none.
    if (this.#destination === undefined) this.#destination = former
    else if (former !== undefined) endDestination(former, () => {})
  }

  close(done: () => void): void {
    this.#closing = true
    const last = this.#destination
    this.#destination = undefined
    if (last === undefined) done()
    else endDestination(last, done)
  }

  #descriptor(): number | undefined {
    if (this.target === 'stdout') return STDOUT
    return this.target === 'stderr' ? STDERR : undefined
  }

  #openAgain(): void {
    if (performance.now() - this.#openedAt >= RETRY_MS) this.#open()
  }

  #open(): void {
    this.#openedAt = performance.now()
    try {
      const destination = pino.destination({
        fd: this.#descriptor() ?? openLogFile(this.target),
        sync: false,
        maxLength: HELD_MAX,
        // A reader that never reads must not keep the process from ending.
        retryEAGAIN: () => !this.#closing,
      } as Parameters<typeof pino.destination>[0])
      destination.on('error', (error: unknown) => this.#failed(error))
      destination.on('drop', () => this.dropped++)
      destination.on('write', () => {
        this.trouble = ''
      })
      guardFlush(destination)
      this.#destination = destination
      this.trouble = ''
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.trouble = `${this.target}: ${error instanceof Error ? error.message : String(error)}`
  }
}

function openLogFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a', 0o640)
}

/** pino flushes what is left when the process exits; a full disk must not turn that into a crash. */
function guardFlush(destination: Destination): void {
  const flush = destination.flushSync.bind(destination)
  destination.flushSync = () => {
    try {
      flush()
    } catch {
      // The process is ending and there is nowhere left to say so.
    }
  }
}

function endDestination(destination: Destination, done: () => void): void {
  let over = false
  const finish = () => {
    if (over) return
    over = true
    clearTimeout(timer)
    done()
  }
  const timer = setTimeout(finish, CLOSE_MS)
  destination.once('close', finish)
  destination.once('error', () => {
    destination.destroy()
    finish()
  })
  try {
    destination.end()
  } catch {
    finish()
  }
}
