// Which file a path means, and whether it is still the one that was opened.

import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Two paths to one file must meet at one lock, so symbolic links are followed. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return join(realpathSync(dirname(path)), basename(path))
  }
}

/** Device and inode: another file in its place is another database. */
export function fileIdentity(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false })
  if (file === undefined) throw new Error(`${path} is gone: put it back, or restart without it`)
  return `${file.dev}:${file.ino}`
}
