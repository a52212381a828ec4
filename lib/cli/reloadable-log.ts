// The daemon's log, whose outputs a reload may replace while everybody goes on writing to it.

import type { LogLevel } from '../catalogue/row.ts'
import type { LoggerPlan } from '../config/plan/plan.ts'
import { openLog, type SystemLog } from '../platform/log/log.ts'
import type { Log, LogFields } from '../ports/log.ts'

export class ReloadableLog implements Log {
  #plans: readonly LoggerPlan[]
  #log: SystemLog

  constructor(plans: readonly LoggerPlan[]) {
    this.#plans = plans
    this.#log = openLog(plans)
  }

  /** What the configuration asks for and is done differently, in sentences for the operator. */
  get notes(): readonly string[] {
    return this.#log.notes
  }

  /** Opens other outputs and closes the former ones; true where anything has changed. */
  replace(plans: readonly LoggerPlan[]): boolean {
    if (JSON.stringify(plans) === JSON.stringify(this.#plans)) return false
    const former = this.#log
    this.#plans = plans
    this.#log = openLog(plans)
    former.close(() => {})
    return true
  }

  enabled(level: LogLevel): boolean {
    return this.#log.enabled(level)
  }

  write(level: LogLevel, id: string, text: string, fields: LogFields): void {
    this.#log.write(level, id, text, fields)
  }

  /** Opens log files again, after a rotation. */
  reopen(): void {
    this.#log.reopen()
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#log.close(resolve))
  }
}
