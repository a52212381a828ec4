// Has a whole configuration judged: at once where that takes a moment, else by a thread of its own,
// one after the other.

import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Edit } from '../../config/edits.ts'
import type { Problem } from '../../config/text/problem.ts'
import { jsonPieces, parsedJson } from './json-pieces.ts'
import type { Finding, JudgeData, JudgeOrder } from './judge-thread.ts'
import {
  type Documents,
  type Judged,
  judgedBy,
  NO_TEXTS,
  type ServerFacts,
  type Wanted,
} from './judging.ts'

/** Maps and lists of a document, and bytes of files: what takes less than ten milliseconds. */
const SMALL = 400
const SMALL_FILE = 32_768

/** Who waits for a thread; more are told to ask again. */
const WAITING_MAX = 4

export class Judge {
  /** Of which threads take over one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** `done` is called once, later or at once. `included`: what the files named when last read. */
  judge(
    facts: ServerFacts,
    wanted: Wanted,
    documents: Documents,
    included: readonly string[],
    done: (judged: Judged) => void,
  ): void {
    if (isSmall(wanted, documents, included)) return done(judgedBy(facts, wanted, documents))
    if (this.#waiting >= WAITING_MAX) return done(troubled('too many of them wait: ask again'))
    this.#waiting++
    const result = this.#last.then(() => byThread({ facts, wanted }, documents))
    this.#last = result
    void result.then((judged) => {
      this.#waiting--
      // An error of whoever is told is not one of the promise.
      setImmediate(() => done(judged))
    })
  }
}

function isSmall(wanted: Wanted, documents: Documents, included: readonly string[]): boolean {
  if (count(documents, SMALL) >= SMALL) return false
  if (wanted.kind !== 'files') return true
  const bytes = [...wanted.files, ...included].map((file) => sizeOf(file))
  return bytes.reduce((sum, size) => sum + size, 0) <= SMALL_FILE
}

/** Maps and lists in it, as far as the limit. */
function count(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0
  let found = 1
  for (const member of Object.values(value)) {
    if (found >= limit) return found
    found += count(member, limit - found)
  }
  return found
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    return 0
  }
}

/** Never rejects. */
async function byThread(data: JudgeData, documents: Documents): Promise<Judged> {
  const thread = startThread(data)
  const edits: Edit[] = []
  const problems: Problem[] = []
  const say = (order: JudgeOrder): void => thread.postMessage(order)
  const result = new Promise<Judged>((resolve) => {
    thread.on('message', (finding: Finding) => {
      if (finding.kind === 'end') {
        const { kind: _, hasEdits, ...rest } = finding
        return resolve({ ...rest, edits: hasEdits ? edits : undefined, problems })
      }
      if (finding.kind === 'problems') problems.push(...finding.list)
      else edits.push(...(parsedJson(finding.text) as Edit[]))
      setImmediate(() => say('next'))
    })
    thread.once('error', ({ message }) => resolve(troubled(message)))
    thread.once('exit', () => resolve(troubled('the thread that reads it has ended')))
  })
  for (const text of jsonPieces(documents)) {
    say({ text })
    await new Promise((resolve) => setImmediate(resolve))
  }
  say('all')
  return result
}

function startThread(data: JudgeData): Worker {
  // Sources run as .ts, the package as .js; the loaders of a test runner are not wanted inside.
  const file = new URL(`./judge-thread${import.meta.url.slice(-3)}`, import.meta.url)
  return new Worker(file, { workerData: data, execArgv: [], name: 'judge' })
}

function troubled(trouble: string): Judged {
  return { edits: undefined, problems: [], ...NO_TEXTS, trouble }
}
