// The clients that this server has ever seen, in a small file beside its journal
// (`<journal>.clients`): six bytes each, of the hash of what the client is known by. What was seen
// in the last second before a crash is new once more.

import { createHash } from 'node:crypto'
import { appendFile, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Octets } from '../bytes/octets.ts'
import type { KnownClients } from '../ports/known-clients.ts'
import type { Millis } from '../time/units.ts'

/** Beyond so many the one that was seen first is forgotten. */
export const CLIENTS_MAX = 500_000

const SIZE = 6
const PAUSE: Millis = 1000

export class ClientFile implements KnownClients {
  readonly #path: string
  readonly #max: number
  /** In the order in which they were seen first. */
  readonly #known = new Set<number>()
  #unwritten: number[] = []
  #timer: NodeJS.Timeout | undefined

  /** A file that cannot be read is begun anew. */
  constructor(journal: string, max = CLIENTS_MAX) {
    this.#path = `${journal}.clients`
    this.#max = max
    for (const number of numbersIn(this.#path)) this.#add(number)
    this.#rewrite()
  }

  get isEmpty(): boolean {
    return this.#known.size === 0
  }

  see(client: Octets): boolean {
    const hash = createHash('sha256').update(client, 'latin1').digest()
    const number = hash.readUIntBE(0, SIZE)
    if (this.#known.has(number)) return true
    this.#add(number)
    this.#unwritten.push(number)
    this.#timer ??= setTimeout(() => this.#write(), PAUSE).unref()
    return false
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#rewrite()
  }

  #add(number: number): void {
    this.#known.add(number)
    if (this.#known.size <= this.#max) return
    const [first] = this.#known
    this.#known.delete(first!)
  }

  /** What cannot be stored is known as long as the server runs. */
  #write(): void {
    this.#timer = undefined
    const bytes = bytesOf(this.#unwritten)
    this.#unwritten = []
    appendFile(this.#path, bytes, { mode: 0o640 }, () => {})
  }

  /** Without those that are forgotten. */
  #rewrite(): void {
    if (this.isEmpty) return
    try {
      writeFileSync(`${this.#path}.new`, bytesOf(this.#known), { mode: 0o640 })
      renameSync(`${this.#path}.new`, this.#path)
    } catch {
      // The journal tells of a folder that cannot be written.
    }
  }
}

function bytesOf(numbers: Iterable<number>): Buffer {
  const list = [...numbers]
  const bytes = Buffer.alloc(list.length * SIZE)
  for (const [at, number] of list.entries()) bytes.writeUIntBE(number, at * SIZE, SIZE)
  return bytes
}

function numbersIn(path: string): number[] {
  try {
    const bytes = readFileSync(path)
    const count = Math.floor(bytes.length / SIZE)
    return Array.from({ length: count }, (_, at) => bytes.readUIntBE(at * SIZE, SIZE))
  } catch {
    return []
  }
}
