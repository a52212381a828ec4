// The log port of a simulated server: lines go to the trace of the world, and the last ones are
// kept.

import type { LogLevel } from '../catalogue/row.ts'
import type { Log, LogFields } from '../ports/log.ts'
import type { World } from './world.ts'

export interface LogLine {
  readonly level: LogLevel
  readonly id: string
  readonly text: string
  readonly fields: LogFields
}

const LINES_MAX = 1000
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'fatal']

export class VirtualLog implements Log {
  /** The latest lines, at most 1000. */
  readonly lines: LogLine[] = []
  #world: World
  #name: string
  #levelMin: number

  /** Keeps lines of `level` and above. */
  constructor(world: World, name: string, level: LogLevel = 'info') {
    this.#world = world
    this.#name = name
    this.#levelMin = LEVELS.indexOf(level)
  }

  enabled(level: LogLevel): boolean {
    return LEVELS.indexOf(level) >= this.#levelMin
  }

  write(level: LogLevel, id: string, text: string, fields: LogFields): void {
    if (!this.enabled(level)) return
    if (this.lines.length === LINES_MAX) this.lines.shift()
    this.lines.push({ level, id, text, fields })
    if (!this.#world.tracing) return
    const values = Object.entries(fields).map(([key, value]) => `${key}=${value}`)
    this.#world.note(this.#name, `logs ${level} ${id}: ${text} ${values.join(' ')}`.trimEnd())
  }
}
