// Edits of a document: another document, which shares with the first all that the edit does not
// touch.

import type { ConfigDocument } from './keys/document.ts'
import { formatPath, type Path, type Problem } from './text/problem.ts'

/**
 * A key, an index, or the element of a list that says this of itself: `{ id: 5 }`, `{ name:
 * 'office' }`.
 */
export type Step = string | number | Readonly<Record<string, string | number>>

type Container = Readonly<Record<string | number, unknown>>

/**
 * The document with the value at this path; undefined takes out what stands there. The last step
 * may name an element that the list does not have: the value is put behind the others. What leads
 * there must be there: else what is wrong.
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
  const key = keyOf(whole, step, rest.length === 0 && value !== undefined)
  if (key === undefined) return NOWHERE
  const before = (whole as Container)[key]
  if (rest.length > 0) found.push(key)
  const after = replaced(before, rest, value, found)
  if (after === NOWHERE || after === before) return after === NOWHERE ? NOWHERE : whole
  return withMember(whole, key, after)
}

/** Undefined where there is no such member; `isNew` allows for one behind the others. */
function keyOf(whole: object, step: Step, isNew: boolean): Path[number] | undefined {
  if (!Array.isArray(whole)) {
    if (typeof step !== 'string') return undefined
    return isNew || Object.hasOwn(whole, step) ? step : undefined
  }
  if (typeof step === 'string') return undefined
  const index = typeof step === 'number' ? step : whole.findIndex((one) => isNamed(one, step))
  if (index >= 0 && index < whole.length) return index
  return isNew && (index < 0 ? typeof step === 'object' : index === whole.length)
    ? whole.length
    : undefined
}

function isNamed(element: unknown, name: Exclude<Step, string | number>): boolean {
  if (typeof element !== 'object' || element === null) return false
  return Object.entries(name).every(([key, value]) => (element as Container)[key] === value)
}

function withMember(whole: object, key: string | number, value: unknown): unknown {
  if (Array.isArray(whole)) {
    const list = [...whole]
    if (value === undefined) list.splice(Number(key), 1)
    else list[Number(key)] = value
    return list
  }
  if (value !== undefined) return { ...whole, [key]: value }
  const { [key]: _, ...others } = whole as Record<string, unknown>
  return others
}
