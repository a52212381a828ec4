// The log: lines of the catalogue to the outputs that `loggers` name. JSON by pino, with the
// message id in the field `id`; lines for people where the output is a terminal; or what a pattern
// says.

import { write } from 'node:fs'
import { createRequire } from 'node:module'
import { isatty } from 'node:tty'
import { pino } from 'pino'
import { loggerOf } from '../../catalogue/loggers.ts'
import type { LogLevel } from '../../catalogue/row.ts'
import { KEA_PATTERN } from '../../config/plan/log-pattern.ts'
import type { LoggerPlan, LogLayout, LogOutputPlan } from '../../config/plan/plan.ts'
import type { Log, LogFields } from '../../ports/log.ts'
import { layoutOf } from './layout.ts'
import { type LineOutput, LogOutput } from './output.ts'
import { SyslogOutput } from './syslog.ts'

export interface SystemLog extends Log {
  /** Ids of whatever kind: it does not know the catalogue. */
  write(level: LogLevel, id: string, text: string, fields: LogFields): void
  /** Outputs that fail at the moment, in words; empty when all is well. */
  trouble(): readonly string[]
  /** Lines given up since the start, all outputs together. */
  dropped(): number
  /** Opens log files again (SIGUSR2 after a rotation). */
  reopen(): void
  /** Writes what is held and closes; `done` comes within a second even if a reader is stuck. */
  close(done: () => void): void
}

export interface SystemLogOptions {
  /** Whether stdout or stderr is a terminal; by default the system is asked. */
  readonly isTerminal?: ((target: 'stdout' | 'stderr') => boolean) | undefined
  /** Told, once each, that an output fails or works again; by default a line on stderr. */
  readonly tell?: ((sentence: string) => void) | undefined
  /** Of outputs whose layout nothing says; by default JSON, for people on a terminal. */
  readonly usual?: 'kea' | undefined
  /** Every logger that is on takes the lines of DEBUG, too. */
  readonly isVerbose?: boolean | undefined
  /** Of the socket of syslog. */
  readonly syslogPath?: string | undefined
}

const RANK = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60, none: 100 } as const

/** Writes one line to an output in its layout. */
type WriteLine = (level: LogLevel, id: string, text: string, fields: LogFields) => void

interface Sink {
  readonly output: LineOutput
  readonly write: WriteLine
}

/** A sink, and from which severity on it takes lines. */
interface Route {
  readonly sink: Sink
  readonly rank: number
}

/** Opens the outputs of the plan's loggers; without any, severity info on stdout. */
export function openLog(plans: readonly LoggerPlan[], options: SystemLogOptions = {}): SystemLog {
  const all = plans.some(isRoot) ? plans : [STANDARD, ...plans]
  return new RoutedLog(options.isVerbose ? all.map(verbose) : all, options)
}

function verbose(plan: LoggerPlan): LoggerPlan {
  return plan.severity === 'none' ? plan : { ...plan, severity: 'debug' }
}

const STANDARD: LoggerPlan = {
  name: 'kea-dhcp4',
  severity: 'info',
  outputs: [{ to: 'stdout', layout: 'auto', rotateAt: 0, keep: 0 }],
}

function isRoot({ name }: LoggerPlan): boolean {
  return !name.includes('.')
}

class RoutedLog implements SystemLog {
  readonly #roots: readonly LoggerPlan[]
  readonly #plans: readonly LoggerPlan[]
  readonly #options: SystemLogOptions
  readonly #sinks = new Map<string, Sink>()
  /** By the id of a line. */
  readonly #routes = new Map<string, readonly Route[]>()
  readonly #lowest: number

  constructor(plans: readonly LoggerPlan[], options: SystemLogOptions) {
    this.#plans = plans
    this.#roots = plans.filter(isRoot)
    this.#options = options
    const heard = plans.filter(({ severity }) => severity !== 'none')
    this.#lowest = Math.min(RANK.none, ...heard.map(({ severity }) => RANK[severity]))
    // All are opened at once, so that what fails is told at the start.
    for (const { outputs } of heard) for (const output of outputs) this.#sinkOf(output)
  }

  enabled(level: LogLevel): boolean {
    return RANK[level] >= this.#lowest
  }

  write(level: LogLevel, id: string, text: string, fields: LogFields): void {
    const rank = RANK[level]
    if (rank < this.#lowest) return
    for (const route of this.#routesOf(id))
      if (rank >= route.rank) route.sink.write(level, id, text, fields)
  }

  trouble(): readonly string[] {
    return this.#outputs.map((output) => output.trouble).filter((trouble) => trouble !== '')
  }

  dropped(): number {
    return this.#outputs.reduce((sum, output) => sum + output.dropped, 0)
  }

  reopen(): void {
    for (const output of this.#outputs) output.reopen()
  }

  close(done: () => void): void {
    let left = this.#outputs.length
    if (left === 0) return done()
    for (const output of this.#outputs)
      output.close(() => {
        left--
        if (left === 0) done()
      })
  }

  get #outputs(): readonly LineOutput[] {
    return [...this.#sinks.values()].map(({ output }) => output)
  }

  #routesOf(id: string): readonly Route[] {
    const known = this.#routes.get(id)
    if (known !== undefined) return known
    const ranks = new Map<Sink, number>()
    for (const root of this.#roots) {
      const part = this.#plans.find(({ name }) => name === `${root.name}.${loggerOf(id)}`)
      const { severity } = part ?? root
      const outputs = part !== undefined && part.outputs.length > 0 ? part.outputs : root.outputs
      if (severity === 'none') continue
      for (const output of outputs) {
        const sink = this.#sinkOf(output)
        ranks.set(sink, Math.min(RANK[severity], ranks.get(sink) ?? RANK.none))
      }
    }
    const routes = [...ranks].map(([sink, rank]) => ({ sink, rank }))
    this.#routes.set(id, routes)
    return routes
  }

  /** One for each place, however many loggers name it: what the first says of it counts. */
  #sinkOf(plan: LogOutputPlan): Sink {
    const known = this.#sinks.get(plan.to)
    if (known !== undefined) return known
    const root = this.#roots[0]?.name ?? STANDARD.name
    const output = openOutput(plan, root, this.#options)
    const sink = { output, write: writerOf(plan, output, root, this.#options) }
    this.#sinks.set(plan.to, sink)
    return sink
  }
}

function openOutput(plan: LogOutputPlan, root: string, options: SystemLogOptions): LineOutput {
  const tell = options.tell ?? tellOnStderr
  const [kind, facility = ''] = plan.to.split(':', 2)
  if (kind === 'syslog')
    return new SyslogOutput({ facility, ident: root, tell, path: options.syslogPath })
  return new LogOutput({ ...plan, target: plan.to, tell })
}

function writerOf(
  { to, layout }: LogOutputPlan,
  output: LineOutput,
  root: string,
  options: SystemLogOptions,
): WriteLine {
  const chosen = layout === 'auto' ? usualLayout(to, options) : layout
  if (typeof chosen === 'string') return jsonWriter(output, chosen === 'people')
  const line = layoutOf(chosen.pattern, root)
  return (level, id, text, fields) => {
    output.write(line({ level, id, text, fields, at: Date.now() }), level)
    if (level === 'fatal') output.flushSync()
  }
}

function usualLayout(to: string, { usual, isTerminal }: SystemLogOptions): LogLayout {
  if (usual === 'kea') return { pattern: KEA_PATTERN }
  if (to !== 'stdout' && to !== 'stderr') return 'json'
  const isPeople = isTerminal ?? ((target) => isatty(target === 'stdout' ? 1 : 2))
  return isPeople(to) ? 'people' : 'json'
}

function jsonWriter(output: LineOutput, forPeople: boolean): WriteLine {
  let current: LogLevel = 'info'
  const format = forPeople ? formatForPeople() : (line: string) => line
  const logger = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => output.write(format(line), current) },
  )
  return (level, id, text, fields) => {
    current = level
    // The id comes first in the line, and a field of that name cannot replace it.
    const line: { id: string; [field: string]: unknown } = { id, ...fields }
    line.id = id
    logger[level](line, text)
    if (level === 'fatal') output.flushSync()
  }
}

function formatForPeople(): (line: string) => string {
  // Where lines are JSON nobody waits for it at the start.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty')
  return pretty.prettyFactory({
    colorize: process.env.NO_COLOR === undefined,
    ignore: 'id',
    messageFormat: '{id} {msg}',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  })
}

/** In the background and without a second try: stderr may itself be what fails. */
function tellOnStderr(sentence: string): void {
  write(2, `whio: ${sentence}\n`, () => {})
}
