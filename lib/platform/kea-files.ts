// The files that Kea's memfile keeps its leases in. The named one has only what changed since Kea
// last cleaned up (each hour by default); the rest stands beside it. Whoever reads the named one
// alone forgets most leases. Kea loads, and so does this:
//
//   <name>.completed, or where it is absent <name>.2 and <name>.1; then <name> itself
//
// None of them is ever written here.

import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { CsvProblem, CsvReader } from '../leases/csv.ts'

const CHUNK_SIZE = 1 << 16

/** A row that could not be used. */
export interface KeaFileProblem extends CsvProblem {
  readonly file: string
}

/** Those that are there, in the order of loading. Throws where that cannot be told. */
export function keaFiles(name: string): string[] {
  const completed = `${name}.completed`
  const older = isThere(completed) ? [completed] : [`${name}.2`, `${name}.1`].filter(isThere)
  return isThere(name) ? [...older, name] : older
}

/**
 * Absent is one thing, hidden from this user another: only the first means that there are no
 * leases.
 */
function isThere(file: string): boolean {
  try {
    return statSync(file).isFile() || notAFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

function notAFile(file: string): never {
  throw new Error(`${file} is not a file`)
}

/**
 * Feeds the files to the reader, line by line, and returns the first rows that could not be used.
 * Throws where a file cannot be read, or is no lease file.
 */
export function readKeaFiles(files: readonly string[], reader: CsvReader): KeaFileProblem[] {
  return files.flatMap((file) => {
    const before = reader.problems.length
    reader.beginFile()
    const size = readLines(file, reader)
    if (size > 0 && !reader.hasColumns)
      throw new Error(`${file} is no lease file of Kea: its first line does not name the columns`)
    return reader.problems.slice(before).map((problem) => ({ file, ...problem }))
  })
}

/** Kea writes ASCII; other bytes pass as UTF-8. Returns the size of the file in bytes. */
function readLines(file: string, reader: CsvReader): number {
  const descriptor = openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK_SIZE)
    const decoder = new StringDecoder('utf8')
    let size = 0
    let rest = ''
    for (;;) {
      const length = readSync(descriptor, chunk)
      if (length === 0) break
      size += length
      const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n')
      rest = lines.pop()!
      for (const line of lines) reader.take(line)
    }
    if (rest !== '') reader.takeUnfinished(rest)
    return size
  } finally {
    closeSync(descriptor)
  }
}
