// A long answer on its way through a file, so that its length is known before it leaves and the
// memory that it takes does not depend on it.

import { createReadStream, createWriteStream, mkdtempSync, openSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePieces } from './answer-writer.ts'
import type { Slices } from './slices.ts'

export class Spool {
  readonly #parts: readonly string[]
  readonly #pieces: Iterator<string>
  readonly #slices: Slices
  readonly #fd: number

  /** `parts`: what has come of the pieces already. */
  constructor(parts: readonly string[], pieces: Iterator<string>, slices: Slices) {
    this.#parts = parts
    this.#pieces = pieces
    this.#slices = slices
    this.#fd = openNameless()
  }

  /** `done` is told the length in bytes; `lost`: a piece could not be made. */
  fill(out: ServerResponse, done: (length: number) => void, lost: () => void): void {
    const file = createWriteStream('', { fd: this.#fd, autoClose: false })
    file.on('error', () => out.destroy())
    out.once('close', () => file.destroy())
    const all = [this.#parts.join('')][Symbol.iterator]()
    const end = (): void => {
      file.destroy()
      lost()
    }
    const filled = (): unknown => file.end(() => done(file.bytesWritten))
    const rest = (): void => writePieces(file, this.#pieces, this.#slices, filled, end)
    writePieces(file, all, this.#slices, rest, end)
  }

  send(out: ServerResponse): void {
    const file = createReadStream('', { fd: this.#fd, start: 0, autoClose: true })
    file.on('error', () => out.destroy())
    file.pipe(out)
  }
}

/** A file that is gone when it is closed, however the process ends. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'whio-answer-'))
  try {
    return openSync(join(folder, 'answer'), 'wx+', 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
