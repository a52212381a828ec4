// Memory that a start has used up and nobody needs any more: tables grow by copies of themselves,
// and the C library keeps what was freed for the process. Of a server with a million leases it is a
// tenth to a fifth.

import type { Millis } from '../time/units.ts'
import { loadLibc } from './libc.ts'

/** From when it serves. By then clients that waited for it have their answers. */
const WAIT: Millis = 10_000

/** Gives it back to the system a little later. */
export function giveBackSoon(): void {
  setTimeout(giveBackMemory, WAIT).unref()
}

/** At once; it takes some milliseconds for each hundred megabytes. */
export function giveBackMemory(): void {
  const libc = loadLibc()
  if (typeof libc !== 'string') libc.trimMemory?.()
}
