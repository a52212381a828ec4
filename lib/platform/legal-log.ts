// The legal log: lines that are added to files, one after the other by the calendar, or handed to
// the syslog of the host by the program logger. What cannot be written is told and counted; nobody
// waits.

import type { SpawnOptions } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, type Writable } from 'node:stream'
import type { LegalLogFiles, LegalLogPlan, LegalLogSyslog } from '../config/plan/notices-plan.ts'
import { type Log, tell } from '../ports/log.ts'
import type { WallTime } from '../time/units.ts'
import { RareLine } from './rare-line.ts'
import { startProgram } from './start-program.ts'
import { timeText, unitsBetween } from './time-text.ts'

/** Bytes that may wait for the disk or for syslog. */
const WAITING_MAX = 8 * 1024 * 1024

/** Starts a program with one argument. */
type Run = (program: string, argument: string) => void

/** An output that has failed is opened again when so much time has passed. */
const RETRY_MS = 1000

interface Output {
  /** Of what it was opened for. */
  readonly key: string
  readonly kind: LegalLogPlan['to']['kind']
  /** Of a file: its name, and when it was begun. */
  readonly name: string
  readonly begun: WallTime
  readonly stream: Writable
  /** Why it takes no more, and since when on the steady clock. */
  failure: { readonly why: string; readonly since: number } | undefined
}

export class LegalLog {
  readonly #log: Log
  readonly #run: Run
  readonly #failures = new RareLine()
  #output: Output | undefined

  constructor(log: Log, run: Run) {
    this.#log = log
    this.#run = run
  }

  keep({ to }: LegalLogPlan, at: WallTime, line: string): void {
    const output = to.kind === 'files' ? this.#file(to, at) : this.#syslog(to, at)
    const text = to.kind === 'files' ? `${timeText(to.timestamp, at)} ${line}` : line
    if (output.failure !== undefined) this.#tell(output, output.failure.why)
    else if (output.stream.writableLength > WAITING_MAX)
      this.#tell(output, 'too much waits to be written')
    else output.stream.write(`${text}\n`)
  }

  close(): void {
    this.#output?.stream.end()
    this.#output = undefined
  }

  #file(to: LegalLogFiles, at: WallTime): Output {
    const key = JSON.stringify(to)
    const former = this.#output
    if (former !== undefined && isUsable(former, key) && !isOver(to, former.begun, at))
      return former
    const name = join(to.folder, fileName(to, at))
    const isFollowed = former?.kind === 'files' && former.failure === undefined
    if (isFollowed && to.prerotate !== '') this.#run(to.prerotate, former.name)
    const stream = createWriteStream(name, { flags: 'a', mode: 0o640 })
    const output = this.#open({ key, kind: 'files', name, begun: at, stream })
    if (isFollowed && to.postrotate !== '') this.#run(to.postrotate, name)
    return output
  }

  #syslog({ facility }: LegalLogSyslog, at: WallTime): Output {
    const key = `syslog ${facility}`
    if (this.#output !== undefined && isUsable(this.#output, key)) return this.#output
    const words = ['-t', 'whio-legal', '-p', `${facility}.info`]
    const options: SpawnOptions = { stdio: ['pipe', 'ignore', 'ignore'] }
    let output: Output | undefined
    let early = ''
    const logger = startProgram('logger', words, options, (why) => {
      if (output === undefined) early = why
      else this.#fail(output, why || 'the program logger has ended')
    })
    // Without a pipe nothing was started, which is told.
    const stream = logger?.stdin ?? new PassThrough()
    output = this.#open({ key, kind: 'syslog', name: 'syslog', begun: at, stream })
    if (early !== '') this.#fail(output, early)
    return output
  }

  #open(opened: Omit<Output, 'failure'>): Output {
    this.#output?.stream.end()
    const output: Output = { ...opened, failure: undefined }
    output.stream.on('error', (error) => this.#fail(output, error.message))
    this.#output = output
    return output
  }

  #fail(output: Output, why: string): void {
    // It has ended in good order where another one took its place.
    if (output !== this.#output || output.failure !== undefined) return
    output.failure = { why, since: performance.now() }
    this.#tell(output, why)
  }

  #tell({ name }: Output, why: string): void {
    this.#failures.count((count) =>
      tell(this.#log, 'LEGAL_LOG_FAILED', { output: name, why, count }),
    )
  }
}

function isUsable({ failure, key }: Output, wanted: string): boolean {
  const isResting = failure === undefined || performance.now() < failure.since + RETRY_MS
  return key === wanted && isResting
}

/** `base.20261129.txt`, or with a number of seconds where files are that short. */
export function fileName({ baseName, timeUnit }: LegalLogFiles, at: WallTime): string {
  if (timeUnit !== 'second') return `${baseName}.${timeText('%Y%m%d', at)}.txt`
  return `${baseName}.T${Math.floor(at / 1000)
    .toString()
    .padStart(20, '0')}.txt`
}

function isOver({ count, timeUnit }: LegalLogFiles, begun: WallTime, at: WallTime): boolean {
  return count > 0 && unitsBetween(timeUnit, begun, at) >= count
}
