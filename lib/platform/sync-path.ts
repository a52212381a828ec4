// What was written before is on the disk when this returns.

import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Of a file its contents, of a folder its names. Throws what the system says. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
