// Files that are written whole or not at all: beside the old one, onto the disk, then in its place.
// With several, all are on the disk before the first one takes its place.

import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { syncPath } from '../sync-path.ts'

/** Of a file that is new: it may hold passwords, and the group of the server reads it. */
const MODE = 0o640

/** The texts by the paths of their files; throws what the system says, and then nothing is new. */
export function writeWhole(texts: ReadonlyMap<string, string>): void {
  const made: { readonly draft: string; readonly path: string }[] = []
  try {
    for (const [named, text] of texts) {
      const path = targetOf(named)
      const draft = `${path}.${randomUUID()}.new`
      made.push({ draft, path })
      writeDraft(draft, text, lookOf(path))
    }
    for (const { draft, path } of made) renameSync(draft, path)
    for (const folder of new Set(made.map(({ path }) => dirname(path)))) syncPath(folder)
  } finally {
    for (const { draft } of made) rmSync(draft, { force: true })
  }
}

interface Look {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

function writeDraft(draft: string, text: string, look: Look | undefined): void {
  const fd = openSync(draft, 'wx', look === undefined ? MODE : 0o600)
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  if (look === undefined) return chmodSync(draft, MODE)
  try {
    chownSync(draft, look.uid, look.gid)
  } catch {
    // Only root may give files away: then it is of who writes it.
  }
  chmodSync(draft, look.mode)
}

/** What a link leads to is written, and the link stays. */
function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function lookOf(path: string): Look | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (!found.isFile()) throw new Error(`${path} is not a regular file`)
  return { mode: found.mode & 0o777, uid: found.uid, gid: found.gid }
}
