// Modules of the operator that have a say in what clients are answered: who loads them is
// platform/hooks.

import type { Millis } from '../../time/units.ts'

export interface HookPlan {
  /** The map that names it. */
  readonly family: 4 | 6
  /** The whole path of a file, or the name of a package. */
  readonly library: string
  /** For the module to judge. */
  readonly parameters: unknown
  /** So long a message waits for it. */
  readonly timeout: Millis
  /**
   * What becomes of a message when it does not answer in time, and when it fails. nak: its client
   * is told that it does not get the lease, as by a verdict.
   */
  readonly onTimeout: 'continue' | 'drop'
  readonly onError: 'continue' | 'drop' | 'nak'
  /** Once it is switched off, what it listens for is not answered. */
  readonly isRequired: boolean
  /** It runs in a thread of its own. */
  readonly isWorker: boolean
}
