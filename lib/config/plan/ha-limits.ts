// Limits of a pair that no file moves: what a file says counts up to them, or down to them.

import type { Millis } from '../../time/units.ts'

/** Rows of a page of a resync: a millisecond of work. */
export const PAGE_ROWS_MAX = 500

/** A disk that is well stores within this time, whatever the file says of clients. */
export const STORE_WAIT_MIN: Millis = 500
