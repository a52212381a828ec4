// What commands ask of the process around the server: the only part of the world that they see.

import type { Seconds } from '../time/units.ts'

export interface HostFace {
  readonly pid: number
  /** Whio's own version. */
  readonly version: string
  /** The version that clients of Kea are told. */
  readonly keaVersion: string
  /** What it runs on, a line each, for reports. */
  readonly build: readonly string[]
  /** Since the start, and since the configuration in force was read: whole seconds. */
  uptime(): Seconds
  sinceReload(): Seconds
  /** Names of this machine's interfaces. */
  interfaces(): readonly string[]
  /**
   * Stops in good order and ends with this exit code; returns at once, so that the answer leaves.
   */
  stop(exitCode: number): void
}
