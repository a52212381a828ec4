// An edit, judged by the keys of the level where its value stands, as if the document around it
// were a file: what leads there is put around the value, and nothing else of the document is looked
// at, so an edit of a large one costs no more than of a small one.

import { checkConfig } from './check.ts'
import { type Edit, findAt, isElement, type Step } from './edits.ts'
import type { ConfigDocument } from './keys/document.ts'
import { KEYS } from './keys/keys.ts'
import type { Level } from './keys/row.ts'
import type { Path, Problem } from './text/problem.ts'

export interface CheckedEdit {
  /** In today's spelling: an older one may have become several members. */
  readonly edits: readonly Edit[]
  /** With the paths that they would have in the document. */
  readonly problems: readonly Problem[]
}

type Container = Record<string | number, unknown>

export function checkedEdit(document: ConfigDocument, edit: Edit): CheckedEdit {
  const { path, value } = edit
  const key = path.at(-1)
  if (value === undefined) {
    const isNeeded = typeof key === 'string' && levelAt(path.slice(0, -1))?.required?.includes(key)
    return { edits: [edit], problems: isNeeded ? [missing(document, path)] : [] }
  }
  const frame = frameAround(document, path, value)
  // Where what leads there is not there, whoever carries the edit out says so.
  if (frame === undefined) return { edits: [edit], problems: [] }
  const { document: found, problems } = checkConfig(frame.root)
  const told = problems
    .filter(({ code }) => code !== 'subnet-without-id')
    .map((problem) => ({ ...problem, path: frame.pathOf(problem.path) }))
  return { edits: editsOf(found, edit, frame.path), problems: told }
}

interface Frame {
  readonly root: unknown
  /** Where the value stands in it. */
  readonly path: Path
  /** A path of the frame as one of the document. */
  pathOf(path: Path): Path
}

/** Members of maps on the way that are needed for them to be what they are. */
const KEPT = ['id', 'name', 'subnet', 'library', 'pool', 'code', 'space', 'type']

function frameAround(
  document: ConfigDocument,
  steps: readonly Step[],
  value: unknown,
): Frame | undefined {
  const before = containerAt(document, steps)
  if (before === undefined) return undefined
  const real: Path = [...before.path, lastStep(before.value, document, steps)]
  const path = real.map((step) => (typeof step === 'number' ? 0 : step))
  const root = framed(document, real, value)
  return {
    root,
    path,
    pathOf: (found) =>
      found.map((step, depth) =>
        typeof step === 'number' && step === 0 ? (real[depth] ?? step) : step,
      ),
  }
}

/** What the value stands in; a list may begin with it. */
function containerAt(document: ConfigDocument, steps: readonly Step[]) {
  const found = findAt(document, steps.slice(0, -1))
  if (found !== undefined || !isElement(steps.slice(-1))) return found
  const upper = findAt(document, steps.slice(0, -2))
  const key = steps.at(-2)
  if (upper === undefined || typeof key !== 'string') return undefined
  return { value: [], path: [...upper.path, key] }
}

/** A new element stands behind the others. */
function lastStep(
  container: unknown,
  document: ConfigDocument,
  steps: readonly Step[],
): string | number {
  const step = steps.at(-1)!
  if (typeof step !== 'object') return step
  const found = findAt(document, steps)
  return found === undefined ? (container as unknown[]).length : (found.path.at(-1) as number)
}

function framed(whole: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value
  const map = (whole ?? {}) as Container
  if (typeof step === 'number') return [framed(map[step], rest, value)]
  const kept = KEPT.filter((key) => typeof map[key] === 'string' || typeof map[key] === 'number')
  const members = Object.fromEntries(kept.map((key) => [key, map[key]]))
  return { ...members, [step]: framed(map[step], rest, value) }
}

/** What the check has left in the place of the value. */
function editsOf(document: ConfigDocument | undefined, edit: Edit, path: Path): readonly Edit[] {
  const key = path.at(-1)!
  const container = valueAt(document, path.slice(0, -1)) as Container | undefined
  if (container === undefined) return [edit]
  if (Object.hasOwn(container, key)) return [{ path: edit.path, value: container[key] }]
  if (typeof key === 'number') return [edit]
  const upper = edit.path.slice(0, -1)
  return Object.keys(container)
    .filter((other) => !KEPT.includes(other))
    .map((other) => ({ path: [...upper, other], value: container[other] }))
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const step of path) found = (found as Container | undefined)?.[step]
  return found
}

/** What may stand in the map at this path. */
function levelAt(path: readonly Step[]): Level | undefined {
  let level = KEYS.root
  for (const step of path)
    if (typeof step === 'string') level = KEYS[level?.keys[step]?.level ?? '']
  return level
}

function missing(document: ConfigDocument, path: readonly Step[]): Problem {
  const upper = findAt(document, path.slice(0, -1))?.path ?? []
  return {
    severity: 'error',
    path: [...upper, String(path.at(-1))],
    code: 'missing-key',
    message: 'the key is missing',
    hint: '',
  }
}
