// One place that log lines go to. It never throws and never blocks the server: lines are written in
// the background, and what cannot be written (disk full, reader gone, no such folder) is counted.
// When it starts to fail and when it works again, `tell` is given a sentence, once each.
// pino's own destination is not used: when the disk is full, its synchronous flush (after a fatal
// line, at the end of the process) tries again for ever.

import { close, fstatSync, openSync, write, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { LogLevel } from '../../catalogue/row.ts'
import { makeFolder } from '../folder.ts'
import { wordsOf } from '../system-error.ts'
import { rotate } from './rotation.ts'

/** Characters held for an output that is slow or failing; lines beyond are dropped and counted. */
const HELD_MAX = 1_000_000

/** How long a file that could not be opened, or a pipe that is full, is left alone. */
const RETRY_OPEN_MS = 5000
const RETRY_WRITE_MS = 100

/** How long closing waits for a reader that does not read. */
const CLOSE_MS = 1000

/** Takes lines for one place, and never throws or waits. */
export interface LineOutput {
  readonly target: string
  /** The last failure in words, '' while all is well. */
  readonly trouble: string
  /** Lines that were given up. */
  readonly dropped: number
  /** A line or several, each with its line break. */
  write(text: string, level: LogLevel): void
  /** One attempt to write all that is held, without waiting. */
  flushSync(): void
  reopen(): void
  /** `done` is called when what is held is written, or after a second. */
  close(done: () => void): void
}

export interface OutputSettings {
  /** `stdout`, `stderr` or the path of a file. */
  readonly target: string
  readonly tell: (sentence: string) => void
  /** Of a file: bytes after which a new one is begun (0 = never), and how many are kept. */
  readonly rotateAt?: number
  readonly keep?: number
}

export class LogOutput implements LineOutput {
  readonly target: string
  get trouble(): string {
    return this.#trouble
  }
  dropped = 0
  #trouble = ''
  readonly #tell: (sentence: string) => void
  readonly #rotateAt: number
  readonly #keep: number
  /** Bytes of the file as it is. */
  #size = 0
  #isRotationFailed = false
  readonly #onExit = () => this.flushSync()
  /** -1 while there is none. */
  #fd = -1
  #triedAt = 0
  /** The last try to open failed; what is written goes to the file from before, if any. */
  #isOpenFailed = false
  #held = ''
  /** What is being written, or could not be written the last time. */
  #chunk: Buffer = Buffer.alloc(0)
  #writing = false
  /** After reopen: what the write under way still uses. */
  #formerFd = -1
  #onClosed: (() => void) | undefined

  constructor({ target, tell, rotateAt = 0, keep = 1 }: OutputSettings) {
    this.target = target
    this.#tell = tell
    this.#rotateAt = rotateAt > 0 ? rotateAt : Number.POSITIVE_INFINITY
    this.#keep = keep
    this.#open()
    process.on('exit', this.#onExit)
  }

  write(text: string): void {
    const isDue = performance.now() - this.#triedAt >= RETRY_OPEN_MS
    if (isDue && (this.#fd < 0 || this.#isOpenFailed)) this.#openAgain()
    if (this.#fd < 0 || this.#held.length > HELD_MAX) {
      this.dropped++
      return
    }
    this.#held += text
    if (!this.#writing) this.#writeNext()
  }

  /** After a fatal line, and at the end of the process. */
  flushSync(): void {
    if (this.#fd < 0 || this.#writing) return
    try {
      this.#takeHeld()
      while (this.#chunk.length > 0)
        this.#chunk = this.#chunk.subarray(writeSync(this.#fd, this.#chunk))
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Goes on in a new file of the same name, after the old one was moved away. */
  reopen(): void {
    if (!this.#isStandard()) this.#openAgain()
  }

  #openAgain(): void {
    const former = this.#fd
    this.#open()
    if (former < 0 || former === this.#fd) return
    // A write under way needs its descriptor until it is done.
    if (this.#writing && this.#formerFd < 0) this.#formerFd = former
    else close(former)
  }

  close(done: () => void): void {
    process.off('exit', this.#onExit)
    const timer = setTimeout(() => this.#finish(), CLOSE_MS)
    this.#onClosed = () => {
      clearTimeout(timer)
      done()
    }
    if (!this.#writing) this.#writeNext()
  }

  #isStandard(): boolean {
    return this.target === 'stdout' || this.target === 'stderr'
  }

  #open(): void {
    this.#triedAt = performance.now()
    try {
      this.#fd = this.#isStandard() ? (this.target === 'stdout' ? 1 : 2) : openLogFile(this.target)
      this.#isOpenFailed = false
      this.#size = sizeOf(this.#fd)
      // That stdout is open says nothing about its reader.
      if (!this.#isStandard()) this.#works()
    } catch (error) {
      this.#isOpenFailed = true
      this.#failed(error)
    }
  }

  #takeHeld(): void {
    if (this.#held === '') return
    this.#chunk = Buffer.concat([this.#chunk, Buffer.from(this.#held)])
    this.#held = ''
  }

  #writeNext(): void {
    if (this.#chunk.length === 0) this.#takeHeld()
    if (this.#chunk.length === 0 || this.#fd < 0) return this.#finish()
    this.#writing = true
    write(this.#fd, this.#chunk, (error, written) => {
      this.#writing = false
      this.#closeFormer()
      if (error === null) this.#wrote(written)
      else this.#failed(error)
    })
  }

  #closeFormer(): void {
    if (this.#formerFd >= 0) close(this.#formerFd)
    this.#formerFd = -1
  }

  #wrote(count: number): void {
    this.#chunk = this.#chunk.subarray(count)
    this.#size += count
    if (this.#chunk.length === 0 && this.#size >= this.#rotateAt) this.#rotate()
    // A disk that is nearly full takes a part; that is no end of the trouble.
    const isWhole = !this.#isOpenFailed && !this.#isRotationFailed
    if (this.#chunk.length === 0 && isWhole) this.#works()
    if (this.#chunk.length > 0 || this.#held !== '') this.#writeNext()
    else this.#finish()
  }

  /** A file that cannot be moved away grows by as much again before the next attempt. */
  #rotate(): void {
    try {
      rotate(this.target, this.#fd, this.#keep)
      this.#isRotationFailed = false
      this.#openAgain()
    } catch (error) {
      this.#isRotationFailed = true
      this.#size = 0
      this.#fails(`no new file can be begun: ${wordsOf(error)}`)
    }
  }

  /** Keeps what is unwritten for the next line's attempt, unless nobody will ever read it. */
  #failed(error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') {
      this.#writing = true
      setTimeout(() => this.#writeNext(), RETRY_WRITE_MS).unref()
      return
    }
    this.#fails(message)
    if (code === 'EPIPE') {
      this.#chunk = Buffer.alloc(0)
      this.#held = ''
      this.#fd = -1
    }
    this.#finish()
  }

  #fails(message: string): void {
    const isNew = this.#trouble === ''
    this.#trouble = `${this.target}: ${message}`
    if (isNew) this.#tell(`log output ${this.#trouble}; it is tried again, lines may be lost`)
  }

  #works(): void {
    if (this.#trouble === '') return
    this.#trouble = ''
    this.#tell(`log output ${this.target} works again; lines lost since the start: ${this.dropped}`)
  }

  /** Only once closing was asked for. */
  #finish(): void {
    const done = this.#onClosed
    if (done === undefined) return
    this.#onClosed = undefined
    const fd = this.#fd
    this.#fd = -1
    if (fd >= 0 && !this.#isStandard()) close(fd)
    done()
  }
}

/** 0 of what is no file. */
function sizeOf(fd: number): number {
  const found = fstatSync(fd)
  return found.isFile() ? found.size : 0
}

function openLogFile(path: string): number {
  makeFolder(dirname(path))
  return openSync(path, 'a', 0o640)
}
