// The clients that this server has ever seen, in a small file beside its journal
// (`<journal>.clients`): six bytes each, of the hash of what the client is known by. What was seen
// in the last second before a crash is new once more.

import { hash } from 'node:crypto'
import { appendFile, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Octets } from '../bytes/octets.ts'
import type { KnownClients } from '../ports/known-clients.ts'
import type { Millis } from '../time/units.ts'

/** Beyond about so many those that were seen first are forgotten. */
export const CLIENTS_MAX = 500_000

const SIZE = 6
const PAUSE: Millis = 1000

export class ClientFile implements KnownClients {
  readonly #path: string
  readonly #known: FirstSeen
  #unwritten: number[] = []
  #timer: NodeJS.Timeout | undefined

  /** A file that cannot be read is begun anew. */
  constructor(journal: string, max = CLIENTS_MAX) {
    this.#path = `${journal}.clients`
    this.#known = new FirstSeen(max)
    for (const number of numbersIn(this.#path)) this.#known.add(number)
    this.#rewrite()
  }

  get isEmpty(): boolean {
    return this.#known.isEmpty
  }

  see(client: Octets): boolean {
    const digest = hash('sha256', Buffer.from(client, 'latin1'), 'buffer')
    const number = digest.readUIntBE(0, SIZE)
    if (this.#known.has(number)) return true
    this.#known.add(number)
    this.#unwritten.push(number)
    this.#timer ??= setTimeout(() => this.#write(), PAUSE).unref()
    return false
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#rewrite()
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

/** Places of a row. */
const ROW = 64
/** Rows are not equally full. */
const ROOM = 1.3

/**
 * Numbers in rows of one array, each row a ring. A Set of so many stands still while it grows and
 * while garbage is collected, and finds its first member behind all that were deleted before.
 */
class FirstSeen {
  readonly #row: number
  readonly #rows: number
  readonly #numbers: Float64Array
  /** How many each row was ever given. */
  readonly #given: Uint32Array
  isEmpty = true

  constructor(max: number) {
    this.#row = Math.min(max, ROW)
    this.#rows = max <= ROW ? 1 : Math.ceil((max * ROOM) / ROW)
    this.#numbers = new Float64Array(this.#rows * this.#row)
    this.#given = new Uint32Array(this.#rows)
  }

  has(number: number): boolean {
    const row = number % this.#rows
    const from = row * this.#row
    const to = from + this.#countOf(row)
    for (let at = from; at < to; at++) if (this.#numbers[at] === number) return true
    return false
  }

  add(number: number): void {
    const row = number % this.#rows
    this.#numbers[row * this.#row + (this.#given[row]! % this.#row)] = number
    this.#given[row]!++
    this.isEmpty = false
  }

  /** Of each row in the order in which they were given. */
  *[Symbol.iterator](): Generator<number> {
    for (let row = 0; row < this.#rows; row++) {
      const given = this.#given[row]!
      for (let nth = given - this.#countOf(row); nth < given; nth++)
        yield this.#numbers[row * this.#row + (nth % this.#row)]!
    }
  }

  #countOf(row: number): number {
    return Math.min(this.#given[row]!, this.#row)
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
