// What commands ask of the process around the server: the only part of the world that they see.

import type { HostInterface } from '../ports/host-interface.ts'
import type { Seconds } from '../time/units.ts'

export interface HostFace {
  readonly pid: number
  /** Whio's own version. */
  readonly version: string
  /** What it runs on, a line each, for reports. */
  readonly build: readonly string[]
  /** Since the start, and since the configuration in force was read: whole seconds. */
  uptime(): Seconds
  sinceReload(): Seconds
  /** The calendar, as HTTP writes it: `Thu, 01 Jan 2026 12:00:00 GMT`. */
  httpDate(): string
  /** All of this machine, served or not. */
  interfaces(): readonly HostInterface[]
  /**
   * Stops in good order and ends with this exit code; returns at once, so that the answer leaves.
   */
  stop(exitCode: number): void
}
