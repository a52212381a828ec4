// Edits of a document: another document, which shares with the first all that the edit does not
// touch.

import { identifierFromText } from './compile/reservation-identity.ts'
import type { ConfigDocument } from './keys/document.ts'
import {
  addressName,
  IDENTIFIERS,
  indexing,
  mayBe,
  means,
  memberName,
  takeOver,
  writtenName,
} from './list-index.ts'
import type { Steps } from './plan/steps.ts'
import { formatPath, type Path, type Problem } from './text/problem.ts'

/**
 * A key, an index, or the element of a list that says this of itself: `{ id: 5 }`, `{ name:
 * 'office' }`, `{ 'hw-address': '02:00:00:00:00:01' }` however that is written there.
 */
export type Step = string | number | Readonly<Record<string, string | number>>

/** The value at this path becomes another; undefined takes out what stands there. */
export interface Edit {
  readonly path: readonly Step[]
  readonly value?: unknown
}

type Container = Readonly<Record<string | number, unknown>>

/**
 * The document with the value at this path; undefined takes out what stands there. The last step
 * may name an element that the list does not have: the value is put behind the others, in a new
 * list where there is none. What leads there must be there: else what is wrong.
 */
export function edited(
  document: ConfigDocument,
  path: readonly Step[],
  value: unknown,
): ConfigDocument | Problem {
  const found: (string | number)[] = []
  const result = replaced(document, path, value, found)
  if (result !== NOWHERE) return result as ConfigDocument
  const step = path[found.length]!
  const what = typeof step === 'object' ? JSON.stringify(step) : String(step)
  const where = formatPath(found) || 'the document'
  return {
    severity: 'error',
    path: found,
    code: 'edit-nowhere',
    message: `${where} has no ${what}`,
    hint: '',
  }
}

/** All of them, one after the other; what is wrong with the first that leads nowhere. */
export function editedBy(
  document: ConfigDocument,
  edits: readonly Edit[],
): ConfigDocument | Problem {
  let result = document
  for (const { path, value } of edits) {
    const next = edited(result, path, value)
    if (isProblem(next)) return next
    result = next
  }
  return result
}

export function isProblem(result: ConfigDocument | Problem): result is Problem {
  return 'severity' in result
}

/** The value at this path, and the path with the indexes of elements; undefined: there is none. */
export function findAt(
  document: ConfigDocument,
  path: readonly Step[],
): { readonly value: unknown; readonly path: Path } | undefined {
  let value: unknown = document
  const found: (string | number)[] = []
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    const key = keyOf(value, step, false)
    if (key === undefined) return undefined
    found.push(key)
    value = (value as Container)[key]
  }
  return { value, path: found }
}

const NOWHERE = Symbol('nowhere')

/** `found` is the path as far as it leads somewhere. */
function replaced(
  whole: unknown,
  [step, ...rest]: readonly Step[],
  value: unknown,
  found: (string | number)[],
): unknown {
  if (step === undefined) return value
  if (typeof whole !== 'object' || whole === null) return NOWHERE
  const isNew = value !== undefined && (rest.length === 0 || isElement(rest))
  const key = keyOf(whole, step, isNew)
  if (key === undefined) return NOWHERE
  const before = (whole as Container)[key] ?? (isElement(rest) ? [] : undefined)
  if (rest.length > 0) found.push(key)
  const after = replaced(before, rest, value, found)
  if (after === NOWHERE || after === before) return after === NOWHERE ? NOWHERE : whole
  return withMember(whole, key, after)
}

/** The element of a list, which begins with it. */
export function isElement(rest: readonly Step[]): boolean {
  return rest.length === 1 && typeof rest[0] === 'object'
}

/** Undefined where there is no such member; `isNew` allows for one behind the others. */
function keyOf(whole: object, step: Step, isNew: boolean): Path[number] | undefined {
  if (!Array.isArray(whole)) {
    if (typeof step !== 'string') return undefined
    return isNew || Object.hasOwn(whole, step) ? step : undefined
  }
  if (typeof step === 'string') return undefined
  const index = typeof step === 'number' ? step : indexOfNamed(whole, step)
  if (index >= 0 && index < whole.length) return index
  return isNew && (index < 0 ? typeof step === 'object' : index === whole.length)
    ? whole.length
    : undefined
}

/** As it is written comes before other ways to write it. */
function indexOfNamed(list: readonly unknown[], step: Exclude<Step, string | number>): number {
  const names = Object.entries(step)
  const [[key, wanted]] = names as [[string, string | number]]
  if (names.length > 1) return list.findIndex((one) => isNamed(one, names))
  const name = nameOf(key, wanted)
  const some = name === undefined ? list : mayBe(list, name)
  const found = namedIn(some, key, wanted)
  return some === list || found < 0 ? found : list.indexOf(some[found])
}

function nameOf(key: string, wanted: string | number): string | undefined {
  if (isIdentifier(key)) return writtenName(key, String(wanted))
  return key === 'ip-address' ? addressName(String(wanted)) : memberName(key, wanted)
}

/** A list of 100,000 is gone through in a millisecond, so the ways to write a name come last. */
function namedIn(list: readonly unknown[], key: string, wanted: string | number): number {
  const exact = list.findIndex((one) => (one as Container | null)?.[key] === wanted)
  if (exact >= 0 || !isIdentifier(key)) return exact
  const octets = identifierFromText(String(wanted))
  if (octets === undefined) return -1
  return list.findIndex((one) => means((one as Container | null)?.[key], octets))
}

/** What finds elements of long lists on this path; made once for each list. */
export function* indexingAlong(document: ConfigDocument, path: readonly Step[]): Steps<void> {
  let value: unknown = document
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value) && typeof step === 'object') yield* indexing(value)
    const key = keyOf(value, step, false)
    if (key === undefined) return
    value = (value as Container)[key]
  }
}

function isNamed(element: unknown, names: readonly (readonly [string, string | number])[]) {
  if (typeof element !== 'object' || element === null) return false
  return names.every(([key, value]) => (element as Container)[key] === value)
}

function isIdentifier(key: string): boolean {
  return IDENTIFIERS.some((one) => one === key)
}

function withMember(whole: object, key: string | number, value: unknown): unknown {
  if (Array.isArray(whole)) {
    const list =
      value === undefined ? whole.toSpliced(Number(key), 1) : withElement(whole, Number(key), value)
    takeOver(whole, whole[Number(key)], value, list)
    return list
  }
  if (value !== undefined) return { ...whole, [key]: value }
  const { [key]: _, ...others } = whole as Record<string, unknown>
  return others
}

function withElement(list: readonly unknown[], at: number, value: unknown): unknown[] {
  return at < list.length ? list.with(at, value) : list.concat([value])
}
