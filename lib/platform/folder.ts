// Makes folders. Node's own `mkdir` with `recursive` never returns where the system answers that a
// folder below an existing one cannot be found, as /proc and /sys do: a slip in a path would hang
// the server.

import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes the folder and those above it that are missing; throws what the system says. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Somebody else made it at the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
