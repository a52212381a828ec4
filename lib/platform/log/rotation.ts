// A log file that has grown long is moved away as Kea does: the file becomes `.1`, the former `.1`
// becomes `.2`, and the oldest goes. Not by a package of streams: these lose what they hold when a
// disk is full, and cannot write at the end of the process, when the last lines matter most.

import { fstatSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Moves the file behind `fd` away from its path. Throws where that cannot be. */
export function rotate(path: string, fd: number, keep: number): void {
  // Somebody else, such as a second process with this file, has done it already.
  if (!isSame(path, fd)) return
  const numbers = formerNumbers(path).sort((one, other) => other - one)
  for (const number of numbers)
    if (number >= keep) rmSync(`${path}.${number}`, { force: true })
    else renameSync(`${path}.${number}`, `${path}.${number + 1}`)
  renameSync(path, `${path}.1`)
}

function isSame(path: string, fd: number): boolean {
  const [open, named] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })]
  return named !== undefined && named.ino === open.ino && named.dev === open.dev
}

/** Of the files beside it: 1, 2 and so on. */
function formerNumbers(path: string): number[] {
  const begin = `${basename(path)}.`
  return readdirSync(dirname(path)).flatMap((name) => {
    const end = name.startsWith(begin) ? name.slice(begin.length) : ''
    return /^[1-9]\d{0,8}$/.test(end) ? [Number(end)] : []
  })
}
