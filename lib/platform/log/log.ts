// The log: pino behind ports/log.ts. JSON lines for machines, with the message id in the field
// `id`; a readable line where the output is a terminal.

import { write } from 'node:fs'
import { isatty } from 'node:tty'
import { pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from '../../catalogue/row.ts'
import type { LoggerPlan } from '../../config/plan/plan.ts'
import type { Log, LogFields } from '../../ports/log.ts'
import { LogOutput } from './output.ts'

export interface SystemLog extends Log {
  /** Ids of whatever kind: it does not know the catalogue. */
  write(level: LogLevel, id: string, text: string, fields: LogFields): void
  /** What the plan asks for and is done differently, in sentences for the operator. */
  readonly notes: readonly string[]
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
  readonly isTerminal?: (target: 'stdout' | 'stderr') => boolean
  /** Told, once each, that an output fails or works again; by default a line on stderr. */
  readonly tell?: (sentence: string) => void
}

const RANK = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60, none: 100 } as const

/** Opens the outputs of the plan's loggers; without any, severity info on stdout. */
export function openLog(plans: readonly LoggerPlan[], options: SystemLogOptions = {}): SystemLog {
  const notes: string[] = []
  const isTerminal = options.isTerminal ?? ((target) => isatty(target === 'stdout' ? 1 : 2))
  const tell = options.tell ?? tellOnStderr
  const outputs = new Map<string, { output: LogOutput; level: keyof typeof RANK }>()
  for (const [target, level] of targetsOf(plans, notes)) {
    const forPeople = (target === 'stdout' || target === 'stderr') && isTerminal(target)
    outputs.set(target, {
      output: new LogOutput(target, tell, forPeople ? formatForPeople() : undefined),
      level,
    })
  }
  return new PinoLog([...outputs.values()], notes)
}

/** Where to log, with the lowest severity wanted there. */
function targetsOf(plans: readonly LoggerPlan[], notes: string[]): Map<string, keyof typeof RANK> {
  const targets = new Map<string, keyof typeof RANK>()
  const roots = plans.filter((plan) => !plan.name.includes('.'))
  for (const plan of plans)
    if (plan.name.includes('.'))
      notes.push(`logger ${plan.name}: Whio has no loggers below the root; the entry has no effect`)
  const loggers: readonly Pick<LoggerPlan, 'severity' | 'outputs'>[] =
    roots.length > 0 ? roots : [{ severity: 'info', outputs: [] }]
  for (const { severity, outputs } of loggers) {
    if (severity === 'none') continue
    for (const output of outputs.length > 0 ? outputs : ['stdout']) {
      const target = targetOf(output, notes)
      const former = targets.get(target) ?? 'none'
      targets.set(target, RANK[severity] < RANK[former] ? severity : former)
    }
  }
  return targets
}

function targetOf(output: string, notes: string[]): string {
  if (output !== 'syslog' && !output.startsWith('syslog:')) return output
  notes.push(`log output ${output}: written to stderr, which systemd or a pipe brings to syslog`)
  return 'stderr'
}

function formatForPeople(): (line: string) => string {
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

class PinoLog implements SystemLog {
  readonly notes: readonly string[]
  readonly #outputs: readonly LogOutput[]
  readonly #logger: pino.Logger
  readonly #lowest: number

  constructor(
    outputs: readonly { output: LogOutput; level: keyof typeof RANK }[],
    notes: readonly string[],
  ) {
    this.notes = notes
    this.#outputs = outputs.map(({ output }) => output)
    this.#lowest = Math.min(RANK.none, ...outputs.map(({ level }) => RANK[level]))
    this.#logger = pino(
      {
        level: levelOfRank(this.#lowest),
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      pino.multistream(
        outputs.map(({ output, level }) => ({ level: RANK[level], stream: output })),
      ),
    )
  }

  enabled(level: LogLevel): boolean {
    return RANK[level] >= this.#lowest
  }

  write(level: LogLevel, id: string, text: string, fields: LogFields): void {
    if (!this.enabled(level)) return
    // The id comes first in the line, and a field of that name cannot replace it.
    const line: { id: string; [field: string]: unknown } = { id, ...fields }
    line.id = id
    this.#logger[level](line, text)
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
}

function levelOfRank(rank: number): string {
  for (const [level, value] of Object.entries(RANK))
    if (value === rank && level !== 'none') return level
  return 'silent'
}
