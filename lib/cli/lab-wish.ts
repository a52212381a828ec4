// What is wanted of a lab of the command line, and what its clients are like.

import type { Client4Settings } from '../lab/client4-settings.ts'
import type { Client6Settings } from '../lab/client6-settings.ts'

export interface LabWish {
  /** For journals and the like; removed at the end. */
  readonly folder: string
  readonly clients: number
  /** Milliseconds; undefined: until somebody ends it. */
  readonly duration: number | undefined
}

export const HURRY6: Partial<Client6Settings> = { startDelayMax: 1500, solicitMax: 4000 }

/** Clients of a lab are in a hurry: their leases are short, and people watch. */
export const HURRY: Partial<Client4Settings> = {
  startDelayMax: 1500,
  backoffMin: 500,
  backoffMax: 4000,
  renewPauseMin: 1000,
}
