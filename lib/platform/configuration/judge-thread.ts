// The thread that judges a large configuration: to read, check and compare it takes a second, and
// clients are not to wait for that. Documents come as pieces of JSON; what is found goes back in
// pieces, each when it is asked for, so that the loop takes no two of them in one turn.

import { parentPort, workerData } from 'node:worker_threads'
import type { Edit } from '../../config/edits.ts'
import type { Problem } from '../../config/text/problem.ts'
import { jsonPieces, parsedJson } from './json-pieces.ts'
import { type Documents, type Judged, judgedBy, type ServerFacts, type Wanted } from './judging.ts'

export interface JudgeData {
  readonly facts: ServerFacts
  readonly wanted: Wanted
}

/** A piece of the documents; that all of them are there; that the next finding may come. */
export type JudgeOrder = { readonly text: string } | 'all' | 'next'

/** Edits and problems, some at a time; at last the rest. */
export type Finding =
  | { readonly kind: 'edits'; readonly text: string }
  | { readonly kind: 'problems'; readonly list: readonly Problem[] }
  | ({ readonly kind: 'end'; readonly hasEdits: boolean } & Omit<Judged, 'edits' | 'problems'>)

const { facts, wanted } = workerData as JudgeData
const pieces: string[] = []
let findings: Iterator<Finding> | undefined

parentPort?.on('message', (order: JudgeOrder) => {
  if (typeof order === 'object') {
    pieces.push(order.text)
    return
  }
  findings ??= found()
  const { value, done } = findings.next()
  if (done !== true) parentPort!.postMessage(value)
  if (value?.kind === 'end') parentPort!.close()
})

function* found(): Generator<Finding> {
  const documents = parsedJson(pieces.splice(0).join('')) as Documents
  const { edits, problems, ...rest } = judgedBy(facts, wanted, documents)
  for (const list of inParts(edits ?? [])) yield { kind: 'edits', text: textOf(list) }
  for (let at = 0; at < problems.length; at += PROBLEMS)
    yield { kind: 'problems', list: problems.slice(at, at + PROBLEMS) }
  yield { kind: 'end', hasEdits: edits !== undefined, ...rest }
}

const PROBLEMS = 500
/** Edits of a piece; one may be long by itself. */
const EDITS = 100

function* inParts(edits: readonly Edit[]): Generator<readonly Edit[]> {
  for (let at = 0; at < edits.length; at += EDITS) yield edits.slice(at, at + EDITS)
}

function textOf(edits: readonly Edit[]): string {
  return [...jsonPieces(edits)].join('')
}
