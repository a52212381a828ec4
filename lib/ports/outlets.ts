// What leaves the server beside answers. Nothing waits for it, and nothing of it comes back.

import type { LegalLogPlan } from '../config/plan/notices-plan.ts'
import type { WallTime } from '../time/units.ts'

export interface Outlets {
  /**
   * Starts a program when its turn comes, with one argument and these environment variables only.
   */
  run(program: string, argument: string, environment: Readonly<Record<string, string>>): void
  /** Keeps a line of the legal log, of a change at this time. */
  keep(log: LegalLogPlan, at: WallTime, line: string): void
  /** The server stops: what has not been started is not started any more. */
  close(): void
}
