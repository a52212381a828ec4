// What no database of a pair reaches, however long it lives: more than that is an error or a lie.

import type { Millis } from '../time/units.ts'

/** Changes of a database: ten thousand a second for nine hundred years. */
export const CHANGES_MAX = 2 ** 48

/** What a lease clock shows: milliseconds of a hundred and forty years. */
export const CLOCK_MAX: Millis = 2 ** 42

/** Hand-overs of a pair, which are the work of humans; more where both have been told of more. */
export const HAND_OVERS_MAX = 2 ** 32
export const HAND_OVERS_ROOM = 2 ** 16
