// From a path of the document to a place in the text. The document is not what was read (bad parts
// are taken out, old spellings become new ones), so a path is followed through the values, and of
// each map and list the node of the syntax tree is known that it was made from.

import type { Node } from 'jsonc-parser'
import type { Path, Place, Problem } from './problem.ts'
import type { SourceMap } from './source.ts'

/** Index of a list made around a value that was written without one. */
const ITSELF = -1

/** How a map or a list differs from what was written. */
interface Changes {
  /**
   * New key -> the member as it was written, where that has another key or stands in another map.
   */
  moved?: Map<string, Written>
  /** Index now -> index as written, where elements were taken out. */
  indexes?: number[]
}

interface Written {
  /** Steps from the map that has the member now. */
  readonly steps: Path
  readonly member: Node | undefined
}

/** As it was written: the path, the member (or the element) and its value. */
export interface WrittenAt {
  readonly path: Path
  readonly key: Node
  readonly value: Node
}

/** For a path that leads nowhere, its deepest part. */
type Found = WrittenAt

export class Positions {
  readonly #map: SourceMap | undefined
  readonly #nodes = new Map<object, Node>()
  readonly #changes = new Map<object, Changes>()
  #root: unknown

  /**
   * Without a map (the configuration was an object, not a text) problems keep their paths and get
   * no place.
   */
  constructor(map?: SourceMap) {
    this.#map = map
  }

  /**
   * The problem with its place, and with its path as written. A problem that has a place is left as
   * it is.
   */
  locate(problem: Problem): Problem {
    if (problem.place !== undefined) return problem
    const found = this.#find(problem.path)
    if (found === undefined || this.#map === undefined) return problem
    const node = problem.at === 'key' ? found.key : found.value
    return { ...problem, path: found.path, place: this.#map.place(node.offset) }
  }

  /** Where the key or the value of a path stands; undefined where the configuration was no text. */
  place(path: Path, at: 'key' | 'value' = 'value'): Place | undefined {
    return this.locate({ severity: 'info', path, code: '', message: '', hint: '', at }).place
  }

  /** What was written for the path, undefined where nothing was: as a default, or an id. */
  written(path: Path): WrittenAt | undefined {
    let value = this.#root
    const start = this.#nodes.get(value as object)
    let found: Found | undefined = start && { path: [], key: start, value: start }
    for (const step of path) {
      found = found && this.#follow(found, value, step)
      value = (value as Record<string | number, unknown> | undefined)?.[step]
    }
    return found
  }

  /** The file of an offset, and the offset there. */
  origin(offset: number): { readonly file: string; readonly offset: number } | undefined {
    return this.#map?.origin(offset)
  }

  /** One of the offsets of the text lies in the value of the path. */
  holdsAny(path: Path, offsets: readonly number[]): boolean {
    const node = this.#find(path)?.value
    if (node === undefined) return false
    return offsets.some((at) => at >= node.offset && at <= node.offset + node.length)
  }

  /** The value that paths start from. */
  startAt(root: unknown): void {
    this.#root = root
  }

  /** The map or list was made from this node. */
  made(value: object, node: Node): void {
    this.#nodes.set(value, node)
  }

  /** `copy` stands in the place of the map or list from now on. */
  copied(value: object, copy: object): void {
    const node = this.#nodes.get(value)
    const changes = this.#changes.get(value)
    if (node !== undefined) this.#nodes.set(copy, node)
    if (changes !== undefined) this.#changes.set(copy, { ...changes })
  }

  /** The member `now` of the map stands in the text as `written`, there or in the map `from`. */
  moved(map: object, now: string, written: Path, from: object = map): void {
    const origin = this.#nodes.get(from)
    if (origin === undefined) return
    const changes = this.#changesOf(map)
    changes.moved ??= new Map()
    changes.moved.set(now, { steps: written, member: memberOf(origin, String(written.at(-1))) })
  }

  /** The list was made around the value that stands in the text as member `written` of the map. */
  wrapped(list: readonly unknown[], map: object, written: string): void {
    const node = this.#nodes.get(map)
    const value = node && memberOf(node, written)?.children?.[1]
    if (value === undefined) return
    this.made(list, value)
    this.#changesOf(list).indexes = [ITSELF]
  }

  /** The elements with these indexes are about to be taken out of the list. */
  removed(list: readonly unknown[], indexes: ReadonlySet<number>): void {
    const changes = this.#changesOf(list)
    const written = changes.indexes ?? list.map((_, index) => index)
    changes.indexes = written.filter((_, index) => !indexes.has(index))
  }

  #changesOf(value: object): Changes {
    const changes = this.#changes.get(value) ?? {}
    this.#changes.set(value, changes)
    return changes
  }

  /**
   * The member or element of the path; of a path that leads nowhere its deepest part that is there.
   */
  #find(path: Path): Found | undefined {
    let value = this.#root
    const start = this.#nodes.get(value as object)
    if (start === undefined) return undefined
    let found: Found = { path: [], key: start, value: start }
    for (const [depth, step] of path.entries()) {
      const next = this.#follow(found, value, step)
      if (next === undefined) return { ...found, path: [...found.path, ...path.slice(depth)] }
      found = next
      value = (value as Record<string | number, unknown>)[step]
    }
    return found
  }

  #follow(from: Found, value: unknown, step: string | number): Found | undefined {
    const node = this.#nodes.get(value as object)
    if (node === undefined) return undefined
    const changes = this.#changes.get(value as object)
    return typeof step === 'number'
      ? followElement(from, node, changes?.indexes, step)
      : followMember(from, node, changes?.moved?.get(step), step)
  }
}

function followElement(
  from: Found,
  node: Node,
  indexes: readonly number[] | undefined,
  step: number,
): Found | undefined {
  const index = indexes === undefined ? step : indexes[step]
  if (index === undefined) return undefined
  if (index === ITSELF) return from
  const child = node.children?.[index]
  return child && { path: [...from.path, index], key: child, value: child }
}

function followMember(
  from: Found,
  node: Node,
  written: Written | undefined,
  step: string,
): Found | undefined {
  const member = written === undefined ? memberOf(node, step) : written.member
  if (member === undefined) return undefined
  const path = [...from.path, ...(written?.steps ?? [step])]
  return { path, key: member, value: member.children?.[1] ?? member }
}

function memberOf(node: Node, key: string): Node | undefined {
  return node.children?.find((member) => member.children?.[0]?.value === key)
}
