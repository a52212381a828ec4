// What the doors of the management side allow, whoever comes.

import type { Millis } from '../../time/units.ts'

/** Without progress, in either direction. */
export const PATIENCE: Millis = 10_000

/** Kea's clients keep a connection for 30 seconds. */
export const IDLE: Millis = 40_000

/** Bytes of a command. */
export const SIZE_MAX: number = 32 << 20

/** A door that cannot be opened is tried again. */
export const RETRY: Millis = 5000
