// Writes the configuration by a thread of its own, one order after the other.

import { Worker } from 'node:worker_threads'
import type { WriteOrder, WriteResult } from '../../ports/config-host.ts'

/** What the thread begins with. */
export interface WriterData {
  readonly files: readonly string[]
  readonly others: WriteOrder['others']
  readonly version: 4 | 6 | undefined
  readonly filename: string | undefined
}

/** A piece of the text of a map, or that all pieces are there. */
export type WriterPart = { readonly name: string; readonly text: string } | 'all'

/** Characters that are handed over in a turn of the loop. */
const PART = 262_144

/** Returns what became of it; never throws. */
export async function writeConfiguration(
  files: readonly string[],
  { maps, others, version, filename }: WriteOrder,
): Promise<WriteResult> {
  const data: WriterData = { files, others, version, filename }
  const thread = startThread(data)
  const result = new Promise<WriteResult>((resolve) => {
    thread.once('message', resolve)
    thread.once('error', (error) => resolve({ trouble: error.message }))
    thread.once('exit', () => resolve({ trouble: 'the thread that writes has ended' }))
  })
  for (const [name, pieces] of Object.entries(maps))
    for (const text of partsOf(pieces)) {
      thread.postMessage({ name, text } satisfies WriterPart)
      await new Promise((resolve) => setImmediate(resolve))
    }
  thread.postMessage('all' satisfies WriterPart)
  return result
}

function* partsOf(pieces: readonly string[]): Generator<string> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < PART) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

function startThread(data: WriterData): Worker {
  // Sources run as .ts, the package as .js; the loaders of a test runner are not wanted inside.
  const file = new URL(`./writer-thread${import.meta.url.slice(-3)}`, import.meta.url)
  return new Worker(file, { workerData: data, execArgv: [], name: 'configuration' })
}
