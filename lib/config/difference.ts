// What makes one document another: edits. Elements of lists that have names (subnets, shared
// networks, classes, reservations) are told one by one, any other list as a whole.

import type { Edit, Step } from './edits.ts'
import { editedBy, isProblem } from './edits.ts'
import type { ConfigDocument } from './keys/document.ts'
import { isMap } from './text/map.ts'

type Container = Readonly<Record<string, unknown>>

/** By what elements of a list are told from each other. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  subnet4: ['id'],
  subnet6: ['id'],
  'shared-networks': ['name'],
  'client-classes': ['name'],
  reservations: ['hw-address', 'duid', 'client-id', 'circuit-id', 'flex-id', 'ip-address'],
}

export function difference(before: unknown, after: unknown): Edit[] {
  const edits: Edit[] = []
  compare(before, after, [], edits)
  return edits
}

/**
 * The same as `after`, and what it has in common with `before` is shared with it: whoever knows
 * parts of documents by their identity knows them again.
 */
export function shared(before: ConfigDocument, after: ConfigDocument): ConfigDocument {
  const result = editedBy(before, difference(before, after))
  return isProblem(result) ? after : result
}

function compare(before: unknown, after: unknown, path: readonly Step[], edits: Edit[]): void {
  if (before === after) return
  if (isMap(before) && isMap(after)) return compareMaps(before, after, path, edits)
  if (Array.isArray(before) && Array.isArray(after)) {
    const key = String(path.at(-1))
    const names = Object.hasOwn(NAMES, key) ? NAMES[key] : undefined
    if (names !== undefined && compareNamed(before, after, names, path, edits)) return
    if (isSame(before, after)) return
    if (names !== undefined) return void edits.push({ path, value: sharing(before, after, names) })
  }
  edits.push({ path, value: after })
}

function compareMaps(
  before: Container,
  after: Container,
  path: readonly Step[],
  edits: Edit[],
): void {
  for (const key of Object.keys(before))
    if (!Object.hasOwn(after, key)) edits.push({ path: [...path, key], value: undefined })
  for (const [key, value] of Object.entries(after))
    compare(Object.hasOwn(before, key) ? before[key] : undefined, value, [...path, key], edits)
}

/** False: they cannot be told one by one, or stand in another order than edits would leave. */
function compareNamed(
  before: readonly unknown[],
  after: readonly unknown[],
  names: readonly string[],
  path: readonly Step[],
  edits: Edit[],
): boolean {
  const old = named(before, names)
  const now = named(after, names)
  if (old === undefined || now === undefined) return false
  const kept = [...old.keys()].filter((name) => now.has(name))
  const wanted = [...now.keys()]
  if (!kept.every((name, index) => wanted[index] === name)) return false
  for (const [name, { step }] of old)
    if (!now.has(name)) edits.push({ path: [...path, step], value: undefined })
  for (const [name, { step, element }] of now) {
    const former = old.get(name)
    compareElement(former?.element, element, [...path, step], edits)
  }
  return true
}

/** In its order, with those elements that the former list has, too. */
function sharing(
  before: readonly unknown[],
  after: readonly unknown[],
  names: readonly string[],
): readonly unknown[] {
  const old = named(before, names)
  const now = named(after, names)
  if (old === undefined || now === undefined) return after
  return [...now].map(([name, { element }]) => {
    const former = old.get(name)?.element
    return isSame(former, element) ? former : element
  })
}

/** A map that is there is gone into; what is new is told whole. */
function compareElement(
  before: unknown,
  after: unknown,
  path: readonly Step[],
  edits: Edit[],
): void {
  if (before === undefined) edits.push({ path, value: after })
  else compare(before, after, path, edits)
}

interface Named {
  readonly step: Readonly<Record<string, string | number>>
  readonly element: unknown
}

function named(
  list: readonly unknown[],
  names: readonly string[],
): ReadonlyMap<string, Named> | undefined {
  const found = new Map<string, Named>()
  for (const element of list) {
    if (!isMap(element)) return undefined
    const key = names.find((name) => typeof element[name] === (name === 'id' ? 'number' : 'string'))
    if (key === undefined) return undefined
    const value = element[key] as string | number
    const name = `${key} ${value}`
    if (found.has(name)) return undefined
    found.set(name, { step: { [key]: value }, element })
  }
  return found
}

export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]))
  if (!isMap(one) || !isMap(other)) return false
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
}
