// The disk of a host's journal: small, and full when the run wants it so.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SIZE = 16 << 20
const FILLER = 'filler'

export interface Disk {
  /** Nothing can be written any more; false where this cannot be done here. */
  fill(): boolean
  empty(): void
  remove(): void
}

/** Mounts a disk of its own at the folder. Where mounting is forbidden, it is never full. */
export function diskOf(folder: string): Disk {
  mkdirSync(folder, { recursive: true })
  const filler = join(folder, FILLER)
  const empty = () => rmSync(filler, { force: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], {
      stdio: 'ignore',
    })
  } catch {
    return { fill: () => false, empty, remove: () => {} }
  }
  const remove = () => void execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' })
  const atExit = () => remove()
  process.once('exit', atExit)
  return {
    fill: () => {
      const { bavail, bsize } = statfsSync(folder)
      try {
        writeFileSync(filler, Buffer.alloc(bavail * bsize, 1))
      } catch (error) {
        // The server has written meanwhile: full is full.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
      return true
    },
    empty,
    remove: () => {
      process.removeListener('exit', atExit)
      remove()
    },
  }
}
