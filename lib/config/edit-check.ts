// An edit, judged by the keys of the level where its value stands, as if the document around it
// were a file: what leads there is put around the value, and nothing else of the document is looked
// at, so an edit of a large one costs no more than of a small one.

import { checkConfig } from './check.ts'
import { type Edit, findAt, isElement, type Step } from './edits.ts'
import type { ConfigDocument } from './keys/document.ts'
import { KEYS } from './keys/keys.ts'
import type { Level } from './keys/row.ts'
import { allAtOnce, type Steps } from './plan/steps.ts'
import { isMap } from './text/map.ts'
import type { Path, Problem } from './text/problem.ts'

export interface CheckedEdit {
  /** In today's spelling: an older one may have become several members. */
  readonly edits: readonly Edit[]
  /** With the paths that they would have in the document. */
  readonly problems: readonly Problem[]
}

type Container = Record<string | number, unknown>

export function checkedEdit(document: ConfigDocument, edit: Edit): CheckedEdit {
  return allAtOnce(checkedSoon(document, edit))
}

/**
 * The same a little at a time: long lists in the value are judged in parts, and one that stands
 * there already is not judged again.
 */
export function* checkedSoon(document: ConfigDocument, edit: Edit): Steps<CheckedEdit> {
  const { path, value } = edit
  const key = path.at(-1)
  if (value === undefined) {
    const isNeeded = typeof key === 'string' && levelAt(path.slice(0, -1))?.required?.includes(key)
    return { edits: [edit], problems: isNeeded ? [missing(document, path)] : [] }
  }
  const place = placeOf(document, path)
  // Where what leads there is not there, whoever carries the edit out says so.
  if (place === undefined) return { edits: [edit], problems: [] }
  const before = findAt(document, path)?.value
  const lists = longLists(value, place.path.at(-1)).map((within) => ({
    within,
    isThere: before !== undefined && valueAt(before, within) === valueAt(value, within),
  }))
  const bare = lists.reduce<unknown>((rest, { within }) => replacedAt(rest, within, []), value)
  const found = judged(place, bare)
  let edits = editsOf(found.document, edit, frameOf(place.path))
  if (edits.length !== 1 && lists.length > 0) {
    const whole = judged(place, value)
    edits = editsOf(whole.document, edit, frameOf(place.path))
    return { edits, problems: whole.problems }
  }
  const problems: Problem[] = [...found.problems]
  let [{ path: to, value: result }] = edits as [Edit]
  for (const { within, isThere } of lists) {
    let list = valueAt(value, within)
    if (!isThere) {
      const parts = yield* judgedList(below(place, value, within), list as readonly unknown[])
      problems.push(...parts.problems)
      list = parts.list
    }
    result = replacedAt(result, within, list)
  }
  return { edits: lists.length === 0 ? edits : [{ path: to, value: result }], problems }
}

/** Where a value stands, and the document around it that is judged with it. */
interface Place {
  readonly path: Path
  around(value: unknown): unknown
}

function placeOf(document: ConfigDocument, steps: readonly Step[]): Place | undefined {
  const before = containerAt(document, steps)
  if (before === undefined) return undefined
  const path = [...before.path, lastStep(before.value, document, steps)]
  return { path, around: (value) => framed(document, path, value) }
}

function below({ around, path }: Place, value: unknown, within: Path): Place {
  return { path: [...path, ...within], around: (inner) => around(framed(value, within, inner)) }
}

/** Where the place is in what is around it: of each list one element is left. */
function frameOf(path: Path): Path {
  return path.map((step) => (typeof step === 'number' ? 0 : step))
}

function judged({ around, path }: Place, value: unknown) {
  const { document, problems } = checkConfig(around(value))
  const inDocument = (found: Path) =>
    found.map((step, depth) => (step === 0 ? (path[depth] ?? step) : step))
  const told = problems
    .filter(({ code }) => code !== 'subnet-without-id')
    .map((problem) => ({ ...problem, path: inDocument(problem.path) }))
  return { document, problems: told }
}

/** Part by part; in a part there may be long lists again. */
function* judgedList(
  place: Place,
  list: readonly unknown[],
): Steps<{ readonly list: readonly unknown[]; readonly problems: readonly Problem[] }> {
  const all: unknown[] = []
  const problems: Problem[] = []
  const depth = place.path.length
  for (let at = 0; at < list.length; at += PART) {
    yield
    const part = list.slice(at, at + PART)
    const lists = part.flatMap((one, index) =>
      longLists(one, index).map((within) => [index, ...within]),
    )
    const bare = lists.reduce<unknown>((rest, within) => replacedAt(rest, within, []), part)
    const found = judged(place, bare)
    const told: Problem[] = [...found.problems]
    let result: unknown = valueAt(found.document, frameOf(place.path)) ?? []
    for (const within of lists) {
      const inner = valueAt(part, within) as readonly unknown[]
      const parts = yield* judgedList(below(place, part, within), inner)
      told.push(...parts.problems)
      result = replacedAt(result, within, parts.list)
    }
    for (const one of result as readonly unknown[]) all.push(one)
    for (const problem of told) problems.push(movedAt(problem, depth, at))
  }
  return { list: all, problems }
}

/** Of an element that stands so much further behind. */
function movedAt(problem: Problem, depth: number, by: number): Problem {
  const { path } = problem
  const index = path[depth]
  return typeof index === 'number' ? { ...problem, path: path.with(depth, index + by) } : problem
}

/** Lists whose elements are judged each by itself. */
const LISTS: ReadonlySet<unknown> = new Set(['reservations', 'subnet4', 'subnet6'])

/** Elements that are judged together. */
const PART = 50

/** Where there are long lists in a value that stands at this key; not those within them. */
function longLists(value: unknown, key: unknown): readonly Path[] {
  if (Array.isArray(value)) {
    if (LISTS.has(key) && value.length > PART && value.every(isNumbered(key))) return [[]]
    if (!LISTS.has(key) && key !== 'shared-networks') return []
    return value.flatMap((one, at) => longLists(one, at).map((within) => [at, ...within]))
  }
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([member, list]) =>
    Array.isArray(list) ? longLists(list, member).map((within) => [member, ...within]) : [],
  )
}

/** Subnets that have no id are numbered together. */
function isNumbered(key: unknown): (element: unknown) => boolean {
  if (key === 'reservations') return () => true
  return (element) => isMap(element) && typeof element.id === 'number'
}

/** The same where nothing stands there: it was wrong, and is gone. */
function replacedAt(whole: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value
  if (!Object.hasOwn(Object(whole), step)) return whole
  const inner = replacedAt((whole as Container)[step], rest, value)
  return Array.isArray(whole)
    ? whole.with(Number(step), inner)
    : { ...(whole as Container), [step]: inner }
}

/** Members of maps on the way that are needed for them to be what they are. */
const KEPT = ['id', 'name', 'subnet', 'library', 'pool', 'code', 'space', 'type']

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
