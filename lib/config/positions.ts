// From a path of the document to a place in the text. The document is changed after it was read (bad parts
// are taken out, old spellings become new ones), so a path is followed through the values, and each map
// and list remembers the node of the syntax tree that it was made from.

import type { Node } from 'jsonc-parser'
import type { Path, Place, Problem } from './problem.ts'
import type { SourceMap } from './source.ts'

/** Index of a list made around a value that was written without one. */
const ITSELF = -1

interface Source {
  readonly node: Node
  /** New key -> key as written, where they differ. */
  keys?: Map<string, string>
  /** Index now -> index as written, where elements were taken out. */
  indexes?: number[]
}

interface Found {
  readonly path: Path
  /** The member (or the element) and its value; for a path that leads nowhere, of its deepest part. */
  readonly key: Node
  readonly value: Node
}

export class Positions {
  readonly #root: { readonly value: unknown; readonly map: SourceMap } | undefined
  readonly #sources = new WeakMap<object, Source>()

  /** Without a root (the configuration was an object, not a text) problems keep their paths and get no place. */
  constructor(value?: unknown, map?: SourceMap) {
    this.#root = map === undefined ? undefined : { value, map }
  }

  /** The problem with its place, and with its path as written. A problem that has a place is left as it is. */
  locate(problem: Problem): Problem {
    if (problem.place !== undefined || this.#root === undefined) return problem
    const found = this.#find(problem.path)
    if (found === undefined) return problem
    const node = problem.at === 'key' ? found.key : found.value
    return { ...problem, path: found.path, place: this.#root.map.place(node.offset) }
  }

  /** Where the value of a path stands; undefined where the configuration was no text. */
  place(path: Path, at: 'key' | 'value' = 'value'): Place | undefined {
    const found = this.#find(path)
    if (found === undefined) return undefined
    return this.#root?.map.place((at === 'key' ? found.key : found.value).offset)
  }

  /** The map or list was made from this node. */
  made(value: object, node: Node): void {
    this.#sources.set(value, { node })
  }

  /** The member of the map is called `now` in the document and stands in the text as `written`. */
  renamed(map: object, now: string, written: string): void {
    const source = this.#sources.get(map)
    if (source === undefined) return
    source.keys ??= new Map()
    source.keys.set(now, source.keys.get(written) ?? written)
  }

  /** The list was made around the value that stands in the text as member `written` of the map. */
  wrapped(list: readonly unknown[], map: object, written: string): void {
    const source = this.#sources.get(map)
    const node = source && memberOf(source.node, written)?.children?.[1]
    if (node !== undefined) this.#sources.set(list, { node, indexes: [ITSELF] })
  }

  /** The elements with these indexes are about to be taken out of the list. */
  removed(list: readonly unknown[], indexes: ReadonlySet<number>): void {
    const source = this.#sources.get(list)
    if (source === undefined) return
    const written = source.indexes ?? list.map((_, index) => index)
    source.indexes = written.filter((_, index) => !indexes.has(index))
  }

  #find(path: Path): Found | undefined {
    if (this.#root === undefined) return undefined
    let value: unknown = this.#root.value
    let source = sourceOf(this.#sources, value)
    if (source === undefined) return undefined
    let found: Found = { path: [], key: source.node, value: source.node }
    for (const step of path) {
      if (source === undefined) break
      const next: Found | undefined = follow(found, source, step)
      if (next === undefined) return { ...found, path: [...found.path, ...rest(path, found.path)] }
      found = next
      value = childOf(value, step)
      source = sourceOf(this.#sources, value)
    }
    return found
  }
}

/** What is left of a path after its part that was found; both have the same number of steps so far. */
function rest(path: Path, found: Path): Path {
  return path.slice(found.length)
}

function follow(from: Found, source: Source, step: string | number): Found | undefined {
  const { node } = source
  if (typeof step === 'number') {
    const index = source.indexes === undefined ? step : source.indexes[step]
    if (index === ITSELF) return from
    const child = index === undefined ? undefined : node.children?.[index]
    return child && { path: [...from.path, index!], key: child, value: child }
  }
  const written = source.keys?.get(step) ?? step
  const member = memberOf(node, written)
  if (member === undefined) return undefined
  return {
    path: [...from.path, written],
    key: member,
    value: member.children?.[1] ?? member,
  }
}

function memberOf(node: Node, key: string): Node | undefined {
  return node.children?.find((member) => member.children?.[0]?.value === key)
}

function childOf(value: unknown, step: string | number): unknown {
  return (value as Record<string | number, unknown> | undefined)?.[step]
}

function sourceOf(sources: WeakMap<object, Source>, value: unknown): Source | undefined {
  return typeof value === 'object' && value !== null ? sources.get(value) : undefined
}
