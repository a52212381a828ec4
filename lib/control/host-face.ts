// What commands ask of the process around the server: the only part of the world that they see.

import type { Seconds } from '../time/units.ts'

export interface HostInterface {
  readonly name: string
  readonly index: number
  /** Octets with colons, '' where it has none. */
  readonly mac: string
  /** The kernel's number of its kind (ARPHRD): 1 is Ethernet. */
  readonly type: number
  readonly isLoopback: boolean
  readonly isUp: boolean
  readonly isRunning: boolean
  readonly takesMulticast: boolean
  readonly takesBroadcast: boolean
  /** Of both families. */
  readonly addresses: readonly string[]
}

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
