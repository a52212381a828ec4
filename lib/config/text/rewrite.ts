// A document that was read from files becomes another one in these files: only what differs is
// written, where it stands. Comments, includes, the order and the layout stay as they are.

import type { Node } from 'jsonc-parser'
import { isAlike } from './alike.ts'
import { type ContainerEdit, editContainer, spotOf, type Written } from './container-edit.ts'
import { indentAt } from './gaps.ts'
import { laidOut, layoutOf, memberText } from './layout.ts'
import { isMap, type Members } from './map.ts'
import { matched } from './matching.ts'
import type { Positions } from './positions.ts'
import type { Path } from './problem.ts'
import { type Splices, Unplaceable } from './splice.ts'

/** Throws Unplaceable where a change has no place in the text. */
export class Rewriter {
  readonly #positions: Positions
  readonly #splices: Splices

  constructor(positions: Positions, splices: Splices) {
    this.#positions = positions
    this.#splices = splices
  }

  /** What is at the path becomes `after`. */
  change(path: Path, before: unknown, after: unknown): void {
    if (isAlike(before, after)) return
    if (Array.isArray(before) && Array.isArray(after)) this.#changeList(path, before, after)
    else if (isMap(before) && isMap(after)) this.#changeMap(path, before, after)
    else this.replace(path, after)
  }

  /** The whole value. */
  replace(path: Path, value: unknown): void {
    const { key, value: node } = this.#at(path)
    const name = path.at(-1)
    // What stands under an older name, and so in an older form, gets the present one.
    const isRenamed = typeof name === 'string' && nameOf(key) !== name
    if (isRenamed && this.#positions.written(path)!.path.length !== path.length)
      throw new Unplaceable('it stands elsewhere')
    const { file, start, end } = spotOf(isRenamed ? key : node, this.#positions)
    const text = this.#splices.text(file)
    if (text.slice(start, end).includes('<?include')) throw new Unplaceable('it includes a file')
    const [indent, layout] = [indentAt(text, start), layoutOf(text)]
    const written = isRenamed
      ? memberText(name, value, indent, layout)
      : laidOut(value, indent, layout)
    this.#splices.add(file, start, end, written)
  }

  #changeMap(path: Path, before: Members, after: Members): void {
    const { value: node } = this.#at(path)
    if (node.type !== 'object') return this.replace(path, after)
    const removed = new Set<Node>()
    const added: ContainerEdit['added'][number][] = []
    for (const key of Object.keys(before)) {
      if (!Object.hasOwn(after, key)) {
        const member = this.#positions.written([...path, key])?.key
        if (member === undefined || !node.children!.includes(member))
          throw new Unplaceable('it stands elsewhere')
        removed.add(member)
      } else if (isAlike(before[key], after[key])) continue
      else if (this.#positions.written([...path, key]) === undefined)
        added.push(newMember(node, key, after[key]))
      else this.change([...path, key], before[key], after[key])
    }
    for (const [key, value] of Object.entries(after))
      if (!Object.hasOwn(before, key)) added.push(newMember(node, key, value))
    this.#edit({ node, removed, added })
  }

  #changeList(path: Path, before: readonly unknown[], after: readonly unknown[]): void {
    const { value: node } = this.#at(path)
    const match = matched(before, after)
    // A list that was made around a value, too.
    if (node.type !== 'array' || match === undefined) return this.replace(path, after)
    const elementAt = (index: number): Node => this.#at([...path, index]).value
    for (const [one, other] of match.kept) this.change([...path, one], before[one], after[other])
    this.#edit({
      node,
      removed: new Set(match.removed.map(elementAt)),
      added: match.added.map(({ behind, index }) => ({
        behind: behind === undefined ? undefined : elementAt(behind),
        text: (indent, layout) => laidOut(after[index], indent, layout),
      })),
    })
  }

  #edit(edit: ContainerEdit): void {
    if (edit.removed.size > 0 || edit.added.length > 0)
      editContainer(edit, this.#positions, this.#splices)
  }

  #at(path: Path): { readonly key: Node; readonly value: Node } {
    const written = this.#positions.written(path)
    if (written === undefined) throw new Unplaceable('it was not written')
    return written
  }
}

function newMember(node: Node, key: string, value: unknown): ContainerEdit['added'][number] {
  const text: Written = (indent, layout) => memberText(key, value, indent, layout)
  return { behind: node.children!.at(-1), text }
}

function nameOf(member: Node): unknown {
  return member.type === 'property' ? member.children?.[0]?.value : undefined
}
