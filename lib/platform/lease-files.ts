// Files of leases beside the lease database: written in pieces between which the loop goes on,
// onto the disk, and then in the place of a former one. What is no file of leases stays.

import { randomUUID } from 'node:crypto'
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { LeaseFileResult, LeaseFiles } from '../ports/lease-files.ts'
import { syncPath } from './sync-path.ts'
import { wordsOf } from './system-error.ts'

/** Whoever reads logs and configuration may read leases. */
const MODE = 0o640

export function leaseFiles(): LeaseFiles {
  const written = new Set<string>()
  return {
    write(folder, name, heading, pieces, done) {
      const path = resolve(folder, name)
      if (dirname(path) !== resolve(folder) || basename(path).startsWith('.'))
        return done(refused(`'${name}': files are written to ${resolve(folder)} only`))
      if (written.has(path)) return done({ trouble: 'it is being written', isRefused: false })
      written.add(path)
      writeFile(path, heading, pieces)
        .catch((error: Error) => ({ trouble: wordsOf(error), isRefused: false }))
        .then((result) => {
          written.delete(path)
          done(result)
        })
    },
  }
}

async function writeFile(
  path: string,
  heading: string,
  pieces: Iterator<string>,
): Promise<LeaseFileResult> {
  if (!(await mayReplace(path, heading))) return refused(`'${path}' is no file of leases`)
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.new`)
  try {
    const file = await open(draft, 'wx', MODE)
    try {
      await writePieces(file, `${heading}\n`, pieces)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    syncPath(dirname(path))
    return { path }
  } finally {
    await rm(draft, { force: true })
  }
}

async function writePieces(
  file: FileHandle,
  heading: string,
  pieces: Iterator<string>,
): Promise<void> {
  let text = heading
  for (;;) {
    await file.appendFile(text)
    const { value, done } = pieces.next()
    if (done === true) return
    text = value
  }
}

async function mayReplace(path: string, heading: string): Promise<boolean> {
  try {
    if (!(await lstat(path)).isFile()) return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
  const file = await open(path)
  try {
    // Files of versions before have fewer columns.
    const [first = ''] = heading.split(',')
    const { buffer, bytesRead } = await file.read(Buffer.alloc(first.length + 1))
    return bytesRead === 0 || buffer.toString('latin1') === `${first},`
  } finally {
    await file.close()
  }
}

function refused(trouble: string): LeaseFileResult {
  return { trouble, isRefused: true }
}
