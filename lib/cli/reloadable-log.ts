// The daemon's log, whose outputs a reload may replace while everybody goes on writing to it.

import type { LogLevel } from '../catalogue/row.ts'
import type { LoggerPlan } from '../config/plan/plan.ts'
import { openLog, type SystemLog, type SystemLogOptions } from '../platform/log/log.ts'
import type { Log, LogFields } from '../ports/log.ts'

export class ReloadableLog implements Log {
  #plans: readonly LoggerPlan[]
  #log: SystemLog
  readonly #options: SystemLogOptions

  constructor(plans: readonly LoggerPlan[], options: SystemLogOptions = {}) {
    this.#plans = plans
    this.#options = options
    this.#log = openLog(plans, options)
  }

  /** Opens other outputs and closes the former ones; the same are opened again, as Kea does. */
  replace(plans: readonly LoggerPlan[]): void {
    if (JSON.stringify(plans) === JSON.stringify(this.#plans)) return this.reopen()
    const former = this.#log
    this.#plans = plans
    this.#log = openLog(plans, this.#options)
    former.close(() => {})
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
